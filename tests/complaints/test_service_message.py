"""Messages, notes, rating, dispute and late disclosure: sealed, within reach, one way where it must be."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from ethics_eval.accounts.models import AuditEvent
from ethics_eval.accounts.rules import PUBLIC, Actor
from ethics_eval.complaints import queries, service
from ethics_eval.complaints.evidence import PreparedFile
from ethics_eval.complaints.models import Case, Complaint, Evidence, Message
from ethics_eval.complaints.rules.correspondence import MAX_MESSAGE, MAX_WAITING
from ethics_eval.complaints.rules.machine import CaseStatus
from ethics_eval.complaints.rules.submission import IdentityMode
from ethics_eval.complaints.service import Person
from ethics_eval.complaints.tracking import progress
from ethics_eval.text import RuleViolation
from ethics_eval.vault.service import CUSTODIAN_UNIT, IDENTITY, KeyMissing, school_unit
from tests.complaints.town import LETTER, NAMED, Town

FILE = PreparedFile("录音 第一段.mp3", b"ID3 a recording", "audio/mpeg", b"ID3 a recording")
HIDDEN = replace(NAMED, identity=IdentityMode.REAL_NAME_HIDDEN)
REASON = "答复没有说清楚监控为什么没有调取。"


def complaint_of(case: Case) -> Complaint:
    (complaint,) = case.complaints
    return complaint


def tell(town: Town, case: Case, text: str = "请补充是哪一天。", by: Actor | None = None) -> Message:
    return service.write_to_complainant(town.by(by or town.officer), complaint_of(case), text)


def hear(
    town: Town, complaint: Complaint, text: str = "是3月2日上午。", files: tuple[PreparedFile, ...] = ()
) -> Message:
    town.later(minutes=1)
    return service.write_from_complainant(town.by(PUBLIC), complaint, text, files, folder=town.folder)


def words(town: Town, case: Case, actor: Actor) -> list[str]:
    return [
        message.text
        for thread in queries.threads(town.session, town.vault, case, actor)
        for message in thread.messages
    ]


# --- messages -----------------------------------------------------------------------------------------------


def test_words_go_both_ways_and_are_sealed(town: Town) -> None:
    case = town.case()
    tell(town, case)
    hear(town, complaint_of(case))
    assert words(town, case, town.officer) == ["请补充是哪一天。", "是3月2日上午。"]
    assert words(town, case, town.district) == words(town, case, town.bureau) != []
    rows = town.session.scalars(select(Message)).all()
    assert not any("上午".encode() in row.body or "补充".encode() in row.body for row in rows)
    audits = town.session.scalars(select(AuditEvent.detail).where(AuditEvent.action == "message.written"))
    assert not any("上午" in detail or "补充" in detail for detail in audits)


@pytest.mark.parametrize("who", ["neighbour", "other_district", "teacher", "custodian", "head"])
def test_who_has_no_business_here_writes_nothing(town: Town, who: str) -> None:
    case = town.case()
    for write in (
        lambda: tell(town, case, by=getattr(town, who)),
        lambda: service.note(town.by(getattr(town, who)), case, "这是一条不该写下的备注。"),
        lambda: service.mark_read(town.by(getattr(town, who)), complaint_of(case), seen_id=None),
        lambda: service.answer_dispute(town.by(getattr(town, who)), case, REASON),
    ):
        with pytest.raises(RuleViolation) as refused:
            write()
        assert refused.value.code == "permission.denied"
    assert town.session.scalars(select(Message)).all() == []


def test_a_recused_case_is_not_written_to_from_the_school(town: Town) -> None:
    case = town.case(replace(LETTER, respondent="李国华校长"))
    with pytest.raises(RuleViolation, match="没有办理此事的权限"):
        tell(town, case)
    tell(town, case, by=town.district)


@pytest.mark.parametrize("text", ["", "  \r\n ", "字" * (MAX_MESSAGE + 1)])
def test_what_is_no_message(town: Town, text: str) -> None:
    case = town.case()
    with pytest.raises(RuleViolation):
        tell(town, case, text)
    with pytest.raises(RuleViolation):
        hear(town, complaint_of(case), text)


def test_an_open_place_of_a_template_does_not_go_out(town: Town) -> None:
    case = town.case()
    with pytest.raises(RuleViolation, match="补写完整"):
        tell(town, case, "请您补充:【请写明需要什么】。")


def test_files_come_with_a_message_and_count_on(town: Town) -> None:
    case = town.case_of(town.send(files=[FILE, FILE]))
    complaint = complaint_of(case)
    first = hear(town, complaint, files=(FILE,))
    hear(town, complaint, "还有一段。", files=(FILE, FILE))
    rows = town.session.scalars(select(Evidence).order_by(Evidence.position)).all()
    assert [row.position for row in rows] == [1, 2, 3, 4, 5]
    assert [row.message_id for row in rows[:3]] == [None, None, first.id]
    town.session.expire_all()
    (thread,) = queries.threads(town.session, town.vault, case, town.officer)
    assert [len(message.attachments) for message in thread.messages] == [1, 2]
    assert thread.messages[0].attachments[0].name == FILE.name
    found = queries.evidence_stream(
        town.session, town.vault, case, rows[2].id, folder=town.folder, actor=town.officer
    )
    assert found is not None
    assert b"".join(found[1]) == FILE.body


def test_the_same_words_sent_twice_are_one_message(town: Town) -> None:
    complaint = complaint_of(town.case())
    first = hear(town, complaint, files=(FILE,))
    assert hear(town, complaint, files=(FILE,)).id == first.id
    assert hear(town, complaint, "别的话").id != first.id
    assert len(town.session.scalars(select(Evidence)).all()) == 1


def test_a_code_cannot_bury_a_desk(town: Town) -> None:
    case = town.case()
    complaint = complaint_of(case)
    for number in range(MAX_WAITING):
        last = hear(town, complaint, f"第{number}条")
    with pytest.raises(RuleViolation) as refused:
        hear(town, complaint, "再来一条")
    assert refused.value.code == "message.waiting"
    service.mark_read(town.by(town.officer), complaint, seen_id=last.id)
    hear(town, complaint, "再来一条")


def test_read_is_only_what_the_page_showed(town: Town) -> None:
    case = town.case()
    complaint = complaint_of(case)
    seen = hear(town, complaint, "第一条")
    hear(town, complaint, "第二条")
    assert queries.unread_counts(town.session, [case.id]) == {case.id: 2}
    assert service.mark_read(town.by(town.officer), complaint, seen_id=seen.id) == 1
    assert queries.unread_counts(town.session, [case.id]) == {case.id: 1}
    assert service.mark_read(town.by(town.officer), complaint, seen_id="0" * 32) == 0
    last = hear(town, complaint, "第三条")
    town.later(minutes=1)
    service.write_to_complainant(town.by(town.officer), complaint, "都看到了。", seen_id=last.id)
    assert queries.unread_counts(town.session, [case.id]) == {}
    assert queries.unread_counts(town.session, []) == {}


def test_the_complainant_reads_and_the_desk_sees_it(town: Town) -> None:
    case = town.case()
    complaint = complaint_of(case)
    sent = tell(town, case)
    shown = progress(town.session, town.vault, complaint.id, at=town.at)
    assert shown is not None
    assert (shown.unread, shown.last_message_id) == (1, sent.id)
    assert "王芳" not in str(shown), "the complainant is told the office, never the person"
    hear(town, complaint)
    assert sent.read_at is None, "an answer without having seen it leaves it unread"
    service.mark_read(town.by(PUBLIC), complaint, seen_id=sent.id)
    assert sent.read_at == town.at


def test_words_after_the_end(town: Town) -> None:
    case = town.case()
    town.lead(case, CaseStatus.CLOSED)
    version, events = case.version, len(case.events)
    hear(town, complaint_of(case), "还想补充一点。")
    tell(town, case, "收到,谢谢。", by=town.district)
    town.session.flush()
    assert (case.status, case.version, len(case.events)) == ("closed", version, events)


def test_another_complaints_message_marks_nothing(town: Town) -> None:
    first, second = town.case(), town.case(key="another key of sixteen")
    theirs = hear(town, complaint_of(first), "第一件的话")
    hear(town, complaint_of(second), "第二件的话")
    assert service.mark_read(town.by(town.officer), complaint_of(second), seen_id=theirs.id) == 0


# --- notes --------------------------------------------------------------------------------------------------


def notes(town: Town, case: Case, actor: Actor) -> list[str]:
    return [
        str(event.detail["note"])
        for event in queries.timeline(town.session, town.vault, case, actor)
        if event.action == "note"
    ]


def test_a_note_stays_in_the_house(town: Town) -> None:
    case = town.case()
    town.lead(case, CaseStatus.REPLIED)
    service.note(town.by(town.officer), case, "家长情绪激动,请注意沟通方式。")
    for actor in (town.officer, town.district, town.bureau):
        assert notes(town, case, actor) == ["家长情绪激动,请注意沟通方式。"]
    told = progress(town.session, town.vault, complaint_of(case).id, at=town.at)
    assert "情绪激动" not in str(told)
    sheets = queries.fact_sheets(town.session, town.vault, case, town.teachers["陈思远"].id)
    assert "情绪激动" not in str(sheets)


def test_a_note_of_the_bureau_does_not_follow_the_case_down(town: Town) -> None:
    case = town.case(replace(LETTER, category="C11"))
    town.lead(case, CaseStatus.ACCEPTED, handler=town.bureau)
    service.note(town.by(town.bureau), case, "学校以前处理不力,请留意。")
    assert notes(town, case, town.bureau) != []
    assert notes(town, case, town.district) == []
    assert notes(town, case, town.officer if case.desk == "school" else town.district) == []


def test_a_note_says_something(town: Town) -> None:
    with pytest.raises(RuleViolation):
        service.note(town.by(town.officer), town.case(), "  好 ")


# --- rating -------------------------------------------------------------------------------------------------


def test_rating_after_the_reply_and_its_change(town: Town) -> None:
    case = town.case()
    complaint = complaint_of(case)
    with pytest.raises(RuleViolation, match="答复之后"):
        service.rate(town.by(PUBLIC), complaint, 3)
    town.lead(case, CaseStatus.REPLIED)
    for wrong in (0, 4, -1):
        with pytest.raises(RuleViolation):
            service.rate(town.by(PUBLIC), complaint, wrong)
    service.rate(town.by(PUBLIC), complaint, 1)
    town.later(days=30)
    service.rate(town.by(PUBLIC), complaint, 3)
    assert complaint.satisfaction == 3
    town.later(days=1)
    with pytest.raises(RuleViolation, match="30天"):
        service.rate(town.by(PUBLIC), complaint, 1)
    assert case.status == "replied"


# --- dispute ------------------------------------------------------------------------------------------------


def test_one_dispute_answered_by_another_hand(town: Town) -> None:
    case = town.case()
    complaint = complaint_of(case)
    with pytest.raises(RuleViolation, match="收到答复之后"):
        service.dispute(town.by(PUBLIC), complaint, REASON)
    town.lead(case, CaseStatus.REPLIED)
    with pytest.raises(RuleViolation):
        service.dispute(town.by(PUBLIC), complaint, "不好")
    service.dispute(town.by(PUBLIC), complaint, REASON)
    assert case.disputed_on is not None
    assert case.dispute_due_on is not None
    assert (case.dispute_due_on - case.disputed_on).days >= 14
    with pytest.raises(RuleViolation, match="只能提一次"):
        service.dispute(town.by(PUBLIC), complaint, REASON)
    told = [
        event.detail
        for event in queries.timeline(town.session, town.vault, case, town.officer)
        if event.action == "dispute"
    ]
    assert told == [{}], "the school knows of it and does not read it"
    assert REASON in str(queries.timeline(town.session, town.vault, case, town.bureau))
    with pytest.raises(RuleViolation, match="由其他人答复"):
        service.answer_dispute(town.by(town.district), case, "经核查,监控已经覆盖,无法调取。")
    with pytest.raises(RuleViolation, match="权限"):
        service.answer_dispute(town.by(town.officer), case, "经核查,监控已经覆盖,无法调取。")
    service.answer_dispute(town.by(town.second), case, "经核查,监控已经覆盖,无法调取。")
    assert case.dispute_answered_on is not None
    shown = progress(town.session, town.vault, complaint.id, at=town.at)
    assert shown is not None
    answer = shown.steps[-1]
    assert (answer.action, answer.desk) == ("dispute_answer", "district")
    assert "监控" in answer.text
    assert "复查" in answer.rights
    with pytest.raises(RuleViolation, match="没有等待答复"):
        service.answer_dispute(town.by(town.second), case, "经核查,监控已经覆盖,无法调取。")


def test_a_dispute_has_its_time(town: Town) -> None:
    case = town.case()
    town.lead(case, CaseStatus.REPLIED)
    town.later(days=31)
    with pytest.raises(RuleViolation, match="超过30天"):
        service.dispute(town.by(PUBLIC), complaint_of(case), REASON)


# --- disclosure ---------------------------------------------------------------------------------------------


def person_seen(town: Town, case: Case, actor: Actor) -> dict[str, str] | None:
    (letter,) = queries.letters(town.session, town.vault, case, actor)
    return letter.person


ME = Person("赵敏之", "138 0000 1111", "学生的母亲")


def test_out_of_anonymity_for_the_custodian_alone(town: Town) -> None:
    case = town.case()
    complaint = complaint_of(case)
    before = complaint.content
    service.disclose(town.by(PUBLIC), complaint, identity=IdentityMode.REAL_NAME_HIDDEN, person=ME)
    town.session.flush()
    for actor in (town.officer, town.district, town.bureau):
        assert person_seen(town, case, actor) is None
    key = town.vault.open_key(town.session, f"case:{case.id}", IDENTITY, [CUSTODIAN_UNIT])
    assert complaint.identity is not None
    person = key.unseal_json(complaint.identity, f"complaint:identity:{complaint.id}")
    assert person["name"] == "赵敏之"
    assert complaint.content == before
    assert complaint.disclosed_at == town.at
    assert "赵敏之".encode() not in complaint.identity


@pytest.mark.parametrize("person", [None, Person("", "138 0000 1111"), Person("赵敏之", "不告诉")])
def test_a_disclosure_names_somebody(town: Town, person: Person | None) -> None:
    case = town.case()
    with pytest.raises(RuleViolation):
        service.disclose(town.by(PUBLIC), complaint_of(case), identity=IdentityMode.REAL_NAME, person=person)
    assert complaint_of(case).identity is None


def test_from_hidden_to_known(town: Town) -> None:
    case = town.case(HIDDEN)
    assert person_seen(town, case, town.officer) is None
    service.disclose(town.by(PUBLIC), complaint_of(case), identity=IdentityMode.REAL_NAME)
    town.session.flush()
    for actor in (town.officer, town.district, town.bureau):
        person = person_seen(town, case, actor)
        assert person is not None
        assert person["name"] == "赵敏之"


def test_the_school_of_a_recused_case_learns_no_name(town: Town) -> None:
    case = town.case(replace(HIDDEN, respondent="李国华校长"))
    service.disclose(town.by(PUBLIC), complaint_of(case), identity=IdentityMode.REAL_NAME)
    town.session.flush()
    assert person_seen(town, case, town.district) is not None
    with pytest.raises(KeyMissing):
        town.vault.open_key(town.session, f"case:{case.id}", IDENTITY, [school_unit(town.schools[0].id)])


@pytest.mark.parametrize("to", list(IdentityMode))
def test_disclosure_goes_one_way(town: Town, to: IdentityMode) -> None:
    case = town.case(NAMED)
    with pytest.raises(RuleViolation) as refused:
        service.disclose(town.by(PUBLIC), complaint_of(case), identity=to, person=ME)
    assert refused.value.code == "disclosure.one_way"


# --- merged -------------------------------------------------------------------------------------------------


def test_merged_complainants_keep_their_own_threads(town: Town) -> None:
    lead = town.case()
    town.later(minutes=1)
    other = town.case(key="another key of sixteen")
    mine, theirs = complaint_of(lead), complaint_of(other)
    for case in (lead, other):
        town.lead(case, CaseStatus.ACCEPTED)
    service.merge(town.by(town.officer), other, target=lead, reason="反映的是同一件事,一并办理。")
    hear(town, mine, "我是第一位")
    hear(town, theirs, "我是第二位")
    town.later(minutes=1)
    service.write_to_complainant(town.by(town.officer), theirs, "只对第二位说。")
    threads = queries.threads(town.session, town.vault, lead, town.officer)
    assert [[message.text for message in thread.messages] for thread in threads] == [
        ["我是第一位"],
        ["我是第二位", "只对第二位说。"],
    ]
    assert queries.unread_counts(town.session, [lead.id, other.id]) == {lead.id: 2}
    own = progress(town.session, town.vault, mine.id, at=town.at)
    assert "第二位" not in str(own)
    town.lead(lead, CaseStatus.REPLIED)
    service.dispute(town.by(PUBLIC), theirs, REASON)
    service.rate(town.by(PUBLIC), theirs, 1)
    own = progress(town.session, town.vault, mine.id, at=town.at)
    second = progress(town.session, town.vault, theirs.id, at=town.at)
    assert own is not None
    assert second is not None
    assert [step.action for step in own.steps if step.action == "dispute"] == []
    assert (own.satisfaction, second.satisfaction) == (None, 1)
    assert second.status == "replied"
    assert [step.text for step in second.steps if step.action == "reply"] == [
        step.text for step in own.steps if step.action == "reply"
    ]
    assert second.is_merged


# --- rights -------------------------------------------------------------------------------------------------

ANSWER = "经核实,情况已经查明,处理意见如下。"


def told(town: Town, case: Case, action: str) -> dict[str, str]:
    (event,) = [row for row in case.events if row.action == action]
    return queries.detail_of(town.session, town.vault, case, event)


def test_no_answer_is_stored_without_its_rights(town: Town) -> None:
    declined = town.case()
    town.lead(declined, CaseStatus.REGISTERED)
    service.decline(town.by(town.district), declined, reason="NOT_EDU_DUTY", explanation=ANSWER)
    assert "补充" in told(town, declined, "decline")["rights"]
    transferred = town.case(key="another key of sixteen")
    town.lead(transferred, CaseStatus.REGISTERED)
    service.transfer(town.by(town.district), transferred, target="POLICE", explanation=ANSWER)
    assert told(town, transferred, "transfer")["rights"]
    matter = town.case(replace(LETTER, category="R01"), key="a third key of sixteen")
    town.lead(matter, CaseStatus.ACCEPTED)
    service.answer(town.by(town.officer), matter, text=ANSWER)
    assert "荷塘区教育局复查" in told(town, matter, "answer")["rights"]


def test_each_answer_names_the_body_above_and_the_last_day(town: Town) -> None:
    case = town.case()
    complaint = complaint_of(case)
    town.lead(case, CaseStatus.REPLIED)
    reply = told(town, case, "reply")
    assert "市教育局复查" in reply["rights"]
    assert "2026年4月20日" in reply["rights"], "30 days, moved past the weekend"
    shown = progress(town.session, town.vault, complaint.id, at=town.at)
    assert shown is not None
    asked = shown.choice("ask_review")
    assert asked is not None
    assert (asked.why, asked.until and asked.until.isoformat()) == (None, "2026-04-20")
    assert shown.choice("ask_final_review") is None
    service.ask_review(town.by(PUBLIC), complaint, grounds=REASON)
    service.uphold(town.by(town.bureau), case, explanation=ANSWER)
    assert "省教育厅复核" in told(town, case, "uphold")["rights"]
    shown = progress(town.session, town.vault, complaint.id, at=town.at)
    assert shown is not None
    assert shown.choice("ask_review") is None
    final = shown.choice("ask_final_review")
    assert final is not None
    assert final.why is None


def test_a_reply_with_an_open_place_is_refused(town: Town) -> None:
    case = town.case()
    town.lead(case, CaseStatus.DECIDED)
    with pytest.raises(RuleViolation, match="补写完整"):
        service.reply(town.by(town.district), case, text="经调查核实:【请写明查了什么】。情况属实。")
    assert case.status == "decided"
