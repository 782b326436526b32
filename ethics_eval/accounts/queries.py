"""Reads of accounts and sessions."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account, AuditEvent, LoginSession
from ethics_eval.accounts.rules import Role


def account_named(session: Session, username: str) -> Account | None:
    """The account of this name, upper and lower case alike."""
    return session.scalars(
        select(Account).where(func.lower(Account.username) == username.strip().lower())
    ).first()


def is_session_open(
    session: Session, token_hash: str, account_id: int, *, at: datetime, absolute: timedelta
) -> bool:
    """Whether the signed-in session is known, not ended and within its absolute life."""
    row = session.get(LoginSession, token_hash)
    return (
        row is not None
        and row.account_id == account_id
        and row.ended_at is None
        and row.began_at > at - absolute
    )


def insiders(session: Session, school_id: int) -> list[tuple[int, str, int | None]]:
    """(account id, display name, teacher id) of a school's officers and head."""
    rows = session.execute(
        select(Account.id, Account.display_name, Account.teacher_id).where(
            Account.school_id == school_id,
            Account.role.in_([Role.SCHOOL_OFFICER.value, Role.SCHOOL_HEAD.value]),
            Account.active,
        )
    )
    return [(row.id, row.display_name, row.teacher_id) for row in rows]


def accounts_of_teacher(session: Session, teacher_id: int) -> list[int]:
    """Account ids that are this teacher's own."""
    return list(session.scalars(select(Account.id).where(Account.teacher_id == teacher_id)))


AUDIT_PAGE = 100


def audit_events(session: Session, *, page: int) -> tuple[list[AuditEvent], int]:
    """A page of audit events, newest first, and how many there are."""
    total = session.scalar(select(func.count()).select_from(AuditEvent)) or 0
    rows = session.scalars(
        select(AuditEvent).order_by(AuditEvent.id.desc()).limit(AUDIT_PAGE).offset((page - 1) * AUDIT_PAGE)
    )
    return list(rows), total
