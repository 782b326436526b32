"""Workbooks asked for on a page, made by the worker as the one who asked may see it, fetched and read back."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from openpyxl import load_workbook

from ethics_eval.ranking.rules.steps import Step
from tests.ranking.published import CHARGED
from tests.support.forms import submit, values
from tests.support.ranked import SEMESTER
from tests.support.worker import work
from tests.web.ranked_pages import BUREAU, DISTRICT, OFFICER, settle, signed_in, words
from tests.web.test_poster import state

HEAD_ROWS = 4


def sheets(app: Flask, client: FlaskClient, path: str, **chosen: str) -> dict[str, list[tuple[Any, ...]]]:
    """The workbook's sheets: their rows below lines and headings."""
    answer = submit(client, path, {"semester": SEMESTER, **chosen})
    assert answer.status_code == 303, answer.text
    work(app)
    assert state(client, answer.location) == "done"
    (form,) = html.fromstring(client.get(answer.location).text).xpath("//form[contains(@action, '/file')]")
    with client.post(form.get("action"), data=values(form)) as file:
        book = load_workbook(io.BytesIO(file.data))
    return {
        sheet.title: [row for row in list(sheet.iter_rows(values_only=True)) if any(row)] for sheet in book
    }


def test_the_city_gets_each_workbook(app: Flask) -> None:
    settle(app, Step.PUBLISH)
    client = signed_in(app, BUREAU)
    ledger = sheets(app, client, "/bureau/exports", what="ledger")["扣分台账"]
    heads = ledger[HEAD_ROWS - 1]
    charged = dict(zip(heads, next(row for row in ledger if row[0] == f"T{CHARGED:04}"), strict=True))
    assert (charged["类别编码"], charged["是否计入"], charged["扣分"]) == ("C06", "是", 8)
    assert charged["拟定人"] != charged["审定人"]
    assert charged["依据"]
    annex = sheets(app, client, "/bureau/exports", what="annex")["名单"]
    assert charged["姓名"] in {row[1] for row in annex}
    masked = sheets(app, client, "/bureau/exports", what="ledger", masked="y")["扣分台账"]
    assert charged["姓名"] not in {row[1] for row in masked}
    secondary = sheets(app, client, "/bureau/exports", what="ranking", stage="JUN")["排名"]
    stage = secondary[HEAD_ROWS - 1].index("学段")
    assert {row[stage] for row in secondary[HEAD_ROWS:]} == {"初中"}
    assert set(sheets(app, client, "/bureau/exports", what="turnout")) == {"学校", "班级"}


@pytest.mark.parametrize(("who", "path"), [(DISTRICT, "/bureau/exports"), (OFFICER, "/school/exports")])
def test_others_get_their_own_part_and_never_the_list(app: Flask, who: str, path: str) -> None:
    settle(app, Step.PUBLISH)
    client = signed_in(app, who)
    assert "通报附件" not in client.get(path).text
    found = sheets(app, client, path, what="ranking", district="430281")["排名"]
    of = {row[found[HEAD_ROWS - 1].index("县市区")] for row in found[HEAD_ROWS:]}
    assert of == {"天元区"}
    forged = submit(client, path, {"semester": SEMESTER, "what": "annex"})
    assert forged.status_code == 422


def test_nothing_is_made_before_it_may_be_seen(app: Flask) -> None:
    settle(app, Step.FREEZE)
    refused = submit(signed_in(app, DISTRICT), "/bureau/exports", {"semester": SEMESTER, "what": "ledger"})
    assert refused.status_code == 422
    assert "还没有可下载的榜单" in words(refused.text, "//*[@role='alert']")
