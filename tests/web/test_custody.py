"""The pages of the custodian, the second person and the asker; what is sealed shows to nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html

from tests.support.forms import form_at, submit, values
from tests.web.road import base, desk, filed

NAME = "赵敏之"
WHY = "需要当面核实伤情,否则无法认定。"
SEALED: dict[str, Any] = {"identity": "real_name_hidden", "name": NAME, "phone": "13800001111"}


@pytest.fixture
def number(city: Flask) -> str:
    """A case whose complainant is hidden from the school."""
    return filed(city, **SEALED)[1]


def pressed(client: FlaskClient, page: str, ending: str, **fields: str) -> int:
    """Press the first button that posts to an address with this ending."""
    tree = html.fromstring(client.get(page).text)
    (action, *_) = [
        form.get("action") for form in tree.xpath("//form[@action]") if form.get("action").endswith(ending)
    ]
    form = form_at(client.get(page).text, action)
    prefix = {key: key.rpartition("-")[0] for key in form.fields if key.endswith("-reason")}
    data = {
        **values(form),
        **{f"{one}-reason": fields["reason"] for one in prefix.values() if "reason" in fields},
    }
    answer = client.post(action, data=data)
    return answer.status_code


def ask(client: FlaskClient, number: str, reason: str = WHY) -> int:
    page = f"/bureau/custody/cases/{number}"
    choice = html.fromstring(client.get(page).text).xpath("//input[@name='subject']/@value")[0]
    return submit(client, page, {"subject": choice, "reason": reason}).status_code


def test_the_whole_way(city: Flask, number: str) -> None:
    asker, custodian, head = (desk(city, who) for who in ("district_officer", "custodian", "bureau_head"))
    own = f"/bureau/custody/cases/{number}"
    assert NAME not in asker.get(f"{base('district_officer')}/{number}").text
    assert ask(asker, number) == 303
    assert WHY in custodian.get("/bureau/custody").text
    assert pressed(custodian, "/bureau/custody", "/authorise") == 303
    assert WHY in head.get("/bureau/custody/approvals").text
    assert pressed(head, "/bureau/custody/approvals", "/approve") == 303
    page = asker.get(own).text
    assert NAME not in page, "only by a post, which is logged"
    action = html.fromstring(page).xpath("//form[contains(@action,'/open')]/@action")[0]
    shown = asker.post(action, data=values(form_at(page, action)))
    assert shown.status_code == 200
    assert NAME in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert NAME not in asker.get(f"/bureau/cases/{number}").text


def test_a_no_needs_a_reason_and_reaches_the_asker(city: Flask, number: str) -> None:
    asker, custodian = desk(city, "district_officer"), desk(city, "custodian")
    ask(asker, number)
    assert pressed(custodian, "/bureau/custody", "/refuse", reason="不行") == 422
    assert pressed(custodian, "/bureau/custody", "/refuse", reason="可以先通过留言向投诉人核实。") == 303
    assert "可以先通过留言向投诉人核实。" in asker.get(f"/bureau/custody/cases/{number}").text


def test_a_blank_reason_is_refused_at_its_field(city: Flask, number: str) -> None:
    assert ask(desk(city, "district_officer"), number, "　　") == 422


@pytest.mark.parametrize(
    "who", ["school_officer", "school_head", "teacher", "auditor", "custodian", "bureau_head"]
)
def test_who_cannot_ask(city: Flask, number: str, who: str) -> None:
    assert desk(city, who).get(f"/bureau/custody/cases/{number}").status_code == 403


def test_a_case_out_of_scope_and_a_strangers_request_are_not_there(city: Flask, number: str) -> None:
    elsewhere = filed(city, school=2, **SEALED)[1]
    asker = desk(city, "district_officer")
    assert asker.get(f"/bureau/custody/cases/{elsewhere}").status_code == 404
    ask(asker, number)
    page = asker.get(f"/bureau/custody/cases/{number}").text
    token = values(form_at(page, None))["csrf_token"] if form_at(page, None) is not None else ""
    other = desk(city, "bureau_officer")
    own_token = values(form_at(other.get(f"/bureau/custody/cases/{number}").text))["csrf_token"]
    assert token != own_token
    assert other.post(f"/bureau/custody/{'0' * 32}/open", data={"csrf_token": own_token}).status_code == 404


def test_the_school_never_reads_the_name(city: Flask, number: str) -> None:
    for who in ("school_officer", "school_head"):
        assert NAME not in desk(city, who).get(f"{base(who)}/{number}").text
