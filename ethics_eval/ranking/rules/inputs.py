"""What a ranking is computed from: the frozen rows (ranking.md R1, R8, R11).

A posting is a teacher at a school; points and scores named ``_e4`` are in units of 0.0001 point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ethics_eval.complaints.categories import CATEGORIES, Severity
from ethics_eval.evaluation.rules.scheme import Scheme
from ethics_eval.evaluation.rules.tally import POINT
from ethics_eval.text import N_, RuleViolation

FULL = 100 * POINT
COUNTING_OUTCOMES = ("SUBSTANTIATED", "PARTLY")
OUTCOMES = (*COUNTING_OUTCOMES, "UNSUBSTANTIATED", "UNVERIFIABLE", "LAWFUL_DISCIPLINE", "MALICIOUS")


class PersonInput(NamedTuple):
    """A teacher. ``pending``: a case, a window or an appeal is open (R11); ``warning``: a 警告 is in force (R8)."""

    teacher: str
    pending: bool = False
    warning: bool = False


class PostingInput(NamedTuple):
    """A teacher at a school: ``weeks`` (1 or more) of the semester; ``held``: why not rated, or empty (R11)."""

    teacher: str
    school: str
    stage: str
    weeks: int
    held: str = ""


class GivenScore(NamedTuple):
    """A component that was imported: ``score_e4`` 0 … 1 000 000; raters absent: 1; eligible absent: not tested."""

    teacher: str
    school: str
    component: str
    score_e4: int
    raters: int | None = None
    eligible: int | None = None


class TallyInput(NamedTuple):
    """How many ballots chose each option of an item."""

    teacher: str
    school: str
    component: str
    item: str
    counts: tuple[int, ...]
    eligible: int | None = None


class FlaggedInput(NamedTuple):
    """How many of a tally's ballots came from sheets that looked careless (R13: the list without them)."""

    teacher: str
    school: str
    component: str
    item: str
    counts: tuple[int, ...]


class FindingInput(NamedTuple):
    """A decided finding; ``points_e4`` and ``veto`` as the decision and the category's table say together."""

    key: str
    teacher: str
    category: str
    severity: str
    outcome: str
    points_e4: int
    veto: bool
    repeat: bool
    effective: bool
    facts: str = ""


class HonourInput(NamedTuple):
    """An honour of the semester."""

    teacher: str
    level: str


@dataclass(frozen=True)
class Inputs:
    """Everything a ranking depends on. Any order of the rows is the same ranking.

    ``flagged`` moves no score: it only shows what the list would be without those ballots (R13).
    ``listed_only``: of a ranking that corrects an earlier one, whom that one listed; nobody else may be on the list.
    """

    scheme: Scheme
    persons: Sequence[PersonInput] = ()
    postings: Sequence[PostingInput] = ()
    given: Sequence[GivenScore] = ()
    tallies: Sequence[TallyInput] = ()
    findings: Sequence[FindingInput] = ()
    honours: Sequence[HonourInput] = ()
    flagged: Sequence[FlaggedInput] = ()
    listed_only: frozenset[str] | None = None


def penalty(category: str, severity: str, own_points_e4: int | None, own_veto: bool) -> tuple[int, bool]:
    """Points in e4 and veto of a finding: the decision's own points, else the table's (R8).

    Raises: RuleViolation ``finding.category``, ``finding.severity``: the table lacks it; every category admits
    ``grave``, with 0 points.
    """
    line = CATEGORIES.get(category)
    if line is None:
        raise RuleViolation("finding.category", N_("没有这个类别：%(category)s。"), category=category)
    if severity not in set(Severity):
        raise RuleViolation("finding.severity", N_("没有这个程度：%(severity)s。"), severity=severity)
    points = line.points_of(Severity(severity))
    if points is None:
        raise RuleViolation(
            "finding.severity",
            N_("类别 %(category)s 没有程度 %(severity)s。"),
            category=category,
            severity=severity,
        )
    return (points * POINT if own_points_e4 is None else own_points_e4), own_veto or line.is_veto(
        Severity(severity)
    )
