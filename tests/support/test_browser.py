"""The browser's watch sees what it is there to see."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.support.browser import Complaints, assert_accessible
from tests.support.server import serving

PAGES = {
    "/good": '<html lang="zh"><title>页</title><main><h1>页</h1></main></html>',
    "/style": '<html lang="zh"><title>页</title><main style="color:red"><h1>页</h1></main></html>',
    "/missing": '<html lang="zh"><title>页</title><img src="/nowhere.png" alt=""></html>',
    "/foreign": '<html lang="zh"><title>页</title><img src="http://elsewhere.invalid/a.png" alt=""></html>',
    "/unlabelled": '<html lang="zh"><title>页</title><main><h1>页</h1><input></main></html>',
}

pytestmark = pytest.mark.xdist_group("journeys")


@pytest.fixture(scope="module")
def site() -> Flask:
    app = Flask(__name__)
    for path, page in PAGES.items():
        app.add_url_rule(
            path, path, lambda page=page: (page, 200, {"Content-Security-Policy": "style-src 'self'"})
        )
    app.add_url_rule("/favicon.ico", "icon", lambda: ("", 204))
    return app


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("/good", None),
        ("/style", "CSP: style-src"),
        ("/missing", "404 for"),
        ("/foreign", "foreign request"),
    ],
)
def test_what_a_page_does_wrong_is_seen(
    browser: Browser, site: Flask, path: str, complaint: str | None
) -> None:
    with serving(site) as served:
        context = browser.new_context(base_url=served.url)
        complaints = Complaints(served.url)
        complaints.watch(context)
        page = context.new_page()
        page.goto(path)
        page.evaluate("new Promise(done => setTimeout(done))")  # a violation is reported in a task of its own
        context.close()
    assert any(complaint in line for line in complaints) if complaint else not complaints, complaints


def test_what_a_reader_of_screens_misses_is_seen(browser: Browser, site: Flask) -> None:
    with serving(site) as served:
        page = browser.new_page(base_url=served.url)
        page.goto("/good")
        assert_accessible(page)
        page.goto("/unlabelled")
        with pytest.raises(AssertionError, match="label"):
            assert_accessible(page)
        page.close()
