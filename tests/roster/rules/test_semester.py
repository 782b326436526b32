"""Semester names, and the weeks of postings."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.roster.rules.semester import semester_name, weeks_in_post
from ethics_eval.text import RuleViolation

START, END = date(2025, 9, 1), date(2026, 1, 30)


def weeks(starts_on: date, ends_on: date | None = None, *, end: date = END, of: int = 20) -> int:
    return weeks_in_post(starts_on, ends_on, semester_starts_on=START, semester_ends_on=end, weeks=of)


def test_names() -> None:
    assert semester_name("2025-2026-1") == "2025—2026学年度第一学期"
    assert semester_name("2025-2026-2") == "2025—2026学年度第二学期"


@pytest.mark.parametrize("code", ["2025-2027-1", "2025-2026-3", "2025-2026", "25-26-1", "2026-2025-1"])
def test_codes_that_are_none(code: str) -> None:
    with pytest.raises(RuleViolation):
        semester_name(code)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "wanted"),
    [
        (date(2010, 9, 1), None, 20),
        (START, END, 20),
        (START, date(2025, 9, 3), 0),
        (START, date(2025, 9, 4), 1),
        (date(2025, 9, 4), None, 20),
        (date(2025, 9, 5), None, 19),
        (date(2025, 11, 10), None, 10),
        (date(2026, 1, 19), None, 0),
        (date(2026, 3, 1), None, 0),
        (date(2020, 1, 1), date(2025, 8, 31), 0),
    ],
)
def test_weeks(starts_on: date, ends_on: date | None, wanted: int) -> None:
    assert weeks(starts_on, ends_on) == wanted


def test_a_last_block_of_even_days_halved_goes_to_neither() -> None:
    end = START + timedelta(days=7 + 3)  # one whole week and four days
    turn = START + timedelta(days=7 + 1)
    assert weeks(START, turn, end=end, of=2) == 1
    assert weeks(turn + timedelta(days=1), None, end=end, of=2) == 0


@given(st.integers(1, 30), st.integers(1, 220), st.lists(st.integers(0, 220), max_size=4))
def test_a_week_is_never_counted_twice(of: int, length: int, cuts: list[int]) -> None:
    end = START + timedelta(days=length)
    turns = sorted({START + timedelta(days=min(cut, length)) for cut in cuts} | {START})
    spans = [*zip(turns, [turn - timedelta(days=1) for turn in turns[1:]] + [None], strict=True)]
    parts = [weeks(first, last, end=end, of=of) for first, last in spans]
    assert all(0 <= part <= of for part in parts)
    whole = weeks(START, None, end=end, of=of)
    assert sum(parts) <= whole <= of
    if length + 1 >= 7 * of:  # every block whole: with one turn nothing is lost
        assert whole == of
        if len(parts) == 2:
            assert sum(parts) == of


@given(st.dates(date(2024, 1, 1), date(2027, 1, 1)), st.integers(0, 400), st.integers(0, 60))
def test_a_longer_posting_never_has_fewer_weeks(first: date, length: int, more: int) -> None:
    last = first + timedelta(days=length)
    assert weeks(first, last) <= weeks(first, last + timedelta(days=more)) <= weeks(first, None)
