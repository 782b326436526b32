"""The window of a round, when schools are reminded, and what a group still needs."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.evaluation.rules.round import (
    SHORTEST,
    Frame,
    Standing,
    Urge,
    Window,
    check_changeable,
    check_window,
    default_window,
    needed_ballots,
    standing,
    urge_due,
)
from ethics_eval.evaluation.rules.scheme import ComponentRule
from ethics_eval.roster.rules.calendar import CITY_TIME
from tests.support.refusals import refused

FRAME = Frame(date(2025, 9, 1), date(2026, 1, 30), datetime(2026, 1, 30, 18, tzinfo=CITY_TIME))
PUPIL = ComponentRule(2000, 10, 10, 70, 20, 16)
PEER = ComponentRule(2000, 10, 5, 0, 5, 4)


def at(month: int, day: int, hour: int = 8, minute: int = 0) -> datetime:
    return datetime(2026 if month < 9 else 2025, month, day, hour, minute, tzinfo=CITY_TIME)


USUAL = Window(at(12, 19), at(1, 2, 20))


@pytest.mark.parametrize(
    ("now", "window"),
    [
        (at(9, 1), USUAL),
        (at(12, 19, 9), Window(at(12, 19, 9), at(1, 2, 20))),
        (at(12, 30), Window(at(12, 30), at(1, 13))),  # begun late: two weeks all the same
        (at(1, 25), Window(at(1, 25), FRAME.freeze_at)),  # but never past the freeze
        (at(1, 30, 17, 30), None),
        (at(3, 1), None),
    ],
)
def test_the_default_is_six_to_four_weeks_before_the_freeze(now: datetime, window: Window | None) -> None:
    assert default_window(FRAME, now) == window


@given(st.integers(0, 400), st.integers(1, 200), st.integers(-30, 400))
def test_a_default_window_makes_sense(freeze: int, length: int, now: int) -> None:
    starts_on = date(2025, 9, 1)
    frame = Frame(starts_on, starts_on + timedelta(days=length), at(9, 1, 18) + timedelta(days=freeze))
    moment = at(9, 1) + timedelta(days=now)
    window = default_window(frame, moment)
    if window is not None:
        assert moment <= window.opens_at
        assert window.opens_at + SHORTEST <= window.closes_at <= frame.freeze_at
        if (window.closes_at - timedelta(seconds=1)).date() <= frame.ends_on < window.closes_at.date():
            return  # it closes at the very end of the last day
        check_window(window, None, frame, moment)


@pytest.mark.parametrize(
    ("window", "before", "now", "code"),
    [
        (USUAL, None, at(12, 1), None),
        (USUAL, USUAL, at(12, 20), None),
        (Window(USUAL.opens_at, at(1, 9, 20)), USUAL, at(12, 20), None),  # longer while it runs
        (Window(at(12, 22), at(1, 9, 20)), USUAL, at(12, 20), "round.begun"),
        (Window(at(12, 1), at(1, 9)), None, at(12, 2), "round.past"),
        (Window(USUAL.opens_at, at(12, 20)), USUAL, at(12, 21), "round.past"),
        (Window(at(12, 19), at(12, 19, 8, 30)), None, at(12, 2), "round.short"),
        (Window(at(12, 19), at(12, 18)), None, at(12, 2), "round.short"),
        (
            Window(datetime(2025, 8, 31, 8, tzinfo=CITY_TIME), at(9, 9)),
            None,
            at(9, 1) - timedelta(3),
            "round.semester",
        ),
        (Window(at(1, 28), at(1, 31)), None, at(12, 2), "round.semester_end"),
        (Window(at(1, 28), at(1, 30, 19)), None, at(12, 2), "round.freeze"),
    ],
)
def test_what_a_window_may_be(window: Window, before: Window | None, now: datetime, code: str | None) -> None:
    if code is None:
        check_window(window, before, FRAME, now)
    else:
        with refused(code):
            check_window(window, before, FRAME, now)


def test_nothing_changes_after_the_end_or_the_freeze() -> None:
    check_changeable("planned", None, is_closed=False, at=at(8, 1))
    check_changeable("open", USUAL, is_closed=False, at=at(1, 2, 19))
    for status, is_closed, now, code in (
        ("frozen", False, at(12, 1), "round.frozen"),
        ("published", True, at(12, 1), "round.frozen"),
        ("open", True, at(12, 1), "round.over"),
        ("open", False, at(1, 2, 20), "round.over"),
    ):
        with refused(code):
            check_changeable(status, USUAL, is_closed=is_closed, at=now)


@pytest.mark.parametrize(
    ("now", "urge"),
    [
        (at(12, 19, 7), None),
        (at(12, 20), None),
        (at(12, 26, 14), Urge.HALF),
        (at(12, 30, 19), Urge.HALF),
        (at(12, 30, 20), Urge.LAST),
        (at(1, 2, 19), Urge.LAST),
        (at(1, 2, 20), None),
    ],
)
def test_schools_are_reminded_at_half_and_before_the_end(now: datetime, urge: Urge | None) -> None:
    assert urge_due(USUAL, now) == urge


def test_a_short_round_has_one_reminder() -> None:
    short = Window(at(12, 19), at(12, 22))
    assert urge_due(short, at(12, 19)) is Urge.LAST


@pytest.mark.parametrize(
    ("seats", "rule", "needed"),
    [(45, PUPIL, 20), (20, PUPIL, 14), (13, PUPIL, 10), (8, PUPIL, 10), (30, PEER, 5), (3, PEER, 5)],
)
def test_what_a_group_needs(seats: int, rule: ComponentRule, needed: int) -> None:
    assert needed_ballots(seats, rule) == needed


@pytest.mark.parametrize(
    ("seats", "returned", "expected"),
    [
        (4, 4, Standing.HIDDEN),
        (8, 8, Standing.TOO_FEW),
        (45, 19, Standing.SHORT),
        (45, 20, Standing.REACHED),
        (12, 9, Standing.SHORT),
        (12, 10, Standing.REACHED),
    ],
)
def test_where_a_group_stands(seats: int, returned: int, expected: Standing) -> None:
    assert standing(seats, returned, needed_ballots(seats, PUPIL)) is expected
