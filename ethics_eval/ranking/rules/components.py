"""From tallies and given scores to a teacher's parts and base (ranking.md R2–R7), whole columns at a time."""

from __future__ import annotations

import numpy as np

from ethics_eval.evaluation.rules.scheme import STAGES, Component, Scheme
from ethics_eval.evaluation.rules.tally import (
    ABSENT,
    NOTHING,
    POINT,
    Flags,
    Ints,
    component_scores,
    item_scores,
    rhu,
    shrunk,
    valid,
)
from ethics_eval.ranking.rules.inputs import FULL, Inputs
from ethics_eval.ranking.rules.postings import PostingColumns

_COMPONENTS = tuple(Component)
_SCHOOL, _SELF = (_COMPONENTS.index(part) for part in (Component.SCHOOL, Component.SELF))


def posting_scores(inputs: Inputs, postings: PostingColumns) -> tuple[Ints, Ints, Flags]:
    """Score (e4), number of raters and validity of each component of each posting (components × postings)."""
    shape = (len(_COMPONENTS), len(postings.weeks))
    scores, raters = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    eligible = np.full(shape, ABSENT, dtype=np.int64)
    at = {name.value: place for place, name in enumerate(_COMPONENTS)}
    if inputs.given:
        part = np.array([at[row.component] for row in inputs.given])
        where = np.array([postings.place[row.teacher, row.school] for row in inputs.given])
        scores[part, where] = [row.score_e4 for row in inputs.given]
        raters[part, where] = [1 if row.raters is None else row.raters for row in inputs.given]
        eligible[part, where] = [ABSENT if row.eligible is None else row.eligible for row in inputs.given]
    _count_tallies(inputs, postings, scores, raters, eligible)
    is_valid = np.zeros(shape, dtype=np.bool_)
    for place, name in enumerate(_COMPONENTS):
        is_valid[place] = valid(raters[place], eligible[place], inputs.scheme.components[name])
    return scores, raters, is_valid


def _count_tallies(
    inputs: Inputs, postings: PostingColumns, scores: Ints, raters: Ints, eligible: Ints
) -> None:
    """Put the counted components into the columns; where rows name different numbers eligible, the largest holds."""
    rows_of: dict[tuple[str, str], tuple[list[int], list[tuple[int, ...]], list[int]]] = {}
    for row in inputs.tallies:
        where, counts, asked = rows_of.setdefault((row.component, row.item), ([], [], []))
        where.append(postings.place[row.teacher, row.school])
        counts.append(row.counts)
        asked.append(ABSENT if row.eligible is None else row.eligible)
    for place, name in enumerate(_COMPONENTS):
        items = inputs.scheme.items.get(name, ())
        if not any((name.value, item.code) in rows_of for item in items):
            continue
        of_items = np.zeros((len(items), 2, scores.shape[1]), dtype=np.int64)
        is_counted = np.zeros(scores.shape[1], dtype=np.bool_)
        for number, item in enumerate(items):
            where, counts, asked = rows_of.get((name.value, item.code), ([], [], []))
            if not where:
                continue
            found = item_scores(
                np.array(counts, dtype=np.int64),
                item.points,
                inputs.scheme.components[name].trim_percent,
            )
            of_items[number][:, where] = found
            is_counted[where] = True
            np.maximum.at(eligible[place], where, np.array(asked, dtype=np.int64))
        score, ballots = component_scores(
            of_items[:, 0, is_counted].T, of_items[:, 1, is_counted].T, [item.weight for item in items]
        )
        scores[place, is_counted] = score
        raters[place, is_counted] = ballots


def means_of(postings: PostingColumns, scores: Ints, raters: Ints, is_valid: Flags) -> tuple[Ints, Ints]:
    """The mean of each (component, stage) weighted by raters, and over all ranked stages; NOTHING: no valid one."""
    weighed, counted = (
        np.zeros((len(_COMPONENTS), len(STAGES)), dtype=np.int64),
        np.zeros((len(_COMPONENTS), len(STAGES)), dtype=np.int64),
    )
    everywhere = np.full(len(_COMPONENTS), NOTHING, dtype=np.int64)
    for place in range(len(_COMPONENTS)):
        chosen = is_valid[place]
        np.add.at(weighed[place], postings.stage[chosen], (raters[place] * scores[place])[chosen])
        np.add.at(counted[place], postings.stage[chosen], raters[place][chosen])
        ranked = chosen & postings.ranked
        total = raters[place][ranked].sum()
        if total:
            everywhere[place] = rhu((raters[place] * scores[place])[ranked].sum(), total)
    means = np.where(counted > 0, rhu(weighed, np.maximum(counted, 1)), NOTHING)
    return means, everywhere


def teacher_parts(
    scheme: Scheme, postings: PostingColumns, scores: Ints, raters: Ints, is_valid: Flags, means: Ints
) -> Ints:
    """Component scores of teachers (components × teachers) over valid ranked postings; NOTHING: none (R5, R6)."""
    parts = np.full((len(_COMPONENTS), len(postings.teachers)), NOTHING, dtype=np.int64)
    for place, name in enumerate(_COMPONENTS):
        chosen = is_valid[place] & postings.ranked
        pulled = shrunk(
            scores[place][chosen],
            raters[place][chosen],
            means[place][postings.stage[chosen]],
            scheme.components[name].prior,
        )
        weeks = postings.weeks[chosen]
        sums = np.zeros((2, len(postings.teachers)), dtype=np.int64)
        np.add.at(sums[0], postings.teacher[chosen], weeks * pulled)
        np.add.at(sums[1], postings.teacher[chosen], weeks)
        parts[place] = np.where(sums[1] > 0, rhu(sums[0], np.maximum(sums[1], 1)), NOTHING)
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
