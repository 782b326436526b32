"""The workbook of ``ranking try``: from its sheets to the inputs of a ranking, with every reason why not.

Source: ranking.md, "Workbook of ``ranking try``". The sheets 评分, 票数 and 荣誉 are those of ``assessment import``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ethics_eval.evaluation.rules.assessment import (
    HONOURS,
    SCORES,
    VOTES,
    AssessmentPlan,
    plan_assessments,
    score_e4,
)
from ethics_eval.evaluation.rules.scheme import Scheme
from ethics_eval.ranking.rules.inputs import (
    OUTCOMES,
    FindingInput,
    GivenScore,
    HonourInput,
    Inputs,
    PersonInput,
    PostingInput,
    TallyInput,
    penalty,
)
from ethics_eval.ranking.rules.reasons import NOT_RATED_LABELS
from ethics_eval.roster.rules.cell import Cell, cell_text, count, identifier, limited, plain, required
from ethics_eval.roster.rules.school import one_stage
from ethics_eval.roster.rules.sheet import Headings, Problem, SheetReader, SheetRows, heading_places
from ethics_eval.text import N_, RuleViolation

TEACHERS = "教师"
FINDINGS = "认定"
TEACHER_HEADINGS: Headings = {
    name: () for name in ("教师编码", "姓名", "学校标识码", "学段", "周数", "暂缓原因", "未决", "警告")
}
FINDING_HEADINGS: Headings = {
    name: () for name in ("教师编码", "类别", "程度", "结论", "分值", "一票否决", "重复", "生效", "事实")
}
MOST_WEEKS = 60
_YES, _NO = frozenset({"1", "是"}), frozenset({"", "0", "否"})
_ORDER = (TEACHERS, SCORES, VOTES, FINDINGS, HONOURS)


@dataclass(frozen=True)
class Trial:
    """A read workbook: the inputs, the names of the teachers by number, and all that is wrong with the file."""

    inputs: Inputs
    names: dict[str, str]
    problems: tuple[Problem, ...]


def flag(value: Cell) -> bool:
    """1 or 是: yes; empty, 0 or 否: no. Raises: RuleViolation ``trial.flag``."""
    text = plain(cell_text(value))
    if text not in _YES | _NO:
        raise RuleViolation("trial.flag", N_("只能填 1 或留空。"))
    return text in _YES


def weeks(value: Cell) -> int:
    """周数, 1 … 60. Raises: RuleViolation ``trial.weeks``."""
    found = count(required(value))
    if found is None or not 1 <= found <= MOST_WEEKS:
        raise RuleViolation("trial.weeks", N_("周数须是 1 到 %(most)s 的整数。"), most=MOST_WEEKS)
    return found


def held(value: Cell) -> str:
    """暂缓原因, a code of domain.md §7.6, or empty. Raises: RuleViolation ``trial.held``."""
    text = plain(cell_text(value))
    if text and text not in NOT_RATED_LABELS:
        raise RuleViolation(
            "trial.held", N_("没有这个原因，应为：%(codes)s。"), codes="、".join(NOT_RATED_LABELS)
        )
    return text


def outcome(value: Cell) -> str:
    """结论, a code of domain.md §7.6. Raises: RuleViolation ``trial.outcome``."""
    text = plain(cell_text(required(value)))
    if text not in OUTCOMES:
        raise RuleViolation("trial.outcome", N_("没有这个结论，应为：%(codes)s。"), codes="、".join(OUTCOMES))
    return text


def plan_trial(sheets: Iterable[SheetRows], scheme: Scheme) -> Trial:
    """Turn the five sheets into inputs; rows that cannot be taken are problems, and so are contradictions.

    The order of rows means nothing: findings are keyed by what they say. 评分, 票数, 认定 and 荣誉 may be missing.
    """
    by_title = {sheet.title: sheet for sheet in sheets}
    problems: list[Problem] = []
    persons, postings, names = _teachers(by_title.get(TEACHERS), problems)
    known = {(row.teacher, row.school) for row in postings}
    kept = [by_title[title] for title in (SCORES, VOTES, HONOURS) if title in by_title]
    results = plan_assessments(kept, scheme.items) if kept else AssessmentPlan((), (), ())
    problems += results.problems
    problems += _unknown(results, known)
    findings = _findings(by_title.get(FINDINGS), {teacher for teacher, _school in known}, problems)
    inputs = Inputs(
        scheme=scheme,
        persons=persons,
        postings=postings,
        given=[
            GivenScore(
                row.number, row.school_code, row.component, row.score_e4, row.rater_count, row.eligible_count
            )
            for row in results.scores
        ],
        tallies=[
            TallyInput(row.number, row.school_code, row.component, row.item, row.counts, row.eligible_count)
            for row in results.tallies
        ],
        findings=findings,
        honours=[HonourInput(row.number, row.level) for row in results.honours],
    )
    place = {title: number for number, title in enumerate(_ORDER)}
    ordered = sorted(set(problems), key=lambda one: (place[one.sheet], one.row, one.column, one.reason))
    return Trial(inputs, names, tuple(ordered))


def _reader(sheet: SheetRows, headings: Headings, problems: list[Problem]) -> SheetReader | None:
    places, faults = heading_places(sheet, headings)
    problems += faults
    return None if faults else SheetReader(sheet.title, places)


def _teachers(
    sheet: SheetRows | None, problems: list[Problem]
) -> tuple[list[PersonInput], list[PostingInput], dict[str, str]]:
    """A row a posting; 未决 and 警告 of any row hold for the person."""
    if sheet is None:
        violation = RuleViolation("roster.sheet", N_("工作簿里没有这张工作表。"))
        problems.append(Problem(TEACHERS, 1, "", str(violation)))
        return [], [], {}
    reader = _reader(sheet, TEACHER_HEADINGS, problems)
    if reader is None:
        return [], [], {}
    postings: dict[tuple[str, str], PostingInput] = {}
    first_row: dict[tuple[str, str], int] = {}
    names: dict[str, str] = {}
    flags: dict[str, tuple[bool, bool]] = {}
    for row in reader.rows(sheet.rows):
        before = len(reader.problems)
        number = reader.take("教师编码", identifier)
        name = reader.take("姓名", lambda cell: limited(cell, 60))
        school = reader.take("学校标识码", identifier)
        stage = reader.take("学段", one_stage)
        span = reader.take("周数", weeks)
        reason = reader.take("暂缓原因", held)
        pending = reader.take("未决", flag)
        warning = reader.take("警告", flag)
        if len(reader.problems) > before or not (number and school and stage and span):
            continue
        key = (number, school)
        if key in postings:
            reader.refuse(
                "教师编码",
                RuleViolation("assessment.doubled", N_("与第 %(row)s 行重复。"), row=first_row[key]),
            )
            continue
        if names.setdefault(number, name or "") != name:
            violation = RuleViolation(
                "trial.name", N_("同一教师编码，姓名却不同（%(name)s）。"), name=names[number]
            )
            reader.refuse("姓名", violation)
            continue
        postings[key], first_row[key] = PostingInput(number, school, stage.value, span, reason or ""), row
        was_pending, was_warned = flags.get(number, (False, False))
        flags[number] = (was_pending or bool(pending), was_warned or bool(warning))
    problems += reader.problems
    return [PersonInput(number, *pair) for number, pair in flags.items()], list(postings.values()), names


def _findings(sheet: SheetRows | None, known: set[str], problems: list[Problem]) -> list[FindingInput]:
    if sheet is None:
        return []
    reader = _reader(sheet, FINDING_HEADINGS, problems)
    if reader is None:
        return []
    found = []
    for _row in reader.rows(sheet.rows):
        before = len(reader.problems)
        number = reader.take("教师编码", identifier)
        category = reader.take("类别", lambda cell: limited(required(cell), 10))
        severity = reader.take("程度", lambda cell: limited(required(cell), 10))
        result = reader.take("结论", outcome)
        own_points = reader.take("分值", lambda cell: score_e4(cell) if cell_text(cell) else None)
        veto, repeat, effective = (bool(reader.take(name, flag)) for name in ("一票否决", "重复", "生效"))
        facts = reader.take("事实", lambda cell: limited(cell, 200))
        if number is not None and number not in known:
            reader.refuse("教师编码", RuleViolation("ranking.teacher", N_("“教师”表里没有这位教师。")))
        if len(reader.problems) > before or not (number and category and severity and result):
            continue
        try:
            points, is_veto = penalty(category, severity, own_points, veto)
        except RuleViolation as violation:
            reader.refuse("类别" if violation.code == "finding.category" else "程度", violation)
            continue
        found.append(
            FindingInput(
                "", number, category, severity, result, points, is_veto, repeat, effective, facts or ""
            )
        )
    problems += reader.problems
    return [row._replace(key=f"{place:07}") for place, row in enumerate(sorted(found), start=1)]


def _unknown(results: AssessmentPlan, known: set[tuple[str, str]]) -> Iterable[Problem]:
    """Rows of results on a posting, or honours of a teacher, that the sheet 教师 does not have."""
    violation = RuleViolation("ranking.posting", N_("“教师”表里没有这位教师在这所学校的任职。"))
    for sheet, rows in ((SCORES, results.scores), (VOTES, results.tallies)):
        for row in rows:
            if (row.number, row.school_code) not in known:
                yield Problem(sheet, row.row, "教师编码", str(violation))
    teachers = {teacher for teacher, _school in known}
    violation = RuleViolation("ranking.teacher", N_("“教师”表里没有这位教师。"))
    for honour in results.honours:
        if honour.number not in teachers:
            yield Problem(HONOURS, honour.row, "教师编码", str(violation))
