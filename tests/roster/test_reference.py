"""The holidays the package ships."""

from __future__ import annotations

from datetime import date

import pytest

from ethics_eval.roster import reference

YEARS = {year.year: year for year in reference.holiday_years()}


def test_years_are_whole_and_say_whether_they_are_confirmed() -> None:
    assert {year: one.confirmed for year, one in YEARS.items()} == {2025: True, 2026: True, 2027: False}
    assert all(one.source for one in YEARS.values())


@pytest.mark.parametrize("year", YEARS)
def test_no_day_twice_and_none_of_another_year(year: int) -> None:
    holidays = [day for day, _name in YEARS[year].holidays]
    days = [*holidays, *YEARS[year].workdays]
    assert len(set(days)) == len(days)
    assert {day.year for day in days} == {year}


@pytest.mark.parametrize("year", YEARS)
def test_make_up_days_are_weekends(year: int) -> None:
    assert all(day.weekday() >= 5 for day in YEARS[year].workdays)


def test_as_published() -> None:
    holidays = {year: {day for day, _name in one.holidays} for year, one in YEARS.items()}
    assert [len(days) for days in holidays.values()] == [28, 33, 13]
    assert [len(one.workdays) for one in YEARS.values()] == [5, 6, 0]
    assert {date(2025, 10, day) for day in range(1, 9)} <= holidays[2025]
    assert {date(2026, 2, day) for day in range(15, 24)} <= holidays[2026]
    assert date(2025, 9, 28) in YEARS[2025].workdays
    assert date(2026, 9, 20) in YEARS[2026].workdays
    # New Year's Eve and the first three days of the lunar year, which begins on 2027-02-06
    assert {date(2027, 2, day) for day in range(5, 9)} <= holidays[2027]
