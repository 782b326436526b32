"""``ethics-eval semester plan``: days and instants before the freeze, and the commands' common refusals."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask

from ethics_eval.database import db
from ethics_eval.roster.models import Semester
from tests.cli.running import on, run

SEMESTER = "2026-2027-1"


def stored(app: Flask) -> Semester:
    with app.app_context():
        found = db.session.get_one(Semester, SEMESTER)
        db.session.expunge(found)
        db.session.remove()
        return found


def test_what_is_given_changes_and_the_rest_stays(app: Flask) -> None:
    before = stored(app)
    done = on(
        app, "semester", "plan", SEMESTER, "--ends-on", "2027-01-29", "--weeks", "21",
        "--freeze-at", "2027-01-29T18:00", "--publish-at", "2027-02-20T01:00Z",
    )  # fmt: skip
    assert (done.exit_code, done.stdout) == (0, f"{SEMESTER}: planned\n"), done.output
    after = stored(app)
    assert (after.starts_on, after.ends_on, after.weeks) == (before.starts_on, date(2027, 1, 29), 21)
    assert after.freeze_at == datetime(2027, 1, 29, 10, 0, tzinfo=UTC)
    assert after.publish_at == datetime(2027, 2, 20, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--ends-on", "2026-09-01"), "学期的最后一天须在第一天之后。"),
        (("--weeks", "0"), "周数须是 1 到 30 的整数。"),
        (("--weeks", "31"), "周数须是 1 到 30 的整数。"),
        (("--publish-at", "2026-12-01T09:00"), "发布时间须在冻结时间之后。"),
    ],
)
def test_days_that_contradict_each_other_are_refused(app: Flask, options: tuple[str, ...], told: str) -> None:
    before = stored(app)
    done = on(app, "semester", "plan", SEMESTER, *options)
    assert (done.exit_code, done.stderr) == (1, f"{told}\n")
    after = stored(app)
    assert (after.ends_on, after.weeks, after.publish_at) == (before.ends_on, before.weeks, before.publish_at)


def test_a_frozen_semester_keeps_its_days(lettered_city: Flask) -> None:
    done = on(lettered_city, "semester", "plan", "2025-2026-1", "--weeks", "19")
    assert (done.exit_code, done.stderr) == (1, "数据已经冻结，学期的日期不能再改。\n")


def test_wrong_words_are_wrong_use(app: Flask) -> None:
    assert on(app, "semester", "plan", SEMESTER, "--ends-on", "soon").exit_code == 2
    assert on(app, "semester", "plan", SEMESTER, "--freeze-at", "soon").exit_code == 2


def test_a_database_that_was_never_migrated_is_told(tmp_path: Path) -> None:
    done = run("semester", "open", SEMESTER, instance=tmp_path)
    assert done.exit_code == 1
    assert "db upgrade" in done.stderr
