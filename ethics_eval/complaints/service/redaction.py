"""Masking words of a letter for readers below the bureau, showing them again, or burning them in for good."""

from __future__ import annotations

from ethics_eval.accounts.rules import Permission
from ethics_eval.accounts.service import record
from ethics_eval.complaints.models import Complaint, Redaction
from ethics_eval.complaints.queries import content_cipher
from ethics_eval.complaints.queries.redaction import spans_of
from ethics_eval.complaints.rules.redaction import find_spans, masked
from ethics_eval.complaints.service.step import Step, permit_within
from ethics_eval.database import new_id
from ethics_eval.text import N_, RuleViolation
from ethics_eval.vault.cipher import Cipher


def mask(step: Step, complaint: Complaint, phrases: list[str]) -> Redaction:
    """Mask phrases wherever they stand in the letter. Raises: RuleViolation: out of reach, or one is not found."""
    permit_within(step, complaint.case, Permission.CASE_REDACT)
    cipher = content_cipher(step.session, step.vault, complaint.case)
    spans = find_spans(_content(complaint, cipher), phrases)
    redaction_id = new_id()
    redaction = Redaction(
        id=redaction_id,
        complaint_id=complaint.id,
        spans=cipher.seal_json({"spans": [list(span) for span in spans]}, f"redaction:spans:{redaction_id}"),
        masked_at=step.at,
        masked_by_id=step.actor.id or 0,
    )
    step.session.add(redaction)
    step.session.flush()
    _leave(step, redaction, "masked", len(spans))
    return redaction


def lift(step: Step, redaction: Redaction) -> None:
    """Show the words again. Raises: RuleViolation: out of reach, or not masked any more."""
    _change(step, redaction, "lifted")


def burn(step: Step, redaction: Redaction) -> None:
    """Replace the words in the stored letter; nobody can bring them back. Raises: as :func:`lift`."""
    complaint = step.session.get_one(Complaint, redaction.complaint_id)
    _change(step, redaction, "burnt")
    cipher = content_cipher(step.session, step.vault, complaint.case)
    letter = masked(_content(complaint, cipher), spans_of(redaction, cipher))
    complaint.content = cipher.seal_json(letter, f"complaint:content:{complaint.id}")
    step.session.flush()


def _change(step: Step, redaction: Redaction, state: str) -> None:
    complaint = step.session.get_one(Complaint, redaction.complaint_id)
    permit_within(step, complaint.case, Permission.CASE_REDACT)
    if redaction.state != "masked":
        raise RuleViolation("redaction.done", N_("这处遮盖已经取消或永久遮盖，不能再改。"))
    redaction.state = state
    redaction.changed_at, redaction.changed_by_id = step.at, step.actor.id
    _leave(step, redaction, state, None)


def _content(complaint: Complaint, cipher: Cipher) -> dict[str, str]:
    content: dict[str, str] = cipher.unseal_json(complaint.content, f"complaint:content:{complaint.id}")
    return content


def _leave(step: Step, redaction: Redaction, what: str, count: int | None) -> None:
    record(
        step.session,
        step.actor,
        step.at,
        f"redaction.{what}",
        "complaint",
        redaction.complaint_id,
        redaction=redaction.id,
        count=count,
    )
