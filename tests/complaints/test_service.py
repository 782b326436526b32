"""The road of a case: forward, back and aside; who may, and what every step leaves behind."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from ethics_eval.accounts.models import AuditEvent
from ethics_eval.accounts.rules import CLOCK, PUBLIC, Actor
from ethics_eval.complaints import queries, service
from ethics_eval.complaints.categories import Severity
from ethics_eval.complaints.models import Case, CaseEvent, Finding
from ethics_eval.complaints.rules.finding import Measure
from ethics_eval.complaints.rules.machine import CaseStatus, Desk, Outcome
from ethics_eval.text import Conflict, RuleViolation
from ethics_eval.vault.service import KeyMissing
from tests.complaints.town import GROUNDS, LETTER, NAMED, Town

S = CaseStatus
REASON = "这里写清楚了为什么要这样办。"


def steps(case: Case) -> list[str]:
    return [event.action for event in case.events]


def refused(code: str, field: str | None = None) -> AbstractContextManager[object]:
    """Expect a refusal with this code, at this field."""
    return pytest.raises(
        RuleViolation, check=lambda violation: (violation.code, violation.field) == (code, field)
    )


# --- the main path ------------------------------------------------------------------------------------------


def test_the_main_path_to_its_end(town: Town) -> None:
    case = town.case()
    finding = town.lead(case, S.CLOSED)
    town.session.expire_all()
    assert steps(case) == [
        "submit",
        "register",
        "accept",
        "start",
        "investigate",
        "propose",
        "notify",
        "state",
        "decide",
        "reply",
        "close",
    ]
    assert [event.seq for event in case.events] == list(range(1, 12))
    assert [event.from_status for event in case.events[1:]] == [event.to_status for event in case.events[:-1]]
    assert (case.status, case.outcome, case.category) == ("closed", "SUBSTANTIATED", "C06")
    assert (case.registered_in_time, case.accepted_in_time, case.replied_in_time) == (True, True, True)
    assert case.reply_due_on == date(2026, 5, 19)
    assert finding is not None
    assert (finding.points, finding.repeat, finding.veto) == (8, False, False)
    assert finding.decided_by_id == town.district.id != finding.proposed_by_id == town.officer.id


def test_every_step_leaves_its_event_and_its_audit_event(town: Town) -> None:
    case = town.case()
    town.lead(case, S.CLOSED)
    actions = town.session.scalars(
        select(AuditEvent.action).where(AuditEvent.subject_id == case.id).order_by(AuditEvent.id)
    ).all()
    assert list(actions) == ["case.submitted", *(f"case.{action}" for action in steps(case)[1:])]


def test_what_the_officers_read_is_what_was_written(town: Town) -> None:
    case = town.case(NAMED)
    town.lead(case, S.HEARING)
    (letter,) = queries.letters(town.session, town.vault, case, town.officer)
    assert letter.body == NAMED.body
    assert letter.person == {"name": "赵敏之", "phone": "13800001111", "relation": "学生的母亲"}
    details = {view.action: view for view in queries.timeline(town.session, town.vault, case, town.district)}
    assert details["start"].detail == {"investigators": ["甲某", "乙某"]}
    assert details["investigate"].detail["note"].startswith("询问了三名学生")
    assert details["investigate"].actor_name == "王芳"
    (finding,) = queries.findings(town.session, town.vault, case, town.officer)
    assert (finding.teacher, finding.grounds) == ("陈思远", GROUNDS)


# --- effect -------------------------------------------------------------------------------------------------


def test_a_finding_counts_only_after_the_teachers_window(town: Town) -> None:
    finding = town.lead(town.case(), S.DECIDED)
    assert finding is not None
    assert finding.window_ends_on == date(2026, 4, 20)  # thirty days end on a Sunday
    assert finding.effective_at == datetime(2026, 4, 20, 16, 0, tzinfo=UTC)  # midnight in the city


@pytest.mark.parametrize(
    "outcome", [Outcome.UNSUBSTANTIATED, Outcome.UNVERIFIABLE, Outcome.LAWFUL_DISCIPLINE]
)
def test_what_is_not_substantiated_is_decided_without_hearing_and_never_counts(
    town: Town, outcome: Outcome
) -> None:
    case = town.case()
    finding = town.lead(case, S.CLOSED, draft=town.draft(outcome=outcome))
    assert finding is not None
    assert (case.outcome, finding.effective_at, finding.window_ends_on, finding.repeat) == (
        outcome.value,
        None,
        None,
        False,
    )


def test_a_second_time_within_two_years_is_a_repeat_once_the_first_is_effective(town: Town) -> None:
    def decided(key: str, **changes: Any) -> Finding:
        finding = town.lead(town.case(key=key), S.DECIDED, draft=town.draft(**changes))
        assert finding is not None
        return finding

    first = decided("the first of three letters")
    at_once = decided("the second of three letters")
    assert not first.repeat
    assert not at_once.repeat, "the first was not yet effective"
    town.later(days=32)
    assert decided("the third of the letters").repeat
    assert not decided("the fourth of the letters", category="C07").repeat
    assert not decided("the fifth of the letters", name="周正").repeat
    first.revoked_at = at_once.revoked_at = town.at
    town.session.flush()
    assert not decided("the sixth of the letters", category="C04").repeat
    town.later(days=25 * 31)
    assert not decided("the seventh of the letters").repeat


def test_a_revoked_finding_makes_no_repeat(town: Town) -> None:
    first = town.lead(town.case(), S.DECIDED)
    assert first is not None
    town.later(days=40)
    first.revoked_at = town.at
    second = town.lead(town.case(key="another key of ours"), S.DECIDED)
    assert second is not None
    assert not second.repeat


@pytest.mark.parametrize(
    ("changes", "points"),
    [
        ({}, 8),
        ({"severity": Severity.MINOR}, 3),
        ({"outcome": Outcome.PARTLY}, 8),
        ({"category": "C07"}, 6),
    ],
)
def test_the_decider_may_be_milder(town: Town, changes: dict[str, Any], points: int) -> None:
    case = town.case()
    town.lead(case, S.HEARING)
    finding = service.decide(town.by(town.district), case, town.draft(**changes))
    assert finding.points == points
    assert case.category == finding.category


def test_the_decider_may_acquit_after_the_hearing(town: Town) -> None:
    case = town.case()
    town.lead(case, S.HEARING)
    finding = service.decide(town.by(town.district), case, town.draft(outcome=Outcome.LAWFUL_DISCIPLINE))
    assert (case.outcome, finding.effective_at) == ("LAWFUL_DISCIPLINE", None)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"severity": Severity.SERIOUS}, "decision.heavier", "severity"),
        ({"measure": Measure.WARNING}, "decision.heavier", "severity"),
        ({"veto": True}, "decision.heavier", "severity"),
        ({"grounds": "短"}, "reason.short", "grounds"),
        ({"category": "R01"}, "finding.category", "category"),
    ],
)
def test_the_decider_may_not_be_heavier_or_silent(
    town: Town, changes: dict[str, Any], code: str, field: str
) -> None:
    case = town.case()
    town.lead(case, S.HEARING)
    with refused(code, field):
        service.decide(town.by(town.district), case, town.draft(**changes))
    assert case.status == "hearing"


# --- guards in service --------------------------------------------------------------------------------------


def test_no_decision_while_the_defence_is_open(town: Town) -> None:
    case = town.case()
    town.lead(case, S.FINDING_DRAFT)
    with refused("case.defence_missing"):
        service.decide(town.by(town.district), case, town.draft())
    service.notify(town.by(town.officer), case, facts=REASON)
    town.later(days=7)  # Friday: the fifth working day
    with refused("case.defence_open"):
        service.decide(town.by(town.district), case, town.draft())
    town.later(days=1)
    service.decide(town.by(town.district), case, town.draft())
    assert case.status == "decided"


def test_a_burden_without_hearing_is_not_slipped_in_at_the_decision(town: Town) -> None:
    case = town.case()
    mild = town.draft(outcome=Outcome.UNSUBSTANTIATED)
    town.lead(case, S.FINDING_DRAFT, draft=mild)
    with refused("case.defence_missing"):
        service.decide(town.by(town.district), case, town.draft())


def test_who_investigated_does_not_decide(town: Town) -> None:
    case = town.case(replace(LETTER, respondent_role=LETTER.respondent_role, respondent="李国华"))
    assert case.desk == "district"
    town.lead(case, S.HEARING, handler=town.district, draft=town.draft("李国华"))
    with refused("case.decider_investigated"):
        service.decide(town.by(town.district), case, town.draft("李国华"))
    service.decide(town.by(town.second), case, town.draft("李国华"))
    assert case.status == "decided"


def test_whoever_is_named_as_investigator_does_not_decide(town: Town) -> None:
    case = town.case()
    town.lead(case, S.ACCEPTED)
    service.start(town.by(town.officer), case, investigators=["王芳", "罗 成"])
    town.lead(case, S.HEARING)
    with refused("case.decider_investigated"):
        service.decide(town.by(town.district), case, town.draft())


def test_malice_is_found_by_the_city_only(town: Town) -> None:
    case = town.case()
    town.lead(case, S.FINDING_DRAFT, draft=town.draft(outcome=Outcome.MALICIOUS))
    with refused("case.malice_needs_city"):
        service.decide(town.by(town.district), case, town.draft(outcome=Outcome.MALICIOUS))
    service.decide(town.by(town.bureau), case, town.draft(outcome=Outcome.MALICIOUS))
    assert case.outcome == "MALICIOUS"


@pytest.mark.parametrize("proposed", [Outcome.UNSUBSTANTIATED, Outcome.SUBSTANTIATED])
def test_malice_is_not_slipped_in_at_the_decision(town: Town, proposed: Outcome) -> None:
    case = town.case()
    reached = S.HEARING if proposed is Outcome.SUBSTANTIATED else S.FINDING_DRAFT
    town.lead(case, reached, draft=town.draft(outcome=proposed))
    with refused("case.malice_needs_city"):
        service.decide(town.by(town.district), case, town.draft(outcome=Outcome.MALICIOUS))
    assert case.status == reached


def test_the_school_does_not_decide(town: Town) -> None:
    case = town.case()
    town.lead(case, S.HEARING)
    for actor in (town.officer, town.head, town.neighbour, town.other_district, town.teacher, PUBLIC, CLOCK):
        with refused("permission.denied"):
            service.decide(town.by(actor), case, town.draft())


def test_no_finding_before_an_investigation_is_written_down(town: Town) -> None:
    case = town.case()
    town.lead(case, S.INVESTIGATING)
    with refused("case.not_investigated"):
        service.propose(town.by(town.officer), case, town.draft())


def test_the_respondent_is_of_this_school(town: Town) -> None:
    case = town.case()
    town.lead(case, S.INVESTIGATING)
    service.investigate(town.by(town.officer), case, report=REASON)
    with refused("finding.teacher", "teacher"):
        service.propose(town.by(town.officer), case, town.draft("刘晓梅"))
    with refused("finding.teacher", "teacher"):
        service.propose(town.by(town.officer), case, replace(town.draft(), teacher_id=0))


@pytest.mark.parametrize(
    "call", ["decline", "transfer", "start", "assign", "object", "recuse", "reply", "notify"]
)
def test_a_blank_reason_changes_nothing(town: Town, call: str) -> None:
    case = town.case()
    at = {"decline": S.REGISTERED, "transfer": S.REGISTERED, "reply": S.DECIDED, "notify": S.FINDING_DRAFT}
    town.lead(case, at.get(call, S.ACCEPTED))
    if call == "object":
        service.assign(town.by(town.bureau), case, desk=Desk.SCHOOL, instruction=REASON)
    town.session.commit()
    before, events = case.status, len(case.events)
    by_school, by_district = town.by(town.officer), town.by(town.district)
    blank = " \u3000\n" * 20
    calls = {
        "decline": lambda: service.decline(by_district, case, reason="NOT_EDU_DUTY", explanation=blank),
        "transfer": lambda: service.transfer(by_district, case, target="POLICE", explanation=blank),
        "start": lambda: service.start(by_school, case, investigators=[blank, "甲"]),
        "assign": lambda: service.assign(by_district, case, desk=Desk.SCHOOL, instruction=blank),
        "object": lambda: service.object_to(by_school, case, reason=blank),
        "recuse": lambda: service.recuse(by_school, case, reason=blank),
        "reply": lambda: service.reply(by_district, case, text=blank),
        "notify": lambda: service.notify(by_school, case, facts=blank),
    }
    with pytest.raises(RuleViolation, match="至少|不得少于"):
        calls[call]()
    town.session.rollback()
    town.session.refresh(case)
    assert (case.status, len(case.events)) == (before, events)


# --- aside and back -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["", "ANONYMOUS", "not a reason"])
def test_declining_needs_a_reason_of_the_list(town: Town, reason: str) -> None:
    case = town.case()
    town.lead(case, S.REGISTERED)
    with refused("case.decline_reason", "reason"):
        service.decline(town.by(town.district), case, reason=reason, explanation=REASON)
    service.decline(town.by(town.district), case, reason="NOT_EDU_DUTY", explanation=REASON)
    assert (case.status, case.accepted_in_time) == ("declined", True)
    with refused("case.wrong_status"):
        service.accept(town.by(town.district), case)


def test_transferring_needs_a_target_of_the_list(town: Town) -> None:
    case = town.case()
    town.lead(case, S.REGISTERED)
    with refused("case.transfer_target", "target"):
        service.transfer(town.by(town.bureau), case, target="NOWHERE", explanation=REASON)
    service.transfer(town.by(town.bureau), case, target="POLICE", explanation=REASON)
    assert case.status == "transferred"


def test_a_late_step_is_written_down_as_late(town: Town) -> None:
    case = town.case()
    town.later(days=4)
    town.lead(case, S.REGISTERED)
    town.later(days=20)
    town.lead(case, S.ACCEPTED)
    town.later(days=70)
    town.lead(case, S.REPLIED)
    assert (case.registered_in_time, case.accepted_in_time, case.replied_in_time) == (False, False, False)


def test_sending_back_drops_the_draft_and_asks_for_new_work(town: Town) -> None:
    case = town.case()
    first = town.lead(case, S.HEARING)
    service.send_back(town.by(town.district), case, reason=REASON)
    assert first is not None
    assert (case.status, first.replaced_at) == ("investigating", town.at)
    with refused("case.not_investigated"):
        service.propose(town.by(town.officer), case, town.draft())
    second = town.lead(case, S.HEARING, draft=town.draft(severity=Severity.SERIOUS))
    assert second is not None
    assert second.id != first.id
    assert queries.open_finding(case) is second
    town.lead(case, S.DECIDED, draft=town.draft(severity=Severity.SERIOUS))
    assert (first.decided_at, second.decided_at) == (None, town.at)


def test_assigning_hands_the_key_down_and_objecting_takes_it_back(town: Town) -> None:
    case = town.case(replace(NAMED, category="C20"))
    assert (case.desk, case.recused) == ("city", False)
    assert queries.find_case(town.session, town.officer, case.number) is None
    service.register(town.by(town.bureau), case)
    service.accept(town.by(town.bureau), case)
    service.assign(town.by(town.bureau), case, desk=Desk.SCHOOL, instruction=REASON)
    assert queries.find_case(town.session, town.officer, case.number) is case
    (letter,) = queries.letters(town.session, town.vault, case, town.officer)
    assert letter.body == NAMED.body
    assert letter.person is None, "handed down without the complainant's identity"
    service.object_to(town.by(town.officer), case, reason=REASON)
    assert (case.status, case.desk) == ("accepted", "district")
    assert queries.find_case(town.session, town.officer, case.number) is None
    with pytest.raises(KeyMissing):
        queries.letters(town.session, town.vault, case, town.officer)


def test_an_objection_comes_within_five_working_days(town: Town) -> None:
    case = town.case()
    town.lead(case, S.ACCEPTED)
    service.assign(town.by(town.district), case, desk=Desk.SCHOOL, instruction=REASON)
    town.later(days=8)
    with refused("case.objection_late"):
        service.object_to(town.by(town.officer), case, reason=REASON)


def test_a_recused_case_is_never_assigned_to_the_school(town: Town) -> None:
    case = town.case(replace(LETTER, respondent="李国华校长"))
    service.register(town.by(town.district), case)
    service.accept(town.by(town.district), case)
    with refused("case.recused", "desk"):
        service.assign(town.by(town.bureau), case, desk=Desk.SCHOOL, instruction=REASON)


@pytest.mark.parametrize("status", [S.SUBMITTED, S.REGISTERED, S.ACCEPTED, S.INVESTIGATING])
def test_the_school_recuses_itself_and_loses_sight_and_keys(town: Town, status: CaseStatus) -> None:
    case = town.case(NAMED)
    town.lead(case, status)
    service.recuse(town.by(town.officer), case, reason=REASON)
    town.session.commit()
    assert (case.desk, case.recused) == ("district", True)
    assert queries.find_case(town.session, town.officer, case.number) is None
    assert queries.find_case(town.session, town.district, case.number) is case
    for purpose in ("content", "identity"):
        with pytest.raises(KeyMissing):
            town.vault.open_key(town.session, f"case:{case.id}", purpose, queries.units_of(town.officer))
    (letter,) = queries.letters(town.session, town.vault, case, town.district)
    assert letter.person is not None
    nexts = {S.SUBMITTED: service.register, S.REGISTERED: service.accept}
    if status in nexts:
        with refused("permission.denied"):
            nexts[status](town.by(town.officer), case)


@pytest.mark.parametrize("name", ["李国华", "王芳"])
def test_head_and_officer_are_not_found_on_by_their_own_school(town: Town, name: str) -> None:
    case = town.case(replace(LETTER, respondent="", respondent_role=LETTER.respondent_role))
    town.lead(case, S.INVESTIGATING)
    service.investigate(town.by(town.officer), case, report=REASON)
    with refused("case.must_recuse", "teacher"):
        service.propose(town.by(town.officer), case, town.draft(name))
    service.recuse(town.by(town.officer), case, reason=REASON)
    town.lead(case, S.DECIDED, handler=town.district, decider=town.second, draft=town.draft(name))
    assert case.status == "decided"


def test_an_officer_known_by_name_only_is_recognised(town: Town) -> None:
    impostor = replace(town.officer, teacher_id=None)
    case = town.case(replace(LETTER, respondent=""))
    namesake = town.teachers["周正"]
    namesake.name = "王 芳"
    town.lead(case, S.INVESTIGATING)
    service.investigate(town.by(impostor), case, report=REASON)
    with refused("case.must_recuse", "teacher"):
        service.propose(town.by(impostor), case, town.draft("周正"))


# --- matters of the school ----------------------------------------------------------------------------------


def test_a_school_matter_is_answered_and_never_scored(town: Town) -> None:
    case = town.case(replace(LETTER, category="R01", respondent=""))
    assert case.school_matter
    town.lead(case, S.ACCEPTED)
    with refused("case.school_matter"):
        service.start(town.by(town.officer), case, investigators=["甲", "乙"])
    service.answer(town.by(town.officer), case, text="经核查,多收的费用已经退还。")
    service.close(town.by(town.officer), case)
    town.session.commit()
    assert (case.status, case.outcome, case.findings) == ("closed", None, [])


def test_a_complaint_of_conduct_is_not_just_answered(town: Town) -> None:
    case = town.case()
    town.lead(case, S.ACCEPTED)
    with refused("case.teacher_conduct"):
        service.answer(town.by(town.officer), case, text=REASON)


# --- the teacher --------------------------------------------------------------------------------------------


def test_the_teacher_states_what_only_the_teacher_may(town: Town) -> None:
    case = town.case()
    town.lead(case, S.FINDING_DRAFT)
    with refused("case.wrong_status"):
        service.state(town.by(town.teacher), case, statement=REASON)
    service.notify(town.by(town.officer), case, facts="拟认定您罚站学生一节课。")
    stranger = replace(town.teacher, id=town.bureau.id, teacher_id=town.teachers["周正"].id)
    nobody = replace(town.teacher, teacher_id=None)
    for actor in (stranger, nobody, town.officer, PUBLIC):
        with refused("permission.denied"):
            service.state(town.by(actor), case, statement=REASON)
    with refused("reason.short", "statement"):
        service.state(town.by(town.teacher), case, statement="冤枉")
    service.state(town.by(town.teacher), case, statement="我没有罚站,只是请他到前排坐。")
    assert (case.status, case.stated) == ("hearing", True)
    service.decide(town.by(town.district), case, town.draft())
    sheets = queries.fact_sheets(town.session, town.vault, case, town.teachers["陈思远"].id)
    assert [sheet.action for sheet in sheets] == ["notify", "state"]
    assert all(LETTER.body not in str(sheet.detail) for sheet in sheets)


def test_the_next_respondent_is_not_told_what_the_first_was_told(town: Town) -> None:
    case = town.case()
    town.lead(case, S.HEARING)
    service.send_back(town.by(town.district), case, reason=REASON)
    town.lead(case, S.HEARING, draft=town.draft("周正"))
    first, second = town.teachers["陈思远"].id, town.teachers["周正"].id
    assert queries.hearings_of(town.session, first) == []
    assert queries.hearings_of(town.session, second) == [case]
    events = {sheet.seq for sheet in queries.fact_sheets(town.session, town.vault, case, second)}
    assert events == {case.events[-2].seq, case.events[-1].seq}


def test_a_teacher_who_was_told_nothing_sees_nothing(town: Town) -> None:
    case = town.case()
    teacher = town.teachers["陈思远"].id
    for status in (S.SUBMITTED, S.REGISTERED, S.ACCEPTED, S.INVESTIGATING, S.FINDING_DRAFT):
        town.lead(case, status)
        assert queries.hearings_of(town.session, teacher) == []
    town.lead(case, S.HEARING)
    assert queries.hearings_of(town.session, teacher) == [case]


# --- versions -----------------------------------------------------------------------------------------------


def test_a_page_from_before_is_refused(town: Town) -> None:
    case = town.case()
    seen = case.version
    service.expect_version(case, seen)
    town.lead(case, S.REGISTERED)
    with pytest.raises(Conflict):
        service.expect_version(case, seen)


def test_events_are_never_changed_by_later_steps(town: Town) -> None:
    case = town.case()
    town.lead(case, S.HEARING)

    def rows() -> dict[str, object]:
        return {
            row.id: (row.seq, row.at, row.actor_id, row.action, row.from_status, row.to_status, row.detail)
            for row in town.session.scalars(select(CaseEvent))
        }

    before = rows()
    town.later(days=1)
    town.lead(case, S.CLOSED)
    after = rows()
    assert before.items() <= after.items()
    assert town.session.scalar(select(func.count()).select_from(CaseEvent)) == len(after)


def test_an_officer_who_becomes_the_respondent_loses_sight(town: Town) -> None:
    """Whoever holds the office: a district officer linked to the person found on."""
    linked = replace(town.district, teacher_id=town.teachers["周正"].id)
    case = town.case()
    assert queries.find_case(town.session, linked, case.number) is case
    town.lead(case, S.FINDING_DRAFT, draft=town.draft("周正"))
    assert queries.find_case(town.session, linked, case.number) is None
    assert queries.queue(town.session, linked, queries.CaseFilter(), date(2026, 3, 20)) == ([], 0)
    assert queries.status_counts(town.session, linked) == {}
    assert queries.find_case(town.session, town.second, case.number) is case


def test_actors_without_a_case_permission_have_no_unit(town: Town) -> None:
    people: list[Actor] = [town.custodian, town.teacher, PUBLIC, CLOCK]
    case = town.case()
    for actor in people:
        assert queries.units_of(actor) == []
        assert queries.find_case(town.session, actor, case.number) is None
