"""What the scripts add to a page, and that it does its work without them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from ethics_eval.database import db
from tests.support.city import LETTER, mailbox_code
from tests.support.server import Served

pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


@pytest.fixture
def app(city: Flask) -> Flask:
    """What is served here: the small city."""
    return city


@pytest.fixture
def form(served: Served, page: Page) -> Page:
    """The complaint form of the first school."""
    with served.app.app_context():
        code = mailbox_code(db.session())
    page.goto(f"/m/{code}")
    return page


def fill(page: Page) -> None:
    """The least a complaint needs, unnamed."""
    page.locator("#category").select_option(LETTER["category"])
    page.locator("#body").fill(LETTER["body"])
    page.get_by_label("匿名", exact=True).check()
    page.locator("#pledge").check()


def send(page: Page) -> None:
    page.get_by_role("button", name="提交投诉").click()


def test_what_was_refused_takes_the_focus_and_leads_to_its_field(form: Page) -> None:
    send(form)
    summary = form.locator("#error-summary")
    expect(summary).to_be_focused()
    summary.get_by_role("link").first.click()
    expect(form.locator("#category")).to_be_focused()
    expect(form.locator("label[for=category]")).to_be_in_viewport()


def test_the_characters_left_are_counted_and_none_is_cut_off(form: Page) -> None:
    count = form.locator("[data-count=body]")
    expect(count).to_have_text("还可以写5,000个字")
    form.locator("#body").fill("字" * 5001)
    expect(count).to_have_text("多写了1个字,请删减")
    expect(form.locator("#body")).to_have_value("字" * 5001)


def test_chosen_files_add_up_and_can_be_taken_out(form: Page, tmp_path: Path) -> None:
    files = [tmp_path / f"{name}.jpg" for name in "abc"]
    for file in files:
        file.write_bytes(b"x" * 2048)
    form.locator("#evidence").set_input_files(files[:2])
    form.locator("#evidence").set_input_files(files[1:])
    listed = form.locator("[data-files=evidence] .file-name")
    expect(listed).to_have_text(["a.jpg", "b.jpg", "c.jpg"])
    expect(form.locator(".file-total")).to_contain_text("3")
    form.get_by_role("button", name="去掉 b.jpg").click()
    expect(listed).to_have_text(["a.jpg", "c.jpg"])
    names = form.locator("#evidence").evaluate("input => [...input.files].map(file => file.name)")
    assert names == ["a.jpg", "c.jpg"]


def test_nobody_unnamed_is_asked_for_a_name(form: Page) -> None:
    expect(form.locator("#name")).to_be_visible()
    form.get_by_label("匿名", exact=True).check()
    expect(form.locator("#name")).to_be_hidden()
    form.get_by_label("实名,学校可以知道").check()
    expect(form.locator("#name")).to_be_visible()


def test_a_form_is_sent_once_and_says_so(form: Page) -> None:
    form.evaluate(
        """() => {
            window.sent = 0;
            window.addEventListener("submit", event => {
                if (!event.defaultPrevented) window.sent += 1;
                event.preventDefault();
            });
        }"""
    )
    send(form)
    button = form.get_by_role("button", name="正在提交,请不要关闭…")
    expect(button).to_have_attribute("aria-disabled", "true")
    button.click(force=True)
    assert form.evaluate("window.sent") == 1
    form.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    send(form)
    assert form.evaluate("window.sent") == 2


def test_letters_and_theme_are_remembered(form: Page) -> None:
    size = "document.documentElement.matches('[data-large-text]')"
    theme = "document.documentElement.dataset.bsTheme"
    assert (form.evaluate(size), form.evaluate(theme)) == (False, "light")
    form.get_by_role("button", name="大字").click()
    form.get_by_role("button", name="深色").click()
    form.goto("/track")
    assert (form.evaluate(size), form.evaluate(theme)) == (True, "dark")
    expect(form.get_by_role("button", name="大字")).to_have_attribute("aria-pressed", "true")


def test_the_code_is_copied_whole(form: Page) -> None:
    form.context.grant_permissions(["clipboard-read", "clipboard-write"])
    fill(form)
    send(form)
    form.get_by_role("button", name="复制查询码").click()
    expect(form.get_by_role("button", name="已复制")).to_be_visible()
    copied = form.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(r"\w{4}(-\w{4}){3}", copied)
    assert copied == form.locator("[data-receipt]").get_attribute("data-receipt")


def test_a_complaint_is_sent_without_scripts(served: Served, form: Page, browser: Browser) -> None:
    with browser.new_context(base_url=served.url, java_script_enabled=False) as plain:
        page = plain.new_page()
        page.goto(form.url)
        expect(page.get_by_role("button", name="大字")).to_be_hidden()
        expect(page.locator("#evidence")).to_be_visible()
        send(page)
        expect(page.locator("#error-summary")).to_be_visible()
        fill(page)
        send(page)
        expect(page.locator("[data-receipt]")).to_be_visible()
