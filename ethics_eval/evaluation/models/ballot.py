"""Tables of ballots: who may vote on whom, which codes are used, and nothing of what a code voted.

What was voted is in the tallies only. No table, time, order or key joins a code to a vote (design.md §3).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ethics_eval.database import Base
from ethics_eval.evaluation.models.assessment import COMPONENT_CHECK


class BallotRound(Base):
    """评议: the window in which a semester's codes can be used. ``closed_at``: what was left of codes is sealed off."""

    __tablename__ = "ballot_round"
    __table_args__ = (CheckConstraint("closes_at > opens_at", name="window"),)
    semester_code: Mapped[str] = mapped_column(ForeignKey("semester.code"), primary_key=True)
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    closed_at: Mapped[datetime | None]


class BallotGroup(Base):
    """A group of raters with the same ballot: a class's pupils or parents, the colleagues, the school's group.

    ``seats``: how many codes were issued; ``batch`` counts the issues, 0 before the first.
    """

    __tablename__ = "ballot_group"
    __table_args__ = (
        UniqueConstraint("semester_code", "school_id", "component", "label"),
        CheckConstraint(COMPONENT_CHECK, name="component"),
        CheckConstraint("stage IN ('KG','PRI','JUN','SEN','VOC','SPE')", name="stage"),
        CheckConstraint("seats BETWEEN 0 AND 2000", name="seats"),
        Index("ix_ballot_group_school_id", "school_id"),
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    semester_code: Mapped[str] = mapped_column(ForeignKey("semester.code"))
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    component: Mapped[str] = mapped_column(String(6))
    label: Mapped[str] = mapped_column(String(40))
    stage: Mapped[str] = mapped_column(String(3))
    grade: Mapped[int | None]
    seats: Mapped[int] = mapped_column(default=0)
    batch: Mapped[int] = mapped_column(default=0)
    issued_at: Mapped[datetime | None]


class BallotGroupTeacher(Base):
    """A teacher on a group's ballot, in the order in which the ballot shows them."""

    __tablename__ = "ballot_group_teacher"
    group_id: Mapped[str] = mapped_column(ForeignKey("ballot_group.id"), primary_key=True)
    teacher_id: Mapped[int] = mapped_column(ForeignKey("teacher.id"), primary_key=True, index=True)
    place: Mapped[int]


class BallotCode(Base):
    """A one-time code, known by its keyed hash alone. No time: when a code was used is nobody's to know.

    ``holder_teacher_id``: whom the code is for, where it is for one person: a colleague, who is not on the own
    ballot, or who rates themself, alone on it.
    """

    __tablename__ = "ballot_code"
    __table_args__ = (
        CheckConstraint("state IN ('open','used','void')", name="state"),
        Index("ix_ballot_code_group_id_state", "group_id", "state"),
        {"sqlite_with_rowid": False},
    )
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    group_id: Mapped[str] = mapped_column(ForeignKey("ballot_group.id"))
    state: Mapped[str] = mapped_column(String(4), default="open")
    holder_teacher_id: Mapped[int | None] = mapped_column(ForeignKey("teacher.id"))


class BallotDraft(Base):
    """Answers not yet sent, sealed under a key made of the code itself; gone when the ballot is sent."""

    __tablename__ = "ballot_draft"
    __table_args__ = ({"sqlite_with_rowid": False},)
    code_hash: Mapped[bytes] = mapped_column(ForeignKey("ballot_code.code_hash"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class BallotReason(Base):
    """Why an item got the lowest option, sealed for the bureau. Ids are chance, and rows lie in their order."""

    __tablename__ = "ballot_reason"
    __table_args__ = (
        CheckConstraint(COMPONENT_CHECK, name="component"),
        Index("ix_ballot_reason_semester_code_school_id", "semester_code", "school_id"),
        {"sqlite_with_rowid": False},
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    semester_code: Mapped[str] = mapped_column(ForeignKey("semester.code"))
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    teacher_id: Mapped[int] = mapped_column(ForeignKey("teacher.id"))
    component: Mapped[str] = mapped_column(String(6))
    item: Mapped[str] = mapped_column(String(10))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class BallotFlag(Base):
    """How many ballots of a group of raters on a teacher looked careless, by kind: for a person to look at."""

    __tablename__ = "ballot_flag"
    __table_args__ = (
        CheckConstraint(COMPONENT_CHECK, name="component"),
        CheckConstraint("kind IN ('straight','fast')", name="kind"),
        {"sqlite_with_rowid": False},
    )
    semester_code: Mapped[str] = mapped_column(ForeignKey("semester.code"), primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), primary_key=True)
    teacher_id: Mapped[int] = mapped_column(ForeignKey("teacher.id"), primary_key=True)
    component: Mapped[str] = mapped_column(String(6), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
