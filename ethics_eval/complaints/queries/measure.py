"""The measures that were decided on the findings of a case, opened for a reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account
from ethics_eval.accounts.rules import Actor, Role
from ethics_eval.complaints.models import Case, Finding, MeasureDecision
from ethics_eval.complaints.queries.scope import content_cipher
from ethics_eval.complaints.rules.finding import Measure
from ethics_eval.complaints.rules.machine import BURDENING, Desk, Outcome
from ethics_eval.complaints.rules.measure import Filing, filing_of
from ethics_eval.complaints.rules.remedy import home_desk
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.roster.rules.teacher import Position
from ethics_eval.vault.service import Vault


@dataclass(frozen=True)
class MeasureView:
    """A decided measure. ``extension`` and ``lifting``: why, if it was; ``filing``: with whom it is or was filed."""

    id: str
    finding_id: str
    teacher_id: int
    teacher: str
    measure: str
    kind: str
    decided_by: str
    starts_on: date
    ends_on: date | None
    state: str
    filing: Filing
    filing_needed: bool
    filed_on: date | None
    changed_at: datetime | None
    extension: str
    lifting: str


def measures_of(session: Session, vault: Vault, case: Case, actor: Actor | None) -> list[MeasureView]:
    """The measures decided on the findings of a case, oldest first. Raises: KeyMissing: not for this reader."""
    rows = session.scalars(
        select(MeasureDecision)
        .join(Finding, Finding.id == MeasureDecision.finding_id)
        .where(Finding.case_id == case.id)
        .order_by(MeasureDecision.decided_at, MeasureDecision.id)
    ).all()
    if not rows:
        return []
    cipher = content_cipher(session, vault, case, actor)
    views = []
    for row in rows:
        why = cipher.unseal_json(row.reason, f"measure_decision:reason:{row.id}") if row.reason else {}
        views.append(
            MeasureView(
                id=row.id,
                finding_id=row.finding_id,
                teacher_id=row.teacher_id,
                teacher=row.finding.teacher.name,
                measure=row.measure,
                kind=row.kind,
                decided_by=row.decided_by,
                starts_on=row.starts_on,
                ends_on=row.ends_on,
                state=row.state,
                filing=filing_of(Measure(row.measure), case.school.ownership, Desk(row.decided_by)),
                filing_needed=row.filing_needed,
                filed_on=row.filed_on,
                changed_at=row.changed_at,
                extension=why.get("extended", ""),
                lifting=why.get("lifted", ""),
            )
        )
    return views


def standing_finding(case: Case) -> Finding | None:
    """The decided finding of a case that burdens the teacher and still stands."""
    return next(
        (
            row
            for row in reversed(case.findings)
            if row.decided_at is not None
            and row.replaced_at is None
            and row.revoked_at is None
            and Outcome(row.outcome) in BURDENING
        ),
        None,
    )


def find_measure(case: Case, measure_id: str) -> MeasureDecision | None:
    """A measure decided in this case; None: it is none of the case's."""
    rows = (row for finding in case.findings for row in finding.measures)
    return next((row for row in rows if row.id == measure_id), None)


def position_of(session: Session, case: Case, teacher_id: int) -> Position:
    """The teacher's post at the school of the case on the day it was received."""
    posting = roster_queries.posting_on(session, teacher_id, case.school_id, local_day(case.received_at))
    return Position.TEACHER if posting is None else Position(posting.position)


def decided_desk(session: Session, finding: Finding) -> Desk:
    """The level that decided a finding, by the role of who did."""
    account = session.get(Account, finding.decided_by_id) if finding.decided_by_id else None
    desk = home_desk(Role(account.role)) if account else None
    return desk or Desk(finding.case.desk)
