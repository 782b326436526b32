"""Tables of mailbox, complaint, case, evidence and finding. What names a person or tells the story is sealed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ethics_eval.complaints.rules.machine import CaseStatus, Desk, Outcome
from ethics_eval.database import Base
from ethics_eval.roster.models import School, Teacher


def _listed(column: str, values: type[CaseStatus] | type[Desk] | type[Outcome]) -> str:
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


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


class Case(Base):
    """案件. Position (``desk``), outcome and lateness are three things; lateness is derived from due days.

    ``recused``: head, handler or mailbox officer is complained about: the school sees no trace.
    """

    __tablename__ = "case_file"
    __table_args__ = (
        CheckConstraint(_listed("status", CaseStatus), name="status"),
        CheckConstraint(_listed("desk", Desk), name="desk"),
        CheckConstraint(f"outcome IS NULL OR {_listed('outcome', Outcome)}", name="outcome"),
        CheckConstraint("NOT (recused AND desk = 'school')", name="recused_never_at_school"),
        CheckConstraint(
            "(status IN ('decided','replied','closed')) <= (outcome IS NOT NULL OR school_matter)",
            name="decided_has_outcome",
        ),
        Index("ix_case_file_school_id_status", "school_id", "status"),
        Index("ix_case_file_district_code_status", "district_code", "status"),
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
    version: Mapped[int] = mapped_column(default=1)
    school: Mapped[School] = relationship(lazy="joined", innerjoin=True)
    complaints: Mapped[list[Complaint]] = relationship(
        back_populates="case", order_by="Complaint.submitted_at"
    )
    events: Mapped[list[CaseEvent]] = relationship(back_populates="case", order_by="CaseEvent.seq")
    findings: Mapped[list[Finding]] = relationship(back_populates="case", order_by="Finding.proposed_at")
    __mapper_args__ = {"version_id_col": version}


class Complaint(Base):
    """投诉件: what one complainant sent. ``content`` and ``identity`` are sealed JSON.

    The query code is not stored: ``selector`` finds the row, ``verifier`` proves the rest of the code.
    """

    __tablename__ = "complaint"
    __table_args__ = (
        CheckConstraint(
            "identity_mode IN ('anonymous','real_name','real_name_hidden')", name="identity_mode"
        ),
        CheckConstraint("(identity_mode = 'anonymous') = (identity IS NULL)", name="identity"),
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    mailbox_id: Mapped[int] = mapped_column(ForeignKey("mailbox.id"))
    source: Mapped[str] = mapped_column(String(20))
    category: Mapped[str] = mapped_column(String(3))
    respondent_role: Mapped[str] = mapped_column(String(8))
    identity_mode: Mapped[str] = mapped_column(String(16))
    submitted_at: Mapped[datetime]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    identity: Mapped[bytes | None] = mapped_column(LargeBinary)
    selector: Mapped[str] = mapped_column(String(6), unique=True)
    verifier: Mapped[str] = mapped_column(String(255))
    code_salt: Mapped[int] = mapped_column(default=0)
    idempotency_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    content_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    case: Mapped[Case] = relationship(back_populates="complaints")
    mailbox: Mapped[Mailbox] = relationship()
    evidence: Mapped[list[Evidence]] = relationship(back_populates="complaint", order_by="Evidence.position")


class QueryMiss(Base):
    """Wrong codes tried against a selector, whether it exists or not; by keyed hash."""

    __tablename__ = "query_miss"
    selector_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime]
    rest_until: Mapped[datetime | None]


class Evidence(Base):
    """证据: a sealed original and, for pictures, a sealed viewing copy without metadata. ``label`` is sealed JSON."""

    __tablename__ = "evidence"
    __table_args__ = (UniqueConstraint("complaint_id", "position"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    complaint_id: Mapped[str] = mapped_column(ForeignKey("complaint.id"), index=True)
    position: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(80))
    byte_count: Mapped[int]
    label: Mapped[bytes] = mapped_column(LargeBinary)
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary(128))
    has_copy: Mapped[bool] = mapped_column(default=False)
    complaint: Mapped[Complaint] = relationship(back_populates="evidence")


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


class Finding(Base):
    """认定 on one teacher. ``points`` in whole points of a 100-point scale, fixed at the decision.

    It counts in a ranking only from ``effective_at`` on (the teacher's window is over).
    """

    __tablename__ = "finding"
    __table_args__ = (
        CheckConstraint(_listed("outcome", Outcome), name="outcome"),
        CheckConstraint("severity IN ('minor','ordinary','serious','grave')", name="severity"),
        CheckConstraint("points BETWEEN 0 AND 100", name="points"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided"),
        CheckConstraint("effective_at IS NULL OR decided_at IS NOT NULL", name="effective_after_decision"),
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    teacher_id: Mapped[int] = mapped_column(ForeignKey("teacher.id"), index=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    category: Mapped[str] = mapped_column(String(3))
    severity: Mapped[str] = mapped_column(String(8))
    outcome: Mapped[str] = mapped_column(String(20))
    points: Mapped[int]
    repeat: Mapped[bool] = mapped_column(default=False)
    veto: Mapped[bool] = mapped_column(default=False)
    measure: Mapped[str] = mapped_column(String(16), default="")
    facts: Mapped[str] = mapped_column(String(40))
    grounds: Mapped[bytes] = mapped_column(LargeBinary)
    proposed_at: Mapped[datetime]
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    # The teacher's window for 复核 (30 days) ends on this day; null until decided.
    window_ends_on: Mapped[date | None]
    effective_at: Mapped[datetime | None] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]
    scored_semester: Mapped[str | None] = mapped_column(ForeignKey("semester.code"))
    case: Mapped[Case] = relationship(back_populates="findings")
    teacher: Mapped[Teacher] = relationship(lazy="joined", innerjoin=True)
