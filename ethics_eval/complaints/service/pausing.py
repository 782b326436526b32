"""More time, and time that does not count: extension, suspension, resumption; each is told to the complainant."""

from __future__ import annotations

from ethics_eval.complaints.models import Case, CaseEvent
from ethics_eval.complaints.queries import reply_day
from ethics_eval.complaints.rules import clocks
from ethics_eval.complaints.rules.clocks import Pause
from ethics_eval.complaints.rules.finding import written
from ethics_eval.complaints.rules.machine import CaseAction, CaseStatus
from ethics_eval.complaints.rules.suspension import check_suspension
from ethics_eval.complaints.rules.wording import filled
from ethics_eval.complaints.service.step import Step, advance, permit
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.calendar import local_day


def extend(step: Step, case: Case, *, explanation: str) -> CaseEvent:
    """延期: 30 days more, once a case, approved by one who does not investigate (信访工作条例 art. 34)."""
    permit(step, case, CaseAction.EXTEND)
    public = filled(written(explanation, "explanation"), "explanation")
    event = advance(step, case, CaseAction.EXTEND, {"public": public}, extended=True)
    case.reply_due_on = reply_day(case, roster_queries.calendar(step.session))
    return event


def suspend(step: Step, case: Case, *, reason: str, number: str, explanation: str) -> CaseEvent:
    """中止 while another authority has the matter: a listed reason and the number of its document."""
    facts = permit(step, case, CaseAction.SUSPEND)
    chosen, document = check_suspension(reason, number, urgent=facts.urgent)
    public = filled(written(explanation, "explanation"), "explanation")
    detail = {"reason": chosen.value, "number": document, "public": public}
    return advance(step, case, CaseAction.SUSPEND, detail, suspended_on=local_day(step.at))


def resume(step: Step, case: Case, *, explanation: str) -> CaseEvent:
    """恢复: back to where it stood; every running day moves by the days it stood still."""
    permit(step, case, CaseAction.RESUME)
    public = filled(written(explanation, "explanation"), "explanation")
    today = local_day(step.at)
    pause = Pause(case.suspended_on or today, today)
    event = advance(step, case, CaseAction.RESUME, {"public": public}, suspended_on=None)
    move_days(step, case, pause)
    return event


def move_days(step: Step, case: Case, pause: Pause) -> None:
    """Move the due days that run where the case now stands by a pause that has ended."""
    calendar = roster_queries.calendar(step.session)
    if case.accepted_on is not None:
        case.reply_due_on = reply_day(case, calendar)
    if case.return_due_on is not None:
        case.return_due_on = clocks.moved(case.return_due_on, pause, calendar)
    if case.status == CaseStatus.SUBMITTED.value:
        case.register_due_on = clocks.moved(case.register_due_on, pause, calendar)
    if case.status in {CaseStatus.SUBMITTED.value, CaseStatus.REGISTERED.value}:
        case.accept_due_on = clocks.moved(case.accept_due_on, pause, calendar)
