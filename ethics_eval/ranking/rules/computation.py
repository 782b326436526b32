"""From frozen rows to scores, places and the bottom list: one pure function (ranking.md R2–R12).

Whole columns at a time, in ``int64``; no float and no chance anywhere. Any order of the input rows gives the same
outcome: rows are put in order of teacher number and school code first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ethics_eval.complaints.categories import Severity
from ethics_eval.evaluation.rules.scheme import STAGES, Component, Scheme
from ethics_eval.evaluation.rules.tally import (
    ABSENT,
    POINT,
    Flags,
    Ints,
    component_scores,
    item_scores,
    rhu,
    shrunk,
    valid,
)
from ethics_eval.ranking.rules.inputs import COUNTING_OUTCOMES, FindingInput, HonourInput, Inputs, PersonInput

FULL = 100 * POINT
VETO_CAP = 599_900
WARNING_CAP = 699_900
NOTHING = -1  # no score in a column of scores
HONOUR_POINTS: Mapping[str, int] = {"school": 1, "county": 2, "city": 3, "province": 4, "nation": 5}
RESCUE_POINTS = 5
REWEIGHTED = "reweighted"
RATED, NOT_RATED = "rated", "not_rated"
NAMED, PRIVATE = "named", "private"

_COMPONENTS = tuple(Component)
_SCHOOL, _PARENT, _SELF = (
    _COMPONENTS.index(part) for part in (Component.SCHOOL, Component.PARENT, Component.SELF)
)
_ORDINARY = Severity.ORDINARY.order


class LedgerEntry(NamedTuple):
    """A finding's weight: ``line_e4`` is what it costs alone; ``reason`` says why it is not counted, or is empty."""

    finding: str
    teacher: str
    line_e4: int
    counted: bool
    reason: str


class RankedRow(NamedTuple):
    """One teacher. ``score`` in hundredths of a point; places and score are None where not rated."""

    teacher: str
    school: str
    stage: str
    status: str
    reason: str
    components: tuple[int | None, ...]
    base: int | None
    deduct: int
    bonus: int
    score: int | None
    grade: str
    veto: bool
    provisional: bool
    place: int | None
    stage_place: int | None
    school_place: int | None
    flags: tuple[str, ...]


class Listed(NamedTuple):
    """One of the bottom list, worst first; ``basis``: what names the person (veto, finding, deduction), or empty."""

    teacher: str
    treatment: str
    basis: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """A computed ranking: rows by teacher number, ledger by finding key, the bottom list, and who was left out.

    ``dropped``: a group equal in every key across the cut; ``passed_over``: provisional teachers among the lowest.
    """

    rows: tuple[RankedRow, ...]
    ledger: tuple[LedgerEntry, ...]
    bottom: tuple[Listed, ...]
    rated_count: int
    dropped: int
    passed_over: int

    def counts(self) -> dict[str, int]:
        """How many were rated, provisional, listed, named, told privately, dropped for ties, passed over."""
        named = sum(entry.treatment == NAMED for entry in self.bottom)
        return {
            "teachers": len(self.rows),
            "rated": self.rated_count,
            "provisional": sum(row.provisional and row.status == RATED for row in self.rows),
            "listed": len(self.bottom),
            "named": named,
            "private": len(self.bottom) - named,
            "dropped": self.dropped,
            "passed_over": self.passed_over,
        }


@dataclass(frozen=True)
class _Postings:
    """The columns of postings: teacher and school as places in their sorted lists, stage as place in STAGES."""

    teachers: tuple[str, ...]
    schools: tuple[str, ...]
    teacher: Ints
    school: Ints
    stage: Ints
    weeks: Ints
    ranked: Flags
    held: tuple[str, ...]
    place: Mapping[tuple[str, str], int]


def compute(inputs: Inputs) -> Outcome:
    """The ranking of sound rows: postings and results of known teachers, each once, items of the scheme, and no
    component both given and counted for one posting (R4).
    """
    scheme = inputs.scheme
    postings = _postings(inputs)
    persons = {teacher: PersonInput(teacher) for teacher in postings.teachers}
    persons |= {row.teacher: row for row in inputs.persons}
    scores, raters, is_valid = _posting_scores(inputs, postings)
    means, everywhere = _means(postings, scores, raters, is_valid)
    parts = _teacher_parts(scheme, postings, scores, raters, is_valid, means)
    home, weeks = _home(postings)
    has_home = home != NOTHING
    stage = np.where(has_home, postings.stage[home], 0)
    base, is_missing = _base(scheme, parts, stage, means, everywhere)
    base = np.where(has_home, base, NOTHING)
    ledger, charges = _ledger(scheme, inputs.findings)
    reasons = _reasons(scheme, postings, has_home, weeks, base)
    bonus = _bonuses(scheme, inputs.honours, charges)
    final = [
        _final(int(base[place]), charges.get(teacher), bonus.get(teacher, 0), persons[teacher])
        for place, teacher in enumerate(postings.teachers)
    ]
    rated = np.array([not reason for reason in reasons], dtype=np.bool_)
    score = np.array([row[0] for row in final], dtype=np.int64)
    shown_at = np.where(has_home, home, _most_weeks(postings, np.ones_like(postings.ranked)))
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


# --- components (R2–R6) -------------------------------------------------------------------------------------


def _postings(inputs: Inputs) -> _Postings:
    rows = sorted(inputs.postings)
    teachers = tuple(sorted({row.teacher for row in rows}))
    schools = tuple(sorted({row.school for row in rows}))
    teacher_at = {number: place for place, number in enumerate(teachers)}
    school_at = {code: place for place, code in enumerate(schools)}
    stage = np.array([STAGES.index(row.stage) for row in rows], dtype=np.int64)
    ranked = [STAGES.index(name) for name in inputs.scheme.ranked_stages]
    return _Postings(
        teachers=teachers,
        schools=schools,
        teacher=np.array([teacher_at[row.teacher] for row in rows], dtype=np.int64),
        school=np.array([school_at[row.school] for row in rows], dtype=np.int64),
        stage=stage,
        weeks=np.array([row.weeks for row in rows], dtype=np.int64),
        ranked=np.isin(stage, ranked),
        held=tuple(row.held for row in rows),
        place={(row.teacher, row.school): place for place, row in enumerate(rows)},
    )


def _posting_scores(inputs: Inputs, postings: _Postings) -> tuple[Ints, Ints, Flags]:
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


def _count_tallies(inputs: Inputs, postings: _Postings, scores: Ints, raters: Ints, eligible: Ints) -> None:
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


def _means(postings: _Postings, scores: Ints, raters: Ints, is_valid: Flags) -> tuple[Ints, Ints]:
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


def _teacher_parts(
    scheme: Scheme, postings: _Postings, scores: Ints, raters: Ints, is_valid: Flags, means: Ints
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


# --- base (R7) ----------------------------------------------------------------------------------------------


def _home(postings: _Postings) -> tuple[Ints, Ints]:
    """Each teacher's ranked posting with the most weeks (NOTHING: none), and the weeks in ranked stages."""
    weeks = np.zeros(len(postings.teachers), dtype=np.int64)
    np.add.at(weeks, postings.teacher[postings.ranked], postings.weeks[postings.ranked])
    return _most_weeks(postings, postings.ranked), weeks


def _most_weeks(postings: _Postings, chosen: Flags) -> Ints:
    """Of the chosen postings each teacher's one with the most weeks; equal weeks: the greater school code."""
    places = np.flatnonzero(chosen)
    order = places[np.lexsort((postings.school[places], postings.weeks[places]))]
    found = np.full(len(postings.teachers), NOTHING, dtype=np.int64)
    found[postings.teacher[order]] = order  # of several writes to one place the last stays
    return found


def _base(scheme: Scheme, parts: Ints, stage: Ints, means: Ints, everywhere: Ints) -> tuple[Ints, Flags]:
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


def _reasons(scheme: Scheme, postings: _Postings, has_home: Flags, weeks: Ints, base: Ints) -> list[str]:
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


# --- findings and honours (R8–R10) ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Charge:
    """What a teacher's counting findings amount to: ``deduct`` in e4 after the cap, the gravest severity's order."""

    deduct: int
    veto: bool
    gravest: int


def line_of(finding: FindingInput) -> int:
    """What a substantiated finding costs alone in e4: half if partly true, half as much again if repeated (R8)."""
    numerator, denominator = finding.points_e4, 1
    if finding.outcome == "PARTLY":
        denominator *= 2
    if finding.repeat:
        numerator, denominator = numerator * 3, denominator * 2
    return (2 * numerator + denominator) // (2 * denominator)


def _ledger(
    scheme: Scheme, findings: Sequence[FindingInput]
) -> tuple[tuple[LedgerEntry, ...], dict[str, Charge]]:
    """Every finding's line, and what the counting ones of each teacher amount to (R8)."""
    counting = [row for row in findings if row.outcome in COUNTING_OUTCOMES and row.effective]
    largest: dict[tuple[str, str], FindingInput] = {}
    for row in sorted(counting):
        if row.facts:
            first = largest.setdefault((row.teacher, row.facts), row)
            if line_of(row) > line_of(first):
                largest[row.teacher, row.facts] = row
    entries = []
    sums: dict[str, int] = {}
    for row in sorted(findings):
        reason = ""
        if row.outcome not in COUNTING_OUTCOMES:
            reason = "NOT_SUBSTANTIATED"
        elif not row.effective:
            reason = "NOT_EFFECTIVE"
        elif row.facts and largest[row.teacher, row.facts] is not row:
            reason = "SAME_FACTS"
        else:
            sums[row.teacher] = sums.get(row.teacher, 0) + line_of(row)
        line = line_of(row) if row.outcome in COUNTING_OUTCOMES else 0
        entries.append(LedgerEntry(row.key, row.teacher, line, not reason, reason))
    charges: dict[str, Charge] = {}
    for row in counting:
        before = charges.get(row.teacher)
        charges[row.teacher] = Charge(
            deduct=min(sums.get(row.teacher, 0), scheme.deduction_cap * POINT),
            veto=row.veto or (before is not None and before.veto),
            gravest=max(Severity(row.severity).order, before.gravest if before else 0),
        )
    return tuple(entries), charges


def _bonuses(scheme: Scheme, honours: Sequence[HonourInput], charges: Mapping[str, Charge]) -> dict[str, int]:
    """Bonus of each teacher in e4: the highest honour and a rescue, capped; none beside a serious finding (R9)."""
    highest: dict[str, int] = {}
    rescued: set[str] = set()
    for row in honours:
        if row.level == "rescue":
            rescued.add(row.teacher)
        else:
            highest[row.teacher] = max(highest.get(row.teacher, 0), HONOUR_POINTS[row.level])
    found = {}
    for teacher in highest.keys() | rescued:
        if teacher in charges and charges[teacher].gravest >= Severity.SERIOUS.order:
            continue
        points = highest.get(teacher, 0) + (RESCUE_POINTS if teacher in rescued else 0)
        found[teacher] = min(points, scheme.bonus_cap) * POINT
    return found


def _final(base: int, charge: Charge | None, bonus: int, person: PersonInput) -> tuple[int, str]:
    """The score in hundredths and the grade (R10)."""
    value = min(max(base - (charge.deduct if charge else 0) + bonus, 0), FULL)
    veto = charge is not None and charge.veto
    if veto:
        value = min(value, VETO_CAP)
    elif person.warning:
        value = min(value, WARNING_CAP)
    score = (2 * value + 100) // 200
    if veto or score < 6000:
        return score, "不合格"
    if score < 7000:
        return score, "基本合格"
    return score, "合格" if score < 9000 or charge is not None else "优秀"


# --- order and bottom list (R11, R12) -------------------------------------------------------------------------


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


def severity_key(row: RankedRow) -> tuple[int, ...]:
    """The five keys of R12, worst first: score, veto, deduction, school's part, parents' part; missing parts last."""
    school, parent = row.components[_SCHOOL], row.components[_PARENT]
    return (
        row.score or 0,
        0 if row.veto else 1,
        -row.deduct,
        FULL + 1 if school is None else school,
        FULL + 1 if parent is None else parent,
    )


def bottom_list(
    scheme: Scheme, rows: Sequence[RankedRow], charges: Mapping[str, Charge]
) -> tuple[tuple[Listed, ...], int, int]:
    """The listed, worst first; how many were dropped as equal across the cut; how many provisional passed over.

    A group equal in all five keys on both sides of the cut goes as a whole: out (``none``) or in (``all``). Nobody
    moves up for those left out. Source: ranking.md R12.
    """
    rated = [row for row in rows if row.status == RATED]
    if len(rated) < scheme.min_list:
        return (), 0, 0
    order = sorted(
        (row for row in rated if not row.provisional), key=lambda row: (severity_key(row), row.teacher)
    )
    taken, after = order[: scheme.bottom], order[scheme.bottom :]
    cut = severity_key(taken[-1]) if taken else None
    passed_over = sum(
        row.provisional and (cut is None or len(order) <= scheme.bottom or severity_key(row) <= cut)
        for row in rated
    )
    dropped = 0
    if after and severity_key(after[0]) == cut:
        equal = [row for row in order if severity_key(row) == cut]
        taken = [row for row in taken if severity_key(row) != cut]
        if scheme.tie_rule == "all":
            taken += equal
        else:
            dropped = len(equal)
    return tuple(_listed(scheme, row, charges.get(row.teacher)) for row in taken), dropped, passed_over


def _listed(scheme: Scheme, row: RankedRow, charge: Charge | None) -> Listed:
    basis = []
    if charge is not None:
        if charge.veto:
            basis.append("veto")
        if charge.gravest >= _ORDINARY:
            basis.append("finding")
        if row.deduct >= scheme.naming_min_deduct * POINT:
            basis.append("deduction")
    is_named = bool(basis) or scheme.naming == "rank"
    return Listed(row.teacher, NAMED if is_named else PRIVATE, tuple(basis))
