"""What the scripts of every page add to it."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from ethics_eval.database import db
from tests.support.city import LETTER, mailbox_code
from tests.support.filling import send, walk
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


def test_a_form_is_sent_once(form: Page) -> None:
    form.goto("/track")
    form.evaluate(
        """() => {
            window.sent = 0;
            window.addEventListener("submit", event => {
                if (!event.defaultPrevented) window.sent += 1;
                event.preventDefault();
            });
        }"""
    )
    button = form.locator("main form button[type=submit]").first
    button.click()
    button.click(force=True)
    assert form.evaluate("window.sent") == 1
    form.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    button.click()
    assert form.evaluate("window.sent") == 2


def test_what_was_refused_takes_the_focus_and_leads_to_its_field(form: Page) -> None:
    form.goto("/track")
    form.locator("main form button[type=submit]").first.click()
    summary = form.locator("#error-summary")
    expect(summary).to_be_focused()
    summary.get_by_role("link").first.click()
    expect(form.locator("#query_code")).to_be_focused()
    expect(form.locator("label[for=query_code]")).to_be_in_viewport()


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
    walk(form, LETTER)
    code = send(form)
    form.get_by_role("button", name="复制查询码").click()
    expect(form.get_by_role("button", name="已复制")).to_be_visible()
    assert form.evaluate("navigator.clipboard.readText()") == code
    assert re.fullmatch(r"\w{4}(-\w{4}){3}", code)
