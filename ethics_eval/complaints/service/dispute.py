"""异议: one a case, to the bureau, with a clock of its own; answered by someone who had no part in the case so far."""

from __future__ import annotations

from ethics_eval.accounts.rules import Permission
from ethics_eval.complaints.announcing import announce
from ethics_eval.complaints.models import Case, Complaint
from ethics_eval.complaints.queries import detail_of, lead_of
from ethics_eval.complaints.rules import clocks
from ethics_eval.complaints.rules.announcing import Kind
from ethics_eval.complaints.rules.correspondence import WordEvent, dispute_refusal, message_text
from ethics_eval.complaints.rules.finding import written
from ethics_eval.complaints.rules.machine import CaseAction, CaseStatus, Desk
from ethics_eval.complaints.rules.wording import filled
from ethics_eval.complaints.service.step import Step, permit_within, remark
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import N_, RuleViolation

_HANDLED = frozenset({CaseAction.PROPOSE, CaseAction.DECIDE, CaseAction.REPLY, CaseAction.ANSWER})


def dispute(step: Step, complaint: Complaint, reason: str) -> None:
    """The complainant is not content and says why; the bureau owes an answer within 10 working days.

    The school does not read the dispute. Raises: RuleViolation: not replied to, too late, or disputed before.
    """
    case = lead_of(step.session, complaint.case)
    today = local_day(step.at)
    violation = dispute_refusal(CaseStatus(case.status), case.replied_on, case.disputed_on, today)
    if violation is not None:
        raise violation
    text = message_text(written(reason, "reason"), "reason")
    remark(
        step,
        case,
        WordEvent.DISPUTE,
        {"note": text, "complaint": complaint.id, "seen_from": Desk.DISTRICT.value},
    )
    case.disputed_on = today
    case.dispute_due_on = clocks.dispute_due(today, roster_queries.calendar(step.session))
    announce(step.session, case, Kind.DISPUTE_OPENED, step.at, ref=case.id)


def answer_dispute(step: Step, case: Case, text: str) -> None:
    """The bureau's answer, told to the complainant who disputed.

    Raises: RuleViolation: nothing waits; not within reach; the answerer proposed, decided or replied before.
    """
    facts = permit_within(step, case, Permission.CASE_DISPUTE)
    if case.disputed_on is None or case.dispute_answered_on is not None:
        raise RuleViolation("dispute.none", N_("没有等待答复的异议。"))
    handled = {event.actor_id for event in case.events if event.action in _HANDLED}
    if step.actor.id in handled | facts.investigator_ids:
        raise RuleViolation("dispute.own_work", N_("您经办过这个案件，异议须由其他人答复。"))
    answer = filled(written(text, "text"), "text")
    raised = next(event for event in reversed(case.events) if event.action == WordEvent.DISPUTE)
    complaint_id = detail_of(step.session, step.vault, case, raised)["complaint"]
    remark(
        step,
        case,
        WordEvent.ANSWER_DISPUTE,
        {"public": answer, "complaint": complaint_id, "seen_from": Desk.DISTRICT.value},
    )
    case.dispute_answered_on = local_day(step.at)
