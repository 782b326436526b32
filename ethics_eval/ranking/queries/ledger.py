"""The lines of the point ledger of a teacher, as far as the reader may see them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import or_, select, true
from sqlalchemy.orm import Session, aliased

from ethics_eval.accounts.models import Account
from ethics_eval.accounts.rules import Actor
from ethics_eval.complaints.categories import CATEGORIES, Severity
from ethics_eval.complaints.models import Case, Finding
from ethics_eval.complaints.queries import in_scope
from ethics_eval.ranking.models import LedgerLine
from ethics_eval.ranking.queries.sight import Sight


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
    proposer, decider = aliased(Account), aliased(Account)
    may_open = in_scope(session, actor)
    if actor.teacher_id in teacher_ids:
        may_open = or_(may_open, Case.notified_on.is_not(None))
    rows = session.execute(
        select(
            LedgerLine.ranking_id,
            LedgerLine.line_e4,
            LedgerLine.counted,
            LedgerLine.reason,
            Finding,
            proposer.display_name,
            decider.display_name,
            Case.number,
            may_open.label("may_open"),
        )
        .join(Finding, Finding.id == LedgerLine.finding_id)
        .join(Case, Case.id == Finding.case_id)
        .join(proposer, proposer.id == Finding.proposed_by_id)
        .join(decider, decider.id == Finding.decided_by_id)
        .where(
            LedgerLine.ranking_id.in_(ranking_ids),
            LedgerLine.teacher_id.in_(teacher_ids),
            true() if sight.recused else ~Case.recused,
        )
        .order_by(LedgerLine.counted.desc(), Finding.decided_at, LedgerLine.finding_id)
    )
    found: dict[int, list[LedgerView]] = {}
    for ranking_id, line_e4, counted, reason, finding, proposed_by, decided_by, number, opens in rows:
        view = LedgerView(
            finding_id=finding.id,
            category=finding.category,
            severity=finding.severity,
            outcome=finding.outcome,
            points=finding.points,
            repeat=finding.repeat,
            veto=finding.veto or CATEGORIES[finding.category].is_veto(Severity(finding.severity)),
            line_e4=line_e4,
            counted=counted,
            reason=reason,
            decided_at=finding.decided_at,
            effective_at=finding.effective_at,
            proposed_by=proposed_by,
            decided_by=decided_by,
            case_number=number if opens else "",
        )
        found.setdefault(ranking_id, []).append(view)
    return found
