"""A school's officer and a complainant: the queue by keys, a search, a case, words both ways, a dispute answered."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.support.people import People, follow, look, press, take, unfold
from tests.web.road import JUDGEMENT, REASON, act, desk, filed, lead, photo, teacher_id

pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)

SCHOOL, BUREAU = "/school/cases", "/bureau/cases"
QUESTION = "请问是哪一天的第几节课?我们好去核对课表。"
ANSWER = "是星期二下午第二节语文课。"
NOTE = "已和班主任约好,明天到校了解。"
FACTS = "拟认定您在课堂上罚站学生一节课。"


@pytest.fixture
def app(city: Flask) -> Flask:
    """What is served here: the small city."""
    return city


def test_the_queue_by_keys_with_filters_views_and_search(people: People, app: Flask) -> None:
    numbers = [filed(app)[1], filed(app, category="C15", body="食堂的饭菜是凉的,价格又涨了三元。")[1]]
    page = people.signed_in("school_officer")
    expect(page).to_have_url(re.compile(SCHOOL))
    look(page)
    links = page.locator("#queue tr[data-row] td a")
    for key, at in (("j", 0), ("j", 1), ("j", 1), ("k", 0)):
        page.keyboard.press(key)
        expect(links.nth(at)).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator("[data-ticked]")).to_have_text("已选择1件")
    page.keyboard.press("?")
    expect(page.locator("#key-help")).to_be_visible()
    look(page)
    page.keyboard.press("Escape")
    expect(page.locator("#key-help")).to_be_hidden()

    unfold(page, "更多筛选")
    page.locator("#filter-category").select_option("C15")  # htmx fetches the list
    expect(links).to_have_count(1)
    expect(page).to_have_url(re.compile("category=C15"))
    unfold(page, "常用筛选")
    page.locator(".view-form [name=name]").fill("食堂的")
    press(page, "保存筛选")
    look(page)
    page.goto(SCHOOL)
    follow(page, page.locator(".saved-view").get_by_role("link", name="食堂的"))
    expect(links).to_have_count(1)

    page.keyboard.press("/")
    expect(page.locator("#words")).to_be_focused()
    page.keyboard.type("罚站 教室")
    page.keyboard.press("Enter")
    expect(page.locator("mark").first).to_have_text(re.compile("罚站|教室"))
    look(page)
    found = page.locator(".found-list a")
    expect(found).to_have_count(1)
    found.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(numbers[0]))


def test_a_case_is_worked_talked_about_and_disputed(people: People, app: Flask) -> None:
    code, number = filed(app, evidence=(photo(), "教室 照片.jpg"))
    school, district = desk(app, "school_officer"), desk(app, "district_officer")
    lead(app, number, "investigate", school=school, district=district)

    # --- the officer asks, and notes something for the house
    officer = people.signed_in("school_officer")
    officer.goto(f"{SCHOOL}/{number}")
    look(officer)
    follow(officer, officer.locator("form[action$='/view'] button, a[href$='/view']").first)
    expect(officer.locator("main img, main video, main audio").first).to_be_visible()
    look(officer)
    officer.goto(f"{SCHOOL}/{number}")
    unfold(officer, "给投诉人留言")
    officer.locator("textarea[name$='-text']").first.fill(QUESTION)
    press(officer, "发送留言")
    unfold(officer, "写内部备注")
    officer.get_by_label("内部备注").fill(NOTE)
    press(officer, "保存备注")

    # --- the complainant reads it and answers
    parent = people.opened(code)
    expect(parent.locator("main")).to_contain_text(QUESTION)
    expect(parent.locator("main")).not_to_contain_text(NOTE)
    look(parent)
    parent.locator("#write-text").fill(ANSWER)
    press(parent, "发送留言")
    expect(parent.locator("main")).to_contain_text("经办人还没有看")

    # --- the officer reads the answer, proposes, tells the teacher
    officer.goto(f"{SCHOOL}/{number}")
    expect(officer.locator("main")).to_contain_text(ANSWER)
    press(officer, "标为已看")
    take(officer, "propose", **JUDGEMENT, teacher=teacher_id(app))
    take(officer, "notify", facts=FACTS)
    expect(officer.locator(".refused")).to_be_visible()
    look(officer)

    # --- the teacher is heard, the district decides and replies; the parent is not content
    for action, client, cases, fields in (
        ("state", school, SCHOOL, {"statement": "我当时是想让他集中注意力。"}),
        ("decide", district, BUREAU, JUDGEMENT),
        ("reply", district, BUREAU, {"text": "经查,您反映的情况属实,已经处理。"}),
    ):
        assert act(client, cases, number, action, fields).status_code == 303, action
    parent.reload()
    expect(parent.locator("main")).to_contain_text("已经处理")
    look(parent)
    press(parent, "不满意")
    expect(parent.locator("main")).to_contain_text("您的评价：不满意")
    unfold(parent, "提出异议")
    parent.locator("#deed-dispute textarea").fill(REASON)
    press(parent, "提出异议")
    look(parent)

    # --- the school reads nothing of it; somebody who never handled the case answers
    officer.goto(f"{SCHOOL}/{number}")
    expect(officer.locator("main")).not_to_contain_text(REASON)
    bureau = people.signed_in("bureau_officer")
    bureau.goto(f"{BUREAU}/{number}")
    expect(bureau.locator("main")).to_contain_text(REASON)
    look(bureau)
    unfold(bureau, "答复异议")
    bureau.locator("#dispute textarea").fill("经核查,监控已经自动覆盖,学校已改正。")
    press(bureau, "答复异议")
    parent.reload()
    expect(parent.locator("main")).to_contain_text("市教育局答复了您的异议。")
    look(parent)
