"""Cases that belong together without being one: told once, either way."""

from __future__ import annotations

from sqlalchemy import select

from ethics_eval.accounts.rules import Permission
from ethics_eval.accounts.service import record
from ethics_eval.complaints.models import Case, CaseLink
from ethics_eval.complaints.service.step import Step, permit_within
from ethics_eval.database import new_id
from ethics_eval.text import N_, RuleViolation


def link(step: Step, case: Case, other: Case) -> CaseLink:
    """关联: both cases must be in the actor's reach; linked already, the same link is given.

    Raises: RuleViolation: a case with itself, or one of them is out of reach.
    """
    first, second = _pair(step, case, other)
    found = _link_of(step, first, second)
    if found is not None:
        return found
    if step.actor.id is None:
        raise RuleViolation("permission.denied", N_("您没有办理此事的权限。"))
    made = CaseLink(
        id=new_id(), first_id=first.id, second_id=second.id, linked_at=step.at, linked_by_id=step.actor.id
    )
    step.session.add(made)
    step.session.flush()
    record(step.session, step.actor, step.at, "case.linked", "case", case.id, other=other.id)
    return made


def unlink(step: Step, case: Case, other: Case) -> bool:
    """Take a link back; False: there was none. Raises: RuleViolation as :func:`link`."""
    first, second = _pair(step, case, other)
    found = _link_of(step, first, second)
    if found is None:
        return False
    step.session.delete(found)
    record(step.session, step.actor, step.at, "case.unlinked", "case", case.id, other=other.id)
    return True


def _pair(step: Step, case: Case, other: Case) -> tuple[Case, Case]:
    if case.id == other.id:
        raise RuleViolation("case.link_itself", N_("不能把案件与它自己关联。"), field="other")
    for one in (case, other):
        permit_within(step, one, Permission.CASE_LINK)
    first, second = sorted((case, other), key=lambda one: one.id)
    return first, second


def _link_of(step: Step, first: Case, second: Case) -> CaseLink | None:
    return step.session.scalars(
        select(CaseLink).where(CaseLink.first_id == first.id, CaseLink.second_id == second.id)
    ).first()
