"""The teacher is told, and is heard."""

from __future__ import annotations

from ethics_eval.complaints.models import Case, CaseEvent
from ethics_eval.complaints.queries import open_finding
from ethics_eval.complaints.rules.finding import written
from ethics_eval.complaints.rules.machine import CaseAction, CaseStatus
from ethics_eval.complaints.service.step import Step, advance, permit
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import N_, RuleViolation


def notify(step: Step, case: Case, *, facts: str) -> CaseEvent:
    """Tell the teacher the facts (a fact sheet, never the complainant's words) and the right to be heard."""
    permit(step, case, CaseAction.NOTIFY)
    event = advance(step, case, CaseAction.NOTIFY, {"facts": written(facts, "facts")})
    case.notified_on = local_day(step.at)
    return event


def record_statement(step: Step, case: Case, *, statement: str) -> CaseEvent:
    """Record the teacher's 陈述申辩 as the handler heard it."""
    permit(step, case, CaseAction.STATE)
    event = advance(step, case, CaseAction.STATE, {"statement": written(statement, "statement")})
    case.stated = True
    return event


def state(step: Step, case: Case, *, statement: str) -> CaseEvent:
    """The teacher's own 陈述申辩. Raises: RuleViolation: not the respondent, or not the time for it."""
    finding = open_finding(case)
    if finding is None or finding.teacher_id != step.actor.teacher_id:
        raise RuleViolation("permission.denied", N_("您没有办理此事的权限。"))
    if case.status != CaseStatus.HEARING.value:
        raise RuleViolation("case.wrong_status", N_("案件目前的状态不能办理此事。"))
    event = advance(step, case, CaseAction.STATE, {"statement": written(statement, "statement")})
    case.stated = True
    return event
