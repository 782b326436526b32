"""Run every measurement and print the table."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from flask import Flask, current_app
from openpyxl import Workbook
from sqlalchemy.engine import make_url

from ethics_eval.database import allow_volatile_postgresql, db
from ethics_eval.roster import queries as roster_queries
from ethics_eval.workbooks.writing import Column, Kind, Table, write_workbook
from tests.bench.ballots import measure_ballots, measure_bulk
from tests.bench.certainty import measure_certainty
from tests.bench.city import scored_city
from tests.bench.measuring import Measured, compare
from tests.bench.posters import measure_posters
from tests.bench.queue import measure_queues
from tests.bench.ranking import measure_growth, measure_ranking, measure_ranking_on_postgresql
from tests.bench.submissions import measure_submissions

TEACHERS = 40_000
MOST_TEACHERS = 400_000


def find_schools() -> None:
    """Ten searches by name, as a parent types them."""
    for text in ("第", "第1小学", "d12xx", "小学", "9", "diyi", "第88", "xx", "第77小学", "00"):
        roster_queries.find_schools(db.session(), text)
    db.session.rollback()


def all_names() -> None:
    """The same ten times reading every school's name by the driver."""
    path = str(make_url(current_app.config["SQLALCHEMY_DATABASE_URI"]).database)
    with sqlite3.connect(path) as connection:
        for _ in range(10):
            connection.execute("SELECT id, name, pinyin, initials FROM school").fetchall()


def rows() -> Iterator[tuple[str | int, ...]]:
    """Rows as wide as a ranking's."""
    for place in range(TEACHERS):
        yield (
            f"T{place:07}",
            "张三",
            f"2143{place % 900:06}",
            "PRI",
            *range(place % 7000, place % 7000 + 14),
        )


def our_workbook() -> None:
    """A workbook of the city by our writer."""
    columns = [Column(str(place), Kind.TEXT if place < 4 else Kind.HUNDREDTHS) for place in range(18)]
    write_workbook(BytesIO(), [Table("排名", columns, rows())])


def plain_workbook() -> None:
    """The same cells by openpyxl's write-only mode, with the number format on each."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("排名")
    for row in rows():
        sheet.append([value if isinstance(value, str) else value / 100 for value in row])
    workbook.save(BytesIO())


def measurements(app: Flask) -> Iterator[Measured]:
    """Every comparison, in order."""
    with app.app_context():
        yield from measure_ranking(f"{TEACHERS:,} teachers on sqlite")
        yield compare("school search, ten times", find_schools, all_names, "reading all names")
        yield compare("workbook 40,000 x 18", our_workbook, plain_workbook, "openpyxl write-only")
        yield measure_posters()
    yield from measure_ranking_on_postgresql(TEACHERS)
    yield from measure_growth(MOST_TEACHERS)
    yield measure_certainty(TEACHERS)
    yield from measure_submissions()
    yield from measure_ballots()
    yield measure_bulk()
    yield from measure_queues()


def main() -> None:
    """Print a line a measurement."""
    allow_volatile_postgresql()
    with tempfile.TemporaryDirectory() as folder, scored_city(Path(folder), TEACHERS) as app:
        for measured in measurements(app):
            print(measured, flush=True)


if __name__ == "__main__":
    main()
