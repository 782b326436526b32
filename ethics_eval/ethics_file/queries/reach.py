"""Whose files a reader could open, and which are open: by scope, and beyond the school only after saying what for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, false, or_, select, true
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account
from ethics_eval.accounts.rules import Actor, Permission, Scope, scope_of
from ethics_eval.ethics_file.models import FileAccess
from ethics_eval.ethics_file.queries.certificates import RECENT
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.models import District, Posting, School, Teacher
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.roster.rules.teacher import GONE

MOST_PEOPLE = 20  # found at once
LEAST_TEXT = 2
_PRESENT = Posting.status.not_in([status.value for status in GONE])


@dataclass(frozen=True)
class Person:
    """A teacher whose file the reader could open, with the latest posting; nothing of the file itself."""

    id: int
    number: str
    name: str
    school_id: int
    school_code: str
    school: str
    district: str
    stage: str


@dataclass(frozen=True)
class Opening:
    """A file opened for a purpose. ``by``, ``role``: who opened it; ``teacher``, ``number``: whose it is."""

    id: int
    teacher: str
    number: str
    by: str
    role: str
    purpose: str
    reason: str
    opened_at: datetime
    ends_at: datetime


def within_reach(actor: Actor, on: date) -> ColumnElement[bool]:
    """The condition on :class:`Teacher` that the reader could open the file: of those present at the own school or
    in the own district on a day, of anyone in the city, or the own.
    """
    there = select(Posting.id).where(Posting.teacher_id == Teacher.id, roster_queries.valid_on(on), _PRESENT)
    match scope_of(actor, Permission.FILE_READ):
        case Scope.OWN_PERSON:
            return Teacher.id == (actor.teacher_id or 0)
        case Scope.OWN_SCHOOL:
            return exists(there.where(Posting.school_id == (actor.school_id or 0)))
        case Scope.OWN_DISTRICT:
            return exists(
                there.join(School, School.id == Posting.school_id).where(
                    School.district_code == (actor.district_code or "")
                )
            )
        case Scope.CITY:
            return true()
        case _:
            return false()


def person_of(session: Session, actor: Actor, number: str, *, at: datetime) -> Person | None:
    """A teacher by number within the reader's reach; None: unknown, or not theirs."""
    query = select(Teacher.id).where(Teacher.number == number, within_reach(actor, local_day(at)))
    return next(iter(_people(session, session.scalars(query))), None)


def find_people(session: Session, actor: Actor, text: str, *, at: datetime) -> list[Person]:
    """Teachers within reach by number or part of the name, the first MOST_PEOPLE by number.

    Nobody for less than two letters.
    """
    wanted = text.strip()
    if len(wanted) < LEAST_TEXT:
        return []
    named = Teacher.name.contains(wanted, autoescape=True)
    query = (
        select(Teacher.id)
        .where(or_(Teacher.number == wanted, named), within_reach(actor, local_day(at)))
        .order_by(Teacher.number)
        .limit(MOST_PEOPLE)
    )
    return _people(session, session.scalars(query))


def staff_of_school(session: Session, actor: Actor, *, at: datetime) -> list[Person]:
    """Everyone present at the reader's own school, by name; nobody for other readers."""
    if scope_of(actor, Permission.FILE_READ) is not Scope.OWN_SCHOOL:
        return []
    rows = roster_queries.teachers_of_school(
        session,
        actor.school_id or 0,
        on=local_day(at),
        reach=roster_queries.Reach(school_id=actor.school_id),
    )
    order = {
        teacher_id: place for place, teacher_id in enumerate(dict.fromkeys(row.teacher_id for row in rows))
    }
    return sorted(_people(session, order), key=lambda person: order[person.id])


def _people(session: Session, teacher_ids: Iterable[int]) -> list[Person]:
    """With each one's latest posting, the open ones first; in order of number."""
    rows = session.execute(
        select(
            Teacher.id,
            Teacher.number,
            Teacher.name,
            School.id,
            School.code,
            School.name,
            District.name,
            Posting.stage,
        )
        .join(Posting, Posting.teacher_id == Teacher.id)
        .join(School, School.id == Posting.school_id)
        .join(District, District.code == School.district_code)
        .where(Teacher.id.in_(list(teacher_ids)))
        .order_by(Teacher.number, Posting.ends_on.is_not(None), Posting.starts_on.desc(), Posting.id)
    )
    found: dict[int, Person] = {}
    for row in rows:
        found.setdefault(row[0], Person(*row))
    return list(found.values())


# --- openings -----------------------------------------------------------------------------------------------


def _openings() -> Select[*tuple[Any, ...]]:
    return (
        select(
            FileAccess.id,
            Teacher.name,
            Teacher.number,
            Account.display_name,
            Account.role,
            FileAccess.purpose,
            FileAccess.reason,
            FileAccess.opened_at,
            FileAccess.ends_at,
        )
        .join(Teacher, Teacher.id == FileAccess.teacher_id)
        .join(Account, Account.id == FileAccess.account_id)
        .order_by(FileAccess.opened_at.desc(), FileAccess.id.desc())
    )


def open_now(session: Session, actor: Actor, teacher_id: int, *, at: datetime) -> Opening | None:
    """The reader's latest opening of a file that has not ended; None: it is not open to this reader."""
    row = session.execute(
        _openings()
        .where(
            FileAccess.teacher_id == teacher_id,
            FileAccess.account_id == (actor.id or 0),
            FileAccess.ends_at > at,
        )
        .limit(1)
    ).first()
    return None if row is None else Opening(*row)


def is_open(session: Session, actor: Actor, teacher_id: int, *, at: datetime) -> bool:
    """Whether the reader may see a file within reach now: the own, of the own school, or opened for a purpose."""
    if scope_of(actor, Permission.FILE_READ) in {Scope.OWN_PERSON, Scope.OWN_SCHOOL}:
        return True
    return open_now(session, actor, teacher_id, at=at) is not None


def own_openings(session: Session, actor: Actor) -> list[Opening]:
    """What the reader opened, the latest 50 (``RECENT``) first."""
    rows = session.execute(_openings().where(FileAccess.account_id == (actor.id or 0)).limit(RECENT))
    return [Opening(*row) for row in rows]


def openings_of_teacher(session: Session, teacher_id: int) -> list[Opening]:
    """Who opened a teacher's file and what for, the latest first."""
    rows = session.execute(_openings().where(FileAccess.teacher_id == teacher_id))
    return [Opening(*row) for row in rows]
