"""为什么是这个分, as the teacher, the head and the bureau read it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask_security.utils import hash_password
from openpyxl import load_workbook
from sqlalchemy import delete, select, update

from ethics_eval.accounts.rules import Role
from ethics_eval.complaints.models import Case, Finding
from ethics_eval.database import db, transaction
from ethics_eval.evaluation.models import Assessment, Honour, Tally
from ethics_eval.ranking.archive import file_of
from ethics_eval.ranking.models import Ranking
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.roster.models import Teacher
from tests.ranking.published import CHARGED, PublishedCity
from tests.support.city import PASSWORD
from tests.support.ranked import SEMESTER
from tests.web.ranked_pages import BUREAU, SEMESTER_PATH, signed_in, words

COUNTED = 4  # its parents voted; at another school than the officer's
FEW = 7  # nine parents: not enough


def settle(app: Flask) -> None:
    """The published city, in which two teachers' parents cast ballots and one has an honour."""
    with app.app_context():
        password = hash_password(PASSWORD)
        with transaction() as session:
            town = PublishedCity(session, app.extensions["vault"], app.config["INSTANCE"], password)
            for number, counts in ((COUNTED, (18, 6, 2, 1, 1)), (FEW, (7, 1, 0, 0, 1))):
                teacher = town.teachers[number]
                session.execute(
                    delete(Assessment).where(
                        Assessment.teacher_id == teacher.id, Assessment.component == "parent"
                    )
                )
                session.add(
                    Tally(
                        semester_code=SEMESTER,
                        teacher_id=teacher.id,
                        school_id=teacher.postings[0].school_id,
                        component="parent",
                        item="P1",
                        eligible_count=None,
                        **{f"option_{place}": count for place, count in enumerate(counts, 1)},
                    )
                )
                town.account(Role.TEACHER, teacher=teacher)
            session.add(Honour(semester_code=SEMESTER, teacher_id=town.charged.id, level="city"))
            town.account(Role.TEACHER, teacher=town.charged)
            town.account(Role.TEACHER, teacher=town.absent)
            town.account(Role.SCHOOL_HEAD, school=town.school_of(town.charged))
            for step in Step:
                town.take(step)


def test_a_teacher_reads_each_step(app: Flask) -> None:
    settle(app)
    client = signed_in(app, f"teacher-T{COUNTED:04d}")
    page = client.get(f"/teacher/scores/{SEMESTER}")
    text = words(page.text)
    for part in (
        "共28票，最高和最低两头各去掉2票",
        "(100 × 16 + 85 × 6 + 70 × 2) ÷ 24 = 93.7500",
        "20% × 93.7500",
        "保留两位小数93.55",
        "没有认定，一分未扣",
    ):
        assert part in text
    few = words(signed_in(app, f"teacher-T{FEW:04d}").get(f"/teacher/scores/{SEMESTER}").text)
    assert "人数少，不显示" in few
    assert "家长的有效评价不足" in few
    assert "÷ 80% = " in few
    assert "票数" not in few
    assert client.get("/teacher/scores/2030-2031-1").status_code == 404
    absent = words(signed_in(app, "teacher-T8000").get(f"/teacher/scores/{SEMESTER}").text)
    assert "产假" in absent
    assert "保留两位小数" not in absent


def test_the_sheet_holds_the_same_sums(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    settle(app)
    client = signed_in(app, f"teacher-T{COUNTED:04d}")
    answer = client.get(f"/teacher/scores/{SEMESTER}/sheet.xlsx")
    book = load_workbook(BytesIO(answer.data))
    assert book.sheetnames == ["得分", "评价", "票数", "扣分"]
    cells = [[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()]
    assert any(row[:3] == ["综合得分", "综合得分", 93.55] for row in cells)
    assert any("20% × 93.7500" in str(row[3]) for row in cells if len(row) > 3)
    assert any(row[1:] == ["家长", "P1", 100, 18, 16] for row in cells)
    few = load_workbook(
        BytesIO(signed_in(app, f"teacher-T{FEW:04d}").get(f"/teacher/scores/{SEMESTER}/sheet.xlsx").data)
    )
    assert few["票数"].max_row == 2
    assert client.get("/teacher/scores/2030-2031-1/sheet.xlsx").status_code == 404


def test_a_school_never_reads_a_line_of_a_case_kept_from_it(app: Flask) -> None:
    settle(app)
    number = f"T{CHARGED:04d}"
    school = signed_in(app, "school_head-2").get(f"/school/ranking/{number}")
    assert "体罚或变相体罚" in school.text
    with app.app_context(), transaction() as session:
        kept = select(Finding.case_id).join(Teacher).where(Teacher.number == number)
        session.execute(update(Case).where(Case.id.in_(kept)).values(recused=True, desk="city"))
    text = words(signed_in(app, "school_head-2").get(f"/school/ranking/{number}").text)
    assert "体罚" not in text
    assert "另有教育局直接办理、已经生效的认定，合计扣8.0000分" in text
    bureau = words(signed_in(app, BUREAU).get(f"{SEMESTER_PATH}/ranking/{number}").text)
    for part in (
        "体罚或变相体罚",
        "8.0000",
        "市级：合计3分（荣誉只按最高的一项计）",
        "78.2500 − 8.0000 + 3.0000 = 73.2500",
    ):
        assert part in bureau
    assert "教育局直接办理" not in bureau


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_file_that_does_not_fit_is_told_and_the_ranking_stays_readable(app: Flask) -> None:
    settle(app)
    path = f"/teacher/scores/{SEMESTER}"
    client = signed_in(app, f"teacher-T{COUNTED:04d}")
    with app.app_context():
        sha = db.session().scalars(select(Ranking.snapshot_sha256)).one()
    file = file_of(Path(app.config["INSTANCE"]), sha)
    whole = file.read_bytes()
    assert "对不上" not in client.get(path).text
    file.write_bytes(whole.replace(b"[18,6,2,1,1]", b"[18,6,2,1,2]"))
    assert "对不上" in words(client.get(path).text)
    file.unlink()
    text = words(client.get(path).text)
    assert "对不上" in text
    assert "93.55" in text
    with app.app_context(), transaction() as session:
        session.execute(update(Ranking).values(means="{}"))
    file.write_bytes(whole)
    assert "(100 × 16 + 85 × 6 + 70 × 2) ÷ 24 = 93.7500" in words(client.get(path).text)
