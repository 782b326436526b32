"""Writes of results a school collected on paper: a read workbook beside the database, then all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, insert, or_, select, update
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor
from ethics_eval.accounts.service import record
from ethics_eval.database import Base
from ethics_eval.evaluation.models import Assessment, Honour, Tally
from ethics_eval.evaluation.rules.assessment import (
    HONOURS,
    SCORES,
    VOTES,
    AssessmentPlan,
    HonourRow,
    Level,
    ScoreRow,
    TallyRow,
    in_file_order,
)
from ethics_eval.evaluation.rules.scheme import MAX_OPTIONS
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.comparing import Changes, batches
from ethics_eval.roster.models import Posting, School, Semester, Teacher
from ethics_eval.roster.rules.sheet import ImportRefused, Problem
from ethics_eval.roster.service import Counts, Progress, Report
from ethics_eval.text import N_, RuleViolation


@dataclass(frozen=True)
class ImportReport(Report):
    """The import of results: component scores, items of votes, honours."""

    scores: Counts
    tallies: Counts
    honours: Counts


# --- what the database holds already ------------------------------------------------------------------------


class _Staff(NamedTuple):
    """A teacher the workbook names: the schools of the semester's postings, by code."""

    teacher_id: int
    school_ids: dict[str, int]


PartKey = tuple[int, int, str]  # teacher id, school id, component


@dataclass
class _Stored:
    """The part of the database a plan touches: row id and values by key.

    ``balloted``: components that this system's own ballots count, of a teacher at a school.
    """

    staff: dict[str, _Staff]
    scores: dict[PartKey, tuple[int, tuple[Any, ...]]]
    tallies: dict[tuple[int, int, str, str], tuple[int, tuple[Any, ...]]]
    honours: dict[tuple[int, str, str], tuple[int, tuple[Any, ...]]]
    balloted: set[PartKey]

    def part(self, row: ScoreRow | TallyRow) -> PartKey:
        """The key of a row whose teacher is posted at its school."""
        teacher = self.staff[row.number]
        return teacher.teacher_id, teacher.school_ids[row.school_code], row.component


_SCORE_VALUES = ("score_e4", "rater_count", "eligible_count")
_TALLY_VALUES = ("eligible_count", *(f"option_{place}" for place in range(1, MAX_OPTIONS + 1)))


def open_semester(session: Session, code: str) -> Semester:
    """The semester, if results can come in. Raises: RuleViolation ``semester.unknown``, ``semester.not_open``."""
    found = roster_queries.semester(session, code)
    if found is None:
        raise RuleViolation("semester.unknown", N_("没有学期 %(semester)s。"), semester=code)
    if found.status != "open":
        raise RuleViolation(
            "semester.not_open",
            N_("学期 %(semester)s 现在不接收考评结果：要在开启之后、冻结之前导入。"),
            semester=code,
        )
    return found


def _staff(session: Session, numbers: Iterable[str], semester: Semester) -> dict[str, _Staff]:
    found: dict[str, _Staff] = {}
    for batch in batches(numbers):
        rows = session.execute(
            select(Teacher.number, Teacher.id, School.code, School.id)
            .outerjoin(
                Posting,
                (Posting.teacher_id == Teacher.id)
                & (Posting.starts_on <= semester.ends_on)
                & or_(Posting.ends_on.is_(None), Posting.ends_on >= semester.starts_on),
            )
            .outerjoin(School, School.id == Posting.school_id)
            .where(Teacher.number.in_(batch))
        )
        for number, teacher_id, school_code, school_id in rows:
            staff = found.setdefault(number, _Staff(teacher_id, {}))
            if school_id is not None:
                staff.school_ids[school_code] = school_id
    return found


def _stored(session: Session, plan: AssessmentPlan, semester: Semester) -> _Stored:
    named: Iterable[ScoreRow | TallyRow | HonourRow] = chain(plan.scores, plan.tallies, plan.honours)
    numbers = sorted({row.number for row in named})
    stored = _Stored(_staff(session, numbers, semester), {}, {}, {}, set())
    for batch in batches(staff.teacher_id for staff in stored.staff.values()):
        for row_id, teacher, school, component, *values in session.execute(
            _of(Assessment, semester, batch, "school_id", "component", *_SCORE_VALUES)
        ):
            stored.scores[teacher, school, component] = (row_id, tuple(values))
        for row_id, teacher, school, component, item, source, *values in session.execute(
            _of(Tally, semester, batch, "school_id", "component", "item", "source", *_TALLY_VALUES)
        ):
            if source == "ballot":
                stored.balloted.add((teacher, school, component))
                continue
            stored.tallies[teacher, school, component, item] = (row_id, tuple(values))
        for row_id, teacher, level, title, awarded_on in session.execute(
            _of(Honour, semester, batch, "level", "title", "awarded_on")
        ):
            stored.honours[teacher, level, title] = (row_id, (awarded_on,))
    return stored


def _of(model: Any, semester: Semester, teacher_ids: Sequence[int], *columns: str) -> Any:
    return select(model.id, model.teacher_id, *(getattr(model, name) for name in columns)).where(
        model.semester_code == semester.code, model.teacher_id.in_(teacher_ids)
    )


# --- checks against the database ----------------------------------------------------------------------------


def _problem(sheet: str, row: int, column: str, message: str, **values: object) -> Problem:
    return Problem(sheet, row, column, str(RuleViolation("assessment.row", message, field=None, **values)))


def _staff_problem(sheet: str, row: ScoreRow | TallyRow | HonourRow, stored: _Stored) -> Problem | None:
    staff = stored.staff.get(row.number)
    if staff is None:
        return _problem(sheet, row.row, "教师编码", N_("系统里没有这个教师编码。"))
    if isinstance(row, HonourRow):
        if staff.school_ids:
            return None
        return _problem(sheet, row.row, "教师编码", N_("这位教师这个学期没有任职。"))
    if row.school_code not in staff.school_ids:
        message = N_("这位教师这个学期不在标识码为 %(school)s 的学校任职。")
        return _problem(sheet, row.row, "学校标识码", message, school=row.school_code)
    return None


def _other_way_problems(plan: AssessmentPlan, stored: _Stored) -> Iterator[Problem]:
    """A component comes given or counted, never both (ranking.md R4); what is stored counts as well."""
    counted = {key[:3] for key in stored.tallies}
    for row in plan.scores:
        if _staff_problem(SCORES, row, stored) is None and stored.part(row) in counted:
            message = N_("系统里已有这位教师这一部分的票数，不能再导入评分。")
            yield _problem(SCORES, row.row, "部分", message)
    for tally in plan.tallies:
        if _staff_problem(VOTES, tally, stored) is None and stored.part(tally) in stored.scores:
            message = N_("系统里已有这位教师这一部分的评分，不能再导入票数。")
            yield _problem(VOTES, tally.row, "部分", message)


def _ballot_problems(plan: AssessmentPlan, stored: _Stored) -> Iterator[Problem]:
    """What is counted by this system's ballots comes from no workbook: its rows would replace votes."""
    sheets: Mapping[str, Sequence[ScoreRow | TallyRow]] = {SCORES: plan.scores, VOTES: plan.tallies}
    for sheet, rows in sheets.items():
        for row in rows:
            if _staff_problem(sheet, row, stored) is None and stored.part(row) in stored.balloted:
                message = N_("这位教师的这一部分正在用本系统的评议码评，不能再导入。")
                yield _problem(sheet, row.row, "部分", message)


def _school_problems(plan: AssessmentPlan, stored: _Stored, school_code: str) -> Iterator[Problem]:
    """A school brings its own results only, and honours it gave its own teachers: higher ones are the bureau's."""
    for sheet, rows in ((SCORES, plan.scores), (VOTES, plan.tallies)):
        for row in rows:
            if row.school_code != school_code:
                yield _problem(sheet, row.row, "学校标识码", N_("只能导入本校的结果。"))
    for honour in plan.honours:
        if school_code not in stored.staff.get(honour.number, _Staff(0, {})).school_ids:
            yield _problem(HONOURS, honour.row, "教师编码", N_("这位教师这个学期不在本校任职。"))
        elif honour.level != Level.SCHOOL:
            message = N_("学校只能导入校级荣誉，县级以上和见义勇为由市教育局核实后导入。")
            yield _problem(HONOURS, honour.row, "级别", message)


def _accepted(session: Session, plan: AssessmentPlan, semester: Semester, own_school: str | None) -> _Stored:
    stored = _stored(session, plan, semester)
    sheets: Mapping[str, Sequence[ScoreRow | TallyRow | HonourRow]] = {
        SCORES: plan.scores,
        VOTES: plan.tallies,
        HONOURS: plan.honours,
    }
    strangers = [
        problem
        for sheet, rows in sheets.items()
        for row in rows
        if (problem := _staff_problem(sheet, row, stored)) is not None
    ]
    foreign = [] if own_school is None else list(_school_problems(plan, stored, own_school))
    if foreign:  # who teaches elsewhere, or is on no list at all, is not told to a school
        named = {(one.sheet, one.row) for one in foreign}
        strangers = [one for one in strangers if (one.sheet, one.row) not in named]
    problems = in_file_order(
        [
            *plan.problems,
            *foreign,
            *strangers,
            *_other_way_problems(plan, stored),
            *_ballot_problems(plan, stored),
        ]
    )
    if problems:
        message = N_("考评结果有 %(count)s 处错误，没有导入任何内容。第一处：%(first)s")
        raise ImportRefused("assessment.refused", message, problems)
    return stored


# --- what differs, and writing it ---------------------------------------------------------------------------


class _Wanted(NamedTuple):
    """A row as it should be: its key, its other columns, and what is stored under the key."""

    key: dict[str, Any]
    columns: dict[str, Any]
    known: tuple[int, tuple[Any, ...]] | None


def _changes(rows: Iterable[_Wanted]) -> Changes:
    changes = Changes([], [], 0)
    unchanged = 0
    for row in rows:
        if row.known is None:
            changes.created.append({**row.key, **row.columns})
        elif row.known[1] == tuple(row.columns.values()):
            unchanged += 1
        else:
            changes.updated.append({"id": row.known[0], **row.columns})
    return changes._replace(unchanged=unchanged)


def _part_columns(semester_code: str, part: PartKey) -> dict[str, Any]:
    teacher_id, school_id, component = part
    return {
        "semester_code": semester_code,
        "teacher_id": teacher_id,
        "school_id": school_id,
        "component": component,
    }


def _wanted_scores(plan: AssessmentPlan, stored: _Stored, semester_code: str) -> Iterator[_Wanted]:
    for row in plan.scores:
        part = stored.part(row)
        values = (row.score_e4, row.rater_count, row.eligible_count)
        columns = dict(zip(_SCORE_VALUES, values, strict=True))
        yield _Wanted(_part_columns(semester_code, part), columns, stored.scores.get(part))


def _wanted_tallies(plan: AssessmentPlan, stored: _Stored, semester_code: str) -> Iterator[_Wanted]:
    for row in plan.tallies:
        part = stored.part(row)
        unused = (0,) * (MAX_OPTIONS - len(row.counts))
        columns = dict(zip(_TALLY_VALUES, (row.eligible_count, *row.counts, *unused), strict=True))
        key = {**_part_columns(semester_code, part), "item": row.item}
        yield _Wanted(key, columns, stored.tallies.get((*part, row.item)))


def _wanted_honours(plan: AssessmentPlan, stored: _Stored, semester_code: str) -> Iterator[_Wanted]:
    for row in plan.honours:
        teacher_id = stored.staff[row.number].teacher_id
        key = {
            "semester_code": semester_code,
            "teacher_id": teacher_id,
            "level": row.level,
            "title": row.title,
        }
        known = stored.honours.get((teacher_id, row.level, row.title))
        yield _Wanted(key, {"awarded_on": row.awarded_on}, known)


class _Difference(NamedTuple):
    scores: Changes
    tallies: Changes
    honours: Changes

    def report(self) -> ImportReport:
        return ImportReport(*map(Counts.of, self))


def _difference(
    session: Session, plan: AssessmentPlan, semester_code: str, own_school: str | None
) -> _Difference:
    stored = _accepted(session, plan, open_semester(session, semester_code), own_school)
    return _Difference(
        _changes(_wanted_scores(plan, stored, semester_code)),
        _changes(_wanted_tallies(plan, stored, semester_code)),
        _changes(_wanted_honours(plan, stored, semester_code)),
    )


def _hold_schools(session: Session, plan: AssessmentPlan) -> None:
    """Keep the schools named from issuing codes meanwhile, which looks for paper results before it does."""
    codes = sorted({row.school_code for row in chain[ScoreRow | TallyRow](plan.scores, plan.tallies)})
    for batch in batches(codes):
        session.execute(
            select(School.id)
            .where(School.code.in_(batch))
            .order_by(School.code)
            .with_for_update(key_share=True)
        )


def preview_assessments(
    session: Session, plan: AssessmentPlan, semester_code: str, *, own_school: str | None = None
) -> ImportReport:
    """What :func:`import_assessments` would do; nothing is written. Raises: as it does."""
    return _difference(session, plan, semester_code, own_school).report()


def import_assessments(
    session: Session,
    plan: AssessmentPlan,
    semester_code: str,
    *,
    actor: Actor,
    at: datetime,
    progress: Progress | None = None,
    own_school: str | None = None,
) -> ImportReport:
    """Write results, all or nothing: scores by teacher, school and component, votes by item as well, honours by
    level and name. What the workbook does not name stays; the same workbook again changes nothing.

    Args: progress: called with (rows written, rows to write); own_school: the code of the school that brings them,
    whose rows alone are taken.
    Raises: RuleViolation ``semester.unknown``, ``semester.not_open``; ImportRefused: with every problem, those
    of the plan included.
    """
    _hold_schools(session, plan)
    changes = _difference(session, plan, semester_code, own_school)
    total = sum(len(part.created) + len(part.updated) for part in changes)
    done = 0
    models: tuple[type[Base], ...] = (Assessment, Tally, Honour)
    for model, part in zip(models, changes, strict=True):
        for statement, rows in (
            (insert(cast(Table, model.__table__)), part.created),
            (update(model), part.updated),
        ):
            for batch in batches(rows):
                session.execute(statement, batch)
                done += len(batch)
                if progress is not None:
                    progress(done, total)
    report = changes.report()
    if report.is_changed:
        session.expire_all()  # bulk statements pass by the objects the session may hold
        record(session, actor, at, "assessment.imported", "semester", semester_code, **report.counts())
    return report
