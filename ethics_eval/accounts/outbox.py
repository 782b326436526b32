"""The outbox: what goes out is claimed, sent, then marked; what was not marked is sent again under the same id.

Between sending and marking a worker can die: then the same word goes twice, and its id (Message-ID, webhook header)
lets the receiver know it again. More than that the protocols do not allow.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account, OutboxItem
from ethics_eval.accounts.notifying import News, notify
from ethics_eval.accounts.rules import Channel, Role, retry_after
from ethics_eval.roster.rules.calendar import local_day


@dataclass(frozen=True)
class Envelope:
    """What is sent: where to, and the id that stays the same however often it is tried. ``address``: e-mail only."""

    id: str
    channel: Channel
    address: str
    created_at: datetime


def claim(session: Session, channels: Collection[Channel], *, at: datetime) -> Envelope | None:
    """Take the next item that is due; None: none is. Until its next try nobody else takes it.

    The last try is not taken back: when nothing marks it, the next claim gives it up.
    """
    while True:
        item = session.scalars(
            select(OutboxItem)
            .where(
                OutboxItem.sent_at.is_(None),
                OutboxItem.given_up_at.is_(None),
                OutboxItem.next_try_at <= at,
                OutboxItem.channel.in_([channel.value for channel in channels]),
            )
            .order_by(OutboxItem.next_try_at, OutboxItem.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if item is None:
            return None
        wait = retry_after(item.tries + 1)
        if wait is None:
            _give_up(session, item, at)
            continue
        item.tries += 1
        item.next_try_at = at + wait
        session.flush()
        return Envelope(item.id, Channel(item.channel), item.address, item.created_at)


def mark_sent(session: Session, envelope: Envelope, *, at: datetime) -> None:
    """Note that it went out."""
    session.get_one(OutboxItem, envelope.id, with_for_update=True).sent_at = at


def mark_failed(session: Session, envelope: Envelope, *, at: datetime) -> bool:
    """Note that it did not go out; whether that was the last try, and the administrators are told."""
    item = session.get_one(OutboxItem, envelope.id, with_for_update=True)
    if retry_after(item.tries + 1) is not None:
        return False
    _give_up(session, item, at)
    return True


def _give_up(session: Session, item: OutboxItem, at: datetime) -> None:
    item.given_up_at = at
    session.flush()
    admins = session.scalars(
        select(Account.id).where(Account.role == Role.SYSADMIN.value, Account.active)
    ).all()
    day = local_day(at).isoformat()
    news = News(
        kind="outbox.given_up",
        subject_kind="outbox_item",
        subject_id=item.id,
        key=f"outbox.given_up:{item.channel}:{day}",
        detail={"channel": item.channel, "on": day},
        outward=False,  # what cannot go out must not tell so by going out
    )
    notify(session, admins, news, at=at)
