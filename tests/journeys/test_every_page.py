"""Every page that opens, at a phone's and a desk's width: accessible, in bounds, one heading."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from ethics_eval.accounts.rules import Role
from ethics_eval.web.access import Audience, declared
from tests.support.browser import assert_accessible
from tests.support.city import PASSWORD
from tests.support.routes import pages, path_of
from tests.support.server import Served

pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


@pytest.fixture
def app(lettered_city: Flask) -> Flask:
    """What is served here: the small city with a letter."""
    return lettered_city


@pytest.mark.parametrize("role", [None, *Role], ids=str)
def test_every_page_is_accessible_and_in_bounds(served: Served, page: Page, role: Role | None) -> None:
    if role is not None:
        page.goto("/login")
        page.get_by_label("账号").fill(role.value)
        page.get_by_label("密码").fill(PASSWORD)
        page.locator("main form button[type=submit]").click()
        expect(page).not_to_have_url(f"{served.url}/login")
    access = declared(served.app)
    seen = 0
    for rule in pages(served.app):
        asked = access[rule.endpoint]
        if (role in asked.roles()) if role else (asked.audience is Audience.PUBLIC):
            seen += look_at(page, path_of(served.app, rule))
    assert seen


def look_at(page: Page, path: str) -> int:
    """Judge a page; 1 if it was one, 0 if the address answers with something else."""
    answer = page.request.get(path)
    if answer.status != 200 or not answer.headers["content-type"].startswith("text/html"):
        return 0
    page.goto(path)
    assert page.title(), f"{path} has no title"
    assert page.locator("h1").count() == 1, (
        f"{path} has {page.locator('h1').count()} headings of the first rank"
    )
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0, f"{path} is {width} px wider than the window"
    assert_accessible(page)
    return 1
