"""The whole road on the demonstration city: parent, school, teacher, district, city, ranking, notice, Excel.

Real server, real browser, the full city; the clock is moved forward where the law asks for time to pass.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, ViewportSize, expect

from ethics_eval.roster.reference import districts
from tests.support.application import application
from tests.support.browser import watched
from tests.support.databases import SETTINGS
from tests.support.filling import send, walk
from tests.support.people import follow, look, take
from tests.support.server import Served, serving
from tests.support.sheets import rows_of

STORY = "今天下午第二节课，老师让孩子站在走廊上罚抄课文，站了整整一节课，回家后腿一直疼。全班同学都看见了。"
REPORT = "分别询问了该班六名学生和两名同事，查看了走廊监控录像，时间、地点与反映的一致。"
GROUNDS = "经查，该教师当日下午安排学生在走廊罚站一节课并罚抄，监控录像和学生陈述相互印证，属于变相体罚。"
FACTS = "经查，您于当日下午第二节课安排一名学生在走廊罚站并罚抄课文。拟认定变相体罚属实，程度较重。"
STATEMENT = "我当时确实让学生到走廊站着抄书，是我方法不当，我愿意当面道歉，今后不再这样做。"
REPLY = "您反映的问题已经查实。教育局已对该教师作出认定并责成学校整改，学校将派人向您和孩子当面道歉。"
WAIT = 90_000  # a freeze of 40,000 teachers is computed inside one request


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The full city, founded by the command itself, and what the command printed; to be copied."""
    folder = tmp_path_factory.mktemp("demonstration")
    environment = {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "ETHICS_EVAL_INSTANCE": str(folder),
        "SECRET_KEY": SETTINGS["SECRET_KEY"],
        "ETHICS_EVAL_MASTER_KEY": SETTINGS["ETHICS_EVAL_MASTER_KEY"],
    }
    command = [sys.executable, "-m", "ethics_eval"]
    subprocess.run([*command, "db", "upgrade"], env=environment, check=True, capture_output=True)
    done = subprocess.run(
        [*command, "demo", "--json"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return folder, json.loads(done.stdout)


@pytest.fixture
def app(demonstration: tuple[Path, dict[str, Any]], tmp_path: Path) -> Iterator[Flask]:
    """The application on a copy of the city."""
    instance = tmp_path / "instance"
    shutil.copytree(demonstration[0], instance)
    with application(f"sqlite:///{instance / 'ethics_eval.db'}", instance) as made:
        yield made


class People:
    """Everyone of the journey, each in a browser of their own, on the same served city."""

    def __init__(
        self, browser: Browser, served: Served, viewport: ViewportSize, city: dict[str, Any]
    ) -> None:
        self.browser, self.served, self.viewport, self.city = browser, served, viewport, city
        self.contexts: list[tuple[BrowserContext, Any]] = []

    def visitor(self) -> Page:
        """A new browser."""
        phone = self.viewport["width"] < 600
        context = self.browser.new_context(
            base_url=self.served.url,
            viewport=self.viewport,
            locale="zh-CN",
            has_touch=phone,
            is_mobile=phone,
            accept_downloads=True,
        )
        watch = watched(context, self.served.url)
        watch.__enter__()
        self.contexts.append((context, watch))
        page = context.new_page()
        page.set_default_timeout(WAIT)
        return page

    def account(self, role: str, **scope: str) -> dict[str, str]:
        """An account of the city with a role, and where given with that school or district or teacher."""
        return next(
            row
            for row in self.city["accounts"]
            if row["role"] == role and all(row.get(name) == value for name, value in scope.items())
        )

    def signed_in(self, role: str, **scope: str) -> Page:
        """The same, signed in."""
        account = self.account(role, **scope)
        page = self.visitor()
        page.goto("/login")
        page.get_by_label("账号").fill(account["username"])
        page.get_by_label("密码").fill(account["password"])
        page.locator("main form button[type=submit]").click()
        expect(page).not_to_have_url(re.compile("/login"))
        return page

    def leave(self) -> None:
        """Close every browser; no page may have broken the policy or complained."""
        for context, watch in self.contexts:
            context.close()
            watch.__exit__(None, None, None)


@pytest.fixture
def people(
    browser: Browser, served: Served, viewport: ViewportSize, demonstration: tuple[Path, dict[str, Any]]
) -> Iterator[People]:
    """See :class:`People`."""
    found = People(browser, served, viewport, demonstration[1])
    yield found
    found.leave()


@pytest.fixture
def served(app: Flask) -> Iterator[Served]:
    """The city under the real server."""
    with serving(app) as made:
        yield made


def photo(colour: str, text: str) -> bytes:
    """A phone's picture, with the place it was taken in its metadata."""
    picture = Image.new("RGB", (1600, 1200), colour)
    ImageDraw.Draw(picture).text((80, 80), text, fill="black")
    exif = Image.Exif()
    exif[0x010F] = "a phone's maker"
    out = BytesIO()
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_one_complaint_travels_the_whole_road(people: People, tmp_path: Path) -> None:
    city = people.city
    assert len(city["schools"]) == 1743
    now = datetime.now(UTC)
    officer_account = people.account("school_officer")
    school = next(row for row in city["schools"] if row["code"] == officer_account["school"])
    open_semester = next(row["code"] for row in city["semesters"] if row["status"] == "open")

    # --- a parent finds the school, complains with photos, and keeps the code
    parent = people.visitor()
    parent.goto("/")
    look(parent)
    parent.get_by_label("学校名称").fill(school["name"])
    parent.get_by_role("button", name="查找学校").click()
    parent.get_by_role("link", name=re.compile(f"^{re.escape(school['name'])}")).first.click()
    expect(parent).to_have_url(re.compile(f"/m/{school['mailbox']}"))
    look(parent)
    teacher = people.account(
        "teacher", username="teacher-4"
    )  # of the same school, with nothing against the name
    walk(
        parent,
        {
            "body": STORY,
            "category": "C06",
            "respondent_role": "teacher",
            "respondent": "教三年级的老师",
            "identity": "anonymous",
        },
        [
            FilePayload(name="走廊.jpg", mimeType="image/jpeg", buffer=photo("#cfd8dc", "corridor")),
            FilePayload(name="作业本 照片.jpg", mimeType="image/jpeg", buffer=photo("#fff8e1", "homework")),
        ],
    )
    look(parent)
    code = send(parent)
    assert re.fullmatch(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}", code)
    look(parent)

    # --- the school takes it from the queue, investigates, proposes
    officer = people.signed_in("school_officer", school=school["code"])
    expect(officer).to_have_url(re.compile("/school/cases"))
    look(officer)
    number = newest_case(officer)
    officer.goto(f"/school/cases/{number}")
    expect(officer.locator("main")).to_contain_text(STORY)
    look(officer)
    assert officer.locator("main img").count() == 2
    take(officer, "register")
    take(officer, "accept")
    take(officer, "start", investigators="王建国\n李秀英")
    take(officer, "investigate", report=REPORT)
    take(
        officer,
        "propose",
        teacher=teacher_option(officer, teacher["teacher"]),
        outcome="SUBSTANTIATED",
        category="C06",
        severity="serious",
        measure="ADMONITION",
        grounds=GROUNDS,
    )
    take(officer, "notify", facts=FACTS)
    look(officer)

    # --- the teacher is heard, and sees the facts but never the letter
    respondent = people.signed_in("teacher", teacher=teacher["teacher"])
    respondent.goto(f"/teacher/cases/{number}")
    expect(respondent.locator("main")).to_contain_text(FACTS)
    assert STORY not in respondent.content()
    look(respondent)
    respondent.locator("textarea").fill(STATEMENT)
    respondent.locator("main form button[type=submit]").click()
    expect(respondent.locator(".flash")).to_be_visible()

    # --- the district decides; the school replies and closes
    codes = {name: code for code, name in districts()}
    district = people.signed_in("district_officer", district=codes[school["district"]])
    district.goto(f"/bureau/cases/{number}")
    expect(district.locator("main")).to_contain_text(STATEMENT)
    look(district)
    take(district, "decide", grounds=GROUNDS)
    officer.goto(f"/school/cases/{number}")
    take(officer, "reply", text=REPLY)
    take(officer, "close")

    # --- the parent reads the reply under the code
    parent.goto("/track")
    parent.get_by_label("查询码").fill(code.lower().replace("-", " "))
    parent.locator("main form button[type=submit]").click()
    expect(parent).to_have_url(re.compile("/track/case"))
    expect(parent.locator("main")).to_contain_text(REPLY)
    expect(parent.locator("[data-state]").first).to_have_attribute("data-state", "closed")
    look(parent)

    # --- the teacher's window ends; the city freezes, announces and publishes
    with time_machine.travel(now + timedelta(days=40)):
        bureau = people.signed_in("bureau_officer")
        take_step(bureau, open_semester, "freeze")
        look(bureau)
        second = people.signed_in("bureau_head")
        second.goto(f"/bureau/semesters/{open_semester}")
        second.locator("form[action$='/verify'] button[type=submit]").click()
        expect(second.locator(".flash")).to_contain_text("复核一致", timeout=WAIT)
        look(second)
        take_step(bureau, open_semester, "announce")
    with time_machine.travel(now + timedelta(days=60)):
        bureau = people.signed_in("bureau_officer")
        take_step(bureau, open_semester, "publish")
        look(bureau)

        # --- the Excel, read back
        bureau.goto(f"/bureau/semesters/{open_semester}/ranking")
        look(bureau)
        with bureau.expect_download() as download:
            bureau.locator(f"a[href*='/{open_semester}/ranking.xlsx']").first.click()
        book = tmp_path / "榜单.xlsx"
        download.value.save_as(book)
        rows = rows_of(book, "排名")
        head_at = next(place for place, row in enumerate(rows) if "教师编码" in row)
        head = rows[head_at]
        found = {
            row[head.index("教师编码")]: dict(zip(head, row, strict=True)) for row in rows[head_at + 1 :]
        }
        assert len(found) > 39_000
        mine = found[teacher["teacher"]]
        assert mine["扣分"] >= 15
        above = "\n".join(str(row[0]) for row in rows[:head_at])
        digest = re.search(r"[0-9a-f]{64}", above)
        assert digest is not None

        # --- the circular
        bureau.goto("/bureau/notices?kind=circular")
        look(bureau)
        follow(bureau, bureau.locator("main table a").first)
        circular = bureau.locator(".document").inner_text()
        assert re.search(r"株教通〔\d{4}〕\d+号", circular)
        assert digest[0] in circular.replace("\n", "")
        assert STORY[:12] not in circular
        listed = [row for row in rows_of(book, "后五名") if row and row[0] in found]
        assert 1 <= len(listed) <= 5
        for row in listed:
            assert str(row[1]) not in circular, "a full name stands in the circular"
        look(bureau)

        # --- the school acknowledges and downloads its own
        officer = people.signed_in("school_officer", school=school["code"])
        officer.goto("/school/notices")
        look(officer)
        follow(officer, officer.locator("main .choice-list a").first)
        officer.locator("form[action$='/acknowledge'] button").click()
        expect(officer.locator(".flash")).to_be_visible()
        look(officer)
        officer.goto("/school/ranking")
        look(officer)
        with officer.expect_download() as download:
            officer.locator("a[href*='.xlsx']").first.click()
        own = tmp_path / "本校.xlsx"
        download.value.save_as(own)
        schools = {
            row[head.index("学校标识码")]
            for row in rows_of(own, "排名")
            if row[head.index("教师编码")] in found
        }
        assert schools == {school["code"]}

        # --- the teacher sees score, place and ledger
        respondent = people.signed_in("teacher", teacher=teacher["teacher"])
        respondent.goto("/teacher")
        score = f"{mine['综合得分']:.2f}" if mine["综合得分"] is not None else str(mine["原因"])
        expect(respondent.locator("main")).to_contain_text(score)
        expect(respondent.locator("main")).to_contain_text("体罚")
        look(respondent)


def newest_case(page: Page) -> str:
    """The number of the case received last, as the officer finds it among the new ones."""
    page.goto("/school/cases?status=submitted&category=C06")
    numbers = page.locator("main table td.code").all_inner_texts()
    assert numbers, "the new complaint is not in the queue"
    for number in numbers:
        page.goto(f"/school/cases/{number.strip()}")
        if STORY in page.locator("main").inner_text():
            return number.strip()
    raise AssertionError("the new complaint is not in the queue")


def teacher_option(page: Page, number: str) -> str:
    """The choice of a teacher in the form of a proposed finding."""
    option = page.locator("select[name='propose-teacher'] option", has_text=number)
    value = option.first.get_attribute("value")
    assert value
    return value


def take_step(page: Page, semester: str, step: str) -> None:
    """Confirm and take a semester's step."""
    page.goto(f"/bureau/semesters/{semester}")
    form = page.locator(f"form[action$='/{semester}/{step}']")
    form.locator("[name=confirmed]").check()
    form.locator("button[type=submit]").click()
    expect(page.locator(".flash")).to_be_visible(timeout=WAIT)
