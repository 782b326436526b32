"""Work that takes longer than a page may: asked for by people, done by the worker, its progress seen."""
