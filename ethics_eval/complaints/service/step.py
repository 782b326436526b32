"""What every step of a case is made of: leave to take it, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor
from ethics_eval.accounts.service import record
from ethics_eval.complaints.models import Case, CaseEvent
from ethics_eval.complaints.queries import case_facts, content_cipher
from ethics_eval.complaints.rules.machine import TRANSITIONS, CaseAction, CaseFacts, CaseStatus, check
from ethics_eval.database import new_id
from ethics_eval.text import N_, Conflict
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
        raise Conflict("case.changed", N_("您打开页面之后,案件已有新的变化。请看过新的情况再办理。"))


def permit(step: Step, case: Case, action: CaseAction) -> CaseFacts:
    """Ask the machine for leave; what the rules know of the case. Raises: RuleViolation: it refuses."""
    facts = case_facts(step.session, step.vault, case, at=step.at)
    check(facts, action, step.actor)
    return facts


def advance(step: Step, case: Case, action: CaseAction, detail: Mapping[str, Any] | None = None) -> CaseEvent:
    """Follow the machine's row, which was checked before: the status, the case event and the audit event."""
    return _leave(step, case, action.value, TRANSITIONS[CaseStatus(case.status), action].to.value, detail)


def remark(step: Step, case: Case, name: str, detail: Mapping[str, Any] | None = None) -> CaseEvent:
    """Leave an event that moves the case nowhere (a note, a dispute): the case event and the audit event."""
    return _leave(step, case, name, case.status, detail)


def _leave(step: Step, case: Case, name: str, to: str, detail: Mapping[str, Any] | None) -> CaseEvent:
    before = case.status
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
        action=name,
        from_status=before,
        to_status=to,
        detail=sealed,
    )
    case.events.append(event)
    case.status = to
    record(step.session, step.actor, step.at, f"case.{name}", "case", case.id, status=to)
    step.session.flush()
    return event
