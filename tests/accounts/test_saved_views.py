"""Saved views are one's own, few, and named once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import AuditEvent
from ethics_eval.accounts.rules import PUBLIC, Actor, Role
from ethics_eval.accounts.saved_views import MAX_VIEWS, delete_view, save_view, saved_views
from ethics_eval.accounts.service import actor_of, create_account
from ethics_eval.text import RuleViolation

AT = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)


@pytest.fixture
def people(session: Session) -> tuple[Actor, Actor]:
    """Two officers of the bureau."""
    made = [
        create_account(
            session,
            username=name,
            display_name=name,
            password_hash="not a password",
            role=Role.BUREAU_OFFICER,
            actor=PUBLIC,
            at=AT,
        )
        for name in ("one", "two")
    ]
    return actor_of(made[0]), actor_of(made[1])


def test_nobody_else_sees_or_deletes_a_view(session: Session, people: tuple[Actor, Actor]) -> None:
    one, two = people
    view = save_view(
        session, one, name="  逾期的  小学 ", filters={"status": "overdue", "stage": "PRI"}, at=AT
    )
    assert (view.name, view.query) == ("逾期的 小学", "status=overdue&stage=PRI")
    assert saved_views(session, two) == []
    assert not delete_view(session, two, view.id, at=AT)
    assert saved_views(session, one) == [view]
    assert delete_view(session, one, view.id, at=AT)
    assert saved_views(session, one) == []
    actions = session.scalars(
        select(AuditEvent.action).where(AuditEvent.subject_kind == "view").order_by(AuditEvent.id)
    )
    assert list(actions) == ["view.saved", "view.deleted"]


def test_a_name_used_again_takes_the_new_filters(session: Session, people: tuple[Actor, Actor]) -> None:
    one, two = people
    save_view(session, one, name="我的", filters={"owner": "me"}, at=AT)
    save_view(session, two, name="我的", filters={"owner": "none"}, at=AT)
    save_view(session, one, name="我的", filters={"unread": "1"}, at=AT)
    assert [view.query for view in saved_views(session, one)] == ["unread=1"]
    assert [view.query for view in saved_views(session, two)] == ["owner=none"]


@pytest.mark.parametrize("name", ["", "   ", "字" * 41])
def test_a_view_needs_a_short_name(session: Session, people: tuple[Actor, Actor], name: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        save_view(session, people[0], name=name, filters={}, at=AT)
    assert refused.value.field == "name"


def test_twenty_views_are_enough(session: Session, people: tuple[Actor, Actor]) -> None:
    for at in range(MAX_VIEWS):
        save_view(session, people[0], name=f"第{at}个", filters={}, at=AT)
    with pytest.raises(RuleViolation):
        save_view(session, people[0], name="再一个", filters={}, at=AT)
    save_view(session, people[0], name="第3个", filters={"urgent": "1"}, at=AT)
    save_view(session, people[1], name="再一个", filters={}, at=AT)


def test_filters_of_unreasonable_length_are_refused(session: Session, people: tuple[Actor, Actor]) -> None:
    with pytest.raises(RuleViolation):
        save_view(session, people[0], name="长", filters={"q": "字" * 60}, at=AT)
