"""The respondent's side over HTTP: the fact sheet and the statement, never the letter."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.forms import submit
from tests.web.road import REASON, act, desk, errors_at, filed, lead


@pytest.fixture
def app(city: Flask) -> Flask:
    """What is asked here: the small city."""
    return city


def test_the_teacher_is_heard(app: Flask) -> None:
    _code, number = filed(app)
    school, district, teacher = (
        desk(app, username) for username in ("school_officer", "district_officer", "teacher")
    )
    path = f"/teacher/cases/{number}"
    lead(app, number, "propose", school=school, district=district)
    assert teacher.get(path).status_code == 404
    assert number not in teacher.get("/teacher/cases").text
    act(school, "/school/cases", number, "notify", {"facts": "拟认定您在课堂上罚站学生一节课。"})
    page = teacher.get(path).text
    assert "拟认定您在课堂上罚站学生一节课" in page
    assert "已经不是第一次了" not in page
    assert "询问了三名学生" not in page
    refused = submit(teacher, path, {"statement": "冤枉"})
    assert refused.status_code == 422
    assert set(errors_at(refused.text)) == {"statement"}
    assert submit(teacher, path, {"statement": "我没有罚站,只是请他到前排坐。"}).status_code == 303
    assert "只是请他到前排坐" in district.get(f"/bureau/cases/{number}").text
    act(district, "/bureau/cases", number, "send_back", {"reason": REASON})
    assert teacher.get(path).status_code == 404


def test_a_statement_on_an_old_page_is_told(app: Flask) -> None:
    _code, number = filed(app)
    school, district, teacher = (
        desk(app, username) for username in ("school_officer", "district_officer", "teacher")
    )
    lead(app, number, "notify", school=school, district=district)
    path = f"/teacher/cases/{number}"
    for version, status in (("1", 409), ("", 422), ("x", 422)):
        assert submit(teacher, path, {"version": version, "statement": REASON}).status_code == status
