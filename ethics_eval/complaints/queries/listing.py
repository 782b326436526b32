"""The queue: a page of cases, the most urgent first, and how many stand behind each filter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session, aliased, joinedload

from ethics_eval.accounts.models import Account
from ethics_eval.accounts.rules import Actor, Role
from ethics_eval.complaints.models import Case, Complaint
from ethics_eval.complaints.queries.message import unread_cases, unread_counts
from ethics_eval.complaints.queries.paging import PAGE_SIZE
from ethics_eval.complaints.queries.scope import in_scope
from ethics_eval.complaints.rules import clocks
from ethics_eval.complaints.rules.machine import Desk
from ethics_eval.complaints.rules.queueing import ENDED_ON, SOON_DAYS, running_day
from ethics_eval.roster.models import School
from ethics_eval.text import N_

# Counts are exact up to here; beyond it a page says "more than", and takes no longer.
COUNT_CAP = 999


class Group(StrEnum):
    """The first question to a queue."""

    MINE = "mine"
    OPEN = "open"
    OVERDUE = "overdue"
    SOON = "soon"
    ENDED = "ended"
    ALL = "all"


GROUP_LABELS: Mapping[Group, str] = {
    Group.MINE: N_("待我办"),
    Group.OPEN: N_("未办结"),
    Group.OVERDUE: N_("逾期"),
    Group.SOON: N_("三日内到期"),
    Group.ENDED: N_("已办结的"),
    Group.ALL: N_("全部"),
}


@dataclass(frozen=True)
class CaseFilter:
    """What a queue is narrowed to; empty: everything.

    ``status``: a group or one status; ``owner``: ``me`` or ``none``; ``sort``: ``due`` or ``received`` (newest first).
    """

    status: str = ""
    category: str = ""
    desk: str = ""
    text: str = ""
    page: int = 1
    district: str = ""
    stage: str = ""
    source: str = ""
    owner: str = ""
    urgent: bool = False
    unread: bool = False
    sort: str = "due"


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
    version: int = 0
    owner: str = ""
    urgent: bool = False
    unread_count: int = 0


def due_of(case: Case, today: date) -> clocks.Due | None:
    """The clock that runs now (rules.queueing); None when nothing is owed."""
    day = running_day(case)
    return None if day is None else clocks.due(day, today)


_DESK_OF_ROLE: Mapping[Role, Desk] = {
    Role.SCHOOL_OFFICER: Desk.SCHOOL,
    Role.SCHOOL_HEAD: Desk.SCHOOL,
    Role.DISTRICT_OFFICER: Desk.DISTRICT,
    Role.BUREAU_OFFICER: Desk.CITY,
    Role.BUREAU_HEAD: Desk.CITY,
}
_OPEN = Case.queue_on < ENDED_ON


def _in_group(group: Group, actor: Actor, today: date) -> list[ColumnElement[bool]]:
    match group:
        case Group.MINE:
            desk = _DESK_OF_ROLE.get(actor.role) if actor.role else None
            nobodys = and_(Case.owner_id.is_(None), Case.desk == (desk.value if desk else ""))
            return [_OPEN, or_(Case.owner_id == actor.id, nobodys)]
        case Group.OPEN:
            return [_OPEN]
        case Group.OVERDUE:
            return [Case.queue_on < today]
        case Group.SOON:
            return [Case.queue_on >= today, Case.queue_on <= today + timedelta(days=SOON_DAYS)]
        case Group.ENDED:
            return [Case.queue_on == ENDED_ON]
        case Group.ALL:
            return []


def _urgent_cases() -> ColumnElement[bool]:
    # as ids, so that they are read by their own small index, whatever else is asked
    urgent = aliased(Case)
    return Case.id.in_(select(urgent.id).where(urgent.urgent == true()))


def _narrowed(wanted: CaseFilter, actor: Actor) -> list[ColumnElement[bool]]:
    """The conditions of a filter, its group aside."""
    where: list[ColumnElement[bool]] = []
    if wanted.category:
        where.append(Case.category == wanted.category)
    if wanted.desk:
        where.append(Case.desk == wanted.desk)
    if wanted.district:
        where.append(Case.district_code == wanted.district)
    if wanted.stage:
        padded = func.concat(" ", School.stages, " ")
        where.append(Case.school.has(padded.contains(f" {wanted.stage} ", autoescape=True)))
    if wanted.source:
        where.append(Case.id.in_(select(Complaint.case_id).where(Complaint.source == wanted.source)))
    if wanted.owner == "me":
        where.append(Case.owner_id == actor.id)
    elif wanted.owner == "none":
        where.append(Case.owner_id.is_(None))
    if wanted.urgent:
        where.append(_urgent_cases())
    if wanted.unread:
        where.append(Case.id.in_(unread_cases()))
    if wanted.text:
        where.append(
            Case.number.contains(wanted.text, autoescape=True)
            | Case.school.has(School.name.contains(wanted.text, autoescape=True))
        )
    return where


def _conditions(session: Session, actor: Actor, wanted: CaseFilter, today: date) -> list[ColumnElement[bool]]:
    where = [in_scope(session, actor), *_narrowed(wanted, actor)]
    if wanted.status in set(Group):
        where += _in_group(Group(wanted.status), actor, today)
    elif wanted.status:
        where.append(Case.status == wanted.status)
    return where


def _capped(*where: ColumnElement[bool]) -> Any:
    """How many cases, counted no further than one beyond the cap."""
    some = select(Case.id).where(*where).limit(COUNT_CAP + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def queue(session: Session, actor: Actor, wanted: CaseFilter, today: date) -> tuple[list[CaseRow], int]:
    """A page of the actor's cases and how many there are (at most :data:`COUNT_CAP` + 1: more than the cap).

    The most urgent first: by the running clock's day, then those without one, then the ended; ties by arrival, then
    by id, so that every case stands on exactly one page.
    """
    where = _conditions(session, actor, wanted, today)
    total = session.scalar(select(_capped(*where))) or 0
    order = (
        (Case.received_at.desc(), Case.id.desc())
        if wanted.sort == "received"
        else (Case.queue_on, Case.received_at, Case.id)
    )
    cases = list(
        session.scalars(
            select(Case)
            .options(joinedload(Case.school).joinedload(School.district))
            .where(*where)
            .order_by(*order)
            .limit(PAGE_SIZE)
            .offset((wanted.page - 1) * PAGE_SIZE)
        ).unique()
    )
    owners = _names(session, {case.owner_id for case in cases if case.owner_id is not None})
    unread = unread_counts(session, [case.id for case in cases])
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
            version=case.version,
            owner=owners.get(case.owner_id or 0, ""),
            urgent=case.urgent,
            unread_count=unread.get(case.id, 0),
        )
        for case in cases
    ], total


def _names(session: Session, ids: set[int]) -> dict[int, str]:
    if not ids:
        return {}
    rows = session.execute(select(Account.id, Account.display_name).where(Account.id.in_(ids)))
    return {row.id: row.display_name for row in rows}


def owner_name(session: Session, case: Case) -> str:
    """The name of the officer who looks after a case; empty: nobody does."""
    return "" if case.owner_id is None else _names(session, {case.owner_id}).get(case.owner_id, "")


def status_counts(session: Session, actor: Actor) -> dict[str, int]:
    """Status → number of cases in the actor's scope."""
    rows = session.execute(
        select(Case.status, func.count()).where(in_scope(session, actor)).group_by(Case.status)
    )
    return {status: count for status, count in rows}


def group_counts(session: Session, actor: Actor, wanted: CaseFilter, today: date) -> dict[str, int]:
    """Group → number of cases under the other filters, in one query; at most :data:`COUNT_CAP` + 1 each.

    ``unread`` and ``urgent`` are counted among the open ones.
    """
    where = [in_scope(session, actor), *_narrowed(wanted, actor)]
    parts = {group.value: _in_group(group, actor, today) for group in Group}
    parts["urgent"] = [_OPEN, _urgent_cases()]
    parts["unread"] = [Case.id.in_(unread_cases())]
    row = session.execute(select(*(_capped(*where, *part).label(name) for name, part in parts.items()))).one()
    return dict(row._mapping)
