"""``ethics-eval assessment``: results of an open semester, all or nothing, and the template."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import func, select

from ethics_eval.accounts.rules import CLOCK
from ethics_eval.cli import cli
from ethics_eval.database import db, transaction
from ethics_eval.evaluation.models import Assessment, Honour, Tally
from ethics_eval.evaluation.queries import scheme_of_semester
from ethics_eval.evaluation.rules.assessment import (
    HEADINGS,
    HONOURS,
    OPTIONAL,
    SCORES,
    VOTES,
    plan_assessments,
)
from ethics_eval.ranking import service as ranking_service
from ethics_eval.roster.rules.sheet import SheetRows, heading_places
from ethics_eval.workbooks.reading import read_workbook
from ethics_eval.workbooks.writing import Column, Given, Kind, Table, save_workbook
from tests.ranking.semesters import AT, SEMESTER
from tests.support.city import SCHOOLS, TEACHERS
from tests.support.databases import SETTINGS
from tests.support.sheets import rows_of

TEACHER, SCHOOL = TEACHERS[0][0], SCHOOLS[0][0]
Row = Sequence[Given]
SCORE: Row = (TEACHER, SCHOOL, "学校", 91.5, 1, None)
HONOUR: Row = (TEACHER, "市级")


def run(app: Flask, *arguments: str | Path) -> Result:
    environment = {
        "ETHICS_EVAL_INSTANCE": str(app.config["INSTANCE"]),
        "DATABASE_URL": app.config["DATABASE_URL"],
        "SECRET_KEY": SETTINGS["SECRET_KEY"],
        "ETHICS_EVAL_MASTER_KEY": SETTINGS["ETHICS_EVAL_MASTER_KEY"],
    }
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], env=environment)


@pytest.fixture
def opened(city: Flask) -> Flask:
    """The small city, its semester open."""
    with city.app_context(), transaction() as session:
        ranking_service.open_semester(session, SEMESTER, actor=CLOCK, at=AT)
    return city


def vote(app: Flask) -> Row:
    """A row of votes on the first item the scheme has."""
    with app.app_context():
        scheme = scheme_of_semester(db.session(), SEMESTER)
    assert scheme is not None
    component, items = next(iter(scheme.items.items()))
    return (TEACHER, SCHOOL, component.value, items[0].code, 1, 20, 25)


def workbook(
    path: Path, scores: Iterable[Row] = (), votes: Iterable[Row] = (), honours: Iterable[Row] = ()
) -> Path:
    rows = {SCORES: scores, VOTES: votes, HONOURS: honours}
    save_workbook(
        path,
        [
            Table(title, [Column(name, Kind.ANY) for name in HEADINGS[title]], rows[title])
            for title in HEADINGS
        ],
    )
    return path


def counted(app: Flask) -> tuple[int, ...]:
    with app.app_context():
        return tuple(
            db.session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Assessment, Tally, Honour)
        )


def test_results_are_taken_in_once(opened: Flask, tmp_path: Path) -> None:
    file = workbook(tmp_path / "结果.xlsx", [SCORE], [vote(opened)], [HONOUR])
    trial = run(opened, "assessment", "import", file, "--semester", SEMESTER, "--dry-run")
    assert (trial.exit_code, counted(opened)) == (0, (0, 0, 0)), trial.output
    done = run(opened, "assessment", "import", file, "--semester", SEMESTER)
    assert (done.exit_code, done.stderr) == (0, ""), done.output
    assert done.stdout.splitlines() == [
        "评分：新增 1，更新 0，不变 0",
        "票数：新增 1，更新 0，不变 0",
        "荣誉：新增 1，更新 0，不变 0",
    ]
    assert trial.stdout.splitlines() == [*done.stdout.splitlines(), "试运行，没有写入任何内容"]
    again = run(opened, "assessment", "import", file, "--semester", SEMESTER)
    assert [line.partition("：新增 ")[2] for line in again.stdout.splitlines()] == ["0，更新 0，不变 1"] * 3
    assert counted(opened) == (1, 1, 1)


def test_every_bad_row_is_told_and_handed_back(opened: Flask, tmp_path: Path) -> None:
    file = workbook(tmp_path / "in.xlsx", [SCORE, ("T404", *SCORE[1:]), (*SCORE[:2], "自评", 120, 1, None)])
    errors = tmp_path / "错误.xlsx"
    done = run(opened, "assessment", "import", file, "--semester", SEMESTER, "--errors", errors)
    assert (done.exit_code, done.stdout, counted(opened)) == (1, "", (0, 0, 0))
    assert done.stderr.splitlines()[:2] == [
        "评分 第 3 行 教师编码：系统里没有这个教师编码。",
        "评分 第 4 行 分数：分数须在 0 到 100 之间。",
    ]
    assert [row[-1] for row in rows_of(errors, SCORES)] == [
        "错误原因",
        None,
        "教师编码：系统里没有这个教师编码。",
        "分数：分数须在 0 到 100 之间。",
    ]


def test_a_semester_that_is_not_open(city: Flask, tmp_path: Path) -> None:
    file = workbook(tmp_path / "in.xlsx", [SCORE])
    closed = run(city, "assessment", "import", file, "--semester", SEMESTER)
    assert (closed.exit_code, closed.stderr) == (
        1,
        f"学期 {SEMESTER} 现在不接收考评结果：要在开启之后、冻结之前导入。\n",
    )
    unknown = run(city, "assessment", "import", file, "--semester", "2031-2032-1")
    assert (unknown.exit_code, unknown.stderr) == (1, "没有学期 2031-2032-1。\n")
    assert run(city, "assessment", "import", file).exit_code == 2


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_the_template_is_as_the_rules_read_it(opened: Flask, tmp_path: Path) -> None:
    out = tmp_path / "模板.xlsx"
    assert run(opened, "assessment", "template", out).exit_code == 0
    sheets = [SheetRows(sheet.title, sheet.headings, sheet.rows) for sheet in read_workbook(out)]
    for sheet in sheets[:3]:
        assert heading_places(sheet, HEADINGS[sheet.title], OPTIONAL[sheet.title])[1] == []
    plan = plan_assessments(sheets, {})
    assert (plan.problems, plan.scores, plan.tallies, plan.honours) == ((), (), (), ())
    book = load_workbook(out)
    for place, value in enumerate(SCORE, 1):
        book[SCORES].cell(4, place).value = value
    book.save(out)
    done = run(opened, "assessment", "import", out, "--semester", SEMESTER)
    assert (done.exit_code, counted(opened)) == (0, (1, 0, 0)), done.output


def test_answers_of_another_system_are_counted(opened: Flask, tmp_path: Path) -> None:
    part, item = vote(opened)[2:4]
    answers = tmp_path / "answers.csv"
    line = f"{TEACHER},{SCHOOL},{part},{item}"
    answers.write_text(f"教师编码,学校标识码,部分,题目,选项\n{line},1\n{line},1\n{line},2\n", "utf-8-sig")
    assert run(opened, "assessment", "count", answers, "--semester", SEMESTER, "--dry-run").exit_code == 0
    result = run(opened, "assessment", "count", answers, "--semester", SEMESTER)
    assert (result.exit_code, "新增 1" in result.output) == (0, True)
    with opened.app_context():
        row = db.session.scalars(select(Tally)).one()
        assert (row.option_1, row.option_2, row.source) == (2, 1, "paper")
    answers.write_text(
        f"教师编码,学校标识码,部分,题目,选项\n{line},1\nT9999,{SCHOOL},{part},{item},1\n", "utf-8"
    )
    refused = run(opened, "assessment", "count", answers, "--semester", SEMESTER)
    assert refused.exit_code == 1
    assert "第 3 行" in refused.output
    answers.write_bytes("教师编码".encode("gbk"))
    assert run(opened, "assessment", "count", answers, "--semester", SEMESTER).exit_code == 1
