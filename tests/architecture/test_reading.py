"""Looking at a page changes nothing; every page opens for somebody, from a template of its own name."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask, template_rendered
from flask.testing import FlaskClient
from jinja2 import Template
from sqlalchemy import Connection, Engine, event, select

from ethics_eval.accounts.rules import Role
from ethics_eval.database import Base, db
from ethics_eval.web.access import declared
from tests.support.city import PASSWORD
from tests.support.forms import sign_in
from tests.support.routes import PARAMETERS, pages, path_of

# Pages that answer what was done just before, or show what this small city does not have; opened by journeys.
OPENED_ELSEWHERE = frozenset(
    {
        "public.receipt.show",
        "public.track.case",
        "school.case.view",
        "bureau.case.view",
        "school.filing.done",
        "bureau.filing.done",
        # a file is opened for a purpose first: tests/web/test_file.py
        "bureau.file.workbook",
        # a circular in its term; the one of the lettered city is over: tests/web/test_notice_standing.py
        "school.notice.pdf",
        "school.notice.word",
        "bureau.notice.withdraw_form",
        # ballots are open while a semester is: tests/web/test_ballot.py, tests/web/test_vote.py
        "public.vote.show",
        "public.vote.check",
        "school.ballot.show",
        "school.ballot.new_class",
        "school.ballot.new_group",
        "school.ballot.upload",
    }
)

READS = re.compile(r"\s*(?:SELECT|WITH|BEGIN|ROLLBACK|COMMIT|SAVEPOINT|RELEASE|PRAGMA|SHOW)\b", re.IGNORECASE)


def fingerprint(app: Flask) -> dict[str, str]:
    """Table → digest of all its rows."""
    with app.app_context(), db.engine.connect() as connection:
        return {table.name: _digest(connection, table) for table in Base.metadata.sorted_tables}


def _digest(connection: Connection, table: Any) -> str:
    rows = connection.execute(select(table).order_by(*table.primary_key.columns))
    return hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()


@contextmanager
def noting_writes(engine: Engine, written: list[str]) -> Iterator[None]:
    """Every statement that is not a read goes to ``written``."""

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not READS.match(statement):
            written.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_every_parameter_has_a_value(lettered_city: Flask) -> None:
    names = {name for rule in pages(lettered_city) for name in rule.arguments}
    assert names <= PARAMETERS.keys()
    with lettered_city.app_context():
        assert all(PARAMETERS[name](db.session()) for name in names)


@pytest.mark.parametrize("role", [None, *Role], ids=str)
def test_looking_writes_nothing(lettered_city: Flask, role: Role | None) -> None:
    app = lettered_city
    client = app.test_client()
    if role is not None:
        sign_in(client, role.value, PASSWORD)
    with app.app_context():
        engine = db.engine
    before = fingerprint(app)
    wrong = []
    for rule in pages(app):
        written: list[str] = []
        with noting_writes(engine, written):
            path = path_of(app, rule)
            for method in ("GET", "HEAD"):
                with client.open(path, method=method) as answer:
                    if answer.status_code >= 500:
                        wrong.append(f"{method} {rule.rule} answered {answer.status_code}")
        wrong += [f"{rule.rule} wrote: {statement[:80]}" for statement in written]
    assert not wrong
    assert fingerprint(app) == before


def test_every_page_opens_for_somebody_from_its_own_template(lettered_city: Flask) -> None:
    app = lettered_city
    access = declared(app)
    clients: dict[Role | None, FlaskClient] = {}
    closed, misnamed = [], []
    for rule in pages(app):
        opened = False
        for role in [None, *sorted(access[rule.endpoint].roles())]:
            if role not in clients:
                clients[role] = app.test_client()
                if role is not None:
                    sign_in(clients[role], role.value, PASSWORD)
            rendered: list[str] = []
            with noting_templates(app, rendered), clients[role].get(path_of(app, rule)) as answer:
                pass
            if answer.status_code == 200:
                opened = True
                wanted = f"{rule.endpoint.replace('.', '/')}.html"
                if rendered and rendered[0] != wanted and not rendered[0].startswith("documents/"):
                    misnamed.append(f"{rule.endpoint} renders {rendered[0]}")
        if not opened and rule.endpoint not in OPENED_ELSEWHERE:
            closed.append(rule.endpoint)
    assert not closed
    assert not misnamed


@contextmanager
def noting_templates(app: Flask, names: list[str]) -> Iterator[None]:
    """The templates an answer is made of, the page's own first."""

    def note(_sender: Flask, template: Template, **_context: Any) -> None:
        names.append(template.name or "")

    with template_rendered.connected_to(note, app):
        yield
