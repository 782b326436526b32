"""A semester as a whole: its ranking in figures, and the steps it took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account, AuditEvent
from ethics_eval.ranking.models import Ranking, RankingRow
from ethics_eval.ranking.queries.sight import Sight
from ethics_eval.ranking.rules.explanation import GRADE_LABELS
from ethics_eval.ranking.rules.outcome import NOT_RATED, RATED
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.school import STAGE_LABELS


class Group(NamedTuple):
    """A stage or district: its rated teachers and their mean score in hundredths (None: nobody is rated)."""

    code: str
    name: str
    teacher_count: int
    rated_count: int
    mean: int | None


@dataclass(frozen=True)
class Figures:
    """A ranking in figures, within the reader's sight. Pairs are (code, count), grades best first."""

    teacher_count: int
    rated_count: int
    provisional_count: int
    not_rated: list[tuple[str, int]]
    grades: list[tuple[str, int]]
    stages: list[Group]
    districts: list[Group]


def figures(session: Session, sight: Sight, ranking_id: int) -> Figures:
    """Counts and means of a ranking by reason, grade, stage and district."""
    cells = session.execute(
        select(
            RankingRow.district_code,
            RankingRow.stage,
            RankingRow.status,
            RankingRow.reason,
            RankingRow.grade,
            func.count().label("teachers"),
            func.coalesce(func.sum(RankingRow.score), 0).label("score"),
        )
        .where(RankingRow.ranking_id == ranking_id, sight.rows)
        .group_by(
            RankingRow.district_code,
            RankingRow.stage,
            RankingRow.status,
            RankingRow.reason,
            RankingRow.grade,
        )
    ).all()
    provisional = session.scalar(
        select(func.count()).where(
            RankingRow.ranking_id == ranking_id,
            RankingRow.status == RATED,
            RankingRow.provisional,
            sight.rows,
            sight.open_cases,
        )
    )
    reasons: dict[str, int] = {}
    grades: dict[str, int] = {}
    for cell in cells:
        tally, key = (reasons, cell.reason) if cell.status == NOT_RATED else (grades, cell.grade)
        tally[key] = tally.get(key, 0) + cell.teachers
    names = {district.code: district.name for district in roster_queries.districts(session)}
    return Figures(
        teacher_count=sum(cell.teachers for cell in cells),
        rated_count=sum(grades.values()),
        provisional_count=provisional or 0,
        not_rated=sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0])),
        grades=[(grade, grades.get(grade, 0)) for grade in GRADE_LABELS],
        stages=_groups(cells, "stage", STAGE_LABELS),
        districts=_groups(cells, "district_code", names),
    )


def _groups(cells: Any, by: str, names: Mapping[Any, str]) -> list[Group]:
    """In the order of ``names``."""
    order = list(names)
    sums: dict[str, list[int]] = {}
    for cell in cells:
        held = sums.setdefault(getattr(cell, by), [0, 0, 0])
        held[0] += cell.teachers
        if cell.status == RATED:
            held[1] += cell.teachers
            held[2] += int(cell.score)
    return [
        Group(
            code,
            names[code],
            teachers,
            rated,
            (2 * score + rated) // (2 * rated) if rated else None,
        )
        for code, (teachers, rated, score) in sorted(sums.items(), key=lambda pair: order.index(pair[0]))
    ]


class StepTaken(NamedTuple):
    """A step of a semester as it was taken. ``by``: the account's name, empty for the clock or the operator."""

    action: str
    at: datetime
    actor_kind: str
    by: str


def steps_taken(session: Session, semester_code: str) -> list[StepTaken]:
    """The steps of a semester, in order of time, as the audit has them."""
    ids = [
        str(ranking_id)
        for ranking_id in session.scalars(select(Ranking.id).where(Ranking.semester_code == semester_code))
    ]
    rows = session.execute(
        select(AuditEvent.action, AuditEvent.at, AuditEvent.actor_kind, Account.display_name)
        .outerjoin(Account, Account.id == AuditEvent.actor_id)
        .where(
            or_(
                and_(AuditEvent.subject_kind == "semester", AuditEvent.subject_id == semester_code),
                and_(AuditEvent.subject_kind == "ranking", AuditEvent.subject_id.in_(ids)),
            )
        )
        .order_by(AuditEvent.id)
    )
    return [StepTaken(action, at, kind, by or "") for action, at, kind, by in rows]
