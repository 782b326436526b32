"""The window of a round and how many ballots have come back: who sets it, who sees it, what is not shown."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from ethics_eval.accounts.models import StaffNotice
from ethics_eval.database import db, transaction
from ethics_eval.evaluation.rounds import window_of
from ethics_eval.evaluation.rules.scheme import Component
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.roster.models import School
from ethics_eval.roster.rules.calendar import CITY_TIME
from tests.evaluation.balloted import add_group
from tests.support.forms import form_at, submit, token_of
from tests.support.ranked import SCHOOLS, SEMESTER
from tests.web.ranked_pages import BUREAU, CHIEF, DISTRICT, OFFICER, SEMESTER_PATH, settle, signed_in, words

ROUND, TURNOUT = f"{SEMESTER_PATH}/round", f"{SEMESTER_PATH}/turnout"


def reminder(app: Flask) -> str:
    with app.app_context():
        return db.session().scalars(select(StaffNotice.id).where(StaffNotice.kind == "round.bureau")).one()


@pytest.fixture
def opens_at(app: Flask) -> datetime:
    """When the usual window opens, in the city of the ranking's tests with a few groups."""
    settle(app, Step.OPEN)
    with app.app_context(), transaction() as session:
        schools = {school.code: school for school in session.scalars(select(School))}
        first, second = schools[SCHOOLS[0][0]], schools[SCHOOLS[1][0]]
        add_group(session, SEMESTER, first, Component.PUPIL, "三年级1班", seats=45, returned=12)
        add_group(session, SEMESTER, first, Component.PARENT, "三年级1班", seats=45, returned=44)
        add_group(session, SEMESTER, first, Component.SCHOOL, "考核小组", seats=3, returned=2)
        add_group(session, SEMESTER, second, Component.PUPIL, "七年级1班", seats=40, returned=31)
        window = window_of(session, SEMESTER)
        assert window is not None
        return window.opens_at


def test_the_bureau_changes_the_window_and_nobody_else_does(app: Flask, opens_at: datetime) -> None:
    with time_machine.travel(opens_at - timedelta(days=5), tick=False):
        client = signed_in(app, BUREAU)
        form = form_at(client.get(ROUND).text)
        assert form.fields["opens_at"] == "2025-12-19T08:00"
        assert form.fields["closes_at"] == "2026-01-02T20:00"
        late = submit(client, ROUND, {"closes_at": "2026-02-20T20:00"})
        assert late.status_code == 422
        assert "不晚于 2026-01-30" in words(late.text, "//*[@role='alert']")
        unreadable = submit(client, ROUND, {"opens_at": "tomorrow"})
        assert unreadable.status_code == 422
        assert submit(client, ROUND, {"opens_at": "2025-12-20T09:00"}).status_code == 303
        for name in (DISTRICT, OFFICER):
            other = signed_in(app, name)
            assert other.get(ROUND).status_code == 403
            forged = {"csrf_token": token_of(other), "closes_at": "2026-01-09T20:00"}
            assert other.post(ROUND, data=forged).status_code == 403
    with time_machine.travel(opens_at + timedelta(days=3), tick=False):  # begun: its beginning stays
        client = signed_in(app, CHIEF)
        page = client.get(ROUND).text
        assert "正在评议" in words(page)
        assert "opens_at" not in form_at(page).fields
        token = str(form_at(page).fields["csrf_token"])
        moved = {"csrf_token": token, "opens_at": "2025-12-25T08:00", "closes_at": "2026-01-09T20:00"}
        refused = client.post(ROUND, data=moved)
        assert refused.status_code == 422
        assert "评议已经开始" in refused.text
        assert submit(client, ROUND, {"closes_at": "2026-01-09T20:00"}).status_code == 303
    with app.app_context():
        window = window_of(db.session(), SEMESTER)
        assert window is not None
        assert window.opens_at == datetime(2025, 12, 20, 9, tzinfo=CITY_TIME)
        assert window.closes_at == datetime(2026, 1, 9, 20, tzinfo=CITY_TIME)
    with time_machine.travel(opens_at + timedelta(days=40), tick=False):
        page = signed_in(app, BUREAU).get(ROUND).text
        assert "评议已经结束，时间不能再改" in words(page)
        with pytest.raises(LookupError):
            form_at(page, "/round")


def test_the_bureau_sees_every_school_and_reminds_one_once_a_day(app: Flask, opens_at: datetime) -> None:
    with time_machine.travel(opens_at + timedelta(days=1), tick=False):
        client = signed_in(app, BUREAU)
        page = words(client.get(TURNOUT).text)
        assert "87 / 130" in page  # the group of three is in no sum
        assert "其中1组少于5人，不显示也不合计" in page
        assert page.count("还没有发放评议码") >= 2
        none = client.get(f"{TURNOUT}?state=none")
        assert SCHOOLS[2][1] in none.text
        assert SCHOOLS[0][1] not in words(none.text, "//table[last()]")
        assert client.get(f"{TURNOUT}?state=other").status_code == 404
        assert client.get(f"{TURNOUT}?school=0000000000").status_code == 404
        one = f"{TURNOUT}?school={SCHOOLS[0][0]}"
        rows = words(client.get(one).text, "//table")
        assert "12 / 45" in rows
        assert "还差8票" in rows
        assert "学校 考核小组 少于5人，不显示进度 少于5" in rows
        assert "2 / 3" not in rows
        answer = submit(client, one, action="/remind")
        assert answer.status_code == 303
        again = submit(client, one, action="/remind")
        assert again.status_code == 422
        assert "今天已经提醒过" in words(again.text, "//*[@role='alert']")
        officer = signed_in(app, OFFICER)
        notices = words(officer.get("/account/notices").text)
        assert "市教育局提醒：还有评议组没有达到最低票数" in notices
        assert "还有1个组没有达到最低票数，评议到 2026-01-02 20:00 结束。" in notices
        notice = reminder(app)
        opened = submit(officer, "/account/notices", action=notice)
        assert (opened.status_code, opened.location) == (303, "/school/turnout")


def test_a_district_sees_its_own_schools_and_reminds_nobody(app: Flask, opens_at: datetime) -> None:
    with time_machine.travel(opens_at + timedelta(days=1), tick=False):
        client = signed_in(app, DISTRICT)
        page = client.get(TURNOUT).text
        assert SCHOOLS[0][1] in page
        assert SCHOOLS[1][1] not in page
        assert "提醒这里所有未达到的学校" not in page
        assert client.get(f"{TURNOUT}?school={SCHOOLS[1][0]}").status_code == 404
        forged = {"csrf_token": token_of(client), "school": SCHOOLS[0][0]}
        assert client.post(f"{TURNOUT}/remind", data=forged).status_code == 403
    with app.app_context():
        told = select(func.count()).select_from(StaffNotice).where(StaffNotice.kind.startswith("round."))
        assert db.session().scalar(told) == 0


def test_a_school_sees_its_own_groups(app: Flask, opens_at: datetime) -> None:
    with time_machine.travel(opens_at + timedelta(days=1), tick=False):
        client = signed_in(app, OFFICER)
        rows = words(client.get("/school/turnout").text)
        assert "12 / 45" in rows
        assert "七年级1班" not in rows
        assert "考核小组 少于5人，不显示进度 少于5" in rows
        assert client.get("/school/turnout?semester=2024-2025-1").status_code == 404
        assert signed_in(app, BUREAU).get("/school/turnout").status_code == 403
