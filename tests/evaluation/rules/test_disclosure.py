"""Nothing below the minimum count, also not by subtraction."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.evaluation.rules.disclosure import (
    LEAST,
    least_raters,
    shown,
    shown_count,
    shown_together,
)
from ethics_eval.evaluation.rules.scheme import Component, ComponentRule


def rule(min_raters: int) -> ComponentRule:
    return ComponentRule(2000, 10, min_raters, 70, 20, 16)


@pytest.mark.parametrize(
    ("component", "min_raters", "least"),
    [
        (Component.PUPIL, 10, 10),
        (Component.PARENT, 1, 5),
        (Component.PEER, 5, 5),
        (Component.PEER, 4, 5),
        (Component.SELF, 1, 1),
        (Component.SCHOOL, 3, 1),
    ],
)
def test_the_minimum_of_a_component(component: Component, min_raters: int, least: int) -> None:
    assert least_raters(component, rule(min_raters)) == least


@pytest.mark.parametrize(
    ("count", "least", "is_shown"),
    [(0, 5, False), (4, 5, False), (5, 5, True), (9, 10, False), (10, 10, True), (0, 0, False), (1, 1, True)],
)
def test_a_count_alone(count: int, least: int, is_shown: bool) -> None:
    assert shown(count, least) is is_shown
    assert (shown_count(count, max(least, 1)) is not None) is is_shown


@pytest.mark.parametrize(
    ("counts", "visible"),
    [
        ({"A": 30}, "A"),
        ({"A": 4}, ""),
        ({"A": 30, "B": 12}, "AB"),
        ({"A": 30, "B": 3}, ""),  # the sum less A would tell B
        ({"A": 30, "B": 12, "C": 3}, "A"),  # B goes with C: 15 together
        ({"A": 30, "B": 3, "C": 2}, "A"),  # five together
        ({"A": 30, "B": 12, "C": 12, "D": 1}, "A"),  # equal ones go together
        ({"A": 30, "B": 0}, "A"),  # nobody there, nothing to tell
        ({"A": 3, "B": 1}, ""),
        ({}, ""),
    ],
)
def test_parts_beside_their_sum(counts: Mapping[str, int], visible: str) -> None:
    assert shown_together(counts) == frozenset(visible)


@given(st.dictionaries(st.integers(0, 9), st.integers(0, 40), max_size=6), st.integers(1, 12))
def test_what_is_hidden_is_at_least_the_minimum_in_all_or_nothing_is_shown(
    counts: dict[int, int], least: int
) -> None:
    visible = shown_together(counts, least)
    assert all(counts[key] >= least for key in visible)
    hidden = sum(count for key, count in counts.items() if key not in visible)
    assert hidden == 0 or hidden >= least or not visible


def test_zero_is_a_small_number_too() -> None:
    assert [shown_count(count) for count in (0, LEAST - 1, LEAST)] == [None, None, LEAST]
