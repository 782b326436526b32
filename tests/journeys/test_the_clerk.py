"""A clerk takes down a call; the grandmother claims the code on a phone without scripts and follows her letter."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.support.people import People, follow, look
from tests.web.road import CODE

pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)

STORY = "孙子说上课回答错了,被罚站在教室后面整整一节课。"


@pytest.fixture
def app(city: Flask) -> Flask:
    """What is served here: the small city."""
    return city


def take_down(clerk: Page) -> str:
    """Fill in the open form and send it; the half that is shown."""
    clerk.locator("[name=source]").select_option("PHONE")
    clerk.locator("[name=category]").select_option("C06")
    clerk.locator("[name=body]").fill(STORY)
    clerk.locator("[name=respondent_role][value=teacher]").check()
    clerk.locator("[name=identity][value=real_name_hidden]").check()
    clerk.locator("[name=name]").fill("孙奶奶")
    clerk.locator("[name=phone]").fill("138 0000 1111")
    clerk.locator("[name=pledge]").check()
    follow(clerk, clerk.get_by_role("button", name="登记", exact=True))
    expect(clerk.get_by_role("heading", level=1)).to_have_text("已登记")
    half = clerk.locator("[data-receipt]").get_attribute("data-receipt") or ""
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", half)
    assert CODE.search(clerk.content()) is None, "the whole code is nowhere on the clerk's page"
    return half


def test_a_call_is_taken_down_claimed_and_followed(people: People) -> None:
    clerk = people.signed_in("school_officer")
    clerk.goto("/school/filings/new")
    look(clerk)
    clerk.get_by_role("button", name="登记", exact=True).click()
    expect(clerk.locator("#error-summary")).to_be_focused()
    look(clerk)
    half = take_down(clerk)
    look(clerk)

    parent = people.visitor(java_script_enabled=False)
    parent.goto("/claim")
    parent.locator("[name=half]").fill(half.lower())
    parent.locator("[name=last_four]").fill("9999")
    parent.get_by_role("button", name="领取").click()
    expect(parent.locator("#half-error")).to_be_visible()
    parent.locator("[name=last_four]").fill("1111")
    parent.get_by_role("button", name="领取").click()
    code = parent.locator("[data-receipt]").get_attribute("data-receipt") or ""
    assert CODE.fullmatch(code)
    assert code.startswith(half)
    parent.locator("[name=last_four]").fill("0000")
    parent.get_by_role("button", name="完成").click()
    expect(parent.locator("#error-summary")).to_be_visible()
    parent.locator("[name=last_four]").fill(code[-4:].lower())
    parent.get_by_role("button", name="完成").click()
    expect(parent).to_have_url(re.compile("/track$"))
    parent.locator("[name=query_code]").fill(code)
    parent.locator("main form button[type=submit]").click()
    expect(parent.locator("[data-state]").first).to_have_attribute("data-state", "submitted")

    clerk.get_by_role("button", name="已交给投诉人").click()
    expect(clerk).to_have_url(re.compile("/school/cases"))
    clerk.goto("/school/filings/done")
    expect(clerk).to_have_url(re.compile("/school/filings/new"))


def test_the_district_finds_the_school_first(people: People) -> None:
    clerk = people.signed_in("district_officer")
    clerk.goto("/bureau/filings")
    look(clerk)
    clerk.locator("#q").fill("明德")
    follow(clerk, clerk.get_by_role("button", name="查找"))
    look(clerk)
    follow(clerk, clerk.locator("main").get_by_role("link", name="明德"))
    take_down(clerk)
    look(clerk)
