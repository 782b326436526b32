"""What a finding on a teacher must say, and what it costs.

Source: domain.md §1.3–1.4 (measures and who decides), §7.1 (points, veto), ranking.md R8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from ethics_eval.complaints.categories import CATEGORIES, Severity
from ethics_eval.complaints.rules.machine import BURDENING, Outcome
from ethics_eval.text import N_, RuleViolation

SEVERITY_LABELS: Mapping[Severity, str] = {
    Severity.MINOR: N_("轻微"),
    Severity.ORDINARY: N_("一般"),
    Severity.SERIOUS: N_("较重"),
    Severity.GRAVE: N_("严重"),
}

REPEAT_MONTHS = 24
MIN_GROUNDS = 10
MIN_INVESTIGATORS = 2


class Measure(StrEnum):
    """处理 proposed with a finding, from light to heavy (domain.md §1.3, §7.6); empty: none."""

    NONE = ""
    CRITIQUE = "CRITIQUE"
    ADMONITION = "ADMONITION"
    WRITTEN_REVIEW = "WRITTEN_REVIEW"
    CIRCULATED = "CIRCULATED"
    POST_CHANGE = "POST_CHANGE"
    REFUND = "REFUND"
    DISQUALIFY = "DISQUALIFY"
    WARNING = "WARNING"
    DEMERIT = "DEMERIT"
    MAJOR_DEMERIT = "MAJOR_DEMERIT"
    DEMOTION = "DEMOTION"
    REMOVAL = "REMOVAL"
    DISMISSAL = "DISMISSAL"
    CONTRACT_END = "CONTRACT_END"
    CERT_REVOKE = "CERT_REVOKE"

    @property
    def weight(self) -> int:
        """Its place from light (0: none) to heavy."""
        return list(Measure).index(self)


MEASURE_LABELS: Mapping[Measure, str] = {
    Measure.NONE: N_("无"),
    Measure.CRITIQUE: N_("批评教育"),
    Measure.ADMONITION: N_("诫勉谈话"),
    Measure.WRITTEN_REVIEW: N_("责令检查"),
    Measure.CIRCULATED: N_("通报批评"),
    Measure.POST_CHANGE: N_("调离岗位"),
    Measure.REFUND: N_("清退财物"),
    Measure.DISQUALIFY: N_("取消资格"),
    Measure.WARNING: N_("警告"),
    Measure.DEMERIT: N_("记过"),
    Measure.MAJOR_DEMERIT: N_("记大过"),
    Measure.DEMOTION: N_("降低岗位等级"),
    Measure.REMOVAL: N_("撤职"),
    Measure.DISMISSAL: N_("开除"),
    Measure.CONTRACT_END: N_("解聘"),
    Measure.CERT_REVOKE: N_("撤销教师资格"),
}

# 处分; all else is 其他处理, or ends the contract or the certificate.
SANCTIONS = frozenset(
    {
        Measure.WARNING,
        Measure.DEMERIT,
        Measure.MAJOR_DEMERIT,
        Measure.DEMOTION,
        Measure.REMOVAL,
        Measure.DISMISSAL,
    }
)

# With these the teacher who asks for a 听证 gets one (处理办法 art. 5): demotion and heavier.
HEARING_MEASURES = frozenset(measure for measure in Measure if measure.weight >= Measure.DEMOTION.weight)

# Months; DISQUALIFY is the least of its term. What is not here has no term.
TERM_MONTHS: Mapping[Measure, int] = {
    Measure.DISQUALIFY: 24,
    Measure.WARNING: 6,
    Measure.DEMERIT: 12,
    Measure.MAJOR_DEMERIT: 18,
    Measure.DEMOTION: 24,
    Measure.REMOVAL: 24,
    Measure.CERT_REVOKE: 60,
}


def capping_months(measure: Measure) -> int:
    """For how many months a measure caps the score (ranking.md R10); 0: it does not, being lighter than a warning.

    What ends the post for good has no term, and caps as long as the longest 处分 does.
    """
    if measure.weight < Measure.WARNING.weight:
        return 0
    return TERM_MONTHS.get(measure, TERM_MONTHS[Measure.DEMOTION])


@dataclass(frozen=True)
class FindingDraft:
    """A proposed finding. ``grounds``: facts, evidence and basis in words; ``teacher_id`` from the roster."""

    teacher_id: int
    category: str
    severity: Severity
    outcome: Outcome
    grounds: str
    veto: bool = False
    measure: Measure = Measure.NONE


def written(text: str, field: str) -> str:
    """A reason that says something: at least ten characters that are not blank. Raises: RuleViolation at ``field``."""
    if len("".join(text.split())) < MIN_GROUNDS:
        raise RuleViolation(
            "reason.short", N_("请写明理由，至少%(count)s个字。"), field=field, count=MIN_GROUNDS
        )
    return text


def check_investigators(names: list[str]) -> list[str]:
    """At least two different investigators (domain.md §7.2). Raises: RuleViolation at ``investigators``."""
    people = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    if len(people) < MIN_INVESTIGATORS:
        raise RuleViolation(
            "case.investigators",
            N_("调查人员不得少于%(count)s人，每行写一个姓名。"),
            field="investigators",
            count=MIN_INVESTIGATORS,
        )
    return people


def check_decision(proposed: FindingDraft, final: FindingDraft, *, heard: bool) -> int:
    """The points of the decision, which may be milder than what the teacher was told but never heavier.

    Raises: RuleViolation: as :func:`check_finding`; another person; substantiated without a hearing; heavier.
    Source: domain.md §1.5 (defence must not worsen the outcome), §7.2.
    """
    points = check_finding(final)
    if final.teacher_id != proposed.teacher_id:
        raise RuleViolation("decision.person", N_("认定对象与告知的教师不一致，请退回重新拟定。"))
    if final.outcome not in BURDENING:
        return points
    if not heard:
        raise RuleViolation(
            "case.defence_missing",
            N_("拟认定属实或部分属实的，须先告知教师并听取陈述申辩。"),
            field="outcome",
        )
    heavier = (
        points > points_of(proposed)
        or final.severity.order > proposed.severity.order
        or (final.outcome is Outcome.SUBSTANTIATED and proposed.outcome is Outcome.PARTLY)
        or (is_veto(final) and not is_veto(proposed))
        or final.measure.weight > proposed.measure.weight
    )
    if heavier:
        raise RuleViolation(
            "decision.heavier",
            N_("认定不能重于已告知教师的拟认定；确需加重的，请退回重新拟定和告知。"),
            field="severity",
        )
    return points


def points_of(draft: FindingDraft) -> int:
    """Whole points the category and severity cost, fixed at the decision. Raises: RuleViolation at its field."""
    if draft.category not in CATEGORIES:
        raise RuleViolation("finding.category", N_("学校事务不能对教师作出认定。"), field="category")
    points = CATEGORIES[draft.category].points_of(draft.severity)
    if points is None:
        raise RuleViolation("finding.severity", N_("这一类别没有该程度，请另选程度。"), field="severity")
    return points


class Judged(Protocol):
    """What a finding is judged to be, drafted or stored."""

    @property
    def category(self) -> str: ...  # noqa: D102 - as the columns of the finding
    @property
    def severity(self) -> str: ...  # noqa: D102
    @property
    def veto(self) -> bool: ...  # noqa: D102


def is_veto(finding: Judged) -> bool:
    """Whether the finding is a veto (一票否决): it says so itself, or the category at this severity (R8)."""
    return finding.veto or CATEGORIES[finding.category].is_veto(Severity(finding.severity))


def check_finding(draft: FindingDraft) -> int:
    """The points of a complete draft. Raises: RuleViolation: grounds too short, category or severity not admitted,
    or a measure or veto without a substantiated fact.
    """
    written(draft.grounds, "grounds")
    points = points_of(draft)
    if draft.outcome not in BURDENING and (draft.measure is not Measure.NONE or draft.veto):
        raise RuleViolation("finding.measure", N_("未认定属实的，不能给予处理或一票否决。"), field="measure")
    return points


def is_repeat(decided_on: date, earlier_effective: list[date]) -> bool:
    """Whether an effective finding of the same category lies within the 24 months before (ranking.md R8)."""
    since = months_before(decided_on, REPEAT_MONTHS)
    return any(since <= day <= decided_on for day in earlier_effective)


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier; the month's last day where it has none (31 → 30)."""
    return months_after(day, -months)


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the month's last day where it has none (31 → 30)."""
    total = day.year * 12 + day.month - 1 + months
    year, month = divmod(total, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
