"""A case as the rules see it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from ethics_eval.accounts import queries as account_queries
from ethics_eval.complaints.models import Case
from ethics_eval.complaints.queries.event import detail_of
from ethics_eval.complaints.queries.finding import open_finding
from ethics_eval.complaints.rules import clocks
from ethics_eval.complaints.rules.machine import CaseAction, CaseFacts, CaseStatus, Desk, Outcome
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.vault.service import Vault


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
            names |= set(detail_of(session, vault, case, event).get("investigators", []))
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
