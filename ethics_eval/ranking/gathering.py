"""The inputs of a semester's ranking as they stand in the database at one instant (ranking.md R1, R8, R11)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count, pairwise
from operator import itemgetter
from typing import Any

import numpy as np
from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import Session

from ethics_eval.complaints.models import Case, Finding
from ethics_eval.complaints.rules.finding import Measure, capping_months, months_before
from ethics_eval.complaints.rules.machine import BURDENING, ENDED, CaseStatus
from ethics_eval.evaluation.models import Assessment, FlaggedTally, Honour, Tally
from ethics_eval.evaluation.rules.scheme import MAX_OPTIONS, Component, Scheme
from ethics_eval.evaluation.rules.tally import POINT
from ethics_eval.ranking.models import Objection
from ethics_eval.ranking.queries.objections import open_appeals
from ethics_eval.ranking.reading import PostingPlaces, read_given, read_tallies
from ethics_eval.ranking.rules.bulk import in_bulk
from ethics_eval.ranking.rules.inputs import (
    FindingInput,
    FlaggedInput,
    HonourInput,
    Inputs,
    PersonInput,
    TallyInput,
    penalty,
)
from ethics_eval.ranking.rules.postings import PostingColumns, posting_table
from ethics_eval.ranking.rules.results import GivenTable, TallyTable
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.models import Posting, Semester
from ethics_eval.roster.queries import SemesterPosting
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import N_, RuleViolation

_BURDENING = [outcome.value for outcome in BURDENING]
# A case in one of these is settled as far as the teacher's score goes.
_SETTLED = [status.value for status in (*ENDED, CaseStatus.DECIDED)]

_GATHERED = (Assessment, Finding, FlaggedTally, Honour, Objection, Posting, Tally)
_PAIR = itemgetter(*map(SemesterPosting._fields.index, ("teacher_number", "school_code")))


@dataclass(frozen=True)
class Gathered:
    """The inputs, and the database's ids of the numbers and codes in them."""

    inputs: Inputs
    teacher_ids: dict[str, int]
    school_ids: dict[str, int]
    district_codes: dict[str, str]


def stand_still(session: Session) -> None:
    """Have what a ranking is gathered from stand still until the transaction ends: several reads see one state.

    SQLite's write lock does that already; on PostgreSQL whoever writes to these tables waits, letters do not.
    """
    if session.get_bind().dialect.name == "postgresql":
        names = ", ".join(sorted(model.__tablename__ for model in _GATHERED))
        session.execute(text(f"LOCK TABLE {names} IN SHARE MODE"))


@in_bulk()
def gather(session: Session, semester: Semester, scheme: Scheme, *, at: datetime) -> Gathered:
    """Everything the ranking of ``semester`` depends on, as it stands at ``at``. Whole city.

    Raises: RuleViolation ``ranking.both``: a component both imported and counted for one posting (R4).
    """
    rows = roster_queries.postings_in_semester(session, semester)
    postings = merged_postings(rows, scheme)
    of_teacher, number_of, of_school, code_of, district_of, *_what = _columns(rows)
    teacher_ids = dict(zip(number_of, of_teacher, strict=True))
    school_ids = dict(zip(code_of, of_school, strict=True))
    numbers = dict(zip(of_teacher, number_of, strict=True))
    codes = dict(zip(of_school, code_of, strict=True))
    places = PostingPlaces(postings, teacher_ids, school_ids)
    given = read_given(session, semester.code, postings, places)
    tallies = read_tallies(session, semester.code, scheme, postings, places)
    _refuse_both(given, tallies)
    pending, capped = _pending(session, at), warned(session, semester, at)
    return Gathered(
        Inputs(
            scheme=scheme,
            persons=[
                PersonInput(number, teacher_id in pending, teacher_id in capped)
                for number, teacher_id in teacher_ids.items()
            ],
            postings=postings,
            given=given,
            tallies=tallies,
            findings=_findings(session, semester, numbers, at),
            honours=[
                HonourInput(numbers[teacher], level)
                for teacher, level in session.execute(
                    select(Honour.teacher_id, Honour.level)
                    .where(Honour.semester_code == semester.code)
                    .distinct()
                )
                if teacher in numbers
            ],
            flagged=_flagged(session, semester, tallies, numbers, codes),
        ),
        teacher_ids,
        school_ids,
        dict(zip(code_of, district_of, strict=True)),
    )


def merged_postings(rows: Sequence[SemesterPosting], scheme: Scheme) -> PostingColumns:
    """One posting a teacher and school, as ranking.md knows them.

    A person may hold several posts at one school (two stages at once, or one after the other). Its stage is the
    ranked one with the most weeks (equal: the later in teaching order), its weeks those in ranked stages together,
    no more than the semester has; without a ranked stage, all of it likewise. Held: the first reason by stage.
    """
    ordered = sorted(rows, key=_PAIR)
    pairs = list(map(_PAIR, ordered))
    again = {place for place, (one, other) in enumerate(pairwise(pairs), start=1) if one == other}
    if again:
        ordered = [
            row if place + 1 not in again else _merged(ordered[place : _end(again, place)], scheme)
            for place, row in enumerate(ordered)
            if place not in again
        ]
    _teachers, numbers, _schools, codes, _districts, stages, weeks, held = _columns(ordered)
    return posting_table(numbers, codes, stages, np.minimum(weeks, scheme.semester_weeks), held, scheme)


def _columns(rows: Sequence[SemesterPosting]) -> Sequence[Sequence[Any]]:
    return list(zip(*rows, strict=True)) or [()] * len(SemesterPosting._fields)


def _end(again: set[int], place: int) -> int:
    """The end of the run of places that say the same posting again."""
    return next(end for end in count(place + 1) if end not in again)


def _merged(posts: Sequence[SemesterPosting], scheme: Scheme) -> SemesterPosting:
    """One posting for several posts at one school."""
    order = ("KG", *scheme.ranked_stages)
    ranked = [row for row in posts if row.stage in scheme.ranked_stages] or posts
    weeks: dict[str, int] = {}
    for row in ranked:
        weeks[row.stage] = weeks.get(row.stage, 0) + row.weeks
    stage = max(weeks, key=lambda name: (weeks[name], order.index(name) if name in order else -1))
    held = next((row.held for row in sorted(ranked, key=lambda row: row.stage) if row.held), "")
    return posts[0]._replace(stage=stage, weeks=sum(weeks.values()), held=held)


def _flagged(
    session: Session,
    semester: Semester,
    tallies: Iterable[TallyInput],
    numbers: dict[int, str],
    codes: dict[int, str],
) -> list[FlaggedInput]:
    """The ballots that looked careless, of the tallies that count."""
    table = FlaggedTally.__table__.c
    rows = session.execute(
        select(
            FlaggedTally.teacher_id,
            FlaggedTally.school_id,
            FlaggedTally.component,
            FlaggedTally.item,
            *(table[f"option_{place}"] for place in range(1, MAX_OPTIONS + 1)),
        ).where(FlaggedTally.semester_code == semester.code)
    ).all()
    options = {row[:4]: len(row.counts) for row in tallies} if rows else {}
    keyed = [((numbers.get(row[0]), codes.get(row[1]), *row[2:4]), row[4:]) for row in rows]
    return [
        FlaggedInput(*key, counts=tuple(counts[: options[key]])) for key, counts in keyed if key in options
    ]


def _refuse_both(given: GivenTable, tallies: TallyTable) -> None:
    for part in given.parts:
        for item in tallies.items:
            both = np.intersect1d(part.posting, item.posting) if item.component == part.component else ()
            for place in both[:1]:
                teacher, school = list(given.keys.pairs())[place]
                raise RuleViolation(
                    "ranking.both",
                    N_("教师 %(teacher)s 在学校 %(school)s 的“%(part)s”既有评分又有票数，只能有一种。"),
                    teacher=teacher,
                    school=school,
                    part=Component(part.component).value,
                )


def _pending(session: Session, at: datetime) -> set[int]:
    """Teachers on whom a finding was proposed in a case still open, whose window or appeal still runs at ``at``, or
    whose score is under an appeal (R11).
    """
    return open_appeals(session) | set(
        session.scalars(
            select(Finding.teacher_id)
            .join(Case, Case.id == Finding.case_id)
            .where(
                Finding.revoked_at.is_(None),
                or_(
                    Case.status.not_in(_SETTLED),
                    (Finding.outcome.in_(_BURDENING))
                    & Finding.decided_at.is_not(None)
                    & (Finding.effective_at.is_(None) | (Finding.effective_at > at)),
                ),
            )
        )
    )


def warned(
    session: Session, semester: Semester, at: datetime, *, without: frozenset[str] = frozenset()
) -> set[int]:
    """Teachers with a 警告 (6 months), a 记过 (12 months) or something heavier in force on a day of the semester.

    Args: without: ids of findings that are as if they had never been.
    """
    months = {measure.value: capping_months(measure) for measure in Measure if capping_months(measure)}
    rows = session.execute(
        select(Finding.id, Finding.teacher_id, Finding.measure, Finding.decided_at).where(
            Finding.measure.in_(list(months)), Finding.effective_at <= at, Finding.revoked_at.is_(None)
        )
    )
    return {
        teacher
        for finding, teacher, measure, decided_at in rows
        if decided_at is not None
        and finding not in without
        and months_before(semester.starts_on, months[measure]) <= local_day(decided_at) <= semester.ends_on
    }


def _findings(
    session: Session, semester: Semester, numbers: dict[int, str], at: datetime
) -> list[FindingInput]:
    """Decided findings against teachers that no earlier semester has scored; withdrawn ones are gone (R8)."""
    rows = session.execute(
        select(
            Finding.id,
            Finding.teacher_id,
            Finding.category,
            Finding.severity,
            Finding.outcome,
            Finding.points,
            Finding.veto,
            Finding.repeat,
            Finding.effective_at,
            Finding.facts,
        ).where(
            Finding.decided_at <= at,
            Finding.outcome.in_(_BURDENING),
            Finding.revoked_at.is_(None),
            Finding.replaced_at.is_(None),
            func.coalesce(Finding.scored_semester, semester.code) == semester.code,
        )
    )
    found = []
    for row in rows:
        if row.teacher_id in numbers:
            points, veto = penalty(row.category, row.severity, row.points * POINT, row.veto)
            found.append(
                FindingInput(
                    key=row.id,
                    teacher=numbers[row.teacher_id],
                    category=row.category,
                    severity=row.severity,
                    outcome=row.outcome,
                    points_e4=points,
                    veto=veto,
                    repeat=row.repeat,
                    effective=row.effective_at is not None and row.effective_at <= at,
                    facts=row.facts,
                )
            )
    return found
