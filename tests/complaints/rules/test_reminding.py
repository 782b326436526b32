"""When each level comes, that it is given once whatever the ticks, and who hears of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.accounts.rules import Role
from ethics_eval.complaints.rules.machine import Desk
from ethics_eval.complaints.rules.reminding import (
    BUREAU,
    Clock,
    Level,
    Spacing,
    Standing,
    addressees,
    giving,
    hearing_desk,
    levels_due,
    moments,
    overdue_level,
    urgent_levels_due,
    warn_on,
)

SCHOOL = {Role.SCHOOL_OFFICER, Role.SCHOOL_HEAD}


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


@pytest.mark.parametrize(
    ("started", "due", "wanted"),
    [
        # 60 days of acceptance: 48 have passed on 04-18
        ("03-01", "04-30", {"warn": "04-18", "near": "04-27"}),
        # 15 days: both warnings on one day
        ("03-02", "03-17", {"warn": "03-14", "near": "03-14"}),
        # 5 days: three left comes before 80 %
        ("03-02", "03-07", {"near": "03-04", "warn": "03-06"}),
        # one working day: no warning before it
        ("03-02", "03-03", {}),
        # one working day over a holiday of nine days
        ("04-30", "05-09", {"near": "05-06", "warn": "05-08"}),
    ],
)
def test_warnings_come_at_four_fifths_and_at_three_days_left(
    started: str, due: str, wanted: dict[str, str]
) -> None:
    found = moments(day(started), day(due))
    assert {level.value: when for when, level in found[: len(wanted)]} == {
        name: day(when) for name, when in wanted.items()
    }
    assert [level for _day, level in found[len(wanted) :]] == list(Level)[2:]
    assert found == sorted(found, key=lambda moment: moment[0])


def test_after_the_due_day_it_goes_up_as_the_city_has_set() -> None:
    started, due = day("03-01"), day("04-30")
    after = dict((level, (when - due).days) for when, level in moments(started, due)[2:])
    assert after == {Level.DUE: 0, Level.OFFICER: 1, Level.HEAD: 2, Level.DISTRICT: 4, Level.CITY: 7}
    other = Spacing(officer=2, head=5, district=10, city=20)
    assert levels_due(started, due, due + timedelta(days=9), other)[-1] is Level.HEAD
    assert overdue_level(due, due) is None
    assert overdue_level(due, due + timedelta(days=3)) is Level.HEAD
    assert overdue_level(due, due + timedelta(days=300)) is Level.CITY
    for wrong in ((0, 2, 4, 7), (1, 1, 4, 7), (1, 5, 4, 7)):
        with pytest.raises(ValueError, match="must rise"):
            Spacing(*wrong)


def test_an_urgent_clock_goes_by_minutes() -> None:
    start = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
    due = start + timedelta(hours=2)
    assert urgent_levels_due(start, due, start + timedelta(minutes=95)) == []
    assert urgent_levels_due(start, due, start + timedelta(minutes=96)) == [Level.WARN]
    assert urgent_levels_due(start, due, due) == [Level.WARN, Level.DUE]


@given(
    length=st.integers(1, 120),
    ticks=st.lists(st.integers(0, 160), max_size=40),
    spacing=st.sampled_from([Spacing(), Spacing(1, 2, 3, 4), Spacing(3, 6, 9, 30)]),
)
def test_each_level_is_given_exactly_once_whatever_the_ticks(
    length: int, ticks: list[int], spacing: Spacing
) -> None:
    started = day("01-05")
    due = started + timedelta(days=length)
    all_levels = [level for _day, level in moments(started, due, spacing)]
    marked: list[Level] = []
    told: list[Level] = []
    for tick in [*sorted(ticks), 400, 400]:
        come = levels_due(started, due, started + timedelta(days=tick), spacing)
        plan = giving(come, set(marked))
        assert plan.told is None or plan.told is come[-1], "the highest is told, never one below"
        assert (plan.told is None) == (not plan.marked)
        marked += plan.marked
        told += [plan.told] if plan.told else []
    assert sorted(marked) == sorted(all_levels), "each once, none lost"
    assert len(told) == len(set(told)) <= len(set(ticks)) + 1, "one a tick at most: no flood"
    assert told[-1:] == [Level.CITY] or not told
    assert warn_on(started, due) <= due


def test_one_level_a_day_when_the_clock_never_stops() -> None:
    started, due = day("03-01"), day("04-30")
    marked: set[Level] = set()
    told = []
    for number in range(80):
        plan = giving(levels_due(started, due, started + timedelta(days=number)), marked)
        marked |= set(plan.marked)
        told += [plan.told] if plan.told else []
    assert told == list(Level)


@pytest.mark.parametrize("clock", list(Clock))
@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize(
    "case",
    [
        Standing(Desk.SCHOOL, recused=True),
        Standing(Desk.SCHOOL, urgent=True),
        Standing(Desk.DISTRICT),
        Standing(Desk.DISTRICT, recused=True),
        Standing(Desk.CITY, urgent=True),
    ],
)
def test_a_school_never_hears_of_what_is_kept_from_it(clock: Clock, level: Level, case: Standing) -> None:
    assert hearing_desk(case, clock) is not Desk.SCHOOL
    assert not addressees(level, clock, case) & SCHOOL


@pytest.mark.parametrize(
    ("desk", "wanted"),
    [
        (Desk.SCHOOL, [{Role.SCHOOL_OFFICER}, {Role.SCHOOL_HEAD}, {Role.DISTRICT_OFFICER}, set(BUREAU)]),
        (Desk.DISTRICT, [{Role.DISTRICT_OFFICER}, set(), {Role.DISTRICT_OFFICER}, set(BUREAU)]),
        (Desk.CITY, [{Role.BUREAU_OFFICER}, {Role.BUREAU_HEAD}, set(), set(BUREAU)]),
    ],
)
def test_officer_then_head_then_district_then_city(desk: Desk, wanted: list[set[Role]]) -> None:
    levels = [Level.OFFICER, Level.HEAD, Level.DISTRICT, Level.CITY]
    found = [set(addressees(level, Clock.REPLY, Standing(desk))) for level in levels]
    assert found == wanted
    for level in (Level.WARN, Level.NEAR, Level.DUE):
        assert addressees(level, Clock.REPLY, Standing(desk)) == wanted[0]


def test_reviews_disputes_and_urgent_cases_belong_above_the_school() -> None:
    at_school = Standing(Desk.SCHOOL)
    for clock in (Clock.REVIEW, Clock.DISPUTE, Clock.REMEDY):
        assert addressees(Level.OFFICER, clock, at_school) == {Role.DISTRICT_OFFICER}
    urgent = Standing(Desk.CITY, urgent=True)
    assert addressees(Level.WARN, Clock.URGENT, urgent) == {Role.BUREAU_OFFICER}
    assert addressees(Level.DUE, Clock.URGENT, urgent) == BUREAU
