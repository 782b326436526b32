"""Tables of schemes: the versions, and which one a semester is evaluated by."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ethics_eval.database import Base


class SchemeVersion(Base):
    """方案: a version, as the canonical JSON of ranking.md's scheme file; edited while a draft, never after.

    ``forms`` is the canonical JSON of the ballot forms (the words of its items); ``adopted_at`` is null for a draft.
    """

    __tablename__ = "scheme_version"
    __table_args__ = (
        CheckConstraint("status IN ('draft','adopted')", name="status"),
        CheckConstraint("(status = 'draft') = (adopted_at IS NULL)", name="adopted"),
    )
    version: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    document: Mapped[str] = mapped_column(Text)
    forms: Mapped[str] = mapped_column(Text, default="{}", server_default="{}")
    status: Mapped[str] = mapped_column(String(8), default="adopted", server_default="adopted")
    base_version: Mapped[str | None] = mapped_column(ForeignKey("scheme_version.version"))
    imported_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]
    drafted_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    adopted_at: Mapped[datetime | None]
    adopted_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    approval_number: Mapped[str] = mapped_column(String(60), default="", server_default="")


class SemesterScheme(Base):
    """The scheme a semester is evaluated by: fixed before its round, never changed after the freeze."""

    __tablename__ = "semester_scheme"
    semester_code: Mapped[str] = mapped_column(ForeignKey("semester.code"), primary_key=True)
    scheme_version: Mapped[str] = mapped_column(ForeignKey("scheme_version.version"))
    assigned_at: Mapped[datetime]
