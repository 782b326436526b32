"""The table of background tasks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ethics_eval.database import Base


class Task(Base):
    """One piece of work: what, for whom, how far, and the file it gave (a name inside the instance)."""

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint("state IN ('waiting','running','done','failed')", name="state"),
        CheckConstraint("(state = 'done') <= (finished_at IS NOT NULL)", name="finished"),
        Index("ix_task_state_created_at", "state", "created_at"),
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    params: Mapped[str] = mapped_column(Text, default="{}")
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    done_count: Mapped[int] = mapped_column(default=0)
    total_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    # A worker that died leaves a running task behind: after this instant another takes it up.
    lease_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    file_name: Mapped[str] = mapped_column(String(120), default="")
    error: Mapped[str] = mapped_column(String(200), default="")
