"""A city's snapshot as Parquet, and the ranking of a province from the command line."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
from flask import Flask

from ethics_eval.accounts.rules import CLOCK
from ethics_eval.database import transaction
from ethics_eval.ranking import service
from tests.cli.running import on, run
from tests.province.provinces import province, written
from tests.ranking.semesters import AT, SEMESTER, town


def test_the_cities_together(tmp_path: Path) -> None:
    folder = written(province(4), tmp_path / "cities")
    out = tmp_path / "province.parquet"
    done = run("ranking", "province", folder, "-o", out)
    assert done.exit_code == 0, done.output
    counts = dict(pair.split("=") for pair in done.stdout.splitlines()[0].split())
    assert counts["cities"] == "2"
    assert len(done.stdout.splitlines()) == 1 + int(counts["listed"])
    assert pq.read_table(out).num_rows == int(counts["teachers"])


def test_what_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    done = run("ranking", "province", tmp_path, "-o", tmp_path / "p.parquet")
    assert done.exit_code == 1
    assert "没有城市快照" in done.stderr
    assert not (tmp_path / "p.parquet").exists()


def test_a_frozen_semester_goes_to_the_province(app: Flask, tmp_path: Path) -> None:
    with app.app_context(), transaction() as session:
        town(session)
        service.open_semester(session, SEMESTER, actor=CLOCK, at=AT)
        service.freeze(session, SEMESTER, actor=CLOCK, at=AT, instance=Path(app.config["INSTANCE"]))
    made = on(app, "ranking", "snapshot", SEMESTER, "--city", "430200", "-o", tmp_path)
    assert made.exit_code == 0, made.output
    done = run("ranking", "province", tmp_path, "-o", tmp_path / "p.parquet")
    assert done.exit_code == 0, done.output
    assert on(app, "ranking", "snapshot", SEMESTER, "--city", "../x", "-o", tmp_path).exit_code == 1
