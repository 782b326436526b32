"""A case as the rules see it, gathered from its row and its events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts import queries as account_queries
from ethics_eval.accounts.models import Account
from ethics_eval.accounts.rules import PUBLIC
from ethics_eval.complaints.models import Case, CaseEvent, Complaint, Message
from ethics_eval.complaints.queries.event import detail_of
from ethics_eval.complaints.queries.finding import open_finding
from ethics_eval.complaints.queries.merged import complaints_of, lead_of
from ethics_eval.complaints.rules import clocks
from ethics_eval.complaints.rules.clocks import Pause
from ethics_eval.complaints.rules.finding import HEARING_MEASURES, Measure
from ethics_eval.complaints.rules.machine import (
    WORKING,
    CaseAction,
    CaseFacts,
    CaseStatus,
    Desk,
    Outcome,
    choices,
    height,
    level_of,
)
from ethics_eval.complaints.rules.submission import EX_OFFICIO_CATEGORIES
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.calendar import Calendar, local_day
from ethics_eval.text import RuleViolation
from ethics_eval.vault.service import Vault

A = CaseAction
_INVESTIGATING = frozenset({A.START, A.INVESTIGATE, A.PROPOSE})
_ANSWERING = frozenset({A.DECIDE, A.REPLY, A.ANSWER, A.UPHOLD, A.FINISH})


def case_facts(session: Session, vault: Vault, case: Case, *, at: datetime) -> CaseFacts:
    """The case as the rules see it."""
    draft = open_finding(case)
    people = _people(session, vault, case)
    since_start = _since(case, A.START, A.SEND_BACK, A.QUASH)
    since_draft = {event.action for event in _since(case, A.PROPOSE)}
    answers = [event for event in _since(case, A.QUASH) if event.action in _ANSWERING]
    today = local_day(at)
    calendar = roster_queries.calendar(session)
    assigned = _last(case, A.ASSIGN)
    declined = _last(case, A.DECLINE)
    complaints = complaints_of(session, case)
    return CaseFacts(
        status=CaseStatus(case.status),
        desk=Desk(case.desk),
        school_id=case.school_id,
        district_code=case.district_code,
        recused=case.recused,
        urgent=case.urgent,
        school_matter=case.school_matter,
        investigator_ids=people.investigator_ids,
        investigator_names=people.investigator_names,
        handler_ids=people.handler_ids,
        handler_names=people.handler_names,
        barred_ids=people.barred_ids,
        barred_names=people.barred_names,
        investigated=any(event.action == A.INVESTIGATE for event in since_start),
        proposed_outcome=Outcome(draft.outcome) if draft else None,
        heavy_measure=draft is not None and Measure(draft.measure) in HEARING_MEASURES,
        hearing_asked=A.ASK_HEARING in since_draft,
        hearing_held=A.HOLD_HEARING in since_draft,
        defence_open=_defence_open(case, today, calendar),
        respondent_account_ids=frozenset(
            account
            for finding in case.findings
            if finding.replaced_at is None
            for account in account_queries.accounts_of_teacher(session, finding.teacher_id)
        ),
        respondent_teacher_id=draft.teacher_id if draft else None,
        objection_open=assigned is None
        or today
        <= clocks.objection_ends(local_day(assigned.at), calendar, pauses_of(case, after=assigned.seq)),
        extended=case.extended,
        reply_overdue=case.reply_due_on is not None and today > case.reply_due_on,
        left_at=left_at(case),
        ex_officio=case.urgent
        or bool({case.category, *(row.category for row in complaints)} & EX_OFFICIO_CATEGORIES),
        standing=len({row.id for row in complaints} - withdrawn_ids(session, vault, complaints)),
        declined_at=_highest([declined] if declined else []),
        new_facts=declined is not None and _written_since(session, complaints, declined.at),
        answered_at=_highest(answers),
        review_round=case.review_round,
        review_open=case.review_base_on is not None
        and today <= clocks.review_ask_ends(case.review_base_on, calendar),
        dispute_open=case.disputed_on is not None and case.dispute_answered_on is None,
        unread=_unread(session, complaints),
    )


@dataclass(frozen=True)
class _People:
    investigator_ids: frozenset[int]
    investigator_names: frozenset[str]
    handler_ids: frozenset[int]
    handler_names: frozenset[str]
    barred_ids: frozenset[int]
    barred_names: frozenset[str]


def _people(session: Session, vault: Vault, case: Case) -> _People:
    """Who had which part in the case so far: by account where one acted, by name where one was named."""
    investigator_ids: set[int] = set()
    handler_ids: set[int] = set()
    barred_ids: set[int] = set()
    named: set[str] = set()
    barred_names: set[str] = set()
    for event in case.events:
        if event.action == A.QUASH:
            barred_ids, barred_names = set(handler_ids), set(named)
        if event.action in {A.START, A.QUASH} and event.detail is not None:
            named |= set(detail_of(session, vault, case, event).get("investigators", []))
        if event.actor_id is None:
            continue
        if event.action in _INVESTIGATING:
            investigator_ids.add(event.actor_id)
        if event.action in _INVESTIGATING | _ANSWERING:
            handler_ids.add(event.actor_id)
    names = _names(session, handler_ids)
    return _People(
        investigator_ids=frozenset(investigator_ids),
        investigator_names=frozenset(named),
        handler_ids=frozenset(handler_ids),
        handler_names=frozenset(named | {names[person] for person in handler_ids}),
        barred_ids=frozenset(barred_ids),
        barred_names=frozenset(barred_names | {names[person] for person in barred_ids}),
    )


def _names(session: Session, ids: set[int]) -> dict[int, str]:
    if not ids:
        return {}
    rows = session.execute(select(Account.id, Account.display_name).where(Account.id.in_(ids)))
    return {row.id: row.display_name for row in rows}


def _last(case: Case, *actions: CaseAction) -> CaseEvent | None:
    return next((event for event in reversed(case.events) if event.action in actions), None)


def _since(case: Case, *actions: CaseAction) -> list[CaseEvent]:
    """The events after the last one of these actions; all of them where there was none."""
    last = _last(case, *actions)
    return [event for event in case.events if last is None or event.seq > last.seq]


def _highest(events: Iterable[CaseEvent]) -> Desk:
    levels = [level_of(event.actor_kind) for event in events]
    return max((level for level in levels if level is not None), key=height, default=Desk.SCHOOL)


def left_at(case: Case) -> CaseStatus:
    """The last status in which the handlers were at work, before it was suspended or withdrawn."""
    stood = [CaseStatus(event.to_status) for event in case.events]
    return next((status for status in reversed(stood) if status in WORKING), CaseStatus.SUBMITTED)


def pauses_of(case: Case, *, after: int = 0) -> list[Pause]:
    """The times a case stood still (suspended, or withdrawn and then continued) that began after this event."""
    pauses: list[Pause] = []
    start: date | None = None
    for event in case.events:
        if event.seq > after and event.to_status in {CaseStatus.SUSPENDED, CaseStatus.WITHDRAWN}:
            start = start or local_day(event.at)
        elif start is not None and event.action in {A.RESUME, A.CONTINUE}:
            pauses.append(Pause(start, local_day(event.at)))
            start = None
    return pauses


def reply_day(case: Case, calendar: Calendar) -> date | None:
    """The day by which the reply is due, from the events alone: acceptance or quashing, extension, pauses."""
    base = _last(case, A.ACCEPT, A.QUASH)
    if base is None:
        return None
    extended = any(event.action == A.EXTEND and event.seq > base.seq for event in case.events)
    return clocks.reply_due(
        local_day(base.at), calendar, extended=extended, pauses=pauses_of(case, after=base.seq)
    )


def _defence_open(case: Case, today: date, calendar: Calendar) -> bool:
    told = _last(case, A.NOTIFY)
    if case.status != CaseStatus.HEARING.value or case.stated or case.notified_on is None or told is None:
        return False
    return today <= clocks.defence_ends(case.notified_on, calendar, pauses_of(case, after=told.seq))


def withdrawn_ids(session: Session, vault: Vault, complaints: Iterable[Complaint]) -> set[str]:
    """Of these complaints those whose senders withdrew them, whether or not the bureau went on."""
    cases = {case.id: case for row in complaints for case in (row.case, lead_of(session, row.case))}
    return {
        str(detail_of(session, vault, case, event).get("complaint", ""))
        for case in cases.values()
        for event in case.events
        if event.action == A.WITHDRAW
    }


def _written_since(session: Session, complaints: Iterable[Complaint], at: datetime) -> bool:
    written = select(Message.id).where(
        Message.complaint_id.in_([row.id for row in complaints]),
        Message.direction == "from_complainant",
        Message.sent_at > at,
    )
    return session.scalar(written.limit(1)) is not None


def _unread(session: Session, complaints: Iterable[Complaint]) -> bool:
    waiting = select(Message.id).where(
        Message.complaint_id.in_([row.id for row in complaints]),
        Message.direction == "from_complainant",
        Message.read_at.is_(None),
    )
    return session.scalar(waiting.limit(1)) is not None


def complainant_choices(
    session: Session, vault: Vault, complaint: Complaint, at: datetime
) -> list[tuple[CaseAction, RuleViolation | None]]:
    """What the sender of a complaint can do now (withdraw, ask for 复查 or 复核), each with why not (None: allowed)."""
    facts = case_facts(session, vault, lead_of(session, complaint.case), at=at)
    withdrew = complaint.id in withdrawn_ids(session, vault, [complaint])
    return [
        (action, why)
        for action, why in choices(facts, PUBLIC)
        if not (withdrew and action is CaseAction.WITHDRAW)
    ]
