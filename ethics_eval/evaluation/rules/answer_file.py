"""Answers collected elsewhere, a line each, counted into tallies: what scanners and survey tools give away.

A file of five million lines has few different ones: whole lines are counted first, and only the different ones read.

Source: ranking.md R1, "Workbook of ``ranking try``" (the same columns as 票数, without the count).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ethics_eval.evaluation.rules.assessment import VOTES, AssessmentPlan, TallyRow, component
from ethics_eval.evaluation.rules.scheme import COMPONENT_LABELS, Component, Item
from ethics_eval.roster.rules.cell import identifier
from ethics_eval.roster.rules.sheet import Problem
from ethics_eval.text import N_, RuleViolation

COLUMNS = ("教师编码", "学校标识码", "部分", "题目", "选项")
MOST_PROBLEMS = 1000

Key = tuple[str, str, str, str]  # teacher number, school code, component, item


@dataclass(frozen=True)
class _Wrong:
    """A line that cannot be taken."""

    line: str
    column: str
    reason: str


def plan_answers(lines: Iterable[str], items: Mapping[Component, Sequence[Item]]) -> AssessmentPlan:
    """The tallies of a file of answers: a heading line, then 教师编码,学校标识码,部分,题目,选项 on each line.

    Commas or tabs part the columns; options are counted from 1. Problems name the first line they were met on.
    Args: lines: walked once, and once more if anything is wrong (a list, or an object that opens the file anew).
    """
    counted = Counter(lines)
    heading = next(iter(counted), "")
    separator = "\t" if "\t" in heading else ","
    if tuple(part.strip() for part in heading.lstrip("\ufeff").split(separator)) != COLUMNS:
        violation = RuleViolation(
            "answers.heading", N_("第一行应为表头：%(columns)s。"), columns=",".join(COLUMNS)
        )
        return AssessmentPlan((), (), (), (Problem(VOTES, 1, "", str(violation)),))
    del counted[heading]
    reader = _Reader(items)
    for line, number in counted.items():
        if line.strip():
            reader.take(line, line.split(separator), number)
    if reader.wrong:
        return AssessmentPlan((), (), (), tuple(_placed(lines, reader.wrong)))
    return AssessmentPlan((), tuple(reader.tallies(_first_lines(lines, reader.firsts))), ())


def _first_lines(lines: Iterable[str], wanted: Mapping[str, Key]) -> dict[Key, int]:
    """Posting and item → the line they were met on first, for whoever refuses them later."""
    left = dict(wanted)
    found: dict[Key, int] = {}
    for number, line in enumerate(lines, start=1):
        if line in left:
            found[left.pop(line)] = number
            if not left:
                break
    return found


class _Reader:
    """Counts options by posting and item; each different cell is judged once."""

    def __init__(self, items: Mapping[Component, Sequence[Item]]) -> None:
        self._items = items
        self._cells: dict[tuple[str, str], str] = {}
        self._places: dict[tuple[str, str], int] = {}
        self._counts: dict[Key, list[int]] = {}
        self.firsts: dict[str, Key] = {}  # line → the posting and item it was the first of
        self.wrong: list[_Wrong] = []

    def take(self, line: str, cells: Sequence[str], number: int) -> None:
        if len(cells) != len(COLUMNS):
            self._refuse(line, "", RuleViolation("answers.columns", N_("应有5列。")))
            return
        column = ""
        try:
            column = COLUMNS[0]
            teacher = self._known(column, cells[0])
            column = COLUMNS[1]
            school = self._known(column, cells[1])
            column = COLUMNS[2]
            part = self._known(column, cells[2])
            column = COLUMNS[3]
            item = cells[3].strip()
            most = self._options(part, item)
            column = COLUMNS[4]
            option = cells[4].strip()
            if not (option.isascii() and option.isdecimal() and len(option) < 4 and 1 <= int(option) <= most):
                raise RuleViolation("assessment.option", N_("这道题的选项是 1 到 %(count)s。"), count=most)
        except RuleViolation as violation:
            self._refuse(line, column, violation)
            return
        key = (teacher, school, part, item)
        counts = self._counts.get(key)
        if counts is None:
            counts = self._counts[key] = [0] * most
            self.firsts[line] = key
        counts[int(option) - 1] += number

    def _known(self, column: str, cell: str) -> str:
        found = self._cells.get((column, cell))
        if found is None:
            text = cell.strip()
            found = component(text).value if column == COLUMNS[2] else identifier(text)
            self._cells[column, cell] = found
        return found

    def _options(self, part: str, item: str) -> int:
        found = self._places.get((part, item))
        if found is None:
            asked = self._items.get(Component(part), ())
            known = next((one for one in asked if one.code == item), None)
            if known is None:
                raise RuleViolation(
                    "answers.item",
                    N_("方案的“%(part)s”没有题目“%(item)s”。"),
                    part=COMPONENT_LABELS[Component(part)],
                    item=item,
                )
            found = self._places[part, item] = len(known.points)
        return found

    def _refuse(self, line: str, column: str, violation: RuleViolation) -> None:
        if len(self.wrong) < MOST_PROBLEMS:
            self.wrong.append(_Wrong(line, column, str(violation)))

    def tallies(self, rows: Mapping[Key, int]) -> Iterator[TallyRow]:
        """A row for each posting and item, in the order in which they were met."""
        for key, counts in self._counts.items():
            yield TallyRow(rows[key], *key, tuple(counts), None)


def _placed(lines: Iterable[str], wrong: Sequence[_Wrong]) -> Iterator[Problem]:
    """The problems, at the first line each was met on."""
    left = {one.line: one for one in wrong}
    for number, line in enumerate(lines, start=1):
        one = left.pop(line, None)
        if one is not None:
            yield Problem(VOTES, number, one.column, one.reason)
        if not left:
            return
