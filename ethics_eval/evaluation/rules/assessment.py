"""The rows of a workbook of results: given scores, counted votes, honours, and why a row cannot be taken.

The same three sheets serve ``assessment import`` and ``ranking try``. What needs a database (who teaches where)
is checked in ``evaluation.importing``.

Source: ranking.md R1, R3, R4, R9, "Workbook of ``ranking try``"; design.md §4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from ethics_eval.evaluation.rules.scheme import COMPONENT_LABELS, Component, Item
from ethics_eval.roster.rules.cell import (
    Cell,
    cell_text,
    count,
    day,
    identifier,
    limited,
    number,
    plain,
    required,
)
from ethics_eval.roster.rules.sheet import Headings, Problem, SheetReader, SheetRows, heading_places
from ethics_eval.text import N_, RuleViolation

SCORES = "评分"
VOTES = "票数"
HONOURS = "荣誉"

_TEACHER = ("教职工号", "教师编号", "教职工编号", "教职工编码", "工号")
_SCHOOL = ("学校(机构)标识码", "学校机构标识码", "机构标识码", "学校代码", "标识码")
_ELIGIBLE = ("应评", "应参评人数")
SCORE_HEADINGS: Headings = {
    "教师编码": _TEACHER,
    "学校标识码": _SCHOOL,
    "部分": ("评价部分", "评价主体"),
    "分数": ("得分", "评分"),
    "人数": ("评价人数", "参评人数", "实评人数"),
    "应评人数": _ELIGIBLE,
}
VOTE_HEADINGS: Headings = {
    "教师编码": _TEACHER,
    "学校标识码": _SCHOOL,
    "部分": ("评价部分", "评价主体"),
    "题目": ("题号", "题目编号"),
    "选项": ("选项序号",),
    "票数": ("得票", "得票数"),
    "应评人数": _ELIGIBLE,
}
HONOUR_HEADINGS: Headings = {"教师编码": _TEACHER, "级别": ("荣誉级别",)}
HEADINGS: Mapping[str, Headings] = {SCORES: SCORE_HEADINGS, VOTES: VOTE_HEADINGS, HONOURS: HONOUR_HEADINGS}
OPTIONAL: Mapping[str, Headings] = {
    SCORES: {},
    VOTES: {},
    HONOURS: {"名称": ("荣誉名称", "荣誉称号"), "日期": ("获得日期", "授予日期")},
}

MOST_POINTS = 100
E4 = Decimal(10_000)  # units of 0.0001 point in a point (R0)


class Level(StrEnum):
    """Levels of honours, and rescue (R9)."""

    SCHOOL = "school"
    COUNTY = "county"
    CITY = "city"
    PROVINCE = "province"
    NATION = "nation"
    RESCUE = "rescue"


LEVEL_LABELS: Mapping[Level, str] = {
    Level.SCHOOL: N_("校级"),
    Level.COUNTY: N_("县级"),
    Level.CITY: N_("市级"),
    Level.PROVINCE: N_("省级"),
    Level.NATION: N_("国家级"),
    Level.RESCUE: N_("见义勇为/抢险救人"),
}

_LEVEL_NAMES: Mapping[str, Level] = {
    **{level.value: level for level in Level},
    **{label: level for level, label in LEVEL_LABELS.items()},
    **dict.fromkeys(("区级", "县区级", "县(区)级", "县市区级", "区县级"), Level.COUNTY),
    **dict.fromkeys(("地市级", "市州级"), Level.CITY),
    **dict.fromkeys(("全国", "国家"), Level.NATION),
    **dict.fromkeys(("见义勇为", "抢险救人"), Level.RESCUE),
}
_COMPONENT_NAMES: Mapping[str, Component] = {
    **{component.value: component for component in Component},
    **{label: component for component, label in COMPONENT_LABELS.items()},
    **dict.fromkeys(("自我评价", "教师自评"), Component.SELF),
    **dict.fromkeys(("同行互评", "教师互评", "同事互评"), Component.PEER),
    **dict.fromkeys(("学生评价", "学生评", "学生评议"), Component.PUPIL),
    **dict.fromkeys(("家长评价", "家长评", "家长评议"), Component.PARENT),
    **dict.fromkeys(("学校/组织", "组织", "学校评价", "组织评价", "学校评", "学校考核"), Component.SCHOOL),
}


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """A given component of a posting: ``score_e4`` in units of 0.0001 point, 0 … 1 000 000."""

    row: int
    number: str
    school_code: str
    component: str
    score_e4: int
    rater_count: int | None
    eligible_count: int | None


@dataclass(frozen=True, slots=True)
class TallyRow:
    """The votes on one item of a posting: how many chose each of the item's options, in the scheme's order.

    ``row``: the first of its rows; ``eligible_count``: the largest that they name, None where none does.
    """

    row: int
    number: str
    school_code: str
    component: str
    item: str
    counts: tuple[int, ...]
    eligible_count: int | None


@dataclass(frozen=True, slots=True)
class HonourRow:
    """An honour of a teacher."""

    row: int
    number: str
    level: str
    title: str
    awarded_on: date | None


@dataclass(frozen=True)
class AssessmentPlan:
    """A read workbook of results: its good rows, and every problem of the others, in the order of the file."""

    scores: tuple[ScoreRow, ...]
    tallies: tuple[TallyRow, ...]
    honours: tuple[HonourRow, ...]
    problems: tuple[Problem, ...] = field(default=())


def component(value: Cell) -> Component:
    """部分, by its code or its Chinese name. Raises: RuleViolation ``assessment.component``, ``roster.missing``."""
    name = re.sub(r"\s", "", plain(cell_text(required(value))))
    found = _COMPONENT_NAMES.get(name) or _COMPONENT_NAMES.get(name.lower())
    if found is None:
        raise RuleViolation(
            "assessment.component",
            N_("没有“%(name)s”这个部分，应为：%(names)s。"),
            name=name,
            names="、".join(COMPONENT_LABELS.values()),
        )
    return found


def level(value: Cell) -> Level:
    """级别, by its code or its Chinese name. Raises: RuleViolation ``assessment.level``, ``roster.missing``."""
    name = re.sub(r"\s", "", plain(cell_text(required(value))))
    found = _LEVEL_NAMES.get(name) or _LEVEL_NAMES.get(name.lower())
    if found is None:
        raise RuleViolation(
            "assessment.level",
            N_("没有“%(name)s”这个级别，应为：%(names)s。"),
            name=name,
            names="、".join(LEVEL_LABELS.values()),
        )
    return found


def score_e4(value: Cell) -> int:
    """分数 in units of 0.0001 point.

    Raises: RuleViolation ``roster.missing``, ``roster.number``, ``assessment.score_range``: not 0–100;
    ``assessment.score_decimals``: more than four decimals. Source: ranking.md R1.
    """
    found = number(required(value))
    if found is None or not 0 <= found <= MOST_POINTS:
        raise RuleViolation("assessment.score_range", N_("分数须在 0 到 100 之间。"))
    scaled = found * E4
    if scaled != scaled.to_integral_value():
        raise RuleViolation("assessment.score_decimals", N_("分数最多四位小数。"))
    return int(scaled)


def _option(value: Cell, item: Item) -> int:
    found = count(required(value))
    if found is None or not 1 <= found <= len(item.points):
        raise RuleViolation(
            "assessment.option", N_("这道题的选项是 1 到 %(count)s。"), count=len(item.points)
        )
    return found


def _item(value: Cell, items: Sequence[Item]) -> Item:
    code = plain(cell_text(required(value)))
    found = next((item for item in items if item.code == code), None)
    if found is None:
        raise RuleViolation(
            "assessment.item",
            N_("方案的这一部分没有题目“%(item)s”，应为：%(items)s。"),
            item=code,
            items="、".join(item.code for item in items) or "—",
        )
    return found


Key = tuple[str, str, str]  # teacher number, school code, component
Items = Mapping[Component, Sequence[Item]]
T = TypeVar("T")


def _remembered(rule: Callable[[Cell], T]) -> Callable[[Cell], T]:
    """The rule, remembering what it made of each text: a code stands in many rows."""
    known: dict[str, T] = {}

    def remembered(value: Cell) -> T:
        if not isinstance(value, str):
            return rule(value)
        if value not in known:
            known[value] = rule(value)
        return known[value]

    return remembered


def _doubled(first: int) -> RuleViolation:
    return RuleViolation("assessment.doubled", N_("与第 %(row)s 行重复。"), row=first)


def _scores(reader: SheetReader, sheet: SheetRows, code: Callable[[Cell], str]) -> Iterator[ScoreRow]:
    seen: dict[Key, int] = {}
    part = _remembered(component)
    for row in reader.rows(sheet.rows):
        before = len(reader.problems)
        teacher = reader.take("教师编码", code)
        school = reader.take("学校标识码", code)
        found = reader.take("部分", part)
        score = reader.take("分数", score_e4)
        raters = reader.take("人数", count)
        eligible = reader.take("应评人数", count)
        if len(reader.problems) > before or teacher is None or school is None or not found or score is None:
            continue
        first = seen.setdefault((teacher, school, found.value), row)
        if first != row:
            reader.refuse("部分", _doubled(first))
        else:
            yield ScoreRow(row, teacher, school, found.value, score, raters, eligible)


@dataclass(slots=True)
class _Votes:
    """What the rows of one item of a posting have said so far."""

    row: int
    counts: list[int]
    rows: dict[int, int]  # option → its row
    eligible: int | None


def _tallies(
    reader: SheetReader, sheet: SheetRows, code: Callable[[Cell], str], items: Items
) -> Iterator[TallyRow]:
    votes: dict[tuple[str, str, str, str], _Votes] = {}
    part = _remembered(component)
    for row in reader.rows(sheet.rows):
        before = len(reader.problems)
        teacher = reader.take("教师编码", code)
        school = reader.take("学校标识码", code)
        found = reader.take("部分", part)
        item = reader.take("题目", lambda cell: _item(cell, items.get(found, ()))) if found else None  # noqa: B023
        option = reader.take("选项", lambda cell: _option(cell, item)) if item else None  # noqa: B023
        ballots = reader.take("票数", lambda cell: count(required(cell)))
        eligible = reader.take("应评人数", count)
        if (
            len(reader.problems) > before
            or teacher is None
            or school is None
            or not (found and item and option)
        ):
            continue
        held = votes.setdefault(
            (teacher, school, found.value, item.code), _Votes(row, [0] * len(item.points), {}, None)
        )
        first = held.rows.setdefault(option, row)
        if first != row:
            reader.refuse("选项", _doubled(first))
            continue
        held.counts[option - 1] = ballots or 0
        if eligible is not None:
            held.eligible = max(eligible, held.eligible or 0)
    for (teacher, school, name, item_code), held in votes.items():
        yield TallyRow(held.row, teacher, school, name, item_code, tuple(held.counts), held.eligible)


def _honours(reader: SheetReader, sheet: SheetRows, code: Callable[[Cell], str]) -> Iterator[HonourRow]:
    seen: dict[Key, HonourRow] = {}
    for row in reader.rows(sheet.rows):
        before = len(reader.problems)
        teacher = reader.take("教师编码", code)
        found = reader.take("级别", level)
        title = reader.take("名称", lambda cell: limited(cell, 100))
        awarded_on = reader.take("日期", day)
        if len(reader.problems) > before or teacher is None or not found:
            continue
        honour = HonourRow(row, teacher, found.value, title or "", awarded_on)
        first = seen.setdefault((teacher, found.value, honour.title), honour)
        if first is honour:
            yield honour
        elif first.awarded_on != awarded_on:
            reader.refuse("日期", _doubled(first.row))


def _given_and_counted(scores: Iterable[ScoreRow], tallies: Iterable[TallyRow]) -> Iterator[Problem]:
    counted = {(row.number, row.school_code, row.component): row.row for row in reversed(list(tallies))}
    for row in scores:
        first = counted.get((row.number, row.school_code, row.component))
        if first is not None:
            violation = RuleViolation(
                "assessment.given_and_counted",
                N_("这位教师的“%(part)s”在“票数”第 %(row)s 行也有，评分和票数只能填一种。"),
                part=COMPONENT_LABELS[Component(row.component)],
                row=first,
            )
            yield Problem(SCORES, row.row, "部分", str(violation))


def plan_assessments(sheets: Iterable[SheetRows], items: Items) -> AssessmentPlan:
    """Turn the sheets 评分, 票数 and 荣誉, as many as there are, into typed rows; list all that is wrong.

    Checked here: headings, every cell, doubled rows, an item and option the scheme has, a component both given
    and counted for one posting (R4). An honour named twice alike counts once.

    Args: items: of the scheme, by component.
    """
    by_title = {sheet.title: sheet for sheet in sheets if sheet.title in HEADINGS}
    problems: list[Problem] = []
    scores: list[ScoreRow] = []
    tallies: list[TallyRow] = []
    honours: list[HonourRow] = []
    if not by_title:
        violation = RuleViolation(
            "assessment.sheets", N_("工作簿里没有“评分”“票数”“荣誉”中的任何一张工作表。")
        )
        problems.append(Problem(SCORES, 1, "", str(violation)))
    code = _remembered(identifier)
    for title in HEADINGS:
        if title not in by_title:
            continue
        sheet = by_title[title]
        places, faults = heading_places(sheet, HEADINGS[title], OPTIONAL[title])
        problems += faults
        if faults:
            continue
        reader = SheetReader(title, places)
        if title == SCORES:
            scores += _scores(reader, sheet, code)
        elif title == VOTES:
            tallies += _tallies(reader, sheet, code, items)
        else:
            honours += _honours(reader, sheet, code)
        problems += reader.problems
    problems += _given_and_counted(scores, tallies)
    return AssessmentPlan(tuple(scores), tuple(tallies), tuple(honours), tuple(in_file_order(problems)))


def in_file_order(problems: Iterable[Problem]) -> list[Problem]:
    """Each problem once, by sheet as they stand in the workbook's description, then row."""
    order = {title: place for place, title in enumerate(HEADINGS)}
    return sorted(set(problems), key=lambda one: (order[one.sheet], one.row, one.column, one.reason))
