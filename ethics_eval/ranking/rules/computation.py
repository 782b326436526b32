"""From frozen rows to scores, places and the bottom list: one pure function (ranking.md R2–R12).

Whole columns at a time, in ``int64``; no float and no chance anywhere. Any order of the input rows gives the same
outcome: rows are put in order of teacher number and school code first.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ethics_eval.evaluation.rules.scheme import Component, Scheme
from ethics_eval.evaluation.rules.tally import NOTHING, Flags, Ints
from ethics_eval.ranking.rules.bottom import bottom_list, severity_keys
from ethics_eval.ranking.rules.bulk import in_bulk
from ethics_eval.ranking.rules.components import (
    ItemSpread,
    bases,
    means_of,
    posting_scores,
    teacher_parts,
)
from ethics_eval.ranking.rules.inputs import Inputs
from ethics_eval.ranking.rules.ledger import (
    FULL_SCORE,
    Charge,
    bonuses,
    caps,
    final_scores,
    grades,
    point_ledger,
)
from ethics_eval.ranking.rules.outcome import (
    LedgerEntry,
    Outcome,
    RankedTable,
)
from ethics_eval.ranking.rules.postings import PostingColumns, home_postings, most_weeks, posting_columns


@dataclass(frozen=True)
class Measured:
    """Everything the method finds on the way, as columns. Components are in the order of ``Component``, stages in
    that of ``STAGES``, postings and teachers in that of ``postings``; NOTHING (−1) where there is no value.

    Components × postings: ``scores`` (e4), ``raters`` n, ``is_valid`` (R4), ``is_counted`` from tallies; ``spreads``
    has the items of each counted component (``components.ballot_spread`` makes the variance of R13 of them).
    Components × stages: ``means`` m of R5; ``everywhere``: the same over all ranked stages.
    Teachers: ``parts`` (components × teachers, e4, R6), ``home`` (place of the ranked posting with the most weeks),
    ``shown_at`` (that, or else the posting with the most weeks), ``stage`` of ``home`` (0 without), ``weeks`` in
    ranked stages, ``base`` (e4, R7), ``is_missing`` (a part of the round is missing), ``deduct``, ``bonus`` and
    ``cap`` (e4, R8, R9), ``veto``, ``charged`` (a counting finding), ``gravest`` (its severity's order),
    ``pending`` (provisional), ``reason`` why not rated (R11) as place in ``reasons``, whose first is empty: ``rated``;
    ``score`` (hundredths, R10).
    """

    scheme: Scheme
    listed_only: frozenset[str] | None
    postings: PostingColumns
    scores: Ints
    raters: Ints
    is_valid: Flags
    is_counted: Flags
    spreads: Mapping[Component, tuple[ItemSpread, ...]]
    means: Ints
    everywhere: Ints
    parts: Ints
    home: Ints
    shown_at: Ints
    stage: Ints
    weeks: Ints
    base: Ints
    is_missing: Flags
    deduct: Ints
    bonus: Ints
    cap: Ints
    veto: Flags
    charged: Flags
    gravest: Ints
    pending: Flags
    reasons: tuple[str, ...]
    reason: Ints
    rated: Flags
    score: Ints
    ledger: tuple[LedgerEntry, ...]
    charges: Mapping[str, Charge]

    @property
    def teachers(self) -> tuple[str, ...]:
        """The teachers' numbers, in the order of all columns of teachers."""
        return self.postings.teachers


@in_bulk()
def measure(inputs: Inputs) -> Measured:
    """What the method finds of sound rows: postings and results of known teachers, each once, items of the scheme,
    and no component both given and counted for one posting (R4).
    """
    scheme = inputs.scheme
    postings = posting_columns(inputs)
    found = posting_scores(inputs, postings)
    means, everywhere = means_of(postings, found)
    parts = teacher_parts(scheme, postings, found, means)
    home, weeks = home_postings(postings)
    has_home = home != NOTHING
    stage = np.where(has_home, postings.stage[home], 0) if len(home) else home
    base, is_missing = bases(scheme, parts, stage, means, everywhere)
    base = np.where(has_home, base, NOTHING)
    ledger, charges = point_ledger(scheme, inputs.findings)
    bonus = bonuses(scheme, inputs.honours, charges)

    def column(values: Mapping[str, int]) -> Ints:
        whole = np.zeros(len(postings.teachers), dtype=np.int64)
        for teacher, value in values.items():
            place = bisect_left(postings.teachers, teacher)
            if postings.teachers[place : place + 1] == (teacher,):
                whole[place] = value
        return whole

    deduct = column({teacher: charge.deduct for teacher, charge in charges.items()})
    veto = column({teacher: charge.veto for teacher, charge in charges.items()}) > 0
    warned = column({row.teacher: 1 for row in inputs.persons if row.warning}) > 0
    of_bonus = column(bonus)
    reasons, reason = _reasons(scheme, postings, has_home, weeks, base)
    rated = reason == 0
    cap = caps(veto, warned)
    return Measured(
        scheme=scheme,
        listed_only=inputs.listed_only,
        postings=postings,
        scores=found.scores,
        raters=found.raters,
        is_valid=found.is_valid,
        is_counted=found.is_counted,
        spreads=found.spreads,
        means=means,
        everywhere=everywhere,
        parts=parts,
        home=home,
        shown_at=np.where(has_home, home, most_weeks(postings, np.ones_like(postings.ranked))),
        stage=stage,
        weeks=weeks,
        base=base,
        is_missing=is_missing,
        deduct=deduct,
        bonus=of_bonus,
        cap=cap,
        veto=veto,
        charged=column(dict.fromkeys(charges, 1)) > 0,
        gravest=column({teacher: charge.gravest for teacher, charge in charges.items()}),
        pending=column({row.teacher: 1 for row in inputs.persons if row.pending}) > 0,
        reasons=reasons,
        reason=reason,
        rated=rated,
        score=np.where(rated, final_scores(base, deduct, of_bonus, cap), NOTHING),
        ledger=ledger,
        charges=charges,
    )


def compute(inputs: Inputs) -> Outcome:
    """The ranking of sound rows (see :func:`measure`)."""
    return outcome_of(measure(inputs))


@in_bulk()
def outcome_of(found: Measured) -> Outcome:
    """The ranking that follows from what was measured: places (R11) and the bottom list (R12)."""
    postings, rated = found.postings, found.rated
    stages, schools = postings.stage[found.shown_at], postings.school[found.shown_at]
    rows = RankedTable(
        teachers=postings.teachers,
        schools=postings.schools,
        school=schools,
        stage=stages,
        rated=rated,
        reasons=found.reasons,
        reason=found.reason,
        parts=found.parts,
        base=found.base,
        deduct=found.deduct,
        bonus=found.bonus,
        score=found.score,
        grade=np.where(rated, grades(found.score, found.veto, found.charged), NOTHING),
        veto=found.veto,
        pending=found.pending,
        place=_places(found.score, np.zeros_like(stages), rated),
        stage_place=_places(found.score, stages, rated),
        school_place=_places(found.score, schools, rated),
        is_missing=found.is_missing,
    )
    bottom = bottom_list(
        found.scheme,
        postings.teachers,
        severity_keys(found.score, found.veto, found.deduct, found.parts),
        rated,
        found.pending,
        found.charges,
        found.listed_only,
    )
    return Outcome(
        rows,
        found.ledger,
        bottom.listed,
        int(rated.sum()),
        int((rated & found.pending).sum()),
        bottom.dropped,
        bottom.passed_over,
        bottom.kept_out,
    )


def _reasons(
    scheme: Scheme, postings: PostingColumns, has_home: Flags, weeks: Ints, base: Ints
) -> tuple[tuple[str, ...], Ints]:
    """The reasons of R11 with the empty one first, and the place of each teacher's first one: why not rated."""
    held: dict[int, str] = {}
    for place, reason in enumerate(postings.held):
        if reason:  # postings are in order of school code: the smallest with a reason speaks
            held.setdefault(int(postings.teacher[place]), reason)
    always = ("", "SAMPLE_TOO_SMALL", "NEW_UNDER_HALF", "KINDERGARTEN_NOT_RANKED")
    reasons = tuple(dict.fromkeys((*always, *held.values())))
    found = np.where(base == NOTHING, 1, 0)
    found[weeks * 2 < scheme.semester_weeks] = 2
    for teacher, reason in held.items():
        found[teacher] = reasons.index(reason)
    found[~has_home] = 3
    return reasons, found


def _places(score: Ints, group: Ints, rated: Flags) -> Ints:
    """1 + how many rated of the same group have a higher score; NOTHING where not rated."""
    found = np.full(len(score), NOTHING, dtype=np.int64)
    chosen = np.flatnonzero(rated)
    order = chosen[np.argsort((FULL_SCORE - score[chosen]).astype(np.int16), kind="stable")]
    if not len(order):
        return found
    if group.max() > 0:
        # numbers of two bytes are sorted in one pass
        of_order = group[order].astype(np.int16 if group.max() < 2**15 else np.int64)
        order = order[np.argsort(of_order, kind="stable")]
    same_group = np.concatenate(([False], group[order][1:] == group[order][:-1]))
    same_score = same_group & np.concatenate(([False], score[order][1:] == score[order][:-1]))
    count = np.arange(len(order))
    starts = np.maximum.accumulate(np.where(same_group, 0, count))
    firsts = np.maximum.accumulate(np.where(same_score, 0, count))
    found[order] = firsts - starts + 1
    return found
