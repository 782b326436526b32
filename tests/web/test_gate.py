"""What stands before the public form, over plain HTTP: the work, the question, the trap, quotas, posters, counts."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from altcha import Challenge, Payload, solve_challenge
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from ethics_eval.complaints.mailboxes import poster_address
from ethics_eval.complaints.models import Complaint, MailboxCount, QuotaCount, SpentChallenge
from ethics_eval.complaints.rules.quota import LIMITS, Source
from ethics_eval.database import db
from tests.support.city import LETTER
from tests.support.forms import form_at, submit, values
from tests.web.road import desk, errors_at, mailbox_path, send

STILL = datetime(2026, 11, 24, 2, 1, tzinfo=UTC)  # a slow machine must not reach the next window
SUMS = {char: value for value, char in enumerate("零一二三四五六七八九")}


@pytest.fixture
def app(city: Flask) -> Flask:
    """The small city with its gate shut: everything that is off for other tests is on."""
    city.config["ETHICS_EVAL_CHALLENGE"] = "pow"
    city.config["ETHICS_EVAL_QUOTAS"] = "on"
    return city


def answer_to(page: str) -> str:
    """The question's answer, as a person reads it."""
    found = re.search(r"请用数字写出：(.)加(.)等于几", page)
    assert found
    return str(SUMS[found[1]] + SUMS[found[2]])


def work(client: FlaskClient, path: str) -> str:
    """A piece of work, done as the browser does it."""
    answer = client.get(f"{path}/challenge")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    challenge = Challenge.from_dict(answer.json or {})
    solution = solve_challenge(challenge)
    assert solution is not None
    return Payload(challenge, solution).to_base64()


def filled(client: FlaskClient, path: str, **fields: Any) -> dict[str, Any]:
    """The form with a letter and whatever is given, not sent yet."""
    return {**values(form_at(client.get(path).text)), **LETTER, **fields}


def post(client: FlaskClient, path: str, data: dict[str, Any], address: str = "203.0.113.7") -> TestResponse:
    return client.post(path, data=data, environ_overrides={"REMOTE_ADDR": address})


def complaints(app: Flask) -> int:
    with app.app_context():
        return db.session().scalar(select(func.count()).select_from(Complaint)) or 0


def family(app: Flask, number: int, address: str = "203.0.113.7", **fields: Any) -> TestResponse:
    """One more parent, with a browser of their own, behind the same address."""
    client, path = app.test_client(), mailbox_path(app)
    page = client.get(path).text
    data = {**values(form_at(page)), **LETTER, "answer": answer_to(page)}
    data["body"] = f"第{number}位家长:{LETTER['body']}"
    return post(client, path, {**data, **fields}, address)


# --- the work and the question --------------------------------------------------------------------------------


def test_work_that_was_done_lets_a_letter_through_once(app: Flask) -> None:
    client, path = app.test_client(), mailbox_path(app)
    done = work(client, path)
    data = filled(client, path, altcha=done)
    assert post(client, path, data).status_code == 303
    with app.app_context():
        assert db.session().scalar(select(func.count()).select_from(SpentChallenge)) == 1
    again = post(client, path, filled(client, path, altcha=done))
    assert again.status_code == 422
    assert set(errors_at(again.text)) == {"answer"}
    assert complaints(app) == 1
    # the same form once more: its answer was lost on the way, and it gets its receipt
    assert post(client, path, data).status_code == 303
    assert complaints(app) == 1


def test_work_for_another_mailbox_old_or_forged_work_is_refused_and_nothing_typed_is_lost(app: Flask) -> None:
    client, path = app.test_client(), mailbox_path(app)
    other = work(client, mailbox_path(app, 1))
    good = Payload.from_base64(work(client, path))
    forged = Payload.from_base64(good.to_base64())
    forged.challenge.parameters.cost = 1
    for wrong in (other, forged.to_base64(), "", "x", "e30=", "bnVsbA==", "W10=", "a" * 5000):
        answer = post(client, path, filled(client, path, altcha=wrong))
        assert answer.status_code == 422, wrong
        assert set(errors_at(answer.text)) == {"answer"}
        kept = values(form_at(answer.text))
        assert kept["body"].strip() == LETTER["body"]
        assert kept["question"]
    with time_machine.travel(good.challenge.parameters.expires_at or 0, tick=False):
        late = post(client, path, filled(client, path, altcha=good.to_base64()))
    assert late.status_code == 422
    assert "过期" in errors_at(late.text)["answer"]
    assert complaints(app) == 0


def test_the_question_is_enough_without_javascript(app: Flask) -> None:
    client, path = app.test_client(), mailbox_path(app)
    page = client.get(path).text
    form = form_at(page)
    hidden = {node.get("name") for node in form.xpath(".//input[@type='hidden']")}
    assert hidden == {"csrf_token", "idempotency_key", "question"}
    data = {**values(form), **LETTER}
    for typed in ("", "99", "不知道"):
        refused = post(client, path, {**data, "answer": typed})
        assert refused.status_code == 422
        assert set(errors_at(refused.text)) == {"answer"}
    wide = answer_to(page).translate(str.maketrans("0123456789", "0123456789"))
    assert post(client, path, {**data, "answer": f" {wide} "}).status_code == 303


def test_the_question_belongs_to_one_form_and_grows_old(app: Flask) -> None:
    client, path = app.test_client(), mailbox_path(app)
    page = client.get(path).text
    data = {**values(form_at(page)), **LETTER, "answer": answer_to(page)}
    other = values(form_at(client.get(path).text))
    for changed in (
        {"idempotency_key": other["idempotency_key"]},
        {"question": "9" * 11 + ".00"},
        {"question": ""},
    ):
        assert post(client, path, {**data, **changed}).status_code == 422
    until = int(data["question"].partition(".")[0])
    with time_machine.travel(until, tick=False):
        late = post(client, path, data)
    assert late.status_code == 422
    fresh = values(form_at(late.text))
    assert fresh["question"] != data["question"]
    assert not fresh["answer"]
    assert post(client, path, data).status_code == 303


def test_an_answer_that_was_right_stands_while_other_things_are_put_right(app: Flask) -> None:
    client, path = app.test_client(), mailbox_path(app)
    page = client.get(path).text
    data = {**values(form_at(page)), **LETTER, "answer": answer_to(page), "body": "短"}
    refused = post(client, path, data)
    assert set(errors_at(refused.text)) == {"body"}
    kept = values(form_at(refused.text))
    assert (kept["answer"], kept["question"]) == (data["answer"], data["question"])


def test_asking_for_work_writes_nothing_and_unknown_mailboxes_give_none(app: Flask) -> None:
    client = app.test_client()
    assert client.get(f"/m/{'0' * 12}/challenge").status_code == 404
    work(client, mailbox_path(app))
    with app.app_context():
        assert db.session().scalar(select(func.count()).select_from(QuotaCount)) == 0


def test_the_question_is_asked_in_english_too(app: Flask) -> None:
    client, path = app.test_client(), mailbox_path(app)
    token = values(form_at(client.get("/track").text))["csrf_token"]
    client.post("/language", data={"language": "en", "next": "/", "csrf_token": token})
    page = client.get(path)
    assert page.status_code == 200
    assert html.fromstring(page.text).xpath("//label[@for='answer']")


def test_what_robots_fill_in_is_told_not_swallowed(app: Flask) -> None:
    client, path = app.test_client(), mailbox_path(app)
    page = client.get(path).text
    data = {**values(form_at(page)), **LETTER, "answer": answer_to(page)}
    (trap,) = html.fromstring(page).xpath("//*[@id='gate-trap']")
    assert trap.get("aria-hidden") == "true"
    assert trap.xpath(".//input/@tabindex") == ["-1"]
    refused = post(client, path, {**data, "website": "http://example.org"})
    assert refused.status_code == 422
    assert set(errors_at(refused.text)) == {"website"}
    (shown,) = html.fromstring(refused.text).xpath("//*[@id='gate-trap']")
    assert shown.get("aria-hidden") is None, "it can be emptied"
    assert complaints(app) == 0
    assert post(client, path, data).status_code == 303


# --- quotas ---------------------------------------------------------------------------------------------------


@time_machine.travel(STILL, tick=False)
def test_sixty_parents_behind_one_address_pass(app: Flask) -> None:
    assert [family(app, number).status_code for number in range(60)] == [303] * 60
    assert complaints(app) == 60
    with app.app_context():
        kept = db.session().execute(select(QuotaCount)).scalars().all()
        assert all(len(row.bucket_hash) == 32 for row in kept)


@time_machine.travel(STILL, tick=False)
def test_one_script_with_one_session_is_stopped_and_told_when(app: Flask) -> None:
    client, path = app.test_client(), mailbox_path(app)
    answers = []
    for number in range(7):
        page = client.get(path).text
        data = {
            **values(form_at(page)),
            **LETTER,
            "answer": answer_to(page),
            "body": f"第{number}封:{LETTER['body']}",
        }
        answers.append(post(client, path, data))
    most = LIMITS[Source.VISITOR].most
    assert [answer.status_code for answer in answers] == [303] * most + [429] * (7 - most)
    refused = answers[-1]
    assert 0 < int(refused.headers["Retry-After"]) <= 2 * 3600
    assert values(form_at(refused.text))["body"].strip() == f"第6封:{LETTER['body']}"
    assert html.fromstring(refused.text).xpath("//*[@role='alert']")
    assert complaints(app) == most


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
@time_machine.travel(STILL, tick=False)
def test_a_script_that_drops_its_cookies_is_stopped_by_its_address(app: Flask) -> None:
    most = LIMITS[Source.ADDRESS_AT_MAILBOX].most
    codes = [family(app, number).status_code for number in range(most + 3)]
    assert codes == [303] * most + [429] * 3
    assert family(app, 999, address="198.51.100.9").status_code == 303, "others are not held up"
    with time_machine.travel(STILL + timedelta(days=1), tick=False):
        assert family(app, 1000).status_code == 303, "and it passes"


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
@time_machine.travel(STILL, tick=False)
def test_guessing_codes_from_one_address_is_stopped(app: Flask) -> None:
    client = app.test_client()
    token = values(form_at(client.get("/track").text))["csrf_token"]
    codes = []
    for number in range(LIMITS[Source.MISS].most + 2):
        data = {"csrf_token": token, "query_code": f"{number:016d}"}
        answer = client.post("/track", data=data, environ_overrides={"REMOTE_ADDR": "203.0.113.7"})
        codes.append(answer.status_code)
    assert codes == [422] * LIMITS[Source.MISS].most + [429] * 2
    assert int(answer.headers["Retry-After"]) > 0
    assert values(form_at(answer.text))["query_code"] == data["query_code"]
    other = client.post("/track", data=data, environ_overrides={"REMOTE_ADDR": "198.51.100.9"})
    assert other.status_code == 422


def test_switched_off_nothing_is_asked_or_counted(city: Flask) -> None:
    assert "answer" not in form_at(city.test_client().get(mailbox_path(city)).text).fields
    client = city.test_client()
    for _ in range(7):
        assert send(city, client=client).status_code == 303
    with city.app_context():
        assert db.session().scalar(select(func.count()).select_from(QuotaCount)) == 0


# --- posters, counts ------------------------------------------------------------------------------------------


def test_a_poster_is_signed_and_can_be_revoked(app: Flask) -> None:
    client, path = app.test_client(), mailbox_path(app)
    address = poster_address(app.extensions["vault"], "", path.removeprefix("/m/"))
    assert client.get(address).status_code == 200
    other = poster_address(app.extensions["vault"], "", mailbox_path(app, 1).removeprefix("/m/"))
    for altered in (
        address[:-1] + ("0" if address[-1] != "0" else "1"),
        f"{path}?via=qr&s=",
        f"{path}?{other.partition('?')[2]}",
    ):
        gone = client.get(altered)
        assert gone.status_code == 404
        assert "已失效" in gone.text
        assert html.fromstring(gone.text).xpath("//form[@action='/']//input[@name='q']")
    officer = desk(app, "district_officer")
    answer = submit(officer, "/bureau/mailboxes", action=f"{path.removeprefix('/m/')}/replace")
    assert answer.status_code == 303
    gone = client.get(address)
    assert (gone.status_code, "已失效" in gone.text) == (404, True)


def test_the_poster_shows_the_signed_address(app: Flask) -> None:
    assert "<svg" in app.test_client().get(f"{mailbox_path(app)}/poster").text


def seen(client: FlaskClient, path: str, step: str) -> int:
    token = values(form_at(client.get(path).text))["csrf_token"]
    return client.post(f"{path}/seen", data={"csrf_token": token, "step": step}).status_code


def test_opened_begun_and_sent_are_counted_and_shown(app: Flask) -> None:
    path = mailbox_path(app)
    for _ in range(3):
        assert seen(app.test_client(), path, "opened") == 204
    assert seen(app.test_client(), path, "began") == 204
    assert seen(app.test_client(), path, "sent") == 422
    assert app.test_client().post(f"{path}/seen", data={"step": "opened"}).status_code == 422
    assert family(app, 1).status_code == 303
    assert family(app, 2, respondent_role="head").status_code == 303
    with app.app_context():
        row = (
            db.session()
            .execute(select(MailboxCount.opened_count, MailboxCount.began_count, MailboxCount.sent_count))
            .one()
        )
        assert tuple(row) == (3, 1, 2)
    shown = {
        username: html.fromstring(desk(app, username).get(page).text).xpath("//*[@data-funnel]/@data-funnel")
        for username, page in (("school_officer", "/school/mailbox"), ("bureau_officer", "/bureau/mailboxes"))
    }
    assert shown["school_officer"] == ["7:3/1/1", "30:3/1/1"], "a letter about the head is not there"
    assert {"7:3/1/2", "30:3/1/2"} <= set(shown["bureau_officer"])


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
@time_machine.travel(STILL, tick=False)
def test_a_page_that_tells_too_often_is_not_counted(app: Flask) -> None:
    client, path = app.test_client(), mailbox_path(app)
    token = values(form_at(client.get(path).text))["csrf_token"]
    for _ in range(LIMITS[Source.BEACON].most + 5):
        assert client.post(f"{path}/seen", data={"csrf_token": token, "step": "opened"}).status_code == 204
    with app.app_context():
        assert db.session().scalar(select(MailboxCount.opened_count)) == LIMITS[Source.BEACON].most


def test_forms_work_behind_encryption_though_the_referrer_is_withheld(app: Flask) -> None:
    client, path = app.test_client(), mailbox_path(app)
    page = client.get(path, base_url="https://localhost").text
    data = {**values(form_at(page)), **LETTER, "answer": answer_to(page)}
    assert client.post(path, data=data, base_url="https://localhost").status_code == 303


# --- the filing slip ------------------------------------------------------------------------------------------


def slip_of(app: Flask) -> str:
    client, path = app.test_client(), mailbox_path(app)
    page = client.get(path).text
    assert (
        post(client, path, {**values(form_at(page)), **LETTER, "answer": answer_to(page)}).status_code == 303
    )
    receipt = html.fromstring(client.get("/receipt").text)
    assert receipt.xpath("//*[contains(@class, 'slip-qr')]//*[local-name()='svg']")
    (slip,) = receipt.xpath("//@data-slip-text")
    return str(slip)


def test_a_slip_says_school_day_and_number_to_anyone(app: Flask) -> None:
    slip = slip_of(app)
    stranger = app.test_client()
    with app.app_context():
        number = db.session().scalars(select(Complaint)).one().case.number
    token = values(form_at(stranger.get("/track").text))["csrf_token"]
    for answer in (
        stranger.get("/verify", query_string={"slip": slip}),
        stranger.post("/verify", data={"slip": f" {slip[:40]}\n{slip[40:]} ", "csrf_token": token}),
    ):
        assert answer.status_code == 200
        page = html.fromstring(answer.text)
        assert page.xpath("//@data-slip-valid") == ["true"]
        text = page.text_content()
        assert "荷塘区明德小学" in text
        assert number in text
        assert LETTER["body"] not in text


def test_a_forged_slip_is_told_so(app: Flask) -> None:
    slip = slip_of(app)
    stranger = app.test_client()
    forged = ("A" if slip[20] != "A" else "B").join((slip[:20], slip[21:]))
    for typed in (forged, slip[:-8], slip.lower(), "HELLO", "x" * 1000, "回执"):
        answer = stranger.get("/verify", query_string={"slip": typed})
        assert answer.status_code == 422
        assert "不是本系统出具的回执或证明" in errors_at(answer.text)["slip"]
        assert not html.fromstring(answer.text).xpath("//@data-slip-valid")
    assert stranger.get("/verify").status_code == 200
