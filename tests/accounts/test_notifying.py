"""Notices in the application: once a person and key, read by their owner; word outward without content."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from ethics_eval.accounts import queries
from ethics_eval.accounts.models import Account, AuditEvent, OutboxItem, StaffNotice
from ethics_eval.accounts.notifying import (
    _CHANNELS,
    News,
    mark_all_read,
    mark_read,
    notify,
    notify_all,
    set_email,
)
from ethics_eval.accounts.rules import Actor, Channel, Role
from ethics_eval.accounts.service import actor_of, create_account
from ethics_eval.text import RuleViolation

AT = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
FOUNDER = Actor(id=None, role=None, display_name="tests")
NEWS = News("case.new", "case", "c1", "case.new:c1")
Make = Callable[..., Actor]


@pytest.fixture
def make(session: Session) -> Make:
    """Makes an account of the bureau."""

    def made(name: str, email: str | None = None, role: Role = Role.BUREAU_OFFICER) -> Actor:
        account = create_account(
            session,
            username=name,
            display_name=name,
            password_hash="hash",
            role=role,
            actor=FOUNDER,
            at=AT,
        )
        account.notify_email = email
        session.flush()
        return actor_of(account)

    return made


def with_channels(session: Session, *channels: Channel) -> None:
    """As create_app does for the engine."""
    connection: Connection = session.connection()
    connection.execution_options(**{_CHANNELS: frozenset(channels)})


def waiting(session: Session) -> list[tuple[str, str]]:
    rows = session.execute(select(OutboxItem.channel, OutboxItem.address).order_by(OutboxItem.channel))
    return [(channel, address) for channel, address in rows]


def test_each_person_is_told_once_of_a_thing(session: Session, make: Make) -> None:
    one, two = make("one"), make("two")
    assert notify(session, [one.id or 0, two.id or 0], NEWS, at=AT) == 2
    assert notify(session, [one.id or 0, two.id or 0], NEWS, at=AT + timedelta(days=1)) == 0
    assert queries.unread_count(session, one.id or 0) == 1
    (view,), total = queries.staff_notices(session, one.id or 0)
    assert (total, view.kind, view.subject_id, view.at, view.is_read) == (1, "case.new", "c1", AT, False)


def test_one_reads_ones_own_and_no_others(session: Session, make: Make) -> None:
    one, two = make("one"), make("two")
    notify(session, [one.id or 0], NEWS, at=AT)
    notice_id = session.scalars(select(StaffNotice.id)).one()
    assert mark_read(session, two, notice_id, at=AT) is None
    assert queries.unread_count(session, one.id or 0) == 1
    assert mark_read(session, one, notice_id, at=AT) is not None
    assert mark_read(session, one, notice_id, at=AT) is not None, "read twice, noted once"
    assert queries.unread_count(session, one.id or 0) == 0
    assert list(session.scalars(select(AuditEvent.action).where(AuditEvent.action == "notice.read"))) == [
        "notice.read"
    ]


def test_all_read_leaves_what_came_later_and_what_is_others(session: Session, make: Make) -> None:
    one, two = make("one"), make("two")
    for number in range(3):
        news = News("case.new", "case", f"c{number}", f"case.new:{number}")
        notify(session, [one.id or 0, two.id or 0], news, at=AT + timedelta(minutes=number))
    assert mark_all_read(session, one, until=AT + timedelta(minutes=1), at=AT) == 2
    assert mark_all_read(session, one, until=AT + timedelta(minutes=1), at=AT) == 0
    assert queries.unread_count(session, one.id or 0) == 1
    assert queries.unread_count(session, two.id or 0) == 3


def test_more_than_ninety_nine_are_not_counted_on(session: Session, make: Make) -> None:
    one = make("one")
    news = [(one.id or 0, News("case.new", "case", str(n), f"k{n}")) for n in range(120)]
    assert notify_all(session, news, at=AT) == 120
    assert queries.unread_count(session, one.id or 0) == 100
    page, total = queries.staff_notices(session, one.id or 0, page=3)
    assert (len(page), total) == (20, 120)


def test_nothing_goes_out_unless_set_up(session: Session, make: Make) -> None:
    notify(session, [make("one", "one@example.org").id or 0], NEWS, at=AT)
    assert waiting(session) == []


def test_word_goes_to_those_who_want_it_and_once_while_it_waits(session: Session, make: Make) -> None:
    with_channels(session, Channel.EMAIL, Channel.WEBHOOK)
    ids = [make("one", "one@example.org").id or 0, make("two").id or 0]
    closed = make("closed", "closed@example.org").id or 0
    session.get_one(Account, closed).active = False
    session.flush()
    notify(session, [*ids, closed], NEWS, at=AT)
    assert waiting(session) == [("email", "one@example.org"), ("webhook", "")]
    # what goes out says the same whatever happened: one that waits says it for all
    notify(session, ids, News("case.new", "case", "c2", "case.new:c2"), at=AT)
    assert len(waiting(session)) == 2
    for item in session.scalars(select(OutboxItem)):
        item.sent_at = AT
    session.flush()
    notify(session, ids, News("case.new", "case", "c3", "case.new:c3"), at=AT)
    assert len(waiting(session)) == 4
    stored = " ".join(f"{item.kind} {item.address}" for item in session.scalars(select(OutboxItem)))
    assert "c3" not in stored


@pytest.mark.parametrize(
    "text", ["x", "a@b", "a b@example.org", "张@example.org", "a@example.org\nBcc: b@example.org", "a@-x.org"]
)
def test_what_is_no_address_is_refused(session: Session, make: Make, text: str) -> None:
    with_channels(session, Channel.EMAIL)
    with pytest.raises(RuleViolation) as refused:
        set_email(session, make("one"), text, at=AT)
    assert refused.value.field == "email"


def test_an_address_is_set_and_taken_back(session: Session, make: Make) -> None:
    one = make("one")
    with pytest.raises(RuleViolation):
        set_email(session, one, "one@example.org", at=AT)
    with_channels(session, Channel.EMAIL)
    set_email(session, one, " one@example.org ", at=AT)
    assert queries.notify_email(session, one.id or 0) == "one@example.org"
    notify(session, [one.id or 0], NEWS, at=AT)
    assert waiting(session) == [("email", "one@example.org")]
    set_email(session, one, "", at=AT)
    assert queries.notify_email(session, one.id or 0) == ""
    assert waiting(session) == [], "nothing goes to an address taken back"
    details = session.scalars(select(AuditEvent.detail).where(AuditEvent.action == "account.email_set")).all()
    assert len(details) == 2
    assert "example" not in "".join(details)
