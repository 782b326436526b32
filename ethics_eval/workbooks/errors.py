"""The workbook that goes back to its sender: the sheets as they came, and what is wrong with which row."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ethics_eval.workbooks.sheet import Sheet, Value
from ethics_eval.workbooks.writing import Column, Given, Kind, Marked, Table

LIST_TITLE = "错误清单"
REASON_WIDTH = 60
_NOT_IN_TITLES = re.compile(r"[\\*?:/\[\]]")


@dataclass(frozen=True)
class Fault:
    """What is wrong in a row. ``place``: the column from 0, None where none is meant; ``column``: its heading."""

    sheet: str
    row: int
    column: str
    place: int | None
    reason: str


def error_tables(sheets: Iterable[Sheet], faults: Sequence[Fault], *, reason_heading: str) -> Iterator[Table]:
    """A list of all faults; then each sheet, rows in their places, bad cells marked, the reasons at the right.

    An earlier list and an earlier column under ``reason_heading`` are left out: they were of an earlier try.
    """
    yield Table(
        LIST_TITLE,
        (Column("工作表"), Column("行", Kind.WHOLE), Column("列"), Column("原因", width=REASON_WIDTH)),
        ((fault.sheet, fault.row, fault.column, fault.reason) for fault in faults),
    )
    of_row: defaultdict[tuple[str, int], list[Fault]] = defaultdict(list)
    for fault in faults:
        of_row[fault.sheet, fault.row].append(fault)
    for sheet in sheets:
        if sheet.title != LIST_TITLE:
            yield _marked_sheet(sheet, of_row, reason_heading)


def _marked_sheet(
    sheet: Sheet, of_row: Mapping[tuple[str, int], Sequence[Fault]], reason_heading: str
) -> Table:
    width = max([len(sheet.headings), *(len(cells) for _number, cells in sheet.rows)])
    headings = [*sheet.headings, *[None] * (width - len(sheet.headings))]
    kept = [place for place, heading in enumerate(headings) if heading != reason_heading]
    columns = [Column("" if headings[place] is None else str(headings[place]), Kind.ANY) for place in kept]

    def rows() -> Iterator[list[Given | Marked]]:
        reached = 1
        for number, cells in sheet.rows:
            for _empty in range(reached + 1, number):  # a row stays in its place, so that its number is true
                yield [None] * (len(kept) + 1)
            reached = number
            faults = of_row.get((sheet.title, number), ())
            yield [*_marked_cells(cells, kept, faults), "；".join(_told(fault) for fault in faults) or None]

    return Table(
        _NOT_IN_TITLES.sub("_", sheet.title)[:31] or "_",
        [*columns, Column(reason_heading, width=REASON_WIDTH)],
        rows(),
    )


def _marked_cells(
    cells: Sequence[Value], kept: Sequence[int], faults: Sequence[Fault]
) -> Iterator[Given | Marked]:
    marked = {fault.place for fault in faults}
    for place in kept:
        value = cells[place] if place < len(cells) else None
        yield Marked(value) if place in marked else value


def _told(fault: Fault) -> str:
    return f"{fault.column}：{fault.reason}" if fault.column else fault.reason
