"""The complaints of a case, opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from ethics_eval.accounts.rules import Actor
from ethics_eval.complaints.models import Case, Complaint
from ethics_eval.complaints.queries.evidence import Attachment, attachment_of
from ethics_eval.complaints.queries.redaction import masks
from ethics_eval.complaints.queries.scope import content_cipher, units_of
from ethics_eval.complaints.rules.redaction import Span, masked
from ethics_eval.vault.cipher import Cipher
from ethics_eval.vault.service import IDENTITY, KeyMissing, Vault


@dataclass(frozen=True)
class Letter:
    """A complaint opened for a reader. ``person`` is None when anonymous or sealed for the custodian.

    ``case_number``: of the case it came in as, which may be one merged into the case that is read.
    """

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
    case_number: str = ""
    source: str = ""
    # Where staff took it down: the other office's number and limit, and whether the complainant has the code.
    reference: str = ""
    injured: str = ""
    source_due_on: date | None = None
    is_unclaimed: bool = False
    id: str = ""


def letters(session: Session, vault: Vault, case: Case, actor: Actor) -> list[Letter]:
    """The complaints of a case and of those merged into it, each opened with the reader's unit key of its own case.

    Raises: KeyMissing: the unit holds none of the case itself.
    """
    content_cipher(session, vault, case, actor)
    rows = session.scalars(
        select(Complaint)
        .options(selectinload(Complaint.evidence), joinedload(Complaint.case))
        .join(Case, Case.id == Complaint.case_id)
        .where(or_(Case.id == case.id, Case.merged_into_id == case.id))
        .order_by(Complaint.submitted_at, Complaint.id)
    ).unique()
    ciphers: dict[str, Cipher] = {}
    readable = []
    for row in rows:
        try:
            ciphers[row.id] = content_cipher(session, vault, row.case, actor)
        except KeyMissing:  # merged, and handed down with no key of its own
            continue
        readable.append(row)
    hidden = masks(session, ciphers, actor)
    return [
        _letter(row, ciphers[row.id], _identity(session, vault, row.case, actor), hidden.get(row.id, []))
        for row in readable
    ]


def _identity(session: Session, vault: Vault, case: Case, actor: Actor) -> Cipher | None:
    try:
        return vault.open_key(session, f"case:{case.id}", IDENTITY, units_of(actor))
    except KeyMissing:
        return None


def _letter(complaint: Complaint, cipher: Cipher, identity: Cipher | None, hidden: Sequence[Span]) -> Letter:
    content = masked(cipher.unseal_json(complaint.content, f"complaint:content:{complaint.id}"), hidden)
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
        id=complaint.id,
        case_number=complaint.case.number,
        source=complaint.source,
        source_due_on=complaint.source_due_on,
        is_unclaimed=complaint.claim_hash is not None and complaint.claimed_at is None,
        **content,
    )
