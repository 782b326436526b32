"""Where a teacher's place roughly lies, and how often among the lowest: an empirical-Bayes model (ranking.md R13).

A base is the true base plus an error of known size; true bases of a stage lie around its mean. What is then known of
each true base is a normal distribution; 2,000 draws of the whole city from it, with the same deductions, bonuses and
caps each time, give the places. Draws are whole hundredths of a point, so equal scores share a place as everywhere.

The same inputs and seed give the same draws on any machine: the generator's raw bits choose among 65,536 quantiles
of the normal distribution; what stands before them is sums of whole numbers and single divisions.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from ethics_eval.evaluation.rules.tally import Flags, Ints
from ethics_eval.ranking.rules.ledger import FULL_SCORE

DRAWS = 2_000
BAND_PERMILLE = 900
MIN_STAGE = 30  # rated teachers of a stage with a mean of its own; smaller stages share the city's
_BLOCK = 256  # teachers whose draws are put in order at once
_PARTS = 2  # of the draws, each with a stretch of the generator of its own, one a core


@dataclass(frozen=True)
class Field:
    """The rated teachers as columns, in hundredths of a point: base and its standard error (whole, 0: certain).

    ``shift``: bonus less deductions; ``cap``: the most the score may be; ``score``: what they came to; ``stage``: whom
    they are compared with; ``may_list``: who can be on the bottom list; ``after``: among equal scores the order of
    R12's further keys, the worst 0, equal where these are equal.
    """

    base: Ints
    error: Ints
    shift: Ints
    cap: Ints
    score: Ints
    stage: Ints
    may_list: Flags
    after: Ints


@dataclass(frozen=True)
class Drawn:
    """``low`` … ``high``: the band of places of each rated teacher; ``among``: in how many of DRAWS among the lowest
    ``bottom`` of those who can be listed; ``worst``: in how many among the worst hundredth of all rated.
    """

    low: Ints
    high: Ints
    among: Ints
    worst: Ints


def spread_of(base: Ints, error: Ints, stage: Ints) -> tuple[NDArray[np.float64], float]:
    """The mean of each teacher's stage, and how far true bases differ within stages: a variance (hundredths²).

    It is what the bases differ more than their errors explain, and never quite nothing: where errors explain all,
    every order is as likely as another, and the bands say so.
    """
    means = np.full(len(base), int(base.sum()) / len(base))
    for value, count in zip(*np.unique(stage, return_counts=True), strict=True):
        if count >= MIN_STAGE:
            means[stage == value] = int(base[stage == value].sum()) / int(count)
    apart = np.rint((base - means) * 16).astype(np.int64)  # whole sixteenths: sums are exact in any order
    observed = int((apart**2).sum()) / 256 / len(base)
    explained = int((error**2).sum()) / len(base)
    return means, max(observed - explained, explained / 100)


def draw(field: Field, bottom: int, seed: int) -> Drawn:
    """The bands of all rated teachers and the chances of being among the lowest.

    Args: bottom: how many the list has; seed: of the generator PCG64.
    """
    count = len(field.base)
    many = DRAWS if field.error.any() else 1  # without any error every draw is the same
    sampler = _sampler(field)
    places = np.empty((many, count), dtype=np.uint16 if count < 2**16 else np.uint32)
    among, worst = np.zeros((2, _PARTS, count), dtype=np.int64)

    def some(part: int) -> None:
        bits = np.random.PCG64(seed).jumped(part)
        for number in range(many * part // _PARTS, many * (part + 1) // _PARTS):
            score = sampler(bits)
            cells = np.bincount(score, minlength=FULL_SCORE + 1)
            up_to = np.cumsum(cells)  # how many score this or less
            places[number] = np.take((1 + count - up_to).astype(places.dtype), score)
            worst[part] += score < np.searchsorted(up_to - cells, max(1, count // 100))
            if listable > bottom:
                among[part, _lowest(score, field, up_to, bottom)] += 1

    listable = int(field.may_list.sum())
    low, high = np.empty((2, count), dtype=np.int64)
    with ThreadPoolExecutor(_PARTS) as pool:
        list(pool.map(some, range(_PARTS)))
        blocks = range(0, count, _BLOCK)
        list(pool.map(lambda start: _middle(places, start, low, high), blocks))
    if listable <= bottom:
        among[0, field.may_list] = many
    return Drawn(low, high, among.sum(axis=0) * (DRAWS // many), worst.sum(axis=0) * (DRAWS // many))


def _sampler(field: Field) -> Callable[[np.random.PCG64], Ints]:
    """What gives the scores of all teachers in one draw after the other."""
    means, between = spread_of(field.base, field.error, field.stage)
    certain = field.error == 0
    square = field.error.astype(np.float64) ** 2
    share = np.where(certain, 1.0, between / np.where(certain, 1.0, between + square))
    centre = np.where(certain, field.score, means + (field.base - means) * share).astype(np.float32)
    deviation = np.sqrt(share * square).astype(np.float32)
    shift = np.where(certain, 0, field.shift).astype(np.float32)
    cap = field.cap.astype(np.float32)
    is_changed = bool(shift.any() or (field.cap < FULL_SCORE).any())
    quantiles, count = _quantiles(), len(field.base)

    def sample(bits: np.random.PCG64) -> Ints:
        chosen = bits.random_raw(-(-count // 4)).astype("<u8", copy=False).view("<u2")[:count]
        drawn = np.take(quantiles, chosen)
        drawn *= deviation
        drawn += centre
        np.clip(drawn, 0, FULL_SCORE, out=drawn)
        if is_changed:
            drawn += shift
            np.clip(drawn, 0, cap, out=drawn)
        drawn += np.float32(0.5)
        return drawn.astype(np.int64)

    return sample


def _lowest(score: Ints, field: Field, up_to: Ints, bottom: int) -> Ints:
    """Of one draw those whom fewer than ``bottom`` are worse than, by score, then R12's further keys."""
    unlisted = len(score) - int(field.may_list.sum())
    enough = np.searchsorted(up_to, bottom + unlisted)  # low enough for the list, whoever may not be on it
    near = np.flatnonzero((score <= enough) & field.may_list)
    key = score[near] * (len(score) + 1) + field.after[near]
    found: Ints = near[key <= np.partition(key, bottom - 1)[bottom - 1]]
    return found


@cache
def _quantiles() -> NDArray[np.float32]:
    normal, places = NormalDist(), 2**16
    upper = [normal.inv_cdf((places / 2 + place + 0.5) / places) for place in range(places // 2)]
    return np.array([-value for value in reversed(upper)] + upper, dtype=np.float32)


def _middle(places: NDArray[np.uint16] | NDArray[np.uint32], start: int, low: Ints, high: Ints) -> None:
    """Put the places between which the middle 900 of 1,000 draws lie into ``low`` and ``high``, a block of teachers."""
    many = len(places)
    out = many * (1000 - BAND_PERMILLE) // 2000
    block = places[:, start : start + _BLOCK].T.astype(np.int32, order="C")  # 32 bits: fastest to part
    block.partition(out, axis=1)
    low[start : start + _BLOCK] = block[:, out]
    block.partition(many - 1 - out, axis=1)
    high[start : start + _BLOCK] = block[:, many - 1 - out]
