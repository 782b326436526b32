"""A sealed name: the district asks, the custodian and a second person agree, it is seen, the complainant is told."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.support.people import People, follow, look, press
from tests.web.road import desk, filed

pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)

NAME, WHY = "赵敏之", "需要当面核实伤情,否则无法认定。"


@pytest.fixture
def app(city: Flask) -> Flask:
    """What is served here: the small city."""
    return city


def test_a_sealed_name_is_seen_by_two_peoples_leave_and_its_owner_is_told(people: People, app: Flask) -> None:
    code, number = filed(app, identity="real_name_hidden", name=NAME, phone="13800001111")
    district = people.signed_in("district_officer")
    district.goto(f"/bureau/cases/{number}")
    expect(district.locator("main")).not_to_contain_text(NAME)
    follow(district, district.locator(f"a[href$='/custody/cases/{number}']").first)
    look(district)
    district.locator("[name=subject]").first.check()
    district.get_by_label("理由").fill(WHY)
    press(district, "提交申请")
    look(district)
    expect(district.get_by_role("button", name="查看身份")).to_have_count(0)

    custodian = people.signed_in("custodian")
    custodian.goto("/bureau/custody")
    expect(custodian.locator("main")).to_contain_text(WHY)
    expect(custodian.locator("main")).not_to_contain_text(NAME)
    look(custodian)
    press(custodian, "审查同意")
    look(custodian)

    head = people.signed_in("bureau_head")
    head.goto("/bureau/custody/approvals")
    look(head)
    press(head, "批准，并告知投诉人")

    district.reload()
    expect(district.locator("main")).not_to_contain_text(NAME)
    district.get_by_role("button", name="查看身份").click()
    expect(district.locator("main")).to_contain_text(NAME)
    expect(district.locator("main")).to_contain_text("本次查看已记录")
    look(district)

    parent = people.opened(code)
    expect(parent.locator(".thread")).to_contain_text("第二人批准")
    look(parent)
    assert NAME not in desk(app, "school_officer").get(f"/school/cases/{number}").text
