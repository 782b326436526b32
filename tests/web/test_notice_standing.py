"""Files of a notice, its withdrawal, 催办 and the words of notices over plain HTTP, each with its forged POST."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import docx
import pytest
import structlog
import time_machine
from flask import Flask
from lxml import html
from pypdf import PdfReader
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import StaffNotice
from ethics_eval.database import db
from ethics_eval.notices.models import Notice, NoticeTemplate
from ethics_eval.notices.paper import Press
from ethics_eval.notices.publishing import build_files
from ethics_eval.notices.rules.template import default_texts
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.web.desk import notice as downloading
from tests.support.forms import submit, token_of
from tests.support.ranked import SEMESTER
from tests.web.test_notice import Desk, desk, lead, soon_after

__all__ = ["desk", "lead", "soon_after"]  # fixtures

REASON = "通报所依据的一项认定已被撤销，程序有误。"


def count(app: Flask, table: type[Notice | NoticeTemplate | StaffNotice], **columns: str) -> int:
    with app.app_context():
        query = select(func.count()).select_from(table).filter_by(**columns)
        return db.session().scalar(query) or 0


# --- files --------------------------------------------------------------------------------------------------


def test_files_are_had_by_whoever_may_open_the_notice_and_are_logged(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture = structlog.testing.LogCapture()  # loggers in use are cached: this one is made anew
    fresh = structlog.wrap_logger(structlog.PrintLogger(), processors=[capture])
    monkeypatch.setattr(downloading, "_log", fresh)
    circular, letter = desk.notice("circular"), desk.notice("individual", 35)
    for username, path, notice in (
        ("school_officer-2", "/school", circular),
        ("bureau_officer", "/bureau", circular),
        ("teacher-T0035", "/teacher", letter),
    ):
        client = desk.sign_in(username)
        capture.entries.clear()
        pdf = client.get(f"{path}/notices/{notice}/notice.pdf")
        word = client.get(f"{path}/notices/{notice}/notice.docx")
        assert (pdf.mimetype, pdf.data[:5]) == ("application/pdf", b"%PDF-"), username
        assert ".pdf" in pdf.headers["Content-Disposition"]
        assert docx.Document(io.BytesIO(word.data)).paragraphs
        downloads = [line for line in capture.entries if line["event"] == "notice downloaded"]
        assert [(line["file"], line["notice"]) for line in downloads] == [("pdf", notice), ("docx", notice)]
        assert f"/notices/{notice}/notice.pdf" in client.get(f"{path}/notices/{notice}").text
    for username, path, notice in (
        ("school_officer-2", "/school", letter),
        ("school_head-1", "/school", letter),
        ("teacher-T0000", "/teacher", letter),
        ("teacher-T0035", "/teacher", circular),
        ("district_officer-430203", "/bureau", letter),
        ("bureau_officer", "/bureau", "0" * 32),
    ):
        client = desk.sign_in(username)
        for suffix in ("pdf", "docx"):
            answer = client.get(f"{path}/notices/{notice}/notice.{suffix}")
            assert answer.status_code == 404, (username, suffix)


def test_after_its_term_a_school_reads_that_it_was_and_no_more(desk: Desk) -> None:
    path = f"/school/notices/{desk.notice('circular')}"
    with time_machine.travel(datetime(2026, 8, 13, 1, 0, tzinfo=UTC)):
        client = desk.sign_in("school_officer-2")
        page = client.get(path)
        assert page.status_code == 200
        assert "株教通〔2026〕1号" in page.text
        assert "通报期限已于2026年8月13日届满" in page.text
        assert not html.fromstring(page.text).xpath("//article")
        assert client.get(f"{path}/notice.pdf").status_code == 404
        bureau = desk.sign_in("bureau_officer").get(path.replace("/school", "/bureau"))
        assert html.fromstring(bureau.text).xpath("//article")


def test_what_was_built_at_publication_is_served(desk: Desk, tmp_path: Path) -> None:
    app = desk.app
    with app.app_context():
        engine = db.engine
        instance = Path(app.config["INSTANCE"])
        manifest = build_files(
            lambda: Session(engine),
            instance,
            Press(app.jinja_env, instance),
            semester_code=SEMESTER,
            version=1,
            tell=lambda _done, _total: None,
        )
    folder = manifest.parent
    client = desk.sign_in("bureau_officer")
    circular = client.get(f"/bureau/notices/{desk.notice('circular')}/notice.pdf")
    assert circular.data == (folder / "notice.pdf").read_bytes()
    assert len(PdfReader(io.BytesIO(circular.data)).pages) > 2
    path = f"/bureau/semesters/{SEMESTER}/ranking.xlsx"
    with client.get(path) as answer:
        assert answer.data == (folder / "city.xlsx").read_bytes()
    with desk.sign_in("district_officer-430203").get(path) as answer:
        assert answer.data == (folder / "district-430203.xlsx").read_bytes()
    with client.get(f"{path}?district=430203") as narrowed:  # with the bottom list
        assert narrowed.status_code == 200
        assert narrowed.data != answer.data
    assert json.loads(manifest.read_text("utf-8"))["version"] == 1


# --- withdrawing --------------------------------------------------------------------------------------------


def test_a_head_withdraws_with_a_reason_and_a_confirmation(desk: Desk) -> None:
    circular = desk.notice("circular")
    client = desk.sign_in("bureau_head")
    path = f"/bureau/notices/{circular}/withdraw"
    assert path in client.get(f"/bureau/notices/{circular}").text
    for fields, said in (
        ({"reason": REASON}, "请勾选确认。"),
        ({"reason": "有误", "confirmed": "y"}, "请写明理由"),
    ):
        refused = submit(client, path, fields)
        assert refused.status_code == 422
        assert said in refused.text
        assert count(desk.app, Notice, kind="withdrawal") == 0
    answer = submit(client, path, {"reason": REASON, "confirmed": "y"})
    assert answer.status_code == 303
    withdrawal = desk.notice("withdrawal")
    assert answer.location == f"/bureau/notices/{withdrawal}"
    assert REASON in client.get(answer.location).text
    assert client.get(path).status_code == 404
    school = desk.sign_in("school_officer-2")
    page = school.get(f"/school/notices/{circular}").text
    assert "本件已由株教通〔2026〕2号（2026年2月14日）撤销" in page
    assert f"/school/notices/{withdrawal}" in page
    assert "已撤销" in school.get("/school/notices").text
    own = desk.sign_in("teacher-T0035").get(f"/teacher/notices/{withdrawal}")
    assert own.status_code == 200


def test_nobody_else_withdraws(desk: Desk) -> None:
    circular, letter = desk.notice("circular"), desk.notice("individual", 35)
    for username in ("bureau_officer", "district_officer-430203", "school_head-2"):
        client = desk.sign_in(username)
        forged = client.post(
            f"/bureau/notices/{circular}/withdraw",
            data={"csrf_token": token_of(client), "reason": REASON, "confirmed": "y"},
        )
        assert forged.status_code == 403, username
    head = desk.sign_in("bureau_head")
    data = {"csrf_token": token_of(head), "reason": REASON, "confirmed": "y"}
    assert head.post(f"/bureau/notices/{letter}/withdraw", data=data).status_code == 409
    assert head.post(f"/bureau/notices/{'0' * 32}/withdraw", data=data).status_code == 404
    assert count(desk.app, Notice, kind="withdrawal") == 0


# --- 催办 -----------------------------------------------------------------------------------------------------


def test_the_bureau_urges_a_district_once_a_day(desk: Desk) -> None:
    path = f"/bureau/notices/{desk.notice('circular')}"
    client = desk.sign_in("bureau_officer")
    data = {"csrf_token": token_of(client), "district": "430203"}
    assert client.post(f"{path}/urge", data=data).location == path
    assert "已催办芦淞区" in client.get(path).text
    again = client.post(f"{path}/urge", data=data)
    assert again.status_code == 422
    assert "今天已经催办过这个区县。" in again.text
    assert client.post(f"{path}/urge", data=data | {"district": "430999"}).status_code == 422
    bell = desk.sign_in("school_officer-2").get("/account/notices").text
    assert "市教育局催办" in bell


def test_a_district_cannot_urge(desk: Desk) -> None:
    path = f"/bureau/notices/{desk.notice('circular')}"
    client = desk.sign_in("district_officer-430203")
    assert "/urge" not in client.get(path).text
    forged = client.post(f"{path}/urge", data={"csrf_token": token_of(client), "district": "430203"})
    assert forged.status_code == 403
    assert count(desk.app, StaffNotice, kind="notice.urged") == 0


def test_a_notice_of_the_bell_opens_the_document(desk: Desk) -> None:
    client = desk.sign_in("school_officer-2")
    page = html.fromstring(client.get("/account/notices").text)
    assert "收到一份通报或告知" in page.text_content()
    forms = page.xpath("//form[contains(@action, '/account/notices/')]/@action")
    action = next(path for path in forms if not path.endswith("/read"))
    answer = client.post(action, data={"csrf_token": token_of(client)})
    assert answer.location == f"/school/notices/{desk.notice('circular')}"


# --- words --------------------------------------------------------------------------------------------------


@pytest.fixture
def frozen(lead: Callable[[Step], Desk]) -> Desk:
    """The semester is frozen, nothing is issued."""
    return lead(Step.FREEZE)


def test_words_are_tried_saved_taken_out_and_put_back(frozen: Desk) -> None:
    client = frozen.sign_in("bureau_officer")
    path = "/bureau/templates/circular"
    assert path in client.get("/bureau/templates").text
    words = default_texts("circular") | {"closing": "特此通报，请认真学习。"}
    token = {"csrf_token": token_of(client)}
    tried = client.post(f"{path}/preview", data=words | token)
    assert tried.status_code == 200
    (preview,) = html.fromstring(tried.text).xpath("//*[@id='preview']")
    assert "特此通报，请认真学习。" in preview.text_content()
    assert count(frozen.app, NoticeTemplate) == 0
    wrong = client.post(f"{path}/preview", data=words | token | {"opening": "{学期}{姓名}", "rights": ""})
    assert "这里不能用{姓名}。" in wrong.text
    assert not html.fromstring(wrong.text).xpath("//*[@id='preview']//article")
    refused = submit(client, path, words | {"rights": ""}, action="/circular")
    assert refused.status_code == 422
    assert "这段是法律要求的，不能删空。" in refused.text
    saved = submit(client, path, words, action="/circular")
    assert (saved.status_code, saved.location) == (303, path)
    page = client.get(path).text
    assert "测试bureau_officer" in page
    assert submit(client, path, action="/reset").status_code == 303
    assert count(frozen.app, NoticeTemplate) == 2
    assert "特此通报，请认真学习。" not in client.get(path).text
    assert "特此通报，请认真学习。" in client.get(f"{path}?version=1").text
    assert client.get(f"{path}?version=7").status_code == 404
    assert client.get("/bureau/templates/letter").status_code == 404
    preview_page = client.get(f"/bureau/semesters/{SEMESTER}/notice").text
    assert "特此通报。" in preview_page


def test_nobody_else_touches_the_words(frozen: Desk) -> None:
    for username in ("district_officer-430203", "school_head-2"):
        client = frozen.sign_in(username)
        data = {"csrf_token": token_of(client), **default_texts("circular"), "closing": "伪造。"}
        for action in ("", "/preview", "/reset"):
            assert client.post(f"/bureau/templates/circular{action}", data=data).status_code == 403
        assert client.get("/bureau/templates").status_code == 403
    assert count(frozen.app, NoticeTemplate) == 0
