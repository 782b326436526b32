"""The teacher is told, and is heard."""

from __future__ import annotations

from ethics_eval.complaints.models import Case, CaseEvent
from ethics_eval.complaints.queries import open_finding
from ethics_eval.complaints.rules.finding import written
from ethics_eval.complaints.rules.machine import CaseAction
from ethics_eval.complaints.service.secrecy import check_for_respondent
from ethics_eval.complaints.service.step import Step, advance, permit
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import N_, RuleViolation


def notify(step: Step, case: Case, *, facts: str) -> CaseEvent:
    """Tell the teacher the facts (a fact sheet, never the complainant's words) and the right to be heard."""
    permit(step, case, CaseAction.NOTIFY)
    check_for_respondent(step, case, facts, "facts")
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
    _own(step, case)
    permit(step, case, CaseAction.STATE)
    event = advance(step, case, CaseAction.STATE, {"statement": written(statement, "statement")})
    case.stated = True
    return event


def ask_hearing(step: Step, case: Case, *, grounds: str) -> CaseEvent:
    """申请听证: the teacher's right against demotion and heavier; nothing is decided before it was held (办法 art. 5).

    The handler records a request that was made by word of mouth.
    """
    permit(step, case, CaseAction.ASK_HEARING)
    return advance(step, case, CaseAction.ASK_HEARING, {"statement": written(grounds, "grounds")})


def hold_hearing(step: Step, case: Case, *, record: str) -> CaseEvent:
    """The record (笔录) of the hearing, which is presided over by somebody who did not investigate."""
    permit(step, case, CaseAction.HOLD_HEARING)
    return advance(step, case, CaseAction.HOLD_HEARING, {"statement": written(record, "record")})


def _own(step: Step, case: Case) -> None:
    finding = open_finding(case)
    if finding is None or finding.teacher_id != step.actor.teacher_id:
        raise RuleViolation("permission.denied", N_("您没有办理此事的权限。"))
