"""师德档案 and 师德证明 over HTTP: opened for a purpose, certified, checked by anyone, taken back."""

from __future__ import annotations

import json
import re
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_security.utils import hash_password
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import select, update

from ethics_eval.accounts.models import AuditEvent
from ethics_eval.accounts.rules import Role
from ethics_eval.complaints.categories import Severity
from ethics_eval.complaints.models import Case, Finding
from ethics_eval.complaints.rules.finding import Measure
from ethics_eval.database import db, transaction
from ethics_eval.ethics_file.models import Certificate, FileAccess
from ethics_eval.ranking.rules.steps import Step
from tests.ethics_file.conftest import NEED, FileCity
from tests.support.city import PASSWORD
from tests.support.forms import form_at, submit, values
from tests.web.ranked_pages import BUREAU, CHIEF, DISTRICT, signed_in, words

CHARGED, CLEAR = "T0000", "T0003"  # both at the first school


def settle(app: Flask, *, is_published: bool = False) -> None:
    """Six teachers, the first of whom has a veto; the semester published where it is asked for."""
    with app.app_context():
        password = hash_password(PASSWORD)
        with transaction() as session:
            town = FileCity(
                session,
                app.extensions["vault"],
                app.config["INSTANCE"],
                teacher_count=6,
                password_hash=password,
            )
            town.give_all()
            town.charge(town.teachers[0], "C08", Severity.GRAVE, measure=Measure.DEMOTION)
            town.account(Role.TEACHER, teacher=town.teachers[0])
            town.account(Role.TEACHER, teacher=town.teachers[3])
            town.account(Role.SCHOOL_HEAD, school=1)
            if is_published:
                town.lead_to(Step.PUBLISH)


def opened(app: Flask, username: str = BUREAU, number: str = CLEAR, purpose: str = "title") -> FlaskClient:
    """A client to whom the file is open."""
    client = signed_in(app, username)
    answer = submit(client, f"/bureau/files/{number}", {"purpose": purpose, "reason": NEED})
    assert answer.status_code == 303, words(answer.text)
    return client


def the_slip(app: Flask) -> str:
    with app.app_context():
        facts = db.session().scalars(select(Certificate.facts).order_by(Certificate.issued_at.desc())).first()
    return str(json.loads(facts or "")["slip"])


def test_a_file_opens_only_after_saying_what_for(app: Flask) -> None:
    settle(app, is_published=True)
    client = signed_in(app, BUREAU)
    found = words(client.get(f"/bureau/files?q={CHARGED}").text)
    assert "天元区白鹤小学" in found
    assert "一票否决" not in found
    path = f"/bureau/files/{CHARGED}"
    assert "体罚" not in client.get(path).text
    assert "虐待" not in client.get(path).text
    for fields in (
        {"reason": NEED},
        {"purpose": "title", "reason": "看看"},
        {"purpose": "x", "reason": NEED},
    ):
        assert submit(client, path, fields).status_code == 422
    assert submit(client, path, {"purpose": "transfer", "reason": NEED}).status_code == 303
    text = words(client.get(path).text)
    for part in ("为调动打开", "虐待", "一票否决", "2025-12-11生效", "不合格"):
        assert part in text
    assert "为调动打开" not in signed_in(app, CHIEF).get(path).text
    assert "调动" in words(client.get("/bureau/files").text)
    teacher = words(signed_in(app, f"teacher-{CHARGED}").get("/teacher/file").text)
    assert NEED in teacher
    with app.app_context(), transaction() as session:
        session.execute(update(FileAccess).values(ends_at=FileAccess.opened_at))
    assert "虐待" not in client.get(path).text


def test_each_reads_within_reach(app: Flask) -> None:
    settle(app)
    assert signed_in(app, DISTRICT).get("/bureau/files/T0001").status_code == 404
    assert signed_in(app, DISTRICT).get(f"/bureau/files/{CLEAR}").status_code == 200
    head = signed_in(app, "school_head-0")
    assert "档案里还没有内容" in words(head.get(f"/school/files/{CLEAR}").text)
    assert CLEAR in head.get("/school/files").text
    assert head.get("/school/files/T0001").status_code == 404
    assert signed_in(app, "school_head-1").get(f"/school/files/{CLEAR}").status_code == 404
    assert signed_in(app, "school_officer-0").get("/school/files").status_code == 403
    own = words(signed_in(app, f"teacher-{CLEAR}").get("/teacher/file").text)
    assert "教育局还没有人打开过您的档案" in own


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_of_a_kept_case_the_head_reads_nothing_but_a_measure(app: Flask) -> None:
    settle(app)
    head = signed_in(app, "school_head-0")
    path = f"/school/files/{CHARGED}"
    with app.app_context(), transaction() as session:
        session.execute(update(Case).values(recused=True, desk="city"))
    told = words(head.get(path).text)
    assert "虐待" not in told
    with app.app_context(), transaction() as session:
        session.execute(update(Finding).values(effective_at=None))
    assert words(head.get(path).text) == told


def test_a_certificate_is_given_printed_and_checked_by_anyone(app: Flask) -> None:
    settle(app)
    client = opened(app)
    answer = submit(client, f"/bureau/files/{CLEAR}", {"days": "30"}, action="/certificate")
    assert answer.status_code == 303
    page = client.get(answer.location)
    text = words(page.text)
    (number,) = set(re.findall(r"师证〔20\d\d〕1号", text))  # of the year in which it is given
    for part in (number, "因职称评审需要", "没有生效的师德一票否决认定", "仅用于职称评审"):
        assert part in text
    pdf = client.get(f"{answer.location}/certificate.pdf")
    reader = PdfReader(BytesIO(pdf.data))
    assert len(reader.pages) == 1
    assert number in reader.pages[0].extract_text()
    visitor, slip = app.test_client(), the_slip(app)
    checked = visitor.get(f"/verify?slip={slip}")
    assert checked.status_code == 200
    told = words(checked.text)
    for part in ("现在有效", number, "天元区白鹤小学", "没有师德限制", "职称评审"):
        assert part in told
    with app.app_context():
        name = db.session().scalars(select(Certificate)).one()
        assert json.loads(name.facts)["text"]["opening"] not in checked.text
    forged = slip[:40] + ("A" if slip[40] != "A" else "B") + slip[41:]
    assert visitor.get(f"/verify?slip={forged}").status_code == 422
    own = signed_in(app, f"teacher-{CLEAR}")
    path = answer.location.replace("/bureau/certificates", "/teacher/file/certificates")
    assert "师德证明" in own.get(path).text
    assert own.get(f"{path}/certificate.pdf").mimetype == "application/pdf"
    other = signed_in(app, f"teacher-{CHARGED}")
    assert other.get(path).status_code == 404
    assert other.get(f"{path}/certificate.pdf").status_code == 404
    with app.app_context(), transaction() as session:
        session.execute(update(Certificate).values(number=number.replace("1号", "9号")))
    assert visitor.get(f"/verify?slip={slip}").status_code == 422


def test_a_certificate_is_taken_back_with_a_reason_and_that_shows(app: Flask) -> None:
    settle(app)
    client = opened(app, CHIEF)
    answer = submit(client, f"/bureau/files/{CLEAR}", {"days": "90"}, action="/certificate")
    path = answer.location
    assert submit(client, path, {"reason": "错了"}, action="/withdraw").status_code == 422
    assert (
        submit(client, path, {"reason": "开具时选错了用途，已经重新开具。"}, action="/withdraw").status_code
        == 303
    )
    assert "已于" in words(client.get(path).text)
    told = words(app.test_client().get(f"/verify?slip={the_slip(app)}").text)
    assert "已经撤销，不能再用" in told
    assert "选错了用途" not in told
    notices = words(signed_in(app, f"teacher-{CLEAR}").get("/account/notices").text)
    assert "一份师德证明已撤销，不能再用" in notices
    with app.app_context():
        actions = db.session().scalars(select(AuditEvent.action)).all()
    assert {"file.opened", "certificate.issued", "certificate.withdrawn"} <= set(actions)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_hidden_buttons_are_refused_all_the_same(app: Flask) -> None:
    settle(app)
    district = opened(app, DISTRICT)
    page = district.get(f"/bureau/files/{CLEAR}").text
    assert "/certificate" not in page
    token = {"csrf_token": values(form_at(district.get("/account").text))["csrf_token"]}
    assert district.post(f"/bureau/files/{CLEAR}/certificate", data=token).status_code == 403
    assert district.post("/bureau/certificates/x/withdraw", data=token).status_code == 403
    bureau = signed_in(app, BUREAU)
    token = {"csrf_token": values(form_at(bureau.get("/account").text))["csrf_token"], "days": "90"}
    closed = bureau.post(f"/bureau/files/{CLEAR}/certificate", data=token)
    assert closed.status_code == 422
    assert "请先写明用途和理由" in closed.text
    assert bureau.post("/bureau/certificates/x/withdraw", data=token).status_code == 404
    assert bureau.get("/bureau/certificates/x").status_code == 404


def test_the_file_as_a_workbook_for_whoever_may_read_it(app: Flask) -> None:
    settle(app, is_published=True)
    path = f"/bureau/files/{CHARGED}/file.xlsx"
    assert signed_in(app, BUREAU).get(path).status_code == 404  # not opened for any purpose
    client = opened(app, number=CHARGED)
    rows = list(load_workbook(BytesIO(client.get(path).data))["师德档案"].iter_rows(values_only=True))
    kinds = {row[1] for row in rows[4:]}
    assert {"师德考评", "认定"} <= kinds
    own = signed_in(app, f"teacher-{CHARGED}").get("/teacher/file/file.xlsx")
    assert own.status_code == 200
    head = signed_in(app, "school_head-0")
    assert head.get(f"/school/files/{CHARGED}/file.xlsx").status_code == 200
    assert signed_in(app, "school_head-1").get(f"/school/files/{CHARGED}/file.xlsx").status_code == 404
