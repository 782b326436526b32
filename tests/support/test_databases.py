"""The fixtures keep what they promise: both databases, the newest schema, nothing left behind."""

from __future__ import annotations

import urllib.request

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ethics_eval.roster.models import District
from tests.support.databases import Place
from tests.support.server import Served


@pytest.mark.parametrize("turn", [1, 2])
def test_a_session_starts_empty_and_survives_its_own_failures(session: Session, turn: int) -> None:
    assert session.scalars(select(District)).all() == []
    session.add(District(code="430202", name="荷塘区"))
    session.commit()
    session.add(District(code="430202", name="芦淞区"))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()
    assert session.scalars(select(District.name)).all() == ["荷塘区"]


def test_it_is_the_database_it_says(session: Session, place: Place) -> None:
    assert session.get_bind().dialect.name == place.kind


def test_the_application_answers_on_either(client: FlaskClient) -> None:
    assert client.get("/healthz").status_code == 200


def test_the_server_is_real(served: Served) -> None:
    with urllib.request.urlopen(f"{served.url}/healthz") as answer:
        assert answer.status == 200
        assert answer.headers["Server"] == "waitress"
