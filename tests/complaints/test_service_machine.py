"""The roads aside: more time, standing still, the police, reopening, merging, withdrawal, hearing, reviews."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from ethics_eval import config
from ethics_eval.accounts.rules import PUBLIC
from ethics_eval.complaints import queries, service
from ethics_eval.complaints.models import Case, Complaint, Message
from ethics_eval.complaints.rules.finding import Measure
from ethics_eval.complaints.rules.machine import CaseAction, CaseStatus, Desk, Outcome
from ethics_eval.complaints.submitting import submit
from ethics_eval.database import new_id
from ethics_eval.text import RuleViolation
from ethics_eval.vault.service import KeyMissing
from tests.complaints.town import LETTER, NAMED, NOW, Town

S, A = CaseStatus, CaseAction
REASON = "这里写清楚了为什么要这样办。"
QUIET = replace(LETTER, category="C04", body="老师经常让别人代课,作业也不批改,请查。")
MATTER = replace(LETTER, category="R04", body="食堂的饭菜是凉的,孩子吃了肚子疼。")


def refused(code: str, field: str | None = None) -> AbstractContextManager[object]:
    """Expect a refusal with this code, at this field."""
    return pytest.raises(
        RuleViolation, check=lambda violation: (violation.code, violation.field) == (code, field)
    )


def sent(case: Case) -> Complaint:
    """The first letter of a case."""
    return case.complaints[0]


def write(town: Town, complaint: Complaint) -> Message:
    """The complainant writes a message."""
    message = Message(
        id=new_id(),
        complaint_id=complaint.id,
        direction="from_complainant",
        sent_at=town.at,
        body=b"sealed elsewhere",
    )
    town.session.add(message)
    town.session.flush()
    return message


def last(case: Case) -> str:
    return case.events[-1].action


# --- more time ----------------------------------------------------------------------------------------------


def test_an_extension_counts_from_the_end_before_it_is_rolled(town: Town) -> None:
    town.at = datetime(2025, 9, 24, 2, 0, tzinfo=UTC)
    case = town.case()
    town.lead(case, S.INVESTIGATING)
    assert case.reply_due_on == date(2025, 11, 24)
    service.extend(town.by(town.head), case, explanation=REASON)
    assert (case.status, case.extended, case.reply_due_on) == ("investigating", True, date(2025, 12, 23))
    with refused("case.extended"):
        service.extend(town.by(town.district), case, explanation=REASON)


@pytest.mark.parametrize("blank", ["", " ", "\u3000", "短"])
def test_every_reason_is_written_out(town: Town, blank: str) -> None:
    case = town.case()
    town.lead(case, S.INVESTIGATING)
    by = town.by(town.district)
    calls: list[tuple[str, Callable[[], object]]] = [
        ("explanation", lambda: service.extend(by, case, explanation=blank)),
        ("explanation", lambda: service.suspend(by, case, reason="COURT", number="1", explanation=blank)),
        ("explanation", lambda: service.refer(by, case, number="1", explanation=blank)),
        ("reason", lambda: service.recuse(by, case, reason=blank)),
        ("instruction", lambda: service.assign(by, case, desk=Desk.DISTRICT, instruction=blank)),
        ("reason", lambda: service.merge(by, case, target=town.case(key="another letter!!"), reason=blank)),
    ]
    for field, call in calls:
        with refused("reason.short", field):
            call()
    assert case.status == S.INVESTIGATING


def test_who_investigates_approves_no_extension_and_none_comes_late(town: Town) -> None:
    case = town.case(replace(LETTER, respondent_role=LETTER.respondent_role, respondent="李国华"))
    town.lead(case, S.INVESTIGATING, handler=town.district)
    with refused("case.investigator_approves"):
        service.extend(town.by(town.district), case, explanation=REASON)
    with refused("permission.denied"):
        service.extend(town.by(town.head), case, explanation=REASON)  # recused: not there for the school
    town.later(days=75)
    with refused("case.extension_late"):
        service.extend(town.by(town.second), case, explanation=REASON)


def test_while_suspended_nothing_runs_and_afterwards_every_day_has_moved(town: Town) -> None:
    case = town.case()
    town.lead(case, S.REGISTERED)
    service.accept(town.by(town.district), case)
    service.assign(town.by(town.district), case, desk=Desk.SCHOOL, instruction=REASON)
    assert (case.reply_due_on, case.return_due_on) == (date(2026, 5, 19), date(2026, 4, 20))
    town.later(days=3)
    service.suspend(
        town.by(town.district), case, reason="POLICE", number=" 株公立字〔2026〕12号 ", explanation=REASON
    )
    assert (case.status, case.suspended_on) == ("suspended", date(2026, 3, 23))
    assert queries.due_of(case, date(2027, 1, 1)) is None
    details = queries.timeline(town.session, town.vault, case, town.district)[-1].detail
    assert (details["reason"], details["number"]) == ("POLICE", "株公立字〔2026〕12号")
    town.later(days=40)
    service.resume(town.by(town.second), case, explanation=REASON)
    assert (case.status, case.suspended_on) == ("assigned", None)
    assert (case.reply_due_on, case.return_due_on) == (date(2026, 6, 29), date(2026, 6, 1))  # both rolled
    service.object_to(town.by(town.officer), case, reason=REASON)  # five working days stood still too
    assert case.status == S.ACCEPTED


def test_the_teachers_days_stand_still_too(town: Town) -> None:
    case = town.case()
    town.lead(case, S.FINDING_DRAFT)
    service.notify(town.by(town.officer), case, facts="拟认定您在课堂上罚站学生一节课。")
    town.later(days=4)  # Tuesday: two of five working days have passed
    service.suspend(town.by(town.district), case, reason="COURT", number="1", explanation=REASON)
    town.later(days=30)
    service.resume(town.by(town.second), case, explanation=REASON)
    for _ in range(3):
        town.later(days=1)
        with refused("case.defence_open"):
            service.decide(town.by(town.district), case, town.draft())
    town.later(days=6)
    service.decide(town.by(town.district), case, town.draft())


@pytest.mark.parametrize(
    ("reason", "number", "code", "field"),
    [
        ("", "1", "case.suspend_reason", "reason"),
        ("HOLIDAY", "1", "case.suspend_reason", "reason"),
        ("POLICE", "", "case.number_missing", "number"),
        ("POLICE", " \u3000", "case.number_missing", "number"),
        ("COURT", "", "case.number_missing", "number"),
        ("SUPERIOR", "", "case.number_missing", "number"),
        ("DISCIPLINE", "x" * 61, "case.number_long", "number"),
    ],
)
def test_suspended_only_for_a_listed_reason_with_its_number(
    town: Town, reason: str, number: str, code: str, field: str
) -> None:
    case = town.case()
    town.lead(case, S.ACCEPTED)
    with refused(code, field):
        service.suspend(town.by(town.district), case, reason=reason, number=number, explanation=REASON)


def test_waiting_for_an_appraisal_needs_no_number_but_in_an_urgent_case(town: Town) -> None:
    case = town.case()
    town.lead(case, S.ACCEPTED)
    service.suspend(town.by(town.district), case, reason="APPRAISAL", number="", explanation=REASON)
    urgent = town.case(replace(LETTER, injured=True), key="an urgent letter!")
    service.register(town.by(town.bureau), urgent)
    service.accept(town.by(town.bureau), urgent)
    with refused("case.number_missing", "number"):
        service.suspend(town.by(town.chief), urgent, reason="APPRAISAL", number="", explanation=REASON)


# --- urgent, police -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", [{"category": "C08"}, {"category": "C11"}, {"injured": True}])
def test_grave_harm_is_the_citys_at_once_with_a_clock_of_hours(
    town: Town, changes: dict[str, object]
) -> None:
    case = town.case(replace(LETTER, **changes))  # type: ignore[arg-type]
    assert (case.desk, case.urgent, case.urgent_due_at) == ("city", True, NOW + timedelta(hours=2))
    assert queries.find_case(town.session, town.officer, case.number) is None
    with refused("permission.denied"):
        service.register(town.by(town.officer), case)
    with refused("case.other_desk"):
        service.register(town.by(town.district), case)
    town.later(hours=2)
    service.register(town.by(town.bureau), case)
    assert case.urgent_in_time is True
    town.later(hours=9)
    service.refer(town.by(town.bureau), case, number="1", explanation=REASON)
    assert case.urgent_in_time is True, "written once"
    service.accept(town.by(town.bureau), case)
    with refused("case.urgent", "desk"):
        service.assign(town.by(town.bureau), case, desk=Desk.SCHOOL, instruction=REASON)
    service.assign(town.by(town.bureau), case, desk=Desk.DISTRICT, instruction=REASON)


def test_the_hours_are_a_setting(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    receipt = submit(
        town.session,
        town.vault,
        town.mailbox(),
        replace(LETTER, injured=True),
        (),
        idempotency_key="a key of sixteen characters",
        source="WEB",
        folder=tmp_path,
        actor=PUBLIC,
        at=NOW,
        urgent_hours=5,
    )
    assert town.case_of(receipt).urgent_due_at == NOW + timedelta(hours=5)
    assert config.load({"INSTANCE": tmp_path})["URGENT_HOURS"] == 2
    monkeypatch.setenv("ETHICS_EVAL_URGENT_HOURS", "5")
    assert config.load({"INSTANCE": tmp_path})["URGENT_HOURS"] == 5
    for wrong in ("0", "-1", "73", "two", ""):
        monkeypatch.setenv("ETHICS_EVAL_URGENT_HOURS", wrong)
        with pytest.raises(config.ConfigurationError, match="URGENT_HOURS"):
            config.load({"INSTANCE": tmp_path})


def test_an_urgent_case_taken_up_late_stays_late(town: Town) -> None:
    case = town.case(replace(LETTER, injured=True))
    town.later(hours=2, seconds=1)
    service.refer(town.by(town.bureau), case, number="1", explanation=REASON)
    assert (case.status, case.urgent_in_time) == ("submitted", False)
    service.register(town.by(town.bureau), case)
    assert case.urgent_in_time is False


def test_an_urgent_case_goes_to_the_police_unregistered_and_nowhere_else(town: Town) -> None:
    case = town.case(replace(LETTER, category="C11"))
    with refused("case.not_registered", "target"):
        service.transfer(town.by(town.bureau), case, target="OTHER_DEPARTMENT", explanation=REASON)
    service.transfer(town.by(town.bureau), case, target="POLICE", explanation=REASON)
    assert (case.status, case.registered_in_time, case.accepted_in_time, case.urgent_in_time) == (
        "transferred",
        True,
        True,
        True,
    )
    other = town.case(key="another letter!!")
    with refused("case.not_registered"):
        service.transfer(town.by(town.district), other, target="POLICE", explanation=REASON)


def test_a_referral_stops_nothing_and_needs_its_number(town: Town) -> None:
    case = town.case()
    town.lead(case, S.INVESTIGATING)
    with refused("case.number_missing", "number"):
        service.refer(town.by(town.district), case, number="\u3000", explanation=REASON)
    service.refer(town.by(town.district), case, number="株公移字1号", explanation=REASON)
    assert (case.status, last(case)) == ("investigating", "refer")
    town.lead(case, S.FINDING_DRAFT)


# --- handing on ---------------------------------------------------------------------------------------------


def test_an_assignment_names_a_day_and_a_desk_hands_nothing_to_itself(town: Town) -> None:
    case = town.case()
    town.lead(case, S.ACCEPTED)
    for day in (date(2026, 3, 20), date(2026, 5, 20)):
        with refused("case.return_due", "return_on"):
            service.assign(town.by(town.district), case, desk=Desk.SCHOOL, instruction=REASON, return_on=day)
    service.assign(
        town.by(town.bureau), case, desk=Desk.DISTRICT, instruction=REASON, return_on=date(2026, 4, 1)
    )
    assert (case.desk, case.return_due_on) == ("district", date(2026, 4, 1))
    with refused("case.same_desk", "desk"):
        service.assign(town.by(town.district), case, desk=Desk.DISTRICT, instruction=REASON)
    service.object_to(town.by(town.district), case, reason=REASON)
    assert (case.status, case.desk, case.return_due_on) == ("accepted", "city", None)


def test_a_stuck_investigation_is_taken_over_from_above(town: Town) -> None:
    case = town.case()
    town.lead(case, S.INVESTIGATING)
    service.assign(town.by(town.bureau), case, desk=Desk.DISTRICT, instruction=REASON)
    assert (case.status, case.desk) == ("assigned", "district")
    assert queries.find_case(town.session, town.officer, case.number) is None
    service.start(town.by(town.district), case, investigators=["丙某", "丁某"])
    with refused("case.not_investigated"):
        service.propose(town.by(town.district), case, town.draft())


def test_recusal_in_the_hearing_lets_the_draft_fall(town: Town) -> None:
    case = town.case()
    finding = town.lead(case, S.HEARING)
    service.recuse(town.by(town.district), case, reason=REASON)
    assert finding is not None
    assert (case.status, case.desk, case.recused, finding.replaced_at) == (
        "accepted",
        "district",
        True,
        town.at,
    )


@pytest.mark.parametrize("kind", ["", "PETITION", "report"])
def test_the_kind_of_petition_is_one_of_the_list(town: Town, kind: str) -> None:
    case = town.case()
    with refused("case.petition_type", "petition_type"):
        service.register(town.by(town.officer), case, petition_type=kind)
    service.register(town.by(town.officer), case, petition_type="APPEAL")
    assert case.petition_type == "APPEAL"


def test_reopened_for_new_facts_or_from_above_with_fifteen_days_anew(town: Town) -> None:
    case = town.case()
    town.lead(case, S.REGISTERED)
    town.later(days=20)
    service.decline(
        town.by(town.district), case, reason="NO_RESPONDENT_OR_FACTS", explanation="请补充时间、地点和经过。"
    )
    assert case.accepted_in_time is False
    with refused("case.no_new_facts"):
        service.reopen(town.by(town.district), case, reason=REASON)
    town.later(days=1)
    write(town, sent(case))
    service.reopen(town.by(town.district), case, reason=REASON)
    assert (case.status, case.accept_due_on) == ("registered", date(2026, 4, 27))
    service.accept(town.by(town.officer), case)
    assert case.accepted_in_time is False, "what was late stays late"


def test_what_the_district_declined_the_city_reopens(town: Town) -> None:
    case = town.case()
    town.lead(case, S.REGISTERED)
    service.decline(town.by(town.district), case, reason="NOT_EDU_DUTY", explanation=REASON)
    service.reopen(town.by(town.bureau), case, reason=REASON)
    assert case.status == S.REGISTERED
    service.decline(town.by(town.bureau), case, reason="NOT_EDU_DUTY", explanation=REASON)
    with refused("case.no_new_facts"):
        service.reopen(town.by(town.bureau), case, reason=REASON)


# --- withdrawal ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [S.SUBMITTED, S.REGISTERED, S.ACCEPTED, S.HEARING])
def test_the_sender_withdraws_and_nobody_else(town: Town, status: CaseStatus) -> None:
    case = town.case(QUIET)
    draft = town.draft(category="C04")
    town.lead(case, status, draft=draft)
    for actor in (town.officer, town.head, town.district, town.bureau, town.chief, town.teacher):
        with refused("permission.denied"):
            service.withdraw(town.by(actor), sent(case), reason="")
    service.withdraw(town.by(PUBLIC), sent(case), reason="")
    assert case.status == S.WITHDRAWN
    assert all(finding.replaced_at for finding in case.findings)
    with refused("case.wrong_status"):
        service.withdraw(town.by(PUBLIC), sent(case), reason="")
    accepted_on, due = case.accepted_on, case.accept_due_on
    town.later(days=30)
    service.carry_on(town.by(town.district), case, reason=REASON)
    assert case.status == (S.INVESTIGATING if status is S.HEARING else status)
    if accepted_on is None:
        assert case.accept_due_on == due + timedelta(days=30) == date(2026, 5, 7)
    else:
        assert case.reply_due_on == date(2026, 6, 18)


def test_where_a_pupil_may_be_harmed_the_handling_goes_on(town: Town) -> None:
    case = town.case()  # C06
    town.lead(case, S.INVESTIGATING)
    service.withdraw(town.by(PUBLIC), sent(case), reason="老师找过我了。")
    assert (case.status, last(case)) == ("investigating", "withdraw")
    assert (
        queries.timeline(town.session, town.vault, case, town.district)[-1].detail["note"] == "老师找过我了。"
    )
    with refused("case.withdrawn"):
        service.withdraw(town.by(PUBLIC), sent(case), reason="")
    offered = dict(queries.complainant_choices(town.session, town.vault, sent(case), town.at))
    assert A.WITHDRAW not in offered


def test_a_suspended_case_is_withdrawn_and_continued_where_it_stood(town: Town) -> None:
    case = town.case(QUIET)
    town.lead(case, S.ACCEPTED)
    service.suspend(town.by(town.district), case, reason="COURT", number="1", explanation=REASON)
    town.later(days=10)
    service.withdraw(town.by(PUBLIC), sent(case), reason="")
    assert (case.status, case.suspended_on) == ("withdrawn", None)
    town.later(days=10)
    service.carry_on(town.by(town.bureau), case, reason=REASON)
    assert (case.status, case.reply_due_on) == ("accepted", date(2026, 6, 8))


# --- merging ------------------------------------------------------------------------------------------------


def pair(town: Town, first: object = QUIET, second: object = QUIET) -> tuple[Case, Case]:
    return (
        town.case(first, key="the first letter"),  # type: ignore[arg-type]
        town.case(second, key="the second letter"),  # type: ignore[arg-type]
    )


def test_merged_letters_go_on_as_one(town: Town) -> None:
    case, into = pair(town, replace(QUIET, identity=NAMED.identity, name="赵", phone="13800001111"), QUIET)
    town.lead(into, S.INVESTIGATING)
    service.merge(town.by(town.officer), case, target=into, reason=REASON)
    assert (case.status, case.merged_into_id, case.registered_in_time) == ("merged", into.id, True)
    letters = queries.letters(town.session, town.vault, into, town.officer)
    assert {letter.case_number for letter in letters} == {case.number, into.number}
    # one sender's withdrawal does not end what the other asked for; the second does
    service.withdraw(town.by(PUBLIC), sent(case), reason="")
    assert (into.status, case.status) == ("investigating", "merged")
    service.withdraw(town.by(PUBLIC), sent(into), reason="")
    assert into.status == S.WITHDRAWN
    assert queries.merged_into(town.session, case, town.officer) == into.number


def test_the_merged_go_where_the_case_goes_keys_and_all(town: Town) -> None:
    case, into = pair(town)
    third = town.case(QUIET, key="the third letter")
    service.merge(town.by(town.officer), case, target=into, reason=REASON)
    service.merge(town.by(town.officer), into, target=third, reason=REASON)
    assert case.merged_into_id == into.merged_into_id == third.id, "no chains"
    service.recuse(town.by(town.district), third, reason=REASON)
    for one in (case, into, third):
        assert (one.desk, one.recused) == ("district", True)
        assert queries.find_case(town.session, town.officer, one.number) is None
        with pytest.raises(KeyMissing):
            queries.content_cipher(town.session, town.vault, one, town.officer)
    town.session.commit()


def test_what_cannot_be_merged(town: Town) -> None:
    case, into = pair(town)
    recused = town.case(replace(QUIET, respondent="李国华"), key="about the head !")
    elsewhere = town.case_of(town.send(QUIET, key="another school!!", school=1))
    matter = town.case(MATTER, key="about the canteen")
    decided = town.case(key="decided long ago")
    town.lead(decided, S.DECIDED)
    by = town.by(town.bureau)
    for target in (case, None):
        with refused("case.merge_target", "target"):
            service.merge(by, case, target=target, reason=REASON)
    for target in (recused, elsewhere, matter, decided):
        with refused("case.merge", "target"):
            service.merge(by, case, target=target, reason=REASON)
    with refused("case.merge", "target"):
        service.merge(by, recused, target=case, reason=REASON)
    service.merge(by, case, target=into, reason=REASON)
    with refused("case.merge", "target"):
        service.merge(by, into, target=case, reason=REASON)
    town.session.commit()


def test_a_case_merged_upwards_leaves_the_school(town: Town) -> None:
    case, into = pair(town)
    service.register(town.by(town.district), into)
    service.accept(town.by(town.district), into)
    service.assign(town.by(town.district), into, desk=Desk.DISTRICT, instruction=REASON)
    service.merge(town.by(town.district), case, target=into, reason=REASON)
    assert case.desk == Desk.DISTRICT
    assert queries.find_case(town.session, town.officer, case.number) is None


# --- hearing ------------------------------------------------------------------------------------------------


def test_a_hearing_that_was_asked_for_is_held_before_anything_is_decided(town: Town) -> None:
    case = town.case()
    heavy = town.draft(measure=Measure.DEMOTION)
    town.lead(case, S.HEARING, draft=heavy)
    service.ask_hearing(town.by(town.teacher), case, grounds=REASON)
    with refused("hearing.owed"):
        service.decide(town.by(town.district), case, heavy)
    with refused("case.investigator_approves"):
        service.hold_hearing(town.by(town.officer), case, record=REASON)
    service.hold_hearing(town.by(town.second), case, record=REASON)
    with refused("hearing.asked"):
        service.ask_hearing(town.by(town.teacher), case, grounds=REASON)
    service.decide(town.by(town.district), case, heavy)
    assert case.status == S.DECIDED


def test_a_light_measure_gives_no_hearing_and_another_teacher_none_at_all(town: Town) -> None:
    case = town.case()
    town.lead(case, S.HEARING, draft=town.draft(measure=Measure.WARNING))
    with refused("hearing.light"):
        service.ask_hearing(town.by(town.teacher), case, grounds=REASON)
    stranger = replace(town.teacher, id=999, teacher_id=town.teachers["周正"].id)
    with refused("permission.denied"):
        service.ask_hearing(town.by(stranger), case, grounds=REASON)


# --- reviews ------------------------------------------------------------------------------------------------


def replied(town: Town) -> Case:
    case = town.case()
    town.lead(case, S.REPLIED)
    return case


def test_the_whole_way_of_the_complainants_reviews(town: Town) -> None:
    town.at = datetime(2026, 4, 10, 2, 0, tzinfo=UTC)
    case = replied(town)
    assert (case.replied_on, case.review_base_on) == (date(2026, 4, 10), date(2026, 4, 10))
    town.at = datetime(2026, 5, 11, 15, 0, tzinfo=UTC)  # the last day: 10 May is a Sunday
    with refused("review.round"):
        service.ask_final_review(town.by(PUBLIC), sent(case), grounds=REASON)
    service.ask_review(town.by(PUBLIC), sent(case), grounds=REASON)
    assert (case.status, case.desk, case.review_due_on) == ("review", "city", date(2026, 6, 10))
    town.later(days=31)
    with refused("case.other_desk"):
        service.uphold(town.by(town.second), case, explanation=REASON)
    service.uphold(town.by(town.bureau), case, explanation=REASON)
    assert (case.status, case.reviewed_in_time, case.review_base_on) == (
        "replied",
        False,
        date(2026, 6, 11),
    )
    with refused("review.round"):
        service.ask_review(town.by(PUBLIC), sent(case), grounds=REASON)
    service.ask_final_review(town.by(PUBLIC), sent(case), grounds=REASON)
    assert (case.status, case.review_round) == ("final_review", 2)
    with refused("case.reviews_own_work"):
        service.finish(town.by(town.bureau), case, explanation=REASON, document="湘教复1号")
    with refused("case.number_missing", "document"):
        service.finish(town.by(town.chief), case, explanation=REASON)
    service.finish(town.by(town.chief), case, explanation=REASON, document="湘教复1号")
    assert (case.status, case.reviewed_in_time) == ("final", False)
    for call in (service.ask_review, service.ask_final_review):
        with refused("case.wrong_status"):
            call(town.by(PUBLIC), sent(case), grounds=REASON)
    assert queries.complainant_choices(town.session, town.vault, sent(case), town.at) == []


def test_a_day_late_is_too_late(town: Town) -> None:
    town.at = datetime(2026, 4, 10, 2, 0, tzinfo=UTC)
    case = replied(town)
    town.at = datetime(2026, 5, 11, 16, 1, tzinfo=UTC)  # 12 May in the city
    with refused("review.late"):
        service.ask_review(town.by(PUBLIC), sent(case), grounds=REASON)


@pytest.mark.parametrize("status", [S.REPLIED, S.CLOSED])
def test_quashed_the_finding_falls_and_others_begin_anew(town: Town, status: CaseStatus) -> None:
    case = town.case()
    finding = town.lead(case, status)
    assert finding is not None
    service.ask_review(town.by(PUBLIC), sent(case), grounds=REASON)
    by = town.by(town.bureau)
    for again in (["甲某", "丁某"], ["王芳", "丁某"], ["罗 成", "丁某"]):
        with refused("case.earlier_investigators", "investigators"):
            service.quash(by, case, explanation=REASON, investigators=again)
    with refused("case.investigators", "investigators"):
        service.quash(by, case, explanation=REASON, investigators=["丁某"])
    town.later(days=5)
    by = town.by(town.bureau)
    service.quash(by, case, explanation=REASON, investigators=["丙某", "丁某"])
    assert (case.status, case.outcome, case.review_round) == ("investigating", None, 0)
    assert (finding.revoked_at, finding.effective_at) == (town.at, None)
    assert (case.replied_in_time, case.reviewed_in_time) == (True, True)
    assert case.reply_due_on == date(2026, 5, 25)  # sixty days anew, 24 May is a Sunday
    service.assign(by, case, desk=Desk.SCHOOL, instruction=REASON)
    with refused("case.earlier_hands"):
        service.start(town.by(town.officer), case, investigators=["丙某", "丁某"])
    service.assign(by, case, desk=Desk.DISTRICT, instruction=REASON)
    with refused("case.earlier_hands"):
        service.start(town.by(town.district), case, investigators=["丙某", "丁某"])
    with refused("case.earlier_investigators", "investigators"):
        service.start(town.by(town.second), case, investigators=["甲某", "丁某"])
    service.start(town.by(town.second), case, investigators=["丙某", "丁某"])
    town.lead(
        case,
        S.REPLIED,
        handler=town.second,
        decider=town.bureau,
        draft=town.draft(outcome=Outcome.UNSUBSTANTIATED),
    )
    assert case.outcome == "UNSUBSTANTIATED"
    service.ask_review(town.by(PUBLIC), sent(case), grounds=REASON)
    town.session.commit()


def test_a_school_matter_goes_one_desk_up_each_time(town: Town) -> None:
    case = town.case(MATTER)
    town.lead(case, S.ACCEPTED)
    service.answer(town.by(town.officer), case, text="已更换保温设备,请您继续监督。")
    service.ask_review(town.by(PUBLIC), sent(case), grounds=REASON)
    assert case.desk == Desk.DISTRICT
    service.quash(town.by(town.district), case, explanation=REASON, investigators=[])
    assert (case.status, case.desk) == ("accepted", "district")
    service.answer(town.by(town.second), case, text="已更换保温设备,请您继续监督。")
    service.ask_review(town.by(PUBLIC), sent(case), grounds=REASON)
    assert case.desk == Desk.CITY
    service.uphold(town.by(town.bureau), case, explanation=REASON)
    service.ask_final_review(town.by(PUBLIC), sent(case), grounds=REASON)
    service.finish(town.by(town.chief), case, explanation=REASON, document="湘教复2号")
    assert case.status == S.FINAL


def test_every_sender_of_a_merged_case_may_ask(town: Town) -> None:
    case, into = pair(town, LETTER, LETTER)
    service.merge(town.by(town.officer), case, target=into, reason=REASON)
    town.lead(into, S.REPLIED)
    assert A.ASK_REVIEW in dict(queries.complainant_choices(town.session, town.vault, sent(case), town.at))
    service.ask_review(town.by(PUBLIC), sent(case), grounds=REASON)
    assert (into.status, into.desk, case.desk, case.status) == ("review", "city", "city", "merged")


# --- closing ------------------------------------------------------------------------------------------------


def test_nothing_is_closed_over_a_message_nobody_read_or_a_dispute(town: Town) -> None:
    case = replied(town)
    message = write(town, sent(case))
    with refused("case.unread"):
        service.close(town.by(town.officer), case)
    message.read_at = town.at
    service.dispute(town.by(PUBLIC), sent(case), "答复没有说明为什么不处理。")
    assert queries.due_of(case, date(2026, 3, 20)) is not None
    with refused("case.dispute_open"):
        service.close(town.by(town.officer), case)
    service.answer_dispute(town.by(town.second), case, "已经核查,处理依据是第四条,请您放心。")
    service.close(town.by(town.officer), case)
    assert case.status == S.CLOSED


def test_an_old_row_of_the_queue_tells_the_day_of_every_clock(town: Town) -> None:
    case = replied(town)
    today = date(2026, 3, 20)
    assert queries.due_of(case, today) is None
    service.ask_review(town.by(PUBLIC), sent(case), grounds=REASON)
    due = queries.due_of(case, today)
    assert due is not None
    assert due.on == case.review_due_on
    stored = town.session.scalars(select(Case.review_due_on).where(Case.id == case.id)).one()
    assert stored == due.on
