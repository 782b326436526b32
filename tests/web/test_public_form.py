"""The mailbox as a plain HTTP client meets it."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from lxml import html
from sqlalchemy import event, func, select

from ethics_eval.accounts.models import AuditEvent
from ethics_eval.complaints.categories import EVERY_CODE
from ethics_eval.complaints.mailboxes import poster_address
from ethics_eval.complaints.models import CaseEvent, Complaint
from ethics_eval.complaints.rules.submission import MAX_BODY
from ethics_eval.database import db
from tests.support.city import LETTER
from tests.support.forms import form_at, submit, values
from tests.support.plain_client import PlainClient
from tests.support.server import Served
from tests.web.road import (
    CODE,
    desk,
    errors_at,
    filed,
    letter_of,
    mailbox_path,
    photo,
    send,
    stored,
)

FIELDS = {
    "category",
    "injured",
    "respondent",
    "respondent_role",
    "subject_class",
    "happened_on",
    "place",
    "body",
    "evidence",
    "identity",
    "name",
    "phone",
    "relation",
    "signers",
    "pledge",
    "idempotency_key",
    "csrf_token",
    "website",  # what only robots fill in
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def app(city: Flask) -> Flask:
    """What is asked here: the small city."""
    return city


# --- the page -----------------------------------------------------------------------------------------------


def test_every_field_of_the_contract_is_there_with_its_label(app: Flask) -> None:
    page = html.fromstring(app.test_client().get(mailbox_path(app)).text)
    form = form_at(html.tostring(page, encoding="unicode"))
    assert set(form.inputs.keys()) == FIELDS
    labelled = set(page.xpath("//label/@for"))
    for control in form.xpath(".//input[not(@type='hidden')] | .//select | .//textarea"):
        assert control.get("id") in labelled, control.get("name")
    hidden = {node.get("name"): node.get("value") for node in form.xpath(".//input[@type='hidden']")}
    assert set(hidden) == {"csrf_token", "idempotency_key"}
    assert all(hidden.values())
    assert set(form.xpath(".//select[@name='category']//option/@value")) == {"", *EVERY_CODE}
    radios = {
        name: {node.get("value") for node in form.xpath(f".//input[@name='{name}']")}
        for name in ("respondent_role", "identity")
    }
    assert radios == {
        "respondent_role": {"teacher", "head", "staff", "unknown"},
        "identity": {"anonymous", "real_name", "real_name_hidden"},
    }


def test_each_form_has_a_key_of_its_own(app: Flask) -> None:
    path, client = mailbox_path(app), app.test_client()
    keys = {values(form_at(client.get(path).text))["idempotency_key"] for _ in range(5)}
    assert len(keys) == 5


@pytest.mark.parametrize("code", ["0" * 12, "x", "%00", "a" * 300, "..%2f..%2fetc"])
def test_unknown_mailboxes_are_not_there(app: Flask, code: str) -> None:
    for path in (f"/m/{code}", f"/m/{code}/poster"):
        assert app.test_client().get(path).status_code in {404, 422}


def test_a_revoked_mailbox_is_not_there_even_for_a_form_already_open(app: Flask) -> None:
    client, path = app.test_client(), mailbox_path(app)
    form = form_at(client.get(path).text)
    officer = desk(app, "district_officer")
    answer = submit(officer, "/bureau/mailboxes", action=f"{path.removeprefix('/m/')}/replace")
    assert answer.status_code == 303
    assert mailbox_path(app) != path
    for gone in (
        client.get(path),
        client.get(f"{path}/poster"),
        client.post(path, data={**values(form), **LETTER}),
    ):
        assert gone.status_code == 404
    assert client.get(mailbox_path(app)).status_code == 200


def test_the_poster_leads_to_the_mailbox(app: Flask) -> None:
    path = mailbox_path(app)
    page = app.test_client().get(f"{path}/poster").text
    assert "<svg" in page
    assert app.test_client().get(f"{path.upper().replace('/M/', '/m/')}?via=qr").status_code == 200


def test_the_poster_is_chinese_whoever_prints_it(app: Flask) -> None:
    client = app.test_client()
    token = values(form_at(client.get("/track").text))["csrf_token"]
    client.post("/language", data={"language": "en", "next": "/", "csrf_token": token})
    page = client.get(f"{mailbox_path(app)}/poster").text
    assert 'lang="en"' in page
    (poster,) = html.fromstring(page).xpath("//article")
    assert poster.get("lang") == "zh-CN"
    assert "扫一扫" in poster.text_content()


# --- sending ------------------------------------------------------------------------------------------------


def test_a_letter_with_photos_is_taken_and_its_code_shown(app: Flask) -> None:
    client = app.test_client()
    answer = send(app, client=client, evidence=[(photo(), "聊天记录 截图.jpg"), (photo("red"), "教室.jpg")])
    assert (answer.status_code, answer.location) == (303, "/receipt")
    receipt = client.get("/receipt")
    (code,) = html.fromstring(receipt.text).xpath("//*[@data-receipt]/@data-receipt")
    assert CODE.fullmatch(code)
    shown = "".join(html.fromstring(receipt.text).text_content().split())
    assert code.replace("-", "") in shown.replace("-", "")
    assert receipt.headers["Cache-Control"] == "no-store"
    submit(client, "/receipt", {"last_four": code[-4:]}, action="/receipt/done")
    assert client.get("/receipt").location == "/track"
    assert app.test_client().get("/receipt").location == "/track", "nobody else's"
    rows, files = stored(app)
    assert (rows["complaint"], rows["evidence"], len(files)) == (1, 2, 4)


BODY = '  <script>alert("1")</script>\r\n第一行…\r\n\r\n\t第二行&amp;😀 %s {{ 7*7 }}\n尾行\r\n '


def test_the_body_is_stored_exactly_as_it_came(app: Flask) -> None:
    _code, number = filed(app, body=BODY)
    assert letter_of(app, number)["body"] == BODY
    page = desk(app, "school_officer").get(f"/school/cases/{number}").text
    assert "<script>alert" not in page
    (shown,) = html.fromstring(page).find_class("letter-body")
    assert shown.text_content().split() == BODY.split()


def test_five_thousand_characters_in_lines_are_taken(app: Flask) -> None:
    body = "\r\n".join(["字" * 99] * 50)
    assert len(body) > MAX_BODY
    assert letter_of(app, filed(app, body=body)[1])["body"] == body
    assert set(errors_at(send(app, body=body + "多余").text)) == {"body"}


def test_the_way_it_came_is_kept(app: Flask) -> None:
    client = app.test_client()
    with app.app_context():
        signed = poster_address(app.extensions["vault"], "", mailbox_path(app).removeprefix("/m/"))
    assert submit(client, signed, LETTER).status_code == 303
    filed(app)
    with app.app_context():
        assert sorted(db.session().scalars(select(Complaint.source))) == ["QR", "WEB"]


@pytest.mark.parametrize("username", ["teacher", "school_officer", "bureau_officer"])
def test_whoever_is_signed_in_at_this_browser_is_not_written_down(app: Flask, username: str) -> None:
    assert send(app, client=desk(app, username)).status_code == 303
    with app.app_context():
        session = db.session()
        assert session.execute(select(CaseEvent.actor_id, CaseEvent.actor_kind)).all() == [(None, "public")]
        audits = session.execute(
            select(AuditEvent.actor_id, AuditEvent.actor_kind).where(AuditEvent.action == "case.submitted")
        )
        assert audits.all() == [(None, "public")]


# --- refusing -----------------------------------------------------------------------------------------------


def test_everything_wrong_is_told_at_its_field_and_everything_typed_is_kept(app: Flask) -> None:
    before = stored(app)
    typed = {
        "category": "C15",
        "respondent": "某老师<b>",
        "respondent_role": "staff",
        "subject_class": "三年级",
        "happened_on": "2999-01-01",
        "place": "教室后面",
        "body": "短\r\n短",
        "identity": "real_name",
        "name": "",
        "phone": "abc",
        "relation": "邻居",
    }
    client, path = app.test_client(), mailbox_path(app)
    form = form_at(client.get(path).text)
    sent = {**values(form), **typed, "evidence": (io.BytesIO(b"MZ no picture"), "坏.exe")}
    answer = client.post(path, data=sent, content_type="multipart/form-data")
    assert answer.status_code == 422
    found = errors_at(answer.text)
    assert set(found) == {"happened_on", "body", "name", "phone", "pledge", "evidence"}
    assert all(CHINESE.search(text) for text in found.values())
    page = html.fromstring(answer.text)
    (summary,) = page.xpath("//*[@role='alert']")
    assert {link.get("href") for link in summary.iter("a")} == {f"#{name}" for name in found}
    kept = values(form_at(answer.text))
    for name, value in typed.items():
        assert kept[name].replace("\r\n", "\n").strip() == value.replace("\r\n", "\n"), name
    assert kept["idempotency_key"] == sent["idempotency_key"]
    assert stored(app) == before


ODD = {
    "category": ["", "C00", "<b>", "\0"],
    "respondent_role": ["", "king", "\0"],
    "identity": ["", "king", "ANONYMOUS"],
    "happened_on": ["yesterday", "2026-02-30", "0000-00-00", "99999-01-01", "\0"],
    "body": ["", " ", "\0", "短"],
    "pledge": [""],
    "idempotency_key": ["", "x", "x" * 101],
    "respondent": ["长" * 201],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, odd in ODD.items() for value in odd])
@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_odd_values_are_refused_in_chinese_never_broken(app: Flask, name: str, value: str) -> None:
    fields: dict[str, Any] = {name: value}
    answer = send(app, **fields)
    if (name, value) == ("idempotency_key", ""):
        assert answer.status_code == 303
        return
    assert answer.status_code in {422, 303}, answer.status_code
    if answer.status_code == 303:
        assert name == "pledge", name
        return
    (summary,) = html.fromstring(answer.text).xpath("//*[@role='alert']")
    assert CHINESE.search(summary.text_content())
    found = errors_at(answer.text)
    assert name == "idempotency_key" or (set(found) == {name} and CHINESE.search(found[name])), found


@pytest.mark.parametrize("missing", sorted(FIELDS - {"csrf_token"}))
@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_missing_field_is_taken_as_empty(app: Flask, missing: str) -> None:
    client, path = app.test_client(), mailbox_path(app)
    data: dict[str, Any] = {**values(form_at(client.get(path).text)), **LETTER}
    data.pop(missing, None)
    answer = client.post(path, data=data)
    needed = {"category": "category", "body": "body", "pledge": "pledge", "identity": "name"}
    if missing in needed:
        assert answer.status_code == 422
        assert needed[missing] in errors_at(answer.text)
    else:
        assert answer.status_code == 303


def test_nothing_but_the_token_is_refused_at_the_fields(app: Flask) -> None:
    client, path = app.test_client(), mailbox_path(app)
    token = values(form_at(client.get(path).text))["csrf_token"]
    answer = client.post(path, data={"csrf_token": token})
    assert answer.status_code == 422
    assert {"category", "body", "pledge"} <= set(errors_at(answer.text))


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_without_the_token_nothing_is_taken(app: Flask, token: str | None) -> None:
    before = stored(app)
    client, path = app.test_client(), mailbox_path(app)
    data = {**values(form_at(client.get(path).text)), **LETTER}
    data.pop("csrf_token")
    answer = client.post(path, data=data if token is None else {**data, "csrf_token": token})
    assert answer.status_code == 422
    assert "页面已过期" in answer.text
    assert stored(app) == before


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_the_server_answers_too_much_with_a_page_not_by_hanging_up(served: Served) -> None:
    client, path = PlainClient(served.url), mailbox_path(served.app)
    form = {**client.form(path), **LETTER}
    before = stored(served.app)
    for sizes, status in (((20, 20, 20, 1), 422), ((63,), 413)):
        files = {f"{at}.pdf": b"%PDF-".ljust(size << 20, b"\0") for at, size in enumerate(sizes)}
        answer = client.post_multipart(path, form, files)
        assert answer.status == status
        assert CHINESE.search(answer.text)
        assert set(errors_at(answer.text)) == ({"evidence"} if status == 422 else set())
    assert stored(served.app) == before
    assert client.post_multipart(path, form).status == 303
    client.close()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ('filename="../../../etc/passwd"', "../../../etc/passwd"),
        ("filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x%3D1.jpg", "a  Set-Cookie: x=1.jpg"),
        (f'filename="{"长" * 300}"', "长" * 255),
        ('filename="聊天记录 截图.jpg"', "聊天记录 截图.jpg"),
        ("filename*=UTF-8''%E8%AF%81%22%3B.jpg", '证";.jpg'),
    ],
)
def test_file_names_are_data(app: Flask, given: str, shown: str) -> None:
    client, path = app.test_client(), mailbox_path(app)
    fields = {**values(form_at(client.get(path).text)), **LETTER}
    fields.pop("evidence", None)
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--x\r\nContent-Disposition: form-data; name="evidence"; {given}\r\n\r\n'
    body = b"".join([*parts, head.encode(), photo().read(), b"\r\n--x--\r\n"])
    answer = client.post(path, data=body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 303, answer.text
    officer = desk(app, "school_officer")
    queue = html.fromstring(officer.get("/school/cases").text)
    number = re.findall(r"/school/cases/(\d{19})", html.tostring(queue, encoding="unicode"))[0]
    page = html.fromstring(officer.get(f"/school/cases/{number}").text)
    (link,) = set(page.xpath("//a[contains(@href, '/evidence/')]/@href"))
    assert shown in page.text_content()
    download = officer.get(link)
    assert download.status_code == 200
    assert download.headers["Content-Disposition"].startswith("attachment")
    assert not [cookie for cookie in download.headers.getlist("Set-Cookie") if "x=1" in cookie]


# --- what the page tells -------------------------------------------------------------------------------------


def shown(page: str, kind: str) -> list[html.HtmlElement]:
    """The elements of a class that are not hidden, nor within something hidden."""
    found = html.fromstring(page).xpath(
        f"//*[contains(concat(' ', @class, ' '), ' {kind} ')][not(ancestor-or-self::*[@hidden])]"
    )
    return list(found)


@pytest.mark.parametrize(
    ("fields", "urgent"),
    [({}, False), ({"category": "C08"}, True), ({"category": "C11"}, True), ({"injured": "y"}, True)],
)
@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_grave_harm_is_told_whom_to_call(app: Flask, fields: dict[str, Any], urgent: bool) -> None:
    client = app.test_client()
    assert not shown(client.get(mailbox_path(app)).text, "urgent-panel")
    again = send(app, client=client, **fields, pledge="")
    assert again.status_code == 422
    assert bool(shown(again.text, "urgent-panel")) is urgent
    assert send(app, client=client, **fields).status_code == 303
    receipt = client.get("/receipt").text
    panels = shown(receipt, "urgent-panel")
    assert bool(panels) is urgent
    for panel in panels:
        assert set(panel.xpath(".//a/@href")) == {"tel:110", "tel:12355", "tel:12345"}
    assert ("2小时内着手处理" in receipt) is urgent


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_matter_of_the_school_is_told_whose_it_is(app: Flask) -> None:
    for category, told in (("R04", True), ("C06", False)):
        client = app.test_client()
        send(app, client=client, category=category)
        assert ("由学校事务窗口办理" in client.get("/receipt").text) is told


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_the_form_leads_to_what_is_done_with_personal_data(app: Flask) -> None:
    client = app.test_client()
    page = html.fromstring(client.get(mailbox_path(app)).text)
    (link,) = page.xpath("//main//a[@href='/privacy']")
    notice = client.get(link.get("href")).text
    for told in (app.config["BUREAU_NAME"], "第十七条", "30年", "查阅、复制", "12345", "十四周岁"):
        assert told in notice


# --- the wrong school ----------------------------------------------------------------------------------------


def test_the_right_school_is_found_and_what_was_written_goes_along(app: Flask) -> None:
    client, path = app.test_client(), mailbox_path(app)
    typed = {**LETTER, "identity": "real_name", "name": "张<b>三", "phone": "13800000000", "body": BODY}
    form = {**values(form_at(client.get(path).text)), **typed}
    before = stored(app)
    found = client.post(f"{path}/move", data=form)
    assert found.status_code == 200
    search = values(form_at(found.text))
    right = client.post(f"{path}/move", data={**search, "school": "向阳"})
    other = mailbox_path(app, 1)
    buttons = html.fromstring(right.text).xpath("//ul[@class='choice-list']//button/@formaction")
    assert buttons == [f"{other}/fill"]
    filled = client.post(buttons[0], data={**values(form_at(right.text)), "school": "向阳"})
    assert filled.status_code == 200
    assert not errors_at(filled.text)
    letter = form_at(filled.text)
    assert letter.action == other
    kept = values(letter)
    for name, value in typed.items():
        assert kept[name].replace("\r\n", "\n").strip() == value.replace("\r\n", "\n").strip(), name
    assert stored(app) == before, "nothing is stored on the way"
    assert client.post(letter.action, data={**kept, "pledge": "y"}).status_code == 303
    assert "荷塘区向阳中学" in client.get("/receipt").text


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
@pytest.mark.parametrize("step", ["move", "fill"])
def test_the_way_to_another_school_asks_for_the_token_and_a_mailbox(app: Flask, step: str) -> None:
    client, path = app.test_client(), mailbox_path(app)
    assert client.post(f"{path}/{step}", data=LETTER).status_code == 422
    assert client.get(f"{path}/{step}").status_code == 405
    token = values(form_at(client.get(path).text))["csrf_token"]
    assert client.post(f"/m/{'0' * 12}/{step}", data={"csrf_token": token}).status_code == 404
    assert client.post(f"{path}/{step}", data={"csrf_token": token}).status_code == 200


# --- the receipt ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_the_code_goes_only_when_its_end_was_typed_back(app: Flask) -> None:
    client = app.test_client()
    assert submit(client, "/track").status_code == 422
    token = values(form_at(client.get("/track").text))["csrf_token"]
    done = client.post("/receipt/done", data={"csrf_token": token, "last_four": "AAAA"})
    assert (done.status_code, done.location) == (303, "/track"), "nothing was sent from here"
    send(app, client=client)
    (code,) = html.fromstring(client.get("/receipt").text).xpath("//*[@data-receipt]/@data-receipt")
    for typed in ("", "   ", code[-3:], code[:4] if code[:4] != code[-4:] else "", "<b>", "9" * 300):
        answer = submit(client, "/receipt", {"last_four": typed}, action="/receipt/done")
        assert answer.status_code == 422, typed
        assert set(errors_at(answer.text)) == {"last_four"}
        assert code in answer.text
    assert client.post("/receipt/done", data={"last_four": code[-4:]}).status_code == 422, "no token"
    answer = submit(client, "/receipt", {"last_four": f" {code[-4:].lower()}"}, action="/receipt/done")
    assert (answer.status_code, answer.location) == (303, "/track")
    assert client.get("/receipt").status_code == 303


# --- once ---------------------------------------------------------------------------------------------------


def test_the_same_form_twice_gives_the_same_receipt(app: Flask) -> None:
    client, path = app.test_client(), mailbox_path(app)
    data = {**values(form_at(client.get(path).text)), **LETTER}
    codes = set()
    for _ in range(3):
        assert client.post(path, data=data).status_code == 303
        codes |= set(html.fromstring(client.get("/receipt").text).xpath("//*[@data-receipt]/@data-receipt"))
    assert len(codes) == 1
    rows, _files = stored(app)
    assert rows["complaint"] == rows["case_file"] == 1


def test_the_same_form_with_another_text_is_told_and_can_be_sent_again(app: Flask) -> None:
    client, path = app.test_client(), mailbox_path(app)
    data = {**values(form_at(client.get(path).text)), **LETTER}
    assert client.post(path, data=data).status_code == 303
    other = client.post(path, data={**data, "body": "另外一件事情,也请查一查。"})
    assert other.status_code == 422
    assert "已经提交过" in other.text
    kept = values(form_at(other.text))
    assert kept["idempotency_key"] != data["idempotency_key"]
    assert kept["body"].strip() == "另外一件事情,也请查一查。"
    assert client.post(path, data={**kept, "pledge": "y"}).status_code == 303
    assert stored(app)[0]["complaint"] == 2


def test_the_same_form_at_the_same_moment_is_one_letter(app: Flask) -> None:
    path, client = mailbox_path(app), app.test_client()
    data = {**values(form_at(client.get(path).text)), **LETTER}
    cookie = client.get_cookie("session")
    assert cookie is not None

    def press(_number: int) -> str:
        other = app.test_client()
        other.set_cookie("session", cookie.value)
        assert other.post(path, data=data).status_code == 303
        (code,) = html.fromstring(other.get("/receipt").text).xpath("//*[@data-receipt]/@data-receipt")
        return str(code)

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(press, range(8)))
    assert len(set(codes)) == 1
    with app.app_context():
        assert db.session().scalar(select(func.count()).select_from(Complaint)) == 1


# --- when it cannot be stored -------------------------------------------------------------------------------


def test_a_disk_that_takes_no_file_is_told_and_all_is_kept_on_the_page(app: Flask) -> None:
    before = stored(app)
    (Path(app.config["INSTANCE"]) / "files").write_text("a file where the folder should be")
    answer = send(app, evidence=(photo(), "教室.jpg"))
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "什么都没有收到" in answer.text
    kept = values(form_at(answer.text))
    assert kept["body"].strip() == LETTER["body"]
    (Path(app.config["INSTANCE"]) / "files").unlink()
    assert stored(app) == before
    client = app.test_client()
    assert send(app, client=client, evidence=(photo(), "教室.jpg")).status_code == 303


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_full_database_is_told_and_recovers_by_itself(app: Flask) -> None:
    send(app)
    with app.app_context():
        engine = db.engine
        engine.dispose()
        raw = engine.raw_connection()
        raw.cursor().execute("VACUUM")  # no page is left free that a letter would fit into
        raw.close()
        with engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        engine.dispose()

    def fill(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    before = stored(app)
    engine.dispose()
    event.listen(engine, "connect", fill)
    answer = send(app, body="很长的一封信。" * 700, evidence=(photo(), "教室.jpg"))
    event.remove(engine, "connect", fill)
    engine.dispose()
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    assert stored(app) == before
    assert send(app, body="很长的一封信。" * 700, evidence=(photo(), "教室.jpg")).status_code == 303
