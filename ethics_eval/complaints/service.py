"""The steps of a case: one function a use case. Rule, then change, then event; the caller commits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts import queries as account_queries
from ethics_eval.accounts.rules import Actor
from ethics_eval.accounts.service import record
from ethics_eval.complaints.categories import Severity
from ethics_eval.complaints.models import Case, CaseEvent, Finding
from ethics_eval.complaints.queries import case_facts, content_cipher, open_finding
from ethics_eval.complaints.rules import clocks
from ethics_eval.complaints.rules.finding import (
    FindingDraft,
    Measure,
    check_decision,
    check_finding,
    check_investigators,
    is_repeat,
    written,
)
from ethics_eval.complaints.rules.machine import (
    BURDENING,
    TRANSITIONS,
    CaseAction,
    CaseFacts,
    CaseStatus,
    Desk,
    Outcome,
    check,
    plain_name,
)
from ethics_eval.database import new_id
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.models import Teacher
from ethics_eval.roster.rules.calendar import CITY_TIME, local_day
from ethics_eval.text import N_, Conflict, RuleViolation
from ethics_eval.vault.service import CONTENT, IDENTITY, Vault, school_unit

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


@dataclass(frozen=True)
class Step:
    """Who acts with which tools: carried through every step."""

    session: Session
    vault: Vault
    actor: Actor
    at: datetime


def _advance(
    step: Step, case: Case, action: CaseAction, detail: Mapping[str, Any] | None = None
) -> CaseEvent:
    """Follow the machine's row, which was checked before: the status, the case event and the audit event."""
    before = case.status
    to = TRANSITIONS[CaseStatus(before), action].to.value
    event_id = new_id()
    sealed = None
    if detail is not None:
        cipher = content_cipher(step.session, step.vault, case)
        sealed = cipher.seal_json(dict(detail), f"case_event:detail:{event_id}")
    event = CaseEvent(
        id=event_id,
        case_id=case.id,
        seq=case.events[-1].seq + 1,
        at=step.at,
        actor_id=step.actor.id,
        actor_kind=step.actor.kind,
        action=action.value,
        from_status=before,
        to_status=to,
        detail=sealed,
    )
    case.events.append(event)
    case.status = to
    record(step.session, step.actor, step.at, f"case.{action.value}", "case", case.id, status=to)
    step.session.flush()
    return event


def expect_version(case: Case, version: int) -> None:
    """Refuse a form made from an older state of the case. Raises: Conflict."""
    if case.version != version:
        raise Conflict("case.changed", N_("您打开页面之后,案件已有新的变化。请看过新的情况再办理。"))


def _permit(step: Step, case: Case, action: CaseAction) -> CaseFacts:
    facts = case_facts(step.session, step.vault, case, at=step.at)
    check(facts, action, step.actor)
    return facts


def register(step: Step, case: Case) -> CaseEvent:
    """登记: the intake clerk has seen it; the clock of one working day stops."""
    _permit(step, case, CaseAction.REGISTER)
    case.registered_in_time = local_day(step.at) <= case.register_due_on
    return _advance(step, case, CaseAction.REGISTER)


def accept(step: Step, case: Case) -> CaseEvent:
    """受理: the 15-day clock stops, the 60-day clock starts (信访工作条例 arts. 22, 34)."""
    _permit(step, case, CaseAction.ACCEPT)
    day = local_day(step.at)
    case.accepted_in_time = day <= case.accept_due_on
    case.accepted_on = day
    case.reply_due_on = clocks.reply_due(day, roster_queries.calendar(step.session))
    return _advance(step, case, CaseAction.ACCEPT)


def decline(step: Step, case: Case, *, reason: str, explanation: str) -> CaseEvent:
    """不予受理 with a coded reason and where to go instead; told to the complainant."""
    _permit(step, case, CaseAction.DECLINE)
    if reason not in DECLINE_REASONS:
        raise RuleViolation("case.decline_reason", N_("请选择不予受理的理由。"), field="reason")
    text = written(explanation, "explanation")
    case.accepted_in_time = local_day(step.at) <= case.accept_due_on
    return _advance(step, case, CaseAction.DECLINE, {"reason": reason, "public": text})


def transfer(step: Step, case: Case, *, target: str, explanation: str) -> CaseEvent:
    """转送 to another authority; the direction is told to the complainant."""
    _permit(step, case, CaseAction.TRANSFER)
    if target not in TRANSFER_TARGETS:
        raise RuleViolation("case.transfer_target", N_("请选择转送的部门。"), field="target")
    text = written(explanation, "explanation")
    case.accepted_in_time = local_day(step.at) <= case.accept_due_on
    return _advance(step, case, CaseAction.TRANSFER, {"target": target, "public": text})


def assign(step: Step, case: Case, *, desk: Desk, instruction: str) -> CaseEvent:
    """交办 to a desk; a recused case never goes to the school."""
    _permit(step, case, CaseAction.ASSIGN)
    if case.recused and desk is Desk.SCHOOL:
        raise RuleViolation("case.recused", N_("须回避学校的案件不能交学校办理。"), field="desk")
    text = written(instruction, "instruction")
    event = _advance(step, case, CaseAction.ASSIGN, {"desk": desk.value, "note": text})
    _move(step, case, desk)
    return event


def recuse(step: Step, case: Case, *, reason: str) -> CaseEvent:
    """The school turns out to be involved: the case leaves it for the district bureau, with its key."""
    _permit(step, case, CaseAction.RECUSE)
    event = _advance(step, case, CaseAction.RECUSE, {"note": written(reason, "reason")})
    _move(step, case, Desk.DISTRICT)
    case.recused = True
    return event


def _move(step: Step, case: Case, desk: Desk) -> None:
    subject, unit = f"case:{case.id}", school_unit(case.school_id)
    case.desk = desk.value
    if desk is Desk.SCHOOL:  # the content only: what is handed down comes without the complainant's identity
        step.vault.share_key(step.session, subject, CONTENT, unit)
    else:
        step.vault.withdraw_key(step.session, subject, CONTENT, unit)
        step.vault.withdraw_key(step.session, subject, IDENTITY, unit)


def object_to(step: Step, case: Case, *, reason: str) -> CaseEvent:
    """The assignee says it is not theirs, within 5 working days (信访工作条例 art. 23)."""
    _permit(step, case, CaseAction.OBJECT)
    event = _advance(step, case, CaseAction.OBJECT, {"note": written(reason, "reason")})
    _move(step, case, Desk.DISTRICT)
    return event


def start(step: Step, case: Case, *, investigators: list[str]) -> CaseEvent:
    """Open the investigation with at least two investigators."""
    _permit(step, case, CaseAction.START)
    people = check_investigators(investigators)
    return _advance(step, case, CaseAction.START, {"investigators": people})


def investigate(step: Step, case: Case, *, report: str) -> CaseEvent:
    """Write down what was found out; as often as needed."""
    _permit(step, case, CaseAction.INVESTIGATE)
    return _advance(step, case, CaseAction.INVESTIGATE, {"note": written(report, "report")})


def propose(step: Step, case: Case, draft: FindingDraft) -> Finding:
    """拟定认定 on a teacher of the roster. Raises: RuleViolation: the teacher is the school's head or a handler
    while the school holds the case (the school must recuse itself), or the draft is incomplete.
    """
    _permit(step, case, CaseAction.PROPOSE)
    points = check_finding(draft)
    day = local_day(case.received_at)
    posting = roster_queries.posting_on(step.session, draft.teacher_id, case.school_id, day)
    if posting is None:
        raise RuleViolation("finding.teacher", N_("请从本校教职工中选择被投诉人。"), field="teacher")
    if case.desk == Desk.SCHOOL.value and _is_insider(step.session, case, posting.teacher):
        raise RuleViolation(
            "case.must_recuse",
            N_("被投诉人是本校负责人或经办人,学校须回避,请移交区县教育局办理。"),
            field="teacher",
        )
    _replace_drafts(case, step.at)
    finding_id = new_id()
    cipher = content_cipher(step.session, step.vault, case)
    finding = Finding(
        id=finding_id,
        case_id=case.id,
        teacher_id=draft.teacher_id,
        school_id=case.school_id,
        category=draft.category,
        severity=draft.severity.value,
        outcome=draft.outcome.value,
        points=points,
        veto=draft.veto,
        measure=draft.measure.value,
        facts=case.number,
        grounds=cipher.seal_json({"grounds": draft.grounds}, f"finding:grounds:{finding_id}"),
        proposed_at=step.at,
        proposed_by_id=step.actor.id,
    )
    case.findings.append(finding)
    case.notified_on, case.stated = None, False
    _advance(step, case, CaseAction.PROPOSE, {"finding": finding_id})
    return finding


def _is_insider(session: Session, case: Case, teacher: Teacher) -> bool:
    day = local_day(case.received_at)
    people = account_queries.insiders(session, case.school_id)
    names = {plain_name(name) for _id, name, _person in people}
    return (
        teacher.id in roster_queries.head_ids(session, case.school_id, day)
        or teacher.id in {person for _id, _name, person in people}
        or plain_name(teacher.name) in names
    )


def _replace_drafts(case: Case, at: datetime) -> None:
    for earlier in case.findings:
        if earlier.decided_at is None and earlier.replaced_at is None:
            earlier.replaced_at = at


def send_back(step: Step, case: Case, *, reason: str) -> CaseEvent:
    """退回补充调查 with what is missing; the draft falls."""
    _permit(step, case, CaseAction.SEND_BACK)
    event = _advance(step, case, CaseAction.SEND_BACK, {"note": written(reason, "reason")})
    _replace_drafts(case, step.at)
    return event


def notify(step: Step, case: Case, *, facts: str) -> CaseEvent:
    """Tell the teacher the facts (a fact sheet, never the complainant's words) and the right to be heard."""
    _permit(step, case, CaseAction.NOTIFY)
    event = _advance(step, case, CaseAction.NOTIFY, {"facts": written(facts, "facts")})
    case.notified_on = local_day(step.at)
    return event


def record_statement(step: Step, case: Case, *, statement: str) -> CaseEvent:
    """Record the teacher's 陈述申辩 as the handler heard it."""
    _permit(step, case, CaseAction.STATE)
    event = _advance(step, case, CaseAction.STATE, {"statement": written(statement, "statement")})
    case.stated = True
    return event


def state(step: Step, case: Case, *, statement: str) -> CaseEvent:
    """The teacher's own 陈述申辩. Raises: RuleViolation: not the respondent, or not the time for it."""
    finding = open_finding(case)
    if finding is None or finding.teacher_id != step.actor.teacher_id:
        raise RuleViolation("permission.denied", N_("您没有办理此事的权限。"))
    if case.status != CaseStatus.HEARING.value:
        raise RuleViolation("case.wrong_status", N_("案件目前的状态不能办理此事。"))
    event = _advance(step, case, CaseAction.STATE, {"statement": written(statement, "statement")})
    case.stated = True
    return event


def decide(step: Step, case: Case, final: FindingDraft) -> Finding:
    """作出认定: the points are fixed, the teacher's 30-day window opens; it counts only when that has ended.

    Raises: RuleViolation: not heard, heavier than told, the decider investigated, malice found by other than the
    city, or incomplete.
    """
    facts = _permit(step, case, CaseAction.DECIDE)
    check(replace(facts, proposed_outcome=final.outcome), CaseAction.DECIDE, step.actor)
    finding = open_finding(case)
    if finding is None:
        raise RuleViolation("case.no_draft", N_("没有待审定的拟认定。"))
    heard = case.status == CaseStatus.HEARING.value
    points = check_decision(draft_of(finding, final.grounds), final, heard=heard)
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
    _advance(step, case, CaseAction.DECIDE, {"finding": finding.id, "grounds": final.grounds})
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


def reply(step: Step, case: Case, *, text: str) -> CaseEvent:
    """答复 the complainant under the code: the outcome and the reasons, no private details of the teacher."""
    _permit(step, case, CaseAction.REPLY)
    return _reply(step, case, CaseAction.REPLY, text)


def answer(step: Step, case: Case, *, text: str) -> CaseEvent:
    """Answer a matter of the school (R01–R06), which is never a finding on a teacher."""
    _permit(step, case, CaseAction.ANSWER)
    return _reply(step, case, CaseAction.ANSWER, text)


def _reply(step: Step, case: Case, action: CaseAction, text: str) -> CaseEvent:
    public = written(text, "text")
    if case.reply_due_on is not None:
        case.replied_in_time = local_day(step.at) <= case.reply_due_on
    return _advance(step, case, action, {"public": public})


def close(step: Step, case: Case) -> CaseEvent:
    """办结: the reply is out, the file is complete."""
    _permit(step, case, CaseAction.CLOSE)
    return _advance(step, case, CaseAction.CLOSE)
