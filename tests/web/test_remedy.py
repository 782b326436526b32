"""The teacher's own track over HTTP: decision, measure, 复核, 申诉, 澄清; forged posts change nothing."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from ethics_eval.accounts.rules import Role
from ethics_eval.complaints.models import Case, Clearance, Finding, MeasureDecision, Remedy
from ethics_eval.database import db, transaction
from ethics_eval.roster.models import School
from tests.support.city import SCHOOLS
from tests.support.forms import form_at, values
from tests.web.road import JUDGEMENT, REASON, account, act, desk, errors_at, filed, lead, teacher_id


@pytest.fixture
def app(city: Flask) -> Flask:
    """What is asked here: the small city."""
    return city


def send(client: FlaskClient, page: str, action: str, **fields: Any) -> TestResponse:
    """Fill in the form at ``action`` on a page; its own prefix is found by the first field's name."""
    answer = client.get(page)
    assert answer.status_code == 200, f"GET {page} answered {answer.status_code}"
    form = form_at(answer.text, action)
    sent = values(form)
    names = {name.rpartition("-")[2]: name for name in list(form.inputs.keys()) if name}
    return client.post(
        form.action or page, data={**sent, **{names[key]: value for key, value in fields.items()}}
    )


def forged(client: FlaskClient, path: str, page: str, **fields: Any) -> int:
    """Post to a path of which no form is shown, with a token taken from another page."""
    token = values(form_at(client.get(page).text, "/logout"))["csrf_token"]
    return client.post(path, data={"csrf_token": token, **fields}).status_code


def decided(app: Flask, measure: str = "WARNING") -> tuple[str, dict[str, FlaskClient]]:
    """A case decided with this measure, and the people of the small city."""
    people = {
        name: desk(app, name)
        for name in (
            "school_officer",
            "school_head",
            "district_officer",
            "bureau_officer",
            "bureau_head",
            "teacher",
        )
    }
    _code, number = filed(app)
    school, district = people["school_officer"], people["district_officer"]
    lead(app, number, "investigate", school=school, district=district)
    judgement = {**JUDGEMENT, "measure": measure}
    for action, client, cases, fields in (
        ("propose", school, "/school/cases", {**judgement, "teacher": teacher_id(app)}),
        ("notify", school, "/school/cases", {"facts": "拟认定您在课堂上罚站学生一节课。"}),
        ("state", school, "/school/cases", {"statement": "我当时是想让他集中注意力。"}),
        ("decide", district, "/bureau/cases", judgement),
    ):
        assert act(client, cases, number, action, fields).status_code == 303, action
    return number, people


def only(app: Flask, column: Any) -> Any:
    """The one value of a column in the database."""
    with app.app_context():
        found = db.session().scalars(select(column)).one()
        db.session.remove()
        return found


def test_decided_reconsidered_appealed(app: Flask) -> None:
    number, people = decided(app)
    teacher, page = people["teacher"], f"/teacher/cases/{number}"
    text = teacher.get(page).text
    assert "认定决定" in text
    assert "经向学生和班主任核实" in text
    assert str(only(app, Finding.window_ends_on)) in text
    assert "已经不是第一次了" not in text
    assert set(errors_at(send(teacher, page, "/remedy", grounds="冤枉").text)) == {"remedy-grounds"}
    assert send(teacher, page, "/remedy", grounds="请重新核对当天的课堂录像。").status_code == 303
    text = teacher.get(page).text
    assert "您的申请正在办理" in text
    assert only(app, Finding.effective_at) is None
    version = "99"
    assert (
        forged(teacher, f"{page}/remedy", page, **{"remedy-version": version, "remedy-grounds": REASON})
        == 409
    )

    remedy = only(app, Remedy.id)
    queue = people["district_officer"].get("/bureau/remedies").text
    assert number in queue
    path = f"/bureau/remedies/{remedy}"
    shown = people["district_officer"].get(path).text
    assert "须由其他人办理" in shown
    with pytest.raises(LookupError):
        form_at(shown, "/decide")
    fields = {"decide-version": "1", "decide-result": "revoked", "decide-reasons": REASON}
    account(app, "district_second", Role.DISTRICT_OFFICER)
    account(app, "district_away", Role.DISTRICT_OFFICER, district="430281")
    second, away = desk(app, "district_second"), desk(app, "district_away")
    assert away.get(path).status_code == 404
    assert forged(away, f"{path}/decide", "/bureau/remedies", **fields) == 404
    assert number not in away.get("/bureau/remedies").text
    for other in ("school_officer", "school_head", "teacher"):
        assert people[other].get(path).status_code == 403
        assert forged(people[other], f"{path}/decide", f"/{other.split('_')[0]}/cases", **fields) == 403
    live = values(form_at(second.get(path).text, "/decide"))
    for client in (people["district_officer"], people["bureau_officer"]):
        posted = {**fields, "decide-version": live["decide-version"], "decide-outcome": "PARTLY"}
        posted |= {"decide-severity": "minor", "decide-measure": ""}
        assert forged(client, f"{path}/decide", "/bureau/remedies", **posted) == 422
    assert only(app, Remedy.result) is None
    heavier = send(second, path, "/decide", result="varied", severity="serious", reasons=REASON)
    assert heavier.status_code == 422
    assert "decide-severity" in errors_at(heavier.text)
    assert send(second, path, "/decide", result="upheld", reasons=REASON).status_code == 303
    assert only(app, Remedy.decided_in_time) is True
    assert number not in second.get("/bureau/remedies").text
    text = teacher.get(page).text
    assert "维持" in text
    assert "提出申诉" in text
    assert send(teacher, page, "/remedy", grounds="仍然不服,请上一级审查。").status_code == 303
    queue = people["bureau_head"].get("/bureau/remedies").text
    assert number in queue
    assert "申诉" in queue


def test_only_the_teacher_asks_and_only_for_oneself(app: Flask) -> None:
    number, people = decided(app)
    page = f"/teacher/cases/{number}"
    with app.app_context(), transaction() as session:
        finding = session.scalars(select(Finding)).one()
        finding.teacher_id = int(teacher_id(app, "T0002"))
    assert people["teacher"].get(page).status_code == 404
    fields = {"remedy-version": "1", "remedy-grounds": REASON}
    assert forged(people["teacher"], f"{page}/remedy", "/teacher/cases", **fields) == 404
    assert forged(people["teacher"], f"{page}/hearing", "/teacher/cases", **fields) == 404
    assert forged(people["school_officer"], f"{page}/remedy", "/school/cases", **fields) == 403


def test_measures_by_whom_the_law_says(app: Flask) -> None:
    number, people = decided(app)
    school, bureau = f"/school/cases/{number}/measures", f"/bureau/cases/{number}/measures"
    page = people["school_head"].get(school).text
    assert 'value="WARNING"' not in page
    assert 'value="CRITIQUE"' in page
    live = values(form_at(page, "/measures"))
    fields = {"decide-version": live["decide-version"], "decide-measure": "WARNING"}
    assert forged(people["school_head"], school, school, **fields) == 422
    assert forged(people["school_officer"], school, school, **fields) == 403
    with app.app_context():
        assert db.session().scalars(select(MeasureDecision)).all() == []
        db.session.remove()
    assert send(people["bureau_officer"], bureau, "/measures", measure="WARNING").status_code == 303
    measure = only(app, MeasureDecision.id)
    assert "执行中" in people["school_officer"].get(f"/school/cases/{number}").text
    assert "警告" in people["teacher"].get(f"/teacher/cases/{number}").text
    extended = send(people["bureau_officer"], bureau, f"/{measure}/extend", months="3", reason=REASON)
    assert extended.status_code == 303
    page = people["bureau_officer"].get(bureau).text
    assert REASON in page
    with pytest.raises(LookupError):
        form_at(page, f"/{measure}/extend")
    version = values(form_at(page, f"/{measure}/lift"))
    prefix = next(name for name in version if name.endswith("version")).removeprefix("lift-")
    again = {f"extend-{prefix}": version[f"lift-{prefix}"]}
    marked = prefix.removesuffix("version")
    again |= {f"extend-{marked}months": "3", f"extend-{marked}reason": REASON}
    assert forged(people["bureau_officer"], f"{bureau}/{measure}/extend", bureau, **again) == 422
    early = send(people["bureau_officer"], bureau, f"/{measure}/lift", reason=REASON)
    assert early.status_code == 422
    assert "处分期满才能解除" in early.text
    unknown = f"{bureau}/{'0' * 32}/lift"
    assert forged(people["bureau_officer"], unknown, bureau, **{"x": "y"}) == 404


def test_a_private_school_decides_and_files(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        session.scalars(select(School).where(School.code == SCHOOLS[0][0])).one().ownership = "private"
    number, people = decided(app)
    path = f"/school/cases/{number}/measures"
    assert send(people["school_head"], path, "/measures", measure="WARNING").status_code == 303
    measure = only(app, MeasureDecision.id)
    assert "待备案" in people["school_officer"].get(path).text
    later = send(people["school_officer"], path, f"/{measure}/file", filed_on="2099-01-01")
    assert later.status_code == 422
    today = str(only(app, MeasureDecision.starts_on))
    assert send(people["school_officer"], path, f"/{measure}/file", filed_on=today).status_code == 303
    assert "已备案" in people["school_head"].get(path).text


def test_a_case_out_of_sight_has_no_measures(app: Flask) -> None:
    _code, number = filed(app, school=1)
    people = {name: desk(app, name) for name in ("school_head", "school_officer", "district_officer")}
    for name in ("school_head", "school_officer"):
        assert people[name].get(f"/school/cases/{number}/measures").status_code == 404
    fields = {"decide-version": "1", "decide-measure": "CRITIQUE"}
    path = f"/school/cases/{number}/measures"
    assert forged(people["school_head"], path, "/school/cases", **fields) == 404
    account(app, "district_away", Role.DISTRICT_OFFICER, district="430281")
    away = desk(app, "district_away")
    for part in ("measures", "clearance"):
        assert away.get(f"/bureau/cases/{number}/{part}").status_code == 404
        assert forged(away, f"/bureau/cases/{number}/{part}", "/bureau/cases", **fields) == 404
    assert forged(away, f"/bureau/cases/{number}/clearance/issue", "/bureau/cases", **fields) == 404


def cleared(app: Flask, **letter: Any) -> tuple[str, dict[str, FlaskClient]]:
    """A case in which nothing was found."""
    people = {name: desk(app, name) for name in ("school_officer", "district_officer", "teacher")}
    _code, number = filed(app, **letter)
    lead(app, number, "investigate", school=people["school_officer"], district=people["district_officer"])
    judgement = {**JUDGEMENT, "outcome": "UNSUBSTANTIATED"}
    for action, client, cases, fields in (
        ("propose", "school_officer", "/school/cases", {**judgement, "teacher": teacher_id(app)}),
        ("decide", "district_officer", "/bureau/cases", judgement),
    ):
        assert act(people[client], cases, number, action, fields).status_code == 303, action
    return number, people


def test_cleared_with_consent(app: Flask) -> None:
    number, people = cleared(
        app, identity="real_name_hidden", name="赵敏之", phone="13800001111", relation="学生的母亲"
    )
    teacher, district, path = (
        people["teacher"],
        people["district_officer"],
        f"/bureau/cases/{number}/clearance",
    )
    assert "澄清正名" not in teacher.get("/teacher/cases").text
    copied = "有人反映上课回答错了,被罚站在教室后面整整一节课,不属实。"
    answer = send(district, path, "/clearance", text=copied, audience="school")
    assert set(errors_at(answer.text)) == {"offer-text"}
    text = "经调查核实,有关情况不属实。"
    assert send(district, path, "/clearance", text=text, audience="school").status_code == 303
    clearance = only(app, Clearance.id)
    live = values(form_at(teacher.get(f"/teacher/clearances/{clearance}").text))
    assert "csrf_token" in live
    assert forged(district, f"{path}/issue", path, **{"issue-version": str(_version(app, number))}) == 422
    for page in ("/school/clearances", f"/school/clearances/{clearance}"):
        shown = people["school_officer"].get(page)
        assert shown.status_code == 404 or text not in shown.text
    mine = f"/teacher/clearances/{clearance}"
    assert "为您澄清正名" in teacher.get("/teacher/cases").text
    assert forged(people["school_officer"], mine, "/school/cases", answer="yes") == 403
    assert send(teacher, mine, "", answer="yes").status_code == 303
    assert forged(teacher, mine, "/teacher/cases", answer="no") == 422
    assert send(district, path, "/issue").status_code == 303
    document = people["school_officer"].get(f"/school/clearances/{clearance}").text
    assert text in document
    assert "关于为陈思远同志澄清正名的通知" in document
    for page in (document, teacher.get(mine).text, people["school_officer"].get("/school/clearances").text):
        assert "赵敏之" not in page
        assert "13800001111" not in page
        assert number not in page


def test_another_teachers_clearance_is_not_there(app: Flask) -> None:
    number, people = cleared(app)
    path = f"/bureau/cases/{number}/clearance"
    send(
        people["district_officer"], path, "/clearance", text="经调查核实,有关情况不属实。", audience="person"
    )
    with app.app_context(), transaction() as session:
        clearance = session.scalars(select(Clearance)).one()
        clearance.teacher_id = int(teacher_id(app, "T0002"))
        mine = f"/teacher/clearances/{clearance.id}"
    assert people["teacher"].get(mine).status_code == 404
    assert forged(people["teacher"], mine, "/teacher/cases", answer="yes") == 404
    assert "为您澄清正名" not in people["teacher"].get("/teacher/cases").text


def _version(app: Flask, number: str) -> int:
    with app.app_context():
        found = db.session().scalars(select(Case.version).where(Case.number == number)).one()
        db.session.remove()
        return found


def test_a_hearing_is_asked_for(app: Flask) -> None:
    _code, number = filed(app)
    people = {name: desk(app, name) for name in ("school_officer", "district_officer", "teacher")}
    lead(app, number, "investigate", school=people["school_officer"], district=people["district_officer"])
    draft = {**JUDGEMENT, "severity": "serious", "measure": "DEMOTION", "teacher": teacher_id(app)}
    act(people["school_officer"], "/school/cases", number, "propose", draft)
    act(people["school_officer"], "/school/cases", number, "notify", {"facts": "拟认定您在课堂上罚站学生。"})
    page = f"/teacher/cases/{number}"
    assert set(errors_at(send(people["teacher"], page, "/hearing", grounds="短").text)) == {"hearing-grounds"}
    assert send(people["teacher"], page, "/hearing", grounds="请求公开听证,当面质证。").status_code == 303
    with pytest.raises(LookupError):
        form_at(people["teacher"].get(page).text, "/hearing")
