"""Tables of scheme, imported component scores, tallies of ballots, and honours."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ethics_eval.database import Base

COMPONENT_CHECK = "component IN ('self','peer','pupil','parent','school')"


class SchemeVersion(Base):
    """方案: one immutable version, as the canonical JSON of ranking.md's scheme file."""

    __tablename__ = "scheme_version"
    version: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    document: Mapped[str] = mapped_column(Text)
    imported_at: Mapped[datetime]


class SemesterScheme(Base):
    """The scheme a semester is evaluated by: fixed before its round, never changed after the freeze."""

    __tablename__ = "semester_scheme"
    semester_code: Mapped[str] = mapped_column(ForeignKey("semester.code"), primary_key=True)
    scheme_version: Mapped[str] = mapped_column(ForeignKey("scheme_version.version"))
    assigned_at: Mapped[datetime]


class Assessment(Base):
    """评分: a component a school collected on paper. ``score_e4`` in units of 0.0001 point (ranking.md R0, R1)."""

    __tablename__ = "assessment"
    __table_args__ = (
        UniqueConstraint("semester_code", "teacher_id", "school_id", "component"),
        CheckConstraint(COMPONENT_CHECK, name="component"),
        CheckConstraint("score_e4 BETWEEN 0 AND 1000000", name="score"),
        CheckConstraint("rater_count IS NULL OR rater_count >= 0", name="raters"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    semester_code: Mapped[str] = mapped_column(ForeignKey("semester.code"))
    teacher_id: Mapped[int] = mapped_column(ForeignKey("teacher.id"))
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    component: Mapped[str] = mapped_column(String(6))
    score_e4: Mapped[int]
    rater_count: Mapped[int | None]
    eligible_count: Mapped[int | None]


class Tally(Base):
    """票数: how many ballots chose each option of an item; the ballots themselves are not here.

    ``option_n`` counts the n-th option of the scheme's item (at most ten); one row a posting and item.
    """

    __tablename__ = "tally"
    __table_args__ = (
        UniqueConstraint("semester_code", "teacher_id", "school_id", "component", "item"),
        CheckConstraint(COMPONENT_CHECK, name="component"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    semester_code: Mapped[str] = mapped_column(ForeignKey("semester.code"))
    teacher_id: Mapped[int] = mapped_column(ForeignKey("teacher.id"))
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    component: Mapped[str] = mapped_column(String(6))
    item: Mapped[str] = mapped_column(String(10))
    eligible_count: Mapped[int | None]
    option_1: Mapped[int] = mapped_column(default=0)
    option_2: Mapped[int] = mapped_column(default=0)
    option_3: Mapped[int] = mapped_column(default=0)
    option_4: Mapped[int] = mapped_column(default=0)
    option_5: Mapped[int] = mapped_column(default=0)
    option_6: Mapped[int] = mapped_column(default=0)
    option_7: Mapped[int] = mapped_column(default=0)
    option_8: Mapped[int] = mapped_column(default=0)
    option_9: Mapped[int] = mapped_column(default=0)
    option_10: Mapped[int] = mapped_column(default=0)


class Honour(Base):
    """荣誉 of a teacher counted in one semester; the level fixes the bonus (ranking.md R9)."""

    __tablename__ = "honour"
    __table_args__ = (
        UniqueConstraint("semester_code", "teacher_id", "level", "title"),
        CheckConstraint("level IN ('school','county','city','province','nation','rescue')", name="level"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    semester_code: Mapped[str] = mapped_column(ForeignKey("semester.code"))
    teacher_id: Mapped[int] = mapped_column(ForeignKey("teacher.id"))
    level: Mapped[str] = mapped_column(String(8))
    title: Mapped[str] = mapped_column(String(100), default="")
    awarded_on: Mapped[date | None]
