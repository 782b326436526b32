"""撤回: the complainant's own step and nobody else's; where pupils are harmed the bureau goes on all the same."""

from __future__ import annotations

from ethics_eval.complaints.models import Case, CaseEvent, Complaint
from ethics_eval.complaints.queries import lead_of, withdrawn_ids
from ethics_eval.complaints.rules.clocks import Pause
from ethics_eval.complaints.rules.finding import written
from ethics_eval.complaints.rules.machine import CaseAction, CaseStatus
from ethics_eval.complaints.service.investigation import drop_drafts
from ethics_eval.complaints.service.pausing import move_days
from ethics_eval.complaints.service.step import Step, advance, permit
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import N_, RuleViolation

MAX_REASON = 2000


def withdraw(step: Step, complaint: Complaint, *, reason: str) -> CaseEvent:
    """撤回 by the sender, who owes no reason. The case ends unless others complained too or pupils may be harmed
    (C06–C11, urgent): then the withdrawal is on record and the handling goes on.

    Raises: RuleViolation: decided already, withdrawn before, or not the sender.
    """
    case = lead_of(step.session, complaint.case)
    facts = permit(step, case, CaseAction.WITHDRAW)
    if complaint.id in withdrawn_ids(step.session, step.vault, [complaint]):
        raise RuleViolation("case.withdrawn", N_("您已经撤回过这件投诉。"))
    words = reason.strip()[:MAX_REASON]
    if case.status == CaseStatus.SUSPENDED.value and facts.standing <= 1 and not facts.ex_officio:
        columns: dict[str, object] = {"suspended_on": None}
    else:
        columns = {}
    event = advance(step, case, CaseAction.WITHDRAW, {"complaint": complaint.id, "note": words}, **columns)
    if case.status == CaseStatus.WITHDRAWN.value:
        drop_drafts(case, step.at)
    return event


def carry_on(step: Step, case: Case, *, reason: str) -> CaseEvent:
    """依职权继续: the bureau goes on with a withdrawn case; the days in between do not count."""
    permit(step, case, CaseAction.CONTINUE)
    ended = next(event for event in reversed(case.events) if event.action == CaseAction.WITHDRAW)
    event = advance(step, case, CaseAction.CONTINUE, {"note": written(reason, "reason")})
    move_days(step, case, Pause(local_day(ended.at), local_day(step.at)))
    return event
