"""The bureau's desk: urgent letters, a merge, many at once, what is late, the month's report, masking."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import select, update

from ethics_eval.complaints.models import Case
from ethics_eval.database import transaction
from ethics_eval.roster.rules.calendar import CITY_TIME
from ethics_eval.web.request import today
from tests.support.city import LETTER
from tests.support.people import People, follow, look, press, take, unfold
from tests.support.sheets import rows_of
from tests.web.road import REASON, desk, filed, photo

pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)

SCHOOL, BUREAU = "/school/cases", "/bureau/cases"
GRAVE = "老师把孩子推倒在讲台边,额头缝了四针,现在还在市一医院。"


@pytest.fixture
def app(city: Flask) -> Flask:
    """What is served here: the small city."""
    return city


def test_grave_harm_goes_to_the_bureau_past_the_school_and_to_the_police(people: People, app: Flask) -> None:
    code, number = filed(app, category="C08", injured="y", body=GRAVE, evidence=(photo(), "额头.jpg"))
    school = desk(app, "school_officer")
    assert number not in school.get(f"{SCHOOL}?status=all").text
    assert school.get(f"{SCHOOL}/{number}").status_code == 404
    bureau = people.signed_in("bureau_officer")
    row = bureau.locator("#queue tr[data-row]", has_text=number)
    expect(row).to_contain_text("紧急")
    look(bureau)
    follow(bureau, row.get_by_role("link").first)
    expect(bureau.locator("main")).to_contain_text(GRAVE)
    follow(bureau, bureau.locator("form[action$='/view'] button").first)
    expect(bureau.locator("main img")).to_be_visible()
    look(bureau)
    bureau.goto(f"{BUREAU}/{number}")
    take(bureau, "register")
    take(bureau, "accept")
    take(bureau, "refer", number="株教移〔2026〕3号", explanation="已依法移送公安机关,请保存好就诊材料。")
    look(bureau)
    parent = people.opened(code)
    expect(parent.locator("main")).to_contain_text("请保存好就诊材料")
    look(parent)


def test_two_letters_about_one_thing_are_merged_from_the_suggestion(people: People, app: Flask) -> None:
    body = str(LETTER["body"])
    first_code, first = filed(app)
    second_code, second = filed(app, body=body + "别的家长也看见了。")
    bureau = people.signed_in("district_officer")
    bureau.goto(f"{BUREAU}/{second}")
    related = bureau.locator("#related")
    expect(related).to_contain_text(re.compile("文字(几乎相同|有不少相同)"))
    look(bureau)
    related.get_by_text("并入那件").click()
    related.locator("textarea[name=merge-reason]").fill("同一天同一节课的同一件事,一并调查答复。")
    press(bureau, "并案")
    bureau.goto(f"{BUREAU}/{first}")
    expect(bureau.locator("main")).to_contain_text("别的家长也看见了。")
    look(bureau)
    take(bureau, "register")
    for code in (first_code, second_code):
        parent = people.opened(code)
        expect(parent.locator("[data-state]").first).to_have_attribute("data-state", "registered")
        look(parent)


def test_many_are_given_an_owner_and_what_is_late_is_pressed_for(people: People, app: Flask) -> None:
    numbers = [filed(app)[1] for _ in range(2)]
    with app.app_context(), transaction() as session:
        late = session.scalars(select(Case).where(Case.number == numbers[0])).one()
        late.register_due_on = late.accept_due_on = date(2026, 3, 3)
    district = people.signed_in("district_officer")
    for box in district.locator("#queue input[name=numbers]").all():
        box.check()
    unfold(district, "指定经办人")
    look(district)
    district.locator("#queue select[name=owner]").select_option(label="测试district_officer")
    press(district, "指定")
    expect(district.locator("#queue td", has_text="测试district_officer")).to_have_count(2)
    expect(district.locator(".due[data-lateness=overdue]")).to_contain_text("逾期")
    district.goto("/bureau/supervision")
    look(district)
    follow(district, district.get_by_role("link", name=f"督办 {numbers[0]}"))
    look(district)
    district.get_by_label("理由").fill(REASON)
    press(district, "发出督办")
    expect(district.locator("main")).to_contain_text("1次")
    assert REASON in desk(app, "school_officer").get(f"{SCHOOL}/{numbers[0]}").text


def test_the_months_report_is_drawn_and_is_the_same_as_a_workbook(
    people: People, app: Flask, tmp_path: Path
) -> None:
    for place in range(6):
        filed(app, body=f"第{place}次反映:孩子上课被罚站了整整一节课。")
    with app.app_context(), transaction() as session:
        on = today()  # a month may have ended between the letters
        session.execute(update(Case).values(received_at=datetime.combine(on, time(0, 1), CITY_TIME)))
        month = f"{on:%Y-%m}"
    bureau = people.signed_in("bureau_officer")
    bureau.goto(f"/bureau/report?month={month}")
    expect(bureau.locator("#chart-trend svg")).to_be_visible()
    expect(bureau.locator(".figures")).to_contain_text("6")
    look(bureau)
    with bureau.expect_download() as download:
        bureau.get_by_role("link", name="下载 Excel").click()
    book = tmp_path / "通报.xlsx"
    download.value.save_as(book)
    assert ["体罚或变相体罚", 6] in [list(row[:2]) for row in rows_of(book, "分类")]
    assert ["收到", 6] in [list(row[:2]) for row in rows_of(book, "汇总")]
    bureau.emulate_media(media="print")
    expect(bureau.locator(".figures")).to_be_visible()
    expect(bureau.locator("#chart-trend")).to_be_hidden()


def test_words_are_masked_and_the_school_reads_the_page_without_them(people: People, app: Flask) -> None:
    _code, number = filed(app)
    district = people.signed_in("district_officer")
    district.goto(f"/bureau/redactions/{number}")
    look(district)
    district.locator("textarea[name$=phrases]").fill("罚站")
    press(district, "遮盖")
    look(district)
    follow(district, district.get_by_role("link", name="看学校看到的样子"))
    expect(district.locator(".letter-body").first).to_be_visible()
    expect(district.locator("main")).not_to_contain_text("罚站")
    look(district)
    assert "罚站" not in desk(app, "school_officer").get(f"{SCHOOL}/{number}").text
