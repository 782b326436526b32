"""The figures of a semester as a whole."""

from __future__ import annotations

import numpy as np

from ethics_eval.ranking.rules.overview import FURTHEST, Spread, histogram, movement, quarters, spreads


def test_quarters_are_scores_that_occur_and_few_people_say_nothing() -> None:
    assert quarters(np.arange(9)) == (None, None, None)
    assert quarters(np.array([8000, 8100, 8200, 8300, 8400, 8500, 8600, 8700, 8800, 8900])) == (
        8200,
        8400,
        8700,
    )


def test_the_histogram_has_no_gaps_and_loses_nobody() -> None:
    assert histogram(np.array([], dtype=np.int64)) == []
    assert histogram(np.array([5999, 6000, 6001, 6350, 10_000])) == [
        (59, 1),
        (60, 2),
        *((point, 1 if point in {63, 100} else 0) for point in range(61, 101)),
    ]


def test_groups_stand_in_the_order_of_their_names() -> None:
    scores = np.array([8000] * 10 + [9000])
    found = spreads(scores, ["b"] * 10 + ["a"], {"a": "甲", "b": "乙", "c": "丙"})
    assert found == [Spread("a", "甲", 1, None, None, None), Spread("b", "乙", 10, 8000, 8000, 8000)]


def test_what_moved() -> None:
    before = {who: (8000 + who, 200 - who) for who in range(200)}
    assert movement({}, before).both == 0
    same = movement(before, before)
    assert (same.both, same.stayed, same.alike) == (200, 100, 100)
    assert dict(same.changes)[0] == 200
    turned = movement(before, {who: (8000 - who, 1 + who) for who in range(200)})
    assert (turned.stayed, turned.alike) == (0, -100)
    far = movement({1: (9000, 1), 2: (9000, 1)}, {1: (5000, 2), 2: (8901, 1), 3: (7000, 3)})
    assert (far.both, far.stayed, far.alike) == (2, None, None)
    assert {step: count for step, count in far.changes if count} == {-FURTHEST: 1, 0: 1}
