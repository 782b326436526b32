"""The complainant's page and the threads at the desk, over HTTP and without JavaScript."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select
from werkzeug.test import TestResponse

from ethics_eval.accounts.rules import Role
from ethics_eval.complaints.models import Case, Complaint, Message
from ethics_eval.database import db
from tests.support.forms import form_at, submit, values
from tests.web.road import account, act, desk, errors_at, filed, lead, photo

CASE = "/track/case"
BUREAU = "/bureau/cases"
SCHOOL = "/school/cases"
UNREAD = "//*[contains(@class, 'thread-head')]/*[contains(@class, 'tag')]"
WORDS = "那天是周二第三节课,还有两个同学在场。"
REASON = "答复没有说清楚监控为什么没有调取。"


@pytest.fixture
def app(city: Flask) -> Flask:
    """What is asked here: the small city."""
    return city


def opened(app: Flask, code: str) -> FlaskClient:
    client = app.test_client()
    assert submit(client, "/track", {"query_code": code}).status_code == 303
    return client


def do(client: FlaskClient, deed: str, **fields: Any) -> TestResponse:
    """Fill in the form of a deed on the complainant's page."""
    given = {f"{deed}-{name}": value for name, value in fields.items()}
    return submit(client, CASE, given, action=f"{CASE}/{deed}")


def forged(client: FlaskClient, deed: str, **fields: Any) -> TestResponse:
    """Send what the page did not offer, with the token of another form."""
    token = values(form_at(client.get(CASE).text, "/track/leave"))["csrf_token"]
    names = {f"{deed}-{name}": value for name, value in fields.items()}
    data = {"csrf_token": token, f"{deed}-csrf_token": token, **names}
    return client.post(f"{CASE}/{deed}", data=data)


def complaint_id(app: Flask, number: str) -> str:
    with app.app_context():
        query = select(Complaint.id).join(Case).where(Case.number == number)
        return str(db.session().scalars(query).one())


def answered(app: Flask) -> tuple[str, str]:
    code, number = filed(app)
    lead(app, number, "reply", school=desk(app, "school_officer"), district=desk(app, "district_officer"))
    return code, number


def text(page: str, path: str) -> str:
    return " ".join(" ".join(node.text_content() for node in html.fromstring(page).xpath(path)).split())


def test_words_and_a_file_reach_the_desk_and_an_answer_comes_back(app: Flask) -> None:
    code, number = filed(app)
    parent = opened(app, code)
    answer = do(parent, "write", text=WORDS, evidence=(photo(), "黑板 照片.jpg"))
    assert (answer.status_code, answer.location) == (303, CASE)
    assert WORDS in parent.get(CASE).text
    assert "黑板 照片.jpg" in parent.get(CASE).text
    officer = desk(app, "school_officer")
    page = officer.get(f"{SCHOOL}/{number}").text
    assert WORDS in page
    assert text(page, UNREAD) == "未读"
    thread = complaint_id(app, number)
    assert submit(officer, f"{SCHOOL}/{number}", {}, action=f"{thread}/read").status_code == 303
    assert text(officer.get(f"{SCHOOL}/{number}").text, UNREAD) == ""
    field = f"m{thread[:8]}-text"
    sent = submit(officer, f"{SCHOOL}/{number}", {field: "收到了,谢谢您。"}, action=f"/messages/{thread}")
    assert sent.status_code == 303
    shown = parent.get(CASE).text
    assert "收到了,谢谢您。" in shown
    assert "经办人给您写了1条留言" in shown
    assert "测试school_officer" not in shown
    submit(parent, CASE, action="/track/leave")
    assert "经办人给您写了" not in opened(app, code).get(CASE).text


def test_looking_does_not_mark_read(app: Flask) -> None:
    code, number = filed(app)
    do(opened(app, code), "write", text=WORDS)
    officer = desk(app, "school_officer")
    for _ in range(2):
        assert text(officer.get(f"{SCHOOL}/{number}").text, UNREAD) == "未读"


def test_what_is_wrong_comes_back_with_what_was_typed(app: Flask) -> None:
    code, _number = filed(app)
    parent = opened(app, code)
    answer = do(parent, "write", text="长" * 2001)
    assert answer.status_code == 422
    assert "2000" in errors_at(answer.text)["write-text"]
    assert "长" * 2001 in answer.text
    answer = do(parent, "write", text=WORDS, evidence=(BytesIO(b"MZ\x90"), "病毒.exe"))
    assert answer.status_code == 422
    assert "病毒.exe" in errors_at(answer.text)["write-evidence"]
    assert WORDS in answer.text
    with app.app_context():
        assert db.session().scalars(select(Message)).all() == []


def test_the_desk_begins_from_a_text_and_must_fill_it_in(app: Flask) -> None:
    code, number = filed(app)
    officer = desk(app, "school_officer")
    thread = complaint_id(app, number)
    where = f"{SCHOOL}/{number}/messages?thread={thread}&words=MORE_FACTS"
    answer = submit(officer, where, {}, action=f"/messages/{thread}")
    assert answer.status_code == 422
    assert "补写完整" in answer.text
    assert "【请写明" not in opened(app, code).get(CASE).text


def test_reply_begins_from_the_outcome_and_ends_with_the_rights(app: Flask) -> None:
    code, number = filed(app)
    district = desk(app, "district_officer")
    lead(app, number, "decide", school=desk(app, "school_officer"), district=district)
    page = district.get(f"{BUREAU}/{number}").text
    begun = str(values(form_at(page, "/reply"))["reply-text"])
    assert "您反映的情况属实" in begun
    assert "2026" in begun
    other = district.get(f"{BUREAU}/{number}?words=UNVERIFIABLE").text
    assert "现有证据不能证实" in str(values(form_at(other, "/reply"))["reply-text"])
    answer = act(district, BUREAU, number, "reply")
    assert answer.status_code == 422
    assert "补写完整" in errors_at(answer.text)["reply-text"]
    assert act(district, BUREAU, number, "reply", {"text": "经查,情况属实,已经处理。"}).status_code == 303
    told = opened(app, code).get(CASE).text
    assert "请求市教育局复查" in told
    assert "荷塘区教育局答复了您。" in told


def test_the_timeline_says_who_and_until_when(app: Flask) -> None:
    code, number = filed(app)
    lead(app, number, "accept", school=desk(app, "school_officer"), district=desk(app, "district_officer"))
    page = opened(app, code).get(CASE).text
    steps = text(page, "//ol[@class='timeline']")
    assert "荷塘区明德小学已受理。最迟" in steps
    assert "答复您。" in steps
    banner = text(page, "//*[contains(@class, 'banner')]")
    assert "现在由荷塘区明德小学办理，最迟" in banner


def test_one_tap_and_a_change(app: Flask) -> None:
    code, _number = answered(app)
    parent = opened(app, code)
    assert forged(parent, "rate", satisfaction="9").status_code == 422
    for grade, word in (("1", "不满意"), ("3", "满意")):
        assert forged(parent, "rate", satisfaction=grade).status_code == 303
        assert f"您的评价：{word}" in parent.get(CASE).text


def test_a_dispute_goes_past_the_school_to_another_hand(app: Flask) -> None:
    code, number = answered(app)
    parent = opened(app, code)
    answer = do(parent, "dispute", reason=REASON)
    assert answer.status_code == 303, answer.text
    assert "您的异议由教育局处理，最迟" in parent.get(CASE).text
    again = forged(parent, "dispute", reason=REASON)
    assert again.status_code == 422
    assert "只能提一次" in again.text
    assert REASON not in desk(app, "school_officer").get(f"{SCHOOL}/{number}").text
    handler = desk(app, "district_officer")
    assert REASON in handler.get(f"{BUREAU}/{number}").text
    words = {"answer-text": "经核查,监控已经自动覆盖,学校已改正。"}
    refused = submit(handler, f"{BUREAU}/{number}", words, action="/dispute")
    assert refused.status_code == 422
    assert "由其他人答复" in refused.text
    bureau = desk(app, "bureau_officer")
    assert submit(bureau, f"{BUREAU}/{number}", words, action="/dispute").status_code == 303
    page = parent.get(CASE).text
    assert "市教育局答复了您的异议。" in page
    assert "监控已经自动覆盖" in page


def test_review_is_asked_for_on_the_page(app: Flask) -> None:
    code, _number = answered(app)
    parent = opened(app, code)
    assert do(parent, "ask_review", grounds="不对").status_code == 422
    assert do(parent, "ask_review", grounds=REASON).status_code == 303
    page = parent.get(CASE).text
    assert html.fromstring(page).xpath("//*[@data-state]/@data-state") == ["review"]
    assert "已请求复查。最迟" in page
    assert forged(parent, "ask_final_review", grounds=REASON).status_code in {403, 422}


def test_withdrawing_is_ones_own_decision(app: Flask) -> None:
    code, number = filed(app, category="C15")
    parent = opened(app, code)
    answer = do(parent, "withdraw", reason="已经说清楚了")
    assert answer.status_code == 422
    assert "自己的决定" in errors_at(answer.text)["withdraw-sure"]
    assert do(parent, "withdraw", sure="y").status_code == 303
    assert "您撤回了投诉。" in parent.get(CASE).text
    with app.app_context():
        case = db.session().scalars(select(Case).where(Case.number == number)).one()
        assert case.status == "withdrawn"


def test_out_of_anonymity_one_way(app: Flask) -> None:
    code, number = filed(app)
    parent = opened(app, code)
    me = {"identity": "real_name_hidden", "name": "赵敏之", "phone": "138 0000 1111"}
    answer = do(parent, "disclose", **me)
    assert answer.status_code == 422
    assert "不能收回" in errors_at(answer.text)["disclose-sure"]
    assert do(parent, "disclose", **me, sure="y").status_code == 303
    officer = desk(app, "school_officer")
    assert "赵敏之" not in officer.get(f"{SCHOOL}/{number}").text
    assert "实名，身份已封存" in officer.get(f"{SCHOOL}/{number}").text
    assert forged(parent, "disclose", identity="anonymous", sure="y").status_code == 422
    assert do(parent, "disclose", identity="real_name", sure="y").status_code == 303
    assert "赵敏之" in officer.get(f"{SCHOOL}/{number}").text
    assert not [form for form in html.fromstring(parent.get(CASE).text).forms if "disclose" in form.action]


@pytest.mark.parametrize(
    "deed", ["write", "rate", "dispute", "withdraw", "ask_review", "ask_final_review", "disclose"]
)
def test_without_the_code_nothing_is_done(app: Flask, deed: str) -> None:
    filed(app)
    client = app.test_client()
    token = values(form_at(client.get("/track").text))["csrf_token"]
    answer = client.post(f"{CASE}/{deed}", data={"csrf_token": token, f"{deed}-text": WORDS})
    assert (answer.status_code, answer.location) == (303, "/track")
    with app.app_context():
        assert db.session().scalars(select(Message)).all() == []
    assert client.post(f"{CASE}/nonsense", data={"csrf_token": token}).status_code == 404


def test_what_the_page_refuses_a_forged_post_does_not_get(app: Flask) -> None:
    code, number = filed(app)
    parent = opened(app, code)
    for deed, fields in (
        ("rate", {"satisfaction": "1"}),
        ("dispute", {"reason": REASON}),
        ("ask_review", {"grounds": REASON}),
        ("ask_final_review", {"grounds": REASON}),
    ):
        assert forged(parent, deed, **fields).status_code == 422, deed
    with app.app_context():
        case = db.session().scalars(select(Case).where(Case.number == number)).one()
        assert (case.status, case.disputed_on, len(case.events)) == ("submitted", None, 1)


def test_other_schools_and_districts_find_no_thread(app: Flask) -> None:
    code, number = filed(app)
    do(opened(app, code), "write", text=WORDS)
    thread = complaint_id(app, number)
    account(app, "school_two", Role.SCHOOL_OFFICER, school=1)
    account(app, "district_two", Role.DISTRICT_OFFICER, district="430281")
    for username, base in (("school_two", SCHOOL), ("district_two", BUREAU)):
        client = desk(app, username)
        token = values(form_at(client.get("/account").text))["csrf_token"]
        assert client.get(f"{base}/{number}/messages").status_code == 404
        for path in (f"messages/{thread}", f"messages/{thread}/read", "notes"):
            posted = client.post(f"{base}/{number}/{path}", data={"csrf_token": token, "note-note": WORDS})
            assert posted.status_code == 404, path


def test_a_recused_case_is_not_there_for_its_school(app: Flask) -> None:
    code, number = filed(app, respondent_role="head", respondent="校长")
    do(opened(app, code), "write", text=WORDS)
    officer = desk(app, "school_officer")
    assert officer.get(f"{SCHOOL}/{number}/messages").status_code == 404
    district = desk(app, "district_officer")
    seen = district.get(f"{BUREAU}/{number}/preview/school").text
    assert "学校现在看不到这个案件" in seen
    assert WORDS not in seen
    assert WORDS in district.get(f"{BUREAU}/{number}/messages").text


def test_a_thread_of_another_case_cannot_be_reached_through_ones_own(app: Flask) -> None:
    _code, mine = filed(app)
    _code, other = filed(app, category="C15")
    officer = desk(app, "school_officer")
    token = values(form_at(officer.get("/account").text))["csrf_token"]
    foreign = complaint_id(app, other)
    posted = officer.post(
        f"{SCHOOL}/{mine}/messages/{foreign}",
        data={"csrf_token": token, f"m{foreign[:8]}-text": WORDS},
    )
    assert posted.status_code == 404


def test_a_head_reads_and_does_not_write(app: Flask) -> None:
    code, number = filed(app)
    do(opened(app, code), "write", text=WORDS)
    head = desk(app, "school_head")
    page = head.get(f"{SCHOOL}/{number}/messages")
    assert WORDS in page.text
    assert not [form for form in html.fromstring(page.text).forms if "/messages/" in (form.action or "")]
    token = values(form_at(head.get("/account").text))["csrf_token"]
    thread = complaint_id(app, number)
    assert head.post(f"{SCHOOL}/{number}/messages/{thread}", data={"csrf_token": token}).status_code == 403


def test_a_note_is_for_the_house(app: Flask) -> None:
    code, number = filed(app)
    officer = desk(app, "school_officer")
    note = {"note-note": "家长情绪激动,请注意沟通方式。"}
    assert submit(officer, f"{SCHOOL}/{number}", note, action="/notes").status_code == 303
    assert "情绪激动" in officer.get(f"{SCHOOL}/{number}").text
    assert "情绪激动" in desk(app, "bureau_officer").get(f"{BUREAU}/{number}").text
    assert "情绪激动" not in opened(app, code).get(CASE).text
    assert submit(officer, f"{SCHOOL}/{number}", {"note-note": "短"}, action="/notes").status_code == 422


def test_previews_show_what_each_sees(app: Flask) -> None:
    code, number = filed(app)
    do(opened(app, code), "write", text=WORDS)
    school, district = desk(app, "school_officer"), desk(app, "district_officer")
    lead(app, number, "notify", school=school, district=district)
    submit(district, f"{BUREAU}/{number}", {"note-note": "请注意是否有其他学生。"}, action="/notes")
    seen = {
        viewer: district.get(f"{BUREAU}/{number}/preview/{viewer}").text
        for viewer in ("complainant", "school", "teacher")
    }
    assert "已受理。最迟" in seen["complainant"]
    assert WORDS in seen["complainant"]
    assert WORDS in seen["school"]
    assert "罚站在教室后面" in seen["school"]
    assert "拟认定您在课堂上罚站学生一节课。" in seen["teacher"]
    for hidden in (WORDS, "罚站在教室后面"):
        assert hidden not in seen["teacher"]
    assert "请注意是否有其他学生" not in seen["complainant"] + seen["teacher"]
    assert not [form for form in html.fromstring(seen["school"]).forms if number in (form.action or "")]
    assert district.get(f"{BUREAU}/{number}/preview/nobody").status_code == 404
    assert school.get(f"{SCHOOL}/{number}/preview/teacher").status_code == 404


def test_joint_signers_are_told_to_the_desk(app: Flask) -> None:
    _code, number = filed(
        app, identity="real_name", name="赵敏之", phone="138 0000 1111", signers="钱一\n孙二"
    )
    page = desk(app, "school_officer").get(f"{SCHOOL}/{number}").text
    assert "钱一、孙二" in page
    assert "联名3人" in page
