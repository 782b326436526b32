"""Careless ballots and the reasons of the lowest option: the bureau's alone, after the round, each look a POST."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from ethics_eval.accounts.models import AuditEvent
from ethics_eval.accounts.rules import Role
from ethics_eval.database import db, transaction
from ethics_eval.evaluation import issuing
from tests.support.ballots import (
    AT,
    CLOSED_AT,
    PREPARED_AT,
    REASON,
    add_class,
    codes,
    officer_of,
    open_round,
    school_of,
    teacher_ids,
    vote,
)
from tests.support.city import SCHOOLS, TEACHERS
from tests.support.forms import submit, token_of
from tests.support.ranked import SEMESTER
from tests.web.ranked_pages import signed_in, words

FLAGS, REASONS = f"/bureau/semesters/{SEMESTER}/flags", f"/bureau/semesters/{SEMESTER}/reasons"
OPENED = select(func.count()).select_from(AuditEvent).where(AuditEvent.action == "ballot_reasons.opened")


@pytest.fixture
def voted(city: Flask) -> Flask:
    """Twelve pupils of the first school have voted: one by one option throughout, two with reasons."""
    vault = city.extensions["vault"]
    with city.app_context(), transaction() as session:
        open_round(session, items=8)
        school = school_of(session, SCHOOLS[0][0])
        add_class(session, school, "三年级1班", 12, teacher_ids(session, school))
        issuing.issue_codes(session, vault, SEMESTER, actor=officer_of(school), at=PREPARED_AT)
        for place, code in enumerate(codes(session, vault, school, "三年级1班")):
            if place == 0:
                vote(session, vault, code, lambda _place, _item: 4)
            elif place < 3:
                vote(session, vault, code, lambda _place, item: 5 if item == 7 else 1)
            else:
                vote(session, vault, code)
    return city


def test_both_pages_wait_for_the_end_of_the_round(voted: Flask) -> None:
    with time_machine.travel(AT, tick=False):
        client = signed_in(voted, Role.BUREAU_OFFICER)
        assert "评议结束之后才显示" in words(client.get(FLAGS).text)
        assert "评议结束之后才能查看" in words(client.get(REASONS).text)
        early = {"school": SCHOOLS[0][0], "number": TEACHERS[0][0], "component": "pupil"}
        answer = client.post(REASONS, data={**early, "csrf_token": token_of(client)})
        assert answer.status_code == 422
        assert REASON not in answer.text
        assert client.get(f"{FLAGS}?component=other").status_code == 404
        assert client.get("/bureau/semesters/1999-2000-1/flags").status_code == 404


def test_the_bureau_reads_them_afterwards_and_each_look_is_recorded(voted: Flask) -> None:
    with time_machine.travel(CLOSED_AT + timedelta(days=1), tick=False):
        client = signed_in(voted, Role.BUREAU_HEAD)
        row = words(client.get(FLAGS).text, "//tbody")
        assert "陈思远" in row
        assert "1 / 12" in row
        assert "8.3%" in row
        page = client.get(REASONS)
        assert REASON not in page.text
        assert "2条" in words(page.text, "//tbody")
        opened = submit(client, REASONS, action=None)
        assert opened.status_code == 200
        assert opened.text.count(REASON) == 2
        assert "这次查看已经记录" in opened.text
        assert opened.headers["Cache-Control"] == "no-store"
        with voted.app_context():
            assert db.session().scalar(OPENED) == 1
        fields = {"school": SCHOOLS[0][0], "number": TEACHERS[0][0], "component": "parent"}
        assert client.post(REASONS, data={**fields, "csrf_token": token_of(client)}).status_code == 422


def test_nobody_else_does(voted: Flask) -> None:
    with time_machine.travel(CLOSED_AT + timedelta(days=1), tick=False):
        for role in (
            Role.SCHOOL_OFFICER,
            Role.SCHOOL_HEAD,
            Role.DISTRICT_OFFICER,
            Role.TEACHER,
            Role.AUDITOR,
        ):
            client = signed_in(voted, role)
            assert client.get(FLAGS).status_code == 403
            assert client.get(REASONS).status_code == 403
            forged = {"school": SCHOOLS[0][0], "number": TEACHERS[0][0], "component": "pupil"}
            assert client.post(REASONS, data={**forged, "csrf_token": token_of(client)}).status_code == 403
        with voted.app_context():
            assert db.session().scalar(OPENED) == 0
