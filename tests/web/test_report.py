"""The work report: the own part of the city, the month asked for, and the same figures as a workbook."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO

import pytest
import time_machine
from flask import Flask
from lxml import html
from openpyxl import load_workbook

from ethics_eval.web.request import today
from tests.web.road import desk, filed

PATH = "/bureau/report"
NEW_YEAR = datetime(2026, 12, 31, 16, 1, tzinfo=UTC)  # of the city: elsewhere it is December still


@pytest.fixture
def month(city: Flask) -> Iterator[str]:
    """This month, which has just begun, and in which six letters came to the first school."""
    with time_machine.travel(NEW_YEAR, tick=False):
        for place in range(6):
            filed(city, body=f"第{place}次反映:孩子上课被罚站了整整一节课。")
        yield f"{today():%Y-%m}"


def figures(page: str) -> dict[str, str]:
    """What the summary says, by its words."""
    rows = html.fromstring(page).xpath("//dl[@class='figures']/div")
    return {row.xpath("./dt")[0].text_content(): row.xpath("./dd")[0].text_content() for row in rows}


@pytest.mark.parametrize(("who", "received"), [("bureau_officer", "6"), ("district_officer", "6")])
def test_the_month_is_counted(city: Flask, month: str, who: str, received: str) -> None:
    assert month == "2027-01"
    page = desk(city, who).get(f"{PATH}?month={month}").text
    assert figures(page)["收到"] == received
    assert figures(page)["已受理"] == "0"
    (data,) = html.fromstring(page).xpath("//script[@id='chart-data']/text()")
    trend = json.loads(str(data))[0]
    assert trend["names"][-1] == month
    assert trend["series"][0]["values"][-1] == 6


def test_another_districts_officer_cannot_ask_for_it(city: Flask, month: str) -> None:
    client = desk(city, "bureau_officer")
    assert figures(client.get(f"{PATH}?month={month}&district=430281").text)["收到"] == "0"
    assert client.get(f"{PATH}?month={month}&district=999999").status_code == 404
    assert desk(city, "district_officer").get(f"{PATH}?month={month}&district=430281").status_code == 404


@pytest.mark.parametrize("asked", ["", "?month=", "?month=2026-13", "?month=x", "?month=2019-02"])
def test_the_last_whole_month_and_odd_ones(city: Flask, asked: str) -> None:
    answer = desk(city, "bureau_officer").get(f"{PATH}{asked}")
    assert answer.status_code == 200
    assert set(figures(answer.text).values()) <= {"0", "不足5件"}


def test_a_month_that_has_not_begun_is_not_there(city: Flask) -> None:
    assert desk(city, "bureau_officer").get(f"{PATH}?month=2099-01").status_code == 404


def test_the_workbook_has_the_same_figures(city: Flask, month: str) -> None:
    answer = desk(city, "bureau_officer").get(f"{PATH}/report.xlsx?month={month}")
    assert answer.status_code == 200
    book = load_workbook(BytesIO(answer.data))
    rows = {row[0]: row[1] for row in book["汇总"].iter_rows(min_row=4, values_only=True)}
    assert rows["收到"] == 6
    assert book["分类"]["A4"].value == "体罚或变相体罚"
    assert book["分类"]["B4"].value == 6


@pytest.mark.parametrize("who", ["school_officer", "school_head", "teacher", "custodian", "auditor"])
def test_nobody_else_opens_it(city: Flask, who: str) -> None:
    client = desk(city, who)
    assert client.get(PATH).status_code == 403
    assert client.get(f"{PATH}/report.xlsx").status_code == 403
