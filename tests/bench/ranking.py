"""Freezing and computing a city's ranking, beside the database's driver merely reading the tallies and scores.

Alone: ``python -m tests.bench.ranking``; with the number of teachers of a province: ``… 4000000``.
"""

from __future__ import annotations

import gc
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from flask import current_app
from sqlalchemy.engine import make_url

from ethics_eval.accounts.rules import CLOCK
from ethics_eval.database import allow_volatile_postgresql, db, engine_options, transaction
from ethics_eval.evaluation.queries import scheme_of_semester
from ethics_eval.evaluation.rules.scheme import parse_scheme
from ethics_eval.evaluation.rules.tally import Ints
from ethics_eval.ranking import service
from ethics_eval.ranking.gathering import gather
from ethics_eval.ranking.rules.computation import compute, measure
from ethics_eval.ranking.rules.inputs import Inputs
from ethics_eval.ranking.rules.postings import posting_table
from ethics_eval.ranking.rules.results import GivenColumns, GivenTable, TallyColumns, TallyTable
from ethics_eval.ranking.rules.snapshot import digest, outcome_bytes, read_snapshot, snapshot_bytes
from ethics_eval.roster import queries as roster_queries
from tests.bench.city import AT, SEMESTER, scored_city
from tests.bench.measuring import Measured, median_of
from tests.support.databases import Place
from tests.support.postgres import running_server

CITY = 40_000
ROUNDS = 5


def _bare_read() -> int:
    """Every tally and score by the database's driver alone; the number of rows."""
    url = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"])
    if url.drivername.startswith("sqlite"):
        connection, mark = engine_options(str(url))["module"].connect(str(url.database)), "?"
    else:
        connection, mark = db.engine.raw_connection(), "%s"
    cursor = connection.cursor()
    found = 0
    for table in ("tally", "assessment"):
        cursor.execute(f"SELECT * FROM {table} WHERE semester_code = {mark}", (SEMESTER,))  # noqa: S608
        found += len(cursor.fetchall())
    connection.close()
    return found


def _frozen() -> tuple[Inputs, bytes]:
    """All that a ranking depends on, read and written down as the canonical file."""
    session = db.session()
    semester = roster_queries.semester(session, SEMESTER)
    scheme = scheme_of_semester(session, SEMESTER)
    assert semester is not None
    assert scheme is not None
    inputs = gather(session, semester, scheme, at=AT).inputs
    return inputs, snapshot_bytes(inputs, semester=SEMESTER, code_version="bench")


def _rank() -> tuple[str, str]:
    """Read, freeze, compute, order, ledger, list; both canonical files with their SHA-256."""
    inputs, content = _frozen()
    result = outcome_bytes(compute(inputs))
    db.session.rollback()
    return digest(content), digest(result)


class _Undo(Exception):
    """Takes a step back."""


def _step() -> None:
    """The whole step under the write lock, files and rows with it; taken back at the end."""
    try:
        with transaction() as session:
            folder = Path(tempfile.mkdtemp(dir=current_app.config["INSTANCE"]))
            assert service.freeze(session, SEMESTER, actor=CLOCK, at=AT, instance=folder) is not None
            raise _Undo
    except _Undo:
        pass


def measure_ranking(name: str) -> Iterator[Measured]:
    """Of the city whose application's context is entered: the ranking; reading it back; the step with its rows."""
    floor = median_of(_bare_read, ROUNDS)
    yield Measured(f"freeze, compute, order, ledger: {name}", median_of(_rank, ROUNDS), floor, "bare reading")
    _inputs, content = _frozen()
    db.session.rollback()
    yield Measured(
        "  its snapshot read back", median_of(lambda: read_snapshot(content)), floor, "bare reading"
    )
    yield Measured("  the whole step: files, certainty, rows", median_of(_step), floor, "bare reading")


def measure_ranking_on_postgresql(teachers: int) -> Iterator[Measured]:
    """The same on PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder, running_server() as server:
        url = Place(Path(folder), server).create("ranking")
        with scored_city(Path(folder), teachers, url):
            yield from measure_ranking(f"{teachers:,} teachers on postgresql")


# --- growth ---------------------------------------------------------------------------------------------------------


def _columns(teachers: int) -> Inputs:
    """Inputs of so many teachers, made in memory: two given parts and three counted ones each."""
    scheme = parse_scheme(files("ethics_eval.evaluation").joinpath("default_scheme.json").read_text("utf-8"))
    chance = np.random.Generator(np.random.PCG64(1))
    postings = posting_table(
        [f"T{place:08}" for place in range(teachers)],
        [f"2143{place % max(teachers // 45, 1):06}" for place in range(teachers)],
        [("PRI", "PRI", "JUN", "SEN")[place % 4] for place in range(teachers)],
        [20] * teachers,
        [""] * teachers,
        scheme,
    )
    every = np.arange(teachers)
    absent = np.full(teachers, -1)

    def votes(ballots: int) -> Ints:
        good = chance.integers(ballots // 2, ballots, teachers)
        fair = chance.integers(0, ballots - good + 1)
        nothing = np.zeros(teachers, dtype=np.int64)
        return np.stack([good, fair, ballots - good - fair, nothing, nothing], axis=1)

    return Inputs(
        scheme,
        postings=postings,
        given=GivenTable(
            postings,
            tuple(
                GivenColumns(part, every, chance.integers(700_000, 1_000_001, teachers), absent, absent)
                for part in ("self", "school")
            ),
        ),
        tallies=TallyTable(
            postings,
            tuple(
                TallyColumns(part, item, every, votes(ballots), np.full(teachers, ballots))
                for part, item, ballots in (("peer", "E1", 30), ("pupil", "S1", 90), ("parent", "P1", 90))
            ),
        ),
    )


def _timed(action: Callable[[Inputs], Any], inputs: Inputs) -> float:
    started = time.perf_counter()
    found = action(inputs)
    spent = time.perf_counter() - started
    del found
    gc.collect()
    return spent


def measure_growth(most: int) -> Iterator[Measured]:
    """Tallies in memory to columns, and on to places and rows, by tenfold steps up to ``most`` teachers.

    The floor is the time of the 40,000 grown in proportion. The memory is the process's highest so far.
    """
    actions: tuple[tuple[str, Callable[[Inputs], Any]], ...] = (("measure", measure), ("compute", compute))
    city = _columns(CITY)
    of_city = {name: median_of(lambda action=action: action(city), ROUNDS) for name, action in actions}  # type: ignore[misc]
    teachers = CITY
    while teachers <= most:
        inputs = city if teachers == CITY else _columns(teachers)
        for name, action in actions:
            spent = of_city[name] if teachers == CITY else _timed(action, inputs)
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
            yield Measured(
                f"{name}: {teachers:,} teachers ({memory:.1f} GiB)",
                spent,
                of_city[name] * teachers / CITY,
                "in proportion",
            )
        teachers *= 10


def main() -> None:
    """Print a line a measurement of the ranking alone."""
    allow_volatile_postgresql()
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 10 * CITY
    with tempfile.TemporaryDirectory() as folder, scored_city(Path(folder), CITY):
        for measured in measure_ranking(f"{CITY:,} teachers on sqlite"):
            print(measured, flush=True)
    for measured in measure_ranking_on_postgresql(CITY):
        print(measured, flush=True)
    for measured in measure_growth(most):
        print(measured, flush=True)


if __name__ == "__main__":
    main()
