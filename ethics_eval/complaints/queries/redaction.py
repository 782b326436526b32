"""What is masked of letters, for a reader."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account
from ethics_eval.accounts.rules import Actor, Role
from ethics_eval.complaints.models import Case, Complaint, Redaction
from ethics_eval.complaints.queries.scope import content_cipher
from ethics_eval.complaints.rules.redaction import Span
from ethics_eval.vault.cipher import Cipher
from ethics_eval.vault.service import Vault

_BELOW = frozenset({Role.SCHOOL_OFFICER, Role.SCHOOL_HEAD})


@dataclass(frozen=True)
class RedactionView:
    """A masking as the bureau's page shows it."""

    id: str
    state: str
    words: list[str]
    by: str
    masked_at: datetime


def masks(session: Session, ciphers: Mapping[str, Cipher], actor: Actor) -> dict[str, list[Span]]:
    """Complaint → the spans this reader sees as blocks: to schools what is masked, to the bureau nothing.

    Args: ciphers: complaint → the content key of its case.
    """
    spans: dict[str, list[Span]] = defaultdict(list)
    if actor.role not in _BELOW:
        return spans
    for row in session.scalars(
        select(Redaction).where(Redaction.complaint_id.in_(list(ciphers)), Redaction.state == "masked")
    ):
        spans[row.complaint_id] += spans_of(row, ciphers[row.complaint_id])
    return spans


def spans_of(redaction: Redaction, cipher: Cipher) -> list[Span]:
    """The spans of one masking, opened."""
    opened = cipher.unseal_json(redaction.spans, f"redaction:spans:{redaction.id}")
    return [Span(str(name), int(start), int(end)) for name, start, end in opened["spans"]]


def redactions_of(session: Session, vault: Vault, case: Case, actor: Actor) -> dict[str, list[RedactionView]]:
    """Complaint → its maskings, oldest first, with the words (of burnt ones only blocks are left).

    Raises: KeyMissing: the reader's unit holds no key of the case.
    """
    cipher = content_cipher(session, vault, case, actor)
    found: dict[str, list[RedactionView]] = defaultdict(list)
    rows = session.execute(
        select(Redaction, Complaint.content, Account.display_name)
        .join(Complaint, Complaint.id == Redaction.complaint_id)
        .join(Account, Account.id == Redaction.masked_by_id)
        .where(Complaint.case_id == case.id)
        .order_by(Redaction.masked_at, Redaction.id)
    )
    for row, content, by in rows:
        letter = cipher.unseal_json(content, f"complaint:content:{row.complaint_id}")
        words = [letter.get(span.field, "")[span.start : span.end] for span in spans_of(row, cipher)]
        found[row.complaint_id].append(RedactionView(row.id, row.state, words, by, row.masked_at))
    return found


def find_redaction(session: Session, case: Case, redaction_id: str) -> Redaction | None:
    """A masking of a letter of this case; None: none such."""
    return session.scalars(
        select(Redaction)
        .join(Complaint, Complaint.id == Redaction.complaint_id)
        .where(Redaction.id == redaction_id, Complaint.case_id == case.id)
    ).first()
