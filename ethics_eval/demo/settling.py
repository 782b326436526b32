"""The invented roster and its results as rows of the tables, written in bulk."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.service import record
from ethics_eval.complaints.mailboxes import open_mailboxes
from ethics_eval.complaints.models import Mailbox
from ethics_eval.database import Base
from ethics_eval.demo.schools import PlannedSchool
from ethics_eval.demo.scores import Rated
from ethics_eval.demo.staff import FOUNDER
from ethics_eval.demo.teachers import PlannedPosting, PlannedTeacher
from ethics_eval.evaluation.models import Assessment, Honour, Tally
from ethics_eval.evaluation.queries import scheme_of_semester
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.models import Posting, School, Semester, Teacher
from ethics_eval.roster.rules.pinyin import school_keys
from ethics_eval.vault.service import Vault

_BATCH = 20_000


def write(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert plain rows as fast as the database takes them; each names every column that must not be null."""
    if not rows:
        return
    table = cast(Table, model.__table__)
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        columns = [table.c[name] for name in rows[0]]
        names = ", ".join(column.name for column in columns)
        driver = cast(Any, connection.connection.driver_connection)
        with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(tuple(row[column.name] for column in columns))
        return
    # On the table: the mapper would cut rows with and without a null into statements of their own.
    statement = insert(table)
    for start in range(0, len(rows), _BATCH):
        session.execute(statement, rows[start : start + _BATCH])


class Settled:
    """The roster in the database, each school with its mailbox; ids in the order of the plan."""

    def __init__(
        self,
        session: Session,
        vault: Vault,
        schools: Sequence[PlannedSchool],
        teachers: Sequence[PlannedTeacher],
        *,
        at: datetime,
    ) -> None:
        self._session, self._schools, self._teachers = session, schools, teachers
        write(session, School, [_school(school) for school in schools])
        by_code = {code: school_id for school_id, code in roster_queries.school_codes(session).items()}
        self.school_ids = [by_code[school.code] for school in schools]
        write(
            session,
            Teacher,
            [{"number": row.number, "name": row.name, "title": row.title.value} for row in teachers],
        )
        by_number = {
            number: teacher_id for teacher_id, number in roster_queries.teacher_numbers(session).items()
        }
        self.teacher_ids = [by_number[teacher.number] for teacher in teachers]
        write(
            session,
            Posting,
            [
                {"teacher_id": teacher_id, **_posting(posting), "school_id": self.school_ids[posting.school]}
                for teacher_id, teacher in zip(self.teacher_ids, teachers, strict=True)
                for posting in teacher.postings
            ],
        )
        record(
            session, FOUNDER, at, "roster.imported", "roster", "city",
            schools_created=len(schools), teachers_created=len(teachers),
        )  # fmt: skip
        open_mailboxes(session, vault, actor=FOUNDER, at=at)

    def rate(
        self,
        semester: Semester,
        qualities: Sequence[int],
        weak: Mapping[int, int],
        *,
        coverage_percent: int,
        balloted: Collection[int],
        seed: int,
    ) -> None:
        """Write a semester's results; its scheme is fixed by then. Args: balloted: see :class:`Rated`."""
        scheme = scheme_of_semester(self._session, semester.code)
        if scheme is None:
            raise ValueError("a semester is rated once it is open")
        rated = Rated(
            semester_code=semester.code,
            starts_on=semester.starts_on,
            ends_on=semester.ends_on,
            schools=self._schools,
            teachers=self._teachers,
            school_ids=self.school_ids,
            teacher_ids=self.teacher_ids,
            qualities=qualities,
            weak=weak,
            balloted=balloted,
            seed=seed,
        )
        given, counted = rated.rows(scheme, coverage_percent)
        write(self._session, Assessment, given)
        write(self._session, Tally, counted)
        write(self._session, Honour, rated.honours())

    def with_mailboxes(self) -> list[tuple[str, str, str, str]]:
        """(code, name, district, mailbox code) of every school, in the order of the plan."""
        rows = self._session.execute(
            select(Mailbox.school_id, Mailbox.code).where(Mailbox.revoked_at.is_(None))
        )
        codes = {school_id: code for school_id, code in rows}
        return [
            (school.code, school.name, school.district, codes[school_id])
            for school, school_id in zip(self._schools, self.school_ids, strict=True)
        ]


def _school(school: PlannedSchool) -> dict[str, Any]:
    pinyin, initials = school_keys(school.name)
    return {
        "code": school.code,
        "name": school.name,
        "district_code": school.district_code,
        "kind": school.kind.value,
        "stages": " ".join(school.stages),
        "ownership": school.ownership.value,
        "address": school.address,
        "pupil_count": school.pupils,
        "pinyin": pinyin,
        "initials": initials,
    }


def _posting(posting: PlannedPosting) -> dict[str, Any]:
    return {
        "stage": posting.stage.value,
        "subject": posting.subject,
        "position": posting.position.value,
        "status": posting.status.value,
        "starts_on": posting.starts_on,
        "ends_on": posting.ends_on,
    }
