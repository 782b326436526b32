"""Signing in and out over HTTP: locks, sessions that end on the server, local targets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select

from ethics_eval.accounts.models import Account, AuditEvent
from ethics_eval.database import db, transaction
from tests.support.city import PASSWORD
from tests.support.forms import form_at, sign_in, submit, values
from tests.web.road import desk

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
USER = "school_officer"


@pytest.fixture
def app(city: Flask) -> Flask:
    """What is asked here: the small city."""
    return city


def attempt(app: Flask, username: str, password: str, source: str = "127.0.0.1") -> tuple[int, str]:
    """The status and the words of the page after an attempt from an address."""
    client = app.test_client()
    form = form_at(client.get("/login").text)
    answer = client.post(
        "/login",
        data={**values(form), "username": username, "password": password},
        environ_base={"REMOTE_ADDR": source},
    )
    if answer.status_code == 303:
        return 303, ""
    return answer.status_code, "".join(html.fromstring(answer.text).xpath("//main")[0].text_content().split())


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_right_wrong_unknown_and_locked(app: Flask) -> None:
    with time_machine.travel(AT, tick=False):
        assert attempt(app, USER, PASSWORD)[0] == 303
        assert attempt(app, USER.upper(), PASSWORD)[0] == 303
        wrong = attempt(app, USER, "wrong")
        assert wrong[0] == 422
        assert attempt(app, "nobody", "wrong", "10.0.0.1") == wrong
        for number in range(4):
            assert attempt(app, USER, "wrong", f"10.0.1.{number}") == wrong
        assert attempt(app, USER, PASSWORD, "10.0.0.9") == wrong, "locked, though right"
        assert attempt(app, "district_officer", PASSWORD, "10.0.0.9")[0] == 303
    with time_machine.travel(AT + timedelta(minutes=16), tick=False):
        assert attempt(app, USER, PASSWORD, "10.0.0.9")[0] == 303


def test_a_source_that_guesses_is_locked_for_every_account(app: Flask) -> None:
    with time_machine.travel(AT, tick=False):
        for name in ("nobody", "admin", "root", USER, "bureau_officer"):
            assert attempt(app, name, "wrong", "10.0.0.1")[0] == 422
        assert attempt(app, "district_officer", PASSWORD, "10.0.0.1")[0] == 422
        assert attempt(app, "district_officer", PASSWORD, "10.0.0.2")[0] == 303


def test_neither_names_nor_addresses_are_stored(app: Flask) -> None:
    for _ in range(5):
        attempt(app, "someone-special", "wrong", "203.0.113.77")
    with app.app_context():
        events = db.session().scalars(select(AuditEvent).where(AuditEvent.action.like("login.%"))).all()
        assert [event.action for event in events].count("login.failed") == 5
        assert [event.action for event in events].count("login.locked") == 1
        told = " ".join(f"{event.subject_id} {event.detail} {event.actor_kind}" for event in events)
        assert "someone" not in told
        assert "203.0" not in told


@pytest.mark.parametrize("fields", [{"username": "", "password": "x"}, {"username": "x", "password": ""}, {}])
def test_empty_fields_are_told(app: Flask, fields: dict[str, str]) -> None:
    answer = submit(app.test_client(), "/login", {"username": "", "password": "", **fields})
    assert answer.status_code == 422
    assert "请输入" in answer.text


@pytest.mark.parametrize("username", ["\0", "'; --", "x" * 5000, "名" * 70])
def test_odd_names_are_just_wrong(app: Flask, username: str) -> None:
    assert attempt(app, username, "wrong")[0] == 422


def copied(app: Flask, client: FlaskClient) -> FlaskClient:
    """Another browser with the cookie of this one."""
    cookie = client.get_cookie("session")
    assert cookie is not None
    thief = app.test_client()
    thief.set_cookie("session", cookie.value)
    return thief


def test_signing_out_ends_the_copied_cookie_too(app: Flask) -> None:
    client = desk(app, USER)
    thief = copied(app, client)
    assert is_in(client)
    assert is_in(thief)
    form = form_at(client.get("/account").text, "/logout")
    opened = client.get("/logout")
    assert opened.status_code == 405, "a link signs nobody out"
    assert opened.headers["Allow"] == "OPTIONS, POST"
    assert "没有找到这个页面" in opened.text
    assert is_in(client)
    answer = client.post("/logout", data=values(form))
    assert (answer.status_code, answer.location) == (303, "/login")
    assert not is_in(client)
    assert not is_in(thief)


def test_the_session_is_new_at_every_sign_in(app: Flask) -> None:
    client = app.test_client()
    client.get("/login")
    before = client.get_cookie("session")
    sign_in(client, USER, PASSWORD)
    after = client.get_cookie("session")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert after.http_only
    assert after.same_site == "Lax"
    with app.test_client() as other:
        sign_in(other, USER, PASSWORD)
        assert is_in(client), "two places at once are allowed"


def test_half_an_hour_of_idleness_ends_it(app: Flask) -> None:
    with time_machine.travel(AT, tick=False) as clock:
        client = desk(app, USER)
        for _ in range(3):
            clock.shift(timedelta(minutes=29))
            assert is_in(client)
        clock.shift(timedelta(minutes=31))
        assert client.get("/account").location.startswith("/login")
        assert not is_in(client)


def test_twelve_hours_end_it_however_busy(app: Flask) -> None:
    with time_machine.travel(AT, tick=False) as clock:
        client = desk(app, USER)
        for _ in range(24):
            assert is_in(client)
            clock.shift(timedelta(minutes=30))
        assert not is_in(client)


def test_an_account_closed_or_moved_is_felt_at_the_next_request(app: Flask) -> None:
    client = desk(app, USER)
    assert client.get("/school/cases").status_code == 200
    with app.app_context(), transaction() as session:
        session.scalars(select(Account).where(Account.username == USER)).one().active = False
    assert client.get("/school/cases").status_code == 303
    assert attempt(app, USER, PASSWORD)[0] == 422


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("/account", "/account"),
        ("/school/cases?q=1", "/school/cases?q=1"),
        ("https://elsewhere.invalid/", None),
        ("//elsewhere.invalid/", None),
        ("/\\elsewhere.invalid", None),
        ("/\t/elsewhere.invalid", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_one_returns_only_to_our_own_pages(app: Flask, target: str, location: str | None) -> None:
    client = app.test_client()
    form = form_at(client.get("/login").text)
    answer = client.post(
        "/login",
        query_string={"next": target},
        data={**values(form), "username": USER, "password": PASSWORD},
    )
    assert answer.status_code == 303
    assert answer.location == (location or "/school/cases")


def test_who_is_not_signed_in_is_led_to_the_page_asked_for(app: Flask) -> None:
    client = app.test_client()
    answer = client.get("/school/cases?status=open")
    assert answer.status_code == 303
    assert answer.location == "/login?next=/school/cases?status%3Dopen"


def test_pages_of_the_signed_in_are_never_cached(app: Flask) -> None:
    client = desk(app, USER)
    for path in ("/account", "/school/cases", "/school/mailbox"):
        assert client.get(path).headers["Cache-Control"] == "no-store"
