"""Who looks after a case."""

from __future__ import annotations

from sqlalchemy import select

from ethics_eval.accounts.models import Account
from ethics_eval.accounts.rules import Permission
from ethics_eval.accounts.service import actor_of
from ethics_eval.complaints.announcing import announce
from ethics_eval.complaints.models import Case, CaseEvent
from ethics_eval.complaints.rules.announcing import Kind
from ethics_eval.complaints.rules.machine import within
from ethics_eval.complaints.rules.queueing import OWN
from ethics_eval.complaints.service.step import Step, permit_within, remark
from ethics_eval.text import N_, RuleViolation


def own(step: Step, case: Case, owner_id: int | None) -> CaseEvent | None:
    """指定经办人: an active account that can see the case, or nobody; None: it is so already.

    Raises: RuleViolation: the actor may not, or the person is none who can see this case.
    """
    facts = permit_within(step, case, Permission.CASE_OWN)
    if case.owner_id == owner_id:
        return None
    name = ""
    if owner_id is not None:
        owner = step.session.scalars(select(Account).where(Account.id == owner_id, Account.active)).first()
        if owner is None or not within(actor_of(owner), Permission.CASE_READ, facts):
            raise RuleViolation("case.owner", N_("经办人须是能看到这件案件的在用账号。"), field="owner")
        name = owner.display_name
    case.owner_id = owner_id
    event = remark(step, case, OWN, {"owner": name})
    if owner_id is not None:
        announce(
            step.session, case, Kind.CASE_OWNED, step.at, by=step.actor.id, to=[owner_id], ref=str(event.seq)
        )
    return event
