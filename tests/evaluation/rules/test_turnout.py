"""Counts of ballots as they may be shown: small groups nowhere, not in sums either."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.evaluation.rules.round import Standing
from ethics_eval.evaluation.rules.scheme import Component, ComponentRule
from ethics_eval.evaluation.rules.turnout import (
    GroupTurnout,
    SchoolState,
    Turnout,
    group_turnout,
    needed_of_group,
    school_state,
    summed,
)

RULES = {
    Component.SELF: ComponentRule(1000, 0, 1, 0, 1, 0),
    Component.PEER: ComponentRule(2000, 10, 5, 0, 5, 4),
    Component.PUPIL: ComponentRule(2000, 10, 10, 70, 20, 16),
}


def group(component: Component, seats: int, returned: int) -> GroupTurnout:
    return group_turnout(1, component, "一组", seats, returned, RULES[component])


@pytest.mark.parametrize(
    ("component", "seats", "needed"),
    [
        (Component.SELF, 38, 38),
        (Component.PEER, 38, 6),  # nobody rates themself
        (Component.PEER, 5, 6),
        (Component.PUPIL, 45, 20),
    ],
)
def test_what_a_group_needs(component: Component, seats: int, needed: int) -> None:
    assert needed_of_group(component, seats, RULES[component]) == needed


def test_a_small_group_shows_no_count_and_is_in_no_sum() -> None:
    small, class_ = group(Component.PUPIL, 4, 3), group(Component.PUPIL, 45, 12)
    assert (small.seats, small.returned, small.needed, small.standing) == (None, None, None, Standing.HIDDEN)
    assert class_ == GroupTurnout(1, Component.PUPIL, "一组", 45, 12, 20, Standing.SHORT)
    total = summed([small, class_, group(Component.PUPIL, 8, 8)])
    assert total == Turnout(53, 20, 2, 1, 1, 1)
    assert (total.group_count, total.percent) == (3, 37)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8), st.integers(0, 8))
def test_a_sum_is_the_sum_of_its_parts(rows: list[tuple[int, int]], cut: int) -> None:
    groups = [group(Component.PUPIL, seats, min(seats, returned)) for seats, returned in rows]
    assert summed(groups[:cut]) + summed(groups[cut:]) == summed(groups)
    assert summed(groups).seats == sum(seats for seats, _returned in rows if seats >= 5)


def test_where_a_school_stands() -> None:
    assert school_state(None) is school_state(summed([])) is SchoolState.NONE
    assert school_state(summed([group(Component.PUPIL, 45, 19)])) is SchoolState.SHORT
    assert school_state(summed([group(Component.PUPIL, 45, 20)])) is SchoolState.REACHED
