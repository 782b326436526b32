"""Warning, reminding and telling above, up to an instant: once a level, whatever the ticks.

A case says itself on which day it is next to be looked at (``Case.remind_on``, an index): a tick looks at no other,
however many there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from ethics_eval.accounts.notifying import News, notify_all
from ethics_eval.complaints.models import Case, CaseEvent, Finding, Remedy, Reminder
from ethics_eval.complaints.queries.handlers import Directory, Place
from ethics_eval.complaints.queries.remedy import answering_place
from ethics_eval.complaints.queries.running import CLOCKED, running_clocks, urgent_end
from ethics_eval.complaints.rules.machine import CaseAction, Desk
from ethics_eval.complaints.rules.reminding import (
    DEFAULT_SPACING,
    FOR_OWNER,
    Clock,
    Giving,
    Level,
    Spacing,
    addressees,
    giving,
    levels_due,
    next_moment,
    urgent_levels_due,
)
from ethics_eval.database import insert_once, new_id
from ethics_eval.roster.rules.calendar import local_day

BATCH = 200  # a write lock is held no longer than a submission may wait
NEVER = date(9999, 12, 31)
Item = TypeVar("Item")


@dataclass(frozen=True)
class Given:
    """One level given now. ``told_count``: how many people learned of it."""

    case_id: str
    clock: Clock
    level: Level
    told_count: int


@dataclass(frozen=True)
class _Owed:
    """A clock of a case with the levels that have come. ``due``: as :class:`Reminder` keeps it."""

    place: Place
    clock: Clock
    due: str
    levels: tuple[Level, ...]


_PLACE = (
    Case.id,
    Case.version,
    Case.school_id,
    Case.district_code,
    Case.desk,
    Case.recused,
    Case.urgent,
    Case.owner_id,
)


# A case that changed meanwhile has another version, and is looked at once more.
_LOOKED_AT = (
    update(Case.metadata.tables["case_file"])
    .where(Case.id == bindparam("seen_id"), Case.version == bindparam("seen_version"))
    .values(remind_on=bindparam("next_on"))
)


def outstanding(session: Session, at: datetime) -> list[str]:
    """The ids of the cases to be looked at by an instant, the longest waiting first."""
    today = local_day(at)
    return list(
        session.scalars(
            select(Case.id).where(Case.remind_on <= today).order_by(Case.remind_on, Case.queue_on, Case.id)
        )
    )


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
    done: list[Given] = []
    for ids in _chunks(sorted(case_ids) if case_ids is not None else outstanding(session, at)):
        done += _remind(session, at, spacing, ids)
    return done


def remind_remedies(session: Session, at: datetime, *, spacing: Spacing = DEFAULT_SPACING) -> int:
    """Give the levels that have come of the teachers' open remedies; how many notices are new.

    Of each only the highest is told, as for a case; the notice's key makes it happen once.
    """
    today = local_day(at)
    owed: list[tuple[Place, Remedy, Level]] = []
    for remedy in session.scalars(
        select(Remedy)
        .join(Finding, Finding.id == Remedy.finding_id)
        .where(Remedy.result.is_(None), Finding.revoked_at.is_(None))
        .order_by(Remedy.due_on, Remedy.id)
    ):
        levels = levels_due(local_day(remedy.asked_at), remedy.due_on, today, spacing)
        owed += [(answering_place(session, remedy), remedy, level) for level in levels[-1:]]
    directory = Directory(session, [place for place, _remedy, _level in owed])
    told = []
    for place, remedy, level in owed:
        due = remedy.due_on.isoformat()
        news = News(
            kind=f"reminder.{level}",
            subject_kind="case",
            subject_id=place.case_id,
            key=f"reminder:{remedy.id}:{due}:{level}",
            detail={"clock": Clock.REMEDY.value, "due": due},
        )
        told += [
            (person, news)
            for person in directory.find(place, addressees(level, Clock.REMEDY, place.standing))
        ]
    return notify_all(session, told, at=at) if told else 0


def _remind(session: Session, at: datetime, spacing: Spacing, case_ids: Sequence[str]) -> list[Given]:
    cases = session.execute(
        select(*_PLACE, *CLOCKED).where(Case.id.in_(case_ids), Case.remind_on <= local_day(at))
    ).all()
    assigned = _assigned_on(session, case_ids)
    given = _given_before(session, case_ids)
    plans: list[tuple[_Owed, Giving]] = []
    seen: list[dict[str, Any]] = []
    for case in cases:
        owed, next_on = _look(case, at, spacing, assigned.get(case.id))
        for one in owed:
            plan = giving(one.levels, given[case.id, one.clock.value, one.due])
            if plan.marked:
                plans.append((one, plan))
        seen.append({"seen_id": case.id, "seen_version": case.version, "next_on": next_on})
    if seen:
        session.connection().execute(_LOOKED_AT, seen)
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


def _look(case: Any, at: datetime, spacing: Spacing, assigned_on: date | None) -> tuple[list[_Owed], date]:
    """The clocks of a case with levels that have come, and the day it is next to be looked at."""
    place, today = _place(case), local_day(at)
    owed, days = [], [NEVER]
    for clock in running_clocks(case):
        started_on = clock.started_on or assigned_on or clock.due_on
        levels = levels_due(started_on, clock.due_on, today, spacing)
        if levels:
            owed.append(_Owed(place, clock.clock, clock.due_on.isoformat(), tuple(levels)))
        days.append(next_moment(started_on, clock.due_on, today, spacing) or NEVER)
    end = urgent_end(case)
    if end is not None:
        levels = urgent_levels_due(case.received_at, end, at)
        if levels:
            owed.append(_Owed(place, Clock.URGENT, end.isoformat(), tuple(levels)))
        if end > at:
            days.append(today)  # it goes by minutes: looked at in every tick
    return owed, min(days)


def _given_before(
    session: Session, case_ids: Collection[str]
) -> defaultdict[tuple[str, str, str], set[Level]]:
    given: defaultdict[tuple[str, str, str], set[Level]] = defaultdict(set)
    rows = session.execute(
        select(Reminder.case_id, Reminder.clock, Reminder.due, Reminder.level).where(
            Reminder.case_id.in_(case_ids)
        )
    )
    for case_id, clock, due, level in rows:
        given[case_id, clock, due].add(Level(level))
    return given


def _assigned_on(session: Session, case_ids: Collection[str]) -> dict[str, date]:
    """Case id → the day it was last handed down."""
    rows = session.execute(
        select(CaseEvent.case_id, func.max(CaseEvent.at))
        .where(CaseEvent.case_id.in_(case_ids), CaseEvent.action == CaseAction.ASSIGN.value)
        .group_by(CaseEvent.case_id)
    )
    return {case_id: local_day(at) for case_id, at in rows}


def _tell(session: Session, told: list[tuple[_Owed, Level]], at: datetime) -> list[Given]:
    done, notices = [], []
    if told:
        directory = Directory(session, [one.place for one, _level in told])
        for one, level in told:
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


def _place(case: Any) -> Place:
    return Place(
        case_id=case.id,
        school_id=case.school_id,
        district_code=case.district_code,
        desk=Desk(case.desk),
        recused=case.recused,
        urgent=case.urgent,
        owner_id=case.owner_id,
    )


def _chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
