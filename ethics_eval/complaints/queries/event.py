"""The steps of a case, opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account
from ethics_eval.accounts.rules import Actor
from ethics_eval.complaints.models import Case, CaseEvent
from ethics_eval.complaints.queries.scope import content_cipher, desk_of
from ethics_eval.complaints.rules.correspondence import WordEvent
from ethics_eval.complaints.rules.machine import Desk
from ethics_eval.vault.service import Vault


@dataclass(frozen=True)
class EventView:
    """A step as the timeline shows it."""

    seq: int
    at: datetime
    actor_kind: str
    actor_name: str
    action: str
    to_status: str
    detail: dict[str, Any]


def detail_of(session: Session, vault: Vault, case: Case, event: CaseEvent) -> dict[str, Any]:
    """What was written at a step, opened by the system itself; empty where nothing was."""
    if event.detail is None:
        return {}
    cipher = content_cipher(session, vault, case)
    return cipher.unseal_json(event.detail, f"case_event:detail:{event.id}")


def timeline(session: Session, vault: Vault, case: Case, actor: Actor) -> list[EventView]:
    """The steps of a case, oldest first, with what was written at each.

    What was written above the reader's own level (``seen_from``) is not told: a note is not there at all, of
    anything else stands only that it happened.
    """
    cipher = content_cipher(session, vault, case, actor)
    rows = session.execute(
        select(Account.id, Account.display_name)
        .join(CaseEvent, CaseEvent.actor_id == Account.id)
        .where(CaseEvent.case_id == case.id)
    )
    names = {row.id: row.display_name for row in rows}
    desks = [desk.value for desk in Desk]
    level = desks.index(desk_of(actor.role))
    found = []
    for event in case.events:
        detail = cipher.unseal_json(event.detail, f"case_event:detail:{event.id}") if event.detail else {}
        if desks.index(detail.get("seen_from", desks[0])) > level:
            if event.action == WordEvent.NOTE:
                continue
            detail = {}
        found.append(
            EventView(
                seq=event.seq,
                at=event.at,
                actor_kind=event.actor_kind,
                actor_name=names.get(event.actor_id or 0, ""),
                action=event.action,
                to_status=event.to_status,
                detail=detail,
            )
        )
    return found
