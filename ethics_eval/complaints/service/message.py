"""Messages between the handlers and one complainant, either way, also after closing; files come with them.

A case does not move by a message: what was written after 不予受理 lets the desk register it again, nothing more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from ethics_eval.accounts.rules import Permission
from ethics_eval.accounts.service import record
from ethics_eval.complaints.announcing import announce
from ethics_eval.complaints.evidence import PreparedFile
from ethics_eval.complaints.models import Case, Complaint, Evidence, Message
from ethics_eval.complaints.queries import FROM_COMPLAINANT, TO_COMPLAINANT, content_cipher, lead_of
from ethics_eval.complaints.rules import wording
from ethics_eval.complaints.rules.announcing import Kind
from ethics_eval.complaints.rules.correspondence import WordEvent, check_waiting, message_text
from ethics_eval.complaints.rules.finding import written
from ethics_eval.complaints.service.step import Step, permit_within, remark
from ethics_eval.complaints.submitting import keep_files
from ethics_eval.database import new_id

SAME_WITHIN = timedelta(minutes=10)


def write_to_complainant(
    step: Step, complaint: Complaint, text: str, *, seen_id: str | None = None
) -> Message:
    """Write to one complainant. Answering also marks as read what the page showed, up to ``seen_id``.

    Raises: RuleViolation: not within the writer's reach, empty, too long, or a place of the template is open.
    """
    permit_within(step, lead_of(step.session, complaint.case), Permission.CASE_MESSAGE)
    body = wording.filled(message_text(text), "text")
    mark_read(step, complaint, seen_id=seen_id)
    return _keep(step, complaint, TO_COMPLAINANT, body)


def tell_complainant(step: Step, complaint: Complaint, text: str) -> Message:
    """Tell one complainant what another rule has decided to tell; the caller has asked for leave."""
    return _keep(step, complaint, TO_COMPLAINANT, message_text(text))


def write_from_complainant(
    step: Step,
    complaint: Complaint,
    text: str,
    files: Sequence[PreparedFile] = (),
    *,
    folder: Path,
    seen_id: str | None = None,
) -> Message:
    """The complainant writes, with files if there are any; ``step.actor`` is the public, let in by the query code.

    Raises: RuleViolation: empty, too long, or 20 messages wait unread; OSError: a file could not be written.
    """
    body = message_text(text)
    _lock(step, complaint)
    twin = _sent_before(step, complaint, body)
    if twin is not None:
        return twin
    check_waiting(_waiting(step, complaint))
    mark_read(step, complaint, seen_id=seen_id)
    message = _keep(step, complaint, FROM_COMPLAINANT, body)
    last = step.session.scalar(
        select(func.max(Evidence.position)).where(Evidence.complaint_id == complaint.id)
    )
    keep_files(
        step.session,
        folder,
        content_cipher(step.session, step.vault, complaint.case),
        complaint.id,
        files,
        first=(last or 0) + 1,
        message_id=message.id,
    )
    step.session.flush()
    lead = lead_of(step.session, complaint.case)
    announce(step.session, lead, Kind.EVIDENCE_NEW if files else Kind.MESSAGE_NEW, step.at, ref=message.id)
    return message


def mark_read(step: Step, complaint: Complaint, *, seen_id: str | None) -> int:
    """Mark the other side's messages as read, up to the one the page showed last; how many were new.

    The side is the actor's: staff read what the complainant wrote, the public what was written to it.
    """
    if step.actor.role is None:
        theirs = TO_COMPLAINANT
    else:
        permit_within(step, lead_of(step.session, complaint.case), Permission.CASE_MESSAGE)
        theirs = FROM_COMPLAINANT
    seen = step.session.get(Message, seen_id) if seen_id else None
    if seen is None or seen.complaint_id != complaint.id:
        return 0
    fresh = step.session.scalars(
        select(Message).where(
            Message.complaint_id == complaint.id,
            Message.direction == theirs,
            Message.read_at.is_(None),
            Message.sent_at <= seen.sent_at,
        )
    ).all()
    for message in fresh:
        message.read_at = step.at
    if fresh:
        record(
            step.session,
            step.actor,
            step.at,
            "message.read",
            "complaint",
            complaint.id,
            side=theirs,
            count=len(fresh),
        )
    return len(fresh)


def note(step: Step, case: Case, text: str) -> None:
    """内部备注: for handlers at the desk where the case lies now and above it; never for complainant or teacher."""
    permit_within(step, case, Permission.CASE_MESSAGE)
    remark(step, case, WordEvent.NOTE, {"note": written(text, "note"), "seen_from": case.desk})


def _sent_before(step: Step, complaint: Complaint, body: str) -> Message | None:
    """The complainant's last message, if it says the same and is minutes old: the form was sent twice."""
    last = step.session.scalars(
        select(Message)
        .where(Message.complaint_id == complaint.id, Message.sent_at > step.at - SAME_WITHIN)
        .order_by(Message.sent_at.desc())
        .limit(1)
    ).first()
    if last is None or last.direction != FROM_COMPLAINANT:
        return None
    cipher = content_cipher(step.session, step.vault, complaint.case)
    said = cipher.unseal_json(last.body, f"message:body:{last.id}")["text"]
    return last if said == body else None


def _waiting(step: Step, complaint: Complaint) -> int:
    query = select(func.count()).where(
        Message.complaint_id == complaint.id,
        Message.direction == FROM_COMPLAINANT,
        Message.read_at.is_(None),
    )
    return step.session.scalar(query) or 0


def _lock(step: Step, complaint: Complaint) -> None:
    # Two sendings at once count and number their files one after the other.
    step.session.execute(select(Case.id).where(Case.id == complaint.case_id).with_for_update())


def _keep(step: Step, complaint: Complaint, direction: str, body: str) -> Message:
    message_id = new_id()
    cipher = content_cipher(step.session, step.vault, complaint.case)
    message = Message(
        id=message_id,
        complaint_id=complaint.id,
        direction=direction,
        sent_at=step.at,
        author_id=step.actor.id if direction == TO_COMPLAINANT else None,
        body=cipher.seal_json({"text": body}, f"message:body:{message_id}"),
    )
    step.session.add(message)
    step.session.flush()
    record(
        step.session, step.actor, step.at, "message.written", "complaint", complaint.id, direction=direction
    )
    return message
