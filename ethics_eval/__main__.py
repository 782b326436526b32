"""``python -m ethics_eval …`` is the same as ``ethics-eval …``."""

from ethics_eval.cli import main

if __name__ == "__main__":
    main()
