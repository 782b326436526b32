"""From the mailbox to the desk that handles the case, or out of the house."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select

from ethics_eval.complaints.announcing import announce
from ethics_eval.complaints.models import Case, CaseEvent
from ethics_eval.complaints.rules import clocks
from ethics_eval.complaints.rules.announcing import Kind
from ethics_eval.complaints.rules.finding import written
from ethics_eval.complaints.rules.machine import (
    CaseAction,
    CaseStatus,
    Desk,
    check_assignment,
    desk_above,
)
from ethics_eval.complaints.rules.suspension import document_number
from ethics_eval.complaints.rules.wording import filled
from ethics_eval.complaints.service.investigation import drop_drafts
from ethics_eval.complaints.service.step import Step, advance, permit
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import N_, RuleViolation
from ethics_eval.vault.service import CONTENT, IDENTITY, school_unit

DECLINE_REASONS: Mapping[str, str] = {
    "NOT_EDU_DUTY": N_("不属于教育部门职责"),
    "LITIGATION_ARBITRATION_RECONSIDERATION": N_("已经或应当通过诉讼、仲裁、行政复议解决"),
    "ALREADY_PENDING": N_("上级机关正在办理"),
    "CONCLUDED_SAME_FACTS": N_("同一事实已经办结，没有新的事实"),
    "NO_RESPONDENT_OR_FACTS": N_("没有明确的对象或事实"),
}

TRANSFER_TARGETS: Mapping[str, str] = {
    "POLICE": N_("公安机关"),
    "DISCIPLINE_INSPECTION": N_("纪检监察机关"),
    "OTHER_DEPARTMENT": N_("其他主管部门"),
}


PETITION_TYPES: Mapping[str, str] = {
    "REPORT": N_("检举控告"),
    "APPEAL": N_("申诉求决"),
    "SUGGESTION": N_("意见建议"),
    "ENQUIRY": N_("咨询"),
}


def register(step: Step, case: Case, *, petition_type: str = "REPORT") -> CaseEvent:
    """登记: the intake clerk has seen it and says what kind it is; the clock of one working day stops."""
    permit(step, case, CaseAction.REGISTER)
    if petition_type not in PETITION_TYPES:
        raise RuleViolation("case.petition_type", N_("请选择信访类别。"), field="petition_type")
    case.petition_type = petition_type
    _registered(step, case)
    take_up(step, case)
    return advance(step, case, CaseAction.REGISTER)


def _registered(step: Step, case: Case) -> None:
    in_time = local_day(step.at) <= case.register_due_on
    case.registered_in_time = clocks.verdict(case.registered_in_time, in_time)


def _judged(step: Step, case: Case) -> None:
    in_time = local_day(step.at) <= case.accept_due_on
    case.accepted_in_time = clocks.verdict(case.accepted_in_time, in_time)


def take_up(step: Step, case: Case) -> None:
    """The bureau's first step in a case of grave harm stops its clock; its verdict is written once."""
    if case.urgent_due_at is not None and case.urgent_in_time is None:
        case.urgent_in_time = step.at <= case.urgent_due_at


def accept(step: Step, case: Case) -> CaseEvent:
    """受理: the 15-day clock stops, the 60-day clock starts (信访工作条例 arts. 22, 34)."""
    permit(step, case, CaseAction.ACCEPT)
    day = local_day(step.at)
    _judged(step, case)
    case.accepted_on = day
    case.reply_due_on = clocks.reply_due(day, roster_queries.calendar(step.session))
    return advance(step, case, CaseAction.ACCEPT)


def decline(step: Step, case: Case, *, reason: str, explanation: str) -> CaseEvent:
    """不予受理 with a coded reason and where to go instead; told to the complainant."""
    permit(step, case, CaseAction.DECLINE)
    if reason not in DECLINE_REASONS:
        raise RuleViolation("case.decline_reason", N_("请选择不予受理的理由。"), field="reason")
    text = filled(written(explanation, "explanation"), "explanation")
    _judged(step, case)
    return advance(step, case, CaseAction.DECLINE, {"reason": reason, "public": text})


def transfer(step: Step, case: Case, *, target: str, explanation: str) -> CaseEvent:
    """转送 to another authority; the direction is told to the complainant. Before registration to the police only."""
    facts = permit(step, case, CaseAction.TRANSFER)
    if target not in TRANSFER_TARGETS:
        raise RuleViolation("case.transfer_target", N_("请选择转送的部门。"), field="target")
    unregistered = facts.status is CaseStatus.SUBMITTED
    if unregistered and target != "POLICE":
        raise RuleViolation("case.not_registered", N_("未登记的紧急案件只能移送公安机关。"), field="target")
    text = filled(written(explanation, "explanation"), "explanation")
    if unregistered:
        _registered(step, case)
    _judged(step, case)
    take_up(step, case)
    return advance(step, case, CaseAction.TRANSFER, {"target": target, "public": text})


def refer(step: Step, case: Case, *, number: str, explanation: str) -> CaseEvent:
    """移送公安机关 at once, whatever else goes on: the referral's number; told to the complainant."""
    permit(step, case, CaseAction.REFER)
    document = document_number(number, "number")
    public = filled(written(explanation, "explanation"), "explanation")
    take_up(step, case)
    return advance(step, case, CaseAction.REFER, {"number": document, "public": public})


def reopen(step: Step, case: Case, *, reason: str) -> CaseEvent:
    """重新登记 what was declined (new facts, or the desk above) or sent back by another authority; 15 days anew."""
    permit(step, case, CaseAction.REOPEN)
    event = advance(step, case, CaseAction.REOPEN, {"note": written(reason, "reason")})
    case.accept_due_on = clocks.accept_due(local_day(step.at), roster_queries.calendar(step.session))
    return event


def assign(
    step: Step, case: Case, *, desk: Desk, instruction: str, return_on: date | None = None
) -> CaseEvent:
    """交办 to another desk; a recused or urgent case never goes to the school.

    Args: return_on: the day by which the assignee reports back; None: 30 days, never after the reply is due.
    """
    facts = permit(step, case, CaseAction.ASSIGN)
    check_assignment(facts, desk, step.actor)
    text = written(instruction, "instruction")
    today = local_day(step.at)
    if return_on is None:
        calendar = roster_queries.calendar(step.session)
        return_on = clocks.return_due(today, case.reply_due_on, calendar)
    elif return_on <= today or (case.reply_due_on is not None and return_on > case.reply_due_on):
        raise RuleViolation(
            "case.return_due", N_("回报期限须在今天之后，不晚于答复投诉人的期限。"), field="return_on"
        )
    event = advance(step, case, CaseAction.ASSIGN, {"desk": desk.value, "note": text})
    case.return_due_on = return_on
    move(step, case, desk)
    return event


def recuse(step: Step, case: Case, *, reason: str) -> CaseEvent:
    """The school turns out to be involved: the case leaves it for the district bureau, with its key."""
    permit(step, case, CaseAction.RECUSE)
    event = advance(step, case, CaseAction.RECUSE, {"note": written(reason, "reason")})
    drop_drafts(case, step.at)
    case.return_due_on = None
    move(step, case, Desk.DISTRICT)
    for one in _whole(step, case):
        one.recused = True
    return event


def object_to(step: Step, case: Case, *, reason: str) -> CaseEvent:
    """The assignee says it is not theirs, within 5 working days (信访工作条例 art. 23)."""
    permit(step, case, CaseAction.OBJECT)
    event = advance(step, case, CaseAction.OBJECT, {"note": written(reason, "reason")})
    case.return_due_on = None
    move(step, case, desk_above(Desk(case.desk)))
    return event


def _whole(step: Step, case: Case) -> list[Case]:
    """The case and those merged into it, which go wherever it goes."""
    merged = step.session.scalars(select(Case).where(Case.merged_into_id == case.id)).unique()
    return [case, *merged]


def move(step: Step, case: Case, desk: Desk) -> None:
    """Lay a case, and what was merged into it, on another desk: the keys go with it."""
    for one in _whole(step, case):
        move_one(step, one, desk)
    announce(step.session, case, Kind.CASE_ASSIGNED, step.at, by=step.actor.id)


def move_one(step: Step, case: Case, desk: Desk) -> None:
    """Lay one case on another desk: the school's key is given or taken."""
    subject, unit = f"case:{case.id}", school_unit(case.school_id)
    if case.desk != desk.value:
        case.owner_id = None  # who looked after it at the old desk does so no more
    case.desk = desk.value
    if desk is Desk.SCHOOL:  # the content only: what is handed down comes without the complainant's identity
        step.vault.share_key(step.session, subject, CONTENT, unit)
    else:
        step.vault.withdraw_key(step.session, subject, CONTENT, unit)
        step.vault.withdraw_key(step.session, subject, IDENTITY, unit)
