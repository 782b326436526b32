"""Every route says for whom it is, lets those in, and refuses everyone else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from ethics_eval.accounts.rules import Role
from ethics_eval.web.access import Access, Audience, declared
from tests.support.city import PASSWORD
from tests.support.forms import form_at, sign_in, values

NOT_THERE = "0000000000"
BROKEN = {403, 500, 503}


def routes(app: Flask) -> Iterator[tuple[Rule, str, Access]]:
    """Every route but static files, with the method it is asked with and what it declares."""
    access = declared(app)
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            yield rule, "GET" if "GET" in (rule.methods or ()) else "POST", access[rule.endpoint]


def address(app: Flask, rule: Rule) -> str:
    """A path of the route; its parameters name nothing that exists."""
    with app.test_request_context():
        given = {
            name: "1" if "Int" in type(rule._converters[name]).__name__ else NOT_THERE
            for name in rule.arguments
        }
        built = app.url_map.bind("localhost").build(rule.endpoint, given)
    return built.removeprefix("http://localhost")


def ask(client: FlaskClient, method: str, path: str, token: str) -> int:
    """The status of an answer; a POST carries the token and nothing else."""
    if method == "GET":
        return client.get(path).status_code
    return client.post(path, data={"csrf_token": token}).status_code


def token_of(client: FlaskClient, page: str) -> str:
    """The token every form on a page carries."""
    return str(values(form_at(client.get(page).text))["csrf_token"])


def test_every_endpoint_declares_its_audience_and_permission(city: Flask) -> None:
    access = declared(city)  # raises for an endpoint that declares nothing
    for endpoint, asked in access.items():
        audience = endpoint.partition(".")[0]
        if audience in {"school", "bureau", "teacher"}:
            assert asked.audience == Audience(audience), endpoint
            assert asked.permission is not None, endpoint
            assert asked.roles(), f"{endpoint} lets nobody in"


def test_a_visitor_is_sent_to_sign_in(city: Flask) -> None:
    client = city.test_client()
    token = token_of(client, "/login")
    wrong = []
    for rule, method, asked in routes(city):
        status = ask(client, method, address(city, rule), token)
        right = status not in BROKEN if asked.audience is Audience.PUBLIC else status == 303
        if not right:
            wrong.append(f"{method} {rule.rule} answered {status}")
    assert not wrong


@pytest.mark.parametrize("role", list(Role))
def test_each_role_gets_in_where_it_may_and_nowhere_else(city: Flask, role: Role) -> None:
    client = city.test_client()
    sign_in(client, role.value, PASSWORD)
    token = token_of(client, "/account")
    wrong = []
    for rule, method, asked in routes(city):
        if rule.endpoint == "auth.session.logout":
            continue
        status = ask(client, method, address(city, rule), token)
        may = asked.audience is Audience.PUBLIC or role in asked.roles()
        if (status != 403) is not may or status in BROKEN - {403}:
            wrong.append(f"{method} {rule.rule} answered {status}")
    assert not wrong


def test_nothing_is_written_without_the_token(city: Flask) -> None:
    client = city.test_client()
    wrong = []
    for rule, _method, _asked in routes(city):
        if "POST" in (rule.methods or ()):
            status = client.post(address(city, rule)).status_code
            if status not in {400, 403, 422}:
                wrong.append(f"POST {rule.rule} answered {status}")
    assert not wrong
