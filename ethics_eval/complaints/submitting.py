"""Taking a complaint in: sealed, stored whole or not at all, once per idempotency key.

Source: security.md §1, §4, §7.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from argon2 import PasswordHasher
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from ethics_eval.accounts import queries as account_queries
from ethics_eval.accounts.rules import Actor
from ethics_eval.accounts.service import record
from ethics_eval.complaints.announcing import announce
from ethics_eval.complaints.categories import SCHOOL_MATTERS
from ethics_eval.complaints.evidence import PreparedFile, copy_name
from ethics_eval.complaints.models import Case, CaseEvent, Complaint, Evidence, Mailbox
from ethics_eval.complaints.rules import clocks, query_code
from ethics_eval.complaints.rules.announcing import Kind
from ethics_eval.complaints.rules.machine import CaseStatus, Desk
from ethics_eval.complaints.rules.submission import IdentityMode, Submission, first_desk, is_recused
from ethics_eval.database import new_id
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import N_, Conflict
from ethics_eval.vault.cipher import Cipher, new_key
from ethics_eval.vault.files import write_sealed
from ethics_eval.vault.service import (
    CITY_UNIT,
    CONTENT,
    CUSTODIAN_UNIT,
    IDENTITY,
    Vault,
    district_unit,
    school_unit,
)

# OWASP's least parameters: the code has 80 random bits of its own, the hash only slows a thief with the database.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@dataclass(frozen=True)
class Receipt:
    """What the complainant is given: the query code (16 characters), shown once."""

    query_code: str
    case_id: str
    case_number: str
    received_at: datetime
    replayed: bool


def derive_code(vault: Vault, idempotency_key: str, salt: int) -> str:
    """The query code of a form: the same key gives the same receipt, so the code need not be stored."""
    return query_code.encode(vault.digest("query-code", idempotency_key, str(salt)))


def code_verifier(vault: Vault, code: str) -> str:
    """What is hashed of the ten verifying characters: useless without the master key."""
    return vault.digest("query-verifier", code).hex()


def submit(
    session: Session,
    vault: Vault,
    mailbox: Mailbox,
    submission: Submission,
    files: Sequence[PreparedFile],
    *,
    idempotency_key: str,
    source: str,
    folder: Path,
    actor: Actor,
    at: datetime,
    urgent_hours: int = clocks.URGENT_HOURS,
) -> Receipt:
    """Store a complaint and open its case; the caller commits before the code is shown.

    Args: submission: without problems (:func:`rules.submission.problems`); folder: where sealed files lie;
    urgent_hours: within how many hours the bureau takes up a case of grave harm.
    Raises: Conflict: the key was used for another text; OSError: a file could not be written (nothing is kept);
    IntegrityError: the same form came in at this very moment as well (ask again, it is a replay then).
    """
    earlier = replayed(session, vault, mailbox, submission, files, idempotency_key=idempotency_key)
    if earlier is not None:
        return earlier
    case = _open_case(session, mailbox, submission, at, urgent_hours)
    content, identity = _case_keys(session, vault, case, submission)
    code, salt = _fresh_code(session, vault, idempotency_key)
    complaint_id = new_id()
    person = submission.person()
    complaint = Complaint(
        id=complaint_id,
        case_id=case.id,
        mailbox_id=mailbox.id,
        source=source,
        category=submission.category,
        respondent_role=submission.respondent_role.value,
        identity_mode=submission.identity.value,
        submitted_at=at,
        content=content.seal_json(submission.content(), f"complaint:content:{complaint_id}"),
        identity=identity.seal_json(person, f"complaint:identity:{complaint_id}")
        if identity is not None and person is not None
        else None,
        selector=code[: query_code.SELECTOR],
        verifier=HASHER.hash(code_verifier(vault, code)),
        code_salt=salt,
        idempotency_hash=_key_hash(vault, mailbox, idempotency_key),
        content_digest=_digest(vault, submission, files),
        signer_count=submission.signer_count(),
    )
    session.add(complaint)
    session.flush()
    session.add(
        CaseEvent(
            id=new_id(),
            case_id=case.id,
            seq=1,
            at=at,
            actor_id=actor.id,
            actor_kind=actor.kind,
            action="submit",
            from_status=None,
            to_status=CaseStatus.SUBMITTED.value,
            detail=None,
        )
    )
    record(session, actor, at, "case.submitted", "case", case.id, source=source)
    keep_files(session, folder, content, complaint_id, files)
    session.flush()
    announce(session, case, Kind.CASE_NEW, at, by=actor.id)
    return Receipt(code, case.id, case.number, at, replayed=False)


def replayed(
    session: Session,
    vault: Vault,
    mailbox: Mailbox,
    submission: Submission,
    files: Sequence[PreparedFile],
    *,
    idempotency_key: str,
) -> Receipt | None:
    """The receipt of a form that is stored already, though its answer may never have arrived; None: it is new.

    Raises: Conflict: the key was used for another text.
    """
    key_hash = _key_hash(vault, mailbox, idempotency_key)
    earlier = session.scalars(select(Complaint).where(Complaint.idempotency_hash == key_hash)).first()
    if earlier is None:
        return None
    if earlier.content_digest != _digest(vault, submission, files):
        raise Conflict(
            "complaint.key_used",
            N_("这张表单刚才已经提交过，内容不同。如需另外提交一件，请重新打开信箱填写。"),
        )
    code = derive_code(vault, idempotency_key, earlier.code_salt)
    return Receipt(code, earlier.case_id, earlier.case.number, earlier.submitted_at, replayed=True)


def _key_hash(vault: Vault, mailbox: Mailbox, idempotency_key: str) -> bytes:
    return vault.digest("idempotency", str(mailbox.id), idempotency_key)


def _digest(vault: Vault, submission: Submission, files: Sequence[PreparedFile]) -> bytes:
    fields = json.dumps(
        [submission.content(), submission.person(), submission.category, submission.respondent_role],
        sort_keys=True,
    )
    return vault.digest("content", fields, *(file.body for file in files))


def _open_case(
    session: Session, mailbox: Mailbox, submission: Submission, at: datetime, urgent_hours: int
) -> Case:
    school = mailbox.school
    day = local_day(at)
    calendar = roster_queries.calendar(session)
    insiders = [name for _id, name, _teacher in account_queries.insiders(session, school.id)]
    insiders += roster_queries.head_names(session, school.id, day)
    recused = is_recused(submission.respondent_role, submission.respondent, insiders)
    desk = first_desk(submission.category, recused=recused, urgent=submission.urgent)
    case = Case(
        id=new_id(),
        number=_fresh_number(session, school.district_code, at),
        school_id=school.id,
        district_code=school.district_code,
        status=CaseStatus.SUBMITTED.value,
        desk=desk.value,
        recused=recused,
        school_matter=submission.category in SCHOOL_MATTERS,
        category=submission.category,
        received_at=at,
        register_due_on=clocks.register_due(day, calendar),
        accept_due_on=clocks.accept_due(day, calendar),
        urgent=submission.urgent,
        urgent_due_at=clocks.urgent_due(at, hours=urgent_hours) if submission.urgent else None,
    )
    session.add(case)
    session.flush()
    return case


def _fresh_number(session: Session, district_code: str, at: datetime) -> str:
    """District, day and five digits drawn by chance: gaps in a series would betray cases kept from the school."""
    head = f"{district_code}{local_day(at):%Y%m%d}"
    while True:
        number = f"{head}{secrets.randbelow(100_000):05d}"
        if session.scalar(select(Case.id).where(Case.number == number)) is None:
            return number


def _case_keys(
    session: Session, vault: Vault, case: Case, submission: Submission
) -> tuple[Cipher, Cipher | None]:
    handlers = [district_unit(case.district_code), CITY_UNIT]
    if case.desk == Desk.SCHOOL.value:
        handlers.append(school_unit(case.school_id))
    subject = f"case:{case.id}"
    content = vault.make_key(session, subject, CONTENT, handlers)
    if submission.identity is IdentityMode.ANONYMOUS:
        return content, None
    known_to = [CUSTODIAN_UNIT]
    if submission.identity is IdentityMode.REAL_NAME:
        known_to += handlers
    return content, vault.make_key(session, subject, IDENTITY, known_to)


def _fresh_code(session: Session, vault: Vault, idempotency_key: str) -> tuple[str, int]:
    salt = 0
    while True:
        code = derive_code(vault, idempotency_key, salt)
        taken = session.scalar(select(Complaint.id).where(Complaint.selector == code[: query_code.SELECTOR]))
        if taken is None:
            return code, salt
        salt += 1


def keep_files(
    session: Session,
    folder: Path,
    content: Cipher,
    complaint_id: str,
    files: Sequence[PreparedFile],
    *,
    first: int = 1,
    message_id: str | None = None,
) -> None:
    """Seal and write each file before the row that names it; a rollback removes what was written.

    Args: first: the position of the first file; message_id: the message they came with, if they came later.
    """
    written: list[Path] = []
    _forget_on_rollback(session, written)
    for position, file in enumerate(files, start=first):
        evidence_id = new_id()
        raw = new_key()
        written.append(write_sealed(folder, evidence_id, file.body, Cipher(raw)))
        if file.copy is not None:
            written.append(write_sealed(folder, copy_name(evidence_id), file.copy, Cipher(raw)))
        session.add(
            Evidence(
                id=evidence_id,
                complaint_id=complaint_id,
                position=position,
                media_type=file.media_type,
                byte_count=len(file.body),
                label=content.seal_json(
                    {"name": file.name, "sha256": hashlib.sha256(file.body).hexdigest()},
                    f"evidence:label:{evidence_id}",
                ),
                wrapped_key=content.seal(raw, f"evidence:wrapped_key:{evidence_id}"),
                has_copy=file.copy is not None,
                message_id=message_id,
            )
        )


def _forget_on_rollback(session: Session, written: list[Path]) -> None:
    # Once the commit has begun the files stay whatever comes: its answer may be lost and the row yet stored.
    def forget(_session: Session) -> None:
        for path in written:
            path.unlink(missing_ok=True)

    event.listen(session, "before_commit", lambda _session: written.clear(), once=True)
    event.listen(session, "after_rollback", forget, once=True)
