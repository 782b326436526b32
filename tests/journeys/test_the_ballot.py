"""A pupil rates the teachers on a phone, with scripts and without; the officer's pages for classes and codes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.support.browser import watched
from tests.support.people import People, follow, look
from tests.support.server import Served
from tests.web.balloted import CLASS, OFFICER, Balloted, balloted

__all__ = ["balloted"]
pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)
REASON = "他总是讽刺回答错的同学。"


def choose(page: Page, teacher: int, item: int, option: int) -> None:
    page.locator(f"#t{teacher}-q{item}-{option}").check()


def vote(page: Page, code: str) -> None:
    """From the slip's code to thanks: something is forgotten, found, and put right."""
    page.goto("/vote")
    page.get_by_label("评议码").fill(code.lower())
    page.get_by_role("button", name="开始评议").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("请你评一评老师")
    look(page)
    choose(page, 1, 1, 5)
    choose(page, 1, 2, 1)
    page.locator("#t2-unknown").check()
    choose(page, 3, 1, 2)
    page.get_by_role("button", name="下一步").click()
    summary = page.get_by_role("alert")
    expect(summary.get_by_role("link")).to_have_count(2)
    look(page)
    page.locator("#t1-q1-reason").fill(REASON)
    choose(page, 3, 2, 1)
    page.get_by_role("button", name="保存，稍后再填").click()
    expect(page.locator(".flash")).to_contain_text("已保存")
    expect(page.locator("#t1-q1-reason")).to_have_value(REASON)
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("看一遍再提交")
    expect(page.get_by_text(REASON)).to_be_visible()
    look(page)
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("谢谢您的评议")
    look(page)
    page.goto(f"/vote/{code}")
    expect(page.get_by_role("heading", level=1)).to_have_text("这个评议码已经用过了")
    look(page)


def test_a_pupil_votes(balloted: Balloted, page: Page) -> None:
    vote(page, balloted.codes()[0])
    page.goto(f"/vote/{balloted.codes()[1]}")
    choose(page, 1, 1, 1)
    choose(page, 1, 2, 1)
    expect(page.locator(".vote-progress")).to_have_text("已评1位，共3位")
    expect(page.locator("#t2 .vote-items")).to_be_visible()
    page.locator("#t2-unknown").check()
    expect(page.locator("#t2 .vote-items")).to_be_hidden()
    expect(page.locator("#t3-q1-reason")).to_be_hidden()


def test_a_pupil_votes_without_scripts(
    balloted: Balloted, browser: Browser, served: Served, viewport: ViewportSize
) -> None:
    context = browser.new_context(
        base_url=served.url, viewport=viewport, locale="zh-CN", java_script_enabled=False
    )
    with watched(context, served.url):
        page = context.new_page()
        code = balloted.codes()[0]
        page.goto(f"/vote/{code}")
        for teacher in (1, 2, 3):
            for item in (1, 2):
                choose(page, teacher, item, 2)
        page.get_by_role("button", name="下一步").click()
        page.get_by_role("button", name="提交", exact=True).click()
        expect(page).to_have_url(re.compile("/vote/thanks$"))
        context.close()


def test_the_officer_prepares(
    balloted: Balloted, browser: Browser, served: Served, viewport: ViewportSize
) -> None:
    people = People(browser, served, viewport)
    page = people.signed_in(OFFICER)
    page.goto("/school/ballots")
    look(page)
    page.get_by_role("button", name="采用").click()
    expect(page.locator(".flash")).to_contain_text("编好3个组")
    look(page)
    page.get_by_role("button", name="发放评议码").click()
    expect(page.locator(".flash").first).to_contain_text("发出15个评议码")
    for label in (CLASS, "同事"):
        follow(page, page.get_by_role("rowheader").get_by_role("link", name=label, exact=True))
        look(page)
        follow(page, page.get_by_role("link", name="返回评议码"))
    for path in (
        "/school/ballots/classes/new",
        "/school/ballots/groups/new/school",
        "/school/ballots/upload",
    ):
        page.goto(path)
        look(page)
    page.goto("/school/ballots/classes/new")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look(page)
    people.leave()
