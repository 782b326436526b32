"""名次有多准: the page of the office, the reasons written there, and what of it each reader sees elsewhere."""

from __future__ import annotations

import pytest
import time_machine
from flask import Flask
from flask_security.utils import hash_password
from sqlalchemy import select

from ethics_eval.accounts.rules import CLOCK, Role
from ethics_eval.database import db, transaction
from ethics_eval.notices.service import take_step
from ethics_eval.ranking.models import BottomEntry
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.roster.models import Teacher
from tests.ranking.doubtful import CHARGED, DoubtfulCity
from tests.support.city import PASSWORD
from tests.support.forms import form_at, submit, token_of
from tests.support.ranked import SEMESTER, step_at
from tests.web.ranked_pages import BUREAU, CHIEF, DISTRICT, OFFICER, SEMESTER_PATH, settle, signed_in, words

NUMBER, OTHER = f"T{CHARGED:04d}", "T0003"
PAGE = f"{SEMESTER_PATH}/certainty"
REASON = "本学期经查实在课堂上体罚学生，本人承认，家长要求公开处理。"


@pytest.fixture
def announced(app: Flask) -> Flask:
    """The doubtful city after the prior notice, with accounts of two teachers of the first school."""
    with app.app_context(), transaction() as session:
        town = DoubtfulCity(session, app.extensions["vault"], app.config["INSTANCE"], hash_password(PASSWORD))
        for teacher in (town.charged, town.teachers[3]):
            town.account(Role.TEACHER, teacher=teacher)
        town.lead_to(Step.ANNOUNCE)
    return app


def publish(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        at = step_at(session, Step.PUBLISH)
        take_step(session, SEMESTER, Step.PUBLISH, actor=CLOCK, at=at, instance=app.config["INSTANCE"])


def entry(app: Flask) -> BottomEntry:
    with app.app_context():
        return (
            db.session()
            .scalars(
                select(BottomEntry)
                .join(Teacher, Teacher.id == BottomEntry.teacher_id)
                .where(Teacher.number == NUMBER)
            )
            .one()
        )


def test_the_office_sees_the_figures_and_writes_the_reason(announced: Flask) -> None:
    client = signed_in(announced, CHIEF)
    semester = words(client.get(SEMESTER_PATH).text)
    assert "可靠程度" in semester
    assert "要先写明理由" in semester
    text = words(client.get(PAGE).text)
    for said in ("最低的1%", "243种", "换一种算法", "最后30名", "不可区分", "100次里约"):
        assert said in text
    for never in ("显著", "置信"):
        assert never not in text

    short = submit(client, PAGE, {f"{NUMBER}-decision": "name", f"{NUMBER}-reason": "太短"}, action=NUMBER)
    assert short.status_code == 422
    assert "至少10个字" in words(short.text, "//*[@role='alert']")
    assert words(short.text, f"//*[@id='{NUMBER}-reason-error']")
    undecided = submit(client, PAGE, {f"{NUMBER}-reason": REASON}, action=NUMBER)
    assert undecided.status_code == 422

    saved = submit(client, PAGE, {f"{NUMBER}-decision": "name", f"{NUMBER}-reason": REASON}, action=NUMBER)
    assert saved.status_code == 303
    assert entry(announced).reason == REASON
    semester = words(client.get(SEMESTER_PATH).text)
    assert REASON in semester
    assert "要先写明理由" not in semester


def test_a_person_cannot_publish_while_a_reason_is_missing(announced: Flask) -> None:
    """The form is not there, and sending it anyway is refused with what to do."""
    with announced.app_context():
        over = step_at(db.session(), Step.PUBLISH)
    with time_machine.travel(over, tick=False):  # nothing else stands in the way
        client = signed_in(announced, CHIEF)
        page = client.get(SEMESTER_PATH).text
        with pytest.raises(LookupError):
            form_at(page, "/publish")
        refused = client.post(
            f"{SEMESTER_PATH}/publish", data={"csrf_token": token_of(client), "confirmed": "y"}
        )
    assert refused.status_code == 422
    assert "写明点名的理由" in words(refused.text, "//*[@role='alert']")
    assert not entry(announced).withheld


def test_withholding_is_a_choice_too(announced: Flask) -> None:
    client = signed_in(announced, BUREAU)
    submit(client, PAGE, {f"{NUMBER}-decision": "withhold"}, action=NUMBER)
    assert entry(announced).withheld
    assert "不点名" in words(client.get(SEMESTER_PATH).text)
    assert "单独告知5人" in words(client.get(SEMESTER_PATH).text)


def test_forged_posts_change_nothing(announced: Flask) -> None:
    client = signed_in(announced, CHIEF)
    token = str(form_at(client.get(PAGE).text, NUMBER).fields[f"{NUMBER}-csrf_token"])
    forged = {"csrf_token": token, f"{NUMBER}-csrf_token": token, f"{NUMBER}-decision": "withhold"}
    for number in (OTHER, "T0039", "T7777"):
        assert client.post(f"{PAGE}/{number}", data=forged).status_code == 404
    assert client.post(f"{PAGE}/{NUMBER}", data={f"{NUMBER}-decision": "withhold"}).status_code in {400, 422}
    for other in (DISTRICT, OFFICER):
        stranger = signed_in(announced, other)
        assert stranger.get(PAGE).status_code == 403
        token = str(form_at(stranger.get("/account").text).fields["csrf_token"])
        assert stranger.post(f"{PAGE}/{NUMBER}", data={**forged, "csrf_token": token}).status_code == 403
    assert (entry(announced).withheld, entry(announced).reason) == (False, "")
    publish(announced)
    page = client.get(PAGE)
    assert "name-card" in page.text
    assert f"{NUMBER}-decision" not in page.text
    late = client.post(
        f"{PAGE}/{NUMBER}", data={**forged, f"{NUMBER}-decision": "name", f"{NUMBER}-reason": REASON}
    )
    assert late.status_code == 422
    assert (entry(announced).withheld, entry(announced).reason) == (True, "")


def test_who_sees_how_sure_a_place_is(announced: Flask) -> None:
    """The band everybody who sees the place; the chance the office and the listed person alone."""
    publish(announced)
    chance = "会进入后五名"
    own = words(signed_in(announced, f"teacher-{NUMBER}").get("/teacher").text)
    assert "名次大致在第" in own
    assert chance in own
    assert "不可区分" in own
    other = words(signed_in(announced, f"teacher-{OTHER}").get("/teacher").text)
    assert "名次大致在第" in other
    assert chance not in other
    head = signed_in(announced, OFFICER)
    listing = head.get("/school/ranking").text
    assert "名次大致在" in words(listing)
    single = words(head.get(f"/school/ranking/{NUMBER}").text)
    assert "名次大致在第" in single
    assert chance not in single
    assert chance in words(signed_in(announced, BUREAU).get(f"{SEMESTER_PATH}/ranking/{NUMBER}").text)


def test_where_nothing_was_counted_the_page_says_so(app: Flask) -> None:
    settle(app, Step.FREEZE)
    text = words(signed_in(app, CHIEF).get(PAGE).text)
    assert "看不出" in text
    assert "能估计误差的 0 / 36名" in text
    assert "点名要写明理由" not in text


def test_before_the_freeze_there_is_no_page(app: Flask) -> None:
    settle(app, Step.OPEN)
    assert signed_in(app, CHIEF).get(PAGE).status_code == 404
