"""The finding is decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.complaints.categories import Severity
from ethics_eval.complaints.models import Case, Finding
from ethics_eval.complaints.queries import open_finding, position_of
from ethics_eval.complaints.rules import clocks
from ethics_eval.complaints.rules.finding import FindingDraft, Measure, check_decision, is_repeat
from ethics_eval.complaints.rules.machine import BURDENING, CaseAction, CaseStatus, Outcome, check
from ethics_eval.complaints.rules.measure import check_person
from ethics_eval.complaints.service.secrecy import check_for_respondent
from ethics_eval.complaints.service.step import Step, advance, permit
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.calendar import CITY_TIME, local_day
from ethics_eval.text import N_, RuleViolation


def decide(step: Step, case: Case, final: FindingDraft) -> Finding:
    """作出认定: the points are fixed, the teacher's 30-day window opens; it counts only when that has ended.

    Raises: RuleViolation: not heard, heavier than told, the decider investigated, malice found by other than the
    city, or incomplete.
    """
    facts = permit(step, case, CaseAction.DECIDE)
    check(replace(facts, proposed_outcome=final.outcome), CaseAction.DECIDE, step.actor)
    finding = open_finding(case)
    if finding is None:
        raise RuleViolation("case.no_draft", N_("没有待审定的拟认定。"))
    heard = case.status == CaseStatus.HEARING.value
    points = check_decision(draft_of(finding, final.grounds), final, heard=heard)
    check_person(final.measure, position_of(step.session, case, finding.teacher_id))
    check_for_respondent(step, case, final.grounds, "grounds")
    day = local_day(step.at)
    finding.category = final.category
    finding.severity = final.severity.value
    finding.outcome = final.outcome.value
    finding.veto = final.veto
    finding.measure = final.measure.value
    finding.points = points
    finding.decided_at = step.at
    finding.decided_by_id = step.actor.id
    if final.outcome in BURDENING:
        finding.repeat = is_repeat(day, _effective_days(step.session, finding, step.at))
        finding.window_ends_on = clocks.window_ends(day, roster_queries.calendar(step.session))
        finding.effective_at = datetime.combine(
            finding.window_ends_on + timedelta(days=1), time.min, CITY_TIME
        )
    case.outcome = final.outcome.value
    case.category = final.category
    advance(step, case, CaseAction.DECIDE, {"finding": finding.id, "grounds": final.grounds})
    return finding


def draft_of(finding: Finding, grounds: str) -> FindingDraft:
    """A stored finding as a draft again."""
    return FindingDraft(
        teacher_id=finding.teacher_id,
        category=finding.category,
        severity=Severity(finding.severity),
        outcome=Outcome(finding.outcome),
        grounds=grounds,
        veto=finding.veto,
        measure=Measure(finding.measure),
    )


def _effective_days(session: Session, finding: Finding, at: datetime) -> list[Any]:
    rows = session.scalars(
        select(Finding.effective_at).where(
            Finding.teacher_id == finding.teacher_id,
            Finding.category == finding.category,
            Finding.id != finding.id,
            Finding.outcome.in_([outcome.value for outcome in BURDENING]),
            Finding.effective_at <= at,
            Finding.revoked_at.is_(None),
        )
    )
    return [local_day(effective) for effective in rows if effective is not None]
