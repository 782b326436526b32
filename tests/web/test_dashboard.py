"""The semester at a glance: whom it shows what, and that it names nobody."""

from __future__ import annotations

import json

from flask import Flask
from lxml import html

from ethics_eval.ranking.rules.steps import Step
from tests.web.ranked_pages import BUREAU, DISTRICT, OFFICER, SEMESTER_PATH, settle, signed_in, words

PATH = f"{SEMESTER_PATH}/dashboard"


def test_the_city_sees_the_whole_and_each_chart_has_its_table(app: Flask) -> None:
    settle(app, Step.FREEZE)
    page = signed_in(app, BUREAU).get(PATH)
    assert page.status_code == 200
    tree = html.fromstring(page.text)
    charts = json.loads(tree.xpath("//script[@id='chart-data']")[0].text)
    sections = {
        place.get("id"): [table.tag for table in place.xpath("ancestor::section//table")]
        for place in tree.xpath("//*[contains(@class, 'chart')][@id]")
    }
    assert {chart["id"] for chart in charts} >= set(sections)
    assert all(sections.values())
    rated = int(words(page.text, "//h2[@id='spread']/span"))
    assert sum(charts[0]["series"][0]["values"]) == rated
    assert "T00" not in page.text


def test_a_district_sees_its_own_once_it_is_published(app: Flask) -> None:
    settle(app, Step.FREEZE)
    assert "还没有可看的榜单" in signed_in(app, DISTRICT).get(PATH).text
    assert signed_in(app, OFFICER).get(PATH).status_code in {403, 404}


def test_a_published_district_is_alone(app: Flask) -> None:
    settle(app, Step.PUBLISH)
    page = signed_in(app, DISTRICT).get(PATH).text
    assert "分区县" not in words(page)
    assert signed_in(app, BUREAU).get("/bureau/semesters/2030-2031-1/dashboard").status_code == 404
