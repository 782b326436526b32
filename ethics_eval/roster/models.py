"""Tables of who teaches where and when: district, school, teacher, posting, semester, calendar."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ethics_eval.database import Base


class District(Base):
    """区县: one of the nine, by its official code of six digits."""

    __tablename__ = "district"
    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)


class School(Base):
    """学校, kindergartens included; ``stages`` are codes in teaching order, parted by blanks (``PRI JUN``)."""

    __tablename__ = "school"
    __table_args__ = (
        CheckConstraint("ownership IN ('public','private','inclusive')", name="ownership"),
        Index("ix_school_district_code_name", "district_code", "name"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(10), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    district_code: Mapped[str] = mapped_column(ForeignKey("district.code"))
    kind: Mapped[str] = mapped_column(String(20))
    stages: Mapped[str] = mapped_column(String(40))
    ownership: Mapped[str] = mapped_column(String(10))
    address: Mapped[str] = mapped_column(String(200), default="")
    pupil_count: Mapped[int | None]
    pinyin: Mapped[str] = mapped_column(String(400), default="")
    initials: Mapped[str] = mapped_column(String(100), default="")
    district: Mapped[District] = relationship(lazy="joined", innerjoin=True)


class Teacher(Base):
    """教职工, by the teacher number of the roster."""

    __tablename__ = "teacher"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(60), index=True)
    title: Mapped[str] = mapped_column(String(24), default="")
    postings: Mapped[list[Posting]] = relationship(back_populates="teacher", order_by="Posting.starts_on")


class Posting(Base):
    """任职: a teacher at a school in a stage, from a day to a day (open while null)."""

    __tablename__ = "posting"
    __table_args__ = (
        UniqueConstraint("teacher_id", "school_id", "stage", "starts_on"),
        CheckConstraint("stage IN ('KG','PRI','JUN','SEN','VOC','SPE')", name="stage"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="period"),
        Index("ix_posting_school_id_teacher_id", "school_id", "teacher_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    teacher_id: Mapped[int] = mapped_column(ForeignKey("teacher.id"), index=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    stage: Mapped[str] = mapped_column(String(3))
    subject: Mapped[str] = mapped_column(String(40), default="")
    position: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    teacher: Mapped[Teacher] = relationship(back_populates="postings")
    school: Mapped[School] = relationship()


class Semester(Base):
    """学期 ``2025-2026-1`` with its calendar and the step its evaluation has reached."""

    __tablename__ = "semester"
    __table_args__ = (
        CheckConstraint("status IN ('planned','open','frozen','announced','published')", name="status"),
        CheckConstraint("ends_on > starts_on", name="period"),
        CheckConstraint("weeks BETWEEN 1 AND 30", name="weeks"),
    )
    code: Mapped[str] = mapped_column(String(11), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    weeks: Mapped[int]
    freeze_at: Mapped[datetime]
    publish_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(10), default="planned")


class CalendarDay(Base):
    """A day that departs from Monday-to-Friday: a public holiday, or a make-up working day (调休)."""

    __tablename__ = "calendar_day"
    __table_args__ = (CheckConstraint("kind IN ('holiday','workday')", name="kind"),)
    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(40))
