"""Writes of accounts: making them, failures and sessions, and the audit event every write leaves."""

from __future__ import annotations

import json
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ethics_eval.accounts import queries
from ethics_eval.accounts.models import Account, AuditEvent, LoginFailure, LoginSession
from ethics_eval.accounts.rules import LOCK_WINDOW, Actor, Role, locked_until
from ethics_eval.text import N_, RuleViolation


def record(
    session: Session,
    actor: Actor,
    at: datetime,
    action: str,
    subject_kind: str,
    subject_id: object,
    **detail: str | int | bool | None,
) -> None:
    """Leave the audit event of a write. ``detail`` holds codes and numbers, never names or texts of people."""
    session.add(
        AuditEvent(
            at=at,
            actor_id=actor.id,
            actor_kind=actor.kind,
            action=action,
            subject_kind=subject_kind,
            subject_id=str(subject_id),
            detail=json.dumps(detail, ensure_ascii=False, sort_keys=True),
        )
    )


def create_account(
    session: Session,
    *,
    username: str,
    display_name: str,
    password_hash: str,
    role: Role,
    actor: Actor,
    at: datetime,
    school_id: int | None = None,
    district_code: str | None = None,
    teacher_id: int | None = None,
) -> Account:
    """A new account with its one role and scope.

    Raises: RuleViolation: the name is taken, or the scope does not fit the role (a school role needs a school,
    the district role a district, the teacher role a teacher; staff may name their own person on the roster).
    """
    name = username.strip()
    if not name or len(name) > 64:
        raise RuleViolation("account.username", N_("账号名须为1至64个字符。"), field="username")
    if queries.account_named(session, name) is not None:
        raise RuleViolation("account.taken", N_("账号名“%(name)s”已被使用。"), field="username", name=name)
    fits = (
        (school_id is not None) is (role in {Role.SCHOOL_OFFICER, Role.SCHOOL_HEAD})
        and (district_code is not None) is (role is Role.DISTRICT_OFFICER)
        and (teacher_id is not None or role is not Role.TEACHER)
    )
    if not fits:
        raise RuleViolation("account.scope", N_("角色与所属学校、区县或教师不相符。"), field="role")
    account = Account(
        username=name,
        display_name=display_name,
        password=password_hash,
        active=True,
        fs_uniquifier=secrets.token_hex(16),
        role=role.value,
        school_id=school_id,
        district_code=district_code,
        teacher_id=teacher_id,
        created_at=at,
    )
    session.add(account)
    session.flush()
    record(session, actor, at, "account.created", "account", account.id, role=role.value)
    return account


def reset_password(
    session: Session, account: Account, password_hash: str, *, actor: Actor, at: datetime
) -> None:
    """Give an account a new password: it is signed out everywhere and let in again."""
    account.password = password_hash
    account.active = True
    account.fs_uniquifier = secrets.token_hex(16)
    _end_sessions(session, account, at)
    record(session, actor, at, "account.password_reset", "account", account.id)


def close_account(session: Session, account: Account, *, actor: Actor, at: datetime) -> None:
    """Shut an account: signed out everywhere at once, and let in no more until its password is reset."""
    account.active = False
    _end_sessions(session, account, at)
    record(session, actor, at, "account.closed", "account", account.id)


def _end_sessions(session: Session, account: Account, at: datetime) -> None:
    session.execute(
        update(LoginSession)
        .where(LoginSession.account_id == account.id, LoginSession.ended_at.is_(None))
        .values(ended_at=at)
    )


def actor_of(account: Account) -> Actor:
    """The account as an actor, detached from the database."""
    return Actor(
        id=account.id,
        role=Role(account.role),
        display_name=account.display_name,
        school_id=account.school_id,
        district_code=account.district_code,
        teacher_id=account.teacher_id,
    )


def lock_end(session: Session, name_hash: str, source_hash: str, at: datetime) -> datetime | None:
    """When the lock by account or by source ends; None: not locked."""
    since = at - 2 * LOCK_WINDOW
    ends = []
    for column, value in ((LoginFailure.name_hash, name_hash), (LoginFailure.source_hash, source_hash)):
        failures = session.scalars(select(LoginFailure.at).where(column == value, LoginFailure.at > since))
        end = locked_until(list(failures))
        if end is not None and end > at:
            ends.append(end)
    return max(ends, default=None)


def fail_login(session: Session, name_hash: str, source_hash: str, actor: Actor, at: datetime) -> None:
    """Count a failed sign-in; the fifth within 15 minutes locks. Both are audited, without name or address."""
    session.add(LoginFailure(name_hash=name_hash, source_hash=source_hash, at=at))
    record(session, actor, at, "login.failed", "source", source_hash[:12])
    session.flush()
    if lock_end(session, name_hash, source_hash, at) is not None:
        record(session, actor, at, "login.locked", "source", source_hash[:12])


def begin_session(
    session: Session, account: Account, *, token_hash: str, name_hash: str, at: datetime, absolute: timedelta
) -> None:
    """Open a signed-in session; forgets the name's failures and sessions past their absolute life."""
    session.execute(delete(LoginFailure).where(LoginFailure.name_hash == name_hash))
    session.execute(delete(LoginFailure).where(LoginFailure.at < at - timedelta(days=1)))
    session.execute(delete(LoginSession).where(LoginSession.began_at < at - absolute))
    session.add(LoginSession(token_hash=token_hash, account_id=account.id, began_at=at, ended_at=None))
    record(session, actor_of(account), at, "login.succeeded", "account", account.id)


def end_session(session: Session, token_hash: str, *, actor: Actor, at: datetime) -> None:
    """Close a signed-in session, so that no copied cookie brings it back."""
    session.execute(update(LoginSession).where(LoginSession.token_hash == token_hash).values(ended_at=at))
    record(session, actor, at, "login.ended", "account", actor.id)
