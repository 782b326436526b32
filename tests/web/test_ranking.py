"""The list, one teacher and the workbook: each audience its own part, and nothing before publication."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from urllib.parse import unquote

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from openpyxl import load_workbook

from ethics_eval.ranking.rules.steps import Step
from ethics_eval.web.desk import ranking as desk
from tests.support.ranked import SCHOOLS
from tests.web.ranked_pages import (
    BUREAU,
    DISTRICT,
    FOREIGN,
    OFFICER,
    OWN,
    SEMESTER_PATH,
    settle,
    signed_in,
    words,
)

LIST = f"{SEMESTER_PATH}/ranking"


@pytest.fixture
def published(app: Flask) -> Flask:
    """The ranking published."""
    settle(app, Step.PUBLISH)
    return app


def numbers(page: str) -> list[str]:
    """The teachers of a list, in its order."""
    return [
        str(text).strip()
        for text in html.fromstring(page).xpath("//main//tbody/tr/th//*[@class[contains(.,'code')]]/text()")
    ]


def sheet(client: FlaskClient, path: str) -> list[tuple[Any, ...]]:
    """The rows of a downloaded workbook's first sheet, below the headings."""
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    rows = load_workbook(BytesIO(answer.data))["排名"].iter_rows(min_row=5, values_only=True)
    return list(rows)


def test_the_list_is_narrowed_and_leads_on(published: Flask) -> None:
    client = signed_in(published, BUREAU)
    whole = numbers(client.get(LIST).text)
    assert len(whole) == 38
    assert whole[0] == "T0000"
    assert numbers(client.get(f"{LIST}?q=T0035").text) == ["T0035"]
    assert numbers(client.get(f"{LIST}?status=provisional").text) == ["T0033"]
    page = client.get(f"{LIST}?school={SCHOOLS[0][0]}").text
    assert len(numbers(page)) == 13
    assert f"school={SCHOOLS[0][0]}" in page.split("filters")[0]  # the download is narrowed as well
    assert "没有符合条件的教师" in words(client.get(f"{LIST}?q=没有此人").text)
    assert client.get(f"{LIST}?page=999999999999").status_code == 200
    assert client.get(f"{LIST}?status=x&district=%00&stage=%27").status_code in {200, 422}


def test_one_teacher_with_all_that_made_the_score(published: Flask) -> None:
    client = signed_in(published, BUREAU)
    text = words(client.get(f"{LIST}/T0035").text)
    for part in ("70.25", "第36名", "78.25", "−8.00", "体罚或变相体罚", "十项准则", "拟定：", "审定："):
        assert part in text
    gap = words(client.get(f"{LIST}/T0005").text)
    assert "学生、家长的有效评价不足" in gap
    assert "缺项补足" in gap
    assert "产假" in words(client.get(f"{LIST}/T8000").text)
    assert client.get(f"{LIST}/T6666").status_code == 404
    deduction = html.fromstring(client.get(f"{LIST}/T0035").text)
    (link,) = deduction.xpath("//ul[@class='score-parts']//a/@href")
    assert deduction.xpath(f"//*[@id='{link[1:]}']")


def test_a_school_and_a_district_see_their_own(published: Flask) -> None:
    officer = signed_in(published, OFFICER)
    own = numbers(officer.get("/school/ranking").text)
    assert OWN in own
    assert len(own) == 13
    assert officer.get(f"/school/ranking/{OWN}").status_code == 200
    assert officer.get(f"/school/ranking/{FOREIGN}").status_code == 404
    assert officer.get(f"/school/ranking/{OWN}?semester=1999-2000-1").status_code == 404
    assert officer.get(LIST).status_code == 403
    district = signed_in(published, DISTRICT)
    assert numbers(district.get(LIST).text) == own
    assert district.get(f"{LIST}/{FOREIGN}").status_code == 404


def test_before_publication_only_the_bureau_sees_it(app: Flask) -> None:
    settle(app, Step.ANNOUNCE)
    officer, district, bureau = (signed_in(app, name) for name in (OFFICER, DISTRICT, BUREAU))
    assert "还没有发布的榜单" in words(officer.get("/school/ranking").text)
    assert "还没有发布" in words(district.get(LIST).text)
    for client, path in (
        (officer, f"/school/ranking/{OWN}"),
        (officer, "/school/ranking.xlsx"),
        (district, f"{LIST}/{OWN}"),
        (district, f"{SEMESTER_PATH}/ranking.xlsx"),
    ):
        assert client.get(path).status_code == 404, path
    assert "请勿外传" in words(bureau.get(LIST).text)


def test_each_downloads_the_own_part(published: Flask) -> None:
    path = f"{SEMESTER_PATH}/ranking.xlsx"
    bureau, district, officer = (signed_in(published, name) for name in (BUREAU, DISTRICT, OFFICER))
    assert len(sheet(bureau, path)) == 38
    assert {row[4] for row in sheet(bureau, f"{path}?district=430202")} == {SCHOOLS[1][0]}
    assert {row[4] for row in sheet(bureau, f"{path}?school={SCHOOLS[2][0]}")} == {SCHOOLS[2][0]}
    assert {row[4] for row in sheet(district, path)} == {SCHOOLS[0][0]}
    assert {row[4] for row in sheet(officer, "/school/ranking.xlsx")} == {SCHOOLS[0][0]}
    for client, beyond in (
        (district, f"{path}?district=430202"),
        (district, f"{path}?school={SCHOOLS[1][0]}"),
        (officer, f"/school/ranking.xlsx?school={SCHOOLS[1][0]}"),
        (bureau, f"{path}?district=000000"),
        (bureau, "/bureau/semesters/1999-2000-1/ranking.xlsx"),
    ):
        assert client.get(beyond).status_code == 404, beyond
    assert officer.get(path).status_code == 403


def test_the_download_is_named_in_chinese_and_logged_without_names(
    published: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(published, OFFICER)
    capture = structlog.testing.LogCapture()  # loggers in use are cached: this one is made anew
    fresh = structlog.wrap_logger(structlog.PrintLogger(), processors=[capture])
    monkeypatch.setattr(desk, "_log", fresh)
    answer = client.get("/school/ranking.xlsx")
    name = unquote(answer.headers["Content-Disposition"].partition("UTF-8''")[2])
    assert name == f"榜单_2025-2026-1_{SCHOOLS[0][1]}.xlsx"
    (line,) = capture.entries
    assert line["event"] == "ranking downloaded"
    assert line["role"] == "school_officer"
    assert isinstance(line["account"], int)
    assert "测试" not in str(line)
    assert SCHOOLS[0][1] not in str(line)


def test_english_readers_get_english_labels_or_the_source(published: Flask) -> None:
    client = signed_in(published, BUREAU)
    with client.session_transaction() as kept:
        kept["language"] = "en"
    for path in ("/bureau/semesters", SEMESTER_PATH, LIST, f"{LIST}/T0035"):
        assert client.get(path).status_code == 200
