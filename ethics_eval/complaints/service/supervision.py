"""督办: the body above presses for a late case, with a reason; the desk and its head are told."""

from __future__ import annotations

from ethics_eval.accounts.rules import Permission
from ethics_eval.complaints.announcing import announce
from ethics_eval.complaints.models import Case, CaseEvent
from ethics_eval.complaints.queries.running import overdue_clocks
from ethics_eval.complaints.rules.announcing import Kind
from ethics_eval.complaints.rules.finding import written
from ethics_eval.complaints.rules.machine import Desk
from ethics_eval.complaints.rules.supervision import SUPERVISE, supervision_refusal
from ethics_eval.complaints.service.step import Step, permit_within, remark


def supervise(step: Step, case: Case, *, reason: str) -> CaseEvent:
    """Press for the case; the reason is kept sealed with it. Raises: RuleViolation: not late, or one's own desk."""
    permit_within(step, case, Permission.CASE_SUPERVISE)
    refusal = supervision_refusal(
        step.actor.role, Desk(case.desk), is_overdue=bool(overdue_clocks(case, step.at))
    )
    if refusal is not None:
        raise refusal
    event = remark(step, case, SUPERVISE, {"note": written(reason, "reason")})
    announce(step.session, case, Kind.CASE_SUPERVISED, step.at, by=step.actor.id, ref=str(event.seq))
    return event
