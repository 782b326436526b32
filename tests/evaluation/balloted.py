"""Groups of raters with codes, some of them used, made for tests without issuing and voting."""

from __future__ import annotations

import hashlib
from itertools import count

from sqlalchemy import insert
from sqlalchemy.orm import Session

from ethics_eval.database import new_id
from ethics_eval.evaluation.models import (
    BallotCode,
    BallotFlag,
    BallotGroup,
    BallotGroupTeacher,
    FlaggedTally,
    Tally,
)
from ethics_eval.evaluation.rules.scheme import Component
from ethics_eval.roster.models import School, Teacher

_numbers = count()


def add_group(
    session: Session,
    semester_code: str,
    school: School,
    component: Component,
    label: str,
    *,
    seats: int,
    returned: int = 0,
    teachers: tuple[Teacher, ...] = (),
) -> BallotGroup:
    """A group with ``seats`` codes, ``returned`` of them used."""
    group = BallotGroup(
        id=new_id(),
        semester_code=semester_code,
        school_id=school.id,
        component=component.value,
        label=label,
        stage=school.stages.split()[0],
        grade=3,
        seats=seats,
        batch=1,
    )
    session.add(group)
    session.flush()
    session.execute(
        insert(BallotCode),
        [
            {
                "code_hash": hashlib.sha256(f"code {next(_numbers)}".encode()).digest(),
                "group_id": group.id,
                "state": "used" if place < returned else "open",
            }
            for place in range(seats)
        ],
    )
    session.add_all(
        BallotGroupTeacher(group_id=group.id, teacher_id=teacher.id, place=place)
        for place, teacher in enumerate(teachers, 1)
    )
    session.flush()
    return group


def add_tally(
    session: Session,
    semester_code: str,
    teacher: Teacher,
    component: Component,
    item: str,
    counts: tuple[int, ...],
    flagged: tuple[int, ...] = (),
) -> None:
    """What ballots of this system said on one item, and the part of it that looked careless."""
    key = {
        "semester_code": semester_code,
        "teacher_id": teacher.id,
        "school_id": teacher.postings[0].school_id,
        "component": component.value,
        "item": item,
    }

    def options(given: tuple[int, ...]) -> dict[str, int]:
        return {f"option_{place}": number for place, number in enumerate(given, 1)}

    session.add(Tally(**key, source="ballot", eligible_count=40, **options(counts)))
    if flagged:
        session.add(FlaggedTally(**key, **options(flagged)))
    session.flush()


def add_flag(
    session: Session,
    semester_code: str,
    teacher: Teacher,
    component: Component,
    kind: str,
    number: int,
) -> None:
    """So many careless ballots of a kind."""
    session.add(
        BallotFlag(
            semester_code=semester_code,
            school_id=teacher.postings[0].school_id,
            teacher_id=teacher.id,
            component=component.value,
            kind=kind,
            count=number,
        )
    )
    session.flush()
