"""A school brings its paper results by the page: looked at first, stored on its word, its own rows only."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_security.utils import hash_password
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from ethics_eval.accounts.rules import CLOCK, Role
from ethics_eval.accounts.service import create_account
from ethics_eval.database import db, transaction
from ethics_eval.evaluation import uploading
from ethics_eval.evaluation.models import Assessment
from ethics_eval.evaluation.rules.assessment import SCORE_HEADINGS, SCORES
from ethics_eval.notices.service import take_step
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.roster.models import School, Teacher
from tests.support.city import FOUNDED_AT, FOUNDER, PASSWORD, SCHOOLS
from tests.support.forms import form_at, submit, token_of
from tests.support.ranked import SEMESTER, fix_scheme, step_at
from tests.web.ranked_pages import signed_in, words

PATH = "/school/assessments"
OWN, OTHER = SCHOOLS[0][0], SCHOOLS[1][0]
Row = tuple[object, ...]
GOOD: Row = ("T0001", OWN, "互评", 91.5, 12, 20)
FOREIGN: Row = ("T0002", OTHER, "互评", 91.5, 12, 20)


@pytest.fixture
def client(city: Flask) -> FlaskClient:
    """The officer of the first school, in a semester that is open."""
    take(city, Step.OPEN)
    return signed_in(city, Role.SCHOOL_OFFICER)


def take(app: Flask, step: Step) -> None:
    with app.app_context(), transaction() as session:
        if step is Step.OPEN:
            fix_scheme(session, SEMESTER, {})
        take_step(
            session,
            SEMESTER,
            step,
            actor=CLOCK,
            at=step_at(session, step),
            instance=Path(app.config["INSTANCE"]),
        )


def workbook(*rows: Row) -> dict[str, object]:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = SCORES
    sheet.append(list(SCORE_HEADINGS))
    for row in rows:
        sheet.append(list(row))
    file = BytesIO()
    made.save(file)
    file.seek(0)
    return {"workbook": (file, "结果.xlsx")}


def score(app: Flask, number: str) -> int | None:
    with app.app_context():
        return db.session().scalar(
            select(Assessment.score_e4)
            .join(Teacher, Teacher.id == Assessment.teacher_id)
            .where(Teacher.number == number, Assessment.component == "peer")
        )


def kept(app: Flask) -> list[str]:
    folder = Path(app.config["INSTANCE"]) / "tasks"
    return [path.name for path in folder.glob("upload-*")] if folder.is_dir() else []


def test_it_is_looked_at_then_stored(city: Flask, client: FlaskClient) -> None:
    looked = submit(client, PATH, workbook(GOOD))
    assert looked.status_code == 200, looked.text
    assert "评分100" in words(looked.text, "//*[@class='next-step']//table")
    assert score(city, "T0001") is None
    form = form_at(looked.text, "/store")
    fields = {str(name): str(value) for name, value in form.form_values()}
    stranger = signed_in(city, Role.BUREAU_OFFICER)
    forged = {**fields, "csrf_token": token_of(stranger)}
    assert stranger.post(f"{PATH}/store", data=forged).status_code == 403
    answer = client.post(f"{PATH}/store", data=fields)
    assert answer.status_code == 303
    assert score(city, "T0001") == 915_000
    assert kept(city) == []
    page = client.get(PATH).text
    assert "互评1人0人" in words(page)
    assert "结果已保存。" in page
    assert client.post(f"{PATH}/store", data=fields).status_code == 404  # once


def test_rows_of_another_school_are_refused_and_marked(city: Flask, client: FlaskClient) -> None:
    looked = submit(client, PATH, workbook(GOOD, FOREIGN))
    assert looked.status_code == 422
    assert "只能导入本校的结果。" in words(looked.text, "//table")
    form = form_at(looked.text, "/errors")
    fields = {str(name): str(value) for name, value in form.form_values()}
    marked = client.post(f"{PATH}/errors", data=fields)
    assert str(marked.mimetype).endswith("sheet")
    book = load_workbook(BytesIO(marked.data))
    assert book.worksheets[0].title == "错误清单"
    assert (
        client.post(f"{PATH}/store", data=fields).status_code == 422
    )  # forged: the page offers no such button
    assert score(city, "T0001") is None
    assert score(city, "T0002") is None


def test_another_account_cannot_use_a_kept_workbook(city: Flask, client: FlaskClient) -> None:
    looked = submit(client, PATH, workbook(GOOD))
    fields = {str(name): str(value) for name, value in form_at(looked.text, "/store").form_values()}
    with city.app_context(), transaction() as session:
        school = session.scalars(select(School.id).where(School.code == OWN)).one()
        create_account(
            session,
            username="colleague",
            display_name="同事",
            password_hash=hash_password(PASSWORD),
            role=Role.SCHOOL_OFFICER,
            actor=FOUNDER,
            at=FOUNDED_AT,
            school_id=school,
        )
    colleague = signed_in(city, "colleague")
    forged = {**fields, "csrf_token": token_of(colleague)}
    for deed in ("store", "errors"):
        assert colleague.post(f"{PATH}/{deed}", data=forged).status_code == 404
    assert score(city, "T0001") is None
    for token in ("0" * 32, "../../secret", "", fields["token"].upper()):
        assert client.post(f"{PATH}/store", data={**fields, "token": token}).status_code == 404


def test_what_is_no_workbook_is_refused_at_its_field(
    city: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploading, "MOST_BYTES", 1000)
    for content, message in (
        (b"", "请选择工作簿"),
        (b"<html>", "这不是 .xlsx 工作簿"),
        (b"PK" + b"0" * 1000, "文件太大，最多 10 MB"),
    ):
        name = "结果.xlsx" if content else ""
        answer = submit(client, PATH, {"workbook": (BytesIO(content), name)})
        assert answer.status_code == 422
        assert message in words(answer.text, "//*[@role='alert']")
    assert kept(city) == []
    assert client.get(f"{PATH}/template.xlsx").status_code == 200


def test_nothing_comes_in_after_the_freeze(city: Flask, client: FlaskClient) -> None:
    take(city, Step.FREEZE)
    assert "现在没有正在进行的考评" in words(client.get(PATH).text)
    data = {"csrf_token": token_of(client), **workbook(GOOD)}
    forged = client.post(PATH, data=data, content_type="multipart/form-data")
    assert forged.status_code == 404
    assert score(city, "T0001") is None
