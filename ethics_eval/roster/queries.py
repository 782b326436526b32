"""Reads of districts, schools, teachers, postings, semesters and the calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session

from ethics_eval.database import driver_rows
from ethics_eval.roster.models import CalendarDay, District, Posting, School, Semester, Teacher
from ethics_eval.roster.rules.calendar import Calendar
from ethics_eval.roster.rules.pinyin import person_fits, person_keys, school_fit
from ethics_eval.roster.rules.school import STAGE_LABELS, Stage
from ethics_eval.roster.rules.semester import weeks_in_post
from ethics_eval.roster.rules.teacher import GONE, LEADERS, Position, PostingStatus, not_rated_reason


@dataclass(frozen=True)
class Reach:
    """How far the reader may see persons: one school, one district, or the city where both are None."""

    school_id: int | None = None
    district_code: str | None = None

    def schools(self) -> ColumnElement[bool]:
        """The condition on :class:`School`."""
        if self.school_id is not None:
            return School.id == self.school_id
        return true() if self.district_code is None else School.district_code == self.district_code


CITY = Reach()


# --- districts and schools ----------------------------------------------------------------------------------


def districts(session: Session) -> list[District]:
    """The nine, by code."""
    return list(session.scalars(select(District).order_by(District.code)))


def district_by_code(session: Session, code: str) -> District | None:
    """By its official code of six digits."""
    return session.get(District, code)


def school_by_code(session: Session, code: str) -> School | None:
    """By 学校标识码."""
    return session.scalars(select(School).where(School.code == code)).first()


def find_schools(
    session: Session, text: str, district_code: str | None = None, limit: int = 20, offset: int = 0
) -> list[School]:
    """Schools by name, pinyin or initials, the best fits first, at most ``limit`` from ``offset`` on.

    An empty text lists the schools by pinyin, page by page. Equal fits: by pinyin, then code. Schools are
    public; there is no scope. All names of the city are compared (1743 in about 10 ms).
    """
    within = true() if district_code is None else School.district_code == district_code
    if not text.strip():
        page = select(School).where(within).order_by(School.pinyin, School.code).limit(limit).offset(offset)
        return list(session.scalars(page))
    rows = session.execute(
        select(School.id, School.code, School.name, District.name, School.pinyin, School.initials)
        .join(District, School.district_code == District.code)
        .where(within)
    )
    found = sorted(
        (fit, pinyin, code, school_id)
        for school_id, code, name, district, pinyin, initials in rows
        if (fit := school_fit(text, name=name, district=district, pinyin=pinyin, initials=initials))
        is not None
    )
    ids = [school_id for *_order, school_id in found[offset : offset + limit]]
    schools = {school.id: school for school in session.scalars(select(School).where(School.id.in_(ids)))}
    return [schools[school_id] for school_id in ids]


# --- teachers and postings ----------------------------------------------------------------------------------


def valid_on(day: date) -> ColumnElement[bool]:
    """The condition on :class:`Posting` that it holds on a day."""
    return and_(Posting.starts_on <= day, or_(Posting.ends_on.is_(None), Posting.ends_on >= day))


_PRESENT = Posting.status.not_in([status.value for status in GONE])


def teacher_by_number(session: Session, number: str) -> Teacher | None:
    """By 教师编码."""
    return session.scalars(select(Teacher).where(Teacher.number == number)).first()


def teacher_by_id(session: Session, teacher_id: int) -> Teacher | None:
    """By the database's own id, as an account names its teacher."""
    return session.get(Teacher, teacher_id)


def teacher_numbers(session: Session) -> dict[int, str]:
    """Teacher id → 教师编码, of everyone ever on the roster."""
    return {row[0]: row[1] for row in session.execute(select(Teacher.id, Teacher.number))}


def school_codes(session: Session) -> dict[int, str]:
    """School id → 学校标识码."""
    return {row[0]: row[1] for row in session.execute(select(School.id, School.code))}


class StaffRow(NamedTuple):
    """A teacher's posting at a school, as lists show it."""

    teacher_id: int
    number: str
    name: str
    stage: Stage
    subject: str
    position: Position
    status: PostingStatus


def teachers_of_school(
    session: Session, school_id: int, *, on: date, reach: Reach, text: str = ""
) -> list[StaffRow]:
    """Who is posted at a school on a day, one row a posting, by pinyin of the name, then number.

    ``reach``: the reader's scope; a school outside it has no rows. ``text``: part of the name, its pinyin or
    initials. Those retired or gone are left out.
    """
    rows = session.execute(
        select(
            Teacher.id,
            Teacher.number,
            Teacher.name,
            Posting.stage,
            Posting.subject,
            Posting.position,
            Posting.status,
        )
        .join(Posting, Posting.teacher_id == Teacher.id)
        .join(School, School.id == Posting.school_id)
        .where(School.id == school_id, reach.schools(), valid_on(on), _PRESENT)
    )
    found = [
        StaffRow(row[0], row[1], row[2], Stage(row[3]), row[4], Position(row[5]), PostingStatus(row[6]))
        for row in rows
        if person_fits(text, row[2])
    ]
    return sorted(found, key=lambda row: (person_keys(row.name)[0], row.number, row.stage))


def teacher_choices(session: Session, school_id: int, on: date) -> list[tuple[int, str]]:
    """(teacher id, name with stage, subject and number) of those at a school on a day, for a form.

    The caller has found the school within the reader's scope.
    """
    rows = teachers_of_school(session, school_id, on=on, reach=Reach(school_id=school_id))
    words: dict[int, tuple[StaffRow, list[str]]] = {}
    for row in rows:
        _first, parts = words.setdefault(row.teacher_id, (row, []))
        parts.append(STAGE_LABELS[row.stage] + row.subject)
    return [
        (teacher_id, f"{row.name} · {'、'.join(dict.fromkeys(parts))} · {row.number}")
        for teacher_id, (row, parts) in words.items()
    ]


def _leaders(school_id: int, on: date) -> ColumnElement[bool]:
    return and_(
        Posting.school_id == school_id,
        Posting.position.in_([position.value for position in LEADERS]),
        valid_on(on),
        _PRESENT,
    )


def head_ids(session: Session, school_id: int, on: date) -> list[int]:
    """Teacher ids of those who lead a school on a day: head and party secretary."""
    rows = session.scalars(select(Posting.teacher_id).where(_leaders(school_id, on)).distinct())
    return sorted(rows)


def head_names(session: Session, school_id: int, on: date) -> list[str]:
    """Names of those who lead a school on a day: head and party secretary."""
    rows = session.scalars(
        select(Teacher.name).join(Posting, Posting.teacher_id == Teacher.id).where(_leaders(school_id, on))
    )
    return sorted(set(rows))


def posting_on(session: Session, teacher_id: int, school_id: int, day: date) -> Posting | None:
    """A teacher's posting at a school on a day; of several, the one begun last, then by stage."""
    return session.scalars(
        select(Posting)
        .where(Posting.teacher_id == teacher_id, Posting.school_id == school_id, valid_on(day))
        .order_by(Posting.starts_on.desc(), Posting.stage)
    ).first()


class SemesterPosting(NamedTuple):
    """A posting with its weeks of a semester, for the ranking. ``held``: code of ranking.md R11, or empty."""

    teacher_id: int
    teacher_number: str
    school_id: int
    school_code: str
    district_code: str
    stage: str
    weeks: int
    held: str


def postings_in_semester(session: Session, semester: Semester) -> list[SemesterPosting]:
    """Every posting with at least one whole week of the semester, by number, school code, stage and start.

    Weeks: :func:`ethics_eval.roster.rules.semester.weeks_in_post`. Whole city; one read of plain columns.
    A person who left a posting for a later one of the same semester is not held for having left.
    """
    statement = (
        select(
            Teacher.id,
            Teacher.number,
            School.id,
            School.code,
            School.district_code,
            Posting.stage,
            Posting.status,
            Posting.starts_on,
            Posting.ends_on,
        )
        .join(Posting, Posting.teacher_id == Teacher.id)
        .join(School, School.id == Posting.school_id)
        .where(
            Posting.starts_on <= semester.ends_on,
            or_(Posting.ends_on.is_(None), Posting.ends_on >= semester.starts_on),
        )
        .order_by(Teacher.number, School.code, Posting.stage, Posting.starts_on)
    )
    rows = [row for some in driver_rows(session, statement) for row in some]
    weeks_of = _WeeksOf(semester)
    last_present: dict[int, date] = {}
    if any(row[6] in GONE for row in rows):
        for teacher_id, *_who, status, _first, last in rows:
            if status not in GONE:
                last_present[teacher_id] = max(last_present.get(teacher_id, date.min), _day(last) or date.max)
    found = []
    for teacher_id, number, school_id, code, district, stage, status, first, last in rows:
        weeks = weeks_of[first, last]
        if weeks:
            held = None
            if status != PostingStatus.IN_POST:
                moved_on = last_present.get(teacher_id, date.min) > (_day(last) or date.min)
                held = not_rated_reason(PostingStatus(status), moved_on=moved_on)
            found.append(
                SemesterPosting(teacher_id, number, school_id, code, district, stage, weeks, held or "")
            )
    return found


class _WeeksOf(dict[tuple[Any, Any], int]):
    """First and last day as the driver gives them → weeks; most postings span the semester: counted once."""

    def __init__(self, semester: Semester) -> None:
        super().__init__()
        self._semester = semester

    def __missing__(self, span: tuple[Any, Any]) -> int:
        semester, (first, last) = self._semester, map(_day, span)
        self[span] = weeks_in_post(
            first or date.min,
            last,
            semester_starts_on=semester.starts_on,
            semester_ends_on=semester.ends_on,
            weeks=semester.weeks,
        )
        return self[span]


def _day(value: date | str | None) -> date | None:
    """A day as the driver gives it: SQLite's is a text."""
    return date.fromisoformat(value) if isinstance(value, str) else value


# --- semesters and calendar ---------------------------------------------------------------------------------


def semester(session: Session, code: str) -> Semester | None:
    """By its code (``2025-2026-1``)."""
    return session.get(Semester, code)


def semesters(session: Session) -> list[Semester]:
    """All, in order of time."""
    return list(session.scalars(select(Semester).order_by(Semester.starts_on)))


def calendar(session: Session) -> Calendar:
    """The working-day calendar, known until the end of the last year it has days of.

    Without any day loaded nothing is known, and every deadline raises CalendarExhausted.
    """
    rows = session.execute(select(CalendarDay.day, CalendarDay.kind)).all()
    last_year = max((day.year for day, _kind in rows), default=None)
    return Calendar(
        holidays=frozenset(day for day, kind in rows if kind == "holiday"),
        workdays=frozenset(day for day, kind in rows if kind == "workday"),
        covered_until=date(last_year, 12, 31) if last_year else date.min,
    )
