"""督办清单 over HTTP: what is late in one's own district, pressed for with a reason, and by nobody else."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from ethics_eval.accounts.rules import Role
from ethics_eval.complaints.models import Case, CaseEvent
from ethics_eval.database import db, transaction
from tests.support.forms import form_at, submit, values
from tests.web.road import account, desk, filed

PAGE = "/bureau/supervision"
REASON = "登记已经逾期,请今天办理并报告情况。"


@pytest.fixture
def late(city: Flask) -> str:
    """A case that should have been registered long ago."""
    number = filed(city)[1]
    with city.app_context(), transaction() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        case.register_due_on = case.accept_due_on = date(2026, 3, 3)
    return number


def events(app: Flask) -> int:
    with app.app_context():
        return len(db.session().scalars(select(CaseEvent).where(CaseEvent.action == "supervise")).all())


@pytest.mark.parametrize("role", ["district_officer", "bureau_officer", "bureau_head"])
def test_those_above_press_and_the_school_is_told(city: Flask, late: str, role: str) -> None:
    client = desk(city, role)
    page = client.get(PAGE)
    assert late in page.text
    assert "荷塘区" in page.text
    answer = submit(client, f"{PAGE}/{late}", {"reason": ""}, action=f"/{late}")
    assert answer.status_code == 422
    answer = submit(client, f"{PAGE}/{late}", {"reason": REASON}, action=f"/{late}")
    assert answer.status_code == 303
    assert events(city) == 1
    assert "1次" in client.get(PAGE).text
    for handler in ("school_officer", "school_head"):
        assert "被上级督办" in desk(city, handler).get("/account/notices").text
    case = desk(city, "school_officer").get(f"/school/cases/{late}")
    assert REASON in case.text


def test_another_district_sees_nothing_and_presses_for_nothing(city: Flask, late: str) -> None:
    account(city, "elsewhere", Role.DISTRICT_OFFICER, district="430281")
    client = desk(city, "elsewhere")
    page = client.get(PAGE)
    assert late not in page.text
    assert "没有逾期的案件" in page.text
    assert client.get(f"{PAGE}/{late}").status_code == 404
    token = values(form_at(page.text))["csrf_token"]
    answer = client.post(f"{PAGE}/{late}", data={"csrf_token": token, "reason": REASON})
    assert answer.status_code == 404
    assert events(city) == 0


@pytest.mark.parametrize("role", ["school_officer", "school_head", "teacher", "custodian", "auditor"])
def test_no_one_else_gets_in(city: Flask, late: str, role: str) -> None:
    client = desk(city, role)
    token = values(form_at(client.get("/account").text))["csrf_token"]
    assert client.get(PAGE).status_code == 403
    assert client.post(f"{PAGE}/{late}", data={"csrf_token": token, "reason": REASON}).status_code == 403


def test_what_is_in_time_is_not_pressed_for_by_a_forged_form(city: Flask) -> None:
    number = filed(city)[1]
    client = desk(city, "district_officer")
    page = client.get(f"{PAGE}/{number}")
    assert "没有逾期" in page.text
    token = values(form_at(page.text))["csrf_token"]
    answer = client.post(f"{PAGE}/{number}", data={"csrf_token": token, "reason": REASON})
    assert answer.status_code == 422
    assert events(city) == 0
