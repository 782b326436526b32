"""The queue in a browser: keys, chips swapped in without a new page, many at once, search, and the files one by one."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.support.browser import assert_accessible
from tests.support.city import PASSWORD
from tests.support.people import follow
from tests.support.server import Served
from tests.web.road import filed, photo

pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


@pytest.fixture
def app(city: Flask) -> Flask:
    """What is served here: the small city."""
    return city


@pytest.fixture
def queue(served: Served, page: Page) -> Page:
    """The queue of the first school, three letters in it, the first with two pictures."""
    pictures = [(photo(), "教室 后排.jpg"), (photo("#cc8866"), "聊天记录.jpg")]
    filed(served.app, evidence=pictures)
    filed(served.app, category="C03")
    filed(served.app, category="C10")
    page.goto("/login")
    page.get_by_label("账号").fill("school_officer")
    page.get_by_label("密码").fill(PASSWORD)
    page.locator("main form button[type=submit]").click()
    expect(page.locator("tr[data-row]")).to_have_count(3)
    page.wait_for_load_state()  # the keys wait for the script
    return page


def test_keys_move_tick_explain_and_open(queue: Page) -> None:
    rows = queue.locator("tr[data-row]")
    for _ in range(2):
        queue.keyboard.press("j")
    expect(rows.nth(1).get_by_role("link")).to_be_focused()
    queue.keyboard.press("k")
    expect(rows.nth(0).get_by_role("link")).to_be_focused()
    queue.keyboard.press("x")
    expect(rows.nth(0).get_by_role("checkbox")).to_be_checked()
    expect(queue.get_by_text("已选择1件")).to_be_visible()
    queue.keyboard.press("?")
    expect(queue.get_by_role("dialog")).to_be_visible()
    assert_accessible(queue)
    queue.keyboard.press("Escape")
    expect(queue.get_by_role("dialog")).to_be_hidden()
    queue.keyboard.press("/")
    expect(queue.locator("#words")).to_be_focused()
    queue.keyboard.type("jk?x/")
    expect(queue.locator("#words")).to_have_value("jk?x/")
    rows.nth(2).get_by_role("link").focus()
    queue.keyboard.press("Enter")
    expect(queue.get_by_role("heading", name="下一步")).to_be_visible()


def test_chips_and_filters_swap_the_list_alone(queue: Page) -> None:
    queue.evaluate("window.kept = true")
    queue.get_by_role("link", name="全部").click()
    expect(queue.get_by_role("link", name="全部")).to_have_attribute("aria-current", "true")
    expect(queue).to_have_url(re.compile("status=all"))
    queue.get_by_text("更多筛选").click()
    queue.locator("#filter-category").select_option("C03")
    expect(queue.locator("tr[data-row]")).to_have_count(1)
    expect(queue).to_have_url(re.compile("category=C03"))
    assert queue.evaluate("window.kept") is True
    queue.keyboard.press("j")
    expect(queue.locator("tr[data-row] a")).to_be_focused()
    queue.go_back()
    expect(queue.locator("tr[data-row]")).to_have_count(3)


def test_many_get_an_owner_at_once(queue: Page) -> None:
    queue.get_by_label("选择本页全部").check()
    expect(queue.get_by_text("已选择3件")).to_be_visible()
    queue.locator(".bulk-bar summary", has_text="指定经办人").click()
    queue.get_by_label("经办人", exact=True).select_option(label="测试school_officer")
    queue.get_by_role("button", name="指定").click()
    expect(queue.get_by_text("已办理3件")).to_be_visible()
    queue.get_by_role("link", name="我经办的").click()
    expect(queue.locator("tr[data-row]")).to_have_count(3)


def test_files_are_seen_one_by_one(queue: Page) -> None:
    queue.locator("#words").fill("罚站")
    queue.keyboard.press("Enter")
    expect(queue.locator("mark").first).to_have_text("罚站")
    assert "罚站" not in queue.url
    assert_accessible(queue)
    follow(queue, queue.locator(".found-list a").last)
    follow(queue, queue.get_by_role("button", name="查看 教室 后排.jpg"))
    expect(queue.get_by_role("img", name="教室 后排.jpg")).to_be_visible()
    assert_accessible(queue)
    for key, name in (("ArrowRight", "聊天记录.jpg"), ("ArrowLeft", "教室 后排.jpg"), ("Escape", "下一步")):
        queue.wait_for_load_state()  # the keys wait for the script
        queue.keyboard.press(key)
        expect(queue.get_by_role("heading", name=name)).to_be_visible()
