"""The files of a case one after another, as its page lists them, and whether a reader has just opened one."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import AuditEvent
from ethics_eval.accounts.rules import Actor
from ethics_eval.complaints.models import Case, Complaint, Evidence
from ethics_eval.complaints.queries.evidence import Attachment, attachment_of
from ethics_eval.complaints.queries.scope import content_cipher
from ethics_eval.vault.service import KeyMissing, Vault

VIEWED = "evidence.viewed"
OPEN_FOR = timedelta(minutes=30)


def files_of(session: Session, vault: Vault, case: Case, actor: Actor) -> list[Attachment]:
    """The files of a case and of those merged into it, in the order they came; only those the reader's unit opens."""
    found = []
    for row in session.scalars(
        select(Evidence)
        .join(Complaint, Complaint.id == Evidence.complaint_id)
        .join(Case, Case.id == Complaint.case_id)
        .where(or_(Case.id == case.id, Case.merged_into_id == case.id))
        .order_by(Complaint.submitted_at, Complaint.id, Evidence.position)
    ):
        try:
            cipher = content_cipher(session, vault, row.complaint.case, actor)
        except KeyMissing:
            continue
        found.append(attachment_of(row, cipher))
    return found


def has_opened(session: Session, actor: Actor, evidence_id: str, *, at: datetime) -> bool:
    """Whether the reader opened this file, with the record of it, within the last half hour."""
    return (
        session.scalars(
            select(AuditEvent.id)
            .where(
                AuditEvent.subject_kind == "evidence",
                AuditEvent.subject_id == evidence_id,
                AuditEvent.action == VIEWED,
                AuditEvent.actor_id == actor.id,
                AuditEvent.at > at - OPEN_FOR,
            )
            .limit(1)
        ).first()
        is not None
    )
