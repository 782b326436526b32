"""The outbox: claimed by one, tried again later, given up in the end, and the administrators learn of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account, OutboxItem, StaffNotice
from ethics_eval.accounts.outbox import claim, mark_failed, mark_sent
from ethics_eval.accounts.rules import RETRY_AFTER, Actor, Channel, Role
from ethics_eval.accounts.service import create_account

AT = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
BOTH = [Channel.EMAIL, Channel.WEBHOOK]


def put(session: Session, name: str = "one", channel: str = "email") -> str:
    item = OutboxItem(
        id=name * 8,
        channel=channel,
        address=f"{name}@example.org",
        dedupe_key=f"{channel}:{name}",
        kind="case.new",
        created_at=AT,
        next_try_at=AT,
        tries=0,
    )
    session.add(item)
    session.flush()
    return item.id


def test_one_takes_it_and_nobody_else_until_its_next_try(session: Session) -> None:
    put(session)
    assert claim(session, BOTH, at=AT - timedelta(seconds=1)) is None
    taken = claim(session, BOTH, at=AT)
    assert taken is not None
    assert claim(session, BOTH, at=AT + timedelta(seconds=90)) is None
    mark_sent(session, taken, at=AT)
    assert claim(session, BOTH, at=AT + timedelta(days=9)) is None


def test_what_was_never_marked_is_sent_again_under_the_same_id(session: Session) -> None:
    item_id = put(session)
    first = claim(session, BOTH, at=AT)
    again = claim(session, BOTH, at=AT + RETRY_AFTER[0])
    assert first == again
    assert first is not None
    assert first.id == item_id


def test_a_way_that_is_not_set_up_waits(session: Session) -> None:
    put(session, channel="webhook")
    assert claim(session, [Channel.EMAIL], at=AT) is None
    assert claim(session, [], at=AT) is None


def test_in_the_end_it_is_given_up_and_the_administrators_are_told_once_a_day(session: Session) -> None:
    create_account(
        session,
        username="admin",
        display_name="admin",
        password_hash="hash",
        role=Role.SYSADMIN,
        actor=Actor(id=None, role=None, display_name="tests"),
        at=AT,
    ).notify_email = "admin@example.org"
    put(session, "one")
    put(session, "two")
    at, tries, given_up = AT, 0, 0
    while (taken := claim(session, BOTH, at=at)) is not None or tries < 2 * len(RETRY_AFTER):
        if taken is None:
            at += timedelta(hours=1)
            continue
        tries += 1
        given_up += mark_failed(session, taken, at=at)
    assert (tries, given_up) == (2 * len(RETRY_AFTER), 2)
    assert at - AT < timedelta(days=2)
    (told,) = session.scalars(select(StaffNotice))
    assert told.kind == "outbox.given_up"
    assert "example" not in told.detail + told.subject_id + told.dedupe_key
    assert session.scalars(select(OutboxItem.given_up_at)).all() != [None, None]


def test_a_last_try_that_nobody_marked_is_given_up(session: Session) -> None:
    put(session)
    at = AT
    for wait in RETRY_AFTER:
        assert claim(session, BOTH, at=at) is not None
        at += wait
    assert claim(session, BOTH, at=at) is None
    assert session.scalars(select(OutboxItem.given_up_at)).one() == at
    assert session.scalars(select(Account.id)).all() == []
