"""Every real letter of the citizens' mailbox, through the real form of a served instance, by a plain client."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from secrets import token_urlsafe
from threading import local
from typing import Self

import pytest
from flask import Flask, current_app
from sqlalchemy import select

from ethics_eval.complaints import queries
from ethics_eval.complaints.categories import EVERY_CODE
from ethics_eval.complaints.models import Complaint
from ethics_eval.complaints.rules.submission import MAX_BODY, MIN_BODY, body_length
from ethics_eval.database import db
from tests.support.forms import form_at, values
from tests.support.plain_client import PlainClient
from tests.support.server import Served
from tests.support.shared import shared
from tests.web.road import errors_at, mailbox_path

CLIENTS = 4
LETTERS = 1343


@dataclass(frozen=True)
class Sent:
    """A letter as it was sent; ``code``: empty when it was refused."""

    fields: dict[str, str]
    code: str
    refused_at: tuple[str, ...] = ()


@pytest.fixture
def app(city: Flask) -> Flask:
    """What is served here: the small city."""
    return city


def letters() -> list[dict[str, str]]:
    """The forms to be filled in, one a letter: every category in turn, every third letter signed."""
    codes = sorted(EVERY_CODE)
    with shared("data/letters_education.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == LETTERS
    signed = {"identity": "real_name_hidden", "name": "来信人", "phone": "13800000000", "relation": "家长"}
    return [
        {
            "category": codes[at % len(codes)],
            "respondent": "",
            "respondent_role": "unknown",
            "subject_class": row["subject"],
            "happened_on": "",
            "place": "",
            "body": row["body"],
            **(signed if at % 3 == 0 else {"identity": "anonymous"}),
            "pledge": "y",
        }
        for at, row in enumerate(rows)
    ]


class Office:
    """Several writers at once, each with a connection of its own."""

    def __init__(self, served: Served) -> None:
        self._url, self._mailbox, self._own = served.url, mailbox_path(served.app), local()
        self._clients: list[PlainClient] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for client in self._clients:
            client.close()

    def _client(self) -> tuple[PlainClient, dict[str, str]]:
        if not hasattr(self._own, "client"):
            client = PlainClient(self._url)
            self._clients.append(client)
            self._own.client = client, client.form(self._mailbox)
        found: tuple[PlainClient, dict[str, str]] = self._own.client
        return found

    def send(self, fields: dict[str, str]) -> Sent:
        """Fill in the form, under a key of its own, send it, keep the code."""
        client, form = self._client()
        key = {"idempotency_key": token_urlsafe(24)}
        answer = client.post_multipart(self._mailbox, {**form, **fields, **key})
        if answer.status == 303:
            return Sent(fields, client.receipt())
        assert answer.status == 422, answer.status
        kept = values(form_at(answer.text))["body"].replace("\r\n", "\n").strip()
        assert kept == fields["body"].replace("\r\n", "\n").strip(), "what was typed is kept"
        return Sent(fields, "", tuple(errors_at(answer.text)))

    def track(self, sent: Sent) -> str | None:
        """The state its code shows."""
        return self._client()[0].track(sent.code)


def stored(app: Flask) -> dict[str, dict[str, str]]:
    """Selector of the code → what the vault opens of the letter and its sender."""
    found = {}
    with app.app_context():
        session, vault = db.session(), current_app.extensions["vault"]
        for complaint in session.scalars(select(Complaint)):
            cipher = queries.content_cipher(session, vault, complaint.case)
            opened = cipher.unseal_json(complaint.content, f"complaint:content:{complaint.id}")
            if complaint.identity is not None:
                key = vault.open_key(session, f"case:{complaint.case_id}", "identity", ["custodian"])
                opened |= key.unseal_json(complaint.identity, f"complaint:identity:{complaint.id}")
            found[complaint.selector] = {
                **opened,
                "category": complaint.category,
                "identity": complaint.identity_mode,
            }
    return found


def differences(sent: Sequence[Sent], found: dict[str, dict[str, str]]) -> list[str]:
    """Codes of letters that did not come back as they were sent."""
    wrong = []
    for letter in sent:
        opened = found.get(letter.code.replace("-", "")[:6], {})
        expected = {name: value for name, value in letter.fields.items() if name in opened}
        if letter.fields["body"] != opened.get("body") or any(
            opened[name] != value for name, value in expected.items()
        ):
            wrong.append(letter.code)
    return wrong


def test_every_letter_is_stored_comes_back_and_is_tracked(served: Served) -> None:
    everything = letters()
    if not str(served.app.config["DATABASE_URL"]).startswith("sqlite"):
        everything = everything[::10]  # the same road; SQLite has walked it with all of them
    with Office(served) as office, ThreadPoolExecutor(CLIENTS) as pool:
        sent = list(pool.map(office.send, everything))
        taken = [letter for letter in sent if letter.code]
        states = list(pool.map(office.track, taken))
    refused = [letter for letter in sent if not letter.code]
    assert all(letter.refused_at == ("body",) for letter in refused)
    assert [letter.fields["body"] for letter in refused] == [
        fields["body"]
        for fields in everything
        if len(fields["body"].strip()) < MIN_BODY or body_length(fields["body"]) > MAX_BODY
    ]
    found = stored(served.app)
    assert len(found) == len(taken) == len({letter.code for letter in taken})
    assert differences(taken, found) == []
    assert states == ["submitted"] * len(taken)
    print(f"{len(taken)} letters taken, {len(refused)} refused for their length")
