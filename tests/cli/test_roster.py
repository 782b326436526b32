"""``ethics-eval roster``: import all or nothing, every bad row told and handed back, and the template."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import func, select

from ethics_eval.accounts.models import AuditEvent
from ethics_eval.cli import cli
from ethics_eval.complaints.models import Mailbox
from ethics_eval.database import db
from ethics_eval.roster.models import Posting, School, Teacher
from ethics_eval.roster.rules.roster import HEADINGS, OPTIONAL, SCHOOLS, TEACHERS, plan_roster
from ethics_eval.roster.rules.sheet import SheetRows, heading_places
from ethics_eval.workbooks.errors import LIST_TITLE
from ethics_eval.workbooks.reading import read_workbook
from ethics_eval.workbooks.writing import Column, Kind, Table, save_workbook
from tests.roster.rosters import LI, SCHOOL_ROWS, TEACHER_ROWS, TIANTAI, Row, changed
from tests.support.databases import SETTINGS
from tests.support.sheets import rows_of


def run(app: Flask, *arguments: str | Path) -> Result:
    environment = {
        "ETHICS_EVAL_INSTANCE": str(app.config["INSTANCE"]),
        "DATABASE_URL": app.config["DATABASE_URL"],
        "SECRET_KEY": SETTINGS["SECRET_KEY"],
        "ETHICS_EVAL_MASTER_KEY": SETTINGS["ETHICS_EVAL_MASTER_KEY"],
    }
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], env=environment)


def workbook(
    path: Path, schools: Iterable[Row] = SCHOOL_ROWS, teachers: Iterable[Row] = TEACHER_ROWS
) -> Path:
    rows = {SCHOOLS: schools, TEACHERS: teachers}
    save_workbook(
        path,
        [
            Table(title, [Column(f"*{name}\n", Kind.ANY) for name in HEADINGS[title]], rows[title])
            for title in HEADINGS
        ],
    )
    return path


def counted(app: Flask) -> tuple[int, ...]:
    with app.app_context():
        found = [
            db.session.scalar(select(func.count()).select_from(table)) for table in (School, Teacher, Posting)
        ]
        open_boxes = select(func.count()).select_from(Mailbox).where(Mailbox.revoked_at.is_(None))
        return tuple(count or 0 for count in [*found, db.session.scalar(open_boxes)])


def imports_recorded(app: Flask) -> int:
    with app.app_context():
        events = select(func.count()).select_from(AuditEvent).where(AuditEvent.action == "roster.imported")
        return db.session.scalar(events) or 0


def test_schools_teachers_and_mailboxes_at_once_and_only_once(app: Flask, tmp_path: Path) -> None:
    file = workbook(tmp_path / "名册.xlsx")
    trial = run(app, "roster", "import", file, "--dry-run")
    assert (trial.exit_code, counted(app)) == (0, (0, 0, 0, 0)), trial.output
    assert trial.stdout.splitlines() == [
        "学校：新增 3，更新 0，不变 0",
        "教师：新增 5，更新 0，不变 0",
        "任职：新增 6，更新 0，不变 0",
        "试运行，没有写入任何内容",
    ]
    done = run(app, "roster", "import", file)
    assert (done.exit_code, done.stderr) == (0, ""), done.output
    assert done.stdout.splitlines() == ["信箱：新开 3", *trial.stdout.splitlines()[:3]]
    assert (counted(app), imports_recorded(app)) == ((3, 5, 6, 3), 1)
    again = run(app, "roster", "import", file)
    assert again.stdout.splitlines() == [
        "信箱：新开 0",
        "学校：新增 0，更新 0，不变 3",
        "教师：新增 0，更新 0，不变 5",
        "任职：新增 0，更新 0，不变 6",
    ]
    assert (counted(app), imports_recorded(app)) == ((3, 5, 6, 3), 1)


def test_every_bad_row_is_told_handed_back_and_taken_when_mended(app: Flask, tmp_path: Path) -> None:
    bad_teacher = changed(changed(LI, 0, 20250001), 8, "昨天")
    file = workbook(
        tmp_path / "in.xlsx",
        [changed(TIANTAI, 2, "望城区"), *SCHOOL_ROWS[1:]],
        [bad_teacher, *TEACHER_ROWS[1:]],
    )
    errors = tmp_path / "错误.xlsx"
    done = run(app, "roster", "import", file, "--errors", errors)
    assert (done.exit_code, done.stdout, counted(app)) == (1, "", (0, 0, 0, 0))
    lines = done.stderr.splitlines()
    assert [line.partition("：")[0] for line in lines[:3]] == [
        "学校 第 2 行 区县",
        "教师 第 2 行 到岗",
        "教师 第 2 行 教师编码",
    ]
    assert lines[-1].startswith("名册有 3 处错误，没有导入任何内容。")

    book = load_workbook(errors)
    assert [sheet.title for sheet in book] == [LIST_TITLE, SCHOOLS, TEACHERS]
    assert book[SCHOOLS]["I1"].value == book[TEACHERS]["K1"].value == "错误原因"
    assert book[SCHOOLS]["I2"].value == "区县：没有“望城区”这个区县。"
    assert book[SCHOOLS]["C2"].fill.fgColor.rgb != book[SCHOOLS]["C3"].fill.fgColor.rgb
    assert book[TEACHERS]["K3"].value is None
    book[SCHOOLS]["C2"].value = "天元区"
    book[TEACHERS]["A2"].value, book[TEACHERS]["I2"].value = "T001", "2015-09-01"
    book.save(errors)
    mended = run(app, "roster", "import", errors)
    assert (mended.exit_code, counted(app)) == (0, (3, 5, 6, 3)), mended.output


def test_a_trial_tells_the_problems_too(app: Flask, tmp_path: Path) -> None:
    file = workbook(tmp_path / "in.xlsx", SCHOOL_ROWS, [changed(LI, 8, None)])
    done = run(app, "roster", "import", file, "--dry-run")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.splitlines()[0] == "教师 第 2 行 到岗：不能为空。"


def test_missing_sheets_and_headings(app: Flask, tmp_path: Path) -> None:
    file, errors = tmp_path / "in.xlsx", tmp_path / "out.xlsx"
    save_workbook(
        file, [Table(SCHOOLS, [Column("学校标识码"), Column("名称")], [["2143000001", "天台小学"]])]
    )
    done = run(app, "roster", "import", file, "--errors", errors)
    assert done.exit_code == 1
    assert "教师 第 1 行：工作簿里没有这张工作表。" in done.stderr.splitlines()
    assert [row[:3] for row in rows_of(errors, LIST_TITLE)[1:3]] == [
        (SCHOOLS, 1, "办别"),
        (SCHOOLS, 1, "区县"),
    ]


def test_what_is_no_workbook(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "名册.csv"
    file.write_text("学校标识码,名称\n", "gbk")
    done = run(app, "roster", "import", file)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"{file}：这不是 .xlsx 工作簿。请用 Excel 或 WPS 打开它，“另存为” .xlsx 后再试。\n"


def test_wrong_use_is_exit_code_two(app: Flask, tmp_path: Path) -> None:
    assert run(app, "roster", "import", tmp_path / "none.xlsx").exit_code == 2
    assert run(app, "roster", "import").exit_code == 2


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_the_template_can_be_imported_as_it_is_and_filled_in(app: Flask, tmp_path: Path) -> None:
    out = tmp_path / "模板.xlsx"
    assert run(app, "roster", "template", out).exit_code == 0
    sheets = [SheetRows(sheet.title, sheet.headings, sheet.rows) for sheet in read_workbook(out)]
    for sheet in sheets[:2]:
        assert heading_places(sheet, HEADINGS[sheet.title], OPTIONAL[sheet.title])[1] == []
    plan = plan_roster(sheets)
    assert (plan.problems, plan.schools, plan.postings) == ((), (), ())
    # the example rows would be sound but for the word that marks them
    unmarked = [
        SheetRows(
            sheet.title,
            sheet.headings,
            [(number, [str(cells[0]).removeprefix("示例"), *cells[1:]]) for number, cells in sheet.rows],
        )
        for sheet in sheets[:2]
    ]
    sound = plan_roster(unmarked)
    assert (sound.problems, len(sound.schools), len(sound.postings)) == ((), 1, 1)
    book = load_workbook(out)
    lists = {
        str(found.sqref)[0]: str(found.formula1) for found in book[SCHOOLS].data_validations.dataValidation
    }
    assert lists["F"] == '"公办,民办,普惠性民办"'
    assert max(map(len, lists.values())) <= 257
    assert book["说明"]["A1"].value == "栏目"
    file = tmp_path / "filled.xlsx"
    for place, value in enumerate(TIANTAI, 1):
        book[SCHOOLS].cell(3, place).value = value
    book.save(file)
    done = run(app, "roster", "import", file)
    assert done.exit_code == 0, done.output
    assert counted(app) == (1, 0, 0, 1)


def test_the_template_is_not_written_into_nowhere(app: Flask, tmp_path: Path) -> None:
    done = run(app, "roster", "template", tmp_path / "nowhere" / "a.xlsx")
    assert done.exit_code == 1
    assert "No such file" in done.stderr
