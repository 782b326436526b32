"""What a ranking is computed from: the frozen rows, and what must hold between them (ranking.md R1, R4, R8, R11).

A posting is a teacher at a school; points and scores named ``_e4`` are in units of 0.0001 point.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ethics_eval.complaints.categories import CATEGORIES, Severity
from ethics_eval.evaluation.rules.scheme import Scheme
from ethics_eval.text import N_, RuleViolation

POINT = 10_000
COUNTING_OUTCOMES = ("SUBSTANTIATED", "PARTLY")
OUTCOMES = (*COUNTING_OUTCOMES, "UNSUBSTANTIATED", "UNVERIFIABLE", "LAWFUL_DISCIPLINE", "MALICIOUS")
HONOUR_LEVELS = ("school", "county", "city", "province", "nation", "rescue")


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
    """Everything a ranking depends on. Any order of the rows is the same ranking."""

    scheme: Scheme
    persons: Sequence[PersonInput] = ()
    postings: Sequence[PostingInput] = ()
    given: Sequence[GivenScore] = ()
    tallies: Sequence[TallyInput] = ()
    findings: Sequence[FindingInput] = ()
    honours: Sequence[HonourInput] = ()


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


def contradictions(inputs: Inputs) -> Iterator[tuple[str, tuple[str, ...], RuleViolation]]:
    """What speaks against the rows as a whole: (kind of row, its key, why).

    Kinds: ``posting``, ``given``, ``tally``, ``finding``, ``honour``. Checked: rows of unknown teachers or
    postings, doubled rows, components both given and counted, items and options the scheme does not have.
    """
    teachers = {row.teacher for row in inputs.persons}
    postings = {(row.teacher, row.school) for row in inputs.postings}
    yield from _doubled("posting", [(row.teacher, row.school) for row in inputs.postings])
    yield from _doubled("given", [row[:3] for row in inputs.given])
    yield from _doubled("tally", [row[:4] for row in inputs.tallies])
    given = {row[:3] for row in inputs.given}
    for score in inputs.given:
        if score[:2] not in postings:
            yield "given", score[:3], _NO_POSTING
    items = {(name.value, item.code): item for name, part in inputs.scheme.items.items() for item in part}
    for tally in inputs.tallies:
        item = items.get((tally.component, tally.item))
        if tally[:2] not in postings:
            yield "tally", tally[:4], _NO_POSTING
        if tally[:3] in given:
            violation = RuleViolation("ranking.both", N_("这一部分既有评分又有票数，只能有一种。"))
            yield "tally", tally[:4], violation
        if item is None:
            violation = RuleViolation("ranking.item", N_("方案里没有这个题目：%(item)s。"), item=tally.item)
            yield "tally", tally[:4], violation
        elif len(tally.counts) != len(item.points):
            violation = RuleViolation(
                "ranking.options", N_("这道题只有%(count)s个选项。"), count=len(item.points)
            )
            yield "tally", tally[:4], violation
    for kind, rows in (("finding", inputs.findings), ("honour", inputs.honours)):
        for row in rows:
            if row.teacher not in teachers:
                key = (row.key,) if isinstance(row, FindingInput) else (row.teacher, row.level)
                yield kind, key, RuleViolation("ranking.teacher", N_("没有这位教师。"))


_NO_POSTING = RuleViolation("ranking.posting", N_("没有这位教师在这所学校的任职。"))


def _doubled(
    kind: str, keys: Sequence[tuple[str, ...]]
) -> Iterator[tuple[str, tuple[str, ...], RuleViolation]]:
    seen: set[tuple[str, ...]] = set()
    for key in keys:
        if key in seen:
            yield kind, key, RuleViolation("ranking.doubled", N_("有重复的行。"))
        seen.add(key)
