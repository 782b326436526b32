"""Tables of mailboxes, and of how often each was opened, begun and sent (counts only)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ethics_eval.database import Base
from ethics_eval.roster.models import School


class Mailbox(Base):
    """投诉信箱: the address of a school's complaints; a revoked code answers 404 and a new row replaces it."""

    __tablename__ = "mailbox"
    __table_args__ = (
        Index(
            "uq_mailbox_school_id_open",
            "school_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    school: Mapped[School] = relationship(lazy="joined", innerjoin=True)


class MailboxCount(Base):
    """How many a mailbox saw on a day of the city; no person, time or address with it."""

    __tablename__ = "mailbox_count"
    mailbox_id: Mapped[int] = mapped_column(ForeignKey("mailbox.id"), primary_key=True)
    on: Mapped[date] = mapped_column(primary_key=True)
    opened_count: Mapped[int] = mapped_column(default=0)
    began_count: Mapped[int] = mapped_column(default=0)
    sent_count: Mapped[int] = mapped_column(default=0)
