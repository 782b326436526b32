"""Which clocks of a case run, and which have run out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from ethics_eval.complaints.models import Case
from ethics_eval.complaints.rules.clocks import REVIEW_DAYS
from ethics_eval.complaints.rules.machine import ENDED, CaseStatus
from ethics_eval.complaints.rules.reminding import Clock
from ethics_eval.roster.rules.calendar import local_day

S = CaseStatus


@dataclass(frozen=True)
class Running:
    """A clock that runs towards a day. ``started_on``: None where only the steps of the case say it."""

    clock: Clock
    started_on: date | None
    due_on: date


_HANDLED = frozenset({S.ACCEPTED, S.ASSIGNED, S.INVESTIGATING, S.FINDING_DRAFT, S.HEARING, S.DECIDED})
# to the assignee belongs what is done until a finding is proposed
_HANDED_DOWN = frozenset({S.ASSIGNED, S.INVESTIGATING})
_URGENT_STATUSES = frozenset(S) - ENDED - {S.SUSPENDED}

# What the functions below need of a case, where it is not read whole.
CLOCKED = (
    Case.status,
    Case.received_at,
    Case.register_due_on,
    Case.accept_due_on,
    Case.accepted_on,
    Case.reply_due_on,
    Case.return_due_on,
    Case.review_due_on,
    Case.disputed_on,
    Case.dispute_due_on,
    Case.dispute_answered_on,
    Case.urgent_due_at,
    Case.urgent_in_time,
)


def running_clocks(case: Case | Any) -> list[Running]:
    """The clocks in days that run now: none while the case is suspended; a dispute's after the end of the others.

    Args: case: the case, or a row of :data:`CLOCKED`.
    """
    status = CaseStatus(case.status)
    if status is S.SUSPENDED:
        return []
    received_on = local_day(case.received_at)
    found: list[tuple[Clock, date | None, date | None]] = []
    if status is S.SUBMITTED:
        found.append((Clock.REGISTER, received_on, case.register_due_on))
    if status in {S.SUBMITTED, S.REGISTERED}:
        found.append((Clock.ACCEPT, received_on, case.accept_due_on))
    if status in _HANDLED:
        found.append((Clock.REPLY, case.accepted_on, case.reply_due_on))
    if status in _HANDED_DOWN:
        found.append((Clock.RETURN, None, case.return_due_on))
    if status in {S.REVIEW, S.FINAL_REVIEW} and case.review_due_on is not None:
        asked_on = case.review_due_on - timedelta(days=REVIEW_DAYS)
        found.append((Clock.REVIEW, asked_on, case.review_due_on))
    if case.dispute_answered_on is None:
        found.append((Clock.DISPUTE, case.disputed_on, case.dispute_due_on))
    return [Running(clock, started, due) for clock, started, due in found if due is not None]


def urgent_end(case: Case | Any) -> datetime | None:
    """The instant an urgent case's clock runs to; None: it has none, or it stands."""
    runs = case.urgent_in_time is None and CaseStatus(case.status) in _URGENT_STATUSES
    end: datetime | None = case.urgent_due_at if runs else None
    return end


def is_overdue(at: datetime) -> ColumnElement[bool]:
    """The condition that a clock of the case has run out by an instant."""
    today = local_day(at)
    return or_(
        Case.queue_on < today,
        and_(Case.return_due_on < today, Case.status.in_([status.value for status in sorted(_HANDED_DOWN)])),
        and_(
            Case.urgent_due_at <= at,
            Case.urgent_in_time.is_(None),
            Case.status.in_([status.value for status in sorted(_URGENT_STATUSES)]),
        ),
    )


def overdue_clocks(case: Case | Any, at: datetime) -> list[tuple[Clock, date]]:
    """The clocks that have run out by an instant, each with the day it was due, the longest overdue first."""
    today, end = local_day(at), urgent_end(case)
    found = [(clock.clock, clock.due_on) for clock in running_clocks(case) if clock.due_on < today]
    if end is not None and end <= at:
        found.append((Clock.URGENT, local_day(end)))
    return sorted(found, key=lambda pair: pair[1])
