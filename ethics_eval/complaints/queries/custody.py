"""Requests to open what is sealed: the asker's own, and those that wait for a custodian or a second person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts import queries as account_queries
from ethics_eval.accounts.models import Account
from ethics_eval.accounts.rules import Actor, Permission, Role, scope_of
from ethics_eval.complaints.models import Case, Complaint, Evidence, Finding, IdentityRequest
from ethics_eval.complaints.queries.evidence import attachment_of
from ethics_eval.complaints.queries.scope import content_cipher, in_scope
from ethics_eval.complaints.rules.custody import CustodyFacts, CustodyState
from ethics_eval.complaints.rules.submission import IdentityMode
from ethics_eval.vault.service import Vault


@dataclass(frozen=True)
class CustodyView:
    """A request as a page shows it. ``answer``: what the one who refused wrote; ``file``: whether it is for a file."""

    id: str
    complaint_id: str
    case_number: str
    school: str
    category: str
    state: str
    is_file: bool
    asker: str
    custodian: str
    approver: str
    reason: str
    answer: str
    asked_at: datetime
    open_until: datetime | None
    opened_at: datetime | None
    is_own: bool


def has_custodian(session: Session) -> bool:
    """Whether there is anybody who keeps identities."""
    query = select(Account.id).where(Account.role == Role.CUSTODIAN.value, Account.active)
    return session.scalars(query.limit(1)).first() is not None


def custody_facts(session: Session, request: IdentityRequest) -> CustodyFacts:
    """A request as the rules see it."""
    about = session.scalars(
        select(Finding.teacher_id)
        .join(Complaint, Complaint.case_id == Finding.case_id)
        .where(Complaint.id == request.complaint_id)
        .distinct()
    )
    return CustodyFacts(
        state=CustodyState(request.state),
        asked_by_id=request.asked_by_id,
        custodian_id=request.custodian_id,
        open_until=request.open_until,
        about_ids=frozenset(
            account for teacher in about for account in account_queries.accounts_of_teacher(session, teacher)
        ),
    )


def find_custody(
    session: Session, actor: Actor, request_id: str, *, lock: bool = False
) -> IdentityRequest | None:
    """A request the actor may know of: the own, or one to be answered; None: as if there were none."""
    query = select(IdentityRequest).where(IdentityRequest.id == request_id)
    if lock:
        query = query.with_for_update()
    found = session.scalars(query).first()
    if found is None or not (_answers(actor) or found.asked_by_id == actor.id):
        return None
    return None if actor.id in custody_facts(session, found).about_ids else found


def custody_waiting(session: Session, vault: Vault, actor: Actor) -> list[CustodyView]:
    """What waits for this custodian or this second person, the oldest first; nothing to anybody else."""
    states = []
    if scope_of(actor, Permission.IDENTITY_AUTHORISE):
        states.append(CustodyState.ASKED.value)
    if scope_of(actor, Permission.IDENTITY_APPROVE):
        states.append(CustodyState.AUTHORISED.value)
    rows = session.scalars(
        select(IdentityRequest).where(IdentityRequest.state.in_(states)).order_by(IdentityRequest.asked_at)
    ).all()
    return _views(session, vault, actor, [row for row in rows if find_custody(session, actor, row.id)])


def custody_of(session: Session, vault: Vault, case: Case, actor: Actor) -> list[CustodyView]:
    """The actor's own requests on a case within the scope, newest first."""
    rows = session.scalars(
        select(IdentityRequest)
        .join(Complaint, Complaint.id == IdentityRequest.complaint_id)
        .join(Case, Case.id == Complaint.case_id)
        .where(
            Case.id == case.id,
            in_scope(session, actor, Permission.IDENTITY_ASK),
            IdentityRequest.asked_by_id == actor.id,
        )
        .order_by(IdentityRequest.asked_at.desc())
    ).all()
    return _views(session, vault, actor, rows)


@dataclass(frozen=True)
class Sealed:
    """Something of a case that is sealed: ``key`` names it in a form; ``name``: a file's, empty for an identity."""

    key: str
    name: str


def sealed_subjects(session: Session, vault: Vault, case: Case, actor: Actor) -> list[Sealed]:
    """What a reader of the case could ask to have opened: hidden identities, originals of files.

    Raises: KeyMissing: the reader's unit holds no key of the case.
    """
    cipher = content_cipher(session, vault, case, actor)
    found = []
    for complaint in case.complaints:
        if complaint.identity_mode == IdentityMode.REAL_NAME_HIDDEN.value:
            found.append(Sealed(f"identity:{complaint.id}", ""))
        found += [Sealed(f"file:{file.id}", attachment_of(file, cipher).name) for file in complaint.evidence]
    return found


def sealed_subject(
    session: Session, case: Case, key: str
) -> tuple[Complaint, Evidence | None] | tuple[None, None]:
    """The complaint of a key, and the file if it names one; None: nothing of this case."""
    kind, _, subject_id = key.partition(":")
    ids = {complaint.id for complaint in case.complaints}
    evidence = session.get(Evidence, subject_id) if kind == "file" else None
    complaint = session.get(Complaint, evidence.complaint_id if evidence else subject_id)
    return (complaint, evidence) if complaint is not None and complaint.id in ids else (None, None)


def found_case_number(session: Session, request: IdentityRequest) -> str:
    """The number of the case a request is about."""
    return session.scalars(
        select(Case.number)
        .join(Complaint, Complaint.case_id == Case.id)
        .where(Complaint.id == request.complaint_id)
    ).one()


def _answers(actor: Actor) -> bool:
    return bool(
        scope_of(actor, Permission.IDENTITY_AUTHORISE) or scope_of(actor, Permission.IDENTITY_APPROVE)
    )


def _views(
    session: Session, vault: Vault, actor: Actor, rows: Sequence[IdentityRequest]
) -> list[CustodyView]:
    ids = {who for row in rows for who in (row.asked_by_id, row.custodian_id, row.approver_id)}
    named = session.execute(select(Account.id, Account.display_name).where(Account.id.in_(ids - {None})))
    names = {row.id: row.display_name for row in named}
    return [_view(session, vault, actor, row, names) for row in rows]


def _view(
    session: Session, vault: Vault, actor: Actor, row: IdentityRequest, names: dict[int, str]
) -> CustodyView:
    case = session.scalars(
        select(Case).join(Complaint, Complaint.case_id == Case.id).where(Complaint.id == row.complaint_id)
    ).one()
    cipher = content_cipher(session, vault, case)
    place = f"identity_request:{{}}:{row.id}"
    answer = cipher.unseal_json(row.answer, place.format("answer"))["text"] if row.answer else ""
    return CustodyView(
        id=row.id,
        complaint_id=row.complaint_id,
        case_number=case.number,
        school=case.school.name,
        category=case.category,
        state=row.state,
        is_file=row.evidence_id is not None,
        asker=names.get(row.asked_by_id, ""),
        custodian=names.get(row.custodian_id or 0, ""),
        approver=names.get(row.approver_id or 0, ""),
        reason=str(cipher.unseal_json(row.reason, place.format("reason"))["text"]),
        answer=str(answer),
        asked_at=row.asked_at,
        open_until=row.open_until,
        opened_at=row.opened_at,
        is_own=row.asked_by_id == actor.id,
    )
