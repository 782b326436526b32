"""The respondent's own view of a case."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.complaints.models import Case, Finding
from ethics_eval.complaints.queries.event import EventView, detail_of
from ethics_eval.complaints.rules.machine import CaseAction
from ethics_eval.vault.service import Vault


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
            is_own = detail_of(session, vault, case, event)["finding"] in own
        elif is_own and event.action in {CaseAction.NOTIFY, CaseAction.STATE}:
            detail = detail_of(session, vault, case, event)
            sheets.append(
                EventView(event.seq, event.at, event.actor_kind, "", event.action, event.to_status, detail)
            )
    return sheets
