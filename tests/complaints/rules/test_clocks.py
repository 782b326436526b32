"""The clocks, on the worked dates of domain.md §7.7."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.complaints.rules import clocks
from ethics_eval.complaints.rules.clocks import Lateness, Pause
from ethics_eval.roster.reference import holiday_years
from ethics_eval.roster.rules.calendar import Calendar

YEARS = holiday_years()
CITY = Calendar(
    holidays=frozenset(day for year in YEARS for day, _name in year.holidays),
    workdays=frozenset(day for year in YEARS for day in year.workdays),
    covered_until=date(YEARS[-1].year, 12, 31),
)
NO_WEEKEND_ROLL = Calendar(CITY.holidays, CITY.workdays, CITY.covered_until, weekend_rolls=False)


def test_fifteen_days_that_end_on_a_holiday() -> None:
    assert clocks.accept_due(date(2025, 9, 22), CITY) == date(2025, 10, 9)


def test_sixty_days_with_and_without_the_weekend() -> None:
    assert clocks.reply_due(date(2025, 9, 24), CITY) == date(2025, 11, 24)
    assert clocks.reply_due(date(2025, 9, 24), NO_WEEKEND_ROLL) == date(2025, 11, 23)


def test_five_working_days_over_the_national_day() -> None:
    for clock in (clocks.objection_ends, clocks.defence_ends):
        assert clock(date(2025, 9, 26), CITY) == date(2025, 10, 10)


def test_thirty_days_of_reconsideration() -> None:
    assert clocks.window_ends(date(2026, 4, 10), CITY) == date(2026, 5, 11)
    assert clocks.window_ends(date(2026, 4, 10), NO_WEEKEND_ROLL) == date(2026, 5, 10)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (date(2026, 3, 4), date(2026, 3, 5)),
        (date(2026, 3, 6), date(2026, 3, 9)),  # a Friday
        (date(2025, 9, 27), date(2025, 9, 28)),  # a Sunday that is worked
        (date(2025, 9, 30), date(2025, 10, 9)),
    ],
)
def test_one_working_day_to_register(received: date, due: date) -> None:
    assert clocks.register_due(received, CITY) == due


@pytest.mark.parametrize("calendar", [CITY, Calendar(covered_until=date.min)], ids=["to 2027", "none"])
def test_a_list_of_holidays_that_ran_out_stops_nothing(calendar: Calendar) -> None:
    beyond = date(2031, 9, 30)
    assert clocks.register_due(beyond, calendar) == date(2031, 10, 1)
    assert clocks.accept_due(beyond, calendar) == date(2031, 10, 15)
    assert clocks.reply_due(beyond, calendar) == date(2031, 12, 1)  # 29 November is a Saturday
    assert clocks.defence_ends(beyond, calendar) == date(2031, 10, 7)
    assert clocks.window_ends(beyond, calendar) == date(2031, 10, 30)


@pytest.mark.parametrize(
    ("left", "lateness"),
    [
        (-400, Lateness.OVERDUE),
        (-1, Lateness.OVERDUE),
        (0, Lateness.DUE_TODAY),
        (1, Lateness.NEAR),
        (3, Lateness.NEAR),
        (4, Lateness.ON_TIME),
        (60, Lateness.ON_TIME),
    ],
)
def test_how_a_due_day_stands(left: int, lateness: Lateness) -> None:
    today = date(2026, 3, 20)
    due = clocks.due(today + timedelta(days=left), today)
    assert (due.days, due.lateness) == (left, lateness)


@given(st.dates(date(2025, 1, 1), date(2030, 12, 31)))
def test_no_clock_is_shorter_than_the_law_nor_ends_on_a_day_off(start: date) -> None:
    for clock, days in ((clocks.accept_due, 15), (clocks.reply_due, 60), (clocks.window_ends, 30)):
        end = clock(start, CITY)
        assert end >= start + timedelta(days=days)
        assert CITY.is_working_day(end)
        assert all(
            not CITY.is_working_day(start + timedelta(days=day)) for day in range(days, (end - start).days)
        )
    for working_clock, days in ((clocks.register_due, 1), (clocks.defence_ends, 5)):
        end = working_clock(start, CITY)
        after = (start + timedelta(days=day) for day in range(1, (end - start).days + 1))
        assert sum(map(CITY.is_working_day, after)) == days
        assert CITY.is_working_day(end)


def test_thirty_more_days_count_from_the_end_before_it_is_rolled() -> None:
    # domain.md §7.7, example 2: from Sunday the 23rd, not from Monday the 24th
    accepted = date(2025, 9, 24)
    assert clocks.reply_due(accepted, CITY, extended=True) == date(2025, 12, 23)
    assert clocks.reply_due(accepted, NO_WEEKEND_ROLL, extended=True) == date(2025, 12, 23)


def test_thirty_days_to_ask_for_a_review_and_thirty_to_decide_it() -> None:
    # domain.md §7.7, example 10
    for clock in (clocks.review_ask_ends, clocks.review_due):
        assert clock(date(2026, 4, 10), CITY) == date(2026, 5, 11)
        assert clock(date(2026, 4, 10), NO_WEEKEND_ROLL) == date(2026, 5, 10)


# each row: the clock, the day it starts, the day it ends; every clock by itself, none ends another (the limits of a
# service agreement, as they stand in the law or in the bureau's settings)
LIMITS = [
    ("register", lambda day: clocks.register_due(day, CITY), date(2026, 3, 20), date(2026, 3, 23)),
    ("accept", lambda day: clocks.accept_due(day, CITY), date(2026, 3, 20), date(2026, 4, 7)),
    ("reply", lambda day: clocks.reply_due(day, CITY), date(2026, 3, 20), date(2026, 5, 19)),
    ("return", lambda day: clocks.return_due(day, None, CITY), date(2026, 3, 20), date(2026, 4, 20)),
    ("objection", lambda day: clocks.objection_ends(day, CITY), date(2026, 3, 20), date(2026, 3, 27)),
    ("defence", lambda day: clocks.defence_ends(day, CITY), date(2026, 3, 20), date(2026, 3, 27)),
    ("window", lambda day: clocks.window_ends(day, CITY), date(2026, 3, 20), date(2026, 4, 20)),
    ("review", lambda day: clocks.review_due(day, CITY), date(2026, 3, 20), date(2026, 4, 20)),
    ("dispute", lambda day: clocks.dispute_due(day, CITY), date(2026, 3, 20), date(2026, 4, 3)),
    # over the Spring Festival of 2026 (15 to 23 February off, 14 and 28 worked)
    ("register", lambda day: clocks.register_due(day, CITY), date(2026, 2, 13), date(2026, 2, 14)),
    ("register", lambda day: clocks.register_due(day, CITY), date(2026, 2, 14), date(2026, 2, 24)),
    ("accept", lambda day: clocks.accept_due(day, CITY), date(2026, 2, 3), date(2026, 2, 24)),
    ("defence", lambda day: clocks.defence_ends(day, CITY), date(2026, 2, 13), date(2026, 2, 27)),
    ("dispute", lambda day: clocks.dispute_due(day, CITY), date(2026, 2, 13), date(2026, 3, 5)),
]


@pytest.mark.parametrize(("name", "clock", "start", "end"), LIMITS)
def test_every_limit_over_weekends_and_holidays(
    name: str, clock: Callable[[date], date], start: date, end: date
) -> None:
    assert clock(start) == end, name


def test_an_assignee_reports_back_before_the_reply_is_due() -> None:
    assert clocks.return_due(date(2026, 3, 20), date(2026, 4, 1), CITY) == date(2026, 4, 1)
    assert clocks.return_due(date(2026, 4, 10), date(2026, 4, 1), CITY) == date(2026, 4, 10)


def test_an_urgent_clock_counts_hours_by_day_and_night() -> None:
    friday_night = datetime(2026, 3, 20, 15, 30, tzinfo=UTC)
    assert clocks.urgent_due(friday_night) == datetime(2026, 3, 20, 17, 30, tzinfo=UTC)
    assert clocks.urgent_due(friday_night, hours=24) == datetime(2026, 3, 21, 15, 30, tzinfo=UTC)


def test_days_that_stood_still() -> None:
    pauses = [Pause(date(2026, 3, 23), date(2026, 5, 2)), Pause(date(2026, 5, 4), date(2026, 5, 4))]
    assert clocks.paused_days(pauses) == 40
    assert clocks.reply_due(date(2026, 3, 20), CITY, pauses=pauses) == date(2026, 6, 29)
    assert clocks.moved(date(2026, 4, 20), pauses[0], CITY) == date(2026, 6, 1)
    assert clocks.defence_ends(date(2026, 3, 20), CITY, pauses) == date(2026, 5, 11)  # 9 May is worked


@pytest.mark.parametrize(
    ("earlier", "in_time", "verdict"),
    [
        (None, True, True),
        (None, False, False),
        (True, True, True),
        (True, False, False),
        (False, True, False),
        (False, False, False),
    ],
)
def test_lateness_once_found_is_never_taken_back(earlier: bool | None, in_time: bool, verdict: bool) -> None:
    assert clocks.verdict(earlier, in_time) is verdict


@given(
    st.dates(date(2025, 1, 1), date(2027, 6, 30)),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=3),
)
def test_a_pause_takes_no_working_day_from_the_teacher(start: date, gaps: list[tuple[int, int]]) -> None:
    pauses, day = [], start
    for wait, length in gaps:
        begin = day + timedelta(days=wait)
        day = begin + timedelta(days=length)
        pauses.append(Pause(begin, day))
    end = clocks.defence_ends(start, CITY, pauses)
    still = {one.start + timedelta(days=n) for one in pauses for n in range(one.days)}
    days = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(CITY.is_working_day(one) and one not in still for one in days) == 5
    assert clocks.reply_due(start, CITY, pauses=pauses) >= clocks.reply_due(start, CITY)
