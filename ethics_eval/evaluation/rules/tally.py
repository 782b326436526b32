"""From counts of options to the score of a component: trimmed mean, items, validity, shrinkage (ranking.md R0, R2–R5).

Whole columns at a time: arrays are ``int64``, scores in units of 0.0001 point (e4), and each formula rounds once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ethics_eval.evaluation.rules.scheme import BASIS_POINTS, ComponentRule

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

POINT = 10_000  # one point in e4
ABSENT = -1  # no number of eligible raters is known: turnout is not tested
NOTHING = -1  # no score in a column of scores


def rhu(numerator: Ints, denominator: Ints | int) -> Ints:
    """``numerator / denominator`` rounded half up, away from zero (R0). Denominators are positive."""
    rounded: Ints = (2 * abs(numerator) + denominator) // (2 * denominator)
    signed: Ints = np.where(numerator < 0, -rounded, rounded)
    return signed


class ItemSums(NamedTuple):
    """An item's ballots, a value a row: ``ballots`` n; of what is left after trimming how many there are (``left``),
    the sum of their points and the sum of the squares of their points.
    """

    ballots: Ints
    left: Ints
    points: Ints
    squares: Ints


def item_sums(counts: Ints, points: Sequence[int], trim_percent: int) -> ItemSums:
    """What is left of each row of ``counts`` (rows × options) after trimming, summed up (R2).

    ``g = n · trim_percent // 100`` ballots are cut at each end, from the highest-point options down and from the
    lowest up.
    """
    order = sorted(range(len(points)), key=lambda place: -points[place])
    columns = [np.ascontiguousarray(counts[:, place], dtype=np.int64) for place in order]
    ballots = np.zeros(len(counts), dtype=np.int64)
    for column in columns:
        ballots += column
    first = ballots * trim_percent // 100
    last = ballots - first  # the ballots from ``first`` up to here are kept, counted from the best on
    left, total, squares = (np.zeros(len(counts), dtype=np.int64) for _ in range(3))
    before = np.zeros(len(counts), dtype=np.int64)
    for column, place in zip(columns, order, strict=True):
        upto = before + column
        kept = np.maximum(np.minimum(upto, last) - np.maximum(before, first), 0)
        left += kept
        kept *= points[place]
        total += kept
        kept *= points[place]
        squares += kept
        before = upto
    return ItemSums(ballots, left, total, squares)


def mean_score(sums: ItemSums) -> Ints:
    """The mean in e4 of what is left of an item's ballots; 0 where nothing is (R2)."""
    return rhu(sums.points * POINT, np.maximum(sums.left, 1))


def component_scores(scores: Ints, ballots: Ints, weights: Sequence[int]) -> tuple[Ints, Ints]:
    """Items (rows × items) to the component's score in e4, and its n, the smallest of its items' (R3)."""
    weighed = (scores * np.asarray(weights, dtype=np.int64)).sum(axis=1)
    return rhu(weighed, BASIS_POINTS), ballots.min(axis=1)


def valid(raters: Ints, eligible: Ints, rule: ComponentRule) -> Flags:
    """Whether a component is valid (R4): enough raters, and turnout met, not known, or raters enough anyway."""
    turnout = raters * 100 >= rule.min_turnout_percent * eligible
    is_met = (eligible == ABSENT) | turnout | (raters >= rule.enough_raters)
    found: Flags = (raters >= rule.min_raters) & is_met
    return found


def shrunk(scores: Ints, raters: Ints, means: Ints, prior: int) -> Ints:
    """Scores pulled towards the stage's means by ``prior`` imaginary raters (R5); 0 leaves them."""
    return rhu(raters * scores + prior * means, raters + prior)
