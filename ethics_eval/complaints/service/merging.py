"""并案: letters on the same facts go on as one case; every sender keeps the code and has the reply."""

from __future__ import annotations

from sqlalchemy import select

from ethics_eval.complaints.models import Case, CaseEvent
from ethics_eval.complaints.queries import case_facts
from ethics_eval.complaints.rules import clocks
from ethics_eval.complaints.rules.finding import written
from ethics_eval.complaints.rules.machine import CaseAction, CaseStatus, Desk, check_merge
from ethics_eval.complaints.service.intake import move_one, take_up
from ethics_eval.complaints.service.investigation import drop_drafts
from ethics_eval.complaints.service.step import Step, advance, permit
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import N_, RuleViolation


def merge(step: Step, case: Case, *, target: Case | None, reason: str) -> CaseEvent:
    """Put a case into another of the same school, and what was merged into it before with it.

    Args: target: found within the actor's own scope; None: there is none such.
    Raises: RuleViolation at ``target``: itself, decided, of another kind, or one would betray the other.
    """
    facts = permit(step, case, CaseAction.MERGE)
    if target is None or target.id == case.id:
        raise RuleViolation("case.merge_target", N_("没有找到要并入的案件，请核对案件编号。"), field="target")
    check_merge(facts, case_facts(step.session, step.vault, target, at=step.at))
    text = written(reason, "reason")
    if case.status == CaseStatus.SUBMITTED.value:
        in_time = local_day(step.at) <= case.register_due_on
        case.registered_in_time = clocks.verdict(case.registered_in_time, in_time)
    take_up(step, case)
    detail = {"note": text, "into": target.number}
    event = advance(step, case, CaseAction.MERGE, detail, merged_into_id=target.id)
    drop_drafts(case, step.at)
    members = step.session.scalars(select(Case).where(Case.merged_into_id == case.id)).unique().all()
    for member in (case, *members):
        member.merged_into_id = target.id
        if member.desk != target.desk:
            move_one(step, member, Desk(target.desk))
    step.session.flush()
    return event
