"""The pages of notices over plain HTTP: each reader's own inbox, signing for it once, the bureau's box, the preview."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from flask_security.utils import hash_password
from lxml import html
from sqlalchemy import select

from ethics_eval.accounts.rules import Role
from ethics_eval.database import db, transaction
from ethics_eval.notices.models import Delivery, Notice
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.roster.models import Teacher
from tests.support.city import PASSWORD
from tests.support.forms import sign_in, submit
from tests.support.ranked import SEMESTER, RankedCity

LISTED = (31, 32, 33, 34, 35)


@dataclass(frozen=True)
class Desk:
    """The application with a semester led to a step, and who may sign in."""

    app: Flask
    names: dict[int, str]

    def sign_in(self, username: str) -> FlaskClient:
        client = self.app.test_client()
        sign_in(client, username, PASSWORD)
        return client

    def notice(self, kind: str, number: int | None = None) -> str:
        """The id of the circular, or of a letter to a teacher."""
        with self.app.app_context():
            query = select(Notice.id).where(Notice.kind == kind)
            if number is not None:
                query = query.join(Teacher, Teacher.id == Notice.teacher_id).where(
                    Teacher.number == f"T{number:04d}"
                )
            return db.session().scalars(query).one()

    def acknowledged(self) -> int:
        with self.app.app_context():
            rows = db.session().scalars(select(Delivery).where(Delivery.acknowledged_at.is_not(None)))
            return len(rows.all())


@pytest.fixture(autouse=True)
def soon_after() -> Iterator[None]:
    """The day after publication: what was sent is still to be read."""
    with time_machine.travel(datetime(2026, 2, 14, 1, 0, tzinfo=UTC)):
        yield


@pytest.fixture
def lead(app: Flask) -> Callable[[Step], Desk]:
    """Make the city and lead its semester to a step."""

    def make(last: Step) -> Desk:
        with app.app_context():
            password_hash = hash_password(PASSWORD)
            with transaction() as session:
                city = RankedCity(
                    session,
                    app.extensions["vault"],
                    app.config["INSTANCE"],
                    password_hash=password_hash,
                )
                city.give_all()
                city.charge(city.teachers[35])
                for role, school in ((Role.SCHOOL_OFFICER, 2), (Role.SCHOOL_HEAD, 2), (Role.SCHOOL_HEAD, 1)):
                    city.account(role, school=school)
                for number in (0, 35):
                    city.account(Role.TEACHER, teacher=city.teachers[number])
                city.lead_to(last)
                return Desk(app, {number: city.teachers[number].name for number in LISTED})

    return make


@pytest.fixture
def desk(lead: Callable[[Step], Desk]) -> Desk:
    """The semester is published: 35 is named, the other four are told privately."""
    return lead(Step.PUBLISH)


def document_of(page: str) -> str:
    """What the document on a page says."""
    (article,) = html.fromstring(page).xpath("//article[contains(@class, 'document')]")
    return str(article.text_content())


# --- inboxes ------------------------------------------------------------------------------------------------


def test_a_school_officer_reads_and_signs_for_the_circular_once(desk: Desk) -> None:
    client = desk.sign_in("school_officer-2")
    listed = client.get("/school/notices").text
    path = f"/school/notices/{desk.notice('circular')}"
    assert path in listed
    assert "待签收" in listed
    assert listed.count("/school/notices/") == 1
    page = client.get(path)
    assert page.status_code == 200
    text = document_of(page.text)
    assert "株教通〔2026〕1号" in text
    assert not [name for name in desk.names.values() if name in page.text]
    assert "请在2026年2月27日前签收" in page.text
    answer = submit(client, path, action="/acknowledge")
    assert (answer.status_code, answer.location) == (303, path)
    after = client.get(path).text
    assert "已由测试school_officer-2于" in after
    assert not html.fromstring(after).xpath("//form[contains(@action, '/acknowledge')]")
    assert "已签收" in client.get("/school/notices").text
    assert desk.acknowledged() == 1


def test_signing_twice_says_so_and_changes_nothing(desk: Desk) -> None:
    officer, head = desk.sign_in("school_officer-2"), desk.sign_in("school_head-2")
    path = f"/school/notices/{desk.notice('circular')}"
    page = head.get(path).text  # opened before the officer signs
    token = html.fromstring(page).xpath(
        "//form[contains(@action,'/acknowledge')]//input[@name='csrf_token']/@value"
    )
    submit(officer, path, action="/acknowledge")
    answer = head.post(f"{path}/acknowledge", data={"csrf_token": token[0]}, follow_redirects=True)
    assert "此前已经签收，没有变化。" in answer.text
    assert "已由测试school_officer-2于" in answer.text
    assert desk.acknowledged() == 1


def test_letters_are_opened_by_the_head_and_the_teacher_alone(desk: Desk) -> None:
    letter = desk.notice("individual", 35)
    for username, path in (
        ("school_officer-2", "/school"),
        ("school_head-1", "/school"),
        ("teacher-T0000", "/teacher"),
        ("district_officer-430203", "/bureau"),
    ):
        client = desk.sign_in(username)
        assert client.get(f"{path}/notices/{letter}").status_code == 404, username
        assert letter not in client.get(f"{path}/notices").text
        token = html.fromstring(client.get("/account").text).xpath("//input[@name='csrf_token']/@value")[0]
        refused = client.post(f"{path}/notices/{letter}/acknowledge", data={"csrf_token": token})
        assert refused.status_code == 404, username
    for username, path in (("school_head-2", "/school"), ("teacher-T0035", "/teacher")):
        page = desk.sign_in(username).get(f"{path}/notices/{letter}")
        assert page.status_code == 200
        assert f"{desk.names[35]}老师" in document_of(page.text)


def test_a_teacher_sees_what_was_sent_to_them_and_nothing_else(desk: Desk) -> None:
    client = desk.sign_in("teacher-T0035")
    listed = client.get("/teacher/notices").text
    mine = {desk.notice(kind, 35) for kind in ("individual", "prior")}
    assert {link.rpartition("/")[2] for link in html.fromstring(listed).xpath("//main//a/@href")} == mine
    assert client.get(f"/teacher/notices/{desk.notice('circular')}").status_code == 404
    path = f"/teacher/notices/{desk.notice('prior', 35)}"
    assert "您的权利" in document_of(client.get(path).text)
    assert submit(client, path, action="/acknowledge").status_code == 303
    assert "已由测试teacher-T0035于" in client.get(path).text
    other = desk.sign_in("teacher-T0000")
    assert "没有给您的告知" in other.get("/teacher/notices").text


# --- the bureau ---------------------------------------------------------------------------------------------


def test_the_bureau_sees_the_document_and_above_it_who_is_on_it_and_why(desk: Desk) -> None:
    submit(
        desk.sign_in("school_officer-2"), f"/school/notices/{desk.notice('circular')}", action="/acknowledge"
    )
    client = desk.sign_in("bureau_officer")
    listed = client.get("/bureau/notices")
    assert "1 / 13" in " ".join(listed.text.split())
    assert listed.text.count("/bureau/notices/") == 11
    page = client.get(f"/bureau/notices/{desk.notice('circular')}").text
    tree = html.fromstring(page)
    (box,) = tree.xpath("//*[contains(@class, 'notice-box')]")
    shown = " ".join(box.text_content().split())
    for name in desk.names.values():
        assert name in shown
        assert name not in document_of(page)
    assert "扣分达到点名标准" in shown
    assert "没有一票否决和一般以上的认定，扣分不足3分，不点名" in shown
    assert "列入5名，其中点名1名、单独告知4名" in shown
    assert "1 / 13" in shown
    assert "no-print" in box.get("class")
    # the same words as went to the schools
    school = desk.sign_in("school_head-1").get(f"/school/notices/{desk.notice('circular')}").text
    assert document_of(page) == document_of(school)


def test_the_bureau_sees_which_schools_are_missing(desk: Desk) -> None:
    circular = desk.notice("circular")
    submit(desk.sign_in("school_officer-2"), f"/school/notices/{circular}", action="/acknowledge")
    client = desk.sign_in("bureau_head")
    missing = client.get(f"/bureau/notices/{circular}/missing").text
    assert "天元区白鹤小学" in missing
    assert "建宁实验中学" not in missing
    narrowed = client.get(f"/bureau/notices/{circular}/missing?district=430204").text
    assert "田心幼儿园" in narrowed
    assert "白鹤小学" not in narrowed
    assert "全部学校都已签收" in client.get(f"/bureau/notices/{circular}/missing?district=430203").text


def test_the_bureau_signs_for_nobody(desk: Desk) -> None:
    client = desk.sign_in("bureau_officer")
    path = f"/bureau/notices/{desk.notice('circular')}"
    assert not html.fromstring(client.get(path).text).xpath("//form[contains(@action, '/acknowledge')]")
    token = html.fromstring(client.get("/account").text).xpath("//input[@name='csrf_token']/@value")[0]
    assert client.post(f"{path}/acknowledge", data={"csrf_token": token}).status_code == 403
    assert desk.acknowledged() == 0


def test_a_district_signs_for_itself_and_sees_its_own_schools_only(desk: Desk) -> None:
    client = desk.sign_in("district_officer-430203")
    path = f"/bureau/notices/{desk.notice('circular')}"
    page = client.get(path).text
    assert not [name for name in desk.names.values() if name in page]
    assert "名单构成" not in page
    assert "芦淞区" in page
    assert "荷塘区" not in html.fromstring(page).xpath("string(//*[contains(@class, 'notice-box')])")
    assert submit(client, path, action="/acknowledge").status_code == 303
    assert "已由测试district_officer-430203于" in client.get(path).text
    assert desk.acknowledged() == 1


def test_the_preview_shows_what_will_go_out_to_the_city_only(lead: Callable[[Step], Desk]) -> None:
    desk = lead(Step.ANNOUNCE)
    client = desk.sign_in("bureau_officer")
    path = f"/bureau/semesters/{SEMESTER}/notice"
    page = client.get(path)
    assert page.status_code == 200
    assert "株教通〔2026〕__号" in document_of(page.text)
    assert "尚未发布" in page.text
    assert desk.names[35] in page.text
    assert desk.names[35] not in document_of(page.text)
    assert client.get("/bureau/semesters/2025-2026-2/notice").status_code == 404
    assert desk.sign_in("district_officer-430203").get(path).status_code == 403
    assert "事先告知" in client.get("/bureau/notices").text


def test_after_publication_the_preview_is_the_circular_that_went_out(desk: Desk) -> None:
    page = desk.sign_in("bureau_officer").get(f"/bureau/semesters/{SEMESTER}/notice").text
    assert "株教通〔2026〕1号" in document_of(page)
    assert f"/bureau/notices/{desk.notice('circular')}" in page


def test_a_document_is_chinese_in_any_language_and_can_be_printed(desk: Desk) -> None:
    client = desk.sign_in("school_head-2")
    page = client.get(f"/school/notices/{desk.notice('circular')}").text
    tree = html.fromstring(page)
    (article,) = tree.xpath("//article[contains(@class, 'document')]")
    assert article.get("lang") == "zh-CN"
    assert tree.xpath("//button[@data-print]")
    assert tree.xpath("//link[contains(@href, 'document.css')]")
    assert article.xpath(".//h3")[0].text == "一、考评总体情况"
    leads = [lead.text for lead in article.xpath(".//*[contains(@class, 'document-lead')]")]
    assert "（一）及时签收传达。" in leads
