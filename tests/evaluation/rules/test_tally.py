"""Trimmed means, components, validity, shrinkage: by hand, and against plain exact fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.evaluation.rules.scheme import ComponentRule
from ethics_eval.evaluation.rules.tally import (
    ABSENT,
    component_scores,
    item_sums,
    mean_score,
    rhu,
    shrunk,
    valid,
)

FIVE = (100, 85, 70, 55, 0)
PUPIL = ComponentRule(
    weight=2000, trim_percent=10, min_raters=10, min_turnout_percent=70, enough_raters=20, prior=16
)


def column(*numbers: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(numbers, dtype=np.int64)


def score(counts: list[int], points: tuple[int, ...] = FIVE, trim: int = 10) -> int:
    return int(mean_score(item_sums(np.array([counts], dtype=np.int64), points, trim))[0])


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [
        (1, 2, 1),
        (-1, 2, -1),
        (3, 2, 2),
        (-3, 2, -2),
        (1, 3, 0),
        (2, 3, 1),
        (0, 7, 0),
        (25, 10, 3),
        (-25, 10, -3),
    ],
)
def test_halves_round_away_from_zero(numerator: int, denominator: int, rounded: int) -> None:
    assert rhu(column(numerator), denominator).tolist() == [rounded]


@pytest.mark.parametrize(
    ("counts", "trim", "expected"),
    [
        ([10, 0, 0, 0, 0], 10, 1_000_000),
        ([0, 0, 0, 0, 10], 10, 0),
        # 10 ballots, one cut at each end: 85×7 + 70 over 8
        ([1, 7, 1, 0, 1], 10, 831_250),
        # 9 ballots: 9 × 10 % is less than one, nothing is cut
        ([1, 6, 1, 0, 1], 10, 755_556),
        # 20 ballots, two at each end: the two lowest are not of one option
        ([0, 10, 8, 1, 1], 10, 775_000),
        ([1, 1, 1, 0, 0], 0, 850_000),
        ([1, 1, 0, 0, 0], 49, 925_000),
        ([0, 0, 0, 0, 0], 10, 0),
    ],
)
def test_an_item_is_the_trimmed_mean_of_its_options(counts: list[int], trim: int, expected: int) -> None:
    assert score(counts, trim=trim) == expected


def test_options_may_stand_in_any_order() -> None:
    assert score([3, 20, 5], (0, 100, 50)) == score([20, 5, 3], (100, 50, 0))


@given(
    st.lists(st.integers(0, 30), min_size=5, max_size=5).filter(any),
    st.lists(st.integers(0, 100), min_size=5, max_size=5),
    st.integers(0, 49),
)
def test_it_equals_cutting_the_ballots_one_by_one(counts: list[int], points: list[int], trim: int) -> None:
    ballots = sorted(point for point, count in zip(points, counts, strict=True) for _ in range(count))
    cut = len(ballots) * trim // 100
    left = ballots[cut : len(ballots) - cut]
    exact = Fraction(sum(left) * 10_000, len(left))
    assert score(counts, tuple(points), trim) == int(exact + Fraction(1, 2))


@given(st.lists(st.integers(0, 30), min_size=5, max_size=5).filter(any), st.integers(0, 3))
def test_a_better_vote_never_lowers_an_item(counts: list[int], option: int) -> None:
    """Without trimming, moving one ballot to a better option raises the item or leaves it."""
    if not counts[option + 1]:
        return
    better = counts.copy()
    better[option] += 1
    better[option + 1] -= 1
    assert score(better, trim=0) >= score(counts, trim=0)


def test_a_component_weighs_its_items_and_counts_the_fewest() -> None:
    scores = np.array([[900_000, 800_000, 700_001]], dtype=np.int64)
    ballots = np.array([[12, 9, 30]], dtype=np.int64)
    found, raters = component_scores(scores, ballots, (5000, 3333, 1667))
    assert found.tolist() == [833_330]  # 8 333 300 001 667 / 10 000, halves up
    assert raters.tolist() == [9]


@pytest.mark.parametrize(
    ("raters", "eligible", "expected"),
    [
        (9, ABSENT, False),
        (10, ABSENT, True),
        (10, 14, True),
        (10, 15, False),
        (19, 100, False),
        (20, 100, True),
        (14, 20, True),
        (13, 20, False),
        (10, 0, True),
    ],
)
def test_a_component_is_valid_by_number_and_turnout(raters: int, eligible: int, expected: bool) -> None:
    assert valid(column(raters), column(eligible), PUPIL).tolist() == [expected]


def test_few_raters_are_pulled_towards_the_stage_and_many_are_not() -> None:
    found = shrunk(
        column(500_000, 500_000, 500_000), column(10, 16, 1000), column(900_000, 900_000, 900_000), 16
    )
    assert found.tolist() == [746_154, 700_000, 506_299]
    assert shrunk(column(500_001), column(3), column(900_000), 0).tolist() == [500_001]
