"""Tables of the ethics file: who opened whose and why, and the certificates of standing given from it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ethics_eval.database import Base

PURPOSE_CHECK = "purpose IN ('title','post','transfer','award','registration','other')"


class FileAccess(Base):
    """A reader's need to see one teacher's file: what for, and until when the file stays open to them."""

    __tablename__ = "file_access"
    __table_args__ = (
        CheckConstraint(PURPOSE_CHECK, name="purpose"),
        Index("ix_file_access_teacher_id_account_id", "teacher_id", "account_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    teacher_id: Mapped[int] = mapped_column(ForeignKey("teacher.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    purpose: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(200))
    opened_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class Certificate(Base):
    """师德证明: what was certified of a teacher on a day. ``facts`` is JSON as it was signed; it expires by itself."""

    __tablename__ = "certificate"
    __table_args__ = (
        CheckConstraint(PURPOSE_CHECK, name="purpose"),
        CheckConstraint("standing IN ('clear','restricted','vetoed')", name="standing"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_reason = '')", name="withdrawn"),
        Index("ix_certificate_teacher_id", "teacher_id"),
    )
    number: Mapped[str] = mapped_column(String(24), primary_key=True)
    teacher_id: Mapped[int] = mapped_column(ForeignKey("teacher.id"))
    purpose: Mapped[str] = mapped_column(String(12))
    standing: Mapped[str] = mapped_column(String(10))
    facts: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime]
    issued_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    expires_on: Mapped[date]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str] = mapped_column(String(200), default="")
