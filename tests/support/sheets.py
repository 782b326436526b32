"""A written workbook read back, as plain rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openpyxl import load_workbook


def rows_of(path: Path, title: str) -> list[tuple[Any, ...]]:
    """The rows of a sheet, the headings first."""
    return list(load_workbook(path)[title].iter_rows(values_only=True))


def records_of(path: Path, title: str, key: str) -> dict[str, dict[str, Any]]:
    """Value under the heading ``key`` → the row by its headings; the first row holds the headings."""
    head, *rows = rows_of(path, title)
    return {row[head.index(key)]: dict(zip(head, row, strict=True)) for row in rows}
