"""A semester in browsers: codes, ballots on thirty phones, freeze, prior notice, an objection upheld, publication,
circular, acknowledgement, and an appeal that ends in a correction. Excel, PDF and Word are read back.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import time_machine
from docx import Document
from flask import Flask
from flask_security.utils import hash_password
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, ViewportSize, expect
from pypdf import PdfReader

from ethics_eval.accounts.rules import Role
from ethics_eval.accounts.service import create_account
from ethics_eval.complaints.categories import Severity
from ethics_eval.database import transaction
from ethics_eval.evaluation.models import SemesterScheme
from ethics_eval.evaluation.service import import_scheme
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.ranking.service import open_semester
from tests.support.city import PASSWORD
from tests.support.people import People, follow, look
from tests.support.ranked import FOUNDED_AT, FOUNDER, SEMESTER, RankedCity, step_at
from tests.support.server import Served
from tests.support.sheets import rows_of
from tests.support.worker import work

CLASS = "三年级2班"
RATERS = 30
REASON = "上课经常不来，让我们自己看书。"
GROUNDS = "我本学期获得市级优秀教师称号，考评数据里漏登了，证书可以核对。"
UPHELD = "经核对获奖文件，该教师本学期确获市级荣誉，漏登属实，予以改正。"
APPEAL = "那一项认定与本人无关，处理决定已经写错了人，请核对案卷。"
CORRECTED = "经核对案卷，该项认定不应计入本学期，予以改正。"
BUREAU, REVIEWER, CHIEF = "bureau_officer", "bureau_officer-2", "bureau_head"
WINNER, APPELLANT = 33, 35  # of the first school and of the third; both among the lowest
CHARGED = (32, 33, 34, 35)
SEMESTER_PATH = f"/bureau/semesters/{SEMESTER}"


def scheme() -> str:
    """The default scheme with two questions for parents, and no pull towards the middle."""
    raw = json.loads(files("ethics_eval.evaluation").joinpath("default_scheme.json").read_text("utf-8"))
    raw["version"] = "journey-1"
    raw["components"]["parent"]["prior"] = 0
    raw["items"]["parent"] = [
        {"code": code, "weight": 5000, "points": [100, 85, 70, 55, 0]} for code in ("P1", "P2")
    ]
    return json.dumps(raw, ensure_ascii=False)


@pytest.fixture
def app(app: Flask) -> Flask:
    """A city of 36 teachers: those of the first school still lack what parents think."""
    with app.app_context():
        password_hash = hash_password(PASSWORD)
        with transaction() as session:
            town = RankedCity(
                session, app.extensions["vault"], app.config["INSTANCE"], password_hash=password_hash
            )
            for number, teacher in enumerate(town.teachers):
                parts = "self peer pupil school" + (" parent" if town.school_of(teacher) else "")
                town.give(teacher, f"{95 - number // 2}.{50 if number % 2 == 0 else 25}", parts=parts)
            for number in CHARGED:
                # an honour counts for nothing beside what is serious (R9)
                severity = Severity.ORDINARY if number == WINNER else Severity.SERIOUS
                town.charge(town.teachers[number], "C06", severity)
            for number in (WINNER, APPELLANT):
                town.account(Role.TEACHER, teacher=town.teachers[number])
            for school in (1, 2):
                town.account(Role.SCHOOL_OFFICER, school=school)
            create_account(
                session,
                username=REVIEWER,
                display_name="复查员",
                password_hash=password_hash,
                role=Role.BUREAU_OFFICER,
                actor=FOUNDER,
                at=FOUNDED_AT,
            )
            made = import_scheme(session, scheme(), actor=FOUNDER, at=FOUNDED_AT)
            session.add(
                SemesterScheme(semester_code=SEMESTER, scheme_version=made.version, assigned_at=FOUNDED_AT)
            )
            session.flush()
            open_semester(session, SEMESTER, actor=town.bureau, at=step_at(session, Step.OPEN))
    return app


@pytest.fixture(params=[{"width": 1280, "height": 900}], ids=["desk"])
def viewport(request: pytest.FixtureRequest) -> ViewportSize:
    """Officers sit at desks; the raters' phones have their own size."""
    size: ViewportSize = request.param
    return size


@pytest.mark.journey
def test_a_semester_from_codes_to_correction(
    app: Flask, browser: Browser, served: Served, people: People, tmp_path: Path
) -> None:
    with app.app_context(), transaction() as session:
        freeze_at, publish_at = step_at(session, Step.FREEZE), step_at(session, Step.PUBLISH)

    # --- the school makes a class and its codes
    with time_machine.travel(freeze_at - timedelta(weeks=7)):
        codes = issue_codes(app, people, tmp_path)
    assert len(codes) == RATERS

    # --- thirty parents on thirty phones
    with time_machine.travel(freeze_at - timedelta(weeks=5)):
        vote_all(browser, served, codes)
        officer = people.signed_in("school_officer-0")
        officer.goto("/school/turnout")
        look(officer)
        expect(officer.locator("main")).to_contain_text(f"{RATERS}")

    # --- frozen by one, verified by another, told beforehand
    with time_machine.travel(freeze_at + timedelta(hours=1)):
        bureau, chief = people.signed_in(BUREAU), people.signed_in(CHIEF)
        take_step(bureau, "freeze")
        look(bureau)
        expect(bureau.locator("main")).to_contain_text("须由另一个人复核")
        chief.goto(SEMESTER_PATH)
        press_in(chief, "/verify")
        take_step(bureau, "announce")

        # --- one of the listed objects; nothing is published before the answer
        teacher = people.signed_in(f"teacher-T{WINNER:04}")
        object_to(teacher, GROUNDS, "honour")
        reviewer = people.signed_in(REVIEWER)
    with time_machine.travel(freeze_at + timedelta(days=4)):
        chief = people.signed_in(CHIEF)
        open_objection(chief)
        expect(chief.locator("main")).to_contain_text("复核")  # who verified may not decide
        assert not chief.locator("form[action$='/decide']").count()
        reviewer = people.signed_in(REVIEWER)
        uphold(reviewer, UPHELD, **{"level-add": "city"})
        teacher = people.signed_in(f"teacher-T{WINNER:04}")
        teacher.goto("/teacher")
        expect(teacher.locator("main")).to_contain_text("成立")
        look(teacher)

    # --- published, with the circular
    with time_machine.travel(publish_at + timedelta(hours=1)):
        bureau = people.signed_in(BUREAU)
        explain_names(bureau)
        take_step(bureau, "publish")
        work(app)
        first = workbook(bureau, tmp_path / "榜单.xlsx")
        number = circular(bureau, first, tmp_path)
        winner = first[f"T{WINNER:04}"]
        assert winner["加分"] == 3
        assert winner["家长"] is not None

        # --- the school acknowledges
        officer = people.signed_in("school_officer-0")
        officer.goto("/school/notices")
        follow(officer, officer.locator("main .choice-list a").first)
        officer.locator("form[action$='/acknowledge'] button").click()
        expect(officer.locator(".flash")).to_be_visible()
        look(officer)

        # --- one who was named appeals
        appellant = people.signed_in(f"teacher-T{APPELLANT:04}")
        appellant.goto("/teacher")
        look(appellant)
        object_to(appellant, APPEAL, "finding")
        appellant.goto("/teacher")
        expect(appellant.locator("main")).to_contain_text("暂停")

    # --- upheld: a new version, a correction that cites the circular, nobody pushed into the list
    with time_machine.travel(publish_at + timedelta(days=3)):
        reviewer = people.signed_in(REVIEWER)
        open_objection(reviewer)
        finding = reviewer.locator("input[name^='finding-'][name$='-drop']")
        finding_name = finding.first.get_attribute("name") or ""
        uphold(reviewer, CORRECTED, **{finding_name: "on"})
        bureau = people.signed_in(BUREAU)
        second = workbook(bureau, tmp_path / "更正.xlsx")
        appellant_row = f"T{APPELLANT:04}"
        assert second[appellant_row]["扣分"] == 0
        assert second[appellant_row]["综合得分"] > first[appellant_row]["综合得分"]
        before, after = (listed(tmp_path / name) for name in ("榜单.xlsx", "更正.xlsx"))
        assert after.keys() <= before.keys(), "somebody was pushed into a past list"
        assert before[appellant_row] == "点名通报"
        assert after.get(appellant_row) != "点名通报"
        bureau.goto("/bureau/notices")
        look(bureau)
        corrections = bureau.locator("main table a", has_text="更正")
        follow(bureau, corrections.first)
        expect(bureau.locator(".document")).to_contain_text(number)
        bureau.goto("/bureau/notices?kind=circular")
        follow(bureau, bureau.locator("main table a").first)
        expect(bureau.locator("main")).to_contain_text("已更正")
        look(bureau)
        bureau.goto(f"{SEMESTER_PATH}/versions")
        look(bureau)
        officer = people.signed_in("school_officer-0")
        officer.goto("/school/notices")
        expect(officer.locator("main")).to_contain_text("更正")


# --- the parts of the way ---------------------------------------------------------------------------------------


def issue_codes(app: Flask, people: People, folder: Path) -> list[str]:
    """The officer enters a class, issues its codes, and has them as sheets and as a list."""
    officer = people.signed_in("school_officer-0")
    officer.goto("/school/ballots")
    look(officer)
    follow(officer, officer.get_by_role("link", name="添加班级"))
    officer.get_by_label("班级").fill(CLASS)
    officer.get_by_label("年级").fill("三年级")
    officer.get_by_label("学生人数").fill(str(RATERS))
    for box in officer.locator("input[name=teachers]").all():
        box.check()
    look(officer)
    officer.locator("main form button[type=submit]").last.click()
    expect(officer.locator(".flash")).to_be_visible()
    officer.goto("/school/ballots")
    press_in(officer, "/issue")
    look(officer)
    sheets = fetched(app, officer, "/print", folder / "打印单.pdf")
    printed = "".join(page.extract_text() for page in PdfReader(sheets).pages)
    book = fetched(app, officer, "/list", folder / "评议码.xlsx")
    rows = rows_of(book, load_workbook(book).sheetnames[0])
    at = next(place for place, row in enumerate(rows) if "评议码" in row)
    code, part = (rows[at].index(heading) for heading in ("评议码", "部分"))
    found = [str(row[code]) for row in rows[at + 1 :] if row[part] == "家长"]
    assert found
    assert all(part in printed for code in found[:3] for part in re.findall(r"[0-9A-Z]{4}", code))
    return [re.sub(r"[^0-9A-Z]", "", code) for code in found]


def fetched(app: Flask, page: Page, action: str, path: Path) -> Path:
    """Ask for a file of codes, let the worker make it, download it."""
    page.goto("/school/ballots")
    page.locator(f"form[action*='{action}'] button[type=submit]").first.click()
    expect(page).to_have_url(re.compile("/account/tasks/"))
    work(app)
    page.reload()
    with page.expect_download() as download:
        page.locator("form[action$='/file'] button").click()
    download.value.save_as(path)
    return path


def vote_all(browser: Browser, served: Served, codes: list[str]) -> None:
    """Each on a phone of their own; the first keeps a draft and comes back, the last is displeased."""
    for place, code in enumerate(codes):
        context = browser.new_context(
            base_url=served.url, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True
        )
        page = context.new_page()
        page.goto(f"/vote/{code}")
        is_last = place == len(codes) - 1
        answer(page, lowest=is_last)
        if place == 0:
            look(page)
            page.get_by_role("button", name="保存，稍后再填").click()
            expect(page.locator(".flash")).to_be_visible()
            page.goto(f"/vote/{code}")
        page.get_by_role("button", name="下一步：看一遍再提交").click()
        expect(page.locator("[data-state=check]")).to_be_visible()
        if place == 0:
            look(page)
        page.get_by_role("button", name="提交", exact=True).click()
        expect(page.locator("[data-state=sent]")).to_be_visible()
        if is_last:
            look(page)
            page.goto(f"/vote/{code}")
            expect(page.locator("[data-state=used]")).to_be_visible()
            look(page)
        context.close()


def answer(page: Page, *, lowest: bool) -> None:
    """An opinion on every teacher: the second best; of the displeased the lowest on the first teacher, and why."""
    for place, teacher in enumerate(page.locator(".vote-teacher").all()):
        choice = "5" if lowest and place == 0 else "2"
        for item in teacher.locator(".vote-item").all():
            item.locator(f"input[type=radio][value='{choice}']").check(force=True)
            if choice == "5":
                item.locator("textarea").fill(REASON)


def take_step(page: Page, step: str) -> None:
    """Confirm and take a step of the semester."""
    page.goto(SEMESTER_PATH)
    form = page.locator(f"form[action$='/{SEMESTER}/{step}']")
    form.locator("[name=confirmed]").check()
    form.locator("button[type=submit]").click()
    expect(page.locator(".flash")).to_be_visible()


def press_in(page: Page, action: str) -> None:
    """Send the form that goes there."""
    follow(page, page.locator(f"form[action*='{action}'] button[type=submit]").first)
    expect(page.locator(".flash").first).to_be_visible()


def object_to(page: Page, grounds: str, topic: str) -> None:
    """A teacher objects to the score, or appeals."""
    page.goto(f"/teacher/scores/{SEMESTER}/objection")
    look(page)
    page.locator(f"[name=topic][value={topic}]").check()
    page.locator("[name=grounds]").fill(grounds)
    page.locator("main form button[type=submit]").last.click()
    expect(page.locator(".flash")).to_be_visible()


def open_objection(page: Page) -> None:
    """The one that waits."""
    page.goto("/bureau/objections")
    look(page)
    follow(page, page.locator("main table a").first)
    expect(page).to_have_url(re.compile("/bureau/objections/[0-9a-f]+"))
    look(page)


def uphold(page: Page, decision: str, **changes: str) -> None:
    """Uphold what waits, and put these fields right."""
    if "/bureau/objections/" not in page.url:
        open_objection(page)
    page.locator("[name=result][value=upheld]").check()
    page.locator("[name=decision]").fill(decision)
    page.locator(".change-rows > summary").click()
    for name, value in changes.items():
        control = page.locator(f"[name='{name}']")
        if control.evaluate("element => element.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.check()
    page.locator("form[action$='/decide'] button[type=submit]").click()
    expect(page.locator(".flash")).to_be_visible()


def explain_names(page: Page) -> None:
    """Give a reason for everyone whose naming asks for one."""
    page.goto(f"{SEMESTER_PATH}/certainty")
    look(page)
    while page.locator("form textarea[name=reason]:visible").count():
        page.locator("form textarea[name=reason]:visible").first.fill(
            "认定的事实清楚、程度较重，与名次无关。"
        )
        follow(page, page.locator("form:has(textarea[name=reason]:visible) button[type=submit]").first)


def workbook(page: Page, path: Path) -> dict[str, dict[str, Any]]:
    """The city's workbook: teacher number → row."""
    page.goto(SEMESTER_PATH)
    with page.expect_download() as download:
        page.locator(f"a[href$='/{SEMESTER}/ranking.xlsx']").first.click()
    download.value.save_as(path)
    rows = rows_of(path, "排名")
    at = next(place for place, row in enumerate(rows) if "教师编码" in row)
    found = [dict(zip(rows[at], row, strict=True)) for row in rows[at + 1 :] if row[2]]
    for row in found:
        if row["名次"] is not None:
            assert row["名次下限"] <= row["名次"] <= row["名次上限"]
    return {str(row["教师编码"]): row for row in found}


def listed(path: Path) -> dict[str, str]:
    """The bottom list of a workbook: number → 处理."""
    rows = rows_of(path, "后五名")
    at = next(place for place, row in enumerate(rows) if "教师编码" in row)
    number, treatment = (rows[at].index(heading) for heading in ("教师编码", "处理"))
    return {str(row[number]): str(row[treatment]) for row in rows[at + 1 :] if row[number]}


def circular(page: Page, rows: dict[str, dict[str, Any]], folder: Path) -> str:
    """The circular's number; its page, PDF and Word say the same, and no full name."""
    page.goto("/bureau/notices?kind=circular")
    follow(page, page.locator("main table a").first)
    look(page)
    text = page.locator(".document").inner_text()
    number = re.search(r"株教通〔\d{4}〕\d+号", text)
    assert number is not None
    written = {}
    for kind in ("pdf", "docx"):
        with page.expect_download() as download:
            page.locator(f"a[href$='/notice.{kind}']").first.click()
        written[kind] = folder / f"通报.{kind}"
        download.value.save_as(written[kind])
    pdf = PdfReader(written["pdf"])
    width, height = (round(float(side) / 72 * 25.4) for side in pdf.pages[0].mediabox[2:])
    assert (width, height) == (210, 297)
    printed = "".join(sheet.extract_text() for sheet in pdf.pages)
    word = "".join(paragraph.text for paragraph in Document(str(written["docx"])).paragraphs)
    for content in (text, printed, word):
        assert number[0] in re.sub(r"\s", "", content)
        for row in rows.values():
            assert str(row["姓名"]) not in content, "a full name stands in the circular"
    return number[0]
