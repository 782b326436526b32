"""Tables of a semester's ranking: the frozen version, its rows, its point ledger and its bottom list.

Scores named ``_e4`` are in units of 0.0001 point, ``score`` in hundredths of a point (ranking.md R0, R10).
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ethics_eval.database import Base


class Ranking(Base):
    """榜单: one frozen version of a semester. The snapshot's bytes lie in the instance, named by their SHA-256."""

    __tablename__ = "ranking"
    __table_args__ = (
        UniqueConstraint("semester_code", "version"),
        CheckConstraint("status IN ('frozen','announced','published','superseded')", name="status"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    semester_code: Mapped[str] = mapped_column(ForeignKey("semester.code"))
    version: Mapped[int]
    status: Mapped[str] = mapped_column(String(10))
    scheme_version: Mapped[str] = mapped_column(ForeignKey("scheme_version.version"))
    code_version: Mapped[str] = mapped_column(String(20))
    snapshot_sha256: Mapped[str] = mapped_column(String(64))
    outcome_sha256: Mapped[str] = mapped_column(String(64))
    counts: Mapped[str] = mapped_column(Text)
    frozen_at: Mapped[datetime]
    frozen_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
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
    """后五名: a listed teacher, named in the circular or told privately, and on what evidence."""

    __tablename__ = "bottom_entry"
    __table_args__ = (CheckConstraint("treatment IN ('named','private')", name="treatment"),)
    ranking_id: Mapped[int] = mapped_column(ForeignKey("ranking.id"), primary_key=True)
    teacher_id: Mapped[int] = mapped_column(ForeignKey("teacher.id"), primary_key=True)
    position: Mapped[int]
    treatment: Mapped[str] = mapped_column(String(8))
    basis: Mapped[str] = mapped_column(String(60))
