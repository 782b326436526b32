"""The workbook in which a school names its classes: a row a class, or a row a class and teacher.

Source: domain.md §7.3; the reading of sheets as for the roster (roster.rules.sheet).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ethics_eval.evaluation.rules.ballot import LABEL_LENGTH, MAX_SEATS, MAX_TEACHERS, grade_of, stage_of
from ethics_eval.roster.rules.cell import Cell, cell_text, count, limited, list_parts, required
from ethics_eval.roster.rules.sheet import Headings, Problem, SheetReader, SheetRows, heading_places
from ethics_eval.text import N_, RuleViolation

CLASSES = "班级"
HEADINGS: Headings = {
    "班级": ("班级名称", "班"),
    "年级": (),
    "学生数": ("学生人数", "人数"),
    "教师编码": ("任课教师编码", "任课教师", "教师", "教职工号", "教师编号", "工号"),
}
OPTIONAL: Headings = {}
_SAYS_GRADE = re.compile(r"小|初|高|职高|中职|.{1,2}年级")


@dataclass(frozen=True)
class ClassRow:
    """A class: ``row`` is its first; ``stage`` and ``grade`` (1–12; None: none) as the school has them."""

    row: int
    label: str
    stage: str
    grade: int | None
    pupils: int
    teacher_ids: tuple[int, ...]


@dataclass(frozen=True)
class ClassPlan:
    """A read workbook: its classes in their order, and every problem."""

    classes: tuple[ClassRow, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Staff:
    """The school's teachers: id by number, and ids by name (a name alone is enough where it is the only one)."""

    numbers: Mapping[str, int]
    names: Mapping[str, Sequence[int]]

    def find(self, text: str) -> int:
        """Raises: RuleViolation: nobody, or several of that name."""
        if text in self.numbers:
            return self.numbers[text]
        found = self.names.get(text, ())
        if len(found) == 1:
            return found[0]
        if found:
            raise RuleViolation(
                "classes.same_name",
                N_("本校有%(count)s位“%(name)s”，请改填教师编码。"),
                count=len(found),
                name=text,
            )
        raise RuleViolation("classes.teacher", N_("本校在岗名单里没有“%(name)s”。"), name=text)


@dataclass(slots=True)
class _Class:
    row: int
    stage: str
    grade: int | None
    pupils: int
    teachers: dict[int, None]


def plan_classes(sheets: Iterable[SheetRows], staff: Staff, stages: Sequence[str]) -> ClassPlan:
    """Turn the sheet 班级 into classes; list all that is wrong. Several rows of one class join their teachers.

    Args: stages: of the school, in teaching order.
    """
    sheet = next((one for one in sheets if one.title == CLASSES), None)
    if sheet is None:
        violation = RuleViolation("classes.sheet", N_("工作簿里没有“班级”这张工作表。"))
        return ClassPlan((), (Problem(CLASSES, 1, "", str(violation)),))
    places, problems = heading_places(sheet, HEADINGS, OPTIONAL)
    if problems:
        return ClassPlan((), tuple(problems))
    reader = SheetReader(CLASSES, places)
    found: dict[str, _Class] = {}
    for row in reader.rows(sheet.rows):
        _take(reader, row, found, staff, stages)
    if not found and not reader.problems:
        reader.problems.append(
            Problem(CLASSES, 1, "", str(RuleViolation("classes.none", N_("表里没有班级。"))))
        )
    for held in found.values():
        if not 1 <= len(held.teachers) <= MAX_TEACHERS:
            reader.row = held.row
            reader.refuse("教师编码", RuleViolation("classes.teachers", N_("请填写这个班的任课教师。")))
    classes = tuple(
        ClassRow(held.row, label, held.stage, held.grade, held.pupils, tuple(held.teachers))
        for label, held in found.items()
    )
    return ClassPlan(classes, tuple(sorted(set(reader.problems))))


def _take(
    reader: SheetReader, row: int, found: dict[str, _Class], staff: Staff, stages: Sequence[str]
) -> None:
    before = len(reader.problems)
    label = reader.take("班级", lambda cell: limited(required(cell), LABEL_LENGTH))
    grade = _grade(reader, label or "", stages)
    pupils = reader.take("学生数", count)
    teachers: dict[int, None] = {}
    for part in list_parts(reader.raw("教师编码")):
        teacher = reader.take("教师编码", lambda _cell, text=part: staff.find(text))  # type: ignore[misc]
        if teacher is not None:
            teachers[teacher] = None
    held = found.get(label) if label is not None else None
    stage = stage_of(grade, stages)
    if held is None and (pupils is None or not 1 <= pupils <= MAX_SEATS):
        reader.refuse(
            "学生数", RuleViolation("classes.pupils", N_("请填写 1 到 %(most)s 之间的人数。"), most=MAX_SEATS)
        )
    if held is None and stage is None:
        reader.refuse(
            "年级", RuleViolation("classes.grade", N_("本校没有这个年级，请写成“三年级”“初一”“高二”。"))
        )
    if label is None or len(reader.problems) > before:
        return
    if held is None:
        found[label] = _Class(row, stage or "", grade, pupils or 0, teachers)
    elif (pupils not in {None, held.pupils}) or grade != held.grade:
        reader.refuse(
            "班级",
            RuleViolation("classes.differs", N_("与第 %(row)s 行的同一个班写得不一样。"), row=held.row),
        )
    else:
        held.teachers.update(teachers)


def _grade(reader: SheetReader, label: str, stages: Sequence[str]) -> int | None:
    cell: Cell = reader.raw("年级")
    text = cell_text(cell) or (label if _SAYS_GRADE.match(label) else "")
    only = stages[0] if len(stages) == 1 else ""
    return grade_of(text, only)
