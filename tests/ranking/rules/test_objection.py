"""Objections and appeals: when they can be filed, by when they are decided, and who may not decide them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ethics_eval.accounts.rules import Actor, Role
from ethics_eval.ranking.rules.objection import (
    KIND_LABELS,
    MAX_GROUNDS,
    OBJECTION_STATUS_LABELS,
    TOPIC_LABELS,
    FilingFacts,
    Hand,
    ObjectionKind,
    ObjectionStatus,
    Reminder,
    Topic,
    check_file,
    check_open,
    check_reviewer,
    checked_grounds,
    decide_due,
    kind_now,
    last_day,
    reminder_due,
)
from ethics_eval.ranking.rules.steps import SemesterStatus
from ethics_eval.roster.rules.calendar import Calendar
from tests.support.refusals import refused

OBJECTION, APPEAL = ObjectionKind.OBJECTION, ObjectionKind.APPEAL
CALENDAR = Calendar(covered_until=date(2026, 12, 31))
ENDS, PUBLISHED = date(2026, 2, 6), date(2026, 2, 9)  # a Friday and a Monday


def facts(status: str, *, listed: bool = True, has_open: bool = False) -> FilingFacts:
    published = PUBLISHED if status == "published" else None
    return FilingFacts(status, listed, ENDS, published, has_open)


@pytest.mark.parametrize("status", [*SemesterStatus, "superseded"])
@pytest.mark.parametrize("kind", ObjectionKind)
@pytest.mark.parametrize("listed", [True, False])
def test_each_kind_has_its_time_and_its_people(status: str, kind: ObjectionKind, listed: bool) -> None:
    expected = {
        ("announced", OBJECTION, True): ENDS,
        ("published", APPEAL, True): date(2026, 3, 11),
        ("published", APPEAL, False): date(2026, 3, 11),
    }.get((status, kind, listed))
    found = facts(status, listed=listed)
    assert last_day(kind, found, CALENDAR) == expected
    if expected is None:
        with refused("objection.out_of_turn"):
            check_file(kind, found, ENDS, CALENDAR)
        return
    check_file(kind, found, expected, CALENDAR)
    with refused("objection.late"):
        check_file(kind, found, expected + timedelta(days=1), CALENDAR)
    with refused("objection.open"):
        check_file(kind, facts(status, listed=listed, has_open=True), expected, CALENDAR)
    assert kind_now(found) is kind


def test_days_for_the_decision() -> None:
    assert decide_due(OBJECTION, date(2026, 2, 6), CALENDAR) == date(2026, 2, 13)  # 5 working days
    assert decide_due(APPEAL, date(2026, 2, 9), CALENDAR) == date(2026, 3, 11)  # 30 days, 教师法 39
    # beyond the days the calendar knows no right is lost
    assert decide_due(APPEAL, date(2026, 12, 20), CALENDAR) == date(2027, 1, 19)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 2, 9), None),
        (date(2026, 3, 4), None),
        (date(2026, 3, 5), Reminder.NEAR),
        (date(2026, 3, 11), Reminder.NEAR),
        (date(2026, 3, 12), Reminder.OVERDUE),
    ],
)
def test_reminders(today: date, expected: Reminder | None) -> None:
    assert reminder_due(date(2026, 2, 9), date(2026, 3, 11), today) is expected


def officer(account_id: int | None, teacher_id: int | None = None) -> Actor:
    return Actor(account_id, Role.BUREAU_OFFICER, "officer", teacher_id=teacher_id)


HANDS: dict[Hand, frozenset[int]] = {
    hand: frozenset({place}) for place, hand in enumerate(Hand, start=1) if hand is not Hand.OWN
}


@pytest.mark.parametrize("hand", [hand for hand in Hand if hand is not Hand.OWN])
def test_whoever_had_a_hand_in_it_is_refused_by_name_of_the_reason(hand: Hand) -> None:
    (account_id,) = HANDS[hand]
    with refused(f"objection.{hand}"):
        check_reviewer(officer(account_id), 77, HANDS)


def test_nobody_reviews_the_own_score_and_others_may() -> None:
    with refused("objection.own"):
        check_reviewer(officer(99, teacher_id=77), 77, HANDS)
    check_reviewer(officer(99, teacher_id=78), 77, HANDS)
    check_reviewer(officer(99), 77, HANDS)


@pytest.mark.parametrize("status", ObjectionStatus)
def test_what_has_ended_is_not_touched(status: ObjectionStatus) -> None:
    if status is ObjectionStatus.OPEN:
        return check_open(status)
    with refused("objection.ended"):
        check_open(status)
    return None


def test_grounds() -> None:
    text = "家长评的应评人数登记错了，应为四十二人。"
    assert checked_grounds(text) == text
    for bad, code in (("错了", "reason.short"), ("长" * (MAX_GROUNDS + 1), "objection.long")):
        with refused(code):
            checked_grounds(bad)


def test_every_code_has_words() -> None:
    assert KIND_LABELS.keys() == set(ObjectionKind)
    assert TOPIC_LABELS.keys() == set(Topic)
    assert OBJECTION_STATUS_LABELS.keys() == set(ObjectionStatus)
