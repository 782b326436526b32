"""From frozen rows to scores, places and the bottom list: one pure function (ranking.md R2–R12).

Whole columns at a time, in ``int64``; no float and no chance anywhere. Any order of the input rows gives the same
outcome: rows are put in order of teacher number and school code first.
"""

from __future__ import annotations

import numpy as np

from ethics_eval.evaluation.rules.scheme import STAGES, Scheme
from ethics_eval.evaluation.rules.tally import NOTHING, Flags, Ints
from ethics_eval.ranking.rules.bottom import bottom_list
from ethics_eval.ranking.rules.components import bases, means_of, posting_scores, teacher_parts
from ethics_eval.ranking.rules.inputs import Inputs, PersonInput
from ethics_eval.ranking.rules.ledger import bonuses, final_score, point_ledger
from ethics_eval.ranking.rules.outcome import NOT_RATED, RATED, REWEIGHTED, Outcome, RankedRow
from ethics_eval.ranking.rules.postings import PostingColumns, home_postings, most_weeks, posting_columns


def compute(inputs: Inputs) -> Outcome:
    """The ranking of sound rows: postings and results of known teachers, each once, items of the scheme, and no
    component both given and counted for one posting (R4).
    """
    scheme = inputs.scheme
    postings = posting_columns(inputs)
    persons = {teacher: PersonInput(teacher) for teacher in postings.teachers}
    persons |= {row.teacher: row for row in inputs.persons}
    scores, raters, is_valid = posting_scores(inputs, postings)
    means, everywhere = means_of(postings, scores, raters, is_valid)
    parts = teacher_parts(scheme, postings, scores, raters, is_valid, means)
    home, weeks = home_postings(postings)
    has_home = home != NOTHING
    stage = np.where(has_home, postings.stage[home], 0)
    base, is_missing = bases(scheme, parts, stage, means, everywhere)
    base = np.where(has_home, base, NOTHING)
    ledger, charges = point_ledger(scheme, inputs.findings)
    reasons = _reasons(scheme, postings, has_home, weeks, base)
    bonus = bonuses(scheme, inputs.honours, charges)
    final = [
        final_score(int(base[place]), charges.get(teacher), bonus.get(teacher, 0), persons[teacher])
        for place, teacher in enumerate(postings.teachers)
    ]
    rated = np.array([not reason for reason in reasons], dtype=np.bool_)
    score = np.array([row[0] for row in final], dtype=np.int64)
    shown_at = np.where(has_home, home, most_weeks(postings, np.ones_like(postings.ranked)))
    city, in_stage, in_school = (
        _places(score, group, rated)
        for group in (np.zeros_like(stage), postings.stage[shown_at], postings.school[shown_at])
    )
    rows = tuple(
        RankedRow(
            teacher=teacher,
            school=postings.schools[postings.school[shown_at[place]]],
            stage=STAGES[postings.stage[shown_at[place]]],
            status=NOT_RATED if reasons[place] else RATED,
            reason=reasons[place],
            components=tuple(None if part < 0 else part for part in parts[:, place].tolist()),
            base=None if base[place] == NOTHING else int(base[place]),
            deduct=charges[teacher].deduct if teacher in charges else 0,
            bonus=bonus.get(teacher, 0),
            score=None if reasons[place] else int(score[place]),
            grade="" if reasons[place] else final[place][1],
            veto=teacher in charges and charges[teacher].veto,
            provisional=persons[teacher].pending,
            place=None if reasons[place] else int(city[place]),
            stage_place=None if reasons[place] else int(in_stage[place]),
            school_place=None if reasons[place] else int(in_school[place]),
            flags=(REWEIGHTED,) if is_missing[place] else (),
        )
        for place, teacher in enumerate(postings.teachers)
    )
    bottom, dropped, passed_over = bottom_list(scheme, rows, charges)
    return Outcome(rows, ledger, bottom, int(rated.sum()), dropped, passed_over)


def _reasons(scheme: Scheme, postings: PostingColumns, has_home: Flags, weeks: Ints, base: Ints) -> list[str]:
    """Why each teacher is not rated, the first reason of R11; empty: rated."""
    held: dict[int, str] = {}
    for teacher, reason in zip(postings.teacher.tolist(), postings.held, strict=True):
        if reason:  # postings are in order of school code: the smallest with a reason speaks
            held.setdefault(teacher, reason)
    found = []
    for place in range(len(postings.teachers)):
        if not has_home[place]:
            found.append("KINDERGARTEN_NOT_RANKED")
        elif place in held:
            found.append(held[place])
        elif weeks[place] * 2 < scheme.semester_weeks:
            found.append("NEW_UNDER_HALF")
        else:
            found.append("SAMPLE_TOO_SMALL" if base[place] == NOTHING else "")
    return found


def _places(score: Ints, group: Ints, rated: Flags) -> Ints:
    """1 + how many rated of the same group have a higher score; 0 where not rated."""
    found = np.zeros(len(score), dtype=np.int64)
    chosen = np.flatnonzero(rated)
    order = chosen[np.lexsort((-score[chosen], group[chosen]))]
    if not len(order):
        return found
    same_group = np.concatenate(([False], group[order][1:] == group[order][:-1]))
    same_score = same_group & np.concatenate(([False], score[order][1:] == score[order][:-1]))
    count = np.arange(len(order))
    starts = np.maximum.accumulate(np.where(same_group, 0, count))
    firsts = np.maximum.accumulate(np.where(same_score, 0, count))
    found[order] = firsts - starts + 1
    return found
