"""What was written between the handlers and each complainant."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account
from ethics_eval.accounts.rules import Actor
from ethics_eval.complaints.models import Case, Complaint, Message
from ethics_eval.complaints.queries.evidence import Attachment, attachment_of
from ethics_eval.complaints.queries.merged import complaints_of
from ethics_eval.complaints.queries.scope import content_cipher, desk_of
from ethics_eval.vault.cipher import Cipher
from ethics_eval.vault.service import KeyMissing, Vault

FROM_COMPLAINANT = "from_complainant"
TO_COMPLAINANT = "to_complainant"

_LEAD = func.coalesce(Case.merged_into_id, Case.id)
_WAITING = (Message.direction == FROM_COMPLAINANT, Message.read_at.is_(None))


@dataclass(frozen=True)
class MessageView:
    """A message opened. ``desk``: the level that wrote it, empty for the complainant's own; ``author``: who there."""

    id: str
    sent_at: datetime
    desk: str
    author: str
    text: str
    read_at: datetime | None
    attachments: list[Attachment] = field(default_factory=list)


@dataclass(frozen=True)
class Thread:
    """All that passed with one complainant, and how the complainant rated the handling (3 content to 1)."""

    complaint_id: str
    case_number: str
    identity_mode: str
    signer_count: int
    submitted_at: datetime
    satisfaction: int | None
    rated_at: datetime | None
    messages: list[MessageView]

    @property
    def unread(self) -> int:
        """How many of the complainant's messages wait to be read."""
        return sum(1 for message in self.messages if not message.desk and message.read_at is None)


def threads(session: Session, vault: Vault, case: Case, actor: Actor) -> list[Thread]:
    """The threads of a case, one a complainant, oldest complaint first; those merged into it as well.

    A thread whose key the reader's unit does not hold is not there.
    """
    found = []
    for complaint in complaints_of(session, case):
        try:
            cipher = content_cipher(session, vault, complaint.case, actor)
        except KeyMissing:
            continue
        found.append(
            Thread(
                complaint_id=complaint.id,
                case_number=complaint.case.number,
                identity_mode=complaint.identity_mode,
                signer_count=complaint.signer_count,
                submitted_at=complaint.submitted_at,
                satisfaction=complaint.satisfaction,
                rated_at=complaint.rated_at,
                messages=_opened(session, complaint, cipher),
            )
        )
    return found


def own_messages(session: Session, vault: Vault, complaint: Complaint) -> list[MessageView]:
    """The complainant's own thread, oldest first: of the writers the desk is told, never the name."""
    rows = _opened(session, complaint, content_cipher(session, vault, complaint.case))
    return [replace(row, author="") for row in rows]


def _opened(session: Session, complaint: Complaint, cipher: Cipher) -> list[MessageView]:
    rows = session.scalars(
        select(Message).where(Message.complaint_id == complaint.id).order_by(Message.sent_at, Message.id)
    ).all()
    writers = {row.author_id for row in rows if row.author_id is not None}
    people = {
        row.id: row
        for row in session.execute(
            select(Account.id, Account.display_name, Account.role).where(Account.id.in_(writers))
        )
    }
    files: dict[str, list[Attachment]] = {}
    for evidence in complaint.evidence:
        if evidence.message_id is not None:
            files.setdefault(evidence.message_id, []).append(attachment_of(evidence, cipher))
    found = []
    for row in rows:
        writer = people.get(row.author_id or 0)
        found.append(
            MessageView(
                id=row.id,
                sent_at=row.sent_at,
                desk=desk_of(writer.role) if writer else "",
                author=writer.display_name if writer else "",
                text=str(cipher.unseal_json(row.body, f"message:body:{row.id}")["text"]),
                read_at=row.read_at,
                attachments=files.get(row.id, []),
            )
        )
    return found


def unread_cases() -> Select[Any]:
    """The ids of cases in which a complainant's message waits; a merged case counts as the one it went into."""
    return select(_LEAD).select_from(Message).join(Complaint).join(Case).where(*_WAITING)


def unread_counts(session: Session, case_ids: Collection[str]) -> dict[str, int]:
    """Case id → complainants' messages nobody has read yet; cases without any are left out."""
    if not case_ids:
        return {}
    rows = session.execute(
        unread_cases().add_columns(func.count()).where(_LEAD.in_(case_ids)).group_by(_LEAD)
    )
    return {case_id: count for case_id, count in rows}
