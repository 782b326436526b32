"""澄清正名: the bureau offers a text, the teacher consents or declines, and only with consent is it issued.

Nothing here opens who complained: an untrue report is no key to its sender.
"""

from __future__ import annotations

from sqlalchemy import select

from ethics_eval.accounts.rules import Permission, require
from ethics_eval.complaints.announcing import announce
from ethics_eval.complaints.models import Case, Clearance
from ethics_eval.complaints.queries import clearable_finding, content_cipher
from ethics_eval.complaints.queries.handlers import respondent_accounts
from ethics_eval.complaints.rules import clearance as rules
from ethics_eval.complaints.rules.announcing import Kind
from ethics_eval.complaints.rules.clearance import Audience, ClearanceState
from ethics_eval.complaints.rules.finding import written
from ethics_eval.complaints.rules.machine import Desk
from ethics_eval.complaints.rules.remedy import TrackEvent, home_desk
from ethics_eval.complaints.service.secrecy import check_for_respondent
from ethics_eval.complaints.service.step import Step, permit_within, remark
from ethics_eval.database import new_id
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import N_, RuleViolation


def offer_clearance(step: Step, case: Case, *, text: str, audience: Audience, bureau_name: str) -> Clearance:
    """拟写 a clearance and ask the teacher for consent.

    Args: bureau_name: of the city, which signs unless a district offers. Raises: RuleViolation: no ground to clear,
    another one waits or went out, it would tell a school that is kept out, or it copies the complainant.
    """
    permit_within(step, case, Permission.CLEARANCE_OFFER)
    finding = clearable_finding(case)
    waiting = step.session.scalars(
        select(Clearance.id).where(
            Clearance.case_id == case.id, Clearance.state != ClearanceState.DECLINED.value
        )
    ).first()
    rules.check_offer(
        clearable=finding is not None,
        waiting=waiting is not None,
        recused=case.recused,
        audience=audience,
        text=text,
    )
    words = written(text, "text")
    check_for_respondent(step, case, words, "text")
    if finding is None or step.actor.id is None:
        raise RuleViolation("permission.denied", N_("您没有办理此事的权限。"))
    district = case.school.district.name
    issuer = f"{district}教育局" if home_desk(step.actor.role) is Desk.DISTRICT else bureau_name
    clearance_id = new_id()
    cipher = content_cipher(step.session, step.vault, case)
    sealed = {
        "text": words,
        "teacher": finding.teacher.name,
        "school": case.school.name,
        "issuer": issuer,
    }
    clearance = Clearance(
        id=clearance_id,
        case_id=case.id,
        teacher_id=finding.teacher_id,
        audience=audience.value,
        state=ClearanceState.OFFERED.value,
        text=cipher.seal_json(sealed, f"clearance:text:{clearance_id}"),
        offered_at=step.at,
        offered_by_id=step.actor.id,
    )
    step.session.add(clearance)
    remark(step, case, TrackEvent.CLEARANCE_OFFER, {"note": words, "audience": audience.value})
    announce(
        step.session,
        case,
        Kind.CLEARANCE_OFFERED,
        step.at,
        to=respondent_accounts(step.session, case),
        ref=clearance_id,
    )
    return clearance


def answer_clearance(step: Step, case: Case, clearance: Clearance, *, consent: bool) -> Clearance:
    """The teacher's word, once. Raises: RuleViolation: not the teacher's own, or answered already."""
    require(step.actor, Permission.CLEARANCE_ANSWER)
    if clearance.teacher_id != step.actor.teacher_id or clearance.case_id != case.id:
        raise RuleViolation("permission.denied", N_("您没有办理此事的权限。"))
    rules.check_state(ClearanceState(clearance.state), ClearanceState.OFFERED)
    state = ClearanceState.CONSENTED if consent else ClearanceState.DECLINED
    clearance.state = state.value
    clearance.answered_at = step.at
    remark(step, case, TrackEvent.CLEARANCE_ANSWER, {"state": state.value})
    announce(step.session, case, Kind.CLEARANCE_ANSWERED, step.at, by=step.actor.id, ref=clearance.id)
    return clearance


def issue_clearance(step: Step, case: Case, clearance: Clearance) -> Clearance:
    """发出 what the teacher agreed to; issued again it stays as it is. Raises: RuleViolation: without consent."""
    permit_within(step, case, Permission.CLEARANCE_OFFER)
    if clearance.case_id != case.id:
        raise RuleViolation("permission.denied", N_("您没有办理此事的权限。"))
    if clearance.state == ClearanceState.ISSUED:
        return clearance
    rules.check_state(ClearanceState(clearance.state), ClearanceState.CONSENTED)
    clearance.state = ClearanceState.ISSUED.value
    clearance.issued_on = local_day(step.at)
    clearance.issued_by_id = step.actor.id
    remark(step, case, TrackEvent.CLEARANCE_ISSUE, {"audience": clearance.audience})
    announce(
        step.session,
        case,
        Kind.CLEARANCE_OFFERED,
        step.at,
        to=respondent_accounts(step.session, case),
        ref=f"{clearance.id}:issued",
    )
    return clearance
