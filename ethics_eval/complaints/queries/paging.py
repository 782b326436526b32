"""How long a page of a list is."""

from __future__ import annotations

PAGE_SIZE = 50
