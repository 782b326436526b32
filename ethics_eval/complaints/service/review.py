"""复查 and 复核: the complainant asks, the body above decides; upheld, or quashed and done anew by others.

Source: 信访工作条例 arts. 35, 36; domain.md §7.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ethics_eval.complaints.models import Case, CaseEvent, Complaint
from ethics_eval.complaints.queries import lead_of, reply_day
from ethics_eval.complaints.rules import clocks
from ethics_eval.complaints.rules.finding import check_investigators, written
from ethics_eval.complaints.rules.machine import (
    CaseAction,
    CaseFacts,
    Desk,
    check_new_investigators,
    desk_above,
    height,
)
from ethics_eval.complaints.rules.suspension import document_number
from ethics_eval.complaints.rules.wording import filled
from ethics_eval.complaints.service.intake import move
from ethics_eval.complaints.service.measure import revoke_measures
from ethics_eval.complaints.service.step import Step, advance, permit
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.calendar import local_day


def ask_review(step: Step, complaint: Complaint, *, grounds: str) -> CaseEvent:
    """请求复查 of the reply, within 30 days of it; the case goes to the desk above the one that answered."""
    return _ask(step, complaint, CaseAction.ASK_REVIEW, grounds)


def ask_final_review(step: Step, complaint: Complaint, *, grounds: str) -> CaseEvent:
    """请求复核 of what 复查 said, within 30 days of that."""
    return _ask(step, complaint, CaseAction.ASK_FINAL_REVIEW, grounds)


def _ask(step: Step, complaint: Complaint, action: CaseAction, grounds: str) -> CaseEvent:
    case = lead_of(step.session, complaint.case)
    facts = permit(step, case, action)
    text = written(grounds, "grounds")
    event = advance(step, case, action, {"complaint": complaint.id, "note": text})
    case.review_round += 1
    case.review_base_on = None
    case.review_due_on = clocks.review_due(local_day(step.at), roster_queries.calendar(step.session))
    desk = desk_above(facts.answered_at)
    if height(desk) > height(Desk(case.desk)):
        move(step, case, desk)
    return event


def uphold(step: Step, case: Case, *, explanation: str, document: str = "") -> CaseEvent:
    """维持原答复 with the reasons; 30 days to ask for 复核 begin.

    Args: document: number of the province's decision, needed where the city itself had answered.
    """
    facts = permit(step, case, CaseAction.UPHOLD)
    detail = _told(facts, explanation, document)
    day = local_day(step.at)
    event = advance(step, case, CaseAction.UPHOLD, detail, review_base_on=day)
    _decided(step, case)
    return event


def finish(step: Step, case: Case, *, explanation: str, document: str = "") -> CaseEvent:
    """复核意见: the end; on the same facts nothing more is accepted (art. 36)."""
    facts = permit(step, case, CaseAction.FINISH)
    event = advance(step, case, CaseAction.FINISH, _told(facts, explanation, document))
    _decided(step, case)
    return event


def quash(
    step: Step, case: Case, *, explanation: str, investigators: list[str], document: str = ""
) -> CaseEvent:
    """撤销原答复: its findings fall with their effect, and others investigate (a school matter is answered) anew.

    Args: investigators: at least two who had no part in it so far; none for a matter of the school.
    """
    facts = permit(step, case, CaseAction.QUASH)
    detail: dict[str, Any] = dict(_told(facts, explanation, document))
    if not facts.school_matter:
        people = check_investigators(investigators)
        check_new_investigators(people, facts.handler_names)
        detail["investigators"] = people
    event = advance(step, case, CaseAction.QUASH, detail, outcome=None)
    _decided(step, case)
    for finding in case.findings:
        if finding.decided_at is not None and finding.revoked_at is None:
            finding.revoked_at, finding.effective_at = step.at, None
            revoke_measures(step, case, finding)
    case.review_round = 0
    case.notified_on, case.stated = None, False
    case.return_due_on = None
    case.reply_due_on = reply_day(case, roster_queries.calendar(step.session))
    if case.disputed_on is not None and case.dispute_answered_on is None:
        case.dispute_answered_on = local_day(step.at)  # what was disputed is done anew
    return event


def _told(facts: CaseFacts, explanation: str, document: str) -> Mapping[str, Any]:
    public = filled(written(explanation, "explanation"), "explanation")
    if facts.answered_at is not Desk.CITY:
        return {"public": public}
    return {"public": public, "number": document_number(document, "document")}


def _decided(step: Step, case: Case) -> None:
    if case.review_due_on is not None:
        in_time = local_day(step.at) <= case.review_due_on
        case.reviewed_in_time = clocks.verdict(case.reviewed_in_time, in_time)
    case.review_due_on = None
