"""A parent at the gate: short steps, a draft that survives, a lost signal, a voice, the right school, the slip."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Locator, Page, Route, ViewportSize, expect
from sqlalchemy import func, select

from ethics_eval.complaints.models import Complaint, Evidence
from ethics_eval.database import db
from tests.support.browser import assert_accessible
from tests.support.city import SCHOOLS
from tests.support.filling import forward, put, send, step, walk
from tests.support.server import Served
from tests.web.road import mailbox_path, photo

pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)

NAMED: dict[str, Any] = {
    "body": "昨天下午数学课,王老师让孩子在走廊站了一整节课,同桌看见了。",
    "category": "C06",
    "happened_on": "2025-12-10",
    "place": "三楼走廊",
    "respondent_role": "teacher",
    "respondent": "王老师",
    "subject_class": "三年级2班数学",
    "identity": "real_name_hidden",
    "name": "张小花",
    "phone": "138 0000 0000",
    "relation": "奶奶",
}
UNNAMED = {**{name: NAMED[name] for name in ("body", "category")}, "identity": "anonymous"}
PICTURE = FilePayload(name="聊天记录 截图.jpg", mimeType="image/jpeg", buffer=photo().read())


@pytest.fixture
def app(city: Flask) -> Flask:
    """What is served here: the small city."""
    return city


@pytest.fixture
def form(served: Served, page: Page) -> Page:
    """The complaint form of the first school."""
    page.goto(mailbox_path(served.app))
    return page


def look(page: Page) -> None:
    """What is shown is accessible and does not scroll sideways."""
    assert_accessible(page)
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0, f"{page.url} is {width} px wider than the window"


def stored(served: Served) -> list[Complaint]:
    """The complaints there are."""
    with served.app.app_context():
        return list(db.session().scalars(select(Complaint)))


def kept(page: Page) -> str:
    """Everything this browser has written down."""
    return str(page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])"))


def drafts(page: Page) -> list[str]:
    """The keys of the drafts on the device."""
    return [str(key) for key in page.evaluate("Object.keys(localStorage).filter(key => /^draft:/.test(key))")]


def draft(page: Page) -> dict[str, Any]:
    """The only draft on the device."""
    (key,) = drafts(page)
    found: dict[str, Any] = json.loads(page.evaluate("key => localStorage.getItem(key)", key))
    return found


def errors(page: Page) -> list[str]:
    """What stands in the summary of what was refused."""
    summary = page.locator("#error-summary")
    expect(summary).to_be_focused()
    return summary.locator("li").all_inner_texts()


# --- steps --------------------------------------------------------------------------------------------------


def test_one_small_group_at_a_time_then_all_answers_then_the_code(form: Page, served: Served) -> None:
    for number in range(1, 6):
        step(form, number)
        expect(form.locator(".form-part:not([hidden]) .part-progress")).to_have_text(f"第{number}步 / 共5步")
        expect(form.locator("form[data-complaint] .btn-primary:visible")).to_have_count(1)
        look(form)
        if number > 1:
            expect(form.locator(".form-part:not([hidden]) h2")).to_be_focused()
            expect(form.get_by_role("heading", level=1)).to_be_in_viewport()
        if number == 1:
            put(form, {name: NAMED[name] for name in ("body", "category", "happened_on", "place")})
        elif number == 2:
            put(form, {name: NAMED[name] for name in ("respondent_role", "respondent", "subject_class")})
        elif number == 3:
            form.locator("#evidence").set_input_files([PICTURE])
        elif number == 4:
            put(form, {name: NAMED[name] for name in ("identity", "name", "phone", "relation")})
        if number < 5:
            form.locator("[data-next]").click()
    answers = form.locator("#answers")
    for text in (*(NAMED[name] for name in ("body", "place", "name", "phone", "relation", "respondent")),):
        expect(answers).to_contain_text(text)
    for text in ("体罚", "2025年12月10日", "教师", "聊天记录 截图.jpg", "实名，但不让学校知道"):
        expect(answers).to_contain_text(text)

    answers.get_by_role("link", name="修改 在什么地方").click()
    expect(form.locator("#place")).to_be_focused()
    form.locator("#place").fill("操场")
    form.get_by_role("button", name="改好了，回到核对").click()
    step(form, 5)
    expect(answers).to_contain_text("操场")
    form.locator("#pledge").check()
    send(form)
    look(form)
    with served.app.app_context():
        session = db.session()
        assert session.scalar(select(func.count()).select_from(Complaint)) == 1
        assert session.scalar(select(func.count()).select_from(Evidence)) == 1


def test_each_step_asks_before_it_lets_go_on_with_the_servers_words(form: Page, served: Served) -> None:
    form.locator("[data-next]").click()
    asked = errors(form)
    look(form)
    form.locator("#error-summary a").first.click()
    expect(form.locator("#body")).to_be_focused()
    put(form, {"body": "字" * 5001, "category": "C06", "happened_on": "2999-01-01"})
    form.locator("[data-next]").click()
    asked += errors(form)
    put(form, {"body": NAMED["body"], "happened_on": "1990-01-01"})
    form.locator("[data-next]").click()
    asked += errors(form)
    put(form, {"happened_on": ""})
    forward(form, 2)
    expect(form.locator("#error-summary")).to_have_count(0)
    put(form, {"respondent": "长" * 201})
    form.locator("[data-next]").click()
    asked += errors(form)
    put(form, {"respondent": ""})
    forward(form, 3)
    forward(form, 4)
    put(form, {"phone": "没有"})
    form.locator("[data-next]").click()
    asked += errors(form)
    look(form)
    put(form, {"identity": "anonymous"})
    forward(form, 5)
    form.get_by_role("button", name="提交投诉").click()
    asked += errors(form)
    assert stored(served) == []
    assert set(asked) == refused_by_server(form)


def refused_by_server(page: Page) -> set[str]:
    """What the server answers to the same mistakes."""
    return set(
        page.evaluate(
            """async () => {
                const token = document.querySelector("[name=csrf_token]").value;
                const found = [];
                for (const fields of [
                    {identity: "real_name", phone: "没有", happened_on: "2999-01-01", respondent: "长".repeat(201)},
                    {body: "字".repeat(5001), happened_on: "1990-01-01"},
                ]) {
                    const body = new FormData();
                    for (const [name, value] of Object.entries({...fields, csrf_token: token})) {
                        body.append(name, value);
                    }
                    const answer = await fetch(location.href, {method: "POST", body});
                    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
                    found.push(...[...page.querySelectorAll("#error-summary li")].map(item => item.textContent));
                }
                return found;
            }"""
        )
    )


def test_the_browsers_way_back_goes_one_step_back(form: Page) -> None:
    walk(form, UNNAMED)
    for number in (4, 3, 2, 1):
        form.go_back()
        step(form, number)
    form.go_forward()
    step(form, 2)
    form.get_by_role("button", name="返回").click()
    step(form, 1)
    expect(form.locator("#body")).to_have_value(UNNAMED["body"])
    form.goto(form.url.split("#")[0] + "#step-4")  # nobody lands beyond what is filled in
    form.reload()
    step(form, 4)
    put(form, {"identity": "real_name"})
    form.goto(form.url.split("#")[0] + "#step-5")
    form.reload()
    step(form, 4)


def test_the_form_is_walked_by_keys_alone(form: Page) -> None:
    def reach(target: Locator) -> None:
        for _ in range(40):
            if target.evaluate("node => node === document.activeElement"):
                return
            form.keyboard.press("Tab")
        raise AssertionError("the keys do not lead there")

    reach(form.locator("#body"))
    form.keyboard.type(UNNAMED["body"])
    reach(form.locator("#category"))
    form.keyboard.press("ArrowDown")
    reach(form.locator("[data-next]"))
    form.keyboard.press("Enter")
    step(form, 2)
    reach(form.locator("#respondent"))
    form.keyboard.type("王老师")
    form.keyboard.press("Enter")  # in a field: one step on, nothing is sent
    step(form, 3)
    reach(form.locator("#evidence"))
    reach(form.locator("[data-next]"))
    form.keyboard.press("Enter")
    step(form, 4)
    reach(form.locator("[name=identity]:checked"))
    form.keyboard.press("ArrowDown")
    form.keyboard.press("ArrowDown")
    expect(form.get_by_label("匿名", exact=True)).to_be_checked()
    reach(form.locator("[data-next]"))
    form.keyboard.press("Enter")
    step(form, 5)
    reach(form.locator("#pledge"))
    form.keyboard.press("Space")
    reach(form.get_by_role("button", name="提交投诉"))
    form.keyboard.press("Enter")
    expect(form.locator("[data-receipt]")).to_be_visible()


def test_the_characters_left_are_counted_and_none_is_cut_off(form: Page) -> None:
    count = form.locator("[data-count=body]")
    expect(count).to_have_text("还可以写5,000个字")
    form.locator("#body").fill("字" * 5001)
    expect(count).to_have_text("多写了1个字，请删减")
    expect(form.locator("#body")).to_have_value("字" * 5001)


def test_nobody_unnamed_is_asked_for_a_name_or_sends_one(form: Page, served: Served) -> None:
    walk(form, NAMED)
    form.go_back()
    put(form, {"identity": "anonymous"})
    expect(form.locator("#name")).to_be_hidden()
    form.locator("[data-next]").click()
    expect(form.locator("#answers")).not_to_contain_text(NAMED["name"])
    with form.expect_request(lambda request: request.method == "POST") as sent:
        send(form)
    assert NAMED["name"] not in (sent.value.post_data or "")
    (complaint,) = stored(served)
    assert complaint.identity is None


def test_it_works_in_large_letters_and_with_the_longest_letter(form: Page) -> None:
    form.get_by_role("button", name="大字").click()
    walk(form, {**UNNAMED, "body": "字" * 5000})
    look(form)
    send(form)
    look(form)


# --- the draft ----------------------------------------------------------------------------------------------


def test_a_reload_in_the_middle_keeps_what_was_written(form: Page) -> None:
    step(form, 1)
    put(form, {**{name: NAMED[name] for name in ("body", "category", "place")}, "injured": True})
    forward(form, 2)
    put(form, {"respondent": "王老师"})
    form.reload()
    step(form, 2)
    expect(form.locator("#draft-notice")).to_contain_text("已恢复上次没写完的内容")
    expect(form.locator("#respondent")).to_have_value("王老师")
    look(form)
    form.get_by_role("button", name="返回").click()
    expect(form.locator("#body")).to_have_value(NAMED["body"])
    expect(form.locator("#injured")).to_be_checked()
    form.get_by_role("button", name="清除").click()
    expect(form.locator("#body")).to_have_value("")
    expect(form.locator("#draft-notice")).to_contain_text("已清除")
    assert drafts(form) == []
    form.reload()
    expect(form.locator("#body")).to_have_value("")


def test_no_name_no_telephone_and_no_code_is_kept_and_the_draft_ends_with_the_sending(form: Page) -> None:
    walk(form, NAMED)
    form.evaluate("window.dispatchEvent(new Event('pagehide'))")
    assert draft(form)["fields"]["body"] == NAMED["body"]
    assert NAMED["name"] not in kept(form)
    assert NAMED["phone"] not in kept(form)
    code = send(form)
    expect(form.locator("[data-slip]")).to_be_visible()
    assert drafts(form) == []
    assert NAMED["body"] not in kept(form)
    assert code.replace("-", "") not in kept(form).replace("-", "")


def test_a_draft_lasts_seven_days(form: Page) -> None:
    put(form, {"body": NAMED["body"]})
    form.evaluate("window.dispatchEvent(new Event('pagehide'))")
    (key,) = drafts(form)
    mailbox = form.url
    for days, there in ((6, True), (8, False)):
        at = int((datetime.now(UTC) - timedelta(days=days)).timestamp() * 1000)
        text = json.dumps({**draft(form), "at": at})
        form.goto("/track")  # leaving keeps the draft once more
        form.evaluate("([key, text]) => localStorage.setItem(key, text)", [key, text])
        form.goto(mailbox)
        expect(form.locator("#body")).to_have_value(NAMED["body"] if there else "")
    assert drafts(form) == []


def test_a_shared_phone_keeps_nothing(form: Page) -> None:
    put(form, {"body": NAMED["body"]})
    form.evaluate("window.dispatchEvent(new Event('pagehide'))")
    assert drafts(form)
    form.get_by_label("这是共用的手机或电脑，不保存草稿").check()
    assert drafts(form) == []
    put(form, {"body": NAMED["body"] + "还有。", "category": "C06"})
    forward(form, 2)
    form.evaluate("window.dispatchEvent(new Event('pagehide'))")
    assert NAMED["body"] not in kept(form)
    form.goto(form.url.split("#")[0])
    form.reload()
    expect(form.locator("#body")).to_have_value("")
    expect(form.get_by_label("这是共用的手机或电脑，不保存草稿")).to_be_checked()
    form.get_by_label("这是共用的手机或电脑，不保存草稿").uncheck()
    put(form, {"body": NAMED["body"]})
    form.reload()
    expect(form.locator("#body")).to_have_value(NAMED["body"])


# --- a lost signal ------------------------------------------------------------------------------------------


def test_the_signal_is_lost_and_comes_back(form: Page, served: Served) -> None:
    walk(form, NAMED, [PICTURE])
    form.context.set_offline(True)
    expect(form.locator("#connection")).to_contain_text("现在没有网络")
    form.get_by_role("button", name="提交投诉").click()
    expect(form.locator("#sending-text")).to_contain_text("没有网络，内容已保存在这台手机上")
    look(form)
    assert stored(served) == []
    form.context.set_offline(False)
    expect(form.locator("#connection")).to_contain_text("网络恢复了")
    form.get_by_role("button", name="重试").click()
    expect(form.locator("[data-slip]")).to_be_visible()  # shown by the script that wiped the draft
    assert drafts(form) == []
    with served.app.app_context():
        assert db.session().scalar(select(func.count()).select_from(Evidence)) == 1


def test_an_answer_that_never_came_is_asked_for_again_and_nothing_is_sent_twice(
    form: Page, served: Served
) -> None:
    walk(form, UNNAMED)
    met = []

    def swallow(route: Route) -> None:
        met.append(route.fetch(max_redirects=0).status)  # the server has it
        route.abort("connectionreset")

    form.route("**/m/*", swallow, times=1)
    form.get_by_role("button", name="提交投诉").click()
    expect(form.get_by_role("button", name="重试")).to_be_visible()
    assert met == [303]
    assert len(stored(served)) == 1
    form.reload()  # even then: the key of the sending is remembered in this tab
    step(form, 5)
    form.locator("#pledge").check()
    send(form)
    assert len(stored(served)) == 1


@pytest.mark.parametrize(
    ("status", "headers", "text"),
    [
        (429, {"Retry-After": "150"}, "请过3分钟再点“重试”"),
        (503, {"Retry-After": "30"}, "过一会儿点“重试”"),
        (502, {}, "过一会儿点“重试”"),
        (404, {}, "这个信箱已停用"),
    ],
)
def test_an_answer_that_takes_nothing_loses_nothing(
    form: Page, status: int, headers: dict[str, str], text: str
) -> None:
    walk(form, UNNAMED, [PICTURE])
    form.route(
        "**/m/*", lambda route: route.fulfill(status=status, headers=headers, body="<p>no</p>"), times=1
    )
    form.get_by_role("button", name="提交投诉").click()
    expect(form.locator("#sending-text")).to_contain_text(text)
    form.get_by_role("button", name="重试").click()
    expect(form.locator("[data-receipt]")).to_be_visible()


def test_too_much_for_the_server_is_told_at_the_files(form: Page) -> None:
    walk(form, UNNAMED, [PICTURE])
    form.route("**/m/*", lambda route: route.fulfill(status=413, body="<p>no</p>"), times=1)
    form.get_by_role("button", name="提交投诉").click()
    step(form, 3)
    assert errors(form) == ["文件太大，没有传上去。请去掉一些，或先压缩。"]


def test_what_the_server_refuses_is_told_at_its_step_and_the_files_stay(form: Page, served: Served) -> None:
    cut = BytesIO()
    Image.new("RGB", (64, 48)).save(cut, "PNG")
    broken = FilePayload(name="坏图.png", mimeType="image/png", buffer=cut.getvalue()[:40])
    walk(form, UNNAMED, [PICTURE, broken])
    form.get_by_role("button", name="提交投诉").click()
    step(form, 3)
    assert errors(form) == ["“坏图.png”打不开，可能已损坏，请重新选择。"]
    look(form)
    expect(form.locator("[data-judged] .file-name")).to_have_text(["聊天记录 截图.jpg", "坏图.png"])
    form.get_by_role("button", name="去掉 坏图.png").click()
    form.get_by_role("button", name="改好了，回到核对").click()
    step(form, 5)
    send(form)
    assert len(stored(served)) == 1


def test_a_page_left_open_too_long_is_renewed_by_itself(form: Page, served: Served) -> None:
    walk(form, UNNAMED, [PICTURE])
    form.context.clear_cookies()
    send(form)
    assert len(stored(served)) == 1


def test_the_sending_is_seen_and_happens_once(form: Page) -> None:
    walk(form, UNNAMED, [PICTURE])
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    form.route("**/m/*", hold)
    with form.expect_request("**/m/*"):
        form.get_by_role("button", name="提交投诉").click()
    button = form.get_by_role("button", name="正在提交，请不要关闭…")
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(form.locator("#sending progress")).to_be_visible()
    button.click(force=True)
    form.keyboard.press("Enter")
    assert len(held) == 1
    held[0].continue_()
    expect(form.locator("[data-receipt]")).to_be_visible()


# --- evidence -----------------------------------------------------------------------------------------------


@pytest.fixture
def evidence(form: Page) -> Page:
    """The form at the step of the files."""
    put(form, {name: UNNAMED[name] for name in ("body", "category")})
    forward(form, 2)
    forward(form, 3)
    return form


def test_chosen_files_add_up_are_seen_and_can_be_taken_out(evidence: Page, tmp_path: Path) -> None:
    files = [tmp_path / f"{name}.jpg" for name in "abc"]
    for file in files:
        file.write_bytes(photo().read())
    evidence.locator("#evidence").set_input_files(files[:2])
    evidence.locator("#evidence").set_input_files(files[1:])
    listed = evidence.locator("[data-judged] .file-name")
    expect(listed).to_have_text(["a.jpg", "b.jpg", "c.jpg"])
    expect(evidence.locator(".file-total")).to_contain_text("3")
    expect(evidence.locator("[data-judged] img")).to_have_count(3)
    look(evidence)
    evidence.get_by_role("button", name="去掉 b.jpg").click()
    expect(listed).to_have_text(["a.jpg", "c.jpg"])
    names = evidence.locator("#evidence").evaluate("input => [...input.files].map(file => file.name)")
    assert names == ["a.jpg", "c.jpg"]


def test_a_file_that_cannot_be_taken_says_why_before_it_is_sent(evidence: Page) -> None:
    wrong = {
        "坏.exe": (b"MZ" + b"\0" * 20, "不是可接受的格式"),
        "空.jpg": (b"", "是空文件"),
        "大.pdf": (b"%PDF-" + b"\0" * (20 << 20), "超过20 MB"),
    }
    evidence.locator("#evidence").set_input_files(
        [PICTURE]
        + [FilePayload(name=name, mimeType="", buffer=contents) for name, (contents, _why) in wrong.items()]
    )
    for name, (_contents, why) in wrong.items():
        item = evidence.locator("[data-judged] li", has_text=name).first
        expect(item.locator(".file-wrong")).to_contain_text(why)
    evidence.locator("[data-next]").click()
    assert errors(evidence) == ["有文件不能上传，请先去掉它。"]
    look(evidence)
    for name in wrong:
        evidence.get_by_role("button", name=f"去掉 {name}").click()
    forward(evidence, 4)


def test_going_on_waits_for_the_files_to_be_looked_at(evidence: Page) -> None:
    evidence.evaluate(
        """() => {
            const read = Blob.prototype.arrayBuffer;
            const released = new Promise(resolve => { window.release = resolve; });
            Blob.prototype.arrayBuffer = async function () { await released; return read.call(this); };
        }"""
    )
    evidence.locator("#evidence").set_input_files([PICTURE])
    evidence.locator("[data-next]").dblclick()
    step(evidence, 3)
    evidence.evaluate("window.release()")
    step(evidence, 4)
    expect(evidence.locator("#error-summary")).to_have_count(0)


def test_ten_files_are_one_too_many(evidence: Page) -> None:
    evidence.locator("#evidence").set_input_files(
        [FilePayload(name=f"{at}.jpg", mimeType="image/jpeg", buffer=photo().read()) for at in range(10)]
    )
    expect(evidence.locator(".file-wrong")).to_have_text(["最多上传9个文件。"])
    evidence.get_by_role("button", name="去掉 3.jpg").click()
    expect(evidence.locator(".file-wrong")).to_have_count(0)
    forward(evidence, 4)


def test_a_voice_is_recorded_heard_and_sent(evidence: Page, served: Served) -> None:
    evidence.context.grant_permissions(["microphone"])
    evidence.get_by_role("button", name="开始录音").click()
    expect(evidence.locator(".voice-time")).to_have_text(re.compile(r"^0:0[1-9] / 5:00$"))
    look(evidence)
    evidence.get_by_role("button", name="停止，用这段录音").click()
    expect(evidence.locator("[data-judged] .file-name")).to_have_text(["录音-1.m4a"])
    player = evidence.locator("[data-judged] audio")
    expect(player).to_be_visible()
    assert evidence.evaluate(
        """() => new Promise(resolve => {
            const player = document.querySelector("[data-judged] audio");
            player.addEventListener("playing", () => resolve(true));
            player.addEventListener("error", () => resolve(false));
            player.play().catch(() => resolve(false));
        })"""
    )
    look(evidence)
    forward(evidence, 4)
    put(evidence, {"identity": "anonymous"})
    forward(evidence, 5)
    evidence.locator("#pledge").check()
    send(evidence)
    with served.app.app_context():
        assert db.session().scalars(select(Evidence.media_type)).one() in {"audio/mp4", "video/mp4"}


def test_without_a_recorder_a_recording_can_be_chosen(served: Served, page: Page) -> None:
    page.add_init_script("delete window.MediaRecorder")
    page.goto(mailbox_path(served.app))
    put(page, {name: UNNAMED[name] for name in ("body", "category")})
    forward(page, 2)
    forward(page, 3)
    look(page)
    amr = FilePayload(name="录音.amr", mimeType="audio/amr", buffer=b"#!AMR\n" + b"\0" * 64)
    page.locator("#voice-file").set_input_files([amr])
    expect(page.locator("[data-judged] .file-name")).to_have_text(["录音.amr"])


# --- grave harm, matters of the school, another school ------------------------------------------------------


@pytest.mark.parametrize("fields", [{"category": "C08"}, {"category": "C11"}, {"injured": True}], ids=str)
def test_grave_harm_shows_whom_to_call_at_once(form: Page, fields: dict[str, Any]) -> None:
    panel = form.locator(".form-part:not([hidden]) .urgent-panel")
    expect(panel).to_be_hidden()
    put(form, {"category": "C06", **fields})
    expect(panel).to_be_visible()
    for number in ("110", "12355", "12345"):
        expect(panel.locator(f"a[href='tel:{number}']")).to_be_visible()
    expect(panel).to_contain_text("2小时内")
    look(form)
    put(form, {"category": "C06", "injured": False})
    expect(panel).to_be_hidden()


def test_a_matter_of_the_school_is_nobodys_fault(form: Page, served: Served) -> None:
    put(form, {"body": "食堂的饭菜不热,孩子说好几次吃了肚子疼。", "category": "R04"})
    expect(form.locator("#matter-note")).to_have_text("这类问题由学校事务窗口办理，不算在老师头上。")
    look(form)
    forward(form, 2)
    expect(form.locator("#respondent")).to_be_hidden()
    expect(form.get_by_label("教师", exact=True)).to_be_hidden()
    expect(form.get_by_label("校长、副校长或园长")).to_be_visible()
    look(form)
    forward(form, 3)
    forward(form, 4)
    put(form, {"identity": "anonymous"})
    forward(form, 5)
    form.locator("#pledge").check()
    send(form)
    expect(form.locator("main")).to_contain_text("这类问题由学校事务窗口办理")


def test_a_category_is_suggested_and_the_parent_decides(form: Page) -> None:
    form.locator("#body").fill("老师周末在家里办补习班,收费补课,不去的孩子就被冷落。")
    suggested = form.locator("#suggestion [data-suggested]").first
    expect(suggested).to_be_visible()
    look(form)
    code = suggested.get_attribute("data-suggested")
    expect(form.locator("#category")).to_have_value("")
    suggested.click()
    assert code is not None
    expect(form.locator("#category")).to_have_value(code)
    expect(form.locator("#suggestion")).to_be_empty()


def test_the_wrong_school_is_corrected_and_everything_goes_along(form: Page, served: Served) -> None:
    walk(form, NAMED, [PICTURE])
    form.get_by_role("button", name="学校选错了，换一所").click()
    expect(form.locator("main")).to_contain_text("您写的内容已带上")
    look(form)
    form.get_by_label("学校名称").fill(SCHOOLS[1][1])
    form.get_by_role("button", name="查找学校").click()
    form.get_by_role("link", name=re.compile(SCHOOLS[1][1])).click()
    expect(form.get_by_role("heading", level=1)).to_have_text(SCHOOLS[1][1])
    expect(form.locator("#draft-notice")).to_contain_text(SCHOOLS[0][1])
    expect(form.locator("#draft-notice")).to_contain_text("照片和文件没有保存")
    for number in (2, 3, 4, 5):
        forward(form, number)
    for name in ("body", "place", "respondent", "subject_class", "name", "phone", "relation"):
        expect(form.locator("#answers")).to_contain_text(NAMED[name])
    (key,) = drafts(form)
    assert key == f"draft:{mailbox_path(served.app, 1).removeprefix('/m/')}"
    form.locator("#pledge").check()
    send(form)
    expect(form.locator(".confirmation-panel")).to_contain_text(SCHOOLS[1][1])
    assert NAMED["phone"] not in kept(form)


# --- the receipt --------------------------------------------------------------------------------------------


def test_the_code_is_kept_as_a_picture_and_typed_back(form: Page, tmp_path: Path) -> None:
    walk(form, UNNAMED)
    code = send(form)
    look(form)
    with form.expect_download() as download:
        form.get_by_role("button", name="存成图片").click()
    assert re.fullmatch(r"投诉回执-\d{4}-\d\d-\d\d\.png", download.value.suggested_filename)
    download.value.save_as(tmp_path / "slip.png")
    with Image.open(tmp_path / "slip.png") as picture:
        assert picture.format == "PNG"
        assert len(picture.convert("L").getcolors() or []) > 2, "something is written on it"
    expect(form.get_by_role("img", name="投诉回执的图片")).to_be_visible()
    look(form)
    wrong = "ZZZZ" if code[-4:] != "ZZZZ" else "YYYY"
    form.get_by_label("查询码的最后4位").fill(wrong)
    form.get_by_role("button", name="完成").click()
    assert len(errors(form)) == 1
    look(form)
    form.get_by_label("查询码的最后4位").fill(code[-4:].lower())
    form.get_by_role("button", name="完成").click()
    expect(form).to_have_url(re.compile("/track$"))
    form.goto("/receipt")
    expect(form).to_have_url(re.compile("/track$"))


# --- without scripts ----------------------------------------------------------------------------------------


def test_the_whole_way_without_scripts(
    served: Served, viewport: ViewportSize, browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "教室.jpg"
    file.write_bytes(photo().read())
    with browser.new_context(base_url=served.url, java_script_enabled=False, viewport=viewport) as plain:
        page = plain.new_page()
        page.goto(mailbox_path(served.app, 2))
        expect(page.locator(".form-part:visible")).to_have_count(5)
        for hidden in ("[data-next]", "[data-back]", "[data-voice]", "#sending"):
            expect(page.locator(hidden)).to_be_hidden()
        expect(page.get_by_role("button", name="大字")).to_be_hidden()
        expect(page.get_by_role("link", name="110")).to_be_visible()

        # refused: everything at once, all is kept, and the numbers are there again
        put(page, {"body": NAMED["body"], "category": "C08", "name": NAMED["name"]})
        page.get_by_role("button", name="提交投诉").click()
        expect(page.locator("#error-summary")).to_be_visible()
        expect(page.locator(".urgent-panel").first).to_be_visible()
        expect(page.locator("#body")).to_have_value(NAMED["body"])

        # the wrong school: found anew, and what was written goes along
        page.get_by_role("button", name="学校选错了，换一所").click()
        page.get_by_label("学校名称").fill(SCHOOLS[0][1])
        page.get_by_role("button", name="查找学校").click()
        page.get_by_role("button", name=re.compile(SCHOOLS[0][1])).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(SCHOOLS[0][1])
        expect(page.locator("#body")).to_have_value(NAMED["body"])
        expect(page.locator("#name")).to_have_value(NAMED["name"])

        put(page, {"phone": NAMED["phone"], "respondent": "王老师", "pledge": True})
        page.locator("#evidence").set_input_files([file])
        page.get_by_role("button", name="提交投诉").click()
        code = page.locator("[data-receipt]").get_attribute("data-receipt")
        assert code is not None
        expect(page.locator(".confirmation-panel")).to_contain_text(SCHOOLS[0][1])
        expect(page.locator("main")).to_contain_text("2小时内")
        expect(page.get_by_role("button", name="存成图片")).to_be_hidden()
        page.get_by_label("查询码的最后4位").fill(code[-4:])
        page.get_by_role("button", name="完成").click()
        expect(page).to_have_url(re.compile("/track$"))
        page.get_by_label("查询码").fill(code)
        page.locator("main form button[type=submit]").first.click()
        expect(page.locator("[data-state]").first).to_have_attribute("data-state", "submitted")
    with served.app.app_context():
        assert db.session().scalar(select(func.count()).select_from(Evidence)) == 1


def test_a_script_that_does_not_arrive_leaves_the_whole_form(served: Served, browser: Browser) -> None:
    with browser.new_context(base_url=served.url) as context:
        page = context.new_page()
        page.route("**/complaint.js*", lambda route: route.abort())
        page.goto(mailbox_path(served.app))
        expect(page.locator(".form-part:visible")).to_have_count(5)
        put(page, {**UNNAMED, "pledge": True})
        page.get_by_role("button", name="提交投诉").click()
        expect(page.locator("[data-receipt]")).to_be_visible()
