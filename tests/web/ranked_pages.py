"""The application on a city with a ranking, and who can sign in there."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from flask_security.utils import hash_password
from lxml import html

from ethics_eval.accounts.rules import Role
from ethics_eval.database import transaction
from ethics_eval.ranking.rules.steps import Step
from tests.ranking.published import CHARGED, GAP, PENDING, PublishedCity
from tests.support.city import PASSWORD
from tests.support.forms import sign_in

BUREAU, CHIEF, DISTRICT, OFFICER = (
    "bureau_officer",
    "bureau_head",
    "district_officer-430211",
    "school_officer-0",
)
OWN, FOREIGN = "T0030", "T0031"  # at the officer's school, and at another
SEMESTER_PATH = "/bureau/semesters/2025-2026-1"


def settle(app: Flask, last: Step | None) -> None:
    """The published city of the ranking's tests, its steps taken up to ``last`` (None: not even opened)."""
    with app.app_context():
        password_hash = hash_password(PASSWORD)
        with transaction() as session:
            town = PublishedCity(session, app.extensions["vault"], app.config["INSTANCE"], password_hash)
            for number in (CHARGED, PENDING, GAP):
                town.account(Role.TEACHER, teacher=town.teachers[number])
            town.account(Role.TEACHER, teacher=town.absent)
            for step in Step if last is not None else ():
                town.take(step)
                if step is last:
                    break


def signed_in(app: Flask, username: str) -> FlaskClient:
    """A client of the account."""
    client = app.test_client()
    sign_in(client, username, PASSWORD)
    return client


def words(page: str, path: str = "//main") -> str:
    """The text of a part of a page, blanks run together."""
    return " ".join(" ".join(part.text_content() for part in html.fromstring(page).xpath(path)).split())
