"""A teacher: told the facts, heard, told the decision, 复核 by another hand; cleared when nothing was found."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import select

from ethics_eval.accounts.rules import Role
from ethics_eval.complaints.models import Case, Clearance, Remedy
from ethics_eval.database import db
from tests.support.city import LETTER
from tests.support.people import People, follow, look, press
from tests.web.road import JUDGEMENT, REASON, account, act, desk, filed, lead, teacher_id

pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)

SCHOOL, BUREAU = "/school/cases", "/bureau/cases"
FACTS = "拟认定您在课堂上罚站学生一节课。"
STATEMENT = "我当时是想让他集中注意力,是我方法不当。"
CLEARED = "经调查核实,有关情况不属实。"


@pytest.fixture
def app(city: Flask) -> Flask:
    """What is served here: the small city."""
    return city


def test_heard_decided_and_varied_by_another_hand(people: People, app: Flask) -> None:
    _code, number = filed(app)
    account(app, "district_second", Role.DISTRICT_OFFICER)
    school, district = desk(app, "school_officer"), desk(app, "district_officer")
    lead(app, number, "investigate", school=school, district=district)
    judgement = {**JUDGEMENT, "severity": "serious", "measure": "WARNING"}
    assert (
        act(school, SCHOOL, number, "propose", {**judgement, "teacher": teacher_id(app)}).status_code == 303
    )
    assert act(school, SCHOOL, number, "notify", {"facts": FACTS}).status_code == 303

    teacher = people.signed_in("teacher")
    teacher.goto("/teacher/cases")
    look(teacher)
    follow(teacher, teacher.locator(f"main a[href$='/{number}']"))
    expect(teacher.locator("main")).to_contain_text(FACTS)
    expect(teacher.locator("main")).not_to_contain_text(str(LETTER["body"]))
    look(teacher)
    teacher.locator("#statement-statement, textarea[name$=statement]").first.fill(STATEMENT)
    press(teacher, "提交陈述申辩")

    assert act(district, BUREAU, number, "decide", judgement).status_code == 303
    teacher.goto(f"/teacher/cases/{number}")
    expect(teacher.get_by_role("heading", name="认定决定")).to_be_visible()
    look(teacher)
    teacher.locator("textarea[name$=grounds]").fill(REASON)
    press(teacher, "申请复核")
    expect(teacher.locator("main")).to_contain_text("您的申请正在办理")
    look(teacher)

    with app.app_context():
        remedy = db.session().scalars(select(Remedy.id)).one()
    decider = people.signed_in("district_officer")
    decider.goto(f"/bureau/remedies/{remedy}")
    expect(decider.locator("main")).to_contain_text("须由其他人办理")
    look(decider)
    second = people.signed_in("district_second")
    second.goto("/bureau/remedies")
    look(second)
    follow(second, second.locator(f"main a[href$='/{remedy}']").first)
    look(second)
    second.locator("[name$=result][value=varied]").check()
    second.locator("[name$=severity]").select_option("ordinary")
    second.locator("[name$=reasons]").fill(REASON)
    press(second, "作出决定")
    look(second)
    teacher.reload()
    expect(teacher.locator("main")).to_contain_text("变更")
    look(teacher)


def test_cleared_with_consent(people: People, app: Flask) -> None:
    _code, number = filed(app)
    school, district = desk(app, "school_officer"), desk(app, "district_officer")
    lead(app, number, "investigate", school=school, district=district)
    judgement = {**JUDGEMENT, "outcome": "UNSUBSTANTIATED"}
    assert (
        act(school, SCHOOL, number, "propose", {**judgement, "teacher": teacher_id(app)}).status_code == 303
    )
    assert act(district, BUREAU, number, "decide", judgement).status_code == 303

    bureau = people.signed_in("district_officer")
    bureau.goto(f"{BUREAU}/{number}/clearance")
    look(bureau)
    bureau.locator("[name$=text]").fill(CLEARED)
    bureau.locator("[name$=audience][value=school]").check()
    press(bureau, "请教师答复是否同意")
    with app.app_context():
        clearance = db.session().scalars(select(Clearance.id)).one()
        assert db.session().scalars(select(Case.status)).one() == "decided"
    officer = people.signed_in("school_officer")
    officer.goto("/school/clearances")
    expect(officer.locator("main")).not_to_contain_text("陈思远")

    teacher = people.signed_in("teacher")
    teacher.goto("/teacher/cases")
    follow(teacher, teacher.locator(f"main a[href$='/{clearance}']").first)
    look(teacher)
    teacher.locator("[name$=answer][value=yes]").check()
    press(teacher, "提交答复")
    bureau.goto(f"{BUREAU}/{number}/clearance")
    press(bureau, "发出澄清正名")
    officer.reload()
    follow(officer, officer.locator(f"main a[href$='/{clearance}']").first)
    expect(officer.locator(".document")).to_contain_text(CLEARED)
    expect(officer.locator(".document")).not_to_contain_text(number)
    look(officer)
