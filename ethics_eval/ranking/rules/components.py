"""From tallies and given scores to a teacher's parts and base (ranking.md R2–R7), whole columns at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ethics_eval.evaluation.rules.scheme import BASIS_POINTS, STAGES, Component, Scheme
from ethics_eval.evaluation.rules.tally import (
    ABSENT,
    NOTHING,
    POINT,
    Flags,
    Ints,
    ItemSums,
    component_scores,
    item_sums,
    mean_score,
    rhu,
    shrunk,
    valid,
)
from ethics_eval.ranking.rules.inputs import FULL, Inputs
from ethics_eval.ranking.rules.postings import PostingColumns, summed
from ethics_eval.ranking.rules.results import given_table, tally_table

_COMPONENTS = tuple(Component)
_SCHOOL, _SELF = (_COMPONENTS.index(part) for part in (Component.SCHOOL, Component.SELF))


class ItemSpread(NamedTuple):
    """An item of a counted component, over all postings: its weight in basis points, and its ballots summed up.

    Where a posting has no ballots on it, every sum is 0.
    """

    weight: int
    sums: ItemSums


@dataclass(frozen=True)
class PostingScores:
    """Components × postings: score (e4), number of raters, validity (R4), whether counted from tallies; the items of
    each counted component, for the spread of its ballots (R13).
    """

    scores: Ints
    raters: Ints
    is_valid: Flags
    is_counted: Flags
    spreads: Mapping[Component, tuple[ItemSpread, ...]]


def posting_scores(inputs: Inputs, postings: PostingColumns) -> PostingScores:
    """Each component of each posting, given or counted (R2–R4)."""
    shape = (len(_COMPONENTS), len(postings.weeks))
    scores, raters = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    eligible = np.full(shape, ABSENT, dtype=np.int64)
    is_counted = np.zeros(shape, dtype=np.bool_)
    given = given_table(inputs.given)
    in_postings = given.keys.places_in(postings)
    for part in given.parts:
        place, where = _COMPONENTS.index(Component(part.component)), in_postings[part.posting]
        scores[place, where] = part.score_e4
        raters[place, where] = np.where(part.raters == ABSENT, 1, part.raters)
        eligible[place, where] = part.eligible
    spreads = _count_tallies(inputs, postings, scores, raters, eligible, is_counted)
    is_valid = np.zeros(shape, dtype=np.bool_)
    for place, name in enumerate(_COMPONENTS):
        is_valid[place] = valid(raters[place], eligible[place], inputs.scheme.components[name])
    return PostingScores(scores, raters, is_valid, is_counted, spreads)


def _count_tallies(
    inputs: Inputs, postings: PostingColumns, scores: Ints, raters: Ints, eligible: Ints, is_counted: Flags
) -> dict[Component, tuple[ItemSpread, ...]]:
    """Put the counted components into the columns; where rows name different numbers eligible, the largest holds."""
    tallies = tally_table(inputs.tallies)
    in_postings = tallies.keys.places_in(postings)
    of_item = {(columns.component, columns.item): columns for columns in tallies.items}
    spreads = {}
    for place, name in enumerate(_COMPONENTS):
        items = inputs.scheme.items.get(name, ())
        if not any((name.value, item.code) in of_item for item in items):
            continue
        found = []
        for item in items:
            sums = ItemSums(*np.zeros((len(ItemSums._fields), scores.shape[1]), dtype=np.int64))
            columns = of_item.get((name.value, item.code))
            if columns is not None:
                where = in_postings[columns.posting]
                trim = inputs.scheme.components[name].trim_percent
                for column, values in zip(sums, item_sums(columns.counts, item.points, trim), strict=True):
                    column[where] = values
                is_counted[place, where] = True
                eligible[place, where] = np.maximum(eligible[place, where], columns.eligible)
            found.append(ItemSpread(item.weight, sums))
        score, ballots = component_scores(
            np.stack([mean_score(spread.sums) for spread in found], axis=1),
            np.stack([spread.sums.ballots for spread in found], axis=1),
            [spread.weight for spread in found],
        )
        counted = is_counted[place]
        scores[place] = np.where(counted, score, scores[place])
        raters[place] = np.where(counted, ballots, raters[place])
        spreads[name] = tuple(found)
    return spreads


def ballot_spread(items: Sequence[ItemSpread]) -> tuple[Ints, NDArray[np.float64]]:
    """How a counted component's ballots differ: the number left after trimming, and their variance s² in e4² (R13).

    An item's own variance is the usual one of a sample, Σ(p − mean)² / (left − 1); 0 where fewer than two are left.
    A ballot is worth the weighted mean of its items; which answers came on one sheet is not kept, so s² is the most
    it can be, (Σ w·s)², as if all items of a sheet went together. Of several items' numbers left, the smallest. Only
    R13 uses this: no score and no rank depends on it.
    """
    left = items[0].sums.left
    deviation = np.zeros(len(left), dtype=np.float64)
    for item in items:
        left = np.minimum(left, item.sums.left)
        many = item.sums.left.astype(np.float64)
        apart = many * item.sums.squares - item.sums.points.astype(np.float64) ** 2  # whole numbers below 2⁵³
        variance = np.where(many > 1, apart / np.maximum(many * (many - 1), 1), 0)
        deviation += item.weight * np.sqrt(variance)
    spread: NDArray[np.float64] = (deviation * POINT / BASIS_POINTS) ** 2
    return left, spread


def means_of(postings: PostingColumns, found: PostingScores) -> tuple[Ints, Ints]:
    """The mean of each (component, stage) weighted by raters, and over all ranked stages; NOTHING: no valid one."""
    weighed, counted = (
        np.zeros((len(_COMPONENTS), len(STAGES)), dtype=np.int64),
        np.zeros((len(_COMPONENTS), len(STAGES)), dtype=np.int64),
    )
    everywhere = np.full(len(_COMPONENTS), NOTHING, dtype=np.int64)
    for place in range(len(_COMPONENTS)):
        raters = np.where(found.is_valid[place], found.raters[place], 0)
        points = raters * found.scores[place]
        for stage in np.unique(postings.stage):
            there = postings.stage == stage
            weighed[place, stage], counted[place, stage] = points[there].sum(), raters[there].sum()
        total = raters[postings.ranked].sum()
        if total:
            everywhere[place] = rhu(points[postings.ranked].sum(), total)
    means = np.where(counted > 0, rhu(weighed, np.maximum(counted, 1)), NOTHING)
    return means, everywhere


def teacher_parts(scheme: Scheme, postings: PostingColumns, found: PostingScores, means: Ints) -> Ints:
    """Component scores of teachers (components × teachers) over valid ranked postings; NOTHING: none (R5, R6)."""
    parts = np.full((len(_COMPONENTS), len(postings.teachers)), NOTHING, dtype=np.int64)
    for place, name in enumerate(_COMPONENTS):
        chosen = found.is_valid[place] & postings.ranked
        pulled = shrunk(
            found.scores[place],
            np.where(chosen, found.raters[place], 1),
            means[place][postings.stage],
            scheme.components[name].prior,
        )
        weeks = np.where(chosen, postings.weeks, 0)
        weighed, total = summed(postings, weeks * pulled), summed(postings, weeks)
        parts[place] = np.where(total > 0, rhu(weighed, np.maximum(total, 1)), NOTHING)
    capped = np.minimum(parts[_SELF], parts[_SCHOOL] + scheme.self_cap_over_school * POINT)
    parts[_SELF] = np.where((parts[_SELF] >= 0) & (parts[_SCHOOL] >= 0), capped, parts[_SELF])
    return parts


def bases(scheme: Scheme, parts: Ints, stage: Ints, means: Ints, everywhere: Ints) -> tuple[Ints, Flags]:
    """The base in e4 (NOTHING: too little is valid), and whether any part of the round is missing (R7)."""
    level = np.where(means[:, stage] >= 0, means[:, stage], everywhere[:, None])
    weights = np.array([scheme.components[name].weight for name in _COMPONENTS], dtype=np.int64)[:, None]
    is_asked = level >= 0
    is_there = parts >= 0
    asked_weight = (weights * is_asked).sum(axis=0)
    valid_weight = (weights * is_there).sum(axis=0)
    level_sum = (weights * np.where(is_asked, level, 0)).sum(axis=0)
    above_sum = (weights * np.where(is_there, parts - level, 0)).sum(axis=0)
    enough = (valid_weight >= scheme.min_valid_weight) & (valid_weight > 0)
    numerator = level_sum * valid_weight + above_sum * asked_weight
    base = np.clip(rhu(numerator, np.maximum(asked_weight * valid_weight, 1)), 0, FULL)
    found: Ints = np.where(enough, base, NOTHING)
    is_missing: Flags = np.any(is_asked & ~is_there, axis=0)
    return found, is_missing
