"""A sheet of a workbook as rules see it: headings, rows, and the reasons why cells cannot be taken.

Knows no file; whoever reads one hands over plain values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ethics_eval.roster.rules.cell import Cell, cell_text, heading_key
from ethics_eval.text import N_, RuleViolation

EXAMPLE = "示例"  # the template's example rows begin with this word and are never imported
REASON = "错误原因"  # the column of the error workbook; ignored when it comes back

Headings = Mapping[str, tuple[str, ...]]  # heading → the other names people give it
T = TypeVar("T")


@dataclass(frozen=True)
class SheetRows:
    """A sheet as it was read: the headings of row 1, and the rows below with their row numbers."""

    title: str
    headings: tuple[Cell, ...]
    rows: Sequence[tuple[int, Sequence[Cell]]]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Why a cell cannot be taken; ``column`` is the heading, empty where the whole row or sheet is meant."""

    sheet: str
    row: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"{self.sheet} 第 {self.row} 行{f' {self.column}' if self.column else ''}：{self.reason}"


class ImportRefused(RuleViolation):
    """Nothing was imported. ``problems``: every reason, in the order of the file.

    Args: message: has places for how many (``count``) and the first of them (``first``).
    """

    def __init__(self, code: str, message: str, problems: Sequence[Problem]) -> None:
        super().__init__(code, message, count=len(problems), first=problems[0])
        self.problems = tuple(problems)


class SheetReader:
    """One row's cells by heading; collects the problems instead of stopping at the first."""

    def __init__(self, sheet: str, places: Mapping[str, int]) -> None:
        self.sheet = sheet
        self.places = places
        self.row = 0
        self.cells: Sequence[Cell] = ()
        self.problems: list[Problem] = []

    def raw(self, column: str) -> Cell:
        """The cell under a heading; None where there is none."""
        place = self.places.get(column, -1)
        return self.cells[place] if 0 <= place < len(self.cells) else None

    def refuse(self, column: str, violation: RuleViolation) -> None:
        """Note why the present row's cell cannot be taken."""
        self.problems.append(Problem(self.sheet, self.row, column, str(violation)))

    def take(self, column: str, rule: Callable[[Cell], T]) -> T | None:
        """What the rule makes of the cell; None, with the problem noted, where it refuses."""
        try:
            return rule(self.raw(column))
        except RuleViolation as violation:
            self.refuse(column, violation)
            return None

    def rows(self, rows: Iterable[tuple[int, Sequence[Cell]]]) -> Iterator[int]:
        """Step through the rows that are neither empty nor the template's example."""
        for number, cells in rows:
            first = next(filter(None, map(cell_text, cells)), "")
            if first and not first.startswith(EXAMPLE):
                self.row, self.cells = number, cells
                yield number


def heading_places(
    sheet: SheetRows, headings: Headings, optional: Headings | None = None
) -> tuple[dict[str, int], list[Problem]]:
    """Where each heading stands (from 0), by its own name; and a problem for each that is missing or doubled.

    ``optional``: headings that may be missing. Columns under other headings are passed over.
    """
    known = {**headings, **(optional or {})}
    names = {alias: name for name, aliases in known.items() for alias in (name, *aliases)}
    places: dict[str, int] = {}
    problems = []
    for place, heading in enumerate(sheet.headings):
        name = names.get(heading_key(heading))
        if name in places:
            violation = RuleViolation("roster.heading_doubled", N_("有两列都是这个内容，请只留一列。"))
            problems.append(Problem(sheet.title, 1, name, str(violation)))
        elif name is not None:
            places[name] = place
    for name in headings:
        if name not in places:
            violation = RuleViolation("roster.heading", N_("缺少这一列的表头。"))
            problems.append(Problem(sheet.title, 1, name, str(violation)))
    return places, problems
