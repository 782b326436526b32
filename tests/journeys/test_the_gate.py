"""The gate in a real browser: the work done by itself, the question where it cannot be, a slip that is checked."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Request, Route, ViewportSize, expect
from sqlalchemy import func, select

from ethics_eval.complaints import challenge
from ethics_eval.complaints.models import Complaint, MailboxCount, SpentChallenge
from ethics_eval.database import db, transaction
from tests.support.browser import assert_accessible, watched
from tests.support.filling import send, walk
from tests.support.server import Served
from tests.web.road import mailbox_path

pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)

LETTER: dict[str, Any] = {
    "body": "昨天下午数学课,王老师让孩子在走廊站了一整节课,同桌看见了。",
    "category": "C06",
    "identity": "anonymous",
}
WAIT = 30_000  # the work takes a second or two, on a busy machine many
SUMS = {char: value for value, char in enumerate("零一二三四五六七八九")}


@pytest.fixture
def app(city: Flask) -> Flask:
    """The small city with its gate shut."""
    city.config["ETHICS_EVAL_CHALLENGE"] = "pow"
    city.config["ETHICS_EVAL_QUOTAS"] = "on"
    return city


def count(served: Served, table: Any) -> int:
    with served.app.app_context():
        return db.session().scalar(select(func.count()).select_from(table)) or 0


def is_telling(request: Request) -> bool:
    """Whether the page tells that it was opened or begun."""
    return request.url.endswith("/seen")


def answer(page: Page) -> None:
    """Answer the question, as a person does."""
    found = re.search(r"请用数字写出：(.)加(.)等于几", page.locator("#gate-question").inner_text())
    assert found
    page.locator("#answer").fill(str(SUMS[found[1]] + SUMS[found[2]]))


def test_the_browser_does_the_work_by_itself(page: Page, served: Served) -> None:
    with page.expect_event("requestfinished", is_telling):  # that it was opened
        page.goto(mailbox_path(served.app))
    with page.expect_event("requestfinished", is_telling):  # that writing began
        walk(page, LETTER)
    expect(page.locator(".altcha[data-state=verified]")).to_be_visible(timeout=WAIT)
    expect(page.get_by_text("已确认不是机器发送")).to_be_visible()
    expect(page.locator("#answer")).to_be_hidden()
    expect(page.locator("#website")).not_to_be_in_viewport()
    assert_accessible(page)
    assert send(page)
    assert (count(served, Complaint), count(served, SpentChallenge)) == (1, 1)
    with served.app.app_context():
        row = (
            db.session()
            .execute(select(MailboxCount.opened_count, MailboxCount.began_count, MailboxCount.sent_count))
            .one()
        )
    assert tuple(row) == (1, 1, 1)


def test_sent_before_the_work_is_done_it_waits_and_goes_out(page: Page, served: Served) -> None:
    held: list[Route] = []
    page.route("**/challenge", lambda route: held.append(route))  # noqa: PLW0108 - a built-in cannot be marked
    page.goto(mailbox_path(served.app))
    with page.expect_request("**/challenge"):
        walk(page, LETTER)
    page.get_by_role("button", name="提交投诉").click()
    expect(page.get_by_text("正在自动确认，几秒钟就好…")).to_be_visible()
    assert_accessible(page)
    assert count(served, Complaint) == 0
    held[0].continue_()
    expect(page.locator("[data-receipt]")).to_be_visible(timeout=WAIT)
    assert count(served, Complaint) == 1


def test_who_writes_before_the_works_script_is_there_gets_it_done_too(page: Page, served: Served) -> None:
    held: list[Route] = []
    page.route("**/altcha-*.min.js*", lambda route: held.append(route))  # noqa: PLW0108 - see above
    with page.expect_request("**/altcha-*.min.js*"):
        page.goto(mailbox_path(served.app))
    walk(page, LETTER)
    held[0].continue_()
    expect(page.locator(".altcha[data-state=verified]")).to_be_visible(timeout=WAIT)


def test_where_the_work_fails_the_question_stands(page: Page, served: Served) -> None:
    page.route("**/challenge", lambda route: route.fulfill(status=204))
    page.goto(mailbox_path(served.app))
    walk(page, LETTER)
    expect(page.locator("#answer")).to_be_visible()
    page.get_by_role("button", name="提交投诉").click()
    expect(page.locator("#answer-error")).to_be_visible()
    assert_accessible(page)
    answer(page)
    assert send(page)
    assert count(served, Complaint) == 1


def test_used_work_is_refused_and_the_question_lets_one_through(page: Page, served: Served) -> None:
    page.goto(mailbox_path(served.app))
    walk(page, LETTER)
    expect(page.locator(".altcha[data-state=verified]")).to_be_visible(timeout=WAIT)
    typed = page.locator("input[name=altcha]").input_value()
    code = mailbox_path(served.app).removeprefix("/m/")
    vault = served.app.extensions["vault"]
    with served.app.app_context(), transaction() as session:  # as if it had been sent from another tab
        challenge.spend(session, vault, challenge.done_work(vault, code, typed, at=datetime.now(UTC)))
    page.get_by_role("button", name="提交投诉").click()
    expect(page.locator("#error-summary")).to_contain_text("过期")
    expect(page.locator("#answer")).to_be_visible()
    answer(page)
    assert send(page)
    assert count(served, Complaint) == 1


def test_without_javascript_a_question_is_asked_and_the_slip_can_be_checked(
    browser: Browser, served: Served, viewport: ViewportSize
) -> None:
    context = browser.new_context(
        base_url=served.url, viewport=viewport, locale="zh-CN", java_script_enabled=False
    )
    with watched(context, served.url):
        page = context.new_page()
        page.goto(mailbox_path(served.app))
        page.locator("#body").fill(LETTER["body"])
        page.locator("#category").select_option("C06")
        page.locator("[name=identity][value=anonymous]").check()
        page.locator("#pledge").check()
        expect(page.locator("#answer")).to_be_visible()
        page.locator("#answer").fill("99")
        page.get_by_role("button", name="提交投诉").click()
        expect(page.locator("#answer-error")).to_contain_text("答案不对")
        expect(page.locator("#body")).to_have_value(LETTER["body"])
        answer(page)
        page.get_by_role("button", name="提交投诉").click()
        expect(page.locator("[data-receipt]")).to_be_visible()
        slip = page.locator("[data-slip-text]").get_attribute("data-slip-text") or ""
        page.goto("/verify")
        page.locator("#slip").fill(slip)
        page.get_by_role("button", name="核验").click()
        expect(page.locator("[data-slip-valid]")).to_contain_text("是本系统出具的回执")
        page.locator("#slip").fill(slip.replace("A", "B", 1) if "A" in slip else slip[:-1])
        page.get_by_role("button", name="核验").click()
        expect(page.locator("#slip-error")).to_contain_text("不是本系统出具的回执或证明")
        context.close()


def test_the_pages_of_the_slip_and_the_dead_poster_are_accessible(page: Page, served: Served) -> None:
    for path in ("/verify", "/verify?slip=X", f"{mailbox_path(served.app)}?via=qr&s=0"):
        page.goto(path)
        assert_accessible(page)
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 0
