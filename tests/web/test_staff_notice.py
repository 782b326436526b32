"""The bell, the list of one's own notices, and one's own e-mail address."""

from __future__ import annotations

import pytest
from flask import Flask
from lxml import html
from sqlalchemy import select

from ethics_eval.accounts.models import Account, StaffNotice
from ethics_eval.accounts.notifying import News, notify, open_channels
from ethics_eval.accounts.rules import Channel, Role
from ethics_eval.complaints.announcing import announce
from ethics_eval.complaints.models import Case
from ethics_eval.complaints.rules.announcing import KIND_LABELS, Kind
from ethics_eval.complaints.rules.reminding import Clock, Level
from ethics_eval.database import db, transaction
from tests.support.city import FOUNDED_AT, PASSWORD
from tests.support.forms import form_at, sign_in, submit, values
from tests.web.road import desk, filed, teacher_id

LIST = "/account/notices"


def bell(page: str) -> str:
    (tool,) = html.fromstring(page).find_class("site-bell")
    return "".join(tool.text_content().split())


def notice_ids(app: Flask, role: str) -> list[str]:
    with app.app_context():
        return list(
            db.session().scalars(
                select(StaffNotice.id)
                .join(Account, Account.id == StaffNotice.account_id)
                .where(Account.role == role)
                .order_by(StaffNotice.at)
            )
        )


@pytest.fixture
def number(city: Flask) -> str:
    """A case of the first school has come."""
    return filed(city)[1]


@pytest.mark.parametrize("role", list(Role))
def test_everyone_has_a_list_and_a_bell(city: Flask, role: Role) -> None:
    client = desk(city, role.value)
    page = client.get(LIST)
    assert page.status_code == 200
    assert "还没有提醒" in page.text
    assert bell(page.text) == "提醒"


def test_a_new_case_rings_and_opening_it_leads_there(city: Flask, number: str) -> None:
    client = desk(city, "school_officer")
    page = client.get(LIST)
    assert bell(page.text) == "提醒1条未读"
    assert number in page.text
    assert KIND_LABELS[Kind.CASE_NEW] in page.text
    (notice_id,) = notice_ids(city, "school_officer")
    answer = submit(client, LIST, action=f"/{notice_id}")
    assert answer.status_code == 303
    assert answer.location == f"/school/cases/{number}"
    page = client.get(LIST)
    assert bell(page.text) == "提醒"
    assert number in page.text, "what was read stays in the list"


def test_anothers_notice_is_not_there(city: Flask, number: str) -> None:
    assert number
    (notice_id,) = notice_ids(city, "school_officer")
    client = desk(city, "district_officer")
    token = values(form_at(client.get("/account").text))["csrf_token"]
    assert client.post(f"{LIST}/{notice_id}", data={"csrf_token": token}).status_code == 404
    assert bell(desk(city, "school_officer").get(LIST).text) == "提醒1条未读"


def test_what_left_ones_sight_shows_neither_number_nor_link(city: Flask, number: str) -> None:
    with city.app_context(), transaction() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        case.desk, case.recused = "district", True
    client = desk(city, "school_officer")
    page = client.get(LIST)
    assert number not in page.text
    assert "已不在您的办理范围内" in page.text
    (notice_id,) = notice_ids(city, "school_officer")
    answer = submit(client, LIST, action=f"/{notice_id}")
    assert answer.location == LIST


def test_all_are_read_at_once_up_to_what_was_shown(city: Flask, number: str) -> None:
    client = desk(city, "school_officer")
    form = values(form_at(client.get(LIST).text, "/read"))
    with city.app_context(), transaction() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        later = session.scalars(select(StaffNotice.at)).one().replace(year=2030)
        announce(session, case, Kind.MESSAGE_NEW, later)
    assert client.post(f"{LIST}/read", data=form).status_code == 303
    assert bell(client.get(LIST).text) == "提醒1条未读"


@pytest.mark.parametrize("until", ["", "yesterday", "2026-03-02", "2026-03-02T00:00:00", "0001-01-01T00:00"])
def test_a_forged_instant_is_refused(city: Flask, number: str, until: str) -> None:
    assert number
    client = desk(city, "school_officer")
    form = values(form_at(client.get(LIST).text, "/read"))
    assert client.post(f"{LIST}/read", data={**form, "until": until}).status_code == 422
    assert bell(client.get(LIST).text) == "提醒1条未读"


def test_every_kind_has_its_words_on_the_page(city: Flask, number: str) -> None:
    with city.app_context(), transaction() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        people = session.scalars(select(Account.id).where(Account.role == "bureau_officer")).all()
        for kind in Kind:
            announce(session, case, kind, FOUNDED_AT, to=people)
        for level in Level:
            for clock in Clock:
                news = News(
                    f"reminder.{level}", "case", case.id, f"r:{level}:{clock}", {"clock": clock, "due": "x"}
                )
                notify(session, people, news, at=FOUNDED_AT)
        ends = News("calendar.ends", "calendar", "x", "ends", {"until": "2026-12-31"})
        notify(session, people, ends, at=FOUNDED_AT)
        notify(session, people, News("outbox.given_up", "outbox_item", "x", "out"), at=FOUNDED_AT)
    client = desk(city, "bureau_officer")
    text = client.get(LIST).text + client.get(f"{LIST}?page=2").text
    for words in KIND_LABELS.values():
        assert words in text
    assert "reminder." not in text
    assert "工作日历快要用完" in text
    assert bell(text) == "提醒" + str(len(Kind) + len(Level) * len(Clock) + 2) + "条未读"


def test_a_teacher_finds_the_way_to_the_hearing(city: Flask, number: str) -> None:
    with city.app_context(), transaction() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        own = session.scalars(select(Account.id).where(Account.role == "teacher")).all()
        announce(session, case, Kind.HEARING_NOTIFIED, FOUNDED_AT, to=own)
    client = desk(city, "teacher")
    page = client.get(LIST)
    assert number not in page.text, "not before the teacher was told of a draft"
    assert teacher_id(city)


# --- e-mail -------------------------------------------------------------------------------------------------


@pytest.fixture
def mailing(city: Flask) -> Flask:
    """The small city with a mail server."""
    city.config["SMTP_URL"] = "smtp://127.0.0.1:25"
    with city.app_context():
        open_channels(db.engine, [Channel.EMAIL])
    return city


def stored(app: Flask, role: str) -> str | None:
    with app.app_context():
        return db.session().scalars(select(Account.notify_email).where(Account.role == role)).one()


def test_an_address_is_set_checked_and_taken_back(mailing: Flask) -> None:
    client = desk(mailing, "school_officer")
    assert stored(mailing, "school_officer") is None, "off until somebody wants it"
    answer = submit(client, "/account", {"email": "not an address"}, action="/email")
    assert answer.status_code == 422
    assert "请填写完整的电子邮箱" in answer.text
    assert submit(client, "/account", {"email": "a@example.org"}, action="/email").status_code == 303
    assert stored(mailing, "school_officer") == "a@example.org"
    assert stored(mailing, "school_head") is None
    assert 'value="a@example.org"' in client.get("/account").text
    assert submit(client, "/account", {"email": ""}, action="/email").status_code == 303
    assert stored(mailing, "school_officer") is None


def test_without_a_mail_server_no_address_is_taken(city: Flask) -> None:
    client = city.test_client()
    sign_in(client, "school_officer", PASSWORD)
    page = client.get("/account")
    assert "没有开通邮件提醒" in page.text
    token = values(form_at(page.text))["csrf_token"]
    answer = client.post("/account/email", data={"csrf_token": token, "email": "a@example.org"})
    assert answer.status_code == 422
    assert stored(city, "school_officer") is None
