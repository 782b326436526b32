"""The case desk over HTTP: own scope only, every step judged, two at once told apart."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask, current_app
from flask.testing import FlaskClient
from lxml import html
from pypdf import PdfWriter
from sqlalchemy import delete, select

from ethics_eval.accounts.models import Account
from ethics_eval.accounts.rules import Role
from ethics_eval.accounts.service import actor_of
from ethics_eval.complaints import queries
from ethics_eval.complaints.categories import CATEGORIES, Severity
from ethics_eval.complaints.models import Case, Finding
from ethics_eval.complaints.rules.machine import CaseAction, refusal
from ethics_eval.database import db, transaction
from ethics_eval.vault.models import DataKey
from tests.support.city import PASSWORD
from tests.support.forms import form_at, sign_in, submit, values
from tests.web.road import (
    JUDGEMENT,
    REASON,
    account,
    act,
    base,
    desk,
    errors_at,
    filed,
    lead,
    photo,
    stored,
    teacher_id,
)

SCHOOL, BUREAU = "/school/cases", "/bureau/cases"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def app(city: Flask) -> Flask:
    """What is asked here: the small city."""
    return city


@pytest.fixture
def officer(app: Flask) -> FlaskClient:
    """The first school's officer."""
    return desk(app, "school_officer")


@pytest.fixture
def district(app: Flask) -> FlaskClient:
    """The first district's officer."""
    return desk(app, "district_officer")


def status_of(app: Flask, number: str) -> str:
    with app.app_context():
        return db.session().scalars(select(Case.status).where(Case.number == number)).one()


def evidence_of(client: FlaskClient, cases: str, number: str) -> list[str]:
    page = html.fromstring(client.get(f"{cases}/{number}").text)
    return sorted(set(page.xpath("//a[contains(@href, '/evidence/')]/@href")))


# --- the road -----------------------------------------------------------------------------------------------


def test_the_whole_road_by_two_officers(app: Flask, officer: FlaskClient, district: FlaskClient) -> None:
    _code, number = filed(app, evidence=(photo(), "教室.jpg"))
    lead(app, number, "close", school=officer, district=district)
    assert status_of(app, number) == "closed"
    page = officer.get(f"{SCHOOL}/{number}").text
    for words in ("罚站在教室后面", "甲某", "询问了三名学生", "集中注意力", "反映的情况属实", "已经处理"):
        assert words in page
    assert html.fromstring(page).xpath("//*[@data-state]/@data-state")[0] == "closed"


def test_the_queue_and_its_filters(app: Flask, officer: FlaskClient) -> None:
    numbers = {filed(app)[1] for _ in range(3)}
    assert numbers == set(re.findall(r"/school/cases/(\d{19})", officer.get(SCHOOL).text))
    one = sorted(numbers)[0]
    assert set(re.findall(r"/school/cases/(\d{19})", officer.get(f"{SCHOOL}?q={one}").text)) == {one}


@pytest.mark.parametrize(
    "query",
    [
        "status=nonsense",
        "status=",
        "category=C00",
        "desk=moon",
        "page=0",
        "page=-5",
        "page=99999999999999999999999",
        "page=abc",
        "q=%25",
        "q=%00",
        "status=%00",
        "q=" + "x" * 3000,
    ],
)
def test_odd_filters_are_answered(
    app: Flask, officer: FlaskClient, district: FlaskClient, query: str
) -> None:
    filed(app)
    for client, path in ((officer, SCHOOL), (district, BUREAU), (district, "/bureau/mailboxes")):
        answer = client.get(f"{path}?{query}")
        assert answer.status_code == 200 or ("%00" in query and answer.status_code == 422)
        assert CHINESE.search(answer.text)


# --- scope --------------------------------------------------------------------------------------------------


def alike(page: str, number: str) -> str:
    """A page without what differs between any two: the number asked for, and the token with its time."""
    return re.sub(r"[\w-]{20,}\.[\w-]{6}\.[\w-]{20,}", "", page).replace(number, "")


@pytest.mark.parametrize(
    ("username", "role", "elsewhere"),
    [
        ("school_other", Role.SCHOOL_OFFICER, {"school": 1}),
        ("school_headother", Role.SCHOOL_HEAD, {"school": 1}),
        ("district_other", Role.DISTRICT_OFFICER, {"district": "430281"}),
    ],
)
def test_a_case_outside_the_scope_is_not_there(
    app: Flask, officer: FlaskClient, username: str, role: Role, elsewhere: dict[str, Any]
) -> None:
    account(app, username, role, **elsewhere)
    _code, number = filed(app, evidence=(photo(), "教室.jpg"))
    (evidence,) = evidence_of(officer, SCHOOL, number)
    stranger, cases = desk(app, username), base(username)
    token = values(form_at(stranger.get("/account").text))["csrf_token"]
    before = stored(app)
    answers = [
        stranger.get(f"{cases}/{number}"),
        stranger.get(evidence.replace(SCHOOL, cases)),
        *(
            stranger.post(f"{cases}/{number}/{action}", data={"csrf_token": token, f"{action}-version": "1"})
            for action in ("register", "accept", "decide", "recuse", "propose")
        ),
    ]
    assert {answer.status_code for answer in answers} == {404}
    nowhere = "4302022026112400000"
    assert alike(answers[0].text, number) == alike(stranger.get(f"{cases}/{nowhere}").text, nowhere)
    assert number not in stranger.get(cases).text
    found = stranger.get(f"{cases}?q={number}&status=").text
    assert number not in re.sub(rf'q={number}|value="{number}"|“{number}”', "", found), (
        "only the question itself"
    )
    assert stored(app)[0]["case_event"] == before[0]["case_event"]


@pytest.mark.parametrize("username", ["school_officer", "school_head"])
@pytest.mark.parametrize("about", [{"respondent_role": "head"}, {"respondent": "测试school_officer"}])
def test_the_school_sees_no_trace_of_a_case_about_its_own(
    app: Flask, district: FlaskClient, username: str, about: dict[str, Any]
) -> None:
    filed(app)
    client = desk(app, username)

    def told() -> list[str]:
        """The pages, their tokens aside: these differ by the second."""
        return [
            re.sub(r'value="[^"]{60,}"|nonce="[^"]*"|"X-CSRFToken": "[^"]*"', "", client.get(path).text)
            for path in (SCHOOL, f"{SCHOOL}?status=", f"{SCHOOL}?q=4302", "/school/mailbox", "/account")
        ]

    before = told()
    _code, number = filed(app, evidence=(photo(), "教室.jpg"), **about)
    assert told() == before
    (evidence,) = evidence_of(district, BUREAU, number)
    assert client.get(f"{SCHOOL}/{number}").status_code == 404
    assert client.get(evidence.replace(BUREAU, SCHOOL)).status_code == 404
    assert client.get(f"{BUREAU}/{number}").status_code == 403
    found = client.get(f"{SCHOOL}?q={number}&status=").text
    assert number not in re.sub(rf'q={number}|value="{number}"|“{number}”', "", found), (
        "only the question itself"
    )


def test_evidence_of_one_case_is_not_read_through_another(app: Flask, officer: FlaskClient) -> None:
    _code, mine = filed(app)
    _code, other = filed(app, evidence=(photo(), "教室.jpg"))
    (link,) = evidence_of(officer, SCHOOL, other)
    assert officer.get(link).status_code == 200
    assert officer.get(link.replace(other, mine)).status_code == 404
    assert officer.get(f"{SCHOOL}/{other}/evidence/..%2f..%2fsecret_key.key").status_code == 404


def test_a_case_whose_key_was_withdrawn_is_not_there(app: Flask, officer: FlaskClient) -> None:
    _code, number = filed(app)
    with app.app_context(), transaction() as session:
        session.execute(delete(DataKey))
    assert officer.get(SCHOOL).status_code == 200
    assert officer.get(f"{SCHOOL}/{number}").status_code == 404


# --- evidence -----------------------------------------------------------------------------------------------


def test_files_are_kept_powerless(app: Flask, officer: FlaskClient) -> None:
    paper = PdfWriter()
    paper.add_blank_page(200, 200)
    paper.add_metadata({"/Author": "alert"})
    pdf = io.BytesIO()
    paper.write(pdf)
    pdf.seek(0)
    _code, number = filed(app, evidence=[(photo(), "聊天记录 截图.jpg"), (pdf, "证明 材料.pdf")])
    found = {}
    for link in evidence_of(officer, SCHOOL, number):
        answer = officer.get(link)
        assert answer.status_code == 200
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["Cache-Control"].startswith("no-store")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        found[answer.mimetype] = answer
    assert set(found) == {"image/jpeg", "application/pdf"}
    assert found["application/pdf"].data.startswith(b"%PDF-")
    assert b"alert" not in found["application/pdf"].data
    assert (
        "%E8%81%8A%E5%A4%A9%E8%AE%B0%E5%BD%95%20%E6%88%AA%E5%9B%BE.jpg"
        in (found["image/jpeg"].headers["Content-Disposition"])
    )


# --- steps --------------------------------------------------------------------------------------------------


REFUSED: list[tuple[str, str, dict[str, Any], set[str]]] = [
    ("register", "decline", {"reason": "", "explanation": REASON}, {"reason"}),
    ("register", "decline", {"reason": "NONSENSE", "explanation": REASON}, {"reason"}),
    ("register", "decline", {"reason": "NOT_EDU_DUTY", "explanation": " "}, {"explanation"}),
    ("register", "transfer", {"target": "MOON", "explanation": REASON}, {"target"}),
    ("register", "transfer", {"target": "POLICE", "explanation": ""}, {"explanation"}),
    ("accept", "assign", {"instruction": REASON}, {"desk"}),
    ("accept", "assign", {"desk": "moon", "instruction": REASON}, {"desk"}),
    ("accept", "assign", {"desk": "school", "instruction": ""}, {"instruction"}),
    ("accept", "start", {"investigators": "只有一人"}, {"investigators"}),
    ("accept", "start", {"investigators": ""}, {"investigators"}),
    ("accept", "recuse", {"reason": ""}, {"reason"}),
    ("start", "investigate", {"report": "\r\n"}, {"report"}),
    ("investigate", "propose", {**JUDGEMENT, "teacher": ""}, {"teacher"}),
    ("investigate", "propose", {**JUDGEMENT, "teacher": "999999"}, {"teacher"}),
    ("investigate", "propose", {**JUDGEMENT, "teacher": "x"}, {"teacher"}),
    ("investigate", "propose", {**JUDGEMENT, "severity": "heavy"}, {"severity"}),
    ("investigate", "propose", {**JUDGEMENT, "outcome": "MAYBE"}, {"outcome"}),
    ("investigate", "propose", {**JUDGEMENT, "category": "R01"}, {"category"}),
    ("investigate", "propose", {**JUDGEMENT, "category": "C01", "severity": "minor"}, {"severity"}),
    ("investigate", "propose", {**JUDGEMENT, "measure": "PRISON"}, {"measure"}),
    ("investigate", "propose", {**JUDGEMENT, "grounds": ""}, {"grounds"}),
    ("investigate", "propose", {**JUDGEMENT, "outcome": "UNVERIFIABLE", "veto": "y"}, {"measure"}),
    ("propose", "notify", {"facts": "短"}, {"facts"}),
    ("propose", "send_back", {"reason": "短"}, {"reason"}),
    ("notify", "state", {"statement": ""}, {"statement"}),
    ("state", "decide", {**JUDGEMENT, "severity": "serious"}, {"severity"}),
    (
        "state",
        "decide",
        {**JUDGEMENT, "outcome": "x", "severity": "y", "category": "z"},
        {"outcome", "severity", "category"},
    ),
    ("state", "decide", {**JUDGEMENT, "grounds": " "}, {"grounds"}),
    ("decide", "reply", {"text": ""}, {"text"}),
    ("file", "register", {"petition_type": "MOON"}, {"petition_type"}),
    ("accept", "assign", {"desk": "school", "instruction": REASON, "return_on": "2020-01-01"}, {"return_on"}),
    ("accept", "extend", {"explanation": "\u3000"}, {"explanation"}),
    ("accept", "suspend", {"reason": "", "number": "1", "explanation": REASON}, {"reason"}),
    ("accept", "suspend", {"reason": "TIRED", "number": "1", "explanation": REASON}, {"reason"}),
    ("accept", "suspend", {"reason": "POLICE", "number": " ", "explanation": REASON}, {"number"}),
    ("accept", "suspend", {"reason": "POLICE", "number": "1", "explanation": ""}, {"explanation"}),
    ("accept", "refer", {"number": "", "explanation": REASON}, {"number"}),
    ("accept", "refer", {"number": "1", "explanation": " "}, {"explanation"}),
    ("accept", "merge", {"target": "", "reason": REASON}, {"target"}),
    ("accept", "merge", {"target": "4302022026112400000", "reason": REASON}, {"target"}),
]


BY_SCHOOL = {"register", "start", "recuse", "investigate", "propose", "notify", "state"}


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
@pytest.mark.parametrize("upto", sorted({upto for upto, *_rest in REFUSED}))
def test_a_step_filled_in_wrongly_is_told_at_its_field_and_changes_nothing(
    app: Flask, officer: FlaskClient, district: FlaskClient, upto: str
) -> None:
    _code, number = filed(app)
    if upto != "file":
        lead(app, number, upto, school=officer, district=district)
    before = stored(app)
    for _upto, action, given, wrong in (row for row in REFUSED if row[0] == upto):
        fields = {"teacher": teacher_id(app), **given} if action == "propose" else given
        client, cases = (officer, SCHOOL) if action in BY_SCHOOL else (district, BUREAU)
        answer = act(client, cases, number, action, fields)
        assert answer.status_code == 422, (action, given)
        found = errors_at(answer.text)
        assert set(found) == {f"{action}-{name}" for name in wrong}, (action, given)
        assert all(CHINESE.search(text) for text in found.values()), found
        (summary,) = html.fromstring(answer.text).xpath("//*[@role='alert']")
        assert CHINESE.search(summary.text_content())
        # nothing but the token and a broken version, as no page sends it
        token = values(form_at(answer.text, f"/{action}"))[f"{action}-csrf_token"]
        for bare in ({}, {f"{action}-version": "x"}, {f"{action}-version": ""}):
            answer = client.post(f"{cases}/{number}/{action}", data={"csrf_token": token, **bare})
            assert answer.status_code == 422, (action, bare)
            assert CHINESE.search(answer.text)
    assert stored(app) == before


def test_what_cannot_be_done_now_is_said(app: Flask, officer: FlaskClient) -> None:
    _code, number = filed(app)
    token = values(form_at(officer.get("/account").text))["csrf_token"]

    def post(action: str, version: str = "1") -> Any:
        return officer.post(
            f"{SCHOOL}/{number}/{action}", data={"csrf_token": token, f"{action}-version": version}
        )

    answer = post("close")
    assert answer.status_code == 422
    assert "案件目前的状态不能办理此事" in answer.text
    assert post("explode").status_code == 404
    assert post("register").status_code == 303
    assert post("accept").status_code == 409, "the version is an old one"
    assert post("accept", "9" * 40).status_code == 409


@pytest.mark.parametrize(
    "username", ["school_head", "bureau_head", "custodian", "auditor", "sysadmin", "teacher"]
)
def test_who_may_not_register_does_not(app: Flask, username: str) -> None:
    _code, number = filed(app)
    client = desk(app, username)
    token = values(form_at(client.get("/account").text))["csrf_token"]
    cases = base(username)
    answer = client.post(f"{cases}/{number}/register", data={"csrf_token": token, "register-version": "1"})
    assert answer.status_code == 403
    assert status_of(app, number) == "submitted"


def test_recusing_takes_the_case_out_of_sight(
    app: Flask, officer: FlaskClient, district: FlaskClient
) -> None:
    _code, number = filed(app)
    answer = act(officer, SCHOOL, number, "recuse", {"reason": REASON})
    assert (answer.status_code, answer.location) == (303, SCHOOL)
    assert officer.get(f"{SCHOOL}/{number}").status_code == 404
    assert number not in officer.get(f"{SCHOOL}?status=").text
    assert district.get(f"{BUREAU}/{number}").status_code == 200


# --- what a page does not offer is refused all the same ------------------------------------------------------

FILLED: dict[str, dict[str, Any]] = {
    "decline": {"reason": "NOT_EDU_DUTY", "explanation": REASON},
    "transfer": {"target": "POLICE", "explanation": REASON},
    "assign": {"desk": "district", "instruction": REASON},
    "object": {"reason": REASON},
    "recuse": {"reason": REASON},
    "start": {"investigators": "丙某\n丁某"},
    "investigate": {"report": REASON},
    "notify": {"facts": REASON},
    "state": {"statement": REASON},
    "send_back": {"reason": REASON},
    "decide": JUDGEMENT,
    "answer": {"text": REASON},
    "reply": {"text": REASON},
    "extend": {"explanation": REASON},
    "suspend": {"reason": "POLICE", "number": "1", "explanation": REASON},
    "resume": {"explanation": REASON},
    "refer": {"number": "1", "explanation": REASON},
    "reopen": {"reason": REASON},
    "merge": {"target": "4302022026112400000", "reason": REASON},
    "continue": {"reason": REASON},
    "ask_hearing": {"grounds": REASON},
    "hold_hearing": {"record": REASON},
    "uphold": {"explanation": REASON},
    "finish": {"explanation": REASON},
    "quash": {"explanation": REASON, "investigators": "丙某\n丁某"},
}
STAFF = ("school_officer", "school_head", "district_officer", "bureau_officer", "bureau_head", "teacher")


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
@pytest.mark.parametrize("upto", ["", "accept", "state", "reply"])
def test_every_step_the_machine_refuses_is_refused_when_forged(
    app: Flask, officer: FlaskClient, district: FlaskClient, upto: str
) -> None:
    _code, number = filed(app)
    if upto:
        lead(app, number, upto, school=officer, district=district)
    with app.app_context():
        session = db.session()
        case = session.scalars(select(Case).where(Case.number == number)).one()
        facts = queries.case_facts(session, current_app.extensions["vault"], case, at=datetime.now(UTC))
        version = case.version
        accounts = session.scalars(select(Account).where(Account.username.in_(STAFF)))
        actors = {account.username: actor_of(account) for account in accounts}
    before = stored(app)
    for username, actor in actors.items():
        client, cases = desk(app, username), base(username)
        token = values(form_at(client.get("/account").text))["csrf_token"]
        signed_in = stored(app)
        for action in CaseAction:
            if refusal(facts, action, actor) is None:
                continue
            given = FILLED.get(action, {})
            if action is CaseAction.PROPOSE:
                given = {**JUDGEMENT, "teacher": teacher_id(app)}
            data = {f"{action}-{name}": value for name, value in given.items()}
            data |= {"csrf_token": token, f"{action}-version": str(version)}
            answer = client.post(f"{cases}/{number}/{action}", data=data)
            assert answer.status_code in {403, 404, 422}, (username, action, answer.status_code)
            if answer.status_code == 422:
                assert html.fromstring(answer.text).xpath("//*[@role='alert']"), (username, action)
        assert stored(app) == signed_in, username
    assert stored(app)[0]["case_event"] == before[0]["case_event"]


@pytest.mark.parametrize("action", ["withdraw", "ask_review", "ask_final_review"])
def test_nobody_at_a_desk_takes_the_senders_steps(app: Flask, district: FlaskClient, action: str) -> None:
    _code, number = filed(app)
    token = values(form_at(district.get("/account").text))["csrf_token"]
    data = {"csrf_token": token, f"{action}-version": "1"}
    assert district.post(f"{BUREAU}/{number}/{action}", data=data).status_code == 404
    assert status_of(app, number) == "submitted"


def test_the_ways_aside_over_the_desks(app: Flask, officer: FlaskClient, district: FlaskClient) -> None:
    _code, number = filed(app)
    _code, other = filed(app)
    lead(app, number, "start", school=officer, district=district)

    def done(client: FlaskClient, cases: str, action: str) -> None:
        fields = {**FILLED[action], "target": number} if action == "merge" else FILLED[action]
        answer = act(client, cases, other if action == "merge" else number, action, fields)
        assert answer.status_code == 303, (action, errors_at(answer.text))

    head = desk(app, "school_head")
    done(head, SCHOOL, "extend")
    done(district, BUREAU, "refer")
    done(district, BUREAU, "suspend")
    assert "恢复后答复期限顺延" in officer.get(f"{SCHOOL}/{number}").text
    done(district, BUREAU, "resume")
    done(officer, SCHOOL, "merge")
    assert status_of(app, other) == "merged"
    assert number in officer.get(f"{SCHOOL}/{other}").text
    assert other in officer.get(f"{SCHOOL}/{number}").text, "the merged letter stands on the page"
    answer = act(officer, SCHOOL, number, "merge", {"target": number, "reason": REASON})
    assert set(errors_at(answer.text)) == {"merge-target"}
    done(district, BUREAU, "assign")
    assert officer.get(f"{SCHOOL}/{number}").status_code == 404
    assert officer.get(f"{SCHOOL}/{other}").status_code == 404


# --- two at once --------------------------------------------------------------------------------------------


def test_of_two_who_decide_the_second_is_told(
    app: Flask, officer: FlaskClient, district: FlaskClient
) -> None:
    account(app, "district_second", Role.DISTRICT_OFFICER)
    _code, number = filed(app)
    lead(app, number, "state", school=officer, district=district)
    second = desk(app, "district_second")
    form = form_at(second.get(f"{BUREAU}/{number}").text, "/decide")
    assert act(district, BUREAU, number, "decide", JUDGEMENT).status_code == 303
    answer = second.post(form.action, data=values(form))
    assert answer.status_code == 409
    assert "已有新的变化" in answer.text
    with app.app_context():
        case = db.session().scalars(select(Case).where(Case.number == number)).one()
        assert [event.action for event in case.events].count("decide") == 1


def test_of_eight_who_decide_at_the_same_moment_one_does(
    app: Flask, officer: FlaskClient, district: FlaskClient
) -> None:
    _code, number = filed(app)
    lead(app, number, "state", school=officer, district=district)
    clients = []
    for _ in range(8):
        client = app.test_client()
        sign_in(client, "district_officer", PASSWORD)
        form = form_at(client.get(f"{BUREAU}/{number}").text, "/decide")
        clients.append((client, form.action, values(form)))

    def decide(one: tuple[FlaskClient, str, dict[str, Any]]) -> int:
        client, path, data = one
        return client.post(path, data=data).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(decide, clients))
    assert answers == [303, *[409] * 7]
    with app.app_context():
        case = db.session().scalars(select(Case).where(Case.number == number)).one()
        assert [event.action for event in case.events].count("decide") == 1
        assert [event.seq for event in case.events] == list(range(1, len(case.events) + 1))


# --- mailboxes ----------------------------------------------------------------------------------------------


def test_a_district_replaces_its_own_mailboxes_only(app: Flask, district: FlaskClient) -> None:
    account(app, "district_other", Role.DISTRICT_OFFICER, district="430281")
    page = district.get("/bureau/mailboxes").text
    codes = set(re.findall(r"/bureau/mailboxes/(\w{12})/replace", page))
    assert len(codes) == 2
    other = desk(app, "district_other")
    token = values(form_at(other.get("/account").text))["csrf_token"]
    code = sorted(codes)[0]
    assert other.post(f"/bureau/mailboxes/{code}/replace", data={"csrf_token": token}).status_code == 404
    assert submit(district, "/bureau/mailboxes", action=f"{code}/replace").status_code == 303
    token = values(form_at(district.get("/account").text))["csrf_token"]
    again = district.post(f"/bureau/mailboxes/{code}/replace", data={"csrf_token": token})
    assert again.status_code == 404


def test_points_sent_along_count_for_nothing(app: Flask, officer: FlaskClient, district: FlaskClient) -> None:
    _code, number = filed(app)
    lead(app, number, "state", school=officer, district=district)
    form = form_at(district.get(f"{BUREAU}/{number}").text, "/decide")
    judged = {f"decide-{name}": value for name, value in JUDGEMENT.items()}
    tampered = {f"{prefix}{name}": "0" for prefix in ("", "decide-") for name in ("points", "score", "total")}
    assert district.post(form.action, data={**values(form), **judged, **tampered}).status_code == 303
    with app.app_context():
        points = db.session().scalars(select(Finding.points)).one()
    assert points == CATEGORIES["C06"].points_of(Severity.ORDINARY) != 0
