"""One ballot stored durably, beside the same two statements by the driver alone: a teacher, and ten in one ballot."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from ethics_eval.cli.running import OPERATOR
from ethics_eval.database import allow_volatile_postgresql, db, driver_transaction, transaction
from ethics_eval.evaluation import issuing
from ethics_eval.evaluation.balloting import Ballot, cast_ballot, fill_in, start_mark
from ethics_eval.evaluation.importing import import_assessments
from ethics_eval.evaluation.queries import scheme_of_semester
from ethics_eval.evaluation.rules.answer_file import COLUMNS, plan_answers
from ethics_eval.evaluation.rules.ballot import Opinion
from ethics_eval.roster.models import Posting, School, Teacher
from tests.bench.city import scored_city
from tests.bench.measuring import Measured, compare, in_turn
from tests.support.application import application, migrate, prepare
from tests.support.ballots import (
    AT,
    PREPARED_AT,
    add_class,
    codes,
    officer_of,
    open_round,
    opened,
    opinions,
    school_of,
    teacher_ids,
)
from tests.support.databases import Place
from tests.support.postgres import running_server
from tests.support.ranked import SCHOOLS, SEMESTER, RankedCity

BALLOTS = 100
ROUNDS = 5
CLASSES = ((1, "一位教师班"), (10, "十位教师班"))


@contextmanager
def balloted_city(place: Place, folder: Path) -> Iterator[Flask]:
    """A school with two large classes whose codes are out: one teacher on the ballot, and ten."""
    url = place.create("ballots")
    migrate(url, folder)
    prepare(url, folder)
    with application(url, folder) as app, app.app_context():
        with transaction() as session:
            city = RankedCity(session, app.extensions["vault"], folder, teacher_count=36)
            open_round(session, items=1)
            school = city.schools[0]
            ids = teacher_ids(session, school)
            for count, label in CLASSES:
                add_class(session, school, label, 2 * ROUNDS * BALLOTS, ids[:count])
            issuing.issue_codes(
                session, app.extensions["vault"], SEMESTER, actor=officer_of(school), at=PREPARED_AT
            )
        yield app


Filled = tuple[Ballot, dict[int, Opinion], str]


def _ballots(app: Flask, label: str) -> list[Filled]:
    """Ballots opened and filled in: what is measured is storing them."""
    session, vault = db.session(), app.extensions["vault"]
    school = school_of(session, SCHOOLS[0][0])
    found = []
    for number, code in enumerate(codes(session, vault, school, label)):
        ballot = opened(session, vault, code)
        said = opinions(ballot, lambda place, _item: 1 + (place + number) % 2)  # noqa: B023
        found.append((ballot, said, start_mark(vault, ballot, 0, at=AT - timedelta(minutes=2))))
    session.rollback()
    db.session.remove()
    return found


def _ours(app: Flask, ballots: Iterator[Filled]) -> None:
    vault = app.extensions["vault"]
    for ballot, said, mark in islice(ballots, BALLOTS):
        vote = fill_in(db.session(), vault, ballot, said, mark=mark, at=AT)
        with driver_transaction() as driver:
            cast_ballot(driver, vote, at=AT)


USE = "UPDATE ballot_code SET state = 'used' WHERE code_hash = {0} AND state = 'open'"
COUNT = (
    f"UPDATE tally SET {', '.join(f'option_{place} = option_{place} + {{0}}' for place in range(1, 6))}"  # noqa: S608
    " WHERE semester_code = {0} AND teacher_id = {0} AND school_id = {0} AND component = {0} AND item = {0}"
)
Bare = tuple[bytes, list[tuple[Any, ...]]]


def _bare(filled: Filled) -> Bare:
    """The parameters of the two statements, ready: the driver's side only runs them."""
    ballot, said, _mark = filled
    rows = []
    for teacher in ballot.paper.teachers:
        for item in ballot.paper.items:
            option = said[teacher.place].options[item.code]
            added = [int(place == option) for place in range(1, 6)]
            key = (ballot.semester_code, teacher.teacher_id, ballot.school_id, "pupil", item.code)
            rows.append((*added, *key))
    return ballot.code_hash, rows


def _floor(connection: Any, sign: str, ballots: Iterator[Bare]) -> None:
    """The driver's own connection, as durable as ours; a teacher's tally by itself, those of ten in one call."""
    cursor = connection.cursor()
    use, count = USE.format(sign), COUNT.format(sign)
    for code_hash, rows in islice(ballots, BALLOTS):
        if sign == "?":
            cursor.execute("BEGIN IMMEDIATE")
        cursor.execute(use, (code_hash,))
        if len(rows) == 1:
            cursor.execute(count, rows[0])
        else:
            cursor.executemany(count, rows)
        connection.commit()


def measure_ballots() -> Iterator[Measured]:
    """A ballot's transaction on both databases; medians over rounds of 100, ours and the driver's in turn."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        server = stack.enter_context(running_server())
        for place in (Place(Path(folder)), Place(Path(folder), server)):
            instance = Path(folder, place.kind)
            instance.mkdir()
            with balloted_city(place, instance) as app:
                for count, label in CLASSES:
                    filled = _ballots(app, label)
                    ours = iter(filled[: ROUNDS * BALLOTS])
                    bare = iter([_bare(one) for one in filled[ROUNDS * BALLOTS :]])
                    connection = db.engine.raw_connection()
                    sign = "?" if place.kind == "sqlite" else "%s"
                    name = f"{place.kind}: ballot on {count}"
                    measured = in_turn(
                        name,
                        _bound(_ours, app, ours),
                        _bound(_floor, connection, sign, bare),
                        "the driver's statements",
                        rounds=ROUNDS,
                    )
                    connection.close()
                    rate = f"{name} ({BALLOTS / measured.ours:.0f} a second)"
                    yield replace(measured, name=rate)


ANSWERS, TEACHERS = 1_000_000, 8_000  # as many a teacher as five million in a city of 40,000
_ITEMS = (("peer", "E1"), ("pupil", "S1"), ("parent", "P1"))


class _Lines:
    """A file of answers, a line each, read anew each time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[str]:
        with self._path.open(encoding="utf-8") as file:
            for line in file:
                yield line.rstrip("\r\n")


def _answers(path: Path) -> _Lines:
    chance = random.Random(1)
    postings = db.session.execute(
        select(Teacher.number, School.code)
        .join(Posting, Posting.teacher_id == Teacher.id)
        .join(School, School.id == Posting.school_id)
    ).all()
    db.session.rollback()
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(COLUMNS) + "\n")
        for number in range(ANSWERS):
            teacher, school = postings[number % len(postings)]
            component, item = _ITEMS[number // len(postings) % 3]
            file.write(f"{teacher},{school},{component},{item},{chance.choice((1, 1, 1, 2, 2, 3, 4, 5))}\n")
    return _Lines(path)


def _load(lines: _Lines) -> None:
    session = db.session()
    scheme = scheme_of_semester(session, SEMESTER)
    assert scheme is not None
    session.rollback()
    with transaction() as writing:
        import_assessments(writing, plan_answers(lines, scheme.items), SEMESTER, actor=OPERATOR, at=AT)


def _load_rows(lines: _Lines) -> None:
    """The driver's own bulk load of the same lines, a row each."""
    connection = db.engine.raw_connection()
    cursor = connection.cursor()
    cursor.execute("BEGIN IMMEDIATE")
    cursor.execute("CREATE TABLE IF NOT EXISTS floor (teacher, school, component, item, option)")
    cursor.execute("DELETE FROM floor")
    rows: Any = (line.split(",") for line in lines)
    cursor.executemany("INSERT INTO floor VALUES (?, ?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()


def measure_bulk() -> Measured:
    """A million answers of another system counted into tallies, beside the driver's bulk load of them as rows."""
    with tempfile.TemporaryDirectory() as folder, scored_city(Path(folder), TEACHERS):
        lines = _answers(Path(folder, "answers.csv"))
        return compare(
            f"{ANSWERS:,} answers counted and stored",
            lambda: _load(lines),
            lambda: _load_rows(lines),
            "the driver's bulk load",
        )


def _bound(action: Callable[..., None], *values: Any) -> Callable[[], None]:
    return lambda: action(*values)


def main() -> None:
    """Print a line a measurement of ballots alone."""
    allow_volatile_postgresql()
    for measured in measure_ballots():
        print(measured, flush=True)
    print(measure_bulk(), flush=True)


if __name__ == "__main__":
    main()
