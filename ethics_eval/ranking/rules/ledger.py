"""Findings and honours: the point ledger, the bonus, the final score and its grade (ranking.md R8–R10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ethics_eval.complaints.categories import Severity
from ethics_eval.evaluation.rules.scheme import Scheme
from ethics_eval.evaluation.rules.tally import POINT, Flags, Ints
from ethics_eval.ranking.rules.inputs import COUNTING_OUTCOMES, FULL, FindingInput, HonourInput
from ethics_eval.ranking.rules.outcome import GRADES, LedgerEntry

FULL_SCORE = 10_000  # hundredths of a point
VETO_CAP = 599_900
WARNING_CAP = 699_900
HONOUR_POINTS: Mapping[str, int] = {"school": 1, "county": 2, "city": 3, "province": 4, "nation": 5}
RESCUE_POINTS = 5
SAME_FACTS = "SAME_FACTS"
SCORED = ("", SAME_FACTS)  # reasons of a ledger line whose finding a published ranking has used up (R8)
GRADE_FROM = (6000, 7000, 9000)  # hundredths of a point: below the first is the lowest grade


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


def point_ledger(
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
            reason = SAME_FACTS
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


def bonuses(scheme: Scheme, honours: Sequence[HonourInput], charges: Mapping[str, Charge]) -> dict[str, int]:
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


def caps(veto: Flags, warned: Flags) -> Ints:
    """The most a score may be, in e4: 59.99 with a veto, 69.99 with a warning in force, else all points (R8)."""
    found: Ints = np.where(veto, VETO_CAP, np.where(warned, WARNING_CAP, FULL))
    return found


def final_scores(base: Ints, deduct: Ints, bonus: Ints, cap: Ints) -> Ints:
    """The scores in hundredths of a point (R10)."""
    value = np.minimum(np.clip(base - deduct + bonus, 0, FULL), cap)
    found: Ints = (2 * value + 100) // 200
    return found


def grades(score: Ints, veto: Flags, charged: Flags) -> Ints:
    """The grades of scores, as places in GRADES; ``charged``: who has a counting finding (R10)."""
    found: Ints = np.searchsorted(GRADE_FROM, score, side="right")
    found = np.where(charged, np.minimum(found, GRADES.index("合格")), found)
    return np.where(veto, 0, found)
