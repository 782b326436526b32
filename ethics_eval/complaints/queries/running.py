"""Which clocks of a case run, as the table has them; and which have run out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, null, or_
from sqlalchemy.orm import InstrumentedAttribute

from ethics_eval.complaints.models import Case
from ethics_eval.complaints.rules.machine import ENDED, CaseStatus
from ethics_eval.complaints.rules.reminding import Clock
from ethics_eval.roster.rules.calendar import local_day

S = CaseStatus


@dataclass(frozen=True)
class Hand:
    """How a clock stands in the table: in which statuses it runs, by which column, from when."""

    clock: Clock
    statuses: frozenset[CaseStatus]
    due: InstrumentedAttribute[Any]
    started: ColumnElement[Any] | InstrumentedAttribute[Any]
    also: tuple[ColumnElement[bool], ...] = ()


_HANDLED = frozenset({S.ACCEPTED, S.ASSIGNED, S.INVESTIGATING, S.FINDING_DRAFT, S.HEARING, S.DECIDED})
# to the assignee belongs what is done until a finding is proposed
_HANDED_DOWN = frozenset({S.ASSIGNED, S.INVESTIGATING})
# a suspended case's clocks stand; a dispute's runs after the end of the others
HANDS = (
    Hand(Clock.REGISTER, frozenset({S.SUBMITTED}), Case.register_due_on, Case.received_at),
    Hand(Clock.ACCEPT, frozenset({S.SUBMITTED, S.REGISTERED}), Case.accept_due_on, Case.received_at),
    Hand(Clock.REPLY, _HANDLED, Case.reply_due_on, Case.accepted_on),
    Hand(Clock.RETURN, _HANDED_DOWN, Case.return_due_on, null()),
    Hand(Clock.REVIEW, frozenset({S.REVIEW, S.FINAL_REVIEW}), Case.review_due_on, null()),
    Hand(
        Clock.DISPUTE,
        frozenset(S) - {S.SUSPENDED},
        Case.dispute_due_on,
        Case.disputed_on,
        (Case.dispute_answered_on.is_(None),),
    ),
)
URGENT_STATUSES = frozenset(S) - ENDED - {S.SUSPENDED}


def is_overdue(at: datetime) -> ColumnElement[bool]:
    """The condition that a clock of the case has run out by an instant."""
    today = local_day(at)
    return or_(
        Case.queue_on < today,
        and_(Case.return_due_on < today, Case.status.in_([status.value for status in sorted(_HANDED_DOWN)])),
        and_(
            Case.urgent_due_at <= at,
            Case.urgent_in_time.is_(None),
            Case.status.in_([status.value for status in sorted(URGENT_STATUSES)]),
        ),
    )


def overdue_clocks(case: Case, at: datetime) -> list[tuple[Clock, date]]:
    """The clocks of a case that have run out by an instant, each with the day it was due, the latest overdue first."""
    status, today = CaseStatus(case.status), local_day(at)
    found = []
    for hand in HANDS:
        due: date | None = getattr(case, hand.due.key)
        is_open = hand.clock is not Clock.DISPUTE or case.dispute_answered_on is None
        if status in hand.statuses and due is not None and due < today and is_open:
            found.append((hand.clock, due))
    if (
        case.urgent_due_at is not None
        and case.urgent_due_at <= at
        and case.urgent_in_time is None
        and status in URGENT_STATUSES
    ):
        found.append((Clock.URGENT, local_day(case.urgent_due_at)))
    return sorted(found, key=lambda pair: pair[1])
