"""The lowest of a ranking: the bottom list, and those left out of it (R12)."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account
from ethics_eval.complaints.models import Finding
from ethics_eval.ranking.models import BottomEntry, LedgerLine, RankingRow
from ethics_eval.ranking.queries.rows import ids_of, lines_of, part_of
from ethics_eval.ranking.queries.sight import WHOLE_CITY, Sight
from ethics_eval.ranking.queries.versions import RankingView
from ethics_eval.ranking.rules.explanation import PROVISIONAL, BottomLine, ScoreLine, Sureness
from ethics_eval.ranking.rules.inputs import FULL
from ethics_eval.ranking.rules.naming import GRAVE_ENOUGH, effective_treatment, needs_reason
from ethics_eval.ranking.rules.outcome import RATED
from ethics_eval.roster.models import Teacher


class Candidate(NamedTuple):
    """One of the lowest: listed (``named``, ``private``, in effect), or left out (``tied``, ``provisional``,
    ``kept_out``).

    ``sure``: None where left out; ``asks_reason``: named only with ``reason``, else ``withheld`` (R13); ``reason_by``:
    who wrote it.
    """

    line: ScoreLine
    fate: str
    basis: tuple[str, ...]
    sure: Sureness | None = None
    asks_reason: bool = False
    reason: str = ""
    withheld: bool = False
    reason_by: str = ""

    @property
    def is_answered(self) -> bool:
        """Whether nothing more is asked before the person may be named."""
        return not self.asks_reason or self.withheld or bool(self.reason)


TIED = "tied"
KEPT_OUT = "kept_out"  # not on the list that was put right: nobody is pushed into a past one
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

    Everyone as low as the cut is listed, of a group that went as a whole, provisional, or kept out of a correction: so
    these are exactly the first of the order of R12, as many as the ranking's counts say. A group that was dropped
    stands at the cut, those kept out are below it.
    """
    if not sight.bottom_list:
        return []
    kept_out = ranking.counts.get("kept_out", 0)
    count = kept_out + sum(ranking.counts[name] for name in ("listed", "dropped", "passed_over"))
    serious = with_serious(session, ranking.id)
    listed = {
        number: (entry, by or "")
        for number, entry, by in session.execute(
            select(Teacher.number, BottomEntry, Account.display_name)
            .join(Teacher, Teacher.id == BottomEntry.teacher_id)
            .outerjoin(Account, Account.id == BottomEntry.reason_by_id)
            .where(BottomEntry.ranking_id == ranking.id)
        )
    }
    ids = session.scalars(
        ids_of(ranking.id).where(RankingRow.status == RATED).order_by(*_WORST_FIRST).limit(count)
    ).all()
    found = []
    for line in lines_of(session, WHOLE_CITY, ranking.id, ids, _WORST_FIRST):
        if line.row.teacher not in listed:
            fate = PROVISIONAL
            if not line.row.provisional:
                fate, kept_out = (KEPT_OUT, kept_out - 1) if kept_out else (TIED, 0)
            found.append(Candidate(line, fate, ()))
            continue
        entry, by = listed[line.row.teacher]
        found.append(
            Candidate(
                line,
                effective_treatment(entry.treatment, withheld=entry.withheld),
                tuple(entry.basis.split()),
                Sureness(entry.separable, entry.chance_permille, entry.weight_sensitive),
                asks_reason(entry, serious),
                entry.reason,
                entry.withheld,
                by,
            )
        )
    return found


def with_serious(session: Session, ranking_id: int) -> set[int]:
    """Ids of the listed teachers with a veto, or a counting finding that is serious or grave."""
    return set(
        session.scalars(
            select(BottomEntry.teacher_id)
            .join(
                RankingRow,
                and_(
                    RankingRow.ranking_id == BottomEntry.ranking_id,
                    RankingRow.teacher_id == BottomEntry.teacher_id,
                ),
            )
            .where(
                BottomEntry.ranking_id == ranking_id,
                or_(
                    RankingRow.veto,
                    exists(
                        select(LedgerLine.id)
                        .join(Finding, Finding.id == LedgerLine.finding_id)
                        .where(
                            LedgerLine.ranking_id == BottomEntry.ranking_id,
                            LedgerLine.teacher_id == BottomEntry.teacher_id,
                            LedgerLine.counted,
                            Finding.severity.in_(GRAVE_ENOUGH),
                        )
                    ),
                ),
            )
        )
    )


def asks_reason(entry: BottomEntry, serious: set[int]) -> bool:
    """Whether naming this person asks for a written reason (R13). Args: serious: of :func:`with_serious`."""
    return needs_reason(entry.treatment, separable=entry.separable, has_serious=entry.teacher_id in serious)


def unexplained(session: Session, ranking_id: int) -> list[tuple[BottomEntry, str]]:
    """Who is to be named, asks for a reason and has neither that nor been withheld; with names, worst first."""
    serious = with_serious(session, ranking_id)
    rows = session.execute(
        select(BottomEntry, Teacher.name)
        .join(Teacher, Teacher.id == BottomEntry.teacher_id)
        .where(
            BottomEntry.ranking_id == ranking_id, BottomEntry.reason == "", BottomEntry.withheld.is_(False)
        )
        .order_by(BottomEntry.position)
    )
    return [(entry, name) for entry, name in rows if asks_reason(entry, serious)]


def bottom_lines(
    session: Session,
    sight: Sight,
    ranking_id: int,
    *,
    district_code: str | None = None,
    school_id: int | None = None,
    stage: str | None = None,
) -> list[BottomLine]:
    """The bottom list, or those of it in a part of the city; nobody for whom the list is not."""
    if not sight.bottom_list:
        return []
    query = (
        select(
            Teacher.number,
            Teacher.name,
            RankingRow.score,
            RankingRow.place,
            BottomEntry,
            RankingRow.band_low,
            RankingRow.band_high,
        )
        .join(Teacher, Teacher.id == BottomEntry.teacher_id)
        .join(
            RankingRow,
            and_(
                RankingRow.ranking_id == BottomEntry.ranking_id,
                RankingRow.teacher_id == BottomEntry.teacher_id,
            ),
        )
        .where(
            BottomEntry.ranking_id == ranking_id,
            *part_of(district_code=district_code, school_id=school_id, stage=stage),
        )
        .order_by(BottomEntry.position)
    )
    return [
        BottomLine(
            number,
            name,
            score or 0,
            place or 0,
            effective_treatment(entry.treatment, withheld=entry.withheld),
            tuple(entry.basis.split()),
            band_low,
            band_high,
            Sureness(entry.separable, entry.chance_permille, entry.weight_sensitive),
        )
        for number, name, score, place, entry, band_low, band_high in session.execute(query)
    ]
