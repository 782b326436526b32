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
from ethics_eval.ranking.rules.computation import measure
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
