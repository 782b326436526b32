"""Posters asked for on a page, made by the worker, fetched by whoever asked, and by nobody else."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from pypdf import PdfReader
from sqlalchemy import select

from ethics_eval.accounts.models import AuditEvent
from ethics_eval.complaints.models import Mailbox
from ethics_eval.database import db
from ethics_eval.tasks.models import Task
from tests.support.city import SCHOOLS
from tests.support.forms import submit, values
from tests.support.worker import work
from tests.web.ranked_pages import signed_in


def state(client: FlaskClient, path: str) -> str:
    (found,) = html.fromstring(client.get(path).text).xpath("//*[@id='task']/@data-state")
    return str(found)


def fetch(client: FlaskClient, path: str) -> PdfReader:
    tree = html.fromstring(client.get(path).text)
    (form,) = tree.xpath("//form[contains(@action, '/file')]")
    with client.post(form.get("action"), data=values(form)) as answer:
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        return PdfReader(io.BytesIO(answer.data))


@pytest.mark.parametrize(
    ("role", "audience", "fields", "schools"),
    [
        ("bureau_officer", "bureau", {"size": "A4"}, {0, 1, 2}),
        ("bureau_head", "bureau", {"size": "A5", "district": "430281"}, {2}),
        ("district_officer", "bureau", {"size": "A4"}, {0, 1}),
        ("school_officer", "school", {"size": "A5"}, {0}),
        ("school_head", "school", {"size": "A4"}, {0}),
    ],
)
def test_asked_made_and_fetched(
    city: Flask, role: str, audience: str, fields: dict[str, str], schools: set[int]
) -> None:
    client = signed_in(city, role)
    answer = submit(client, f"/{audience}/posters", fields)
    assert answer.status_code == 303, answer.text
    path = answer.location
    assert state(client, path) == "waiting"
    page = client.get(path).text
    assert 'hx-trigger="every 2s"' in page
    assert client.post(f"{path}/file", data={"csrf_token": _token(client)}).status_code == 404
    work(city)
    assert state(client, path) == "done"
    reader = fetch(client, path)
    texts = [page.extract_text() for page in reader.pages]
    assert len(texts) == len(schools)
    with city.app_context():
        codes = {row.school.code: row.code for row in db.session.scalars(select(Mailbox)).unique()}
        fetched = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "task.fetched")).all()
        assert len(fetched) == 1
    for text, place in zip(texts, sorted(schools), strict=True):
        code, name = SCHOOLS[place][:2]
        assert name in text.replace("\n", "")
        assert f"/m/{codes[code]}" in text.replace("\n", "")
    listed = client.get("/account/tasks").text
    assert path in listed


def _token(client: FlaskClient) -> str:
    tree = html.fromstring(client.get("/account").text)
    return str(tree.xpath("//input[@name='csrf_token']/@value")[0])


def test_nobody_else_sees_the_task_or_its_file(city: Flask) -> None:
    officer = signed_in(city, "bureau_officer")
    path = submit(officer, "/bureau/posters", {"size": "A4"}).location
    work(city)
    for role in ("bureau_head", "school_officer", "sysadmin"):
        other = signed_in(city, role)
        assert other.get(path).status_code == 404
        assert other.post(f"{path}/file", data={"csrf_token": _token(other)}).status_code == 404
        assert path not in other.get("/account/tasks").text


@pytest.mark.parametrize(
    ("role", "audience", "fields"),
    [
        ("district_officer", "bureau", {"district": "430281"}),
        ("district_officer", "bureau", {"school": SCHOOLS[2][0]}),
        ("school_officer", "school", {"school": SCHOOLS[1][0]}),
        ("school_officer", "school", {"district": "430281"}),
        ("bureau_officer", "bureau", {"district": "999999"}),
        ("bureau_officer", "bureau", {"size": "A0"}),
    ],
)
def test_what_is_out_of_scope_is_refused_as_if_it_were_not_there(
    city: Flask, role: str, audience: str, fields: dict[str, str]
) -> None:
    client = signed_in(city, role)
    form = values(html.fromstring(client.get(f"/{audience}/posters").text).xpath("//main//form")[0])
    answer = client.post(f"/{audience}/posters", data={**form, **fields})
    assert answer.status_code == 422
    with city.app_context():
        assert db.session.scalars(select(Task.id)).all() == []


def test_one_school_from_its_row(city: Flask) -> None:
    client = signed_in(city, "bureau_officer")
    with city.app_context():
        code = db.session.scalars(select(Mailbox.code).order_by(Mailbox.id.desc())).first()
    page = f"/bureau/posters?mailbox={code}"
    path = submit(client, page, {"size": "A4"}).location
    work(city)
    assert len(fetch(client, path).pages) == 1
