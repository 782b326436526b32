"""Mailboxes by code, and those an actor may manage."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, func, select, true
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor, Permission, Scope, scope_of
from ethics_eval.complaints.models import Mailbox
from ethics_eval.complaints.queries.paging import PAGE_SIZE
from ethics_eval.roster.models import School


def mailbox_by_code(session: Session, code: str) -> Mailbox | None:
    """The open mailbox of a code; None: unknown or revoked."""
    return session.scalars(
        select(Mailbox).where(Mailbox.code == code.lower(), Mailbox.revoked_at.is_(None))
    ).first()


def mailbox_codes(session: Session, school_ids: list[int]) -> dict[int, str]:
    """School id → code of its open mailbox."""
    rows = session.execute(
        select(Mailbox.school_id, Mailbox.code).where(
            Mailbox.school_id.in_(school_ids), Mailbox.revoked_at.is_(None)
        )
    )
    return {row.school_id: row.code for row in rows}


def _mailbox_scope(actor: Actor) -> ColumnElement[bool]:
    match scope_of(actor, Permission.MAILBOX_READ):
        case Scope.OWN_SCHOOL:
            return School.id == actor.school_id
        case Scope.OWN_DISTRICT:
            return School.district_code == actor.district_code
        case Scope.CITY:
            return true()
        case _:
            return false()


def mailbox_in_scope(session: Session, actor: Actor, code: str) -> Mailbox | None:
    """The open mailbox of a code, if the actor may manage it."""
    return session.scalars(
        select(Mailbox)
        .join(School)
        .where(Mailbox.code == code.lower(), Mailbox.revoked_at.is_(None), _mailbox_scope(actor))
    ).first()


def mailboxes(session: Session, actor: Actor, *, text: str = "", page: int = 1) -> tuple[list[Mailbox], int]:
    """Open mailboxes in the actor's scope, a page of 50 by district and school, and how many there are."""
    where = and_(
        _mailbox_scope(actor), Mailbox.revoked_at.is_(None), School.name.contains(text, autoescape=True)
    )
    total = session.scalar(select(func.count()).select_from(Mailbox).join(School).where(where)) or 0
    rows = session.scalars(
        select(Mailbox)
        .join(School)
        .where(where)
        .order_by(School.district_code, School.code, Mailbox.id)
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    )
    return list(rows.unique()), total
