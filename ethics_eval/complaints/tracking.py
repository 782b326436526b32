"""The complainant's way back: the query code opens exactly one complaint, slowly and silently otherwise.

Source: security.md §1 (6 characters select, 10 verify; five misses rest a selector for 15 minutes).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from argon2.exceptions import VerifyMismatchError
from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.complaints.models import Case, Complaint, QueryMiss
from ethics_eval.complaints.queries import content_cipher, due_of
from ethics_eval.complaints.rules import clocks, query_code
from ethics_eval.complaints.rules.machine import CaseAction
from ethics_eval.complaints.submitting import HASHER, code_verifier
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.vault.service import Vault

# What the complainant is shown of a case; the rest is the handlers' own work.
PUBLIC_STEPS = frozenset(
    {
        "submit",
        CaseAction.REGISTER,
        CaseAction.ACCEPT,
        CaseAction.DECLINE,
        CaseAction.TRANSFER,
        CaseAction.START,
        CaseAction.DECIDE,
        CaseAction.REPLY,
        CaseAction.ANSWER,
        CaseAction.CLOSE,
    }
)
_DUMMY_VERIFIER = HASHER.hash("no complaint has this verifier")


def open_by_code(session: Session, vault: Vault, typed: str, *, at: datetime) -> Complaint | None:
    """The complaint of a typed code; None: wrong, unknown or resting — the same answer and the same time for all.

    Writes the count of misses, so it runs in a transaction.
    """
    code = query_code.normalise(typed)
    selector = (code or "")[: query_code.SELECTOR]
    complaint = session.scalars(select(Complaint).where(Complaint.selector == selector)).first()
    selector_hash = vault.digest("query-selector", selector)
    miss = session.get(QueryMiss, selector_hash, with_for_update=True)
    resting = miss is not None and miss.rest_until is not None and miss.rest_until > at
    verifier = complaint.verifier if complaint else _DUMMY_VERIFIER
    try:
        HASHER.verify(verifier, code_verifier(vault, code or ""))
    except VerifyMismatchError:
        complaint = None
    if complaint is not None and not resting:
        if miss is not None:
            session.delete(miss)
        return complaint
    if code is not None and not resting:
        _count_miss(session, miss, selector_hash, at)
    return None


def _count_miss(session: Session, miss: QueryMiss | None, selector_hash: bytes, at: datetime) -> None:
    rest = timedelta(minutes=query_code.REST_MINUTES)
    if miss is None:
        session.add(QueryMiss(selector_hash=selector_hash, count=1, last_at=at))
        return
    miss.count = 1 if at - miss.last_at > rest else miss.count + 1
    miss.last_at = at
    miss.rest_until = at + rest if miss.count >= query_code.MAX_MISSES else None


@dataclass(frozen=True)
class PublicStep:
    """A step in the complainant's timeline; ``text`` is what the handlers wrote to the complainant."""

    at: datetime
    action: str
    text: str


@dataclass(frozen=True)
class Progress:
    """A complaint as its sender sees it."""

    school: str
    case_number: str
    status: str
    desk: str
    outcome: str | None
    category: str
    steps: list[PublicStep]
    due: clocks.Due | None
    reply_due_on: date | None


def progress(session: Session, vault: Vault, complaint_id: str, *, at: datetime) -> Progress | None:
    """How far the complaint is, in steps fit for its sender; None: no such complaint."""
    complaint = session.get(Complaint, complaint_id)
    if complaint is None:
        return None
    case: Case = complaint.case
    cipher = content_cipher(session, vault, case)
    steps = []
    for event in case.events:
        if event.action not in PUBLIC_STEPS:
            continue
        detail: dict[str, Any] = {}
        if event.detail is not None:
            detail = cipher.unseal_json(event.detail, f"case_event:detail:{event.id}")
        steps.append(PublicStep(event.at, event.action, str(detail.get("public", ""))))
    return Progress(
        school=case.school.name,
        case_number=case.number,
        status=case.status,
        desk=case.desk,
        outcome=case.outcome,
        category=complaint.category,
        steps=steps,
        due=due_of(case, local_day(at)),
        reply_due_on=case.reply_due_on,
    )
