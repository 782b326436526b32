"""Tracking over HTTP: the code opens, everything else gets one and the same answer."""

from __future__ import annotations

import pytest
from flask import Flask
from lxml import html

from ethics_eval.complaints.rules.query_code import ALPHABET
from tests.support.forms import submit
from tests.web.road import desk, filed, lead


@pytest.fixture
def app(city: Flask) -> Flask:
    """What is asked here: the small city."""
    return city


def wrong(code: str) -> str:
    return code[:-1] + ALPHABET[(ALPHABET.index(code[-1]) + 1) % 32]


def test_the_code_opens_the_progress(app: Flask) -> None:
    code, _number = filed(app)
    client = app.test_client()
    answer = submit(client, "/track", {"query_code": code.lower().replace("-", " ")})
    assert (answer.status_code, answer.location) == (303, "/track/case")
    page = client.get("/track/case")
    assert html.fromstring(page.text).xpath("//*[@data-state]/@data-state") == ["submitted"]
    assert page.headers["Cache-Control"] == "no-store"
    assert "罚站" not in page.text, "a found phone shows no letter"
    submit(client, "/track/case", action="/track/leave")
    assert client.get("/track/case").location == "/track"


@pytest.mark.parametrize("typed", ["", " ", "0000-0000-0000-0000", "查询码", "\0", "x" * 5000])
def test_what_opens_nothing(app: Flask, typed: str) -> None:
    filed(app)
    client = app.test_client()
    answer = submit(client, "/track", {"query_code": typed})
    assert answer.status_code == 422
    (summary,) = html.fromstring(answer.text).xpath("//*[@role='alert']")
    assert ("没有查到" if typed else "请输入查询码") in summary.text_content()
    assert client.get("/track/case").location == "/track"


def test_wrong_unknown_and_resting_are_answered_alike(app: Flask) -> None:
    code, _number = filed(app)

    def answer(typed: str) -> tuple[int, str]:
        got = submit(app.test_client(), "/track", {"query_code": typed})
        words = html.fromstring(got.text).xpath("//main")[0].text_content()
        return got.status_code, " ".join(words.split())

    missed = answer(wrong(code))
    assert answer("0000-0000-0000-0000") == missed
    for _ in range(5):
        assert answer(wrong(code)) == missed
    assert answer(code) == missed


def test_the_reply_is_read_under_the_code(app: Flask) -> None:
    code, number = filed(app)
    lead(
        app,
        number,
        "close",
        school=desk(app, "school_officer"),
        district=desk(app, "district_officer"),
    )
    client = app.test_client()
    submit(client, "/track", {"query_code": code})
    page = client.get("/track/case").text
    assert html.fromstring(page).xpath("//*[@data-state]/@data-state") == ["closed"]
    assert "经查,您反映的情况属实,已经处理。" in page
    assert "属实" in page
    for secret in ("甲某", "集中注意力", "询问了三名学生", "测试school_officer", "反映的情况属实。</dd>"):
        assert secret not in page


def test_one_browser_follows_one_complaint_at_a_time(app: Flask) -> None:
    first, second = filed(app)[0], filed(app, category="C15")[0]
    client = app.test_client()
    for code, category in ((first, "体罚"), (second, "有偿补课")):
        submit(client, "/track", {"query_code": code})
        assert category in client.get("/track/case").text
