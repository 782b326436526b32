"""Objections, appeals and corrections over HTTP: filed by the teacher, decided on the page, told to those concerned."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from flask_security.utils import hash_password
from sqlalchemy import select, update

from ethics_eval.accounts.rules import Role
from ethics_eval.complaints.models import Finding
from ethics_eval.database import db, transaction
from ethics_eval.jobs.tick import tick
from ethics_eval.notices import correcting
from ethics_eval.ranking.models import Objection
from ethics_eval.ranking.proof import verify
from ethics_eval.ranking.queries.standing import standing
from ethics_eval.ranking.rules.steps import Step
from tests.ranking.appealing import DECISION, GROUNDS, AppealedCity
from tests.support.city import PASSWORD
from tests.support.forms import form_at, submit
from tests.support.ranked import SCHOOLS, SEMESTER, step_at
from tests.web.ranked_pages import BUREAU, CHIEF, DISTRICT, SEMESTER_PATH, signed_in, words

TEACHER, OTHER = "teacher-T0035", "teacher-T0003"
SCHOOL = SCHOOLS[2][0]  # of teacher 35
FILE = f"/teacher/scores/{SEMESTER}/objection"
PARENT = f"component-{SCHOOL}-parent"


@pytest.fixture
def led(app: Flask) -> Callable[[Step], Flask]:
    """The application on the city, its steps taken up to one."""

    def lead(last: Step) -> Flask:
        with app.app_context():
            password_hash = hash_password(PASSWORD)
            with transaction() as session:
                city = AppealedCity(
                    session, app.extensions["vault"], app.config["INSTANCE"], last, password_hash
                )
                city.who(35), city.who(3), city.account(Role.SCHOOL_OFFICER, school=2)
        return app

    return lead


def moment(app: Flask, step: Step, days: int = 1) -> time_machine.travel:
    with app.app_context():
        at = step_at(db.session(), step)
    return time_machine.travel(at + timedelta(days=days), tick=False)


def filed(client: FlaskClient) -> str:
    answer = submit(client, FILE, {"topic": "score", "grounds": GROUNDS}, action=FILE)
    assert answer.status_code == 303, words(answer.text)
    return str(answer.location)


def page_of(app: Flask) -> str:
    with app.app_context():
        return f"/bureau/objections/{db.session().scalars(select(Objection.id)).one()}"


def test_from_the_prior_notice_to_the_ranking_put_right(led: Callable[[Step], Flask]) -> None:
    app = led(Step.ANNOUNCE)
    with moment(app, Step.ANNOUNCE):
        teacher = signed_in(app, TEACHER)
        assert "提出异议" in words(teacher.get("/teacher").text)
        long = submit(teacher, FILE, {"topic": "score", "grounds": "长" * 5001}, action=FILE)
        assert long.status_code == 422
        assert "最多写5000个字" in words(long.text, "//*[@role='alert']")
        assert "长" * 5001 in long.text, "what was typed is never lost"
        own = filed(teacher)
        assert "最迟" in words(teacher.get(own).text)
        assert "您已经提出了一件" in words(teacher.get(FILE).text)

        path = page_of(app)
        froze = signed_in(app, BUREAU)
        assert "您冻结了这个榜单" in words(froze.get(path).text)
        token = {"csrf_token": str(form_at(froze.get(path).text).fields["csrf_token"])}
        forged = froze.post(f"{path}/decide", data={**token, "result": "rejected", "decision": DECISION})
        assert forged.status_code == 422
        assert "您冻结了这个榜单" in words(forged.text)

        reviewer = signed_in(app, "reviewer")
        assert "还剩" in words(reviewer.get("/bureau/objections").text)
        page = reviewer.get(path).text
        assert GROUNDS in page
        nothing = submit(reviewer, path, {"result": "upheld", "decision": DECISION}, action="/decide")
        assert nothing.status_code == 422
        assert "至少一处" in words(nothing.text, "//*[@role='alert']")
        wrong = {"result": "upheld", "decision": DECISION, f"{PARENT}-raters": "41"}
        refused = submit(reviewer, path, wrong, action="/decide")
        assert refused.status_code == 422
        assert f"#{PARENT}-raters" in refused.text
        sound = {"result": "upheld", "decision": DECISION, f"{PARENT}-score_e4": "92.5"}
        done = submit(reviewer, path, sound, action="/decide")
        assert done.status_code == 303, words(done.text)
        assert "第2版" in words(reviewer.get(path).text)
        assert DECISION in words(teacher.get(own).text)
        difference = words(reviewer.get(f"{SEMESTER_PATH}/versions").text)
        for text in ("异议成立", "改正一部分的得分", "92.50", "T0035", "第1版到第2版"):
            assert text in difference
        assert "这是第2版" in words(reviewer.get(SEMESTER_PATH).text)
        assert "已被更正" in words(reviewer.get(f"{SEMESTER_PATH}/ranking?version=1").text)
        assert reviewer.get(f"{SEMESTER_PATH}/ranking?version=9").status_code == 404
        book = reviewer.get(f"{SEMESTER_PATH}/ranking.xlsx")
        assert "%E7%AC%AC2%E7%89%88" in book.headers["Content-Disposition"]
    with app.app_context():
        assert standing(db.session(), SEMESTER).status == "announced"
        assert verify(db.session(), SEMESTER, instance=app.config["INSTANCE"]).faults == ()


def test_an_appeal_suspends_the_deduction_and_can_be_taken_back(led: Callable[[Step], Flask]) -> None:
    app = led(Step.PUBLISH)
    with moment(app, Step.PUBLISH):
        teacher = signed_in(app, TEACHER)
        own = filed(teacher)
        assert "申诉期间暂停扣分" in words(teacher.get("/teacher").text)
        score = f"{SEMESTER_PATH}/ranking/T0035"
        assert "申诉期间暂停扣分" in words(signed_in(app, BUREAU).get(score).text)
        assert "申诉" not in words(signed_in(app, "school_officer-2").get("/school/ranking").text)
        assert signed_in(app, OTHER).get(own).status_code == 404
        assert submit(teacher, own, action="/withdraw").status_code == 303
        assert "已撤回" in words(teacher.get(own).text)
        assert "申诉期间暂停扣分" not in words(teacher.get("/teacher").text)
    with moment(app, Step.PUBLISH, days=60):
        teacher = signed_in(app, TEACHER)
        assert "期限已于" in words(teacher.get(FILE).text)
        token = {"csrf_token": str(form_at(teacher.get("/teacher").text).fields["csrf_token"])}
        late = teacher.post(FILE, data={**token, "topic": "score", "grounds": GROUNDS})
        assert late.status_code == 422


def test_who_is_not_listed_does_not_learn_of_a_list(led: Callable[[Step], Flask]) -> None:
    app = led(Step.ANNOUNCE)
    with moment(app, Step.ANNOUNCE):
        client = signed_in(app, OTHER)
        assert client.get(FILE).status_code == 404
        assert "提出异议" not in words(client.get("/teacher").text, "//*[@class='banner']")


def test_a_head_corrects_a_published_ranking_by_hand(led: Callable[[Step], Flask]) -> None:
    app = led(Step.PUBLISH)
    path = f"{SEMESTER_PATH}/correction"
    with moment(app, Step.PUBLISH, days=40):
        chief = signed_in(app, CHIEF)
        assert "没有教师编码" in words(chief.get(f"{path}?teacher=T7777").text)
        assert chief.get(f"{path}?teacher=T0035").location.endswith("/T0035")
        assert chief.get(f"{path}/T7777").status_code == 404
        filled = {f"{PARENT}-score_e4": "92.5", "reason": DECISION, "confirmed": "y"}
        assert "至少10个字" in words(submit(chief, f"{path}/T0035", {**filled, "reason": "错"}).text)
        odd = submit(chief, f"{path}/T0035", {**filled, f"{PARENT}-score_e4": "92.55555"})
        assert "最多4位小数" in words(odd.text)
        assert submit(chief, f"{path}/T0035", filled).status_code == 303
        assert DECISION in words(chief.get(f"{SEMESTER_PATH}/versions").text)
        own = words(signed_in(app, TEACHER).get("/teacher").text)
        assert "这个学期的榜单更正过" in own
        assert "第1版" in own
        assert "更正过" not in words(signed_in(app, OTHER).get("/teacher").text)
        for name in (BUREAU, DISTRICT):
            client = signed_in(app, name)
            token = {"csrf_token": str(form_at(client.get("/account").text).fields["csrf_token"])}
            assert client.post(f"{path}/T0035", data={**token, **filled}).status_code == 403
        assert signed_in(app, DISTRICT).get(f"{SEMESTER_PATH}/versions").status_code == 403
        assert signed_in(app, DISTRICT).get(f"{SEMESTER_PATH}/ranking?version=1").status_code == 404


def test_the_clock_puts_right_what_was_revoked_and_what_fails_is_tried_again(
    led: Callable[[Step], Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = led(Step.PUBLISH)
    with app.app_context():
        at = step_at(db.session(), Step.PUBLISH) + timedelta(days=20)
        with transaction() as session:
            session.execute(update(Finding).values(revoked_at=at, effective_at=None))

    def run() -> list[str]:
        with app.app_context():
            done = tick(transaction, at=at, instance=Path(app.config["INSTANCE"]))
        return [line for line in done if "correct" in line]

    def broken(*_args: object, **_more: object) -> None:
        raise OSError("a defect")

    with monkeypatch.context() as patched:
        patched.setattr(correcting, "issue_correction", broken)
        assert run() == ["corrections: failed (OSError)"]
    with app.app_context():
        assert standing(db.session(), SEMESTER).version == 1
    assert run() == [f"{SEMESTER} corrected: version 2"]
    assert run() == []
    with app.app_context():
        found = standing(db.session(), SEMESTER)
        assert (found.version, found.status, found.cause) == (2, "published", "finding")
