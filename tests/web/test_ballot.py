"""The school's pages for ballots: classes by hand and by workbook, groups, codes, sheets; and nobody else's."""

from __future__ import annotations

import base64
import io
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from lxml import html
from openpyxl import load_workbook
from pypdf import PdfReader

from ethics_eval.database import db
from ethics_eval.evaluation.rules.ballot_code import grouped
from ethics_eval.evaluation.rules.scheme import Component
from tests.architecture.test_reading import noting_writes
from tests.support.city import PASSWORD
from tests.support.forms import form_at, sign_in, submit, token_of, values
from tests.support.worker import work
from tests.web.balloted import CLASS, OFFICER, OTHER_OFFICER, Balloted, balloted

__all__ = ["balloted"]


def signed_in(city: Balloted, username: str = OFFICER) -> FlaskClient:
    client = city.app.test_client()
    sign_in(client, username, PASSWORD)
    return client


def entry_path(client: FlaskClient, label: str) -> str:
    tree = html.fromstring(client.get("/school/ballots").text)
    (link,) = tree.xpath(f"//th/a[text()='{label}']/@href")
    return str(link)


def press(client: FlaskClient, page: str, action: str, **fields: str) -> str:
    """Press the button of a form on a page and read where it leads."""
    form = form_at(client.get(page).text, action)
    answer = client.post(form.action, data={**values(form), **fields})
    assert answer.status_code == 303, answer.text
    return client.get(answer.location).text


def fetched(client: FlaskClient, page: str) -> bytes:
    form = form_at(page, "/file")
    with client.post(form.action, data=values(form)) as answer:
        assert answer.status_code == 200
        return bytes(answer.data)


def asked(client: FlaskClient, city: Balloted, page: str, action: str) -> bytes:
    form = form_at(client.get(page).text, action)
    path = client.post(form.action, data=values(form)).location
    work(city.app)
    return fetched(client, client.get(path).text)


def test_a_class_by_hand(balloted: Balloted) -> None:
    client = signed_in(balloted)
    page = html.fromstring(client.get("/school/ballots/classes/new").text)
    teachers = page.xpath("//input[@name='teachers']/@value")
    assert len(teachers) == 4
    wrong = submit(client, "/school/ballots/classes/new", {"label": "", "grade": "初一", "seats": "0"})
    assert wrong.status_code == 422
    made = {"label": "一年级1班", "grade": "一年级", "seats": "40", "teachers": teachers[:2]}
    assert submit(client, "/school/ballots/classes/new", made).status_code == 303
    taken = submit(client, "/school/ballots/classes/new", made)
    assert taken.status_code == 422
    path = entry_path(client, "一年级1班")
    assert (
        submit(
            client, path, {**made, "label": "四年级1班", "grade": "4", "teachers": teachers[2:]}
        ).status_code
        == 303
    )
    path = entry_path(client, "四年级1班")
    assert "已发出80个评议码" in press(client, path, "/issue")
    form = {"csrf_token": token_of(client)}
    forged = client.post(path, data={**form, **made})  # its form is gone once the codes are out
    assert forged.status_code == 422
    assert client.post(f"{path}/remove", data=form).status_code == 422
    page_text = press(client, path, "/take-back")
    assert "评议码已收回作废" in page_text
    assert "已删除“四年级1班”" in press(client, path, "/remove")


def test_groups_are_proposed_and_their_codes_issued(balloted: Balloted) -> None:
    client = signed_in(balloted)
    assert "已按在岗名单编好3个组" in press(client, "/school/ballots", "/propose")
    assert "已给3个组发出15个评议码" in press(client, "/school/ballots", "/ballots/issue")
    path = entry_path(client, "同事")
    assert "旧的评议码已作废，新发了4个" in press(client, path, "/reissue")
    stale = form_at(client.get(path).text, "/reissue")
    press(client, path, "/reissue")
    assert client.post(stale.action, data=values(stale)).status_code == 409
    for component, status in (("peer", 200), ("pupil", 404), ("x", 404)):
        assert client.get(f"/school/ballots/groups/new/{component}").status_code == status
    page = "/school/ballots/groups/new/peer"
    everyone = html.fromstring(client.get(page).text).xpath("//input[@name='teachers']/@value")
    again = submit(client, page, {"label": "又一组", "teachers": everyone})
    assert again.status_code == 422
    assert "一位教师只能在一个组" in again.text


def test_classes_by_workbook(balloted: Balloted) -> None:
    client = signed_in(balloted)
    template = client.get("/school/ballots/classes.xlsx")
    book = load_workbook(BytesIO(template.data))
    numbers = [str(row[0].value) for row in book["本校教师"].iter_rows(min_row=2)]
    assert len(numbers) == 4
    sheet = book["班级"]
    for number in range(1, 41):
        sheet.append([f"五年级{number}班", "五年级", 44, "、".join(numbers[:3])])
    sheet.append(["五年级99班", "五年级", "", "T9999"])
    assert submit(client, "/school/ballots/upload", {}).status_code == 422
    refused = submit(client, "/school/ballots/upload", {"workbook": (_file(book), "班级.xlsx")})
    assert refused.status_code == 422
    tree = html.fromstring(refused.text)
    assert len(tree.xpath("//table//tbody/tr")) == 2
    (marked,) = tree.xpath("//a[@download]/@href")
    back = load_workbook(BytesIO(base64.b64decode(marked.partition("base64,")[2])))
    assert back.sheetnames == ["错误清单", "班级", "本校教师", "说明"]
    sheet.delete_rows(sheet.max_row)
    answer = submit(client, "/school/ballots/upload", {"workbook": (_file(book), "班级.xlsx")})
    assert answer.status_code == 303
    assert "新增40个班" in client.get(answer.location).text
    garbage = submit(client, "/school/ballots/upload", {"workbook": (BytesIO(b"x"), "a.xlsx")})
    assert garbage.status_code == 422


def _file(book: object) -> BytesIO:
    file = BytesIO()
    book.save(file)  # type: ignore[attr-defined]
    file.seek(0)
    return file


def test_sheets_hold_every_code_once(balloted: Balloted) -> None:
    client = signed_in(balloted)
    codes = balloted.codes() + balloted.codes(Component.PARENT)
    reader = PdfReader(io.BytesIO(asked(client, balloted, "/school/ballots", "/print")))
    text = "".join(page.extract_text() for page in reader.pages)
    assert len(reader.pages) == 2
    assert all(text.count(grouped(code)) == 1 for code in codes)
    book = load_workbook(BytesIO(asked(client, balloted, "/school/ballots", "/list")))
    listed = {str(cell.value) for row in book["评议码"].iter_rows() for cell in row}
    assert {grouped(code) for code in codes} <= listed
    path = entry_path(client, CLASS)
    one = PdfReader(io.BytesIO(asked(client, balloted, path, "/print")))
    assert len(one.pages) == 1


@pytest.mark.parametrize("deed", ["", "/issue", "/reissue", "/take-back", "/remove"])
def test_another_schools_group_is_not_there(balloted: Balloted, deed: str) -> None:
    path = entry_path(signed_in(balloted), CLASS)
    other = signed_in(balloted, OTHER_OFFICER)
    assert CLASS not in other.get("/school/ballots").text
    assert other.get(path).status_code == 404
    assert other.post(f"{path}{deed}", data={"csrf_token": token_of(other)}).status_code == 404
    group_id = path.rpartition("/")[2]
    for ask in ("print", "list"):
        form = {"csrf_token": token_of(other), "group_id": group_id}
        assert other.post(f"/school/ballots/{ask}", data=form).status_code == 404
        del form["group_id"]
        assert other.post(f"/school/ballots/{ask}", data=form).status_code == 422  # nothing issued there


def test_looking_at_open_ballots_writes_nothing(balloted: Balloted) -> None:
    """What the crawl of every page (tests/architecture/test_reading.py) finds closed in its city."""
    client, rater = signed_in(balloted), balloted.app.test_client()
    code = balloted.codes()[0]
    answers = {f"t{place}-q{item}": "1" for place in (1, 2, 3) for item in (1, 2)}
    assert submit(rater, f"/vote/{code}", {**answers, "action": "check"}).status_code == 303
    school = ("/classes/new", "/groups/new/school", "/upload")
    looks = [
        (client, path) for path in (entry_path(client, CLASS), *(f"/school/ballots{one}" for one in school))
    ]
    looks += [(rater, f"/vote/{code}"), (rater, f"/vote/{code}/check")]
    with balloted.app.app_context():
        engine = db.engine
    written: list[str] = []
    for reader, path in looks:
        with noting_writes(engine, written):
            assert reader.get(path).status_code == 200, path
            assert reader.head(path).status_code == 200, path
    assert not written
