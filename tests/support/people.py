"""The people of a journey, each in a browser of their own on the same served city."""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import Any

from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.support.browser import assert_accessible, watched
from tests.support.city import PASSWORD
from tests.support.server import Served

WAIT = 30_000


class People:
    """Opens browsers; ``leave`` closes them all, and no page may have broken the policy or complained."""

    def __init__(self, browser: Browser, served: Served, viewport: ViewportSize) -> None:
        self._browser, self._served, self._viewport = browser, served, viewport
        self._open = ExitStack()

    def visitor(self, **options: Any) -> Page:
        """A new browser; ``options`` go to the browser's context."""
        phone = self._viewport["width"] < 600
        context = self._browser.new_context(
            base_url=self._served.url,
            viewport=self._viewport,
            locale="zh-CN",
            has_touch=phone,
            is_mobile=phone,
            **options,
        )
        self._open.enter_context(watched(context, self._served.url))
        self._open.callback(context.close)
        page = context.new_page()
        page.set_default_timeout(WAIT)
        return page

    def signed_in(self, username: str) -> Page:
        """An account of the small city, signed in."""
        page = self.visitor()
        page.goto("/login")
        page.get_by_label("账号").fill(username)
        page.get_by_label("密码").fill(PASSWORD)
        page.locator("main form button[type=submit]").click()
        expect(page).not_to_have_url(re.compile("/login"))
        page.wait_for_load_state()
        return page

    def opened(self, code: str) -> Page:
        """A complainant who has opened the case with the query code."""
        page = self.visitor()
        page.goto("/track")
        page.get_by_label("查询码").fill(code)
        page.locator("main form button[type=submit]").click()
        expect(page).to_have_url(re.compile("/track/case"))
        page.wait_for_load_state()
        return page

    def leave(self) -> None:
        """Close every browser."""
        self._open.close()


def look(page: Page) -> None:
    """What is shown is accessible and does not scroll sideways."""
    assert_accessible(page)
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0, f"{page.url} is {width} px wider than the window"


def follow(page: Page, way: Locator) -> None:
    """Click what leads to another page, and have that page whole, with its scripts."""
    with page.expect_navigation():
        way.click()


def take(page: Page, action: str, **fields: str) -> None:
    """Take a step on a case page: open its form, fill it in, send it."""
    form = page.locator(f"form[action$='/{action}']").last
    panel = page.locator(f"#action-{action}")
    if panel.count() and panel.get_attribute("open") is None:
        panel.locator("summary").click()
    for name, value in fields.items():
        control = form.locator(f"[name='{action}-{name}']")
        if control.first.get_attribute("type") == "radio":
            form.locator(f"[name='{action}-{name}'][value='{value}']").check()
        elif control.first.evaluate("element => element.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
    follow(page, form.locator("button[type=submit]"))
    expect(page.locator(".flash")).to_be_visible()


def unfold(page: Page, summary: str) -> None:
    """Open the fold with these words, if it is closed."""
    fold = page.locator("details", has=page.locator("summary", has_text=summary)).last
    if fold.get_attribute("open") is None:
        fold.locator("summary").first.click()


def press(page: Page, name: str) -> None:
    """Press the button with exactly this name and see the page's answer."""
    follow(page, page.get_by_role("button", name=name, exact=True))
    expect(page.locator(".flash").first).to_be_visible()
