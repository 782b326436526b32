"""Writes of the roster: the import of a read workbook, and what every instance has from its first start.

The roster lies below accounts, so the audit event of an import is left by the command that runs it
(:meth:`Report.counts` is its detail).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table, insert, select, update
from sqlalchemy.orm import Session

from ethics_eval.database import Base
from ethics_eval.roster import reference
from ethics_eval.roster.comparing import (
    Changes,
    Difference,
    Stored,
    batches,
    check_roster,
    difference,
    stored_roster,
)
from ethics_eval.roster.models import CalendarDay, District, Posting, School, Semester, Teacher
from ethics_eval.roster.rules.roster import RosterPlan
from ethics_eval.roster.rules.semester import semester_name
from ethics_eval.roster.rules.sheet import ImportRefused
from ethics_eval.text import N_, RuleViolation

Progress = Callable[[int, int], None]
MAKE_UP_NAME = "调休上班"
MOST_WEEKS = 30


@dataclass(frozen=True)
class Counts:
    """How many rows of a table were new, changed, and as they were."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    @classmethod
    def of(cls, changes: Changes) -> Counts:
        """Of what is to be written."""
        return cls(len(changes.created), len(changes.updated), changes.unchanged)


@dataclass(frozen=True)
class Report:
    """What an import did, or would do, table by table: the fields of a subclass that are counts."""

    def _tables(self) -> Iterator[tuple[str, Counts]]:
        for place in fields(self):
            part = getattr(self, place.name)
            if isinstance(part, Counts):
                yield place.name, part

    @property
    def is_changed(self) -> bool:
        """Whether anything differed from the database."""
        return any(part.created or part.updated for _name, part in self._tables())

    def counts(self) -> dict[str, int]:
        """``schools_created``, ``schools_updated``, ``schools_unchanged`` … → number of rows."""
        return {
            f"{name}_{word}": count for name, part in self._tables() for word, count in asdict(part).items()
        }


@dataclass(frozen=True)
class ImportReport(Report):
    """The import of a roster. ``created_school_ids`` is empty for a preview."""

    schools: Counts
    teachers: Counts
    postings: Counts
    created_school_ids: tuple[int, ...] = field(default=(), repr=False)


def _accepted(session: Session, plan: RosterPlan, at: datetime) -> tuple[Difference, Stored]:
    stored = stored_roster(session, plan)
    problems = check_roster(plan, stored, at)
    if problems:
        message = N_("名册有 %(count)s 处错误，没有导入任何内容。第一处：%(first)s")
        raise ImportRefused("roster.refused", message, problems)
    return difference(plan, stored), stored


def _report(changes: Difference, created_school_ids: Iterable[int] = ()) -> ImportReport:
    return ImportReport(
        Counts.of(changes.schools),
        Counts.of(changes.teachers),
        Counts.of(changes.postings),
        tuple(created_school_ids),
    )


def preview_roster(session: Session, plan: RosterPlan, *, at: datetime) -> ImportReport:
    """What :func:`import_roster` would do; nothing is written. Raises: ImportRefused."""
    return _report(_accepted(session, plan, at)[0])


def import_roster(
    session: Session, plan: RosterPlan, *, at: datetime, progress: Progress | None = None
) -> ImportReport:
    """Write a roster, all or nothing: schools by code, teachers by number, postings by teacher, school, stage
    and first day. What the file does not name stays as it is; the same file again changes nothing.

    Args: at: the present instant; progress: called with (rows written, rows to write).
    Raises: ImportRefused: with every problem; nothing was written.
    """
    changes, stored = _accepted(session, plan, at)
    total = sum(len(part.created) + len(part.updated) for part in changes)
    done = 0

    def write(model: type[Base], part: Changes) -> None:
        nonlocal done
        # On the table: the mapper would cut rows with and without a null into statements of their own.
        for statement, rows in (
            (insert(cast(Table, model.__table__)), part.created),
            (update(model), part.updated),
        ):
            for batch in batches(rows):
                session.execute(statement, batch)
                done += len(batch)
                if progress is not None:
                    progress(done, total)

    write(School, changes.schools)
    school_ids = {code: school_id for code, (school_id, _columns) in stored.schools.items()}
    created = _ids(session, School.code, School.id, (row["code"] for row in changes.schools.created))
    school_ids |= created
    write(Teacher, changes.teachers)
    teacher_ids = {number: teacher_id for number, (teacher_id, _columns) in stored.teachers.items()}
    teacher_ids |= _ids(
        session, Teacher.number, Teacher.id, (row["number"] for row in changes.teachers.created)
    )
    for row in changes.postings.created:
        row["teacher_id"] = teacher_ids[row.pop("number")]
        row["school_id"] = school_ids[row.pop("school_code")]
    write(Posting, changes.postings)
    session.expire_all()  # bulk statements pass by the objects the session may hold
    return _report(changes, sorted(created.values()))


def _ids(session: Session, key: Any, identity: Any, keys: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for batch in batches(keys):
        found |= {
            name: row_id for name, row_id in session.execute(select(key, identity).where(key.in_(batch)))
        }
    return found


def load_districts(session: Session) -> int:
    """The nine districts with their official codes; how many were missing."""
    known = set(session.scalars(select(District.code)))
    missing = [{"code": code, "name": name} for code, name in reference.districts() if code not in known]
    if missing:
        session.execute(insert(District), missing)
    return len(missing)


def load_calendar(session: Session) -> int:
    """The public holidays and make-up days the package knows; how many days were missing.

    Days that are there are never changed: the bureau may have entered a year's arrangement before us.
    """
    known = set(session.scalars(select(CalendarDay.day)))
    shipped: list[Mapping[str, Any]] = []
    for year in reference.holiday_years():
        shipped += [{"day": day, "kind": "holiday", "name": name} for day, name in year.holidays]
        shipped += [{"day": day, "kind": "workday", "name": MAKE_UP_NAME} for day in year.workdays]
    missing = [row for row in shipped if row["day"] not in known]
    if missing:
        session.execute(insert(CalendarDay), missing)
    return len(missing)


def load_semesters(session: Session) -> int:
    """The default semesters, all planned; how many were missing. One that is there keeps its dates."""
    known = set(session.scalars(select(Semester.code)))
    missing = [
        {
            "code": row.code,
            "name": semester_name(row.code),
            "starts_on": row.starts_on,
            "ends_on": row.ends_on,
            "weeks": row.weeks,
            "freeze_at": row.freeze_at,
            "publish_at": row.publish_at,
            "status": "planned",
        }
        for row in reference.default_semesters()
        if row.code not in known
    ]
    if missing:
        session.execute(insert(Semester), missing)
    return len(missing)


def plan_semester(
    semester: Semester,
    *,
    starts_on: date | None = None,
    ends_on: date | None = None,
    weeks: int | None = None,
    freeze_at: datetime | None = None,
    publish_at: datetime | None = None,
) -> None:
    """Change the planned days of a semester; what is not given stays. Weeks 1 … 30; instants are aware.

    Raises: RuleViolation: it is frozen already; its days, weeks or instants contradict each other.
    """
    if semester.status not in {"planned", "open"}:
        raise RuleViolation("semester.frozen", N_("数据已经冻结，学期的日期不能再改。"))
    given = {
        "starts_on": starts_on,
        "ends_on": ends_on,
        "weeks": weeks,
        "freeze_at": freeze_at,
        "publish_at": publish_at,
    }
    for name, value in given.items():
        if value is not None:
            setattr(semester, name, value)
    if semester.ends_on <= semester.starts_on:
        raise RuleViolation("semester.period", N_("学期的最后一天须在第一天之后。"))
    if not 1 <= semester.weeks <= MOST_WEEKS:
        raise RuleViolation("semester.week_count", N_("周数须是 1 到 %(most)s 的整数。"), most=MOST_WEEKS)
    if semester.publish_at <= semester.freeze_at:
        raise RuleViolation("semester.instants", N_("发布时间须在冻结时间之后。"))
