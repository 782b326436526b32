"""Taking a complaint down for somebody, and the code that only the complainant gets to see.

Staff are given the first half of the query code and hand it over. The second half does not exist until the complainant
claims it on a device of their own, with the last figures of the number they left; until then the code opens nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import PUBLIC, Permission, Scope, require
from ethics_eval.accounts.service import record
from ethics_eval.complaints.evidence import PreparedFile
from ethics_eval.complaints.models import Case, Complaint, Mailbox
from ethics_eval.complaints.rules import clocks, query_code
from ethics_eval.complaints.rules.filing import Filing, check_not_about_own, phone_matches
from ethics_eval.complaints.rules.submission import Submission
from ethics_eval.complaints.service.step import Step
from ethics_eval.complaints.submitting import HASHER, code_verifier, submit
from ethics_eval.complaints.tracking import Attempt
from ethics_eval.roster import queries as roster_queries
from ethics_eval.text import N_, RuleViolation
from ethics_eval.vault.service import CUSTODIAN_UNIT, IDENTITY, Vault


@dataclass(frozen=True)
class Filed:
    """What the clerk is given: the first half of the code (eight characters) and the case's number."""

    first_half: str
    case_number: str


def file_for(
    step: Step,
    mailbox: Mailbox,
    submission: Submission,
    files: Sequence[PreparedFile],
    filing: Filing,
    *,
    idempotency_key: str,
    folder: Path,
    urgent_hours: int = clocks.URGENT_HOURS,
) -> Filed:
    """Store a complaint that staff took down; its clocks count from the day it reached the office.

    Args: submission, filing: without problems. Raises: RuleViolation: not within the clerk's reach, or about the
    clerk's own school's head or handlers; as :func:`submitting.submit`.
    """
    scope = require(step.actor, Permission.CASE_FILE)
    school = mailbox.school
    if (scope is Scope.OWN_SCHOOL and step.actor.school_id != school.id) or (
        scope is Scope.OWN_DISTRICT and step.actor.district_code != school.district_code
    ):
        raise RuleViolation("permission.denied", N_("您没有办理此事的权限。"))
    receipt = submit(
        step.session,
        step.vault,
        mailbox,
        replace(submission, reference=filing.reference.strip()),
        files,
        idempotency_key=idempotency_key,
        source=filing.source.value,
        folder=folder,
        actor=step.actor,
        at=step.at,
        urgent_hours=urgent_hours,
    )
    first_half = receipt.query_code[: query_code.HALF]
    if receipt.replayed:
        return Filed(first_half, receipt.case_number)
    complaint = step.session.scalars(select(Complaint).where(Complaint.case_id == receipt.case_id)).one()
    case: Case = complaint.case
    check_not_about_own(is_recused=case.recused, at_school=scope is Scope.OWN_SCHOOL)
    complaint.filed_by_id = step.actor.id
    complaint.source_due_on = filing.source_due_on
    complaint.claim_hash = _claim_hash(step.vault, first_half)
    # what was derived opens nothing: the clerk's form could be replayed to learn it
    complaint.verifier = HASHER.hash(secrets.token_hex(32))
    calendar = roster_queries.calendar(step.session)
    case.register_due_on = clocks.register_due(filing.received_on, calendar)
    case.accept_due_on = clocks.accept_due(filing.received_on, calendar)
    step.session.flush()
    return Filed(first_half, receipt.case_number)


@dataclass(frozen=True)
class Claimed:
    """What the complainant is given: the whole code, once, and what the receipt says."""

    query_code: str
    complaint: Complaint


def claim(session: Session, vault: Vault, typed: str, last_four: str, *, at: datetime) -> Claimed | None:
    """Make the second half of a code for the one who holds the first; None: unknown, claimed before, another number,
    or resting after five misses — the same answer for all.

    Writes the count of misses, so it runs in a transaction.
    """
    half = query_code.normalise_half(typed)
    if half is None:
        return None
    attempt = Attempt(session, vault, half[: query_code.SELECTOR], at)
    complaint = session.scalars(
        select(Complaint)
        .where(Complaint.claim_hash == _claim_hash(vault, half), Complaint.claimed_at.is_(None))
        .with_for_update()
    ).first()
    if complaint is None or not _is_sender(session, vault, complaint, last_four):
        attempt.missed()
        return None
    if attempt.is_resting:
        return None
    attempt.hit()
    code = half + query_code.encode(secrets.token_bytes(5), query_code.HALF)
    complaint.verifier = HASHER.hash(code_verifier(vault, code))
    complaint.claimed_at = at
    record(session, PUBLIC, at, "complaint.claimed", "complaint", complaint.id)
    return Claimed(code, complaint)


def _claim_hash(vault: Vault, first_half: str) -> bytes:
    return vault.digest("claim", first_half)


def _is_sender(session: Session, vault: Vault, complaint: Complaint, last_four: str) -> bool:
    if complaint.identity is None:
        return True
    cipher = vault.open_key(session, f"case:{complaint.case_id}", IDENTITY, [CUSTODIAN_UNIT])
    person = cipher.unseal_json(complaint.identity, f"complaint:identity:{complaint.id}")
    return phone_matches(last_four, [str(person.get("phone", ""))])
