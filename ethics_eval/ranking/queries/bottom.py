"""The lowest of a ranking: the bottom list, and those left out of it (R12)."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from ethics_eval.ranking.models import BottomEntry, RankingRow
from ethics_eval.ranking.queries.rows import ids_of, lines_of
from ethics_eval.ranking.queries.sight import WHOLE_CITY, Sight
from ethics_eval.ranking.queries.versions import RankingView
from ethics_eval.ranking.rules.explanation import PROVISIONAL, BottomLine, ScoreLine
from ethics_eval.ranking.rules.inputs import FULL
from ethics_eval.ranking.rules.outcome import RATED
from ethics_eval.roster.models import Teacher


class Candidate(NamedTuple):
    """One of the lowest: listed (``named``, ``private``), or left out (``tied``, ``provisional``)."""

    line: ScoreLine
    fate: str
    basis: tuple[str, ...]


TIED = "tied"
_WORST_FIRST = (
    RankingRow.score,
    RankingRow.veto.desc(),
    RankingRow.deduct_e4.desc(),
    func.coalesce(RankingRow.school_e4, FULL + 1),
    func.coalesce(RankingRow.parent_e4, FULL + 1),
    Teacher.number,
)


def lowest(session: Session, sight: Sight, ranking: RankingView) -> list[Candidate]:
    """The bottom list with those left out of it, worst first (R12); nobody for whom the list is not.

    Everyone as low as the cut is listed, of a group that went as a whole, or provisional: so these are exactly
    the first of the order of R12, as many as the ranking's counts say.
    """
    if not sight.bottom_list:
        return []
    count = sum(ranking.counts[name] for name in ("listed", "dropped", "passed_over"))
    listed = {
        number: (treatment, tuple(basis.split()))
        for number, treatment, basis in session.execute(
            select(Teacher.number, BottomEntry.treatment, BottomEntry.basis)
            .join(Teacher, Teacher.id == BottomEntry.teacher_id)
            .where(BottomEntry.ranking_id == ranking.id)
        )
    }
    ids = session.scalars(
        ids_of(ranking.id).where(RankingRow.status == RATED).order_by(*_WORST_FIRST).limit(count)
    ).all()
    found = []
    for line in lines_of(session, WHOLE_CITY, ranking.id, ids, _WORST_FIRST):
        left_out = PROVISIONAL if line.row.provisional else TIED
        fate, basis = listed.get(line.row.teacher, (left_out, ()))
        found.append(Candidate(line, fate, basis))
    return found


def bottom_lines(
    session: Session,
    sight: Sight,
    ranking_id: int,
    *,
    district_code: str | None = None,
    school_id: int | None = None,
) -> list[BottomLine]:
    """The bottom list, or those of it in one district or school; nobody for whom the list is not."""
    if not sight.bottom_list:
        return []
    query = (
        select(
            Teacher.number,
            Teacher.name,
            RankingRow.score,
            RankingRow.place,
            BottomEntry.treatment,
            BottomEntry.basis,
        )
        .join(Teacher, Teacher.id == BottomEntry.teacher_id)
        .join(
            RankingRow,
            and_(
                RankingRow.ranking_id == BottomEntry.ranking_id,
                RankingRow.teacher_id == BottomEntry.teacher_id,
            ),
        )
        .where(BottomEntry.ranking_id == ranking_id)
        .order_by(BottomEntry.position)
    )
    if district_code is not None:
        query = query.where(RankingRow.district_code == district_code)
    if school_id is not None:
        query = query.where(RankingRow.school_id == school_id)
    return [BottomLine._make((*row[:5], tuple(row[5].split()))) for row in session.execute(query)]
