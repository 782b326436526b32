"""From counts of options to the score of a component: trimmed mean, items, validity, shrinkage (ranking.md R0, R2–R5).

Whole columns at a time: arrays are ``int64``, scores in units of 0.0001 point (e4), and each formula rounds once.
"""

from __future__ import annotations

from collections.abc import Sequence

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


def item_scores(counts: Ints, points: Sequence[int], trim_percent: int) -> tuple[Ints, Ints]:
    """Trimmed mean of each row of ``counts`` (rows × options) in e4, and its number of ballots n (R2).

    ``g = n · trim_percent // 100`` ballots are cut at each end, from the highest-point options down and from the
    lowest up. A row without ballots scores 0 with n = 0.
    """
    order = np.argsort(-np.asarray(points, dtype=np.int64), kind="stable")
    ordered = counts[:, order]
    worth = np.asarray(points, dtype=np.int64)[order]
    ballots = ordered.sum(axis=1)
    cut = ballots * trim_percent // 100
    kept = _without_first(_without_first(ordered, cut)[:, ::-1], cut)[:, ::-1]
    left = kept.sum(axis=1)
    return rhu((kept * worth).sum(axis=1) * POINT, np.maximum(left, 1)), ballots


def _without_first(counts: Ints, cut: Ints) -> Ints:
    """The counts after taking ``cut`` ballots of each row from the first options on."""
    before = np.cumsum(counts, axis=1) - counts
    taken = np.minimum(counts, np.maximum(cut[:, None] - before, 0))
    return counts - taken


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
