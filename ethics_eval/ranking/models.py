"""Tables of a semester's ranking: the frozen version, its rows, ledger and bottom list; holds and objections.

Scores named ``_e4`` are in units of 0.0001 point, ``score`` in hundredths of a point (ranking.md R0, R10).
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from ethics_eval.database import Base


class Ranking(Base):
    """榜单: one frozen version of a semester. The files lie in the instance, named by their SHA-256.

    ``means``: JSON of what the parts are compared with (R5, R7); ``certainty``: JSON of how sure it is (R13).
    A correction is a new version: ``corrects_id`` cites the one before, ``cause`` and ``reason`` say why, ``changes``
    is JSON of what was put right.
    """

    __tablename__ = "ranking"
    __table_args__ = (
        UniqueConstraint("semester_code", "version"),
        CheckConstraint("status IN ('frozen','announced','published','superseded')", name="status"),
        CheckConstraint("cause IN ('','objection','appeal','finding','earlier','error')", name="cause"),
        CheckConstraint("(cause = '') = (corrects_id IS NULL)", name="correction"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    semester_code: Mapped[str] = mapped_column(ForeignKey("semester.code"))
    version: Mapped[int]
    status: Mapped[str] = mapped_column(String(10))
    scheme_version: Mapped[str] = mapped_column(ForeignKey("scheme_version.version"))
    code_version: Mapped[str] = mapped_column(String(20))
    snapshot_sha256: Mapped[str] = mapped_column(String(64))
    outcome_sha256: Mapped[str] = mapped_column(String(64))
    certainty_sha256: Mapped[str] = mapped_column(String(64), default="", server_default="")
    counts: Mapped[str] = mapped_column(Text)
    means: Mapped[str] = mapped_column(Text, default="{}", server_default="{}")
    certainty: Mapped[str] = mapped_column(Text, default="{}", server_default="{}")
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("ranking.id"))
    cause: Mapped[str] = mapped_column(String(10), default="", server_default="")
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    changes: Mapped[str] = mapped_column(Text, default="[]", server_default="[]")
    frozen_at: Mapped[datetime]
    frozen_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    # Recomputed from the snapshot alone and found equal; the account is null where the clock or a command did it.
    verified_at: Mapped[datetime | None]
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    announced_at: Mapped[datetime | None]
    objection_ends_on: Mapped[date | None]
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class RankingRow(Base):
    """One teacher of a ranking; places are null for those not rated. ``flags`` are codes parted by blanks."""

    __tablename__ = "ranking_row"
    __table_args__ = (
        Index("ix_ranking_row_ranking_id_place", "ranking_id", "place"),
        Index("ix_ranking_row_ranking_id_school_id", "ranking_id", "school_id"),
        CheckConstraint("(place IS NOT NULL) = (status = 'rated')", name="placed"),
    )
    ranking_id: Mapped[int] = mapped_column(ForeignKey("ranking.id"), primary_key=True)
    teacher_id: Mapped[int] = mapped_column(ForeignKey("teacher.id"), primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    district_code: Mapped[str] = mapped_column(ForeignKey("district.code"))
    stage: Mapped[str] = mapped_column(String(3))
    status: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(30), default="")
    self_e4: Mapped[int | None]
    peer_e4: Mapped[int | None]
    pupil_e4: Mapped[int | None]
    parent_e4: Mapped[int | None]
    school_e4: Mapped[int | None]
    base_e4: Mapped[int | None]
    deduct_e4: Mapped[int] = mapped_column(default=0)
    bonus_e4: Mapped[int] = mapped_column(default=0)
    score: Mapped[int | None]
    grade: Mapped[str] = mapped_column(String(8), default="")
    veto: Mapped[bool] = mapped_column(default=False)
    provisional: Mapped[bool] = mapped_column(default=False)
    place: Mapped[int | None]
    stage_place: Mapped[int | None]
    school_place: Mapped[int | None]
    # R13: the band the place lies in (90 of 100), and the exact set; null where not rated.
    band_low: Mapped[int | None]
    band_high: Mapped[int | None]
    set_low: Mapped[int | None]
    set_high: Mapped[int | None]
    flags: Mapped[str] = mapped_column(String(100), default="")


class LedgerLine(Base):
    """扣分台账: one finding's weight in one ranking, with why it counts or does not."""

    __tablename__ = "ledger_line"
    __table_args__ = (UniqueConstraint("ranking_id", "finding_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    ranking_id: Mapped[int] = mapped_column(ForeignKey("ranking.id"))
    teacher_id: Mapped[int] = mapped_column(ForeignKey("teacher.id"), index=True)
    finding_id: Mapped[str] = mapped_column(ForeignKey("finding.id"))
    line_e4: Mapped[int]
    counted: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(30), default="")


class BottomEntry(Base):
    """后五名: a listed teacher, named in the circular or told privately, and on what evidence.

    ``separable`` and ``chance_permille`` (of being in the bottom five) are R13's; ``reason`` is why someone is named
    whom R13 cannot tell from those outside; ``withheld``: left unnamed for want of such a reason.
    """

    __tablename__ = "bottom_entry"
    __table_args__ = (CheckConstraint("treatment IN ('named','private')", name="treatment"),)
    ranking_id: Mapped[int] = mapped_column(ForeignKey("ranking.id"), primary_key=True)
    teacher_id: Mapped[int] = mapped_column(ForeignKey("teacher.id"), primary_key=True)
    position: Mapped[int]
    treatment: Mapped[str] = mapped_column(String(8))
    basis: Mapped[str] = mapped_column(String(60))
    separable: Mapped[bool | None]
    chance_permille: Mapped[int | None]
    weight_sensitive: Mapped[bool] = mapped_column(default=False, server_default=false())
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    reason_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason_at: Mapped[datetime | None]
    withheld: Mapped[bool] = mapped_column(default=False, server_default=false())


class SemesterHold(Base):
    """暂停: while one is open, nobody takes a step of the semester; who held it and let it go, and why."""

    __tablename__ = "semester_hold"
    __table_args__ = (CheckConstraint("(released_at IS NULL) >= (released_by_id IS NULL)", name="released"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    semester_code: Mapped[str] = mapped_column(ForeignKey("semester.code"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    held_at: Mapped[datetime]
    held_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    released_at: Mapped[datetime | None]
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    release_reason: Mapped[str] = mapped_column(Text, default="", server_default="")


class Objection(Base):
    """异议 (before publication, by the listed) or 申诉 (after it, by anyone ranked), against a score.

    ``grounds`` and ``decision`` are sealed. ``due_on`` is the last day for the decision, ``is_late`` its verdict.
    ``changes``: JSON of what the decision puts right; ``corrected_id``: the version of the ranking that did so.
    """

    __tablename__ = "objection"
    __table_args__ = (
        CheckConstraint("kind IN ('objection','appeal')", name="kind"),
        CheckConstraint("topic IN ('status','score','finding','honour','other')", name="topic"),
        CheckConstraint("status IN ('open','upheld','rejected','withdrawn')", name="status"),
        CheckConstraint("(status IN ('upheld','rejected')) = (decision IS NOT NULL)", name="decided"),
        Index("ix_objection_semester_code_status", "semester_code", "status"),
        Index("ix_objection_teacher_id", "teacher_id"),
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(9))
    semester_code: Mapped[str] = mapped_column(ForeignKey("semester.code"))
    ranking_id: Mapped[int] = mapped_column(ForeignKey("ranking.id"))
    teacher_id: Mapped[int] = mapped_column(ForeignKey("teacher.id"))
    topic: Mapped[str] = mapped_column(String(8))
    grounds: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(String(9), default="open")
    filed_at: Mapped[datetime]
    due_on: Mapped[date]
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    is_late: Mapped[bool | None]
    decision: Mapped[bytes | None] = mapped_column(LargeBinary)
    changes: Mapped[str] = mapped_column(Text, default="[]")
    corrected_id: Mapped[int | None] = mapped_column(ForeignKey("ranking.id"))
