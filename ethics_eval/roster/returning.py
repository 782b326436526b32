"""Workbooks that people bring: their sheets as rules take them, and the workbook that goes back with its errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ethics_eval.roster.rules.sheet import REASON, Headings, Problem, SheetRows, heading_places
from ethics_eval.workbooks.errors import Fault, error_tables
from ethics_eval.workbooks.sheet import Sheet
from ethics_eval.workbooks.writing import Table


def as_rows(sheets: Iterable[Sheet]) -> tuple[SheetRows, ...]:
    """The sheets as rules take them."""
    return tuple(SheetRows(sheet.title, sheet.headings, sheet.rows) for sheet in sheets)


def marked_tables(
    sheets: Sequence[Sheet],
    problems: Iterable[Problem],
    headings: Mapping[str, Headings],
    optional: Mapping[str, Headings],
) -> Iterator[Table]:
    """The workbook that goes back: all problems listed, and each marked at its cell.

    Args: headings, optional: by sheet, those it must have and those it may have.
    """
    places = {
        sheet.title: heading_places(sheet, headings[sheet.title], optional[sheet.title])[0]
        for sheet in as_rows(sheets)
        if sheet.title in headings
    }
    faults = [
        Fault(one.sheet, one.row, one.column, places.get(one.sheet, {}).get(one.column), one.reason)
        for one in problems
    ]
    return error_tables(sheets, faults, reason_heading=REASON)
