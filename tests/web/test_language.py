"""English at a switch: every page speaks it, refusals too; the choice is the reader's and stays."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Set
from datetime import date, timedelta

import pytest
from flask import Flask, current_app
from flask.testing import FlaskClient
from flask_babel import force_locale
from lxml import html
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account
from ethics_eval.accounts.rules import Role
from ethics_eval.complaints.models import Case, Clearance
from ethics_eval.complaints.queries import content_cipher
from ethics_eval.complaints.rules.clocks import due
from ethics_eval.database import db
from ethics_eval.ethics_file.models import Certificate, FileAccess
from ethics_eval.evaluation.bank import item_bank
from ethics_eval.evaluation.models import SchemeVersion
from ethics_eval.notices.models import Notice
from ethics_eval.notices.queries import number_of
from ethics_eval.ranking.rules.steps import SemesterStatus, Step, is_owed
from ethics_eval.roster.models import District, Posting, School, Semester, Teacher
from ethics_eval.roster.rules.school import STAGE_LABELS
from ethics_eval.text import RuleViolation
from ethics_eval.web.page import due_words, spoken
from tests.support.city import LETTER, PASSWORD
from tests.support.forms import form_at, sign_in, submit, values
from tests.support.routes import pages, path_of
from tests.web.road import desk, errors_at, filed, lead, mailbox_path, send

CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+")
# What is read out or shown, beside the text itself.
SPOKEN = {"alt", "aria-label", "content", "label", "placeholder", "title"}
NOT_CHINESE = "not(ancestor-or-self::*[starts-with(@lang, 'zh')])"
SHOWN = "not(self::script or self::style)"

# Names and what people wrote, in whatever language they did.
DATA: tuple[Select[tuple[str]], ...] = (
    select(District.name),
    select(School.name),
    select(School.kind),
    select(Teacher.name),
    select(Posting.subject),
    select(Semester.name),
    select(SchemeVersion.name),
    select(SchemeVersion.forms),
    select(Account.display_name),
    select(Notice.title),
    select(Certificate.number),
    select(FileAccess.reason),
)
WRITTEN: set[str] = {
    *LETTER.values(),
    "教室.jpg",
    "天台小学",  # the example of what to search for
    "甲某",
    "乙某",
    "询问了三名学生和班主任。",
    "拟认定您在课堂上罚站学生一节课。",
    "我当时是想让他集中注意力。",
    "家长评的应评人数登记错了，请核对班级名册。",
    "经向学生和班主任核实,反映的情况属实。",
    "经查,您反映的情况属实,已经处理。",
    *(f"{stage}语文" for stage in STAGE_LABELS.values()),
}


@pytest.fixture
def app(lettered_city: Flask) -> Flask:
    """What is asked here: a small city with a case, a published semester and its notices."""
    return lettered_city


def choose(client: FlaskClient, language: str, path: str = "/") -> None:
    """Press the switch on a page."""
    answer = submit(client, path, {"language": language}, action="/language")
    assert (answer.status_code, answer.location) == (303, path)


def language(page: str) -> str:
    return str(html.fromstring(page).get("lang"))


def bank_texts() -> Iterator[str]:
    """The questions that come with the system: ballots ask them in Chinese."""
    bank = item_bank()
    for words in (*bank.items.values(), *bank.overall.values()):
        yield from (words.title, words.question, words.norm.set_name if words.norm else "")
    for labels in bank.scales.values():
        yield from (label for found in labels.values() for label in found)


def sealed_texts(session: Session) -> Iterator[str]:
    """What people wrote on cases, opened: it stays in the language it was written in."""
    vault = current_app.extensions["vault"]
    for case in session.scalars(select(Case)).unique():
        cipher = content_cipher(session, vault, case)
        sealed = [(event.detail, f"case_event:detail:{event.id}") for event in case.events]
        sealed += [(row.content, f"complaint:content:{row.id}") for row in case.complaints]
        for finding in case.findings:
            sealed.append((finding.grounds, f"finding:grounds:{finding.id}"))
            sealed += [(row.grounds, f"remedy:grounds:{row.id}") for row in finding.remedies]
        for row in session.scalars(select(Clearance).where(Clearance.case_id == case.id)):
            sealed.append((row.text, f"clearance:text:{row.id}"))
        for blob, place in sealed:
            yield json.dumps(cipher.unseal_json(blob, place), ensure_ascii=False) if blob else ""


def data_of(app: Flask) -> set[str]:
    """The runs of Chinese characters that are data."""
    with app.app_context():
        session = db.session()
        numbers = {number_of(notice) for notice in session.scalars(select(Notice))}
        texts = {str(text) for query in DATA for text in session.scalars(query)}
        texts |= {*sealed_texts(session), *bank_texts()}
    return {run for text in WRITTEN | numbers | texts for run in CHINESE.findall(text)}


def chinese(page: str, data: Set[str]) -> set[str]:
    """The Chinese that a page shows or reads out, in parts marked as Chinese and in data aside."""
    tree = html.fromstring(page)
    attributes = SPOKEN | {name for node in tree.iter() for name in node.attrib if name.startswith("data-")}
    texts = tree.xpath(f"//*[{SHOWN}][{NOT_CHINESE}]/text()") + tree.xpath("//input/@value")
    for name in attributes:
        texts += tree.xpath(f"//*[{NOT_CHINESE}]/@{name}")
    return {run for text in texts for run in CHINESE.findall(text)} - data


def test_every_page_is_english(app: Flask) -> None:
    visitor, data = app.test_client(), data_of(app)
    clients = [visitor, *(desk(app, role.value) for role in Role)]
    for client in clients:
        choose(client, "en", "/" if client is visitor else "/account")
    left = {}
    for rule in pages(app):
        path = path_of(app, rule)
        for client in clients:
            answer = client.get(path)
            if answer.status_code == 200:
                break
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        assert language(answer.text) == "en", path
        left[rule.endpoint] = chinese(answer.text, data)
    assert {endpoint: words for endpoint, words in left.items() if words} == {}
    assert {
        "auth.account.show",
        "auth.session.login",
        "bureau.case.show",
        "bureau.notice.show",
        "bureau.permission.index",
        "bureau.ranking.show",
        "bureau.semester.show",
        "public.home.how",
        "public.home.index",
        "public.mailbox.show",
        "school.case.show",
        "school.ranking.index",
        "teacher.score.show",
    } <= left.keys()


def test_a_case_is_english_all_along_the_road(app: Flask) -> None:
    data = data_of(app)
    clients = {name: desk(app, name) for name in ("school_officer", "district_officer", "teacher")}
    for client in clients.values():
        choose(client, "en", "/account")
    left = {}
    for upto in ("accept", "investigate", "notify", "close"):
        code, number = filed(app)
        lead(app, number, upto, school=clients["school_officer"], district=clients["district_officer"])
        complainant = app.test_client()
        choose(complainant, "en", "/track")
        submit(complainant, "/track", {"query_code": code})
        for client, path in (
            (clients["school_officer"], f"/school/cases/{number}"),
            (clients["district_officer"], f"/bureau/cases/{number}"),
            (clients["teacher"], f"/teacher/cases/{number}"),
            (complainant, "/track/case"),
        ):
            page = client.get(path)
            told = path.startswith("/teacher") and upto in {"accept", "investigate"}
            assert page.status_code == (404 if told else 200), path
            left[path, upto] = chinese(page.text, data)
    assert {where: words for where, words in left.items() if words} == {}


def test_a_letter_is_sent_in_english(app: Flask) -> None:
    client, data = app.test_client(), data_of(app)
    path = mailbox_path(app)
    choose(client, "en", path)
    refused = send(app, client=client, category="", body="", happened_on="2125-01-01", pledge="")
    assert (refused.status_code, language(refused.text)) == (422, "en")
    assert errors_at(refused.text)["body"] == "Error: Say what happened, in at least 10 characters."
    assert set(errors_at(refused.text)) == {"category", "body", "happened_on", "pledge"}
    assert chinese(refused.text, data) == set()
    taken = send(app, client=client)
    assert taken.status_code == 303
    receipt = client.get(taken.location).text
    assert "Complaint received" in receipt
    assert chinese(receipt, data) == set()


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [("/nowhere", 404, "Page not found"), ("/m/0000000000", 404, "Find the mailbox by the school’s name")],
)
def test_an_error_is_told_in_english(app: Flask, path: str, status: int, words: str) -> None:
    client = app.test_client()
    choose(client, "en")
    answer = client.get(path)
    assert (answer.status_code, language(answer.text)) == (status, "en")
    assert words in answer.text
    assert chinese(answer.text, data_of(app)) == set()


def test_a_page_that_is_not_ones_own_is_refused_in_english(app: Flask) -> None:
    client = desk(app, "school_officer")
    choose(client, "en", "/account")
    answer = client.get("/bureau/audit")
    assert (answer.status_code, language(answer.text)) == (403, "en")
    assert chinese(answer.text, data_of(app)) == set()


def test_the_choice_outlives_signing_in_and_out(app: Flask) -> None:
    client = app.test_client()
    choose(client, "en", "/login")
    wrong = submit(client, "/login", {"username": "school_officer", "password": "wrong"})
    assert "The user name or password is wrong" in wrong.text
    sign_in(client, "school_officer", PASSWORD)
    page = client.get("/school/cases").text
    assert language(page) == "en"
    assert "Cases" in page
    left = submit(client, "/account", action="/logout")
    page = client.get(left.location).text
    assert language(page) == "en"
    assert "You are signed out." in page


def test_the_choice_is_the_readers_and_not_the_browsers(app: Flask) -> None:
    client = app.test_client()
    for wanted in ("en", "zh-CN", "fr", ""):
        assert language(client.get("/", headers={"Accept-Language": wanted}).text) == "zh-CN", wanted
    choose(client, "en")
    for wanted in ("zh-CN", "en", ""):
        assert language(client.get("/", headers={"Accept-Language": wanted}).text) == "en", wanted
    choose(client, "zh")
    assert language(client.get("/", headers={"Accept-Language": "en"}).text) == "zh-CN"


@pytest.mark.parametrize("wanted", ["fr", "", "EN", "../en", "\0"])
def test_a_language_we_do_not_speak_changes_nothing(app: Flask, wanted: str) -> None:
    client = app.test_client()
    choose(client, "en")
    choose(client, wanted)
    assert language(client.get("/").text) == "en"


def test_the_switch_leads_back_to_its_page_and_nowhere_else(app: Flask) -> None:
    client = app.test_client()
    path = f"{mailbox_path(app)}?from=poster"
    form = form_at(client.get(path).text, "/language")
    assert client.post("/language", data={**values(form), "language": "en"}).location == path
    for target in ("https://example.com/", "//example.com", "/\\example.com"):
        answer = client.post("/language", data={**values(form), "language": "en", "next": target})
        assert answer.location == "/"


def test_words_inside_a_refusal_are_translated(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "zh"}), force_locale("en"):
        with pytest.raises(RuleViolation) as caught:
            is_owed(Step.PUBLISH, SemesterStatus.OPEN)
        assert spoken(caught.value) == (
            "The semester is at “Open”, so this step cannot be taken yet: Publish the ranking and the circular."
        )


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (3, "3 days left"),
        (1, "1 day left"),
        (0, "Due today"),
        (-1, "Overdue by 1 day"),
        (-12, "Overdue by 12 days"),
    ],
)
def test_days_are_counted_in_english(app: Flask, days: int, words: str) -> None:
    on = date(2026, 3, 10)
    with app.test_request_context(), force_locale("en"):
        assert due_words(due(on, on - timedelta(days=days))) == words
