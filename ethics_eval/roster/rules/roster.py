"""The rows of a roster: from cells to typed rows, with every reason why a row cannot be taken.

Knows no file and no database; what needs them is checked in ``roster.service``.
Source: design.md §4 (``roster import``), domain.md §6.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from ethics_eval.roster.rules.cell import (
    cell_text,
    count,
    day,
    identifier,
    limited,
    required,
)
from ethics_eval.roster.rules.school import (
    check_stages,
    one_stage,
    ownership,
    school_code,
    school_kind,
    stages,
)
from ethics_eval.roster.rules.sheet import Headings, Problem, SheetReader, SheetRows, heading_places
from ethics_eval.roster.rules.teacher import check_period, person_name, position, posting_status, title
from ethics_eval.text import N_, RuleViolation

SCHOOLS = "学校"
TEACHERS = "教师"

SCHOOL_HEADINGS: Headings = {
    "学校标识码": ("学校(机构)标识码", "学校机构标识码", "机构标识码", "学校代码", "标识码"),
    "名称": ("学校名称", "单位名称"),
    "区县": ("所属区县", "县市区", "所在区县", "行政区"),
    "类型": ("学校类型", "办学类型"),
    "学段": ("学段s", "办学学段"),
    "办别": ("学校办别", "办学性质"),
    "地址": ("学校地址", "详细地址"),
    "学生数": ("在校生数", "学生人数", "在校学生数"),
}
TEACHER_HEADINGS: Headings = {
    "教师编码": ("教职工号", "教师编号", "教职工编号", "教职工编码", "工号"),
    "姓名": ("教师姓名", "教职工姓名"),
    "学校标识码": ("学校(机构)标识码", "学校机构标识码", "机构标识码", "学校代码", "标识码"),
    "学段": ("任教学段",),
    "学科": ("任教学科", "担任学科"),
    "职称": ("教师职称", "专业技术职务"),
    "岗位": ("岗位类别", "岗位类型"),
    "状态": ("在岗状态", "人员状态"),
    "到岗": ("到岗日期", "到岗时间"),
    "离岗": ("离岗日期", "离岗时间"),
}
FORMER_NAME = "曾用名"
HEADINGS: Mapping[str, Headings] = {SCHOOLS: SCHOOL_HEADINGS, TEACHERS: TEACHER_HEADINGS}
OPTIONAL: Mapping[str, Headings] = {SCHOOLS: {}, TEACHERS: {FORMER_NAME: ()}}


@dataclass(frozen=True, slots=True)
class SchoolRow:
    """A school of the file, as the table wants it; ``district`` is still a name or a code."""

    row: int
    code: str
    name: str
    district: str
    kind: str
    stages: str
    ownership: str
    address: str
    pupil_count: int | None


@dataclass(frozen=True, slots=True)
class PostingRow:
    """A row of the sheet 教师: a teacher and one posting."""

    row: int
    number: str
    name: str
    former_name: str
    title: str
    school_code: str
    stage: str
    subject: str
    position: str
    status: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True)
class RosterPlan:
    """A read roster: its good rows, its problems, and the sheets as they came (for the error workbook).

    ``named_codes``: every school code the sheet 学校 names, those of bad rows too: one bad school does
    not make each of its teachers a second error.
    """

    schools: tuple[SchoolRow, ...]
    postings: tuple[PostingRow, ...]
    problems: tuple[Problem, ...]
    named_codes: frozenset[str]
    sheets: tuple[SheetRows, ...] = field(repr=False)


def _school(reader: SheetReader) -> SchoolRow | None:
    before = len(reader.problems)
    code = reader.take("学校标识码", school_code)
    name = reader.take("名称", lambda cell: limited(required(cell), 100))
    district = reader.take("区县", lambda cell: limited(required(cell), 40))
    kind = reader.take("类型", school_kind)
    found = reader.take("学段", stages)
    owner = None if kind is None else reader.take("办别", lambda cell: ownership(cell, kind))
    address = reader.take("地址", lambda cell: limited(cell, 200))
    pupil_count = reader.take("学生数", count)
    if code and kind and found:
        try:
            check_stages(code, kind, found)
        except RuleViolation as violation:
            reader.refuse("学段", violation)
    if len(reader.problems) > before or not (code and name and district and kind and found and owner):
        return None
    return SchoolRow(
        reader.row,
        code,
        name,
        district,
        kind.value,
        " ".join(found),
        owner.value,
        address or "",
        pupil_count,
    )


def _posting(reader: SheetReader) -> PostingRow | None:
    before = len(reader.problems)
    number = reader.take("教师编码", identifier)
    name = reader.take("姓名", person_name)
    former = reader.take(FORMER_NAME, lambda cell: person_name(cell) if cell_text(cell) else "")
    code = reader.take("学校标识码", school_code)
    stage = reader.take("学段", one_stage)
    subject = reader.take("学科", lambda cell: limited(cell, 40))
    grade = reader.take("职称", title)
    post = reader.take("岗位", position)
    status = reader.take("状态", posting_status)
    starts_on = reader.take("到岗", lambda cell: day(required(cell)))
    ends_on = reader.take("离岗", day)
    if starts_on:
        try:
            check_period(starts_on, ends_on)
        except RuleViolation as violation:
            reader.refuse("离岗", violation)
    if len(reader.problems) > before or not (
        number and name and code and stage and post and status and starts_on
    ):
        return None
    return PostingRow(
        reader.row,
        number,
        name,
        former or "",
        grade.value if grade else "",
        code,
        stage.value,
        subject or "",
        post.value,
        status.value,
        starts_on,
        ends_on,
    )


def _doubled_schools(schools: Iterable[SchoolRow]) -> Iterator[Problem]:
    seen: dict[str, SchoolRow] = {}
    for row in schools:
        first = seen.setdefault(row.code, row)
        if first is row:
            continue
        same = first.name == row.name
        violation = RuleViolation(
            "roster.school_doubled",
            N_("与第 %(row)s 行重复。")
            if same
            else N_("与第 %(row)s 行是同一标识码，名称却不同（%(name)s）。"),
            row=first.row,
            name=first.name,
        )
        yield Problem(SCHOOLS, row.row, "学校标识码" if same else "名称", str(violation))


def overlap(one: PostingRow, other: PostingRow) -> bool:
    """Whether two postings share a day."""
    starts_on = max(one.starts_on, other.starts_on)
    return all(row.ends_on is None or row.ends_on >= starts_on for row in (one, other))


def _clash(first: PostingRow, row: PostingRow) -> tuple[str, RuleViolation] | None:
    if first.name != row.name:
        message = N_("与第 %(row)s 行是同一教师编码，姓名却不同（%(name)s）。")
        return "姓名", RuleViolation("roster.name_conflict", message, row=first.row, name=first.name)
    if first.title and row.title and first.title != row.title:
        message = N_("与第 %(row)s 行是同一教师，职称却不同。")
        return "职称", RuleViolation("roster.title_conflict", message, row=first.row)
    if (first.school_code, first.stage) == (row.school_code, row.stage):
        if first.starts_on == row.starts_on:
            return "教师编码", RuleViolation(
                "roster.posting_doubled", N_("与第 %(row)s 行重复。"), row=first.row
            )
        if overlap(first, row):
            message = N_("与第 %(row)s 行是同一学校同一学段，任职时间重叠。")
            return "到岗", RuleViolation("roster.posting_overlap", message, row=first.row)
    return None


def _clashing_postings(postings: Iterable[PostingRow]) -> Iterator[Problem]:
    of_teacher: defaultdict[str, list[PostingRow]] = defaultdict(list)
    for row in postings:
        clash = next(filter(None, (_clash(first, row) for first in of_teacher[row.number])), None)
        if clash:
            yield Problem(TEACHERS, row.row, clash[0], str(clash[1]))
        of_teacher[row.number].append(row)


def plan_roster(sheets: Iterable[SheetRows]) -> RosterPlan:
    """Turn the sheets into rows fit to be written, and list everything that is wrong with the others.

    Checked here: sheets, headings, every cell, doubled schools, a teacher's rows against each other.
    """
    by_title = {sheet.title: sheet for sheet in sheets if sheet.title in HEADINGS}
    problems: list[Problem] = []
    schools: list[SchoolRow] = []
    postings: list[PostingRow] = []
    named: set[str] = set()
    for title_ in HEADINGS:
        sheet = by_title.get(title_)
        if sheet is None:
            problems.append(
                Problem(title_, 1, "", str(RuleViolation("roster.sheet", N_("工作簿里没有这张工作表。"))))
            )
            continue
        places, found = heading_places(sheet, HEADINGS[title_], OPTIONAL[title_])
        problems += found
        if found:
            continue
        reader = SheetReader(title_, places)
        for _row in reader.rows(sheet.rows):
            if title_ == SCHOOLS:
                named.add(cell_text(reader.raw("学校标识码")))
                if school := _school(reader):
                    schools.append(school)
            elif posting := _posting(reader):
                postings.append(posting)
        problems += reader.problems
    problems += [*_doubled_schools(schools), *_clashing_postings(postings)]
    return RosterPlan(
        tuple(schools),
        tuple(postings),
        tuple(sorted(set(problems))),
        frozenset(named),
        tuple(by_title[name] for name in HEADINGS if name in by_title),
    )
