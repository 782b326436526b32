"""One teacher in a ranking: the row, among how many, and the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor, Permission
from ethics_eval.ranking.models import BottomEntry, RankingRow
from ethics_eval.ranking.queries.ledger import LedgerView, ledgers_of
from ethics_eval.ranking.queries.rows import line_of, lines
from ethics_eval.ranking.queries.sight import Sight, sight_of
from ethics_eval.ranking.queries.versions import RankingView, rankings
from ethics_eval.ranking.rules.explanation import ScoreLine, Sureness
from ethics_eval.roster.models import Teacher


class Around(NamedTuple):
    """How many are rated in the city, the stage and the school of a row."""

    city: int
    stage: int
    school: int


@dataclass(frozen=True)
class TeacherScore:
    """One teacher in one ranking: the row, among how many, and the ledger.

    ``sure``: of one of the bottom list, for the person and for whoever may see that list; else None.
    """

    ranking: RankingView
    line: ScoreLine
    around: Around
    ledger: list[LedgerView]
    sure: Sureness | None = None


def teacher_score(
    session: Session, sight: Sight, actor: Actor, ranking: RankingView, number: str
) -> TeacherScore | None:
    """A teacher of the ranking with all that made the score; None: not in it, or not for this reader."""
    return next(iter(_scores(session, sight, actor, [ranking], Teacher.number == number)), None)


def own_scores(session: Session, actor: Actor) -> list[TeacherScore]:
    """The teacher's own published scores, the latest semester first; nobody else's."""
    sight = sight_of(session, actor, Permission.SCORE_READ)
    if actor.teacher_id is None:
        return []
    return _scores(session, sight, actor, rankings(session, sight), Teacher.id == actor.teacher_id)


def _scores(
    session: Session,
    sight: Sight,
    actor: Actor,
    wanted: list[RankingView],
    teacher: ColumnElement[bool],
) -> list[TeacherScore]:
    by_id = {ranking.id: ranking for ranking in wanted}
    query = (
        lines(sight)
        .add_columns(RankingRow.ranking_id, RankingRow.teacher_id, RankingRow.school_id)
        .where(RankingRow.ranking_id.in_(by_id), teacher)
    )
    rows = session.execute(query).all()
    ledgers = ledgers_of(session, sight, actor, list(by_id), {row.teacher_id for row in rows})
    listed = _sureness(session, sight, actor, list(by_id), {row.teacher_id for row in rows})
    scores = {
        row.ranking_id: TeacherScore(
            by_id[row.ranking_id],
            line_of(row),
            _around(session, row.ranking_id, row.stage, row.school_id),
            ledgers.get(row.ranking_id, []),
            listed.get((row.ranking_id, row.teacher_id)),
        )
        for row in rows
    }
    return [scores[ranking_id] for ranking_id in by_id if ranking_id in scores]


def _sureness(
    session: Session, sight: Sight, actor: Actor, ranking_ids: list[int], teacher_ids: set[int]
) -> dict[tuple[int, int], Sureness]:
    """(Ranking, teacher) → how sure the place on the bottom list is, where the reader may know of that place."""
    known = teacher_ids if sight.bottom_list else teacher_ids & {actor.teacher_id}
    rows = session.execute(
        select(
            BottomEntry.ranking_id,
            BottomEntry.teacher_id,
            BottomEntry.separable,
            BottomEntry.chance_permille,
            BottomEntry.weight_sensitive,
        ).where(BottomEntry.ranking_id.in_(ranking_ids), BottomEntry.teacher_id.in_(known))
    )
    return {(row[0], row[1]): Sureness(*row[2:]) for row in rows}


def _around(session: Session, ranking_id: int, stage: str, school_id: int) -> Around:
    counts = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(case((RankingRow.stage == stage, 1), else_=0)), 0),
            func.coalesce(func.sum(case((RankingRow.school_id == school_id, 1), else_=0)), 0),
        ).where(RankingRow.ranking_id == ranking_id, RankingRow.place.is_not(None))
    ).one()
    return Around(*map(int, counts))
