"""The places a teacher's true rank may be: exact marginal confidence sets for independent errors (ranking.md R13).

Source: Mogstad, Romano, Shaikh and Wilhelm, Inference for Ranks, 2024. Two teachers are told apart where their scores
differ by more than c(s) standard errors of the difference; c(s) is the two-sided critical value of all comparisons of
one teacher with error s, from a one-dimensional integral, without chance. As c depends on a teacher through s alone,
and scores and errors are whole hundredths of a point, counting is a look-up for each pair of errors.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ethics_eval.evaluation.rules.tally import Ints

Floats = NDArray[np.float64]

_STEP = 1024  # places of the table of the normal tail for one unit
_REACH = 9  # beyond nine standard errors nothing happens
_TAIL = np.array(
    [math.erfc(place / _STEP / math.sqrt(2)) / 2 for place in range(-_REACH * _STEP, _REACH * _STEP + 2)]
)
_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(64)
_KNOTS = 32  # errors at which c is solved; between them it is interpolated to 1e-8
_CELLS = 4_000_000  # of one block of look-ups


def normal_tail(x: Floats) -> Floats:
    """The share of a standard normal above ``x``, to six digits; linear between the places of a table."""
    at = (np.clip(x, -_REACH, _REACH) + _REACH) * _STEP
    place = at.astype(np.int64)
    below = _TAIL[place]
    found: Floats = below + (at - place) * (_TAIL[place + 1] - below)
    return found


def critical_values(errors: Ints, alpha: float) -> Floats:
    """c(s) for each of the standard errors of all teachers (0 or more, any one unit); 0 where nobody is compared.

    Args: alpha: the share of samples in which a set may miss, 0.1 for 90 of 100.
    """
    values, inverse, counts = np.unique(errors, return_inverse=True, return_counts=True)
    positive = values[values > 0]
    if len(positive) <= _KNOTS:
        solved = np.array([_critical(float(value), values, counts, alpha) for value in values])
        return solved[inverse]
    low, high = math.log(positive[0]), math.log(positive[-1])
    angles = (2 * np.arange(_KNOTS) + 1) * np.pi / (2 * _KNOTS)
    knots = (low + high) / 2 + (high - low) / 2 * np.cos(angles)
    at_knots = np.array([_critical(math.exp(knot), values, counts, alpha) for knot in knots])
    found = np.empty(len(values))
    found[values > 0] = _interpolated(np.log(positive), knots, at_knots, angles)
    if values[0] == 0:
        found[0] = _critical(0.0, values, counts, alpha)
    return found[inverse]


def _interpolated(x: Floats, knots: Floats, at_knots: Floats, angles: Floats) -> Floats:
    """Between Chebyshev knots, by the barycentric formula."""
    weights = np.sin(angles) * (-1.0) ** np.arange(len(knots))
    apart = x[:, None] - knots
    is_knot = apart == 0
    share = weights / np.where(is_knot, 1, apart)
    found: Floats = (share @ at_knots) / share.sum(axis=1)
    row, knot = np.nonzero(is_knot)
    found[row] = at_knots[knot]
    return found


def _critical(error: float, values: Ints, counts: Ints, alpha: float) -> float:
    """The c at which all comparisons of one teacher with this error hold together with 1 − alpha."""
    compared = int(counts.sum()) - 1
    certain = int(counts[values == 0].sum())
    random = compared - certain if error > 0 else int(counts[values > 0].sum())
    if compared <= 0 or (error == 0 and random == 0):
        return 0.0

    def missed(c: float) -> float:
        return 1 - alpha - _held(c, error, values, counts)

    # one comparison alone needs the least, and independent ones the most (Šidák)
    low, high = (_quantile((1 - alpha) ** (1 / many)) for many in (1, compared))
    if error == 0:
        return _quantile((1 - alpha) ** (1 / random))
    low, high = low - 1e-6, high + 1e-6
    at_low, at_high = missed(low), missed(high)
    for _round in range(60):  # regula falsi after Illinois
        c = (low * at_high - high * at_low) / (at_high - at_low)
        at_c = missed(c)
        if abs(at_c) < 1e-11 or abs(high - low) < 1e-12:
            break
        if at_c * at_high < 0:
            low, at_low = high, at_high
        else:
            at_low /= 2
        high, at_high = c, at_c
    return c


def _quantile(share: float) -> float:
    """The c within which ± a standard normal stays with this share."""
    low, high = 0.0, float(_REACH)
    for _round in range(60):
        middle = (low + high) / 2
        if math.erf(middle / math.sqrt(2)) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _held(c: float, error: float, values: Ints, counts: Ints) -> float:
    """How often all others stay within c standard errors of the difference from one with this (positive) error.

    ∫ φ(z) Π [Φ((s z + c r) / s_b) − Φ((s z − c r) / s_b)] dz, r = √(s² + s_b²), over the others; even in z. Others
    without error stay within exactly where |z| < c: the integral is taken up to c, and beyond where there are none.
    """
    random = values > 0
    others, many = values[random].astype(np.float64), counts[random].astype(np.float64)
    spans = [(0.0, c)] if random.sum() < len(values) else [(0.0, c), (c, c + _REACH)]
    total = 0.0
    for start, end in spans:
        z = (start + end) / 2 + (end - start) / 2 * _NODES[:, None]
        logs = _log_within(c, z, error, others) @ many - _log_within(c, z, error, np.array([error]))[:, 0]
        density = np.exp(logs - z[:, 0] ** 2 / 2) / math.sqrt(2 * math.pi)
        total += float((end - start) / 2 * (density @ _NODE_WEIGHTS))
    return 2 * total


def _log_within(c: float, z: Floats, error: float, others: Floats) -> Floats:
    reach = c * np.sqrt(error**2 + others**2)
    outside = normal_tail((reach + error * z) / others) + normal_tail((reach - error * z) / others)
    found: Floats = np.log1p(-np.minimum(outside, 1 - 1e-15))
    return found


def marginal_sets(scores: Ints, errors: Ints, alpha: float = 0.1) -> tuple[Ints, Ints]:
    """The best and the worst place each teacher may truly have, 1 the best.

    Args: scores: hundredths of a point, 0 or more; errors: standard errors in hundredths, rounded up.
    Two teachers with equal scores are never told apart, two without error always where their scores differ.
    """
    if not len(scores):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    critical = critical_values(errors, alpha)
    lowest = int(scores.min())
    theta, width = scores - lowest, int(scores.max()) - lowest + 1
    values, first, bins = np.unique(errors, return_index=True, return_inverse=True)
    cells = np.bincount(bins * width + theta, minlength=len(values) * width).reshape(len(values), width)
    # up_to[b, t]: how many with error b score below t, t = 0 … width
    up_to = np.zeros((len(values), width + 1), dtype=np.int32)
    np.cumsum(cells, axis=1, out=up_to[:, 1:])
    totals, flat = up_to[:, -1], up_to.ravel()
    offsets = np.arange(len(values)) * (width + 1)
    best, worst = np.empty(len(scores), dtype=np.int64), np.empty(len(scores), dtype=np.int64)
    order = np.argsort(bins, kind="stable")
    ends = np.cumsum(np.bincount(bins))
    block = max(1, _CELLS // len(values))
    for number, end in enumerate(ends.tolist()):
        reach = critical[first[number]] * np.sqrt(values[number] ** 2 + values.astype(np.float64) ** 2)
        # differences are whole: more than reach is at least steps + 1
        steps = np.floor(reach).astype(np.int64)
        for start in range(ends[number - 1] if number else 0, end, block):
            members = order[start : min(start + block, end)]
            above = np.minimum(theta[members, None] + steps + 1, width) + offsets
            below = np.maximum(theta[members, None] - steps, 0) + offsets
            best[members] = 1 + (totals - flat[above]).sum(axis=1)
            worst[members] = len(scores) - flat[below].sum(axis=1)
    return best, worst
