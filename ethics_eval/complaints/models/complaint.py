"""Tables of what complainants sent: complaint, evidence, messages; what names a person or tells the story is sealed."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ethics_eval.complaints.models.mailbox import Mailbox
from ethics_eval.database import Base

if TYPE_CHECKING:
    from ethics_eval.complaints.models.case import Case


class Complaint(Base):
    """投诉件: what one complainant sent. ``content`` and ``identity`` are sealed JSON.

    The query code is not stored: ``selector`` finds the row, ``verifier`` proves the rest of the code.
    Filed by staff (``filed_by_id``) it has no code until the complainant claims it: ``claim_hash`` is of the
    first half, which staff hand over; the second half is made at the claim. ``satisfaction``: 3 (content) to 1.
    """

    __tablename__ = "complaint"
    __table_args__ = (
        CheckConstraint(
            "identity_mode IN ('anonymous','real_name','real_name_hidden')", name="identity_mode"
        ),
        CheckConstraint("(identity_mode = 'anonymous') = (identity IS NULL)", name="identity"),
        CheckConstraint("satisfaction IS NULL OR satisfaction BETWEEN 1 AND 3", name="satisfaction"),
        CheckConstraint("signer_count >= 1", name="signer_count"),
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    mailbox_id: Mapped[int] = mapped_column(ForeignKey("mailbox.id"))
    source: Mapped[str] = mapped_column(String(20))
    category: Mapped[str] = mapped_column(String(3))
    respondent_role: Mapped[str] = mapped_column(String(8))
    identity_mode: Mapped[str] = mapped_column(String(16))
    submitted_at: Mapped[datetime]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    identity: Mapped[bytes | None] = mapped_column(LargeBinary)
    selector: Mapped[str] = mapped_column(String(6), unique=True)
    verifier: Mapped[str] = mapped_column(String(255))
    code_salt: Mapped[int] = mapped_column(default=0)
    idempotency_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    content_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    signer_count: Mapped[int] = mapped_column(default=1)
    filed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    # The limit another channel set (12345, 信访转办), beside our own clocks.
    source_due_on: Mapped[date | None]
    claim_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    claimed_at: Mapped[datetime | None]
    disclosed_at: Mapped[datetime | None]
    satisfaction: Mapped[int | None]
    rated_at: Mapped[datetime | None]
    case: Mapped[Case] = relationship(back_populates="complaints")
    mailbox: Mapped[Mailbox] = relationship()
    evidence: Mapped[list[Evidence]] = relationship(back_populates="complaint", order_by="Evidence.position")
    messages: Mapped[list[Message]] = relationship(back_populates="complaint", order_by="Message.sent_at")


class QueryMiss(Base):
    """Wrong codes tried against a selector, whether it exists or not; by keyed hash."""

    __tablename__ = "query_miss"
    selector_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime]
    rest_until: Mapped[datetime | None]


class Evidence(Base):
    """证据: a sealed original and a sealed viewing copy without metadata. ``label`` is sealed JSON: name, SHA-256."""

    __tablename__ = "evidence"
    __table_args__ = (UniqueConstraint("complaint_id", "position"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    complaint_id: Mapped[str] = mapped_column(ForeignKey("complaint.id"), index=True)
    position: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(80))
    byte_count: Mapped[int]
    label: Mapped[bytes] = mapped_column(LargeBinary)
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary(128))
    has_copy: Mapped[bool] = mapped_column(default=False)
    # Sent later, with a message.
    message_id: Mapped[str | None] = mapped_column(ForeignKey("message.id"), index=True)
    complaint: Mapped[Complaint] = relationship(back_populates="evidence")


class Message(Base):
    """A word between the handlers and one complainant, either way; ``body`` is sealed under the content key."""

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("direction IN ('from_complainant','to_complainant')", name="direction"),
        CheckConstraint("(direction = 'to_complainant') = (author_id IS NOT NULL)", name="author"),
        Index(
            "ix_message_unread",
            "complaint_id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    complaint_id: Mapped[str] = mapped_column(ForeignKey("complaint.id"), index=True)
    direction: Mapped[str] = mapped_column(String(16))
    sent_at: Mapped[datetime]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    # When the other side first had it on a page it then acted on; null: unread.
    read_at: Mapped[datetime | None]
    complaint: Mapped[Complaint] = relationship(back_populates="messages")


class Redaction(Base):
    """遮盖: spans of a letter that readers below the bureau see as blocks; lifted again, or burnt in for good.

    ``spans`` is sealed JSON of [field, start, end] in characters.
    """

    __tablename__ = "redaction"
    __table_args__ = (CheckConstraint("state IN ('masked','lifted','burnt')", name="state"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    complaint_id: Mapped[str] = mapped_column(ForeignKey("complaint.id"), index=True)
    state: Mapped[str] = mapped_column(String(8), default="masked")
    spans: Mapped[bytes] = mapped_column(LargeBinary)
    masked_at: Mapped[datetime]
    masked_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    changed_at: Mapped[datetime | None]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class IdentityRequest(Base):
    """A request to open what a complainant sealed: reason, custodian's word, a second person's, the opening.

    It is for the identity, or for the original of one file. ``reason`` and ``answer`` are sealed under the content key.
    """

    __tablename__ = "identity_request"
    __table_args__ = (
        CheckConstraint("state IN ('asked','authorised','approved','refused')", name="state"),
        CheckConstraint(
            "(state IN ('authorised','approved')) <= (custodian_id IS NOT NULL)", name="custodian"
        ),
        CheckConstraint("(state = 'approved') <= (approver_id IS NOT NULL)", name="approver"),
        CheckConstraint(
            "approver_id IS NULL OR (approver_id <> custodian_id AND approver_id <> asked_by_id)",
            name="two_persons",
        ),
        CheckConstraint("custodian_id IS NULL OR custodian_id <> asked_by_id", name="not_by_asker"),
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    complaint_id: Mapped[str] = mapped_column(ForeignKey("complaint.id"), index=True)
    evidence_id: Mapped[str | None] = mapped_column(ForeignKey("evidence.id"))
    state: Mapped[str] = mapped_column(String(12), default="asked", index=True)
    reason: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    custodian_at: Mapped[datetime | None]
    custodian_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    approved_at: Mapped[datetime | None]
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    # The asker may look until then, and no longer.
    open_until: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
