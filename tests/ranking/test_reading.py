"""The same semester in both databases gives the same bytes, whatever the order of rows, ids and collations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
from sqlalchemy import create_engine, delete
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import CLOCK
from ethics_eval.database import driver_url, engine_options, prepare_engine
from ethics_eval.evaluation.models import Assessment, Honour, Tally
from ethics_eval.evaluation.rules.scheme import Component, parse_scheme
from ethics_eval.ranking import service
from ethics_eval.ranking.archive import file_of
from ethics_eval.ranking.gathering import merged_postings
from ethics_eval.ranking.proof import verify
from ethics_eval.ranking.rules.inputs import PostingInput
from ethics_eval.roster.models import Posting, School, Teacher
from ethics_eval.roster.queries import SemesterPosting
from tests.ranking.semesters import AT, SEMESTER, opened, town
from tests.support.application import migrate
from tests.support.databases import Place
from tests.support.postgres import Server

# Numbers and codes that PostgreSQL's collations put in another order than the method does.
NUMBERS = ("a-10", "A2", "B_1", "b 3", "Ä4", "教05", "T07x", "t07")
CODES = ("2143b00001", "2143B00002")
COUNTED = ((Component.PEER, "E1"), (Component.PUPIL, "S1"), (Component.PARENT, "P1"))


@contextmanager
def empty(place: Place) -> Iterator[Session]:
    """A session on a database of its own, at the newest schema."""
    url = place.create("same_bytes")
    migrate(url, place.folder / f"migrating-{place.kind}")
    engine = create_engine(driver_url(url), **engine_options(driver_url(url)))
    prepare_engine(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


def fill(session: Session, *, backwards: bool) -> None:
    """The town, and beside it people with odd numbers at two schools, whose ballots were counted."""
    here = town(session)
    order = -1 if backwards else 1
    schools = {}
    for code in CODES[::order]:
        school = School(
            code=code,
            name=f"{code}学校",
            district_code="430202",
            kind="小学",
            stages="PRI",
            ownership="public",
        )
        session.add(school)
        session.flush()
        schools[code] = school.id
    for number in NUMBERS[::order]:
        place = NUMBERS.index(number)
        codes = CODES if place % 3 == 0 else CODES[:1]
        teacher = Teacher(
            number=number,
            name=f"教师{number}",
            postings=[
                Posting(
                    school_id=schools[code],
                    stage=("PRI", "JUN")[place % 2],
                    position="teacher",
                    status="maternity" if place == 5 else "in_post",
                    starts_on=date(2020, 9, 1) if code == CODES[0] else date(2025, 12, 1),
                )
                for code in codes[::order]
            ],
        )
        session.add(teacher)
        session.flush()
        for code in codes[::order]:
            key = {"semester_code": SEMESTER, "teacher_id": teacher.id, "school_id": schools[code]}
            for part in (Component.SELF, Component.SCHOOL):
                session.add(Assessment(**key, component=part.value, score_e4=870_001 + 7_919 * place))
            for part, item in COUNTED[::order]:
                session.add(
                    Tally(
                        **key,
                        component=part.value,
                        item=item,
                        eligible_count=None if place == 1 else 30 + place,
                        option_1=11 + place,
                        option_2=9 - place,
                        option_3=place % 2,
                        option_5=1,
                    )
                )
        session.add(Honour(semester_code=SEMESTER, teacher_id=teacher.id, level="city", title=f"先进{place}"))
    session.execute(
        delete(Assessment).where(
            Assessment.teacher_id == here.teachers["T09"], Assessment.component == "parent"
        )
    )
    here.count_ballots(session, "T09", "parent", "P1")


def test_both_databases_give_the_same_bytes(tmp_path: Path, postgres: Server) -> None:
    found = []
    for place in (Place(tmp_path), Place(tmp_path, postgres)):
        instance = tmp_path / place.kind
        with empty(place) as session:
            fill(session, backwards=place.server is not None)
            opened(session)
            ranking = service.freeze(session, SEMESTER, actor=CLOCK, at=AT, instance=instance)
            assert ranking is not None
            assert verify(session, SEMESTER, instance=instance).faults == ()
            hashes = (ranking.snapshot_sha256, ranking.outcome_sha256, ranking.certainty_sha256)
            found.append([file_of(instance, sha256).read_bytes() for sha256 in hashes])
    assert found[0] == found[1]
    lines = found[0][0].decode().splitlines()
    assert sum('"kind":"tally"' in line for line in lines) == 3 * 11 + 1
    assert [line.split('"')[7] for line in lines if '"kind":"teacher"' in line] == sorted(
        [*NUMBERS, *(f"T{place:02}" for place in range(40))]
    )


def posts(number: str, code: str, *parts: tuple[str, int, str]) -> list[SemesterPosting]:
    return [SemesterPosting(1, number, 1, code, "430202", *part) for part in parts]


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [
        ((("PRI", 20, ""),), ("PRI", 20, "")),
        ((("JUN", 12, "MATERNITY"), ("PRI", 8, "")), ("JUN", 20, "MATERNITY")),
        ((("JUN", 10, ""), ("PRI", 10, "LEFT")), ("JUN", 20, "LEFT")),
        ((("KG", 15, "MATERNITY"), ("PRI", 5, "")), ("PRI", 5, "")),
        ((("PRI", 8, ""), ("PRI", 7, ""), ("PRI", 9, "LEFT")), ("PRI", 20, "LEFT")),
        ((("KG", 12, ""), ("KG", 3, "")), ("KG", 15, "")),
    ],
)
def test_several_posts_at_one_school_are_one_posting(
    parts: tuple[tuple[str, int, str], ...], wanted: tuple[str, int, str]
) -> None:
    scheme = parse_scheme(files("ethics_eval.evaluation").joinpath("default_scheme.json").read_text("utf-8"))
    rows = [
        *posts("T3", "2143000001", ("SEN", 30, "")),
        *posts("T2", "2143000002", *parts),
        *posts("T2", "2143000001", ("PRI", 1, "")),
        *posts("T1", "2143000002", ("PRI", 2, ""), ("PRI", 3, "")),
    ]
    assert list(merged_postings(rows, scheme)) == [
        PostingInput("T1", "2143000002", "PRI", 5),
        PostingInput("T2", "2143000001", "PRI", 1),
        PostingInput("T2", "2143000002", *wanted),
        PostingInput("T3", "2143000001", "SEN", 20),
    ]
