"""The sender is answered, and the file closed."""

from __future__ import annotations

from ethics_eval.complaints.models import Case, CaseEvent
from ethics_eval.complaints.rules import clocks
from ethics_eval.complaints.rules.finding import written
from ethics_eval.complaints.rules.machine import CaseAction
from ethics_eval.complaints.rules.wording import filled
from ethics_eval.complaints.service.step import Step, advance, permit
from ethics_eval.roster.rules.calendar import local_day


def reply(step: Step, case: Case, *, text: str) -> CaseEvent:
    """答复 the complainant under the code: the outcome and the reasons, no private details of the teacher."""
    permit(step, case, CaseAction.REPLY)
    return _reply(step, case, CaseAction.REPLY, text)


def answer(step: Step, case: Case, *, text: str) -> CaseEvent:
    """Answer a matter of the school (R01–R06), which is never a finding on a teacher."""
    permit(step, case, CaseAction.ANSWER)
    return _reply(step, case, CaseAction.ANSWER, text)


def _reply(step: Step, case: Case, action: CaseAction, text: str) -> CaseEvent:
    public = filled(written(text, "text"), "text")
    day = local_day(step.at)
    if case.reply_due_on is not None:
        case.replied_in_time = clocks.verdict(case.replied_in_time, day <= case.reply_due_on)
    case.replied_on = day
    case.review_base_on = day  # the 30 days to ask for 复查 begin
    return advance(step, case, action, {"public": public})


def close(step: Step, case: Case) -> CaseEvent:
    """办结: the reply is out, the file is complete."""
    permit(step, case, CaseAction.CLOSE)
    return advance(step, case, CaseAction.CLOSE)
