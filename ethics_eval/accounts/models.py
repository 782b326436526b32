"""Tables of who may sign in, what was tried, and what was done."""

from __future__ import annotations

from datetime import datetime

from flask_security.core import RoleMixin, UserMixin
from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ethics_eval.database import Base


class Account(Base, UserMixin):
    """登录账号: one role, one scope (a school, a district, the city, or a teacher's own person).

    ``teacher_id``: who the person is on the roster; staff have it too, so that they see no case about themselves.
    """

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint(
            "role IN ('school_officer','school_head','district_officer','bureau_officer','bureau_head',"
            "'custodian','teacher','auditor','sysadmin')",
            name="role",
        ),
        CheckConstraint(
            "(role IN ('school_officer','school_head')) = (school_id IS NOT NULL)", name="school"
        ),
        CheckConstraint("(role = 'district_officer') = (district_code IS NOT NULL)", name="district"),
        CheckConstraint("role <> 'teacher' OR teacher_id IS NOT NULL", name="teacher"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str] = mapped_column(String(60))
    password: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"), index=True)
    district_code: Mapped[str | None] = mapped_column(ForeignKey("district.code"))
    teacher_id: Mapped[int | None] = mapped_column(ForeignKey("teacher.id"), index=True)
    # Where content-free notices go by e-mail; null: in the application only.
    notify_email: Mapped[str | None] = mapped_column(String(254))
    created_at: Mapped[datetime]

    @property
    def roles(self) -> list[RoleMixin]:  # type: ignore[override] # the library's is a column, ours a constant
        """The login library asks for it; our permissions rest on :attr:`role` and the permission table alone."""
        return []


class LoginSession(Base):
    """A signed-in browser; ended rows keep a copied cookie from coming back (security.md §8)."""

    __tablename__ = "login_session"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class LoginFailure(Base):
    """A failed sign-in, by keyed hash of the name tried and of the source: neither is stored."""

    __tablename__ = "login_failure"
    __table_args__ = (
        Index("ix_login_failure_name_hash_at", "name_hash", "at"),
        Index("ix_login_failure_source_hash_at", "source_hash", "at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    name_hash: Mapped[str] = mapped_column(String(64))
    source_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class AuditEvent(Base):
    """审计: who did what to which thing, when; append-only. ``chain`` is the place of the hash chain."""

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_subject_kind_subject_id", "subject_kind", "subject_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    actor_kind: Mapped[str] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(60))
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[str] = mapped_column(String(64))
    detail: Mapped[str] = mapped_column(Text, default="{}")
    chain: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class StaffNotice(Base):
    """站内提醒 to one person; ``kind`` and ``subject_id`` say what and on which thing, never its content.

    ``dedupe_key`` makes each happen once.
    """

    __tablename__ = "staff_notice"
    __table_args__ = (
        UniqueConstraint("account_id", "dedupe_key"),
        Index("ix_staff_notice_account_id_read_at", "account_id", "read_at"),
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    dedupe_key: Mapped[str] = mapped_column(String(160))
    kind: Mapped[str] = mapped_column(String(24))
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[str] = mapped_column(String(64))
    detail: Mapped[str] = mapped_column(Text, default="{}")
    at: Mapped[datetime] = mapped_column(index=True)
    read_at: Mapped[datetime | None]


class OutboxItem(Base):
    """An e-mail or webhook call still to go out: content-free, sent once, tried again until ``given_up_at``."""

    __tablename__ = "outbox_item"
    __table_args__ = (
        CheckConstraint("channel IN ('email','webhook')", name="channel"),
        Index("ix_outbox_item_sent_at_next_try_at", "sent_at", "next_try_at"),
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    channel: Mapped[str] = mapped_column(String(8))
    address: Mapped[str] = mapped_column(String(254))
    dedupe_key: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(24))
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]


class SavedView(Base):
    """A queue narrowed to what its owner wants to see again; ``query`` is the page's query string."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("account_id", "name"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(40))
    query: Mapped[str] = mapped_column(String(400))
    created_at: Mapped[datetime]
