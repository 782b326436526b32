"""What a workbook is to the rest of the house: sheets of plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

Value = str | int | float | bool | datetime | None


@dataclass(frozen=True)
class Sheet:
    """A sheet as it was read: the cells of row 1, and the rows below that hold anything, with their numbers."""

    title: str
    headings: tuple[Value, ...]
    rows: Sequence[tuple[int, tuple[Value, ...]]]
