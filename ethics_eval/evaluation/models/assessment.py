"""Tables of what is counted in a semester: component scores, tallies of ballots, honours."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ethics_eval.database import Base

COMPONENT_CHECK = "component IN ('self','peer','pupil','parent','school')"


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


class _Options:
    """How many ballots chose the n-th option of the scheme's item."""

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


class Tally(_Options, Base):
    """票数: how many ballots chose each option of an item; the ballots themselves are not here.

    One row a posting and item. ``source``: counted on paper and imported, or by this system's ballots; a component
    of a posting is one or the other.
    """

    __tablename__ = "tally"
    __table_args__ = (
        UniqueConstraint("semester_code", "teacher_id", "school_id", "component", "item"),
        CheckConstraint(COMPONENT_CHECK, name="component"),
        CheckConstraint("source IN ('paper','ballot')", name="source"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    semester_code: Mapped[str] = mapped_column(ForeignKey("semester.code"))
    teacher_id: Mapped[int] = mapped_column(ForeignKey("teacher.id"))
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    component: Mapped[str] = mapped_column(String(6))
    item: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(6), default="paper", server_default="paper")
    eligible_count: Mapped[int | None]


class FlaggedTally(_Options, Base):
    """The share of a tally that came from ballots that looked careless: to see what the ranking is without them."""

    __tablename__ = "flagged_tally"
    __table_args__ = (
        CheckConstraint(COMPONENT_CHECK, name="component"),
        {"sqlite_with_rowid": False},
    )
    semester_code: Mapped[str] = mapped_column(ForeignKey("semester.code"), primary_key=True)
    teacher_id: Mapped[int] = mapped_column(ForeignKey("teacher.id"), primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), primary_key=True)
    component: Mapped[str] = mapped_column(String(6), primary_key=True)
    item: Mapped[str] = mapped_column(String(10), primary_key=True)


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
