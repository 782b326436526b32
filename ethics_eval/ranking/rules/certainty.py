"""How sure a ranking is: errors, bands, exact sets, chances, other methods (ranking.md R13). It moves nobody.

From the frozen inputs and the SHA-256 of their file alone, so that it can be computed again; what comes out is whole
numbers: places, per mille, hundredths of a point.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ethics_eval.evaluation.rules.scheme import Component
from ethics_eval.evaluation.rules.tally import Flags, Ints
from ethics_eval.ranking.rules.bands import DRAWS, Drawn, Field, draw
from ethics_eval.ranking.rules.bottom import severity_keys
from ethics_eval.ranking.rules.components import ballot_spread
from ethics_eval.ranking.rules.computation import Measured
from ethics_eval.ranking.rules.exact_sets import marginal_sets
from ethics_eval.ranking.rules.inputs import Inputs
from ethics_eval.ranking.rules.outcome import Listed
from ethics_eval.ranking.rules.sensitivity import (
    GRID,
    WEIGHT_DRAWS,
    Variant,
    WeightShares,
    further_order,
    variants,
    weight_shares,
)

FORMAT = 1
SET_ALPHA = 0.1  # exact sets hold in 90 of 100
SEPARABLE_E3 = 1_645  # standard errors of a difference, in thousandths
STEADY_PERMILLE = 800  # below this share of weightings a place on the list hangs on the weights
LOWEST = 10  # of how many the weights are shown
OWN_SPREAD_FROM = 10  # ballots before their own variance is believed
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Place(NamedTuple):
    """A rated teacher: standard error (hundredths, rounded up), band of places, exact set of places."""

    teacher: str
    error: int
    band_low: int
    band_high: int
    set_low: int
    set_high: int


class Low(NamedTuple):
    """One of the lowest ten that can be listed, and everyone listed, worst first.

    ``separable``: 1, 0, or None for those not listed; ``chance``: of being among the lowest, per mille; ``worst``: of
    truly being in the worst hundredth, per mille; ``grid`` of 243 and ``draws`` of 2,000 weightings leave them there.
    """

    teacher: str
    listed: int
    separable: int | None
    chance: int
    worst: int
    grid: int
    draws: int

    @property
    def is_weight_sensitive(self) -> bool:
        """Whether fewer than 80 of 100 weightings, of the grid or of the draws, leave the person on the list."""
        steady = self.grid * 1000 >= STEADY_PERMILLE * len(GRID)
        return not (steady and self.draws * 1000 >= STEADY_PERMILLE * WEIGHT_DRAWS)


@dataclass(frozen=True)
class Figures:
    """A ranking's certainty in figures. Counts of rated teachers: all, those with a known error, those with a part
    filled in; of listed: all, the most of one school, the most of one school without a counting finding.

    ``reliability``: per mille (None: everyone has the same base); ``truly_worst``: of the list expected in the true
    worst hundredth, in hundredths of a person; ``error`` and ``width``: of those with a known error, the medians of it
    (hundredths) and of the width of the band (places); ``ever``: persons whom any weighting puts among the lowest.
    """

    rated: int
    measured: int
    reweighted: int
    reliability: int | None
    error: int
    width: int
    listed: int
    same_school: int
    same_school_unfounded: int
    truly_worst: int
    ever: int


@dataclass(frozen=True)
class Certainty:
    """All of it: places by teacher number, the lowest worst first, the variants, the figures."""

    places: tuple[Place, ...]
    lowest: tuple[Low, ...]
    variants: tuple[Variant, ...]
    figures: Figures


def standard_errors(found: Measured) -> Ints:
    """The standard error of each teacher's base in hundredths of a point, rounded up; 0: nothing was counted.

    Of a counted part of a posting (n/(n+k))² · s²/n; s² is the stage's pooled one where n < 10 or all agree. Postings
    weigh by weeks, parts by their share of the valid weight. Given parts have no known error.
    """
    postings = found.postings
    weights = np.array([found.scheme.components[name].weight for name in Component], dtype=np.float64)
    share = weights[:, None] * (found.parts >= 0)
    share /= np.maximum(share.sum(axis=0), 1)
    total = np.zeros(len(found.base))
    for place, name in enumerate(Component):
        if name not in found.spreads:
            continue
        chosen = found.is_valid[place] & postings.ranked
        counted = chosen & found.is_counted[place]
        n = np.maximum(found.raters[place], 1).astype(np.float64)
        left, spread = ballot_spread(found.spreads[name])
        pooled = _pooled(left, spread, counted, postings.stage)
        spread = np.where((n < OWN_SPREAD_FROM) | (spread == 0), pooled, spread)
        square = np.where(counted, (n / (n + found.scheme.components[name].prior)) ** 2 * spread / n, 0)
        sums = np.zeros((2, len(total)))
        np.add.at(sums[0], postings.teacher[chosen], postings.weeks[chosen] ** 2 * square[chosen])
        np.add.at(sums[1], postings.teacher[chosen], postings.weeks[chosen])
        total += share[place] ** 2 * sums[0] / np.maximum(sums[1], 1) ** 2
    # a millionth less: what is exactly a whole hundredth stays one
    rounded: Ints = np.ceil(np.sqrt(total) / 100 - 1e-6).astype(np.int64)
    return np.maximum(rounded, 0)


def _pooled(left: Ints, spread: NDArray[np.float64], counted: Flags, stage: Ints) -> NDArray[np.float64]:
    """The pooled variance of each posting's stage, of all stages where the stage has none to pool."""
    free = np.where(counted, np.maximum(left - 1, 0), 0)
    everywhere = float((free * spread).sum()) / max(int(free.sum()), 1)
    found = np.full(len(left), everywhere)
    for value in np.unique(stage):
        there = stage == value
        if free[there].any():
            found[there] = float((free * spread)[there].sum()) / int(free[there].sum())
    return found


def seed_of(snapshot_sha256: str) -> int:
    """The seed of the raters drawn: the first eight hexadecimal digits."""
    return int(snapshot_sha256[:8], 16)


def weight_seed_of(snapshot_sha256: str) -> int:
    """The seed of the weights drawn: the next."""
    return seed_of(snapshot_sha256) + 1


def certainty_of(
    inputs: Inputs, found: Measured, listed: Sequence[Listed], snapshot_sha256: str
) -> Certainty:
    """How sure the ranking of these inputs is.

    Args: found: what :func:`measure` made of them; listed: the bottom list that came out.
    The band always holds the teacher's own place; where it does not by itself, it is stretched to it.
    """
    rated = np.flatnonzero(found.rated)
    seed, bottom = seed_of(snapshot_sha256), found.scheme.bottom
    error = standard_errors(found)
    keys = severity_keys(found.score, found.veto, found.deduct, found.parts)
    has_list = len(rated) >= found.scheme.min_list
    field = Field(
        base=(found.base[rated] + 50) // 100,
        error=error[rated],
        shift=(found.bonus[rated] - found.deduct[rated]) // 100,
        cap=found.cap[rated] // 100,
        score=found.score[rated],
        stage=found.stage[rated],
        may_list=~found.pending[rated] & has_list,
        after=further_order(keys[1:, rated]),
    )
    if not len(rated):
        return Certainty((), (), (), Figures(0, 0, 0, None, 0, 0, 0, 0, 0, 0, 0))
    drawn = draw(field, bottom, seed)
    set_low, set_high = marginal_sets(field.score, field.error, SET_ALPHA)
    own = _competition(field.score)
    low, high = np.minimum(drawn.low, own), np.maximum(drawn.high, own)
    teachers = [found.teachers[place] for place in rated.tolist()]
    columns = (column.tolist() for column in (field.error, low, high, set_low, set_high))
    places = tuple(map(Place, teachers, *columns))
    weights = weight_shares(found, bottom, weight_seed_of(snapshot_sha256))
    lowest = _lowest(found, field, drawn, weights, listed, rated, keys) if has_list else ()
    return Certainty(
        places,
        lowest,
        variants(inputs, found) if has_list else (),
        _figures(found, field, high - low, lowest, weights, listed),
    )


def _competition(score: Ints) -> Ints:
    """1 + how many have a higher score."""
    order = np.sort(score)
    found: Ints = 1 + len(score) - np.searchsorted(order, score, side="right")
    return found


def _lowest(
    found: Measured,
    field: Field,
    drawn: Drawn,
    weights: WeightShares,
    listed: Sequence[Listed],
    rated: Ints,
    keys: Ints,
) -> tuple[Low, ...]:
    numbers = {row.teacher for row in listed}
    is_listed = np.array([found.teachers[place] in numbers for place in rated.tolist()], dtype=np.bool_)
    candidates = np.flatnonzero(field.may_list)
    order = candidates[np.lexsort(keys[::-1, rated[candidates]])]
    outside = order[~is_listed[order]]
    shown = [
        place for number, place in enumerate(order.tolist()) if number < LOWEST or bool(is_listed[place])
    ]
    return tuple(
        Low(
            teacher=found.teachers[rated[place]],
            listed=int(is_listed[place]),
            separable=int(_separable(field, place, outside)) if is_listed[place] else None,
            chance=(2 * int(drawn.among[place]) * 1000 + DRAWS) // (2 * DRAWS),
            worst=(2 * int(drawn.worst[place]) * 1000 + DRAWS) // (2 * DRAWS),
            grid=int(weights.grid[rated[place]]),
            draws=int(weights.draws[rated[place]]),
        )
        for place in shown
    )


def _separable(field: Field, place: int, outside: Ints) -> bool:
    """Whether the next outside the list is more than 1.645 standard errors of the difference above; whole numbers.

    Of several next with one score, the one least certain; with nobody outside, nobody can be mistaken for the person.
    """
    if not len(outside):
        return True
    nearest = int(field.score[outside].min())
    error = int(field.error[outside[field.score[outside] == nearest]].max())
    apart = nearest - int(field.score[place])
    return apart > 0 and apart**2 * 10**6 > SEPARABLE_E3**2 * (int(field.error[place]) ** 2 + error**2)


def _figures(
    found: Measured,
    field: Field,
    widths: Ints,
    lowest: Sequence[Low],
    weights: WeightShares,
    listed: Sequence[Listed],
) -> Figures:
    count = len(field.base)
    # variance of all, times count²: whole numbers
    variance = count * int((field.base**2).sum()) - int(field.base.sum()) ** 2
    unexplained = count * int((field.error**2).sum())
    schools: dict[int, list[bool]] = {}
    at = {teacher: place for place, teacher in enumerate(found.teachers)}
    for row in listed:
        place = at[row.teacher]
        school = int(found.postings.school[found.shown_at[place]])
        schools.setdefault(school, []).append(bool(found.charged[place]))
    return Figures(
        rated=count,
        measured=int((field.error > 0).sum()),
        reweighted=int((found.is_missing & found.rated).sum()),
        reliability=max(0, 1000 - (2000 * unexplained + variance) // (2 * variance)) if variance else None,
        error=_median(field.error[field.error > 0]),
        width=_median(widths[field.error > 0]),
        listed=len(listed),
        same_school=max((len(founded) for founded in schools.values()), default=0),
        same_school_unfounded=max((founded.count(False) for founded in schools.values()), default=0),
        truly_worst=(sum(row.worst for row in lowest if row.listed) + 5) // 10,
        ever=weights.ever if lowest else 0,
    )


def _median(column: Ints) -> int:
    """The lower of the two in the middle; 0 of nothing."""
    return int(np.sort(column)[(len(column) - 1) // 2]) if len(column) else 0


def certainty_bytes(found: Certainty) -> bytes:
    """The canonical file: a header with the figures, then places, the lowest, variants; whole numbers only."""
    lines = [_ENCODE({"kind": "figures", "format": FORMAT, **asdict(found.figures)})]
    line = '{"kind":"place","teacher":%s,"error":%s,"band":[%s,%s],"set":[%s,%s]}'
    lines += [line % (json.dumps(row[0], ensure_ascii=False), *row[1:]) for row in found.places]
    lines += [_ENCODE({"kind": "low", **row._asdict()}) for row in found.lowest]
    lines += [_ENCODE({"kind": "variant", **row._asdict()}) for row in found.variants]
    return ("\n".join(lines) + "\n").encode()


def certainty_json(found: Certainty) -> str:
    """What is kept beside the ranking: the figures, the lowest and the variants."""
    return _ENCODE(
        {
            "figures": asdict(found.figures),
            "lowest": [row._asdict() for row in found.lowest],
            "variants": [row._asdict() for row in found.variants],
        }
    )
