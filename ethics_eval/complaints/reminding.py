"""Warning, reminding and telling above, up to an instant: once a level, whatever the ticks.

The query goes by the day a queue is ordered by (an index), and leaves out cases whose present level was given.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.notifying import News, notify_all
from ethics_eval.complaints.models import Case, CaseEvent, Reminder
from ethics_eval.complaints.queries.handlers import Directory, Place
from ethics_eval.complaints.queries.running import HANDS, URGENT_STATUSES, Hand
from ethics_eval.complaints.rules.clocks import NEAR_DAYS, REVIEW_DAYS
from ethics_eval.complaints.rules.machine import CaseAction, Desk
from ethics_eval.complaints.rules.reminding import (
    DEFAULT_SPACING,
    FOR_OWNER,
    LEAD_DAYS,
    Clock,
    Giving,
    Level,
    Spacing,
    addressees,
    giving,
    levels_due,
    urgent_levels_due,
)
from ethics_eval.database import insert_once, new_id
from ethics_eval.roster.rules.calendar import local_day

BATCH = 500
Row = TypeVar("Row")


@dataclass(frozen=True)
class Given:
    """One level given now. ``told_count``: how many people learned of it."""

    case_id: str
    clock: Clock
    level: Level
    told_count: int


_PLACE = (
    Case.id,
    Case.school_id,
    Case.district_code,
    Case.desk,
    Case.recused,
    Case.urgent,
    Case.owner_id,
)


@dataclass(frozen=True)
class _Owed:
    """A clock of a case for which a level may have come."""

    place: Place
    clock: Clock
    due: str
    levels: tuple[Level, ...]


def outstanding(session: Session, at: datetime, *, spacing: Spacing = DEFAULT_SPACING) -> list[str]:
    """The ids of the cases for which a level has come by an instant and was not given, the nearest to its end first."""
    return list(dict.fromkeys(one.place.case_id for one, _giving in _plans(session, at, spacing, None)))


def remind(
    session: Session,
    at: datetime,
    *,
    spacing: Spacing = DEFAULT_SPACING,
    case_ids: Collection[str] | None = None,
) -> list[Given]:
    """Give the levels that have come by an instant, of these cases or of all; empty: nothing was left to give.

    Of several levels of a clock the highest is told and the others count as given (rules.reminding). A level that has
    nobody at the case's desk is marked with ``told_count`` 0. Two workers at once give a level once.
    """
    plans = _plans(session, at, spacing, case_ids)
    rows = [
        {
            "id": new_id(),
            "case_id": one.place.case_id,
            "clock": one.clock.value,
            "due": one.due,
            "level": level.value,
            "given_at": at,
        }
        for one, plan in plans
        for level in plan.marked
    ]
    made = insert_once(session, Reminder, rows)
    ours = {(row["case_id"], row["clock"], row["level"]) for row in rows if row["id"] in made}
    told = [
        (one, plan.told)
        for one, plan in plans
        if plan.told is not None and (one.place.case_id, one.clock.value, plan.told.value) in ours
    ]
    return _tell(session, told, at)


def _tell(session: Session, told: list[tuple[_Owed, Level]], at: datetime) -> list[Given]:
    done = []
    for chunk in _chunks(told):
        directory = Directory(session, [one.place for one, _level in chunk])
        notices = []
        for one, level in chunk:
            roles = addressees(level, one.clock, one.place.standing)
            people = directory.find(one.place, roles, for_owner=level in FOR_OWNER)
            news = News(
                kind=f"reminder.{level}",
                subject_kind="case",
                subject_id=one.place.case_id,
                key=f"reminder:{one.place.case_id}:{one.clock}:{one.due}:{level}",
                detail={"clock": one.clock.value, "due": one.due},
            )
            notices += [(account_id, news) for account_id in people]
            done.append(Given(one.place.case_id, one.clock, level, len(people)))
        notify_all(session, notices, at=at)
    return done


def _plans(
    session: Session, at: datetime, spacing: Spacing, case_ids: Collection[str] | None
) -> list[tuple[_Owed, Giving]]:
    """What is to be given, clock by clock."""
    within: list[ColumnElement[bool]] = [] if case_ids is None else [Case.id.in_(case_ids)]
    owed = _urgent(session, at, within)
    for hand in HANDS:
        owed += _of_days(session, hand, local_day(at), spacing, within)
    plans = []
    for chunk in _chunks(owed):
        given = defaultdict(set)
        rows = session.execute(
            select(Reminder.case_id, Reminder.clock, Reminder.due, Reminder.level).where(
                Reminder.case_id.in_({one.place.case_id for one in chunk})
            )
        )
        for case_id, clock, due, level in rows:
            given[case_id, clock, due].add(Level(level))
        for one in chunk:
            plan = giving(one.levels, given[one.place.case_id, one.clock.value, one.due])
            if plan.marked:
                plans.append((one, plan))
    return plans


def _urgent(session: Session, at: datetime, within: list[ColumnElement[bool]]) -> list[_Owed]:
    rows = session.execute(
        select(*_PLACE, Case.urgent_due_at, Case.received_at)
        .where(
            *within,
            Case.queue_on <= local_day(at) + timedelta(days=1),
            Case.urgent_due_at.is_not(None),
            Case.urgent_in_time.is_(None),
            Case.status.in_([status.value for status in sorted(URGENT_STATUSES)]),
        )
        .order_by(Case.urgent_due_at, Case.id)
    )
    owed = []
    for *place, due_at, started_at in rows:
        if due_at is not None and (levels := urgent_levels_due(started_at, due_at, at)):
            owed.append(_Owed(_place(place), Clock.URGENT, due_at.isoformat(), tuple(levels)))
    return owed


def _of_days(
    session: Session, hand: Hand, today: date, spacing: Spacing, within: list[ColumnElement[bool]]
) -> list[_Owed]:
    rows = session.execute(_candidates(hand, today, spacing).where(*within)).all()
    assigned = _assigned_on(session, [row[0] for row in rows]) if hand.clock is Clock.RETURN else {}
    owed = []
    for case_id, *place, due_on, started in rows:
        if hand.clock is Clock.RETURN:
            begun = assigned.get(case_id, due_on)
        elif hand.clock is Clock.REVIEW:
            begun = due_on - timedelta(days=REVIEW_DAYS)
        else:
            begun = local_day(started) if isinstance(started, datetime) else started or due_on
        levels = levels_due(begun, due_on, today, spacing)
        if levels:
            owed.append(_Owed(_place([case_id, *place]), hand.clock, due_on.isoformat(), tuple(levels)))
    return owed


def _candidates(hand: Hand, today: date, spacing: Spacing) -> Select[Any]:
    """Cases of a clock whose level of today was not given; some have none yet (their period decides)."""
    horizon = today + timedelta(days=LEAD_DAYS)
    present = case(
        *(
            (hand.due <= today - timedelta(days=days), level.value)
            for days, level in (
                (spacing.city, Level.CITY),
                (spacing.district, Level.DISTRICT),
                (spacing.head, Level.HEAD),
                (spacing.officer, Level.OFFICER),
            )
        ),
        else_=Level.DUE.value,
    )
    no_warning = ~_is_given(hand, Reminder.level == Level.WARN.value)
    not_near = ~_is_given(hand, Reminder.level == Level.NEAR.value)
    return (
        select(*_PLACE, hand.due, hand.started)
        .where(
            # the queue goes by the earliest clock; only the internal limit of an assignment is none of its own
            hand.due.is_not(None) if hand.clock is Clock.RETURN else Case.queue_on <= horizon,
            Case.status.in_([status.value for status in sorted(hand.statuses)]),
            hand.due <= horizon,
            *hand.also,
            or_(
                and_(hand.due <= today, ~_is_given(hand, Reminder.level == present)),
                and_(hand.due > today, no_warning),
                and_(hand.due > today, hand.due <= today + timedelta(days=NEAR_DAYS), not_near),
            ),
        )
        .order_by(hand.due, Case.id)
    )


def _is_given(hand: Hand, level: ColumnElement[bool]) -> ColumnElement[bool]:
    return (
        exists()
        .where(
            Reminder.case_id == Case.id,
            Reminder.clock == hand.clock.value,
            Reminder.due == cast(hand.due, String),
            level,
        )
        .correlate(Case)
    )


def _assigned_on(session: Session, case_ids: list[str]) -> dict[str, date]:
    """Case id → the day it was last handed down."""
    found: dict[str, date] = {}
    for chunk in _chunks(case_ids):
        rows = session.execute(
            select(CaseEvent.case_id, func.max(CaseEvent.at))
            .where(CaseEvent.case_id.in_(chunk), CaseEvent.action == CaseAction.ASSIGN.value)
            .group_by(CaseEvent.case_id)
        )
        found |= {case_id: local_day(at) for case_id, at in rows}
    return found


def _place(columns: Sequence[Any]) -> Place:
    case_id, school_id, district_code, desk, recused, urgent, owner_id = columns
    return Place(case_id, school_id, district_code, Desk(desk), recused, urgent, owner_id)


def _chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]
