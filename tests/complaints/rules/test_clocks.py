"""The clocks, on the worked dates of domain.md §7.7."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.complaints.rules import clocks
from ethics_eval.complaints.rules.clocks import Lateness
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
        assert CITY.working_days_between(start, end) == days
        assert CITY.is_working_day(end)
