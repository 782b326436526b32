"""Taking a complaint down for somebody: the pages of school and bureau, and the complainant's own claim."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html

from tests.support.city import LETTER, SCHOOLS
from tests.support.forms import submit
from tests.web.road import CODE, desk, errors_at, photo

HALF = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b")
CALL = {
    **LETTER,
    "source": "PHONE",
    "identity": "real_name_hidden",
    "name": "赵敏之",
    "phone": "138 0000 1111",
}
SCHOOL, BUREAU = "/school/filings/new", f"/bureau/filings/new?school={SCHOOLS[0][0]}"


@pytest.fixture
def app(city: Flask) -> Flask:
    """What is asked here: the small city."""
    return city


def taken_down(client: FlaskClient, path: str = SCHOOL, **fields: object) -> str:
    """Take a call down; the half that is shown."""
    answer = submit(client, path, {**CALL, **fields})
    assert answer.status_code == 303, errors_at(answer.text)
    page = client.get(answer.location).text
    assert CODE.search(page) is None, "the whole code is nowhere on the clerk's page"
    (half,) = html.fromstring(page).xpath("//*[@data-receipt]/@data-receipt")
    return str(half)


@pytest.mark.parametrize(
    ("who", "path"), [("school_officer", SCHOOL), ("district_officer", BUREAU), ("bureau_officer", BUREAU)]
)
def test_a_call_is_taken_down_and_claimed(app: Flask, who: str, path: str) -> None:
    clerk = desk(app, who)
    half = taken_down(clerk, path, evidence=(photo(), "信封.jpg"))
    assert HALF.fullmatch(half)
    parent = app.test_client()
    assert submit(parent, "/claim", {"half": half, "last_four": "0000"}).status_code == 422
    claimed = submit(parent, "/claim", {"half": half, "last_four": "1111"})
    assert claimed.status_code == 303
    (code,) = html.fromstring(parent.get(claimed.location).text).xpath("//*[@data-receipt]/@data-receipt")
    assert code.startswith(half)
    assert submit(app.test_client(), "/track", {"query_code": code}).status_code == 303
    assert submit(app.test_client(), "/claim", {"half": half, "last_four": "1111"}).status_code == 422


def test_the_half_is_forgotten_once_handed_over(app: Flask) -> None:
    clerk = desk(app, "school_officer")
    half = taken_down(clerk)
    assert half in clerk.get("/school/filings/done").text
    assert submit(clerk, "/school/filings/done", {}, action="/school/filings/handed-over").status_code == 303
    assert clerk.get("/school/filings/done").status_code == 303


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(app: Flask) -> None:
    clerk = desk(app, "school_officer")
    answer = submit(
        clerk, SCHOOL, {**CALL, "source": "HOTLINE_12345", "body": "太短", "received_on": "2099-01-01"}
    )
    assert answer.status_code == 422
    assert {"reference", "body", "received_on"} <= set(errors_at(answer.text))
    assert "太短" in answer.text
    answer = submit(clerk, SCHOOL, {**CALL, "respondent_role": "head"})
    assert answer.status_code == 422
    assert "respondent" in errors_at(answer.text)


def test_the_bureau_finds_the_school_first_and_a_district_only_its_own(app: Flask) -> None:
    district = desk(app, "district_officer")
    found = district.get("/bureau/filings?q=明德").text
    assert SCHOOLS[0][0] in found
    assert SCHOOLS[2][0] not in district.get("/bureau/filings?q=渌江").text
    assert district.get(f"/bureau/filings/new?school={SCHOOLS[2][0]}").status_code == 404
    assert district.get("/bureau/filings/new?school=0000000000").status_code == 404
    assert district.get("/bureau/filings/new").location.endswith("/bureau/filings")


@pytest.mark.parametrize("who", ["school_head", "teacher", "custodian", "bureau_head", "auditor"])
def test_who_takes_nothing_down(app: Flask, who: str) -> None:
    client = desk(app, who)
    assert client.get(SCHOOL).status_code == 403
    assert client.get(BUREAU).status_code == 403
