"""How the ballots of a component differ (R13), held against the plain formula on every ballot written out."""

from __future__ import annotations

from dataclasses import replace
from statistics import variance

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.evaluation.rules.scheme import Component, Item
from ethics_eval.ranking.rules.components import ballot_spread
from ethics_eval.ranking.rules.computation import Measured, measure
from ethics_eval.ranking.rules.inputs import Inputs, PersonInput, PostingInput, TallyInput
from tests.ranking.rules.test_computation import DEFAULT

POINTS = (100, 85, 70, 55, 0)
ITEMS = (Item("P1", 7500, POINTS), Item("P2", 2500, POINTS))
TWO_ITEMS = replace(DEFAULT, items={Component.PARENT: ITEMS})
counts = st.lists(st.integers(0, 9), min_size=5, max_size=5).map(tuple)


def left_of(chosen: tuple[int, ...]) -> list[int]:
    ballots = sorted(p for p, c in zip(POINTS, chosen, strict=True) for _ in range(c))
    cut = len(ballots) * 10 // 100
    return ballots[cut : len(ballots) - cut]


@given(counts, counts)
def test_the_spread_is_that_of_the_ballots_left_if_all_items_go_together(
    first: tuple[int, ...], second: tuple[int, ...]
) -> None:
    found = measure(
        Inputs(
            TWO_ITEMS,
            [PersonInput("T1")],
            [PostingInput("T0", "2143000001", "PRI", 20), PostingInput("T1", "2143000001", "PRI", 20)],
            tallies=[
                TallyInput("T1", "2143000001", "parent", item.code, chosen)
                for item, chosen in zip(ITEMS, (first, second), strict=True)
            ],
        )
    )
    left, squares = ballot_spread(found.spreads[Component.PARENT])
    kept = [left_of(chosen) for chosen in (first, second)]
    wanted = sum(
        item.weight * variance(ballots) ** 0.5
        for item, ballots in zip(ITEMS, kept, strict=True)
        if len(ballots) > 1
    )
    assert left.tolist() == [0, min(map(len, kept))]
    assert np.sqrt(squares).tolist() == pytest.approx([0, wanted])
    assert found.is_counted.sum(axis=0).tolist() == [0, 1]


def voted(*tallies: tuple[int, ...]) -> Measured:
    """Teachers of one stage, whose parents voted so on one item."""
    numbers = [f"T{place}" for place in range(len(tallies))]
    return measure(
        Inputs(
            DEFAULT,
            [PersonInput(number) for number in numbers],
            [PostingInput(number, "2143000001", "PRI", 20) for number in numbers],
            tallies=[
                TallyInput(number, "2143000001", "parent", "P1", chosen)
                for number, chosen in zip(numbers, tallies, strict=True)
            ],
        )
    )


PARENT = tuple(Component).index(Component.PARENT)
ballots = st.lists(st.integers(0, 30), min_size=5, max_size=5).map(tuple)


@given(ballots, ballots)
def test_one_more_best_vote_never_lowers_a_score_even_where_more_is_trimmed(
    mine: tuple[int, ...], theirs: tuple[int, ...]
) -> None:
    before, after = voted(mine, theirs), voted((mine[0] + 1, *mine[1:]), theirs)
    assert after.scores[PARENT, 0] >= before.scores[PARENT, 0]
    assert after.scores[PARENT, 1] == before.scores[PARENT, 1]


@given(ballots, ballots, st.integers(0, 3), st.integers(1, 4))
def test_a_vote_that_gets_better_never_lowers_a_part(
    mine: tuple[int, ...], theirs: tuple[int, ...], better: int, worse: int
) -> None:
    better = min(better, worse - 1)
    had = list(mine)
    had[worse] += 1
    has = list(mine)
    has[better] += 1
    before, after = voted(tuple(had), theirs), voted(tuple(has), theirs)
    assert after.raters.tolist() == before.raters.tolist()
    assert after.parts[PARENT, 0] >= before.parts[PARENT, 0]
