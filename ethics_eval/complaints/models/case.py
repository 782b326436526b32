"""Tables of the case and of its steps."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    event,
    inspect,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm.attributes import flag_modified

from ethics_eval.complaints.models.complaint import Complaint
from ethics_eval.complaints.models.finding import Finding
from ethics_eval.complaints.models.listed import listed
from ethics_eval.complaints.rules.machine import CaseStatus, Desk, Outcome
from ethics_eval.complaints.rules.queueing import queue_day
from ethics_eval.database import Base
from ethics_eval.roster.models import School


class Case(Base):
    """案件. Position (``desk``), outcome and lateness are three things; lateness is derived from due days.

    ``recused``: head, handler or mailbox officer is complained about: the school sees no trace.
    ``urgent``: grave harm, with a clock in hours of its own; ``owner_id``: the officer who looks after it;
    ``queue_on``: the day a queue is ordered by (rules.queueing), kept by the table's own listener;
    ``review_round``: reviews asked for so far (1: 复查, 2: 复核), ``review_base_on``: the day their 30 days count from.
    """

    __tablename__ = "case_file"
    __table_args__ = (
        CheckConstraint(listed("status", CaseStatus), name="status"),
        CheckConstraint(listed("desk", Desk), name="desk"),
        CheckConstraint(f"outcome IS NULL OR {listed('outcome', Outcome)}", name="outcome"),
        CheckConstraint("NOT (recused AND desk = 'school')", name="recused_never_at_school"),
        CheckConstraint(
            "(status IN ('decided','replied','closed','final')) <= (outcome IS NOT NULL OR school_matter)",
            name="decided_has_outcome",
        ),
        CheckConstraint("(status = 'merged') = (merged_into_id IS NOT NULL)", name="merged"),
        CheckConstraint("(status = 'suspended') = (suspended_on IS NOT NULL)", name="suspended"),
        CheckConstraint("urgent = (urgent_due_at IS NOT NULL)", name="urgent"),
        CheckConstraint("review_round BETWEEN 0 AND 2", name="review_round"),
        CheckConstraint("petition_type IN ('REPORT','APPEAL','SUGGESTION','ENQUIRY')", name="petition_type"),
        Index("ix_case_file_school_id_status", "school_id", "status"),
        Index("ix_case_file_district_code_status", "district_code", "status"),
        # a page of a queue is read in its order, however many cases there are
        Index("ix_case_file_queue_on_received_at", "queue_on", "received_at", "id"),
        Index("ix_case_file_district_code_queue_on", "district_code", "queue_on", "received_at", "id"),
        Index("ix_case_file_owner_id_desk_queue_on", "owner_id", "desk", "queue_on", "received_at", "id"),
        Index(
            "ix_case_file_urgent_queue_on",
            "queue_on",
            sqlite_where=text("urgent = 1"),
            postgresql_where=text("urgent"),
        ),
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[str] = mapped_column(String(19), unique=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    district_code: Mapped[str] = mapped_column(ForeignKey("district.code"))
    status: Mapped[str] = mapped_column(String(16))
    desk: Mapped[str] = mapped_column(String(8))
    recused: Mapped[bool] = mapped_column(default=False)
    school_matter: Mapped[bool] = mapped_column(default=False)
    category: Mapped[str] = mapped_column(String(3))
    outcome: Mapped[str | None] = mapped_column(String(20))
    received_at: Mapped[datetime] = mapped_column(index=True)
    register_due_on: Mapped[date]
    accept_due_on: Mapped[date]
    accepted_on: Mapped[date | None]
    reply_due_on: Mapped[date | None]
    extended: Mapped[bool] = mapped_column(default=False)
    # The verdict of each clock is written once, when the step is taken.
    registered_in_time: Mapped[bool | None]
    accepted_in_time: Mapped[bool | None]
    replied_in_time: Mapped[bool | None]
    notified_on: Mapped[date | None]
    stated: Mapped[bool] = mapped_column(default=False)
    petition_type: Mapped[str] = mapped_column(String(12), default="REPORT")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    queue_on: Mapped[date]
    # The next day on which somebody may have to be reminded: the clock looks at a case no earlier.
    remind_on: Mapped[date] = mapped_column(default=date.min, index=True)
    urgent: Mapped[bool] = mapped_column(default=False)
    urgent_due_at: Mapped[datetime | None]
    urgent_in_time: Mapped[bool | None]
    # 交办: by this day the assignee reports back (an internal limit).
    return_due_on: Mapped[date | None]
    suspended_on: Mapped[date | None]
    replied_on: Mapped[date | None]
    review_round: Mapped[int] = mapped_column(default=0)
    review_base_on: Mapped[date | None]
    review_due_on: Mapped[date | None]
    reviewed_in_time: Mapped[bool | None]
    # The one dispute of a case goes to the bureau, with a clock of its own.
    disputed_on: Mapped[date | None]
    dispute_due_on: Mapped[date | None]
    dispute_answered_on: Mapped[date | None]
    merged_into_id: Mapped[str | None] = mapped_column(ForeignKey("case_file.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    school: Mapped[School] = relationship(lazy="joined", innerjoin=True)
    complaints: Mapped[list[Complaint]] = relationship(
        back_populates="case", order_by="Complaint.submitted_at"
    )
    events: Mapped[list[CaseEvent]] = relationship(back_populates="case", order_by="CaseEvent.seq")
    findings: Mapped[list[Finding]] = relationship(back_populates="case", order_by="Finding.proposed_at")
    __mapper_args__ = {"version_id_col": version}


@event.listens_for(Case, "before_insert")
@event.listens_for(Case, "before_update")
def _place_in_queue(_mapper: Any, _connection: Any, case: Case) -> None:
    case.queue_on = queue_day(case)


_REMINDED_BY = (
    "status",
    "register_due_on",
    "accept_due_on",
    "accepted_on",
    "reply_due_on",
    "return_due_on",
    "review_due_on",
    "disputed_on",
    "dispute_due_on",
    "dispute_answered_on",
    "urgent_due_at",
    "urgent_in_time",
)


@event.listens_for(Case, "before_update")
def _look_again(_mapper: Any, _connection: Any, case: Case) -> None:
    # a clock that moved is looked at anew; the version tells the reminders that they have seen an older state
    state = inspect(case)
    if any(state.attrs[name].history.has_changes() for name in _REMINDED_BY):
        case.remind_on = date.min
        flag_modified(
            case, "remind_on"
        )  # written though it may seem to be so: the clock moves it on by itself


class CaseLink(Base):
    """Two cases that belong together without being one (same person, same matter); told once, either way."""

    __tablename__ = "case_link"
    __table_args__ = (
        UniqueConstraint("first_id", "second_id"),
        CheckConstraint("first_id < second_id", name="ordered"),
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    first_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"))
    second_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    linked_at: Mapped[datetime]
    linked_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))


class Reminder(Base):
    """催办: a warning, reminder or escalation that was given; the key makes each happen once.

    ``clock``: which due day of the case (register, accept, reply, return, review, dispute, urgent); ``due``: that
    instant or day as ISO text, so that a moved due day is warned of anew.
    """

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("case_id", "clock", "due", "level"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"))
    clock: Mapped[str] = mapped_column(String(12))
    due: Mapped[str] = mapped_column(String(32))
    level: Mapped[str] = mapped_column(String(12))
    given_at: Mapped[datetime] = mapped_column(index=True)


class Clearance(Base):
    """澄清正名: offered to a teacher about whom nothing was found, issued only with the teacher's consent.

    ``text`` is sealed JSON under the case's content key.
    """

    __tablename__ = "clearance"
    __table_args__ = (
        CheckConstraint("state IN ('offered','consented','declined','issued')", name="state"),
        CheckConstraint("(state = 'issued') = (issued_on IS NOT NULL)", name="issued"),
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    teacher_id: Mapped[int] = mapped_column(ForeignKey("teacher.id"), index=True)
    state: Mapped[str] = mapped_column(String(12), default="offered")
    audience: Mapped[str] = mapped_column(String(12), default="school")
    text: Mapped[bytes] = mapped_column(LargeBinary)
    offered_at: Mapped[datetime]
    offered_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime | None]
    issued_on: Mapped[date | None]
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class CaseEvent(Base):
    """One step of a case, append-only. ``detail`` is sealed JSON of what was written at that step."""

    __tablename__ = "case_event"
    __table_args__ = (UniqueConstraint("case_id", "seq"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"))
    seq: Mapped[int]
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    actor_kind: Mapped[str] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(24))
    from_status: Mapped[str | None] = mapped_column(String(16))
    to_status: Mapped[str] = mapped_column(String(16))
    detail: Mapped[bytes | None] = mapped_column(LargeBinary)
    case: Mapped[Case] = relationship(back_populates="events")
