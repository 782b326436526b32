"""A read roster beside what the database holds: what speaks against the import, and what would change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.roster import queries
from ethics_eval.roster.models import Posting, School, Teacher
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.roster.rules.pinyin import school_keys
from ethics_eval.roster.rules.roster import SCHOOLS, TEACHERS, PostingRow, RosterPlan, SchoolRow
from ethics_eval.roster.rules.school import Stage, stage_names
from ethics_eval.roster.rules.sheet import Problem
from ethics_eval.text import N_, RuleViolation

BATCH = 1000
LONGEST_AHEAD = timedelta(days=366)

T = TypeVar("T")


# --- what the database holds already ------------------------------------------------------------------------


class StoredPosting(NamedTuple):
    """A posting of a teacher the plan names."""

    id: int
    school_code: str
    stage: str
    starts_on: date
    ends_on: date | None
    subject: str
    position: str
    status: str


@dataclass
class Stored:
    """The part of the database a plan touches."""

    districts: dict[str, str]  # name or code → code
    schools: dict[str, tuple[int, dict[str, Any]]]  # code → id and columns
    teachers: dict[str, tuple[int, dict[str, Any]]]  # number → id and columns
    postings: dict[str, list[StoredPosting]]  # number → postings


_SCHOOL_COLUMNS = ("name", "district_code", "kind", "stages", "ownership", "address", "pupil_count")
_POSTING_COLUMNS = ("ends_on", "subject", "position", "status")


def batches(items: Iterable[T]) -> Iterator[list[T]]:
    """The items in lists of at most 1000: a statement takes only so many parameters."""
    found = list(items)
    for start in range(0, len(found), BATCH):
        yield found[start : start + BATCH]


def stored_roster(session: Session, plan: RosterPlan) -> Stored:
    """The districts, and the schools, teachers and postings the plan names, as they are stored."""
    stored = Stored({}, {}, {}, {})
    for district in queries.districts(session):
        for name in (district.name, f"株洲市{district.name}", district.name[:-1], district.code):
            stored.districts[name] = district.code
    codes = {row.code for row in plan.schools} | {row.school_code for row in plan.postings}
    columns = [getattr(School, name) for name in _SCHOOL_COLUMNS]
    for batch in batches(sorted(codes)):
        for code, school_id, *values in session.execute(
            select(School.code, School.id, *columns).where(School.code.in_(batch))
        ):
            stored.schools[code] = (school_id, dict(zip(_SCHOOL_COLUMNS, values, strict=True)))
    for batch in batches(sorted({row.number for row in plan.postings})):
        for teacher in session.execute(
            select(Teacher.number, Teacher.id, Teacher.name, Teacher.title).where(Teacher.number.in_(batch))
        ):
            stored.teachers[teacher.number] = (teacher.id, {"name": teacher.name, "title": teacher.title})
        for number, *values in session.execute(
            select(
                Teacher.number,
                Posting.id,
                School.code,
                Posting.stage,
                Posting.starts_on,
                Posting.ends_on,
                Posting.subject,
                Posting.position,
                Posting.status,
            )
            .join(Posting, Posting.teacher_id == Teacher.id)
            .join(School, School.id == Posting.school_id)
            .where(Teacher.number.in_(batch))
        ):
            stored.postings.setdefault(number, []).append(StoredPosting(*values))
    return stored


# --- checks against the database ----------------------------------------------------------------------------


def _problem(sheet: str, row: int, column: str, message: str, **values: object) -> Problem:
    return Problem(sheet, row, column, str(RuleViolation("roster.row", message, field=None, **values)))


def _district_problems(plan: RosterPlan, stored: Stored) -> Iterator[Problem]:
    for row in plan.schools:
        if row.district not in stored.districts:
            yield _problem(SCHOOLS, row.row, "区县", N_("没有“%(name)s”这个区县。"), name=row.district)


def _school_problems(plan: RosterPlan, stored: Stored) -> Iterator[Problem]:
    stages = {code: columns["stages"].split() for code, (_id, columns) in stored.schools.items()}
    stages |= {row.code: row.stages.split() for row in plan.schools}
    bad_codes = plan.named_codes - {row.code for row in plan.schools}
    for row in plan.postings:
        known = stages.get(row.school_code)
        if known is None:
            if row.school_code not in plan.named_codes:
                message = N_("学校表和系统里都没有标识码为 %(school)s 的学校。")
                yield _problem(TEACHERS, row.row, "学校标识码", message, school=row.school_code)
        elif row.stage not in known and row.school_code not in bad_codes:
            names = stage_names(map(Stage, known))
            yield _problem(TEACHERS, row.row, "学段", N_("这所学校只有：%(names)s。"), names=names)


def _teacher_problems(plan: RosterPlan, stored: Stored, latest: date) -> Iterator[Problem]:
    listed = {(row.number, row.school_code, row.stage, row.starts_on) for row in plan.postings}
    for row in plan.postings:
        if row.starts_on > latest:
            yield _problem(TEACHERS, row.row, "到岗", N_("到岗日期在一年以后，请核对年份。"))
        if row.number not in stored.teachers:
            continue
        name = stored.teachers[row.number][1]["name"]
        if name not in (row.name, row.former_name):
            message = N_("系统里这个教师编码的姓名是“%(name)s”。如已改名，请加一列“曾用名”写明原名。")
            yield _problem(TEACHERS, row.row, "姓名", message, name=name)
            continue
        for old in _overlapped(row, stored.postings.get(row.number, [])):
            if (row.number, old.school_code, old.stage, old.starts_on) in listed:
                continue  # the file speaks of it, and the rows of one file were compared before
            message = N_(
                "系统里该教师在 %(school)s 自 %(day)s 起的任职与这一行时间重叠。请把那一行也列入名册："
                "已离开的填写离岗日期，同时任职的照原样填写。"
            )
            yield _problem(TEACHERS, row.row, "到岗", message, school=old.school_code, day=old.starts_on)


def _overlapped(row: PostingRow, held: Sequence[StoredPosting]) -> list[StoredPosting]:
    """The stored postings that share a day with a new or prolonged one."""
    key = (row.school_code, row.stage, row.starts_on)
    if any((old.school_code, old.stage, old.starts_on, old.ends_on) == (*key, row.ends_on) for old in held):
        return []
    return [
        old
        for old in held
        if (old.school_code, old.stage, old.starts_on) != key
        and (old.ends_on is None or old.ends_on >= row.starts_on)
        and (row.ends_on is None or row.ends_on >= old.starts_on)
    ]


def check_roster(plan: RosterPlan, stored: Stored, at: datetime) -> tuple[Problem, ...]:
    """Every reason why the plan cannot be imported, those found while reading included, in file order.

    Against the database: unknown districts and schools, stages a school does not have, another name under a
    teacher's number (unless 曾用名 says so), postings that overlap one the file does not list.
    """
    found = {
        *plan.problems,
        *_district_problems(plan, stored),
        *_school_problems(plan, stored),
        *_teacher_problems(plan, stored, local_day(at) + LONGEST_AHEAD),
    }
    return tuple(sorted(found))


# --- what differs -------------------------------------------------------------------------------------------


class Changes(NamedTuple):
    """Rows of one table to insert, and to update by id; how many are as the file has them."""

    created: list[dict[str, Any]]
    updated: list[dict[str, Any]]
    unchanged: int


def _school_changes(rows: Iterable[SchoolRow], stored: Stored) -> Changes:
    changes = Changes([], [], 0)
    unchanged = 0
    for row in rows:
        wanted: dict[str, Any] = {name: getattr(row, name, None) for name in _SCHOOL_COLUMNS}
        wanted["district_code"] = stored.districts[row.district]
        known = stored.schools.get(row.code)
        if known is not None and known[1] == wanted:
            unchanged += 1
            continue
        wanted["pinyin"], wanted["initials"] = school_keys(row.name)
        if known is None:
            changes.created.append({"code": row.code, **wanted})
        else:
            changes.updated.append({"id": known[0], **wanted})
    return changes._replace(unchanged=unchanged)


def _teacher_changes(rows: Iterable[PostingRow], stored: Stored) -> Changes:
    wanted: dict[str, dict[str, Any]] = {}
    for row in rows:
        columns = wanted.setdefault(row.number, {"name": row.name, "title": row.title})
        columns["title"] = columns["title"] or row.title
    changes = Changes([], [], 0)
    unchanged = 0
    for number, columns in wanted.items():
        known = stored.teachers.get(number)
        if known is None:
            changes.created.append({"number": number, **columns})
        elif known[1] == columns:
            unchanged += 1
        else:
            changes.updated.append({"id": known[0], **columns})
    return changes._replace(unchanged=unchanged)


def _posting_changes(rows: Iterable[PostingRow], stored: Stored) -> Changes:
    by_key = {
        (number, old.school_code, old.stage, old.starts_on): old
        for number, postings in stored.postings.items()
        for old in postings
    }
    changes = Changes([], [], 0)
    unchanged = 0
    for row in rows:
        wanted = {name: getattr(row, name) for name in _POSTING_COLUMNS}
        old = by_key.get((row.number, row.school_code, row.stage, row.starts_on))
        if old is None:
            key = {"number": row.number, "school_code": row.school_code}
            changes.created.append({**key, "stage": row.stage, "starts_on": row.starts_on, **wanted})
        elif all(getattr(old, name) == value for name, value in wanted.items()):
            unchanged += 1
        else:
            changes.updated.append({"id": old.id, **wanted})
    return changes._replace(unchanged=unchanged)


class Difference(NamedTuple):
    """What the import would write, in the order of writing."""

    schools: Changes
    teachers: Changes
    postings: Changes


def difference(plan: RosterPlan, stored: Stored) -> Difference:
    """What a plan without problems changes. New postings carry ``number`` and ``school_code`` instead of ids."""
    return Difference(
        _school_changes(plan.schools, stored),
        _teacher_changes(plan.postings, stored),
        _posting_changes(plan.postings, stored),
    )
