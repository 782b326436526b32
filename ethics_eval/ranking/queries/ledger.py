"""The lines of the point ledger, of some teachers or of a part of the city, as far as the reader may see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, or_, select, true
from sqlalchemy.orm import Session, aliased

from ethics_eval.accounts.models import Account
from ethics_eval.accounts.rules import Actor
from ethics_eval.complaints.models import Case, Finding
from ethics_eval.complaints.queries import in_scope
from ethics_eval.complaints.rules.finding import is_veto
from ethics_eval.ranking.models import LedgerLine, RankingRow
from ethics_eval.ranking.queries.rows import part_of
from ethics_eval.ranking.queries.sight import Sight
from ethics_eval.roster.models import District, School, Teacher


class LedgerView(NamedTuple):
    """A line of the point ledger: the finding, why it counts, and the two who approved it.

    ``points`` in whole points; ``case_number`` is empty where the reader may not open the case.
    """

    finding_id: str
    category: str
    severity: str
    outcome: str
    points: int
    repeat: bool
    veto: bool
    line_e4: int
    counted: bool
    reason: str
    decided_at: datetime | None
    effective_at: datetime | None
    proposed_by: str
    decided_by: str
    case_number: str

    @property
    def is_half(self) -> bool:
        """Partly substantiated: half of the points (R8)."""
        return self.outcome == "PARTLY"


def ledgers_of(
    session: Session, sight: Sight, actor: Actor, ranking_ids: list[int], teacher_ids: set[int]
) -> dict[int, list[LedgerView]]:
    """Ranking id → lines, counted ones first, then by day. A school never sees one of a case recused from it."""
    query = (
        _lines(session, sight, actor, own=actor.teacher_id in teacher_ids)
        .where(LedgerLine.ranking_id.in_(ranking_ids), LedgerLine.teacher_id.in_(teacher_ids))
        .order_by(LedgerLine.counted.desc(), Finding.decided_at, LedgerLine.finding_id)
    )
    found: dict[int, list[LedgerView]] = {}
    for row in session.execute(query):
        found.setdefault(row.ranking_id, []).append(_view(row))
    return found


def finding_ids(session: Session, ranking_id: int, number: str) -> Sequence[str]:
    """The ids of a teacher's findings in a ranking's ledger, by the teacher's number: to read the frozen file alone."""
    return session.scalars(
        select(LedgerLine.finding_id)
        .join(Teacher, Teacher.id == LedgerLine.teacher_id)
        .where(LedgerLine.ranking_id == ranking_id, Teacher.number == number)
    ).all()


class LedgerPerson(NamedTuple):
    """Whose line it is, and where they are ranked."""

    number: str
    name: str
    district: str
    school: str


def ledger_lines(
    session: Session,
    sight: Sight,
    actor: Actor,
    ranking_id: int,
    *,
    district_code: str | None = None,
    school_id: int | None = None,
    stage: str | None = None,
) -> Iterator[tuple[LedgerPerson, LedgerView]]:
    """Every line within the reader's sight, by teacher number, counted ones first, then by day."""
    query = (
        _lines(session, sight, actor, own=False)
        .add_columns(
            Teacher.number, Teacher.name, District.name.label("district"), School.name.label("school")
        )
        .join(
            RankingRow,
            and_(
                RankingRow.ranking_id == LedgerLine.ranking_id,
                RankingRow.teacher_id == LedgerLine.teacher_id,
            ),
        )
        .join(Teacher, Teacher.id == LedgerLine.teacher_id)
        .join(School, School.id == RankingRow.school_id)
        .join(District, District.code == RankingRow.district_code)
        .where(
            LedgerLine.ranking_id == ranking_id,
            sight.rows,
            *part_of(district_code=district_code, school_id=school_id, stage=stage),
        )
        .order_by(Teacher.number, LedgerLine.counted.desc(), Finding.decided_at, LedgerLine.finding_id)
    )
    for row in session.execute(query.execution_options(yield_per=1000)):
        yield LedgerPerson(row.number, row.name, row.district, row.school), _view(row)


def _lines(
    session: Session, sight: Sight, actor: Actor, *, own: bool
) -> Select[Any, Any, Any, Any, Any, Any, Any, Any, Any]:
    """Lines with what stands behind them. Args: own: of the reader, who may open a case once told of it."""
    proposer, decider = aliased(Account), aliased(Account)
    may_open = in_scope(session, actor)
    if own:
        may_open = or_(may_open, Case.notified_on.is_not(None))
    return (
        select(
            LedgerLine.ranking_id,
            LedgerLine.line_e4,
            LedgerLine.counted,
            LedgerLine.reason,
            Finding,
            proposer.display_name.label("proposed_by"),
            decider.display_name.label("decided_by"),
            Case.number.label("case_number"),
            may_open.label("may_open"),
        )
        .join(Finding, Finding.id == LedgerLine.finding_id)
        .join(Case, Case.id == Finding.case_id)
        .join(proposer, proposer.id == Finding.proposed_by_id)
        .join(decider, decider.id == Finding.decided_by_id)
        .where(true() if sight.recused else ~Case.recused)
    )


def _view(row: Any) -> LedgerView:
    finding = row.Finding
    return LedgerView(
        finding_id=finding.id,
        category=finding.category,
        severity=finding.severity,
        outcome=finding.outcome,
        points=finding.points,
        repeat=finding.repeat,
        veto=is_veto(finding),
        line_e4=row.line_e4,
        counted=row.counted,
        reason=row.reason,
        decided_at=finding.decided_at,
        effective_at=finding.effective_at,
        proposed_by=row.proposed_by,
        decided_by=row.decided_by,
        case_number=row.case_number if row.may_open else "",
    )
