"""A semester's scores as a whole: how they spread, by stage and district, by part, and what moved since the last.

Whole numbers only; groups of few people say nothing (domain.md §7.4.12: averages from ten teachers up).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ethics_eval.evaluation.rules.tally import Ints

LEAST = 10
TENTH = 10


class Spread(NamedTuple):
    """Of a group: how many, and its quarters (hundredths of a point; None: fewer than ten)."""

    code: str
    name: str
    people: int
    low: int | None
    middle: int | None
    high: int | None


class PartSpread(NamedTuple):
    """Of one part of the score: how many have it, how many lack it, its quarters in hundredths of a point."""

    code: str
    present: int
    missing: int
    low: int | None
    middle: int | None
    high: int | None


@dataclass(frozen=True)
class Movement:
    """Those rated in both semesters. ``changes``: (whole points up or down, how many), the ends together.

    ``stayed``: of a hundred who were in the last tenth before, how many still are (None: too few).
    ``alike``: likeness of the two orders in hundredths, 100: the same, 0: none (None: too few).
    """

    both: int
    changes: tuple[tuple[int, int], ...]
    stayed: int | None
    alike: int | None


def quarters(values: Ints) -> tuple[int | None, int | None, int | None]:
    """Lower quarter, middle and upper quarter, each a value that occurs; nothing for fewer than ten."""
    if len(values) < LEAST:
        return None, None, None
    ordered = np.sort(values)
    # the first that a quarter, a half, three quarters of them do not exceed
    low, middle, high = (int(ordered[-(-len(ordered) * part // 4) - 1]) for part in (1, 2, 3))
    return low, middle, high


def histogram(scores: Ints) -> list[tuple[int, int]]:
    """(whole point, how many have a score from it up to the next), from the lowest to the highest without gaps."""
    if not len(scores):
        return []
    points = scores // 100
    first, last = int(points.min()), int(points.max())
    counts = np.bincount(points - first, minlength=last - first + 1)
    return [(first + place, int(count)) for place, count in enumerate(counts)]


def spreads(scores: Ints, groups: Sequence[str], names: Mapping[str, str]) -> list[Spread]:
    """The groups' spreads in the order of ``names``; groups without anyone are left out."""
    of = np.asarray(groups, dtype=object)
    found = []
    for code, name in names.items():
        chosen = scores[of == code]
        if len(chosen):
            found.append(Spread(code, name, len(chosen), *quarters(chosen)))
    return found


FURTHEST = 10


def movement(before: Mapping[int, tuple[int, int]], now: Mapping[int, tuple[int, int]]) -> Movement:
    """How those rated in both semesters moved. Args: teacher → (score in hundredths, place) of either semester."""
    both = sorted(before.keys() & now.keys())
    scores = np.array([(before[who][0], now[who][0]) for who in both], dtype=np.int64).reshape(-1, 2)
    # towards zero, so that 0.99 points down is no whole point
    change = scores[:, 1] - scores[:, 0]
    steps = np.clip(np.sign(change) * (abs(change) // 100), -FURTHEST, FURTHEST)
    changes = tuple((step, int((steps == step).sum())) for step in range(-FURTHEST, FURTHEST + 1))
    if len(both) < LEAST * TENTH:
        return Movement(len(both), changes, None, None)
    old, new = (np.array([side[who][1] for who in both], dtype=np.int64) for side in (before, now))
    size = len(both) // TENTH
    lowest = [set(np.argsort(-side, kind="stable")[:size].tolist()) for side in (old, new)]
    stayed = len(lowest[0] & lowest[1]) * 100 // size
    first, second = (np.argsort(np.argsort(side, kind="stable"), kind="stable") for side in (old, new))
    apart = int(((first - second) ** 2).sum())
    # Spearman's coefficient of orders without ties, in hundredths
    whole = len(both) * (len(both) ** 2 - 1)
    alike = (100 * whole - 600 * apart + whole // 2) // whole
    return Movement(len(both), changes, stayed, alike)
