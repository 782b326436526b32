"""Tables of notices, their numbers, and who got and acknowledged them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ethics_eval.database import Base
from ethics_eval.roster.models import School

TO_ALL = "kind IN ('circular','correction','withdrawal')"


class Notice(Base):
    """通报或告知. ``document`` is JSON of what was said; ``serial`` restarts yearly and is never reused.

    ``cites_id``: the notice it corrects or withdraws; ``status``: what became of it; ``take_down_on``: from that day
    on schools and teachers no longer see the text (the bureau keeps it).
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("word", "year", "serial"),
        UniqueConstraint("ranking_id", "kind", "teacher_id"),
        CheckConstraint("kind IN ('prior','individual','circular','correction','withdrawal')", name="kind"),
        CheckConstraint(f"({TO_ALL}) = (teacher_id IS NULL)", name="person"),
        CheckConstraint(f"({TO_ALL}) = (serial IS NOT NULL)", name="numbered"),
        CheckConstraint("status IN ('in_force','corrected','withdrawn')", name="status"),
        CheckConstraint("(kind IN ('correction','withdrawal')) <= (cites_id IS NOT NULL)", name="cites"),
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    ranking_id: Mapped[int] = mapped_column(ForeignKey("ranking.id"), index=True)
    semester_code: Mapped[str] = mapped_column(ForeignKey("semester.code"))
    teacher_id: Mapped[int | None] = mapped_column(ForeignKey("teacher.id"), index=True)
    word: Mapped[str | None] = mapped_column(String(20))
    year: Mapped[int | None]
    serial: Mapped[int | None]
    title: Mapped[str] = mapped_column(String(200))
    document: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(9), default="in_force", server_default="in_force")
    cites_id: Mapped[str | None] = mapped_column(ForeignKey("notice.id"))
    take_down_on: Mapped[date | None]
    issued_at: Mapped[datetime]
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    deliveries: Mapped[list[Delivery]] = relationship(back_populates="notice")


class Delivery(Base):
    """送达: a notice in one inbox (a school, a district, or a teacher), and its acknowledgement."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("notice_id", "school_id"),
        UniqueConstraint("notice_id", "district_code"),
        UniqueConstraint("notice_id", "teacher_id"),
        CheckConstraint(
            "(CASE WHEN school_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN district_code IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN teacher_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_recipient",
        ),
        CheckConstraint("(acknowledged_at IS NULL) = (acknowledged_by_id IS NULL)", name="acknowledged"),
        Index("ix_delivery_school_id", "school_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[str] = mapped_column(ForeignKey("notice.id"))
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    district_code: Mapped[str | None] = mapped_column(ForeignKey("district.code"))
    teacher_id: Mapped[int | None] = mapped_column(ForeignKey("teacher.id"))
    delivered_at: Mapped[datetime]
    # How far up it was told that nobody acknowledged: 0 nobody yet, then the school, the district, the city.
    reminded_level: Mapped[int] = mapped_column(default=0, server_default="0")
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    notice: Mapped[Notice] = relationship(back_populates="deliveries")
    school: Mapped[School | None] = relationship()


class NoticeTemplate(Base):
    """模板: the words of a kind of notice that the bureau may change; ``blocks`` is JSON. The newest version holds."""

    __tablename__ = "notice_template"
    __table_args__ = (
        UniqueConstraint("kind", "version"),
        CheckConstraint("kind IN ('prior','individual','circular','correction','withdrawal')", name="kind"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    version: Mapped[int]
    blocks: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime]
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
