"""What every step of a case is made of: leave to take it, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor, Permission
from ethics_eval.accounts.service import record
from ethics_eval.complaints.announcing import announce_step
from ethics_eval.complaints.models import Case, CaseEvent
from ethics_eval.complaints.queries import case_facts, content_cipher
from ethics_eval.complaints.queries.wording import word_facts
from ethics_eval.complaints.rules import wording
from ethics_eval.complaints.rules.machine import (
    TRANSITIONS,
    CaseAction,
    CaseFacts,
    CaseStatus,
    check,
    within,
)
from ethics_eval.database import new_id
from ethics_eval.text import N_, Conflict, RuleViolation
from ethics_eval.vault.service import Vault


@dataclass(frozen=True)
class Step:
    """Who acts with which tools: carried through every step."""

    session: Session
    vault: Vault
    actor: Actor
    at: datetime


def expect_version(case: Case, version: int) -> None:
    """Refuse a form made from an older state of the case. Raises: Conflict."""
    if case.version != version:
        raise Conflict("case.changed", N_("您打开页面之后，案件已有新的变化。请看过新的情况再办理。"))


def permit(step: Step, case: Case, action: CaseAction) -> CaseFacts:
    """Ask the machine for leave; what the rules know of the case. Raises: RuleViolation: it refuses."""
    facts = case_facts(step.session, step.vault, case, at=step.at)
    check(facts, action, step.actor)
    return facts


def permit_within(step: Step, case: Case, permission: Permission) -> CaseFacts:
    """Ask leave for what is no step of the machine. Raises: RuleViolation ``permission.denied``: not in reach."""
    facts = case_facts(step.session, step.vault, case, at=step.at)
    if not within(step.actor, permission, facts):
        raise RuleViolation("permission.denied", N_("您没有办理此事的权限。"))
    return facts


def advance(
    step: Step,
    case: Case,
    action: CaseAction,
    detail: Mapping[str, Any] | None = None,
    **columns: object,
) -> CaseEvent:
    """Follow the machine's row, which was checked before: the status, the case event and the audit event.

    Args: columns: of the case, written together with the status (what the tables hold true of both).
    """
    row = TRANSITIONS[CaseStatus(case.status), action]
    to = row.to
    if not isinstance(to, CaseStatus):
        to = row.target(case_facts(step.session, step.vault, case, at=step.at))
    return _leave(step, case, action.value, to.value, detail, columns)


def remark(step: Step, case: Case, name: str, detail: Mapping[str, Any] | None = None) -> CaseEvent:
    """Leave an event that moves the case nowhere (a note, a dispute): the case event and the audit event."""
    return _leave(step, case, name, case.status, detail, {})


def _leave(
    step: Step,
    case: Case,
    name: str,
    to: str,
    detail: Mapping[str, Any] | None,
    columns: Mapping[str, object],
) -> CaseEvent:
    before = case.status
    event_id = new_id()
    sealed = None
    if name in wording.RIGHTS:  # what the law has told with an answer is not left to anybody's memory
        words = word_facts(step.session, case, step.actor, at=step.at)
        detail = {**(detail or {}), "rights": wording.rights(name, words)}
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
        action=name,
        from_status=before,
        to_status=to,
        detail=sealed,
    )
    case.events.append(event)
    case.status = to
    for column, value in columns.items():
        setattr(case, column, value)
    record(step.session, step.actor, step.at, f"case.{name}", "case", case.id, status=to)
    step.session.flush()
    announce_step(step.session, case, event)
    return event
