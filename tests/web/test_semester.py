"""The pages of semesters: the steps by hand, in order, each once; and what they show to whom."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from ethics_eval.accounts.models import StaffNotice
from ethics_eval.database import Base, db, transaction
from ethics_eval.jobs.tick import tick
from ethics_eval.ranking.archive import file_of
from ethics_eval.ranking.queries.standing import standing
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.roster import queries as roster_queries
from tests.support.forms import form_at, submit
from tests.support.ranked import SEMESTER
from tests.web.ranked_pages import BUREAU, CHIEF, DISTRICT, SEMESTER_PATH, settle, signed_in, words


def status(app: Flask) -> str:
    with app.app_context():
        found = roster_queries.semester(db.session(), SEMESTER)
        assert found is not None
        return found.status


def count(app: Flask, table: str) -> int:
    with app.app_context():
        return db.session().scalar(select(func.count()).select_from(Base.metadata.tables[table])) or 0


def test_the_steps_are_taken_in_order_each_once_by_a_confirmed_form(app: Flask) -> None:
    settle(app, None)
    client = signed_in(app, CHIEF)
    with app.app_context():
        semester = roster_queries.semester(db.session(), SEMESTER)
        assert semester is not None
        freeze_at, publish_at = semester.freeze_at, semester.publish_at
    token = str(form_at(client.get(SEMESTER_PATH).text).fields["csrf_token"])

    early = client.post(f"{SEMESTER_PATH}/publish", data={"csrf_token": token, "confirmed": "y"})
    assert early.status_code == 422
    assert "还不能" in words(early.text, "//*[@role='alert']")

    unconfirmed = submit(client, SEMESTER_PATH)
    assert unconfirmed.status_code == 422
    assert "请先勾选" in words(unconfirmed.text, "//*[@role='alert']")
    assert status(app) == "planned"

    with time_machine.travel(freeze_at, tick=False):
        client = signed_in(app, CHIEF)
        for step in (Step.OPEN, Step.FREEZE):
            answer = submit(client, SEMESTER_PATH, {"confirmed": "y"}, action=f"/{step}")
            assert answer.status_code == 303, answer.text
        verify_by_another(app, client)
        answer = submit(client, SEMESTER_PATH, {"confirmed": "y"}, action=f"/{Step.ANNOUNCE}")
        assert answer.status_code == 303, answer.text
        page = client.get(SEMESTER_PATH).text
        assert "异议期" in words(page, "//*[@class='next-step']")
        assert not [form for form in ("/publish",) if form in page.split("<footer")[0].split("next-step")[1]]
        token = str(form_at(page).fields["csrf_token"])
        refused = client.post(f"{SEMESTER_PATH}/publish", data={"csrf_token": token, "confirmed": "y"})
        assert refused.status_code == 422
    assert status(app) == "announced"
    assert count(app, "notice") == 5  # a prior notice to each of the listed

    with time_machine.travel(publish_at + timedelta(days=30), tick=False):
        client = signed_in(app, CHIEF)
        assert submit(client, SEMESTER_PATH, {"confirmed": "y"}, action="/publish").status_code == 303
        notices = count(app, "notice")
        token = str(form_at(client.get(SEMESTER_PATH).text).fields["csrf_token"])
        again = client.post(
            f"{SEMESTER_PATH}/publish",
            data={"csrf_token": token, "confirmed": "y"},
            follow_redirects=True,
        )
        assert "没有变化" in words(again.text)
    assert (status(app), count(app, "notice")) == ("published", notices)
    assert notices == 5 + 5 + 1  # and at publication the individual ones and the circular


def verify_by_another(app: Flask, froze: FlaskClient) -> None:
    """Who froze can neither verify nor announce; another person verifies from the same page."""
    page = froze.get(SEMESTER_PATH).text
    assert "您冻结了这个榜单" in words(page)
    token = {"csrf_token": str(form_at(page).fields["csrf_token"])}
    for path in ("verify", "announce"):
        answer = froze.post(f"{SEMESTER_PATH}/{path}", data={**token, "confirmed": "y"})
        assert answer.status_code == 422
        assert "另一个人" in words(answer.text, "//*[@role='alert']")
    assert submit(signed_in(app, BUREAU), SEMESTER_PATH, action="/verify").status_code == 303
    assert "复核一致" in words(froze.get(SEMESTER_PATH).text)


def test_what_the_snapshot_does_not_bear_out_is_not_verified(app: Flask) -> None:
    settle(app, Step.FREEZE)
    with app.app_context():
        sha256 = standing(db.session(), SEMESTER).outcome_sha256
    file_of(Path(app.config["INSTANCE"]), sha256).write_bytes(b"{}\n")
    client = signed_in(app, CHIEF)
    answer = submit(client, SEMESTER_PATH, action="/verify")
    assert answer.status_code == 422
    assert "复核不一致" in words(answer.text)
    assert "还没有复核" in words(client.get(SEMESTER_PATH).text)


def test_a_held_semester_takes_no_step_until_it_is_let_go(app: Flask) -> None:
    settle(app, Step.OPEN)
    client = signed_in(app, CHIEF)
    reason = "正在核对三所学校的评分，核对完再办。"
    short = submit(client, SEMESTER_PATH, {"reason": "等"}, action="/hold")
    assert short.status_code == 422
    assert "至少10个字" in words(short.text, "//*[@role='alert']")
    assert submit(client, SEMESTER_PATH, {"reason": reason}, action="/hold").status_code == 303
    page = client.get(SEMESTER_PATH).text
    assert reason in words(page, "//*[@class='next-step']")
    token = {"csrf_token": str(form_at(page).fields["csrf_token"])}
    refused = client.post(f"{SEMESTER_PATH}/freeze", data={**token, "confirmed": "y"})
    assert refused.status_code == 422
    assert reason in words(refused.text, "//*[@role='alert']")
    assert "已暂停" in words(client.get("/bureau/semesters").text)
    with app.app_context():
        semester = roster_queries.semester(db.session(), SEMESTER)
        assert semester is not None
        at = semester.freeze_at
    for _tick in range(2):
        with app.app_context():
            done = tick(transaction, at=at, instance=Path(app.config["INSTANCE"]))
        assert [line for line in done if reason in line]
    assert count_told(app, "semester.refused") == 1  # the head, once
    assert (
        submit(
            client, SEMESTER_PATH, {"reason": "核对完了，没有差错，可以办理。"}, action="/release"
        ).status_code
        == 303
    )
    assert "以前的暂停" in words(client.get(SEMESTER_PATH).text)
    assert submit(client, SEMESTER_PATH, {"confirmed": "y"}, action="/freeze").status_code == 303


def count_told(app: Flask, kind: str) -> int:
    with app.app_context():
        told = select(func.count()).select_from(StaffNotice).where(StaffNotice.kind == kind)
        return db.session().scalar(told) or 0


@pytest.mark.parametrize("path", ["verify", "hold", "release"])
def test_a_district_neither_verifies_nor_holds(app: Flask, path: str) -> None:
    settle(app, Step.FREEZE)
    client = signed_in(app, DISTRICT)
    token = str(form_at(client.get("/account").text).fields["csrf_token"])
    assert client.post(f"{SEMESTER_PATH}/{path}", data={"csrf_token": token}).status_code == 403


def test_what_does_not_exist_is_not_found(app: Flask) -> None:
    settle(app, None)
    client = signed_in(app, BUREAU)
    token = str(form_at(client.get(SEMESTER_PATH).text).fields["csrf_token"])
    assert client.get("/bureau/semesters/1999-2000-1").status_code == 404
    for path in ("/bureau/semesters/1999-2000-1/freeze", f"{SEMESTER_PATH}/melt"):
        assert client.post(path, data={"csrf_token": token, "confirmed": "y"}).status_code == 404


def test_the_bureau_sees_who_is_on_the_list_and_who_is_not_and_why(app: Flask) -> None:
    settle(app, Step.FREEZE)
    page = signed_in(app, BUREAU).get(SEMESTER_PATH).text
    lowest = words(page, "//section[@aria-labelledby='lowest']")
    for text in ("列入5人", "点名通报2人", "单独告知3人", "因暂定越过1人", "T0035", "T0033", "得分暂定"):
        assert text in lowest
    assert "/notice" in page
    proof = words(page, "//section[@aria-labelledby='proof']")
    assert "tests-1" in proof
    figures = words(page, "//section[@aria-labelledby='figures']")
    for text in ("幼儿园教师不参加排名", "产假", "荷塘区", "初中", "优秀 12"):
        assert text in figures
    steps = words(page, "//section[@aria-labelledby='steps']")
    assert steps.count("测试bureau_officer") == 2


@pytest.mark.parametrize("last", [Step.ANNOUNCE, Step.PUBLISH])
def test_a_district_sees_its_own_figures_once_published_and_takes_no_step(app: Flask, last: Step) -> None:
    settle(app, last)
    client = signed_in(app, DISTRICT)
    page = client.get(SEMESTER_PATH).text
    text = words(page)
    assert "T0035" not in text
    assert "后五名" not in text
    assert "下一步" not in text
    assert ("参评情况" in text) is (last is Step.PUBLISH)
    assert ("荷塘区" in text) is False
    token = str(form_at(client.get("/account").text).fields["csrf_token"])
    assert client.post(f"{SEMESTER_PATH}/publish", data={"csrf_token": token}).status_code == 403
    index = words(client.get("/bureau/semesters").text)
    assert "2025—2026学年度第一学期" in index
    assert (" 36 " in index) is (last is Step.PUBLISH)
