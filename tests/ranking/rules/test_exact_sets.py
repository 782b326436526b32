"""Exact sets of places: the classic table, other quadrature, and counting every pair."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ethics_eval.ranking.rules.exact_sets import critical_values, marginal_sets, normal_tail

# Two-sided Dunnett's t, 5 %, infinite degrees of freedom (the classic table); the last by simulation and integral.
DUNNETT = {1: 1.960, 2: 2.212, 3: 2.349, 5: 2.511, 9: 2.686, 39_999: 4.403}


@pytest.mark.parametrize(("compared", "critical"), DUNNETT.items())
def test_equal_errors_give_dunnetts_table(compared: int, critical: float) -> None:
    assert critical_values(np.full(compared + 1, 120), 0.05)[0] == pytest.approx(critical, abs=0.0006)


def test_the_tail_is_the_normal_one() -> None:
    x = np.linspace(-8, 8, 1_001)
    exact = np.array([math.erfc(value / math.sqrt(2)) / 2 for value in x])
    assert normal_tail(x) == pytest.approx(exact, rel=2e-5)


def held_by_trapezes(c: float, own: float, others: list[float]) -> float:
    """The same chance by another rule of integration, without a table."""
    z = np.linspace(-9, 9, 6_001)
    inside = np.ones_like(z)
    phi = np.vectorize(lambda x: math.erfc(-x / math.sqrt(2)) / 2)
    for error in others:
        reach = c * math.hypot(own, error)
        inside *= phi((own * z + reach) / error) - phi((own * z - reach) / error)
    return float((inside * np.exp(-z * z / 2)).sum() * (z[1] - z[0]) / math.sqrt(2 * math.pi))


@pytest.mark.parametrize("own", [0, 3, 5])
def test_unequal_errors_hold_as_often_as_asked(own: int) -> None:
    errors = [40, 40, 75, 130, 260, 90]
    c = critical_values(np.array(errors), 0.1)[own]
    others = [float(error) for place, error in enumerate(errors) if place != own]
    assert held_by_trapezes(c, float(errors[own]), others) == pytest.approx(0.9, abs=1e-5)


def test_many_different_errors_are_interpolated_to_nothing() -> None:
    """Above 32 different errors c is interpolated: it is what it would be if solved alone."""
    errors = np.arange(30, 230, 2)
    whole = critical_values(errors, 0.1)
    for place in (0, 37, 99):
        others = [float(error) for error in errors if error != errors[place]]
        assert held_by_trapezes(whole[place], float(errors[place]), others) == pytest.approx(0.9, abs=1e-5)


def by_pairs(scores: np.ndarray, errors: np.ndarray, alpha: float) -> tuple[list[int], list[int]]:
    c = critical_values(errors, alpha)
    best, worst = [], []
    for j in range(len(scores)):
        reach = [c[j] * math.sqrt(int(errors[j]) ** 2 + int(errors[k]) ** 2) for k in range(len(scores))]
        apart = [int(scores[k]) - int(scores[j]) for k in range(len(scores))]
        best.append(1 + sum(a > r for a, r in zip(apart, reach, strict=True)))
        worst.append(len(scores) - sum(-a > r for a, r in zip(apart, reach, strict=True)))
    return best, worst


def test_counting_by_errors_equals_counting_all_pairs_at_300() -> None:
    chance = np.random.default_rng(3)
    errors = np.ceil(chance.gamma(8, 15, 300)).astype(np.int64)
    errors[:20] = 0
    scores = np.rint(8_500 + chance.normal(0, 320, 300) + chance.normal(0, 1, 300) * errors).astype(np.int64)
    best, worst = marginal_sets(scores, errors)
    assert (best.tolist(), worst.tolist()) == by_pairs(scores, errors, 0.1)
    assert 1 < np.median(worst - best) < 299


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 12)), min_size=1, max_size=25))
def test_small_cities_of_all_kinds(rows: list[tuple[int, int]]) -> None:
    scores, errors = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    best, worst = marginal_sets(scores, errors)
    assert (best.tolist(), worst.tolist()) == by_pairs(scores, errors, 0.1)
    place = np.array([1 + int((scores > score).sum()) for score in scores])
    assert (best <= place).all()
    assert (place <= worst).all()


def test_without_errors_everyone_stands_where_they_stand() -> None:
    best, worst = marginal_sets(np.array([90, 80, 80, 70]), np.zeros(4, dtype=np.int64))
    assert best.tolist() == [1, 2, 2, 4]
    assert worst.tolist() == [1, 3, 3, 4]  # equal scores are never told apart


def test_nobody_and_one() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    assert [column.tolist() for column in marginal_sets(nothing, nothing)] == [[], []]
    alone = marginal_sets(np.array([8_000]), np.array([50]))
    assert [column.tolist() for column in alone] == [[1], [1]]


def test_the_sets_hold_the_true_place() -> None:
    """At least as often as asked; with honest errors far more often (twelve cities of 60)."""
    chance, missed = np.random.default_rng(8), 0
    for _city in range(12):
        true = chance.normal(8_500, 300, 60)
        errors = chance.integers(100, 300, 60)
        seen = np.rint(true + chance.normal(0, 1, 60) * errors).astype(np.int64)
        best, worst = marginal_sets(seen - seen.min(), errors)
        place = 1 + (true[None, :] > true[:, None]).sum(axis=1)
        missed += int(((place < best) | (place > worst)).sum())
    assert missed <= 0.1 * 12 * 60
