"""The findings of a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor
from ethics_eval.complaints.models import Case, Finding
from ethics_eval.complaints.queries.scope import content_cipher
from ethics_eval.vault.service import Vault


@dataclass(frozen=True)
class FindingView:
    """A finding opened for a reader."""

    id: str
    teacher_id: int
    teacher: str
    teacher_number: str
    category: str
    severity: str
    outcome: str
    points: int
    repeat: bool
    veto: bool
    measure: str
    grounds: str
    proposed_at: datetime
    decided_at: datetime | None
    window_ends_on: date | None
    effective_at: datetime | None


def open_finding(case: Case) -> Finding | None:
    """The draft that waits for a decision."""
    return next((row for row in case.findings if row.decided_at is None and row.replaced_at is None), None)


def findings(session: Session, vault: Vault, case: Case, actor: Actor | None) -> list[FindingView]:
    """The findings of a case that stand or wait, opened."""
    cipher = content_cipher(session, vault, case, actor)
    return [
        FindingView(
            id=row.id,
            teacher_id=row.teacher_id,
            teacher=row.teacher.name,
            teacher_number=row.teacher.number,
            category=row.category,
            severity=row.severity,
            outcome=row.outcome,
            points=row.points,
            repeat=row.repeat,
            veto=row.veto,
            measure=row.measure,
            grounds=cipher.unseal_json(row.grounds, f"finding:grounds:{row.id}")["grounds"],
            proposed_at=row.proposed_at,
            decided_at=row.decided_at,
            window_ends_on=row.window_ends_on,
            effective_at=row.effective_at,
        )
        for row in case.findings
        if row.replaced_at is None
    ]
