"""What the bottom list would be if the method were a little different: other weights, other variants (ranking.md R13).

Whole numbers throughout, as in the ranking itself. Nothing here moves anyone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from math import gcd
from typing import NamedTuple

import numpy as np

from ethics_eval.evaluation.rules.scheme import Component, Scheme
from ethics_eval.evaluation.rules.tally import NOTHING, Flags, Ints, rhu
from ethics_eval.ranking.rules.bottom import bottom_list, severity_keys
from ethics_eval.ranking.rules.components import (
    PostingScores,
    bases,
    means_of,
    posting_scores,
    teacher_parts,
)
from ethics_eval.ranking.rules.computation import Measured
from ethics_eval.ranking.rules.inputs import FULL, Inputs, TallyInput
from ethics_eval.ranking.rules.ledger import final_scores
from ethics_eval.text import N_

GRID = tuple(product((3, 4, 5), repeat=len(Component)))  # fourths of each weight
WEIGHT_DRAWS = 2_000
TRIMS = (0, 5, 10)
CENTRED_FROM = 5  # rated teachers of a school before it is taken to have a severity of its own
_LEAST, _STEPS = 96, 65  # a drawn weight is 96 … 160 of 128 parts of its own
_CHUNK = 250  # weightings at once


VARIANT_LABELS: Mapping[str, str] = {
    "trim_0": N_("一票都不去掉"),
    "trim_5": N_("最高、最低各去掉百分之五"),
    "trim_10": N_("最高、最低各去掉百分之十"),
    "unshrunk": N_("不向学段平均靠拢"),
    "centred": N_("先拉平各校打分的宽严"),
    "unflagged": N_("去掉有疑点的票"),
}


class Variant(NamedTuple):
    """Another way to count, and who of the bottom list that brings in and who it lets out, by number."""

    code: str
    entered: tuple[str, ...]
    left: tuple[str, ...]


@dataclass(frozen=True)
class WeightShares:
    """Of how many of the 243 and of the 2,000 weightings each teacher is among the lowest; ``ever``: how many are."""

    grid: Ints
    draws: Ints
    ever: int


def further_order(keys: Ints) -> Ints:
    """Where each column stands by these keys (keys × teachers): 0 the least; equal columns have equal places."""
    order = np.lexsort(keys[::-1])
    differs = np.any(keys[:, order[1:]] != keys[:, order[:-1]], axis=0)
    found = np.zeros(keys.shape[1], dtype=np.int64)
    found[order[1:]] = np.cumsum(differs)
    return found


# --- weights ------------------------------------------------------------------------------------------------


class _Terms(NamedTuple):
    """What R7 adds up, components × teachers: the level, how far above it, and where each is there."""

    level: Ints
    above: Ints
    asked: Ints
    there: Ints

    def sums(self, weights: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """Each added up by these weightings (weightings × components)."""
        return weights @ self.level, weights @ self.above, weights @ self.asked, weights @ self.there


def _terms(found: Measured, chosen: Ints) -> _Terms:
    level = np.where(
        found.means[:, found.stage[chosen]] >= 0,
        found.means[:, found.stage[chosen]],
        found.everywhere[:, None],
    )
    parts = found.parts[:, chosen]
    asked, there = level >= 0, parts >= 0
    return _Terms(
        np.where(asked, level, 0),
        np.where(there, parts - level, 0),
        asked.astype(np.int64),
        there.astype(np.int64),
    )


def weight_shares(found: Measured, bottom: int, seed: int) -> WeightShares:
    """How often each teacher is among the lowest under other weights: × 0.75, 1, 1.25 each, and drawn within ±25 %.

    Everyone is looked at who could be among the lowest under any such weights. Equal in all keys of R12 across the
    cut: among them.
    """
    counts = np.zeros((2, len(found.base)), dtype=np.int64)
    people = np.flatnonzero(found.rated & ~found.pending)
    if len(people) <= bottom:
        counts[:, people] = [[len(GRID)], [WEIGHT_DRAWS]]
        return WeightShares(counts[0], counts[1], len(people))
    own = np.array([found.scheme.components[name].weight for name in Component], dtype=np.int64)
    own //= gcd(*own.tolist())
    grid = own * np.array(GRID, dtype=np.int64)
    keys = severity_keys(found.score, found.veto, found.deduct, found.parts)[1:]
    people = _within_reach(found, people, grid, bottom)
    after, terms = further_order(keys[:, people]), _terms(found, people)
    drawn = own * _multipliers(seed)
    for place, weightings in enumerate((grid, drawn)):
        for start in range(0, len(weightings), _CHUNK):
            score = _scores(found, people, terms, weightings[start : start + _CHUNK])
            key = score * len(people) + after
            cut = np.partition(key, bottom - 1, axis=1)[:, bottom - 1 : bottom]
            counts[place, people] += (key <= cut).sum(axis=0)
    return WeightShares(counts[0], counts[1], int(np.any(counts > 0, axis=0).sum()))


def _multipliers(seed: int) -> Ints:
    """2,000 weightings, each part 0.75 … 1.25 in steps of 1/128 (in such steps), by the raw bits of PCG64."""
    many = WEIGHT_DRAWS * len(Component)
    bits = np.random.PCG64(seed).random_raw(many // 4).astype("<u8", copy=False).view("<u2")
    return (_LEAST + (bits.astype(np.int64) * _STEPS >> 16)).reshape(WEIGHT_DRAWS, len(Component))


def _scores(found: Measured, people: Ints, terms: _Terms, weightings: Ints) -> Ints:
    """Scores in hundredths, weightings × teachers (R7, R10)."""
    level, above, asked, there = terms.sums(weightings)
    base = np.clip(rhu(level * there + above * asked, np.maximum(asked * there, 1)), 0, FULL)
    return final_scores(base, found.deduct[people], found.bonus[people], found.cap[people])


def _within_reach(found: Measured, people: Ints, grid: Ints, bottom: int) -> Ints:
    """Those who could be among the lowest: each of the two fractions of R7 is greatest and least at a corner."""
    corners = grid[[place for place, steps in enumerate(GRID) if 4 not in steps]]
    level, above, asked, there = _terms(found, people).sums(corners)
    first, second = level / np.maximum(asked, 1), above / np.maximum(there, 1)
    bounds = np.clip(
        [
            np.floor(first.min(axis=0) + second.min(axis=0)) - 1,
            np.ceil(first.max(axis=0) + second.max(axis=0)) + 1,
        ],
        0,
        FULL,
    ).astype(np.int64)
    least, most = final_scores(bounds, found.deduct[people], found.bonus[people], found.cap[people])
    near: Ints = people[least <= np.partition(most, bottom - 1)[bottom - 1]]
    return near


# --- variants -----------------------------------------------------------------------------------------------


def variants(inputs: Inputs, found: Measured) -> tuple[Variant, ...]:
    """The list of other trims, without shrinkage, with schools centred, and without flagged ballots if there are any.

    Schools centred: what a school with five or more rated teachers is above the mean of all is taken off its
    teachers' bases: as if schools differed in severity alone.
    """
    normal = _listed(found, found.rated, found.base)
    lists = []
    for trim in TRIMS:
        scheme = _trimmed(found.scheme, trim)
        if scheme != found.scheme:
            lists.append((f"trim_{trim}", _recounted(replace(inputs, scheme=scheme), found)))
    posted = PostingScores(found.scores, found.raters, found.is_valid, found.is_counted, found.spreads)
    lists.append(("unshrunk", _based(_unshrunk(found.scheme), found, posted, found.means, found.everywhere)))
    lists.append(("centred", _listed(found, found.rated, _centred(found))))
    if inputs.flagged:
        lists.append(("unflagged", _recounted(replace(inputs, tallies=unflagged(inputs)), found)))
    return tuple(
        Variant(code, tuple(sorted(listed - normal)), tuple(sorted(normal - listed)))
        for code, listed in lists
    )


def unflagged(inputs: Inputs) -> list[TallyInput]:
    """The tallies less the ballots that looked careless; no count falls below 0."""
    flagged = {row[:4]: row.counts for row in inputs.flagged}
    return [
        row._replace(
            counts=tuple(
                max(count - less, 0) for count, less in zip(row.counts, flagged[row[:4]], strict=True)
            )
        )
        if row[:4] in flagged
        else row
        for row in inputs.tallies
    ]


def _trimmed(scheme: Scheme, percent: int) -> Scheme:
    """The scheme with this trim where it trims at all."""
    return replace(
        scheme,
        components={
            name: replace(rule, trim_percent=percent) if rule.trim_percent else rule
            for name, rule in scheme.components.items()
        },
    )


def _unshrunk(scheme: Scheme) -> Scheme:
    return replace(
        scheme, components={name: replace(rule, prior=0) for name, rule in scheme.components.items()}
    )


def _recounted(inputs: Inputs, found: Measured) -> frozenset[str]:
    posted = posting_scores(inputs, found.postings)
    return _based(inputs.scheme, found, posted, *means_of(found.postings, posted))


def _based(
    scheme: Scheme, found: Measured, posted: PostingScores, means: Ints, everywhere: Ints
) -> frozenset[str]:
    parts = teacher_parts(scheme, found.postings, posted, means)
    base, _is_missing = bases(scheme, parts, found.stage, means, everywhere)
    return _listed(found, found.rated & (base != NOTHING), base, parts)


def _centred(found: Measured) -> Ints:
    school = found.postings.school[found.shown_at]
    many = np.bincount(school[found.rated], minlength=len(found.postings.schools))
    sums = np.zeros(len(many), dtype=np.int64)
    np.add.at(sums, school[found.rated], found.base[found.rated])
    overall = rhu(sums.sum(), np.maximum(many.sum(), 1))
    above = np.where(many >= CENTRED_FROM, rhu(sums, np.maximum(many, 1)) - overall, 0)
    return np.clip(found.base - above[school], 0, FULL)


def _listed(found: Measured, rated: Flags, base: Ints, parts: Ints | None = None) -> frozenset[str]:
    """Who would be on the bottom list with these bases, by number."""
    score = np.where(rated, final_scores(base, found.deduct, found.bonus, found.cap), NOTHING)
    keys = severity_keys(score, found.veto, found.deduct, found.parts if parts is None else parts)
    listed = bottom_list(found.scheme, found.teachers, keys, rated, found.pending, found.charges).listed
    return frozenset(row.teacher for row in listed)
