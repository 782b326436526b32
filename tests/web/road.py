"""The complaint road over plain HTTP, as the tests of the pages walk it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from flask import Flask, current_app
from flask.testing import FlaskClient
from flask_security.utils import hash_password
from lxml import html
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from ethics_eval.accounts.rules import Role
from ethics_eval.accounts.service import create_account
from ethics_eval.complaints import queries
from ethics_eval.complaints.models import Case, Complaint, Mailbox
from ethics_eval.database import Base, db, transaction
from ethics_eval.roster.models import School, Teacher
from tests.support.city import FOUNDED_AT, FOUNDER, LETTER, PASSWORD, SCHOOLS
from tests.support.forms import form_at, sign_in, submit, values

CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}")
REASON = "这里写清楚了为什么要这样办。"
JUDGEMENT = {
    "outcome": "SUBSTANTIATED",
    "category": "C06",
    "severity": "ordinary",
    "measure": "",
    "grounds": "经向学生和班主任核实,反映的情况属实。",
}


def mailbox_path(app: Flask, school: int = 0) -> str:
    """The path of a school's open mailbox."""
    with app.app_context():
        query = (
            select(Mailbox.code)
            .join(School, School.id == Mailbox.school_id)
            .where(School.code == SCHOOLS[school][0], Mailbox.revoked_at.is_(None))
        )
        return f"/m/{db.session().scalars(query).one()}"


def photo(color: str = "#6fa8dc") -> BytesIO:
    """A small picture, to be uploaded."""
    picture = BytesIO()
    Image.new("RGB", (64, 48), color).save(picture, "JPEG")
    picture.seek(0)
    return picture


def send(app: Flask, school: int = 0, client: FlaskClient | None = None, **fields: Any) -> TestResponse:
    """Fill in and send the public form; the answer as it comes."""
    return submit(client or app.test_client(), mailbox_path(app, school), {**LETTER, **fields})


def filed(app: Flask, school: int = 0, **fields: Any) -> tuple[str, str]:
    """Send a letter that is taken; the query code and the case's number."""
    client = app.test_client()
    answer = send(app, school, client, **fields)
    assert answer.status_code == 303, answer.text
    (code,) = html.fromstring(client.get(answer.location).text).xpath("//*[@data-receipt]/@data-receipt")
    with app.app_context():
        number = db.session().scalars(
            select(Case.number).join(Complaint).where(Complaint.selector == code.replace("-", "")[:6])
        )
        return str(code), number.one()


def account(app: Flask, username: str, role: Role, *, school: int = 0, district: str = "430202") -> None:
    """One more account, with the tests' password."""
    with app.app_context():
        hashed = hash_password(PASSWORD)
        with transaction() as session:
            at_school = session.scalars(select(School.id).where(School.code == SCHOOLS[school][0])).one()
            create_account(
                session,
                username=username,
                display_name=username,
                password_hash=hashed,
                role=role,
                actor=FOUNDER,
                at=FOUNDED_AT,
                school_id=at_school if role in {Role.SCHOOL_OFFICER, Role.SCHOOL_HEAD} else None,
                district_code=district if role is Role.DISTRICT_OFFICER else None,
            )


def desk(app: Flask, username: str) -> FlaskClient:
    """A client signed in as this account."""
    client = app.test_client()
    sign_in(client, username, PASSWORD)
    return client


def base(username: str) -> str:
    """Where the cases of this account lie."""
    return "/school/cases" if username.startswith("school") else "/bureau/cases"


def act(
    client: FlaskClient, cases: str, number: str, action: str, fields: Mapping[str, Any] | None = None
) -> TestResponse:
    """Take a step on the case's page, with these fields."""
    page = client.get(f"{cases}/{number}")
    assert page.status_code == 200, f"{action}: {page.status_code}"
    form = form_at(page.text, f"/{action}")
    data = {**values(form), **{f"{action}-{name}": value for name, value in (fields or {}).items()}}
    return client.post(form.action, data=data)


def teacher_id(app: Flask, number: str = "T0001") -> str:
    """The id under which the form offers a teacher."""
    with app.app_context():
        return str(db.session().scalars(select(Teacher.id).where(Teacher.number == number)).one())


def lead(app: Flask, number: str, upto: str, *, school: FlaskClient, district: FlaskClient) -> None:
    """Take the steps of the main path from the start up to ``upto``."""
    steps: list[tuple[str, FlaskClient, str, Mapping[str, Any]]] = [
        ("register", school, "/school/cases", {}),
        ("accept", school, "/school/cases", {}),
        ("start", school, "/school/cases", {"investigators": "甲某\n乙某"}),
        ("investigate", school, "/school/cases", {"report": "询问了三名学生和班主任。"}),
        ("propose", school, "/school/cases", {**JUDGEMENT, "teacher": teacher_id(app)}),
        ("notify", school, "/school/cases", {"facts": "拟认定您在课堂上罚站学生一节课。"}),
        ("state", school, "/school/cases", {"statement": "我当时是想让他集中注意力。"}),
        ("decide", district, "/bureau/cases", JUDGEMENT),
        ("reply", district, "/bureau/cases", {"text": "经查,您反映的情况属实,已经处理。"}),
        ("close", district, "/bureau/cases", {}),
    ]
    for action, client, cases, fields in steps:
        answer = act(client, cases, number, action, fields)
        assert answer.status_code == 303, f"{action}: {answer.text}"
        if action == upto:
            return


def letter_of(app: Flask, number: str) -> dict[str, Any]:
    """What is stored of a case's only letter, opened by the vault."""
    with app.app_context():
        session, vault = db.session(), current_app.extensions["vault"]
        case = session.scalars(select(Case).where(Case.number == number)).one()
        (complaint,) = case.complaints
        cipher = queries.content_cipher(session, vault, case)
        return cipher.unseal_json(complaint.content, f"complaint:content:{complaint.id}")


def counts(session: Session) -> dict[str, int]:
    """Table → number of rows."""
    return {table.name: len(session.execute(select(table)).all()) for table in Base.metadata.sorted_tables}


def stored(app: Flask) -> tuple[dict[str, int], list[str]]:
    """All there is: rows of every table, and sealed files."""
    with app.app_context():
        rows = counts(db.session())
        db.session.remove()
    folder = app.config["INSTANCE"] / "files"
    return rows, sorted(str(path) for path in folder.rglob("*") if path.is_file())


def errors_at(page: str) -> dict[str, str]:
    """Field id → the error that stands at it."""
    return {
        str(node.get("id")).removesuffix("-error"): " ".join(node.text_content().split())
        for node in html.fromstring(page).xpath("//*[contains(@class, 'form-error')]")
    }
