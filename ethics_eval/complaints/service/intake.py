"""From the mailbox to the desk that handles the case, or out of the house."""

from __future__ import annotations

from collections.abc import Mapping

from ethics_eval.complaints.models import Case, CaseEvent
from ethics_eval.complaints.rules import clocks
from ethics_eval.complaints.rules.finding import written
from ethics_eval.complaints.rules.machine import CaseAction, Desk
from ethics_eval.complaints.service.step import Step, advance, permit
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import N_, RuleViolation
from ethics_eval.vault.service import CONTENT, IDENTITY, school_unit

DECLINE_REASONS: Mapping[str, str] = {
    "NOT_EDU_DUTY": N_("不属于教育部门职责"),
    "LITIGATION_ARBITRATION_RECONSIDERATION": N_("已经或应当通过诉讼、仲裁、行政复议解决"),
    "ALREADY_PENDING": N_("上级机关正在办理"),
    "CONCLUDED_SAME_FACTS": N_("同一事实已经办结,没有新的事实"),
    "NO_RESPONDENT_OR_FACTS": N_("没有明确的对象或事实"),
}

TRANSFER_TARGETS: Mapping[str, str] = {
    "POLICE": N_("公安机关"),
    "DISCIPLINE_INSPECTION": N_("纪检监察机关"),
    "OTHER_DEPARTMENT": N_("其他主管部门"),
}


def register(step: Step, case: Case) -> CaseEvent:
    """登记: the intake clerk has seen it; the clock of one working day stops."""
    permit(step, case, CaseAction.REGISTER)
    case.registered_in_time = local_day(step.at) <= case.register_due_on
    return advance(step, case, CaseAction.REGISTER)


def accept(step: Step, case: Case) -> CaseEvent:
    """受理: the 15-day clock stops, the 60-day clock starts (信访工作条例 arts. 22, 34)."""
    permit(step, case, CaseAction.ACCEPT)
    day = local_day(step.at)
    case.accepted_in_time = day <= case.accept_due_on
    case.accepted_on = day
    case.reply_due_on = clocks.reply_due(day, roster_queries.calendar(step.session))
    return advance(step, case, CaseAction.ACCEPT)


def decline(step: Step, case: Case, *, reason: str, explanation: str) -> CaseEvent:
    """不予受理 with a coded reason and where to go instead; told to the complainant."""
    permit(step, case, CaseAction.DECLINE)
    if reason not in DECLINE_REASONS:
        raise RuleViolation("case.decline_reason", N_("请选择不予受理的理由。"), field="reason")
    text = written(explanation, "explanation")
    case.accepted_in_time = local_day(step.at) <= case.accept_due_on
    return advance(step, case, CaseAction.DECLINE, {"reason": reason, "public": text})


def transfer(step: Step, case: Case, *, target: str, explanation: str) -> CaseEvent:
    """转送 to another authority; the direction is told to the complainant."""
    permit(step, case, CaseAction.TRANSFER)
    if target not in TRANSFER_TARGETS:
        raise RuleViolation("case.transfer_target", N_("请选择转送的部门。"), field="target")
    text = written(explanation, "explanation")
    case.accepted_in_time = local_day(step.at) <= case.accept_due_on
    return advance(step, case, CaseAction.TRANSFER, {"target": target, "public": text})


def assign(step: Step, case: Case, *, desk: Desk, instruction: str) -> CaseEvent:
    """交办 to a desk; a recused case never goes to the school."""
    permit(step, case, CaseAction.ASSIGN)
    if case.recused and desk is Desk.SCHOOL:
        raise RuleViolation("case.recused", N_("须回避学校的案件不能交学校办理。"), field="desk")
    text = written(instruction, "instruction")
    event = advance(step, case, CaseAction.ASSIGN, {"desk": desk.value, "note": text})
    _move(step, case, desk)
    return event


def recuse(step: Step, case: Case, *, reason: str) -> CaseEvent:
    """The school turns out to be involved: the case leaves it for the district bureau, with its key."""
    permit(step, case, CaseAction.RECUSE)
    event = advance(step, case, CaseAction.RECUSE, {"note": written(reason, "reason")})
    _move(step, case, Desk.DISTRICT)
    case.recused = True
    return event


def object_to(step: Step, case: Case, *, reason: str) -> CaseEvent:
    """The assignee says it is not theirs, within 5 working days (信访工作条例 art. 23)."""
    permit(step, case, CaseAction.OBJECT)
    event = advance(step, case, CaseAction.OBJECT, {"note": written(reason, "reason")})
    _move(step, case, Desk.DISTRICT)
    return event


def _move(step: Step, case: Case, desk: Desk) -> None:
    subject, unit = f"case:{case.id}", school_unit(case.school_id)
    case.desk = desk.value
    if desk is Desk.SCHOOL:  # the content only: what is handed down comes without the complainant's identity
        step.vault.share_key(step.session, subject, CONTENT, unit)
    else:
        step.vault.withdraw_key(step.session, subject, CONTENT, unit)
        step.vault.withdraw_key(step.session, subject, IDENTITY, unit)
