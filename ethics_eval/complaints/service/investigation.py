"""What was found out, and the finding that is proposed of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from ethics_eval.accounts import queries as account_queries
from ethics_eval.complaints.models import Case, CaseEvent, Finding
from ethics_eval.complaints.queries import content_cipher
from ethics_eval.complaints.rules.finding import FindingDraft, check_finding, check_investigators, written
from ethics_eval.complaints.rules.machine import CaseAction, Desk, check_new_investigators, plain_name
from ethics_eval.complaints.rules.measure import check_person
from ethics_eval.complaints.service.secrecy import check_for_respondent
from ethics_eval.complaints.service.step import Step, advance, permit
from ethics_eval.database import new_id
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.models import Teacher
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.roster.rules.teacher import Position
from ethics_eval.text import N_, RuleViolation


def start(step: Step, case: Case, *, investigators: list[str]) -> CaseEvent:
    """Open the investigation with at least two investigators."""
    facts = permit(step, case, CaseAction.START)
    people = check_investigators(investigators)
    check_new_investigators(people, facts.barred_names)
    return advance(step, case, CaseAction.START, {"investigators": people})


def investigate(step: Step, case: Case, *, report: str) -> CaseEvent:
    """Write down what was found out; as often as needed."""
    permit(step, case, CaseAction.INVESTIGATE)
    return advance(step, case, CaseAction.INVESTIGATE, {"note": written(report, "report")})


def propose(step: Step, case: Case, draft: FindingDraft) -> Finding:
    """拟定认定 on a teacher of the roster. Raises: RuleViolation: the teacher is the school's head or a handler
    while the school holds the case (the school must recuse itself), or the draft is incomplete.
    """
    permit(step, case, CaseAction.PROPOSE)
    points = check_finding(draft)
    day = local_day(case.received_at)
    posting = roster_queries.posting_on(step.session, draft.teacher_id, case.school_id, day)
    if posting is None:
        raise RuleViolation("finding.teacher", N_("请从本校教职工中选择被投诉人。"), field="teacher")
    check_person(draft.measure, Position(posting.position))
    check_for_respondent(step, case, draft.grounds, "grounds")
    if case.desk == Desk.SCHOOL.value and _is_insider(step.session, case, posting.teacher):
        raise RuleViolation(
            "case.must_recuse",
            N_("被投诉人是本校负责人或经办人，学校须回避，请移交区县教育局办理。"),
            field="teacher",
        )
    drop_drafts(case, step.at)
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
    advance(step, case, CaseAction.PROPOSE, {"finding": finding_id})
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


def drop_drafts(case: Case, at: datetime) -> None:
    """What was proposed and not decided stands no more, nor what was told of it."""
    for earlier in case.findings:
        if earlier.decided_at is None and earlier.replaced_at is None:
            earlier.replaced_at = at


def send_back(step: Step, case: Case, *, reason: str) -> CaseEvent:
    """退回补充调查 with what is missing; the draft falls."""
    permit(step, case, CaseAction.SEND_BACK)
    event = advance(step, case, CaseAction.SEND_BACK, {"note": written(reason, "reason")})
    drop_drafts(case, step.at)
    return event
