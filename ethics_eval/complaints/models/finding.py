"""Tables of finding and measure, and of the teacher's own remedies against them."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ethics_eval.complaints.models.listed import listed
from ethics_eval.complaints.rules.machine import Outcome
from ethics_eval.database import Base
from ethics_eval.roster.models import Teacher

if TYPE_CHECKING:
    from ethics_eval.complaints.models.case import Case


class Finding(Base):
    """认定 on one teacher. ``points`` in whole points of a 100-point scale, fixed at the decision.

    It counts in a ranking only from ``effective_at`` on (the teacher's window is over).
    """

    __tablename__ = "finding"
    __table_args__ = (
        CheckConstraint(listed("outcome", Outcome), name="outcome"),
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
    remedies: Mapped[list[Remedy]] = relationship(back_populates="finding", order_by="Remedy.asked_at")
    measures: Mapped[list[MeasureDecision]] = relationship(
        back_populates="finding", order_by="MeasureDecision.decided_at"
    )


class Remedy(Base):
    """The teacher's own track against a finding: 复核 (reconsideration), then 申诉 (appeal).

    Apart from the complainant's 复查 and 复核. ``grounds`` and ``reasons`` are sealed under the case's content key.
    Source: domain.md §1.5.
    """

    __tablename__ = "remedy"
    __table_args__ = (
        CheckConstraint("kind IN ('reconsideration','appeal')", name="kind"),
        CheckConstraint("result IS NULL OR result IN ('upheld','varied','revoked')", name="result"),
        CheckConstraint("(result IS NULL) = (decided_at IS NULL)", name="decided"),
        Index("uq_remedy_finding_id_kind", "finding_id", "kind", unique=True),
        Index(
            "uq_remedy_finding_id_open",
            "finding_id",
            unique=True,
            sqlite_where=text("result IS NULL"),
            postgresql_where=text("result IS NULL"),
        ),
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    finding_id: Mapped[str] = mapped_column(ForeignKey("finding.id"))
    kind: Mapped[str] = mapped_column(String(16))
    grounds: Mapped[bytes] = mapped_column(LargeBinary)
    asked_at: Mapped[datetime]
    due_on: Mapped[date]
    extended: Mapped[bool] = mapped_column(default=False)
    result: Mapped[str | None] = mapped_column(String(8))
    reasons: Mapped[bytes | None] = mapped_column(LargeBinary)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_in_time: Mapped[bool | None]
    finding: Mapped[Finding] = relationship(back_populates="remedies")


class MeasureDecision(Base):
    """处理决定: a measure that was decided on a finding, with its term. Source: domain.md §1.3, §1.4.

    ``decided_by``: the body with authority (school, district, city); ``filed_on``: 备案, where the law asks for it;
    ``kind``: what 取消资格 takes away.
    """

    __tablename__ = "measure_decision"
    __table_args__ = (
        CheckConstraint("decided_by IN ('school','district','city')", name="decided_by"),
        CheckConstraint("state IN ('active','extended','lifted','expired','revoked')", name="state"),
        CheckConstraint("ends_on IS NULL OR ends_on > starts_on", name="term"),
        Index("ix_measure_decision_state_ends_on", "state", "ends_on"),
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    finding_id: Mapped[str] = mapped_column(ForeignKey("finding.id"), index=True)
    teacher_id: Mapped[int] = mapped_column(ForeignKey("teacher.id"), index=True)
    measure: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(12), default="")
    decided_by: Mapped[str] = mapped_column(String(8))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(8), default="active")
    decided_at: Mapped[datetime]
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    filing_needed: Mapped[bool] = mapped_column(default=False)
    filed_on: Mapped[date | None]
    changed_at: Mapped[datetime | None]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    # Why it was extended or lifted, sealed under the case's content key.
    reason: Mapped[bytes | None] = mapped_column(LargeBinary)
    finding: Mapped[Finding] = relationship(back_populates="measures")
