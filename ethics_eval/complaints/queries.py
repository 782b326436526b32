"""Reads of mailboxes and cases. The reader's scope is always a parameter; out of scope is as if absent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, select, true
from sqlalchemy.orm import Session, joinedload, selectinload

from ethics_eval.accounts import queries as account_queries
from ethics_eval.accounts.models import Account
from ethics_eval.accounts.rules import Actor, Permission, Scope, scope_of
from ethics_eval.complaints.models import Case, CaseEvent, Complaint, Evidence, Finding, Mailbox
from ethics_eval.complaints.rules import clocks
from ethics_eval.complaints.rules.machine import ENDED, CaseAction, CaseFacts, CaseStatus, Desk, Outcome
from ethics_eval.complaints.submitting import copy_name
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.models import School
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.vault.cipher import Cipher
from ethics_eval.vault.files import read_sealed
from ethics_eval.vault.service import (
    CITY_UNIT,
    CONTENT,
    IDENTITY,
    KeyMissing,
    Vault,
    district_unit,
    school_unit,
)

PAGE_SIZE = 50


# --- mailboxes ----------------------------------------------------------------------------------------------


def mailbox_by_code(session: Session, code: str) -> Mailbox | None:
    """The open mailbox of a code; None: unknown or revoked."""
    return session.scalars(
        select(Mailbox).where(Mailbox.code == code.lower(), Mailbox.revoked_at.is_(None))
    ).first()


def mailbox_codes(session: Session, school_ids: list[int]) -> dict[int, str]:
    """School id → code of its open mailbox."""
    rows = session.execute(
        select(Mailbox.school_id, Mailbox.code).where(
            Mailbox.school_id.in_(school_ids), Mailbox.revoked_at.is_(None)
        )
    )
    return {row.school_id: row.code for row in rows}


def _mailbox_scope(actor: Actor) -> ColumnElement[bool]:
    match scope_of(actor, Permission.MAILBOX_READ):
        case Scope.OWN_SCHOOL:
            return School.id == actor.school_id
        case Scope.OWN_DISTRICT:
            return School.district_code == actor.district_code
        case Scope.CITY:
            return true()
        case _:
            return false()


def mailbox_in_scope(session: Session, actor: Actor, code: str) -> Mailbox | None:
    """The open mailbox of a code, if the actor may manage it."""
    return session.scalars(
        select(Mailbox)
        .join(School)
        .where(Mailbox.code == code.lower(), Mailbox.revoked_at.is_(None), _mailbox_scope(actor))
    ).first()


def mailboxes(session: Session, actor: Actor, *, text: str = "", page: int = 1) -> tuple[list[Mailbox], int]:
    """Open mailboxes in the actor's scope, a page of 50 by district and school, and how many there are."""
    where = and_(
        _mailbox_scope(actor), Mailbox.revoked_at.is_(None), School.name.contains(text, autoescape=True)
    )
    total = session.scalar(select(func.count()).select_from(Mailbox).join(School).where(where)) or 0
    rows = session.scalars(
        select(Mailbox)
        .join(School)
        .where(where)
        .order_by(School.district_code, School.code, Mailbox.id)
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    )
    return list(rows.unique()), total


# --- scope --------------------------------------------------------------------------------------------------


def in_scope(
    session: Session, actor: Actor, permission: Permission = Permission.CASE_READ
) -> ColumnElement[bool]:
    """The condition on cases that the actor may see: never one about the actor, never one recused from the school."""
    match scope_of(actor, permission):
        case Scope.OWN_SCHOOL:
            scope: ColumnElement[bool] = and_(
                Case.school_id == actor.school_id, Case.desk == Desk.SCHOOL.value, ~Case.recused
            )
        case Scope.OWN_DISTRICT:
            scope = Case.district_code == actor.district_code
        case Scope.CITY:
            scope = true()
        case _:
            return false()
    if actor.teacher_id is None:
        return scope
    about_me = select(Finding.case_id).where(Finding.teacher_id == actor.teacher_id)
    return and_(scope, Case.id.not_in(about_me))


def find_case(session: Session, actor: Actor, number: str, *, lock: bool = False) -> Case | None:
    """The case of a number inside the actor's scope; ``lock``: for a change in this transaction."""
    query = select(Case).where(Case.number == number, in_scope(session, actor))
    if lock:
        query = query.with_for_update(of=Case)
    return session.scalars(query).unique().first()


def units_of(actor: Actor) -> list[str]:
    """The unit keys a person's role may use."""
    match scope_of(actor, Permission.CASE_READ):
        case Scope.OWN_SCHOOL:
            return [school_unit(actor.school_id or 0)]
        case Scope.OWN_DISTRICT:
            return [district_unit(actor.district_code or "")]
        case Scope.CITY:
            return [CITY_UNIT]
        case _:
            return []


def content_cipher(session: Session, vault: Vault, case: Case, actor: Actor | None = None) -> Cipher:
    """The case's content key as the reader's unit holds it (None: the system itself). Raises: KeyMissing."""
    units = None if actor is None else units_of(actor)
    return vault.open_key(session, f"case:{case.id}", CONTENT, units)


# --- the queue ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CaseFilter:
    """What a queue is narrowed to; empty strings: everything."""

    status: str = ""
    category: str = ""
    desk: str = ""
    text: str = ""
    page: int = 1


@dataclass(frozen=True)
class CaseRow:
    """A line of a queue."""

    number: str
    school: str
    district: str
    status: str
    desk: str
    category: str
    received_at: datetime
    outcome: str | None
    due: clocks.Due | None


_DUE_ACTIVE = frozenset(CaseStatus) - ENDED


def due_of(case: Case, today: date) -> clocks.Due | None:
    """The clock that runs now: to register, to accept, to reply; None when nothing is owed."""
    status = CaseStatus(case.status)
    if status not in _DUE_ACTIVE:
        return None
    if status is CaseStatus.SUBMITTED:
        return clocks.due(case.register_due_on, today)
    if status is CaseStatus.REGISTERED:
        return clocks.due(case.accept_due_on, today)
    return clocks.due(case.reply_due_on, today) if case.reply_due_on else None


def _due_column() -> ColumnElement[Any]:
    return func.coalesce(Case.reply_due_on, Case.accept_due_on)


def queue(session: Session, actor: Actor, wanted: CaseFilter, today: date) -> tuple[list[CaseRow], int]:
    """A page of the actor's cases, the most urgent first (open before ended, then by due day), and the count."""
    where: list[ColumnElement[bool]] = [in_scope(session, actor)]
    if wanted.status == "open":
        where.append(Case.status.not_in([status.value for status in ENDED]))
    elif wanted.status:
        where.append(Case.status == wanted.status)
    if wanted.category:
        where.append(Case.category == wanted.category)
    if wanted.desk:
        where.append(Case.desk == wanted.desk)
    if wanted.text:
        where.append(
            Case.number.contains(wanted.text, autoescape=True)
            | Case.school.has(School.name.contains(wanted.text, autoescape=True))
        )
    total = session.scalar(select(func.count()).select_from(Case).where(*where)) or 0
    ended = Case.status.in_([status.value for status in ENDED])
    rows = session.scalars(
        select(Case)
        .options(joinedload(Case.school).joinedload(School.district))
        .where(*where)
        .order_by(ended, _due_column(), Case.received_at, Case.id)
        .limit(PAGE_SIZE)
        .offset((wanted.page - 1) * PAGE_SIZE)
    ).unique()
    return [
        CaseRow(
            number=case.number,
            school=case.school.name,
            district=case.school.district.name,
            status=case.status,
            desk=case.desk,
            category=case.category,
            received_at=case.received_at,
            outcome=case.outcome,
            due=due_of(case, today),
        )
        for case in rows
    ], total


def status_counts(session: Session, actor: Actor) -> dict[str, int]:
    """Status → number of cases in the actor's scope."""
    rows = session.execute(
        select(Case.status, func.count()).where(in_scope(session, actor)).group_by(Case.status)
    )
    return {status: count for status, count in rows}


# --- one case -----------------------------------------------------------------------------------------------


def open_finding(case: Case) -> Finding | None:
    """The draft that waits for a decision."""
    return next((row for row in case.findings if row.decided_at is None and row.replaced_at is None), None)


def case_facts(session: Session, vault: Vault, case: Case, *, at: datetime) -> CaseFacts:
    """The case as the rules see it."""
    draft = open_finding(case)
    investigating = [
        event
        for event in case.events
        if event.action in {CaseAction.START, CaseAction.INVESTIGATE, CaseAction.PROPOSE}
    ]
    names: set[str] = set()
    assigned_on: date | None = None
    since_start = False
    for event in case.events:
        if event.action == CaseAction.START and event.detail is not None:
            names |= set(_detail(session, vault, case, event).get("investigators", []))
        if event.action == CaseAction.ASSIGN:
            assigned_on = local_day(event.at)
        if event.action in {CaseAction.START, CaseAction.SEND_BACK}:
            since_start = False
        if event.action == CaseAction.INVESTIGATE:
            since_start = True
    today = local_day(at)
    calendar = roster_queries.calendar(session)
    return CaseFacts(
        status=CaseStatus(case.status),
        desk=Desk(case.desk),
        school_id=case.school_id,
        district_code=case.district_code,
        school_matter=case.school_matter,
        investigator_ids=frozenset(event.actor_id for event in investigating if event.actor_id is not None),
        investigator_names=frozenset(names),
        investigated=since_start,
        proposed_outcome=Outcome(draft.outcome) if draft else None,
        defence_open=(
            case.status == CaseStatus.HEARING.value
            and not case.stated
            and case.notified_on is not None
            and today <= clocks.defence_ends(case.notified_on, calendar)
        ),
        respondent_account_ids=frozenset(
            account
            for finding in case.findings
            if finding.replaced_at is None
            for account in account_queries.accounts_of_teacher(session, finding.teacher_id)
        ),
        objection_open=assigned_on is None or today <= clocks.objection_ends(assigned_on, calendar),
    )


def _detail(session: Session, vault: Vault, case: Case, event: CaseEvent) -> dict[str, Any]:
    if event.detail is None:
        return {}
    cipher = content_cipher(session, vault, case)
    return cipher.unseal_json(event.detail, f"case_event:detail:{event.id}")


@dataclass(frozen=True)
class Attachment:
    """A file of a complaint as a page lists it."""

    id: str
    name: str
    media_type: str
    byte_count: int
    has_copy: bool


@dataclass(frozen=True)
class Letter:
    """A complaint opened for a reader. ``person`` is None when anonymous or sealed for the custodian."""

    identity_mode: str
    respondent_role: str
    category: str
    submitted_at: datetime
    respondent: str
    subject_class: str
    happened_on: str
    place: str
    body: str
    person: dict[str, str] | None
    attachments: list[Attachment] = field(default_factory=list)


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


def letters(session: Session, vault: Vault, case: Case, actor: Actor) -> list[Letter]:
    """The complaints of a case, opened with the reader's unit key. Raises: KeyMissing: the unit holds none."""
    cipher = content_cipher(session, vault, case, actor)
    try:
        identity: Cipher | None = vault.open_key(session, f"case:{case.id}", IDENTITY, units_of(actor))
    except KeyMissing:
        identity = None
    rows = session.scalars(
        select(Complaint)
        .options(selectinload(Complaint.evidence))
        .where(Complaint.case_id == case.id)
        .order_by(Complaint.submitted_at)
    )
    return [_letter(row, cipher, identity) for row in rows]


def _letter(complaint: Complaint, cipher: Cipher, identity: Cipher | None) -> Letter:
    content = cipher.unseal_json(complaint.content, f"complaint:content:{complaint.id}")
    person = None
    if identity is not None and complaint.identity is not None:
        person = identity.unseal_json(complaint.identity, f"complaint:identity:{complaint.id}")
    return Letter(
        identity_mode=complaint.identity_mode,
        respondent_role=complaint.respondent_role,
        category=complaint.category,
        submitted_at=complaint.submitted_at,
        person=person,
        attachments=[_attachment(row, cipher) for row in complaint.evidence],
        **content,
    )


def _attachment(evidence: Evidence, cipher: Cipher) -> Attachment:
    label = cipher.unseal_json(evidence.label, f"evidence:label:{evidence.id}")
    return Attachment(
        evidence.id, str(label["name"]), evidence.media_type, evidence.byte_count, evidence.has_copy
    )


def timeline(session: Session, vault: Vault, case: Case, actor: Actor) -> list[EventView]:
    """The steps of a case, oldest first, with what was written at each."""
    cipher = content_cipher(session, vault, case, actor)
    rows = session.execute(
        select(Account.id, Account.display_name)
        .join(CaseEvent, CaseEvent.actor_id == Account.id)
        .where(CaseEvent.case_id == case.id)
    )
    names = {row.id: row.display_name for row in rows}
    return [
        EventView(
            seq=event.seq,
            at=event.at,
            actor_kind=event.actor_kind,
            actor_name=names.get(event.actor_id or 0, ""),
            action=event.action,
            to_status=event.to_status,
            detail=cipher.unseal_json(event.detail, f"case_event:detail:{event.id}") if event.detail else {},
        )
        for event in case.events
    ]


@dataclass(frozen=True)
class FindingView:
    """A finding opened for a reader."""

    id: str
    teacher_id: int
    teacher: str
    teacher_number: str
    category: str
    severity: str
    outcome: str
    points: int
    repeat: bool
    veto: bool
    measure: str
    grounds: str
    proposed_at: datetime
    decided_at: datetime | None
    window_ends_on: date | None
    effective_at: datetime | None


def findings(session: Session, vault: Vault, case: Case, actor: Actor | None) -> list[FindingView]:
    """The findings of a case that stand or wait, opened."""
    cipher = content_cipher(session, vault, case, actor)
    return [
        FindingView(
            id=row.id,
            teacher_id=row.teacher_id,
            teacher=row.teacher.name,
            teacher_number=row.teacher.number,
            category=row.category,
            severity=row.severity,
            outcome=row.outcome,
            points=row.points,
            repeat=row.repeat,
            veto=row.veto,
            measure=row.measure,
            grounds=cipher.unseal_json(row.grounds, f"finding:grounds:{row.id}")["grounds"],
            proposed_at=row.proposed_at,
            decided_at=row.decided_at,
            window_ends_on=row.window_ends_on,
            effective_at=row.effective_at,
        )
        for row in case.findings
        if row.replaced_at is None
    ]


def named_files(session: Session, names: list[str]) -> set[str]:
    """Of some names of sealed files, those a row stands behind."""
    ids = {name[:32] for name in names}
    known = set(session.scalars(select(Evidence.id).where(Evidence.id.in_(ids))))
    return {name for name in names if name[:32] in known}


def evidence_stream(
    session: Session, vault: Vault, case: Case, evidence_id: str, *, folder: Path, actor: Actor | None
) -> tuple[Attachment, Iterator[bytes]] | None:
    """A file of the case for a reader: the stripped copy of a picture, the file itself of other kinds; None: none such.

    Raises: KeyMissing: the reader's unit holds no key of the case.
    """
    evidence = session.scalars(
        select(Evidence)
        .join(Complaint, Complaint.id == Evidence.complaint_id)
        .where(Evidence.id == evidence_id, Complaint.case_id == case.id)
    ).first()
    if evidence is None:
        return None
    cipher = content_cipher(session, vault, case, actor)
    raw = cipher.unseal(evidence.wrapped_key, f"evidence:wrapped_key:{evidence.id}")
    name = copy_name(evidence.id) if evidence.has_copy else evidence.id
    return _attachment(evidence, cipher), read_sealed(folder, name, Cipher(raw))


# --- the respondent's own view --------------------------------------------------------------------------------


def hearings_of(session: Session, teacher_id: int) -> list[Case]:
    """The cases in which this teacher has been told of a proposed finding, newest first."""
    return list(
        session.scalars(
            select(Case)
            .join(Finding, Finding.case_id == Case.id)
            .where(
                Finding.teacher_id == teacher_id,
                Finding.replaced_at.is_(None),
                Case.notified_on.is_not(None),
            )
            .order_by(Case.received_at.desc(), Case.id)
        ).unique()
    )


def fact_sheets(session: Session, vault: Vault, case: Case, teacher_id: int) -> list[EventView]:
    """What this respondent was told and said: the notified facts and the statements, never the letter.

    A case sent back may have had another respondent before: what that one was told is not for this one.
    """
    own = {finding.id for finding in case.findings if finding.teacher_id == teacher_id}
    sheets: list[EventView] = []
    is_own = False
    for event in case.events:
        if event.action == CaseAction.PROPOSE:
            is_own = _detail(session, vault, case, event)["finding"] in own
        elif is_own and event.action in {CaseAction.NOTIFY, CaseAction.STATE}:
            detail = _detail(session, vault, case, event)
            sheets.append(
                EventView(event.seq, event.at, event.actor_kind, "", event.action, event.to_status, detail)
            )
    return sheets
