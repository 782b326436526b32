"""The queue over HTTP without scripts: chips, saved views, search, many cases at once, links, the viewer."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select

from ethics_eval.accounts.models import Account, AuditEvent
from ethics_eval.accounts.rules import Role
from ethics_eval.complaints.models import Case, Evidence
from ethics_eval.database import db
from tests.support.forms import form_at, submit, values
from tests.web.road import account, desk, filed, lead, photo

SCHOOL, BUREAU = "/school/cases", "/bureau/cases"
BODY = "食堂最近的饭菜是凉的，价格又涨了三元，很多家长都有意见，请公布每天的菜价。"


@pytest.fixture
def app(city: Flask) -> Flask:
    """What is asked here: the small city."""
    return city


@pytest.fixture
def officer(app: Flask) -> FlaskClient:
    """The first school's officer."""
    return desk(app, "school_officer")


@pytest.fixture
def bureau(app: Flask) -> FlaskClient:
    """An officer of the city."""
    return desk(app, "bureau_officer")


def token(client: FlaskClient) -> str:
    return str(values(form_at(client.get("/account").text))["csrf_token"])


def numbers(page: str) -> list[str]:
    return list(html.fromstring(page).xpath("//tr[@data-row]//td[@class='code']/text()"))


def ticked(client: FlaskClient, cases: str) -> list[str]:
    """What ticking every case of the page sends."""
    page = html.fromstring(client.get(f"{cases}?status=all").text)
    return list(page.xpath("//input[@name='numbers']/@value"))


def audited(app: Flask, action: str) -> list[dict[str, Any]]:
    with app.app_context():
        rows = db.session().scalars(select(AuditEvent.detail).where(AuditEvent.action == action))
        return [json.loads(detail) for detail in rows]


def case_of(app: Flask, number: str) -> Case:
    with app.app_context():
        return db.session().scalars(select(Case).where(Case.number == number)).unique().one()


def account_id(app: Flask, username: str) -> int:
    with app.app_context():
        return db.session().scalars(select(Account.id).where(Account.username == username)).one()


def test_the_chips_lead_to_what_they_count(app: Flask, officer: FlaskClient) -> None:
    for _ in range(3):
        filed(app)
    page = html.fromstring(officer.get(SCHOOL).text)
    chips = {
        "".join(link.xpath("text()")).strip(): (
            link.get("href"),
            int(link.xpath("span[@class='count']/text()")[0]),
        )
        for link in page.xpath("//ul[@class='chips']//a[span]")
    }
    assert {"待我办", "未办结", "逾期", "三日内到期", "已办结的", "全部"} <= chips.keys()
    assert [chips[name][1] for name in ("待我办", "未办结", "全部")] == [3, 3, 3]
    for href, count in chips.values():
        assert len(numbers(officer.get(href).text)) == count
    assert page.xpath("//a[@aria-current='true']")[0].text_content().startswith("未办结")


@pytest.mark.parametrize("name", ["desk", "district", "stage", "source", "owner", "sort", "urgent", "unread"])
@pytest.mark.parametrize("value", ["nonsense", "%00", "' OR 1=1 --", ""])
def test_unknown_values_are_as_if_not_there(app: Flask, bureau: FlaskClient, name: str, value: str) -> None:
    _code, number = filed(app)
    answer = bureau.get(f"{BUREAU}?{name}={value}&nobody=knows")
    assert answer.status_code == 200
    assert numbers(answer.text) == [number]


# --- saved views --------------------------------------------------------------------------------------------


def test_a_view_is_saved_listed_and_deleted(app: Flask, officer: FlaskClient) -> None:
    filed(app)
    answer = submit(
        officer, f"{SCHOOL}?status=overdue&owner=none&nobody=knows", {"name": "没人管的"}, action="none"
    )
    assert answer.status_code == 303, answer.text
    page = html.fromstring(officer.get(SCHOOL).text)
    (href,) = page.xpath("//li[@class='saved-view']/a/@href")
    assert href == f"{SCHOOL}?status=overdue&owner=none"
    assert "没人管的" not in desk(app, "school_head").get(SCHOOL).text
    view_id = re.findall(r"/views/([0-9a-f]{32})/delete", officer.get(SCHOOL).text)[0]
    stranger = desk(app, "school_head")
    gone = f"{SCHOOL}/views/{view_id}/delete"
    assert stranger.post(gone, data={"csrf_token": token(stranger)}).status_code == 404
    assert officer.post(gone, data={"csrf_token": token(officer)}).status_code == 303
    assert "没人管的" not in re.sub(r'class="flash".*?</p>', "", officer.get(SCHOOL).text)


def test_a_view_without_a_name_is_refused_on_the_page(app: Flask, officer: FlaskClient) -> None:
    answer = officer.post(f"{SCHOOL}/views?status=soon", data={"csrf_token": token(officer), "name": " "})
    assert answer.status_code == 422
    assert html.fromstring(answer.text).xpath("//*[@id='error-summary']")


# --- search -------------------------------------------------------------------------------------------------


def searched(client: FlaskClient, cases: str, words: str, **more: str) -> Any:
    return client.post(f"{cases}/search", data={"csrf_token": token(client), "words": words, **more})


def test_a_search_finds_marks_and_leaves_a_line_without_the_words(app: Flask, officer: FlaskClient) -> None:
    _code, number = filed(app)
    filed(app, body=BODY)
    answer = searched(officer, SCHOOL, "罚站 教室")
    assert answer.status_code == 200
    assert set(re.findall(r"/school/cases/(\d{19})", answer.text)) == {number}
    assert html.fromstring(answer.text).xpath("//mark/text()")[0] in {"罚站", "教室"}
    assert audited(app, "case.searched") == [{"found": 1, "looked": 2}]
    with app.app_context():
        details = " ".join(db.session().scalars(select(AuditEvent.detail)))
    assert "罚站" not in details
    assert searched(officer, SCHOOL, "罚").status_code == 422
    assert searched(officer, SCHOOL, "<b>没有</b>").status_code == 200


def test_a_search_reaches_no_further_than_the_reader(app: Flask, bureau: FlaskClient) -> None:
    account(app, "school_other", Role.SCHOOL_OFFICER, school=1)
    _code, number = filed(app)
    _code, hidden = filed(app, respondent_role="head")
    for username, found in (
        ("school_officer", {number}),
        ("school_head", {number}),
        ("school_other", set()),
        ("district_officer", {number, hidden}),
        ("bureau_head", {number, hidden}),
    ):
        cases = SCHOOL if username.startswith("school") else BUREAU
        client = desk(app, username)
        for words in ("罚站在教室", "陈思远", "4302"):
            answer = searched(client, cases, words)
            shown = set(re.findall(r"/cases/(\d{19})", answer.text))
            assert shown == found, (username, words)
        assert searched(client, cases, "罚站在教室", before=hidden).status_code == 200
    for username in ("custodian", "auditor", "teacher"):
        assert searched(desk(app, username), BUREAU, "罚站在教室").status_code == 403


# --- many at once -------------------------------------------------------------------------------------------


def test_an_owner_is_given_to_many_and_told_what_was_not_done(app: Flask, officer: FlaskClient) -> None:
    made = [filed(app)[1] for _ in range(3)]
    _code, hidden = filed(app, respondent_role="head")
    chosen = ticked(officer, SCHOOL)
    assert {value.partition(".")[0] for value in chosen} == set(made)
    lead(app, made[0], "register", school=officer, district=officer)  # meanwhile
    head = account_id(app, "school_head")
    answer = officer.post(
        f"{SCHOOL}/owner",
        data={
            "csrf_token": token(officer),
            "owner": head,
            "numbers": [*chosen, f"{hidden}.1", "nonsense", "1.x"],
        },
    )
    assert answer.status_code == 303
    told = officer.get(answer.location).text
    assert "已办理2件" in told
    assert f"{made[0]}:您打开页面之后" in told
    assert f"{hidden}:没有找到" in told
    assert [case_of(app, number).owner_id for number in made] == [None, head, head]
    assert case_of(app, hidden).owner_id is None
    assert len(audited(app, "case.own")) == 2


@pytest.mark.parametrize("owner", ["", "0", "999999", "abc", "1 OR 1=1"])
def test_nobody_unknown_becomes_owner(app: Flask, officer: FlaskClient, owner: str) -> None:
    _code, number = filed(app)
    answer = officer.post(
        f"{SCHOOL}/owner",
        data={"csrf_token": token(officer), "owner": owner, "numbers": ticked(officer, SCHOOL)},
    )
    assert answer.status_code == 303
    assert case_of(app, number).owner_id is None


def test_cases_are_handed_down_each_in_its_own_check(
    app: Flask, officer: FlaskClient, bureau: FlaskClient
) -> None:
    accepted, submitted = filed(app)[1], filed(app)[1]
    _code, hidden = filed(app, respondent_role="head")
    district = desk(app, "district_officer")
    for number in (accepted, hidden):
        for action in ("register", "accept"):
            page = district.get(f"{BUREAU}/{number}").text
            form = form_at(page, f"/{action}")
            assert district.post(form.action, data=values(form)).status_code == 303
    given = {"csrf_token": token(bureau), "numbers": ticked(bureau, BUREAU)}
    instruction = "请在一个月内查清并报告结果。"
    answer = bureau.post(f"{BUREAU}/assign", data={**given, "desk": "school", "instruction": instruction})
    told = bureau.get(answer.location).text
    assert "已办理" not in told or "已办理1件" in told
    assert f"{submitted}:" in told
    assert f"{hidden}:" in told
    assert case_of(app, hidden).desk == "district"
    answer = bureau.post(f"{BUREAU}/assign", data={**given, "desk": "moon", "instruction": instruction})
    assert answer.status_code == 303
    assert officer.post(f"{SCHOOL}/assign", data={"csrf_token": token(officer)}).status_code in {404, 405}
    chief = desk(app, "bureau_head")
    assert chief.post(f"{BUREAU}/assign", data={**given, "csrf_token": token(chief)}).status_code == 403


# --- links and files ----------------------------------------------------------------------------------------


def test_a_suggestion_is_linked_and_unlinked(app: Flask, officer: FlaskClient) -> None:
    first, second = filed(app)[1], filed(app)[1]
    page = officer.get(f"{SCHOOL}/{first}").text
    assert "可能是同一件事" in page
    assert second in page
    given = {"csrf_token": token(officer), "other": second}
    assert officer.post(f"{SCHOOL}/{first}/links", data=given).status_code == 303
    page = officer.get(f"{SCHOOL}/{second}").text
    assert "已关联" in page
    assert first in page
    gone = officer.post(f"{SCHOOL}/{second}/links/{first}/delete", data={"csrf_token": given["csrf_token"]})
    assert gone.status_code == 303
    assert "已关联" not in officer.get(f"{SCHOOL}/{second}").text.replace("已关联。", "")


def test_what_is_not_there_is_not_linked(app: Flask, officer: FlaskClient) -> None:
    _code, first = filed(app)
    _code, far = filed(app, school=2)
    _code, hidden = filed(app, respondent_role="head")
    for other in (far, hidden, "4302022026112400000", "", first):
        answer = officer.post(f"{SCHOOL}/{first}/links", data={"csrf_token": token(officer), "other": other})
        assert answer.status_code == 422, other
    for number in (far, hidden):
        answer = officer.post(f"{SCHOOL}/{number}/links", data={"csrf_token": token(officer), "other": first})
        assert answer.status_code == 404
    head = desk(app, "school_head")
    answer = head.post(f"{SCHOOL}/{first}/links", data={"csrf_token": token(head), "other": far})
    assert answer.status_code == 403
    assert hidden not in officer.get(f"{SCHOOL}/{first}").text


def test_a_file_is_shown_only_after_its_opening_is_recorded(app: Flask, officer: FlaskClient) -> None:
    _code, number = filed(app, evidence=(photo(), "教室 照片.jpg"))
    with app.app_context():
        evidence = db.session().scalars(select(Evidence.id)).one()
    view = f"{SCHOOL}/{number}/evidence/{evidence}/view"
    assert officer.get(view).status_code == 303
    assert officer.post(view, data={"csrf_token": token(officer)}).location.endswith(view)
    page = officer.get(view)
    assert page.status_code == 200
    assert "教室 照片.jpg" in page.text
    assert f'src="{view.removesuffix("/view")}"' in page.text
    assert len(audited(app, "evidence.viewed")) == 1
    head = desk(app, "school_head")
    assert head.get(view).status_code == 303, "each reader opens it"
    account(app, "school_other", Role.SCHOOL_OFFICER, school=1)
    stranger = desk(app, "school_other")
    assert stranger.get(view).status_code == 404
    assert stranger.post(view, data={"csrf_token": token(stranger)}).status_code == 404
    nothing = f"{SCHOOL}/{number}/evidence/{'0' * 32}/view"
    assert officer.post(nothing, data={"csrf_token": token(officer)}).status_code == 404
    assert officer.get(nothing).status_code == 404
