"""The teacher's own track: 复核 and 申诉, asked by the teacher, decided by another person, never heavier.

An open remedy keeps the finding from counting (domain.md §7.4, 4); its measures are carried out meanwhile.
"""

from __future__ import annotations

from typing import Any

from ethics_eval.accounts.rules import Permission, require
from ethics_eval.complaints.announcing import announce
from ethics_eval.complaints.models import Case, Finding, Remedy
from ethics_eval.complaints.queries import content_cipher, decided_desk
from ethics_eval.complaints.queries.handlers import Directory
from ethics_eval.complaints.queries.remedy import (
    answering_place,
    involved_in,
    own_finding,
    remedy_facts,
)
from ethics_eval.complaints.rules import remedy as rules
from ethics_eval.complaints.rules.announcing import Kind
from ethics_eval.complaints.rules.finding import FindingDraft, Measure, is_veto, written
from ethics_eval.complaints.rules.machine import Desk
from ethics_eval.complaints.rules.remedy import RemedyKind, RemedyResult, TrackEvent
from ethics_eval.complaints.rules.reminding import BUREAU, OFFICERS
from ethics_eval.complaints.service.decision import draft_of
from ethics_eval.complaints.service.measure import revoke_measures
from ethics_eval.complaints.service.secrecy import check_for_respondent
from ethics_eval.complaints.service.step import Step, permit_within, remark
from ethics_eval.database import new_id
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import N_, RuleViolation


def ask_remedy(step: Step, case: Case, *, kind: RemedyKind, grounds: str) -> Remedy:
    """申请复核 or 提出申诉 against the teacher's own finding: from now on it does not count until it is answered.

    Raises: RuleViolation: not the teacher's own, out of turn, late (with the last day), or no grounds.
    """
    require(step.actor, Permission.REMEDY_ASK)
    finding = own_finding(step.session, case, step.actor.teacher_id)
    if finding is None:
        raise RuleViolation("permission.denied", N_("您没有办理此事的权限。"))
    calendar = roster_queries.calendar(step.session)
    today = local_day(step.at)
    rules.check_ask(kind, remedy_facts(finding), today, calendar)
    remedy_id = new_id()
    cipher = content_cipher(step.session, step.vault, case)
    remedy = Remedy(
        id=remedy_id,
        finding_id=finding.id,
        kind=kind.value,
        grounds=cipher.seal_json({"text": written(grounds, "grounds")}, f"remedy:grounds:{remedy_id}"),
        asked_at=step.at,
        due_on=rules.decide_due(kind, today, calendar),
    )
    finding.remedies.append(remedy)
    finding.effective_at = None
    remark(step, case, TrackEvent.REMEDY_ASK, {"kind": kind.value, "grounds": grounds})
    _tell_reviewers(step, remedy)
    return remedy


def extend_remedy(step: Step, remedy: Remedy, *, reason: str) -> Remedy:
    """延长 an 申诉 once by 30 days, before its time is over, with a reason the teacher is told."""
    finding, case = remedy.finding, remedy.finding.case
    permit_within(step, case, Permission.REMEDY_DECIDE)
    kind = RemedyKind(remedy.kind)
    _check_open(remedy)
    _check_reviewer(step, finding, kind)
    if kind is not RemedyKind.APPEAL:
        raise RuleViolation("remedy.no_extension", N_("复核不能延长，须在30日内办结。"))
    if remedy.extended:
        raise RuleViolation("remedy.extended", N_("申诉的办理期限只能延长一次。"))
    if local_day(step.at) > remedy.due_on:
        raise RuleViolation("remedy.overdue", N_("办理期限已过，不能再延长，请尽快作出决定。"))
    text = written(reason, "reason")
    check_for_respondent(step, case, text, "reason")
    remedy.extended = True
    remedy.due_on = rules.decide_due(
        kind, local_day(remedy.asked_at), roster_queries.calendar(step.session), extended=True
    )
    remark(step, case, TrackEvent.REMEDY_EXTEND, {"note": text, "until": remedy.due_on.isoformat()})
    announce(step.session, case, Kind.REMEDY_DECIDED, step.at, by=step.actor.id, ref=f"{remedy.id}:extended")
    return remedy


def decide_remedy(
    step: Step,
    remedy: Remedy,
    *,
    result: RemedyResult,
    reasons: str,
    varied: FindingDraft | None = None,
) -> Remedy:
    """维持, 变更 (only milder) or 撤销; the verdict of the clock is written once.

    Args: varied: what the finding says from now on, for 变更 only; its grounds are the reasons.
    Raises: RuleViolation: decided already, another level, by who had a hand in it, heavier, or unchanged.
    """
    finding, case = remedy.finding, remedy.finding.case
    permit_within(step, case, Permission.REMEDY_DECIDE)
    kind = RemedyKind(remedy.kind)
    _check_open(remedy)
    _check_reviewer(step, finding, kind)
    text = written(reasons, "reasons")
    check_for_respondent(step, case, text, "reasons")
    detail: dict[str, Any] = {"kind": kind.value, "result": result.value, "note": text}
    if result is RemedyResult.VARIED:
        if varied is None:
            raise RuleViolation("remedy.variation", N_("请写明变更为什么。"), field="severity")
        detail |= _vary(step, case, finding, varied)
    today = local_day(step.at)
    cipher = content_cipher(step.session, step.vault, case)
    remedy.result = result.value
    remedy.reasons = cipher.seal_json({"text": text}, f"remedy:reasons:{remedy.id}")
    remedy.decided_at = step.at
    remedy.decided_by_id = step.actor.id
    remedy.decided_in_time = today <= remedy.due_on
    if result is RemedyResult.REVOKED:
        finding.revoked_at = step.at
        finding.effective_at = None
    elif kind is RemedyKind.RECONSIDERATION:
        # It counts when the time for the next remedy has passed unused.
        ends = rules.ask_ends(today, roster_queries.calendar(step.session))
        finding.effective_at = rules.effective_after(ends)
    else:
        finding.effective_at = rules.effective_after(today)
    remark(step, case, TrackEvent.REMEDY_DECIDE, detail)
    if result is RemedyResult.REVOKED:
        revoke_measures(step, case, finding)
    elif result is RemedyResult.VARIED:
        revoke_measures(step, case, finding, heavier_than=Measure(finding.measure))
    announce(step.session, case, Kind.REMEDY_DECIDED, step.at, by=step.actor.id, ref=remedy.id)
    return remedy


def _vary(step: Step, case: Case, finding: Finding, varied: FindingDraft) -> dict[str, Any]:
    standing = draft_of(finding, varied.grounds)
    points = rules.check_variation(standing, varied)
    before = {
        "outcome": finding.outcome,
        "severity": finding.severity,
        "points": finding.points,
        "veto": finding.veto,
        "measure": finding.measure,
    }
    finding.outcome = varied.outcome.value
    finding.severity = varied.severity.value
    finding.points = points
    finding.veto = varied.veto
    finding.measure = varied.measure.value
    if case.outcome is not None:
        case.outcome = varied.outcome.value
    after = {
        "outcome": finding.outcome,
        "severity": finding.severity,
        "points": points,
        "veto": is_veto(varied),
        "measure": finding.measure,
    }
    return {"before": before, "after": after}


def _check_open(remedy: Remedy) -> None:
    if remedy.result is not None or remedy.finding.revoked_at is not None:
        raise RuleViolation("remedy.decided", N_("这项申请已经办结。"))


def _check_reviewer(step: Step, finding: Finding, kind: RemedyKind) -> None:
    involved = involved_in(step.session, step.vault, finding, at=step.at)
    rules.check_reviewer(step.actor, kind, decided_desk(step.session, finding), involved)


def _tell_reviewers(step: Step, remedy: Remedy) -> None:
    place = answering_place(step.session, remedy)
    roles = BUREAU if place.desk is Desk.CITY else OFFICERS[place.desk]
    people = Directory(step.session, [place]).find(place, roles)
    announce(step.session, remedy.finding.case, Kind.REMEDY_ASKED, step.at, to=people, ref=remedy.id)
