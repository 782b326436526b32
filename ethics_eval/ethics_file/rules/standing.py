"""What a teacher's file comes to for one purpose: clear, restricted, or vetoed (师德一票否决).

Source: domain.md §1.3 (measures, terms, effects), §2.1 (an effective veto or an unqualified grade bars registration,
title, post and awards), §7.3. Only what is effective weighs; what is open is never counted against anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ethics_eval.complaints.rules.finding import (
    SANCTIONS,
    Measure,
    capping_months,
    months_after,
    months_before,
)
from ethics_eval.complaints.rules.measure import DisqualifyKind
from ethics_eval.ethics_file.rules.need import LOOK_BACK_MONTHS, Purpose
from ethics_eval.text import N_, RuleViolation

UNQUALIFIED = "不合格"


class Standing(StrEnum):
    """From clear to vetoed."""

    CLEAR = "clear"
    RESTRICTED = "restricted"
    VETOED = "vetoed"

    @property
    def weight(self) -> int:
        """Its place from light (0) to grave."""
        return list(Standing).index(self)


STANDING_LABELS: Mapping[Standing, str] = {
    Standing.CLEAR: N_("没有师德限制"),
    Standing.RESTRICTED: N_("受处理期内，有限制"),
    Standing.VETOED: N_("师德一票否决"),
}

# What takes the post or the certificate away: as grave as a veto while it holds.
ENDING = frozenset({Measure.DISMISSAL, Measure.CERT_REVOKE})
RESTRICTING = SANCTIONS | {Measure.CONTRACT_END, Measure.CERT_REVOKE}
# Which 取消资格 bears on a purpose.
_BARRING: Mapping[Purpose, frozenset[DisqualifyKind]] = {
    Purpose.TITLE: frozenset({DisqualifyKind.TITLE}),
    Purpose.POST: frozenset({DisqualifyKind.POST, DisqualifyKind.PROMOTION}),
    Purpose.TRANSFER: frozenset({DisqualifyKind.POST}),
    Purpose.AWARD: frozenset({DisqualifyKind.AWARD, DisqualifyKind.TALENT}),
    Purpose.REGISTRATION: frozenset(),
    Purpose.OTHER: frozenset(DisqualifyKind),
}


@dataclass(frozen=True)
class FindingFact:
    """An effective finding that stands."""

    id: str
    veto: bool
    effective_on: date


@dataclass(frozen=True)
class MeasureFact:
    """A measure in force on an effective finding; ``ends_on`` None: it has no term."""

    finding_id: str
    measure: Measure
    kind: str
    starts_on: date
    ends_on: date | None

    def holds(self, today: date) -> bool:
        """Whether it runs on a day; what has no term weighs as long as the longest 处分."""
        last = self.ends_on or months_after(self.starts_on, capping_months(self.measure))
        return self.starts_on <= today <= last


@dataclass(frozen=True)
class GradeFact:
    """The grade of a published semester."""

    semester: str
    grade: str
    published_on: date


@dataclass(frozen=True)
class StandingFacts:
    """What the file holds. ``is_open``: a case, a window, a remedy or a score appeal on the teacher is not settled."""

    findings: tuple[FindingFact, ...] = ()
    measures: tuple[MeasureFact, ...] = ()
    grades: tuple[GradeFact, ...] = ()
    is_open: bool = False

    @property
    def keys(self) -> frozenset[str]:
        """Everything a ground could rest on now (:attr:`Ground.key`)."""
        grades = {f"grade:{row.semester}" for row in self.grades if row.grade == UNQUALIFIED}
        return frozenset({row.id for row in self.findings} | grades)


@dataclass(frozen=True)
class Ground:
    """Why a standing is not clear: a ``veto`` effective on ``starts_on``, an unqualified ``grade`` of a semester, or a
    ``measure`` with its term.
    """

    kind: str
    starts_on: date
    ends_on: date | None = None
    measure: str = ""
    disqualifies: str = ""
    semester: str = ""
    finding_id: str = ""

    @property
    def key(self) -> str:
        """What it rests on: the finding, or the semester's grade."""
        return self.finding_id or f"grade:{self.semester}"


@dataclass(frozen=True)
class Verdict:
    """The standing for a purpose on a day, and why; no ground: clear."""

    standing: Standing
    grounds: tuple[Ground, ...] = ()


def standing_of(facts: StandingFacts, purpose: Purpose, today: date) -> Verdict:
    """What the file comes to for a purpose on a day. Open matters are not weighed (:func:`check_settled`)."""
    since = months_before(today, LOOK_BACK_MONTHS[purpose])
    vetoes = [
        Ground("veto", row.effective_on, finding_id=row.id)
        for row in facts.findings
        if row.veto and since <= row.effective_on <= today
    ]
    grades = [
        Ground("grade", row.published_on, semester=row.semester)
        for row in facts.grades
        if row.grade == UNQUALIFIED and since <= row.published_on <= today
    ]
    measures = [
        Ground(
            "measure",
            row.starts_on,
            row.ends_on,
            measure=row.measure.value,
            disqualifies=row.kind,
            finding_id=row.finding_id,
        )
        for row in facts.measures
        if row.holds(today) and _bears_on(row, purpose)
    ]
    grounds = tuple(sorted([*vetoes, *grades, *measures], key=lambda row: (row.starts_on, row.kind)))
    if vetoes or grades or any(row.measure in ENDING for row in measures):
        return Verdict(Standing.VETOED, grounds)
    return Verdict(Standing.RESTRICTED if measures else Standing.CLEAR, grounds)


def _bears_on(row: MeasureFact, purpose: Purpose) -> bool:
    if row.measure is Measure.DISQUALIFY:
        return row.kind in _BARRING[purpose]
    return row.measure in RESTRICTING


def check_settled(facts: StandingFacts, verdict: Verdict) -> None:
    """Refuse while something is open that could change the standing: nothing suspended is certified, nor its absence.

    An effective veto stands whatever else is open. Raises: RuleViolation ``certificate.open``.
    """
    if facts.is_open and not any(ground.kind == "veto" for ground in verdict.grounds):
        raise RuleViolation("certificate.open", N_("有未办结事项，暂缓出具。办结以后再来出具。"))
