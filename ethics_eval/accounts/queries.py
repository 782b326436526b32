"""Reads of accounts and sessions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account, AuditEvent, LoginSession, StaffNotice
from ethics_eval.accounts.rules import Actor, Role


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


def colleagues(session: Session, actor: Actor) -> list[Account]:
    """The active accounts that handle cases at the actor's own desk, the actor included, by name."""
    mates = {
        Role.SCHOOL_OFFICER: (Role.SCHOOL_OFFICER, Role.SCHOOL_HEAD),
        Role.SCHOOL_HEAD: (Role.SCHOOL_OFFICER, Role.SCHOOL_HEAD),
        Role.DISTRICT_OFFICER: (Role.DISTRICT_OFFICER,),
        Role.BUREAU_OFFICER: (Role.BUREAU_OFFICER, Role.BUREAU_HEAD),
        Role.BUREAU_HEAD: (Role.BUREAU_OFFICER, Role.BUREAU_HEAD),
    }
    roles = mates.get(actor.role, ()) if actor.role else ()
    rows = session.scalars(
        select(Account)
        .where(
            Account.active,
            Account.role.in_([role.value for role in roles]),
            Account.school_id == actor.school_id if actor.school_id else Account.school_id.is_(None),
            Account.district_code == actor.district_code
            if actor.district_code
            else Account.district_code.is_(None),
        )
        .order_by(Account.display_name, Account.id)
    )
    return list(rows)


AUDIT_PAGE = 100


def audit_events(session: Session, *, page: int) -> tuple[list[AuditEvent], int]:
    """A page of audit events, newest first, and how many there are."""
    total = session.scalar(select(func.count()).select_from(AuditEvent)) or 0
    rows = session.scalars(
        select(AuditEvent).order_by(AuditEvent.id.desc()).limit(AUDIT_PAGE).offset((page - 1) * AUDIT_PAGE)
    )
    return list(rows), total


NOTICE_PAGE = 50
MANY_NOTICES = 99


@dataclass(frozen=True)
class NoticeView:
    """A notice to its reader. ``detail``: codes and days; whether the thing is still in sight is asked elsewhere."""

    id: str
    kind: str
    subject_kind: str
    subject_id: str
    detail: Mapping[str, str | int]
    at: datetime
    is_read: bool


def unread_count(session: Session, account_id: int) -> int:
    """How many notices a person has not read; 100 stands for more than 99."""
    some = (
        select(StaffNotice.id)
        .where(StaffNotice.account_id == account_id, StaffNotice.read_at.is_(None))
        .limit(MANY_NOTICES + 1)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(some)) or 0


def staff_notices(session: Session, account_id: int, *, page: int = 1) -> tuple[list[NoticeView], int]:
    """A page of 50 of a person's notices, the newest first, and how many there are."""
    own = StaffNotice.account_id == account_id
    total = session.scalar(select(func.count()).select_from(StaffNotice).where(own)) or 0
    rows = session.scalars(
        select(StaffNotice)
        .where(own)
        .order_by(StaffNotice.at.desc(), StaffNotice.id)
        .limit(NOTICE_PAGE)
        .offset((page - 1) * NOTICE_PAGE)
    )
    return [
        NoticeView(
            id=row.id,
            kind=row.kind,
            subject_kind=row.subject_kind,
            subject_id=row.subject_id,
            detail=json.loads(row.detail),
            at=row.at,
            is_read=row.read_at is not None,
        )
        for row in rows
    ], total


def notify_email(session: Session, account_id: int) -> str:
    """Where a person's word goes by e-mail; empty: nowhere."""
    return session.scalar(select(Account.notify_email).where(Account.id == account_id)) or ""


def accounts_of_roles(session: Session, *roles: Role) -> list[int]:
    """The ids of the active accounts of these roles."""
    return list(
        session.scalars(
            select(Account.id).where(Account.role.in_([*roles]), Account.active).order_by(Account.id)
        )
    )
