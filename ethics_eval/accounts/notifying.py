"""Telling staff and teachers that something waits for them: in the application, and outward without content.

A notice says what kind of thing happened to which thing, never its words; what goes out says nothing but that
something waits (security.md §1: notices betray nothing).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account, OutboxItem, StaffNotice
from ethics_eval.accounts.rules import Actor, Channel, checked_email
from ethics_eval.accounts.service import record
from ethics_eval.database import insert_once, new_id
from ethics_eval.text import N_, RuleViolation

_CHANNELS = "ethics_eval_channels"


@dataclass(frozen=True)
class News:
    """What somebody is told. ``key``: makes it happen once a person; ``detail``: codes and days, never words.

    ``outward``: whether it may also go out by e-mail or webhook.
    """

    kind: str
    subject_kind: str
    subject_id: str
    key: str
    detail: Mapping[str, str | int] = field(default_factory=dict)
    outward: bool = True


def open_channels(engine: Engine, channels: Collection[Channel]) -> None:
    """Say which ways out the operator has set up; without one, nothing waits for it."""
    engine.update_execution_options(**{_CHANNELS: frozenset(channels)})


def channels_of(session: Session) -> frozenset[Channel]:
    """The ways out of this instance."""
    found: frozenset[Channel] = session.connection().get_execution_options().get(_CHANNELS, frozenset())
    return found


def notify(session: Session, account_ids: Iterable[int], news: News, *, at: datetime) -> int:
    """Tell these accounts; how many were told now and not before."""
    return notify_all(session, [(account_id, news) for account_id in account_ids], at=at)


def notify_all(session: Session, told: Sequence[tuple[int, News]], *, at: datetime) -> int:
    """Tell many accounts many things, each once for ever; how many notices are new."""
    rows = {
        new_id(): {
            "account_id": account_id,
            "dedupe_key": news.key,
            "kind": news.kind,
            "subject_kind": news.subject_kind,
            "subject_id": news.subject_id,
            "detail": json.dumps(dict(news.detail), ensure_ascii=False, sort_keys=True),
            "at": at,
        }
        for account_id, news in told
    }
    made = insert_once(session, StaffNotice, [{"id": notice_id, **row} for notice_id, row in rows.items()])
    outward = [
        pair for notice_id, pair in zip(rows, told, strict=True) if notice_id in made and pair[1].outward
    ]
    if outward:
        _send_word(session, outward, at)
    return len(made)


def _send_word(session: Session, told: Sequence[tuple[int, News]], at: datetime) -> None:
    """Put what goes out beside what was written, in the same transaction.

    What goes out has no content, so that one item still waiting for an address says it for all.
    """
    channels = channels_of(session)
    wanted: dict[tuple[Channel, str], tuple[str, str]] = {}
    if Channel.EMAIL in channels:
        addresses = session.execute(
            select(Account.id, Account.notify_email).where(
                Account.id.in_({account_id for account_id, _news in told}),
                Account.notify_email.is_not(None),
                Account.active,
            )
        )
        email_of = {account_id: str(email) for account_id, email in addresses}
        for account_id, news in told:
            if account_id in email_of:
                key = f"email:{account_id}:{news.key}"
                wanted.setdefault((Channel.EMAIL, email_of[account_id]), (key, news.kind))
    if Channel.WEBHOOK in channels:
        _account_id, news = told[0]
        wanted[Channel.WEBHOOK, ""] = (f"webhook:{news.key}", news.kind)
    if not wanted:
        return
    waiting = session.execute(
        select(OutboxItem.channel, OutboxItem.address).where(
            OutboxItem.sent_at.is_(None), OutboxItem.given_up_at.is_(None), OutboxItem.tries == 0
        )
    )
    for channel, address in waiting:
        wanted.pop((Channel(channel), address), None)
    items = [
        {
            "id": new_id(),
            "channel": channel.value,
            "address": address,
            "dedupe_key": key,
            "kind": kind,
            "created_at": at,
            "next_try_at": at,
            "tries": 0,
        }
        for (channel, address), (key, kind) in wanted.items()
    ]
    insert_once(session, OutboxItem, items)


def mark_read(session: Session, actor: Actor, notice_id: str, *, at: datetime) -> StaffNotice | None:
    """Note that one's own notice was read; None: there is none such, or it is somebody else's."""
    notice = session.scalars(
        select(StaffNotice).where(StaffNotice.id == notice_id, StaffNotice.account_id == actor.id)
    ).first()
    if notice is not None and notice.read_at is None:
        notice.read_at = at
        record(session, actor, at, "notice.read", "staff_notice", notice.id)
    return notice


def mark_all_read(session: Session, actor: Actor, *, until: datetime, at: datetime) -> int:
    """Note that all one's notices up to an instant were read (later ones were not on the page); how many."""
    ids = session.scalars(
        update(StaffNotice)
        .where(StaffNotice.account_id == actor.id, StaffNotice.read_at.is_(None), StaffNotice.at <= until)
        .values(read_at=at)
        .returning(StaffNotice.id)
    ).all()
    if ids:
        record(session, actor, at, "notice.all_read", "account", actor.id, count=len(ids))
    return len(ids)


def set_email(session: Session, actor: Actor, email: str, *, at: datetime) -> None:
    """Where the actor's own word goes by e-mail; empty: nowhere. Raises: RuleViolation at ``email``."""
    address = checked_email(email)
    if address is not None and Channel.EMAIL not in channels_of(session):
        raise RuleViolation("account.email_off", N_("本系统没有开通邮件提醒。"), field="email")
    account = session.get_one(Account, actor.id)
    if account.notify_email != address:
        account.notify_email = address
        session.execute(  # what waits for the old address does not go there any more
            delete(OutboxItem).where(
                OutboxItem.sent_at.is_(None), OutboxItem.dedupe_key.startswith(f"email:{account.id}:")
            )
        )
        record(session, actor, at, "account.email_set", "account", account.id, on=address is not None)
