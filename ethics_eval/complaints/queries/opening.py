"""Many letters opened at once for one reader: what a search and a comparison read.

Only what the reader's own pages show: the reader's scope and unit keys, masked words masked, never an identity.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor
from ethics_eval.complaints.models import CaseEvent, Complaint, Finding, Message
from ethics_eval.complaints.queries.redaction import masks
from ethics_eval.complaints.queries.scope import desk_of, units_of
from ethics_eval.complaints.rules.machine import Desk
from ethics_eval.complaints.rules.redaction import masked
from ethics_eval.roster.models import Teacher
from ethics_eval.vault.cipher import Cipher
from ethics_eval.vault.service import CONTENT, Vault

_DESKS = [desk.value for desk in Desk]


@dataclass(frozen=True)
class Words:
    """Everything written in a case that its reader may read, each with where it stands."""

    letters: list[dict[str, str]] = field(default_factory=list)
    teachers: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def open_words(
    session: Session, vault: Vault, case_ids: Sequence[str], actor: Actor, *, letters_only: bool = False
) -> dict[str, Words]:
    """Case → what is written in it; cases whose key the reader's unit does not hold are left out.

    ``letters_only``: without findings, messages and notes. Raises: SealBroken.
    """
    keys = vault.open_keys(session, [f"case:{case_id}" for case_id in case_ids], CONTENT, units_of(actor))
    ciphers = {case_id: keys[f"case:{case_id}"] for case_id in case_ids if f"case:{case_id}" in keys}
    found = {case_id: Words() for case_id in ciphers}
    if not ciphers:
        return found
    ids = list(ciphers)
    _open_letters(session, ciphers, ids, actor, found)
    if not letters_only:
        _open_the_rest(session, ciphers, ids, actor, found)
    return found


def _open_letters(
    session: Session, ciphers: dict[str, Cipher], ids: list[str], actor: Actor, found: dict[str, Words]
) -> None:
    rows = session.execute(
        select(Complaint.id, Complaint.case_id, Complaint.content)
        .where(Complaint.case_id.in_(ids))
        .order_by(Complaint.submitted_at, Complaint.id)
    ).all()
    hidden = masks(session, {row.id: ciphers[row.case_id] for row in rows}, actor)
    for complaint_id, case_id, content in rows:
        opened = ciphers[case_id].unseal_json(content, f"complaint:content:{complaint_id}")
        texts = {name: value for name, value in opened.items() if isinstance(value, str)}
        texts = masked(texts, hidden.get(complaint_id, []))
        found[case_id].letters.append(texts)


def _open_the_rest(
    session: Session, ciphers: dict[str, Cipher], ids: list[str], actor: Actor, found: dict[str, Words]
) -> None:
    for case_id, name in session.execute(
        select(Finding.case_id, Teacher.name)
        .join(Teacher, Teacher.id == Finding.teacher_id)
        .where(Finding.case_id.in_(ids), Finding.replaced_at.is_(None))
    ):
        found[case_id].teachers.append(name)
    for message_id, case_id, body in session.execute(
        select(Message.id, Complaint.case_id, Message.body)
        .join(Complaint, Complaint.id == Message.complaint_id)
        .where(Complaint.case_id.in_(ids))
        .order_by(Message.sent_at, Message.id)
    ):
        opened = ciphers[case_id].unseal_json(body, f"message:body:{message_id}")
        found[case_id].messages.append(str(opened.get("text", "")))
    for event_id, case_id, detail in session.execute(
        select(CaseEvent.id, CaseEvent.case_id, CaseEvent.detail)
        .where(CaseEvent.case_id.in_(ids), CaseEvent.detail.is_not(None))
        .order_by(CaseEvent.case_id, CaseEvent.seq)
    ):
        opened = ciphers[case_id].unseal_json(detail or b"", f"case_event:detail:{event_id}")
        if may_read(opened.get("seen_from"), actor):
            found[case_id].notes.extend(_texts(opened.values()))


def may_read(seen_from: object, actor: Actor) -> bool:
    """Whether something written for a desk and those above it is for this reader; None: for every handler."""
    if seen_from not in _DESKS:
        return True
    return _DESKS.index(desk_of(actor.role)) >= _DESKS.index(str(seen_from))


def _texts(values: Iterable[object]) -> Iterable[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from (one for one in value if isinstance(one, str))
