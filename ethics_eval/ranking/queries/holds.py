"""暂停: what holds a semester's steps, and what held them before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from ethics_eval.accounts.models import Account
from ethics_eval.ranking.models import SemesterHold
from ethics_eval.ranking.queries.sight import Sight


@dataclass(frozen=True)
class HoldView:
    """A hold; names are empty for the clock or a command. ``released_at`` None: it holds now."""

    reason: str
    held_at: datetime
    held_by: str
    released_at: datetime | None
    released_by: str
    release_reason: str


def open_hold(session: Session, semester_code: str) -> SemesterHold | None:
    """The hold that keeps a semester's steps from being taken."""
    return session.scalars(
        select(SemesterHold).where(
            SemesterHold.semester_code == semester_code, SemesterHold.released_at.is_(None)
        )
    ).first()


def held_semesters(session: Session, codes: Iterable[str]) -> set[str]:
    """Those of the semesters that are held now."""
    return set(
        session.scalars(
            select(SemesterHold.semester_code).where(
                SemesterHold.semester_code.in_(list(codes)), SemesterHold.released_at.is_(None)
            )
        )
    )


def holds_of(session: Session, sight: Sight, semester_code: str) -> list[HoldView]:
    """All holds of a semester, the newest first; none for who sees a ranking only once it is published."""
    if not sight.before_publication:
        return []
    holder, releaser = aliased(Account), aliased(Account)
    rows = session.execute(
        select(SemesterHold, holder.display_name, releaser.display_name)
        .outerjoin(holder, holder.id == SemesterHold.held_by_id)
        .outerjoin(releaser, releaser.id == SemesterHold.released_by_id)
        .where(SemesterHold.semester_code == semester_code)
        .order_by(SemesterHold.id.desc())
    )
    return [
        HoldView(
            row.reason, row.held_at, held_by or "", row.released_at, released_by or "", row.release_reason
        )
        for row, held_by, released_by in rows
    ]
