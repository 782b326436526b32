"""The queue: a page of cases, the most urgent first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy import case as case_when
from sqlalchemy.orm import Session, joinedload

from ethics_eval.accounts.rules import Actor
from ethics_eval.complaints.models import Case
from ethics_eval.complaints.queries.paging import PAGE_SIZE
from ethics_eval.complaints.queries.scope import in_scope
from ethics_eval.complaints.rules import clocks
from ethics_eval.complaints.rules.machine import ENDED, CaseStatus
from ethics_eval.roster.models import School


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
    """The day :func:`due_of` goes by, for the order of a queue."""
    return case_when(
        (Case.status == CaseStatus.SUBMITTED.value, Case.register_due_on),
        else_=func.coalesce(Case.reply_due_on, Case.accept_due_on),
    )


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
