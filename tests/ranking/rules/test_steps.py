"""The steps of a semester: in order, each once, and not before their time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ethics_eval.ranking.rules.steps import (
    SemesterStatus,
    Step,
    announce_due,
    check_freeze,
    check_publish,
    is_owed,
    next_step,
    objection_ends,
)
from ethics_eval.roster.rules.calendar import Calendar
from tests.support.refusals import refused

STATUSES = list(SemesterStatus)
STEPS = list(Step)


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("step", STEPS)
def test_a_step_follows_the_one_before_and_is_taken_once(status: SemesterStatus, step: Step) -> None:
    taken, place = STATUSES.index(status), STEPS.index(step)
    if place < taken:
        assert is_owed(step, status) is False
    elif place == taken:
        assert is_owed(step, status) is True
        assert next_step(status) is step
    else:
        with refused("semester.step_order"):
            is_owed(step, status)


def test_nothing_follows_publication() -> None:
    assert next_step(SemesterStatus.PUBLISHED) is None


def test_an_empty_semester_or_one_beside_another_frozen_one_is_not_frozen() -> None:
    check_freeze(1, None)
    with refused("semester.empty"):
        check_freeze(0, None)
    with refused("semester.earlier_unpublished"):
        check_freeze(1, "第一学期")


def test_publication_waits_for_the_last_day_of_the_window() -> None:
    last = date(2026, 2, 6)
    with refused("semester.objection_open"):
        check_publish(1, last, last)
    check_publish(1, last, last + timedelta(days=1))
    check_publish(0, last, last)  # nobody is listed, nobody can object
    with refused("semester.objection_open"):
        check_publish(1, None, last)


CALENDAR = Calendar(
    holidays=frozenset({date(2025, 10, 1), date(2025, 10, 2)}), workdays=frozenset({date(2025, 9, 28)})
)


def test_the_window_is_five_working_days() -> None:
    # Friday: Sunday the 28th is a working day here, then Mon, Tue, (1st and 2nd off) Fri, Mon
    assert objection_ends(date(2025, 9, 26), CALENDAR) == date(2025, 10, 6)


def test_prior_notice_goes_out_in_time_for_publication() -> None:
    publish_on = date(2025, 10, 9)
    day = announce_due(publish_on, CALENDAR)
    assert objection_ends(day, CALENDAR) < publish_on
    assert objection_ends(day + timedelta(days=1), CALENDAR) >= publish_on


@pytest.mark.parametrize(
    ("publish_on", "notice_on", "is_known"),
    [
        (date(2027, 12, 29), date(2027, 12, 21), True),  # a later day would be beyond, and too late anyway
        (date(2027, 12, 31), date(2027, 12, 23), True),
        (date(2028, 1, 6), date(2027, 12, 29), False),  # as if there were no New Year's holiday
        (date(2028, 1, 20), date(2028, 1, 12), False),
    ],
)
def test_the_day_of_the_notice_is_reckoned_where_the_calendar_ends(
    publish_on: date, notice_on: date, is_known: bool
) -> None:
    ending = Calendar(covered_until=date(2027, 12, 31))
    assert announce_due(publish_on, ending) == notice_on
    if is_known:
        assert objection_ends(notice_on, ending) < publish_on
    else:
        with refused("calendar.exhausted"):
            objection_ends(notice_on, ending)
