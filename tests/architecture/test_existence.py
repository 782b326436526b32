"""What is kept from a school leaves no trace on any of its pages: they read the same with and without it.

Source: design.md §3 (no trace of it: not in lists, counts, search, exports, case numbers), anchors.md §5.1 (5, 17).
"""

from __future__ import annotations

import difflib
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ethics_eval.accounts.rules import Role
from tests.support.city import PASSWORD
from tests.support.forms import form_at, sign_in, submit, values
from tests.support.routes import pages, path_of
from tests.web.road import act, desk, filed

# What the pages show is asked here, not what a database answers.
pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)

SCHOOL_ROLES = (Role.SCHOOL_OFFICER, Role.SCHOOL_HEAD)
# What differs from one answer to the next by itself.
PASSING = re.compile(r'I[\w-]{20,}\.[\w-]+\.[\w-]+|nonce="[^"]*"|value="[\w-]{32}"|\d\d:\d\d(?::\d\d)?')


def crawl(app: Flask, role: Role) -> dict[str, tuple[int, str]]:
    """Every page as this role has it: path → status and text."""
    client = app.test_client()
    sign_in(client, role.value, PASSWORD)
    told = {}
    for rule in pages(app):
        if rule.rule.startswith(("/school", "/account")):
            path = path_of(app, rule)
            with client.get(path) as answer:
                text = (
                    answer.get_data(as_text=True)
                    if (answer.mimetype or "").startswith("text")
                    else str(answer.mimetype)
                )
            told[path] = (answer.status_code, PASSING.sub("", text))
    told["search"] = searched(client, "罚站")
    for query in (
        "status=all",
        "status=open",
        "status=mine",
        "status=overdue",
        "urgent=1",
        "unread=1",
        "sort=received",
    ):
        told[query] = (0, PASSING.sub("", client.get(f"/school/cases?{query}").text))
    return told


def differences(before: str, after: str) -> list[str]:
    """The lines that are not the same."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line.strip() for line in lines if not line.startswith(("---", "+++", "@@"))][:6]


def searched(client: FlaskClient, words: str) -> tuple[int, str]:
    """What the search within one's own cases tells."""
    page = client.get("/school/cases")
    form = form_at(page.text, "/search")
    answer = client.post(form.action, data={**values(form), "words": words}, follow_redirects=True)
    return answer.status_code, PASSING.sub("", answer.text)


def keep_from_the_school(app: Flask) -> list[str]:
    """Two letters the school must not know of, handled by the bureau and written about; their numbers."""
    district, city = desk(app, "district_officer"), desk(app, "bureau_officer")
    code, about_head = filed(
        app, respondent_role="head", respondent="校长", body="校长罚站学生,还让老师不要说出去。"
    )
    _code, urgent = filed(
        app, category="C11", respondent="陈思远", body="老师罚站后单独留下女生,孩子很害怕。"
    )
    assert act(district, "/bureau/cases", about_head, "register").status_code == 303
    assert act(district, "/bureau/cases", about_head, "accept").status_code == 303
    assert act(city, "/bureau/cases", urgent, "register").status_code == 303
    parent = app.test_client()
    assert submit(parent, "/track", {"query_code": code}).status_code == 303
    page = parent.get("/track/case").text
    form = form_at(page, "/track/case/write")
    answer = parent.post(
        form.action,
        data={**values(form), "write-text": "校长昨天又罚站了一名学生。"},
        content_type=form.get("enctype"),
    )
    assert answer.status_code == 303
    return [about_head, urgent]


@pytest.mark.parametrize("role", SCHOOL_ROLES, ids=str)
def test_every_page_reads_the_same_with_and_without_what_is_kept(lettered_city: Flask, role: Role) -> None:
    filed(lettered_city, body="孩子上课说话,被罚站了整整一节课。")
    before = crawl(lettered_city, role)
    kept = keep_from_the_school(lettered_city)
    after = crawl(lettered_city, role)
    changed = [path for path in before if before[path] != after[path]]
    told = {path: differences(before[path][1], after[path][1]) for path in changed}
    assert not told, f"tells of it: {told}"
    assert not [path for path, (_status, text) in after.items() if any(number in text for number in kept)]


@pytest.mark.parametrize("role", SCHOOL_ROLES, ids=str)
def test_a_kept_number_answers_as_one_that_was_never_given(lettered_city: Flask, role: Role) -> None:
    kept = keep_from_the_school(lettered_city)
    client = desk(lettered_city, role.value)
    token = values(form_at(client.get("/account").text))["csrf_token"]
    never = "4302022026030299999"
    for rule in pages(lettered_city):
        if "number" not in rule.arguments or not rule.rule.startswith("/school"):
            continue
        others = {name: "0" * 32 for name in rule.arguments if name != "number"}
        paths = [
            str(lettered_city.url_map.bind("localhost").build(rule.endpoint, {**others, "number": number}))
            for number in (never, *kept)
        ]
        assert {client.get(path).status_code for path in paths} == {404}, rule.rule
    for action in ("register", "recuse", "merge", "note"):
        for number in (never, *kept):
            answer = client.post(f"/school/cases/{number}/{action}", data={"csrf_token": token})
            assert answer.status_code == 404, (action, number)
