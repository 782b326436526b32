"""The teacher's remedies: what was asked and answered, and the queue of those who answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ethics_eval.accounts.models import Account
from ethics_eval.accounts.rules import Actor, Permission
from ethics_eval.complaints.models import Case, Finding, Remedy
from ethics_eval.complaints.queries.event import detail_of
from ethics_eval.complaints.queries.facts import case_facts
from ethics_eval.complaints.queries.handlers import Place, place_of
from ethics_eval.complaints.queries.measure import decided_desk
from ethics_eval.complaints.queries.scope import content_cipher, in_scope
from ethics_eval.complaints.rules import clocks
from ethics_eval.complaints.rules.machine import BURDENING, CaseAction, Desk
from ethics_eval.complaints.rules.remedy import (
    Involved,
    RemedyFacts,
    RemedyKind,
    RemedyResult,
    last_day,
    next_kind,
    reviewing_desk,
)
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.models import School
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.vault.service import Vault


@dataclass(frozen=True)
class RemedyView:
    """A remedy opened for a reader. ``desk``: who decides; None: the level above the city."""

    id: str
    kind: RemedyKind
    desk: Desk | None
    grounds: str
    asked_at: datetime
    due_on: date
    extended: bool
    result: RemedyResult | None
    reasons: str
    decided_at: datetime | None
    decided_in_time: bool | None


@dataclass(frozen=True)
class Decision:
    """A decided finding as its subject reads it. ``grounds``: as decided, not as proposed; ``desk``: who decided."""

    id: str
    outcome: str
    category: str
    severity: str
    points: int
    repeat: bool
    veto: bool
    grounds: str
    desk: Desk
    decided_at: datetime
    window_ends_on: date | None
    effective_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class RemedyRow:
    """A line of the queue of open remedies."""

    id: str
    case_number: str
    school: str
    district: str
    category: str
    kind: RemedyKind
    desk: Desk | None
    asked_at: datetime
    due: clocks.Due


def remedy_facts(finding: Finding) -> RemedyFacts:
    """What was asked on a finding so far, as the rules see it."""
    found = {RemedyKind(row.kind): row for row in finding.remedies}
    first, second = found.get(RemedyKind.RECONSIDERATION), found.get(RemedyKind.APPEAL)
    return RemedyFacts(
        window_ends_on=finding.window_ends_on,
        reconsidered=first is not None,
        reconsideration_result=RemedyResult(first.result) if first and first.result else None,
        reconsidered_on=local_day(first.decided_at) if first and first.decided_at else None,
        appealed=second is not None,
        appeal_result=RemedyResult(second.result) if second and second.result else None,
        revoked=finding.revoked_at is not None,
    )


def next_remedy(session: Session, finding: Finding, today: date) -> tuple[RemedyKind, date] | None:
    """What the teacher can ask for now, and the last day for it; None: nothing."""
    facts = remedy_facts(finding)
    kind, ends = next_kind(facts), last_day(facts, roster_queries.calendar(session))
    return (kind, ends) if kind is not None and ends is not None and today <= ends else None


def open_remedy(finding: Finding) -> Remedy | None:
    """The remedy that waits for its decision."""
    return next((row for row in finding.remedies if row.result is None), None)


def remedies_of(session: Session, vault: Vault, finding: Finding, actor: Actor | None) -> list[RemedyView]:
    """What was asked and answered on a finding, oldest first. Raises: KeyMissing: not for this reader."""
    if not finding.remedies:
        return []
    cipher = content_cipher(session, vault, finding.case, actor)
    decided_at = decided_desk(session, finding)
    return [
        RemedyView(
            id=row.id,
            kind=RemedyKind(row.kind),
            desk=reviewing_desk(RemedyKind(row.kind), decided_at),
            grounds=cipher.unseal_json(row.grounds, f"remedy:grounds:{row.id}")["text"],
            asked_at=row.asked_at,
            due_on=row.due_on,
            extended=row.extended,
            result=RemedyResult(row.result) if row.result else None,
            reasons=cipher.unseal_json(row.reasons, f"remedy:reasons:{row.id}")["text"]
            if row.reasons
            else "",
            decided_at=row.decided_at,
            decided_in_time=row.decided_in_time,
        )
        for row in finding.remedies
    ]


def own_finding(session: Session, case: Case, teacher_id: int | None) -> Finding | None:
    """The teacher's own decided finding of a case, the last one: revoked ones too, which are told as such."""
    return next(
        (
            row
            for row in reversed(case.findings)
            if row.teacher_id == teacher_id
            and row.decided_at is not None
            and row.replaced_at is None
            and row.outcome in {outcome.value for outcome in BURDENING}
        ),
        None,
    )


def turn_of(finding: Finding) -> RemedyKind:
    """Which remedy is the next, or would be if it were time."""
    return next_kind(remedy_facts(finding)) or (
        RemedyKind.APPEAL if finding.remedies else RemedyKind.RECONSIDERATION
    )


def decision_of(session: Session, vault: Vault, case: Case, finding: Finding) -> Decision | None:
    """The decision on a finding, opened by the system for the teacher it is about; None: not decided."""
    if finding.decided_at is None:
        return None
    grounds = ""
    for event in case.events:
        if event.action == CaseAction.DECIDE:
            detail = detail_of(session, vault, case, event)
            grounds = detail["grounds"] if detail.get("finding") == finding.id else grounds
    return Decision(
        id=finding.id,
        outcome=finding.outcome,
        category=finding.category,
        severity=finding.severity,
        points=finding.points,
        repeat=finding.repeat,
        veto=finding.veto,
        grounds=grounds,
        desk=decided_desk(session, finding),
        decided_at=finding.decided_at,
        window_ends_on=finding.window_ends_on,
        effective_at=finding.effective_at,
        revoked_at=finding.revoked_at,
    )


def remedy_queue(session: Session, actor: Actor, today: date) -> list[RemedyRow]:
    """The open remedies in the actor's scope, the most urgent first; never one on the actor's own person."""
    rows = session.scalars(
        select(Remedy)
        .join(Finding, Finding.id == Remedy.finding_id)
        .join(Case, Case.id == Finding.case_id)
        .options(
            joinedload(Remedy.finding)
            .joinedload(Finding.case)
            .joinedload(Case.school)
            .joinedload(School.district)
        )
        .where(
            Remedy.result.is_(None),
            Finding.revoked_at.is_(None),  # quashed meanwhile: there is nothing left to review
            in_scope(session, actor, Permission.REMEDY_DECIDE),
        )
        .order_by(Remedy.due_on, Remedy.asked_at, Remedy.id)
    ).unique()
    found = []
    for row in rows:
        case, kind = row.finding.case, RemedyKind(row.kind)
        found.append(
            RemedyRow(
                id=row.id,
                case_number=case.number,
                school=case.school.name,
                district=case.school.district.name,
                category=row.finding.category,
                kind=kind,
                desk=reviewing_desk(kind, decided_desk(session, row.finding)),
                asked_at=row.asked_at,
                due=clocks.due(row.due_on, today),
            )
        )
    return found


def answering_place(session: Session, remedy: Remedy) -> Place:
    """The case of a remedy as lying at the desk that answers it: what the level above the city decides, the city."""
    desk = reviewing_desk(RemedyKind(remedy.kind), decided_desk(session, remedy.finding))
    return replace(place_of(remedy.finding.case), desk=desk or Desk.CITY)


def find_remedy(session: Session, actor: Actor, remedy_id: str, *, lock: bool = False) -> Remedy | None:
    """A remedy inside the actor's scope; ``lock``: its case is held for a change in this transaction."""
    query = (
        select(Remedy)
        .join(Finding, Finding.id == Remedy.finding_id)
        .join(Case, Case.id == Finding.case_id)
        .where(Remedy.id == remedy_id, in_scope(session, actor, Permission.REMEDY_DECIDE))
    )
    if lock:
        query = query.with_for_update(of=[Remedy, Case])
    return session.scalars(query).first()


def involved_in(session: Session, vault: Vault, finding: Finding, *, at: datetime) -> Involved:
    """Who investigated, proposed or decided what is under review, or decided on an earlier remedy or a measure."""
    facts = case_facts(session, vault, finding.case, at=at)
    ids = {
        *facts.investigator_ids,
        finding.proposed_by_id,
        finding.decided_by_id,
        *(row.decided_by_id for row in finding.remedies),
        *(row.decided_by_id for row in finding.measures),
    }
    known = frozenset(person for person in ids if person is not None)
    names = session.scalars(select(Account.display_name).where(Account.id.in_(known)))
    return Involved(known, facts.investigator_names | frozenset(names))
