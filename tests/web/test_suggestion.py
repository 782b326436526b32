"""The suggestion while one writes: an answer to the words, nothing kept, no mailbox that is not there."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from ethics_eval.complaints.models import Case
from ethics_eval.database import db
from tests.support.forms import form_at, values
from tests.web.road import mailbox_path

BODY = "数学老师在家里补课,<b>在职老师办班</b>,每人八百。"


@pytest.fixture
def app(city: Flask) -> Flask:
    """What is asked here: the small city."""
    return city


def asked(client: FlaskClient, path: str, body: str) -> tuple[int, str]:
    token = values(form_at(client.get(mailbox_path(client.application)).text))["csrf_token"]
    answer = client.post(f"{path}/suggestion", data={"csrf_token": token, "body": body})
    return answer.status_code, answer.get_data(as_text=True)


def test_it_names_the_category_and_the_words(app: Flask, client: FlaskClient) -> None:
    status, page = asked(client, mailbox_path(app), BODY)
    assert status == 200
    assert 'data-suggested="C15"' in page
    assert "<b>" not in page.replace("&lt;b&gt;", "")
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Case)) == 0


def test_words_that_say_nothing_get_an_empty_answer(app: Flask, client: FlaskClient) -> None:
    assert asked(client, mailbox_path(app), "您好。")[1].strip() == ""


def test_an_unknown_mailbox_is_not_there_and_the_token_is_asked_for(app: Flask, client: FlaskClient) -> None:
    assert asked(client, "/m/000000000000", BODY)[0] == 404
    assert client.post(f"{mailbox_path(app)}/suggestion", data={"body": BODY}).status_code == 422
