"""The complaints of a case, opened."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from ethics_eval.accounts.rules import Actor
from ethics_eval.complaints.models import Case, Complaint
from ethics_eval.complaints.queries.evidence import Attachment, attachment_of
from ethics_eval.complaints.queries.scope import content_cipher, units_of
from ethics_eval.vault.cipher import Cipher
from ethics_eval.vault.service import IDENTITY, KeyMissing, Vault


@dataclass(frozen=True)
class Letter:
    """A complaint opened for a reader. ``person`` is None when anonymous or sealed for the custodian."""

    identity_mode: str
    respondent_role: str
    category: str
    submitted_at: datetime
    respondent: str
    subject_class: str
    happened_on: str
    place: str
    body: str
    person: dict[str, str] | None
    attachments: list[Attachment] = field(default_factory=list)


def letters(session: Session, vault: Vault, case: Case, actor: Actor) -> list[Letter]:
    """The complaints of a case, opened with the reader's unit key. Raises: KeyMissing: the unit holds none."""
    cipher = content_cipher(session, vault, case, actor)
    try:
        identity: Cipher | None = vault.open_key(session, f"case:{case.id}", IDENTITY, units_of(actor))
    except KeyMissing:
        identity = None
    rows = session.scalars(
        select(Complaint)
        .options(selectinload(Complaint.evidence))
        .where(Complaint.case_id == case.id)
        .order_by(Complaint.submitted_at)
    )
    return [_letter(row, cipher, identity) for row in rows]


def _letter(complaint: Complaint, cipher: Cipher, identity: Cipher | None) -> Letter:
    content = cipher.unseal_json(complaint.content, f"complaint:content:{complaint.id}")
    person = None
    if identity is not None and complaint.identity is not None:
        person = identity.unseal_json(complaint.identity, f"complaint:identity:{complaint.id}")
    return Letter(
        identity_mode=complaint.identity_mode,
        respondent_role=complaint.respondent_role,
        category=complaint.category,
        submitted_at=complaint.submitted_at,
        person=person,
        attachments=[attachment_of(row, cipher) for row in complaint.evidence],
        **content,
    )
