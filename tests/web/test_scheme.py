"""Pages of schemes: read by districts, drafted by officers, adopted by a head, tried on a frozen semester."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select

from ethics_eval.accounts.rules import Role
from ethics_eval.database import Base, db
from ethics_eval.evaluation.models import SchemeVersion
from ethics_eval.evaluation.rules.form import fingerprint
from ethics_eval.ranking.rules.steps import Step
from tests.support.forms import form_at, submit, values
from tests.web.ranked_pages import BUREAU, CHIEF, settle, signed_in, words

SCHEMES = "/bureau/schemes"
DRAFT = f"{SCHEMES}/next"
ADOPTED = f"{SCHEMES}/tests-1"


def by(app: Flask, role: Role) -> FlaskClient:
    return signed_in(app, role.value)


def document(app: Flask, version: str = "next") -> dict[str, Any]:
    with app.app_context():
        found = db.session().scalar(select(SchemeVersion.document).where(SchemeVersion.version == version))
        return dict(json.loads(found)) if found else {}


def test_a_draft_is_made_mended_compared_and_adopted_by_another(lettered_city: Flask) -> None:
    app = lettered_city
    officer, head = by(app, Role.BUREAU_OFFICER), by(app, Role.BUREAU_HEAD)
    adopted = document(app, "tests-1")
    made = submit(officer, f"{SCHEMES}/_new", {"version": "2026-1", "name": "春季方案", "base": "tests-1"})
    assert made.location.endswith("/2026-1/edit")

    page = f"{SCHEMES}/2026-1"
    saved = submit(
        officer,
        f"{page}/edit",
        {
            "bottom": "3",
            "components.peer.prior": "8",
            "items.parent[0].points": "100 0",
            "items.parent[0].school.options": "满意\r\n不满意",
            "items.parent[0].kindergarten.options": "放心\r\n不放心",
        },
    )
    assert saved.status_code == 303, words(saved.text)
    told = words(officer.get(f"{page}/diff").text)
    for text in (
        "名单人数 5人 3人",
        "互评 向学段平均靠拢的强度 0 8",
        "P1 选项文字 幼儿园",
        "放心 / 不放心",
        "100 / 0",
    ):
        assert text in told
    assert "批准方案" not in words(officer.get(page).text)

    refused = submit(head, page, {"confirmed": "y"}, action="/adopt")
    assert refused.status_code == 422
    assert "请填写批准文号" in words(refused.text, "//*[@role='alert']")
    answer = submit(head, page, {"confirmed": "y", "approval_number": "株教通〔2026〕3号"}, action="/adopt")
    assert answer.status_code == 303
    shown = words(head.get(page).text)
    for text in ("已批准", "株教通〔2026〕3号", "后3名名单", "去掉最高和最低各10%"):
        assert text in shown
    assert "春季方案 下学期使用" in words(head.get(SCHEMES).text)
    assert document(app, "tests-1") == adopted


def test_nothing_typed_is_lost_and_every_fault_stands_at_its_field(lettered_city: Flask) -> None:
    client = by(lettered_city, Role.BUREAU_OFFICER)
    before = document(lettered_city)
    wrong = {
        "name": "",
        "components.peer.trim_percent": "六十",
        "components.school.weight": "2999",
        "bottom": "0",
        "items.parent[1].weight": "1",
        "items.parent[0].points": "100 x",
        "items.peer[3].school.title": "很长" * 20,
        "items.peer[4].school.options": "只有一个",
    }
    answer = submit(client, f"{DRAFT}/edit", wrong)
    assert answer.status_code == 422
    tree = html.fromstring(answer.text)
    shown = values(form_at(answer.text, "/edit"))
    for name, text in wrong.items():
        assert shown[name].strip() == text
    summary = words(answer.text, "//*[@role='alert']")
    for path in (
        "name",
        "components.peer.trim_percent",
        "bottom",
        "items.parent[0].points[1]",
        "forms.peer.school.N04.title",
        "forms.peer.school.N05.options",
    ):
        assert path in summary
    for told in (
        '互评 两端各去掉的评价："六十" 应当是整数',
        "名称：没有填写",
        "互评 N05 中小学 选项文字：选项应当有2到10个",
        '家长 P1 各选项分值："x" 应当是整数',
    ):
        assert told in summary
    for link in tree.xpath("//*[@role='alert']//a/@href"):
        (target,) = tree.xpath(f"//*[@id='{link[1:]}']")
        assert target.get("aria-invalid") == "true" or target.tag in {"h2", "h3", "fieldset"}
        for folded in target.iterancestors("details"):
            assert folded.get("open") is not None
    assert document(lettered_city) == before


def test_items_come_and_go_without_being_kept_yet(lettered_city: Flask) -> None:
    client = by(lettered_city, Role.BUREAU_OFFICER)
    before = document(lettered_city)
    more = submit(client, f"{DRAFT}/edit", {"add": "pupil", "name": "改了一半"})
    assert more.status_code == 200
    fields = values(form_at(more.text, "/edit"))
    assert (fields["name"], fields["items.pupil[6].code"]) == ("改了一半", "")
    fields |= {"items.pupil[6].code": "S7", "remove": "items.pupil[0]"}
    less = values(form_at(client.post(f"{DRAFT}/edit", data=fields).text, "/edit"))
    assert [less[f"items.pupil[{place}].code"] for place in range(6)] == ["S2", "S3", "S4", "S5", "S6", "S7"]
    assert document(lettered_city) == before


def test_the_second_of_two_editors_sees_the_text_again(lettered_city: Flask) -> None:
    client = by(lettered_city, Role.BUREAU_OFFICER)
    stale = values(form_at(client.get(f"{DRAFT}/edit").text, "/edit"))
    assert submit(client, f"{DRAFT}/edit", {"bottom": "3", "semester_weeks": "19"}).status_code == 303
    assert "不能用这个方案开始" in words(client.get(DRAFT).text)
    late = client.post(f"{DRAFT}/edit", data=stale | {"bottom": "4"})
    assert late.status_code == 409
    assert "被别人改过" in words(late.text, "//*[@role='alert']")
    assert document(lettered_city)["bottom"] == 3
    again = values(form_at(late.text, "/edit"))
    assert again["bottom"] == "4"
    assert client.post(f"{DRAFT}/edit", data=again).status_code == 303
    assert document(lettered_city)["bottom"] == 4
    assert client.post(f"{DRAFT}/delete", data=stale | {"deleted": "y"}).status_code == 409


def test_files_go_out_and_come_in(lettered_city: Flask) -> None:
    client = by(lettered_city, Role.BUREAU_OFFICER)
    files = [client.get(f"{DRAFT}/{name}.json") for name in ("scheme", "forms")]
    assert all("attachment" in file.headers["Content-Disposition"] for file in files)
    scheme, forms = (file.get_data() for file in files)
    assert json.loads(scheme) == document(lettered_city)
    sent = {
        "scheme": (BytesIO(scheme.replace(b'"next"', b'"again"')), "s.json"),
        "forms": (BytesIO(forms), "f.json"),
    }
    answer = submit(client, f"{SCHEMES}/_upload", sent)
    assert answer.location.endswith("/again")
    assert client.get(f"{SCHEMES}/again/forms.json").get_data() == forms

    broken = {
        "scheme": (BytesIO(scheme.replace(b'"bottom": 5', b'"bottom": 0')), "s.json"),
        "forms": (BytesIO(b"\xff\xfe{"), "f.json"),
    }
    refused = submit(client, f"{SCHEMES}/_upload", broken)
    assert refused.status_code == 422
    told = words(refused.text, "//*[@role='alert']")
    assert "bottom 0 太小，至少为 1" in told
    assert "forms.(file) 不是JSON文件：第1行第1个字符起看不懂" in told
    taken = submit(client, f"{SCHEMES}/_upload", {"scheme": (BytesIO(scheme), "s.json")})
    assert (taken.status_code, "已经存在" in words(taken.text)) == (422, True)
    assert submit(client, f"{SCHEMES}/_upload", {"scheme": (BytesIO(b""), "")}).status_code == 422


def test_forged_posts_change_nothing(lettered_city: Flask) -> None:
    app = lettered_city
    officer, head, district = (
        by(app, role) for role in (Role.BUREAU_OFFICER, Role.BUREAU_HEAD, Role.DISTRICT_OFFICER)
    )
    before = document(app), document(app, "tests-1")
    seen = values(form_at(officer.get(f"{DRAFT}/edit").text, "/edit"))
    adopted_seen = values(form_at(officer.get(f"{SCHEMES}/_new").text, "/_new"))["csrf_token"]
    with app.app_context():
        row = db.session().get_one(SchemeVersion, "tests-1")
        state = fingerprint(row.document, row.forms)
    forged = {
        "csrf_token": adopted_seen,
        "seen": state,
        "confirmed": "y",
        "deleted": "y",
        "approval_number": "1",
    }
    edited = officer.post(f"{ADOPTED}/edit", data=seen | {"seen": state})
    assert (edited.status_code, "不能再改" in words(edited.text)) == (422, True)
    assert officer.post(f"{ADOPTED}/delete", data=forged).status_code == 422
    assert officer.post(f"{ADOPTED}/adopt", data=forged).status_code == 403
    token = values(form_at(head.get(f"{SCHEMES}/_new").text, "/_new"))["csrf_token"]
    assert head.post(f"{ADOPTED}/adopt", data=forged | {"csrf_token": token}).status_code == 422
    # who wrote at a draft does not adopt it, though the form is not shown
    assert submit(head, f"{DRAFT}/edit", {"bottom": "4"}).status_code == 303
    page = head.get(DRAFT).text
    assert "/adopt" not in page
    own = values(form_at(head.get(f"{DRAFT}/edit").text, "/edit"))
    own_forged = forged | {"csrf_token": token, "seen": own["seen"]}
    answer = head.post(f"{DRAFT}/adopt", data=own_forged)
    assert (answer.status_code, "另一位领导" in words(answer.text)) == (422, True)
    # a district reads what is adopted, and no draft
    assert district.get(ADOPTED).status_code == 200
    for path in (DRAFT, f"{DRAFT}/diff", f"{DRAFT}/scheme.json", f"{ADOPTED}/diff?with=next"):
        assert district.get(path).status_code == 404
    assert "十项准则方案" not in words(district.get(SCHEMES).text)
    assert document(app) == before[0] | {"bottom": 4}
    assert document(app, "tests-1") == before[1]


def test_a_deleted_draft_is_gone(lettered_city: Flask) -> None:
    client = by(lettered_city, Role.BUREAU_OFFICER)
    assert submit(client, DRAFT, action="/delete").status_code == 422
    assert submit(client, DRAFT, {"deleted": "y"}, action="/delete").status_code == 303
    assert client.get(DRAFT).status_code == 404


def test_a_draft_is_tried_on_the_last_frozen_semester(app: Flask) -> None:
    settle(app, Step.FREEZE)
    officer = signed_in(app, BUREAU)
    submit(officer, f"{SCHEMES}/_new", {"version": "2026-1", "name": "只看学校", "base": "tests-1"})
    page = f"{SCHEMES}/2026-1"
    same = words(officer.get(f"{page}/what-if").text, "//section[@aria-labelledby='moves']")
    assert "名次不变36" in same

    saved = submit(officer, f"{page}/edit", {"bottom": "3", "naming": "rank"})
    assert saved.status_code == 303
    before = _everything(app)
    text = officer.get(f"{page}/what-if").text
    listed = words(text, "//section[@aria-labelledby='list']")
    assert listed.count("点名通报") == 5  # three by the draft, of whom two were before
    assert listed.count("不在名单") == 2
    assert "列入名单53" in words(text, "//section[@aria-labelledby='sums']")
    assert "T0035" in words(text, "//section[@aria-labelledby='weights']")
    assert _everything(app) == before


def test_before_the_first_freeze_there_is_nothing_to_try_on(app: Flask) -> None:
    settle(app, None)
    head = signed_in(app, CHIEF)
    version = head.get(SCHEMES).text.partition('href="/bureau/schemes/2')[2].partition('"')[0]
    page = head.get(f"{SCHEMES}/2{version}/what-if")
    assert (page.status_code, "还没有冻结过的学期" in words(page.text)) == (200, True)


def _everything(app: Flask) -> dict[str, list[Any]]:
    with app.app_context(), db.engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table)).all()))
            for table in Base.metadata.sorted_tables
        }


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SYSADMIN, Role.SCHOOL_HEAD, Role.TEACHER])
def test_others_see_no_scheme_page(lettered_city: Flask, role: Role) -> None:
    client = by(lettered_city, role)
    for path in (SCHEMES, DRAFT, ADOPTED, f"{DRAFT}/what-if", f"{ADOPTED}/scheme.json"):
        assert client.get(path).status_code == 403
