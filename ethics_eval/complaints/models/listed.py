"""The CHECK of a closed list."""

from __future__ import annotations

from collections.abc import Iterable


def listed(column: str, values: Iterable[str]) -> str:
    """SQL: the column holds one of the values."""
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"
