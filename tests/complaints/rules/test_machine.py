"""The machine: every status, action, role and desk; what forbids a row that is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.accounts.rules import CLOCK, PUBLIC, Actor, Role
from ethics_eval.complaints.rules.machine import (
    ACTION_LABELS,
    BURDENING,
    DESK_LABELS,
    OUTCOME_LABELS,
    STATUS_LABELS,
    TRANSITIONS,
    CaseAction,
    CaseFacts,
    CaseStatus,
    Desk,
    Outcome,
    check,
    choices,
    refusal,
)
from ethics_eval.text import RuleViolation

S, A = CaseStatus, CaseAction
SO, HEAD, DO, BO, BH = (
    Role.SCHOOL_OFFICER,
    Role.SCHOOL_HEAD,
    Role.DISTRICT_OFFICER,
    Role.BUREAU_OFFICER,
    Role.BUREAU_HEAD,
)
Who = Mapping[Desk, set[Role]]

EVERY_DESK: Who = {Desk.SCHOOL: {SO, DO, BO}, Desk.DISTRICT: {DO, BO}, Desk.CITY: {BO}}
NOT_THE_SCHOOL: Who = {Desk.SCHOOL: {DO, BO}, Desk.DISTRICT: {DO, BO}, Desk.CITY: {BO}}
ITS_OWN_DESK: Who = {Desk.SCHOOL: {SO}, Desk.DISTRICT: {DO}, Desk.CITY: {BO}}
JUDGES: Who = {Desk.SCHOOL: {DO, BO, BH}, Desk.DISTRICT: {DO, BO, BH}, Desk.CITY: {BO, BH}}
FROM_THE_SCHOOL: Who = {Desk.SCHOOL: {SO, DO, BO}, Desk.DISTRICT: set(), Desk.CITY: set()}
THE_SCHOOL: Who = {Desk.SCHOOL: {SO}, Desk.DISTRICT: set(), Desk.CITY: set()}

# domain.md §7.2 as it is meant, written a second time: (from, action) → (to, who at which desk).
EXPECTED: Mapping[tuple[CaseStatus, CaseAction], tuple[CaseStatus, Who]] = {
    (S.SUBMITTED, A.REGISTER): (S.REGISTERED, EVERY_DESK),
    (S.SUBMITTED, A.RECUSE): (S.SUBMITTED, FROM_THE_SCHOOL),
    (S.REGISTERED, A.RECUSE): (S.REGISTERED, FROM_THE_SCHOOL),
    (S.REGISTERED, A.ACCEPT): (S.ACCEPTED, EVERY_DESK),
    (S.REGISTERED, A.DECLINE): (S.DECLINED, NOT_THE_SCHOOL),
    (S.REGISTERED, A.TRANSFER): (S.TRANSFERRED, NOT_THE_SCHOOL),
    (S.ACCEPTED, A.ASSIGN): (S.ASSIGNED, NOT_THE_SCHOOL),
    (S.ACCEPTED, A.START): (S.INVESTIGATING, ITS_OWN_DESK),
    (S.ACCEPTED, A.ANSWER): (S.REPLIED, ITS_OWN_DESK),
    (S.ACCEPTED, A.RECUSE): (S.ACCEPTED, FROM_THE_SCHOOL),
    (S.ASSIGNED, A.OBJECT): (S.ACCEPTED, THE_SCHOOL),
    (S.ASSIGNED, A.START): (S.INVESTIGATING, ITS_OWN_DESK),
    (S.ASSIGNED, A.ANSWER): (S.REPLIED, ITS_OWN_DESK),
    (S.ASSIGNED, A.RECUSE): (S.ACCEPTED, FROM_THE_SCHOOL),
    (S.INVESTIGATING, A.RECUSE): (S.ACCEPTED, FROM_THE_SCHOOL),
    (S.INVESTIGATING, A.INVESTIGATE): (S.INVESTIGATING, ITS_OWN_DESK),
    (S.INVESTIGATING, A.PROPOSE): (S.FINDING_DRAFT, ITS_OWN_DESK),
    (S.FINDING_DRAFT, A.NOTIFY): (S.HEARING, EVERY_DESK),
    (S.FINDING_DRAFT, A.SEND_BACK): (S.INVESTIGATING, JUDGES),
    (S.FINDING_DRAFT, A.DECIDE): (S.DECIDED, JUDGES),
    (S.HEARING, A.STATE): (S.HEARING, EVERY_DESK),
    (S.HEARING, A.SEND_BACK): (S.INVESTIGATING, JUDGES),
    (S.HEARING, A.DECIDE): (S.DECIDED, JUDGES),
    (S.DECIDED, A.REPLY): (S.REPLIED, EVERY_DESK),
    (S.REPLIED, A.CLOSE): (S.CLOSED, EVERY_DESK),
}


def person(role: Role, *, school: int = 1, district: str = "430202", number: int = 7) -> Actor:
    return Actor(
        id=number,
        role=role,
        display_name="某某",
        school_id=school if role in {SO, HEAD} else None,
        district_code=district if role is DO else None,
        teacher_id=70 if role is Role.TEACHER else None,
    )


def case(status: CaseStatus, action: CaseAction, desk: Desk = Desk.SCHOOL) -> CaseFacts:
    """A case in which every guard of the row is content."""
    return CaseFacts(
        status=status,
        desk=desk,
        school_id=1,
        district_code="430202",
        school_matter=action is A.ANSWER,
        investigated=True,
        proposed_outcome=Outcome.SUBSTANTIATED
        if action is A.NOTIFY or status is S.HEARING
        else Outcome.UNSUBSTANTIATED,
    )


def code_of(facts: CaseFacts, action: CaseAction, actor: Actor) -> str | None:
    found = refusal(facts, action, actor)
    return found.code if found else None


@pytest.mark.parametrize("status", list(CaseStatus))
def test_every_action_of_every_role_at_every_desk(status: CaseStatus) -> None:
    for action in CaseAction:
        for desk in Desk:
            facts = case(status, action, desk)
            to, who = EXPECTED.get((status, action), (None, dict.fromkeys(Desk, set[Role]())))
            for role in Role:
                case_of = f"{status} {action} {role} {desk}"
                found = refusal(facts, action, person(role))
                assert (found is None) is (role in who[desk]), case_of
                if found is None:
                    assert check(facts, action, person(role)).to is to, case_of
                else:
                    with pytest.raises(RuleViolation) as refused:
                        check(facts, action, person(role))
                    assert refused.value.code == found.code
                    assert (found.code == "case.wrong_status") is (to is None), case_of


def test_the_table_has_no_other_rows() -> None:
    assert set(TRANSITIONS) == set(EXPECTED)


@pytest.mark.parametrize("nobody", [PUBLIC, CLOCK])
def test_the_public_and_the_clock_take_no_step(nobody: Actor) -> None:
    for status, action in TRANSITIONS:
        assert code_of(case(status, action), action, nobody) == "permission.denied"
        assert not choices(case(status, action), nobody)


def test_another_school_and_another_district_take_no_step_and_are_offered_none() -> None:
    strangers = [person(SO, school=2), person(HEAD, school=2), person(DO, district="430281")]
    for status, action in TRANSITIONS:
        for desk in Desk:
            for stranger in strangers:
                assert code_of(case(status, action, desk), action, stranger) == "permission.denied"
                assert not choices(case(status, action, desk), stranger)


def test_the_school_is_offered_nothing_once_the_case_lies_above() -> None:
    for status, action in TRANSITIONS:
        for desk in (Desk.DISTRICT, Desk.CITY):
            for role in (SO, HEAD):
                assert not choices(case(status, action, desk), person(role))


def test_whoever_is_complained_about_takes_no_step() -> None:
    for status, action in TRANSITIONS:
        for role in Role:
            facts = replace(case(status, action), respondent_account_ids=frozenset({7}))
            assert code_of(facts, action, person(role)) == "permission.denied"
            assert not choices(facts, person(role))


DECIDABLE = case(S.FINDING_DRAFT, A.DECIDE)
HEARD = case(S.HEARING, A.DECIDE)


@pytest.mark.parametrize(
    ("facts", "action", "role", "code"),
    [
        (replace(case(S.ACCEPTED, A.START), school_matter=True), A.START, SO, "case.school_matter"),
        (replace(case(S.ASSIGNED, A.START), school_matter=True), A.START, SO, "case.school_matter"),
        (
            replace(case(S.INVESTIGATING, A.PROPOSE), school_matter=True),
            A.PROPOSE,
            SO,
            "case.school_matter",
        ),
        (replace(case(S.ACCEPTED, A.ANSWER), school_matter=False), A.ANSWER, SO, "case.teacher_conduct"),
        (replace(case(S.ASSIGNED, A.ANSWER), school_matter=False), A.ANSWER, SO, "case.teacher_conduct"),
        (
            replace(case(S.INVESTIGATING, A.PROPOSE), investigated=False),
            A.PROPOSE,
            SO,
            "case.not_investigated",
        ),
        (replace(case(S.ASSIGNED, A.OBJECT), objection_open=False), A.OBJECT, SO, "case.objection_late"),
        (case(S.ACCEPTED, A.RECUSE, Desk.DISTRICT), A.RECUSE, DO, "case.not_at_school"),
        (case(S.ACCEPTED, A.START, Desk.SCHOOL), A.START, DO, "case.other_desk"),
        (case(S.ACCEPTED, A.START, Desk.CITY), A.START, DO, "case.other_desk"),
        (case(S.REGISTERED, A.ACCEPT, Desk.CITY), A.ACCEPT, DO, "case.other_desk"),
        (replace(HEARD, defence_open=True), A.DECIDE, DO, "case.defence_open"),
        (replace(DECIDABLE, investigator_ids=frozenset({7})), A.DECIDE, DO, "case.decider_investigated"),
        (replace(HEARD, investigator_ids=frozenset({7})), A.DECIDE, BH, "case.decider_investigated"),
        (
            replace(DECIDABLE, investigator_names=frozenset({"某 某"})),
            A.DECIDE,
            DO,
            "case.decider_investigated",
        ),
        (replace(DECIDABLE, proposed_outcome=None), A.DECIDE, DO, "case.defence_missing"),
        (replace(HEARD, proposed_outcome=Outcome.MALICIOUS), A.DECIDE, DO, "case.malice_needs_city"),
        *(
            (replace(DECIDABLE, proposed_outcome=outcome), A.DECIDE, BO, "case.defence_missing")
            for outcome in BURDENING
        ),
        *(
            (
                replace(case(S.FINDING_DRAFT, A.NOTIFY), proposed_outcome=outcome),
                A.NOTIFY,
                SO,
                "case.nothing_to_defend",
            )
            for outcome in {None, *Outcome} - BURDENING
        ),
    ],
)
def test_guards(facts: CaseFacts, action: CaseAction, role: Role, code: str) -> None:
    assert code_of(facts, action, person(role)) == code
    offered = dict(choices(facts, person(role)))
    assert getattr(offered[action], "code", None) == code, "the page says why not"


@pytest.mark.parametrize(("role", "allowed"), [(DO, False), (BO, True), (BH, True)])
def test_malice_is_found_by_the_city(role: Role, allowed: bool) -> None:
    facts = replace(DECIDABLE, proposed_outcome=Outcome.MALICIOUS)
    assert (refusal(facts, A.DECIDE, person(role)) is None) is allowed


def test_every_word_is_there() -> None:
    assert set(STATUS_LABELS) == set(CaseStatus)
    assert set(ACTION_LABELS) == set(CaseAction)
    assert set(DESK_LABELS) == set(Desk)
    assert set(OUTCOME_LABELS) == set(Outcome)


FACTS = st.builds(
    CaseFacts,
    status=st.sampled_from(CaseStatus),
    desk=st.sampled_from(Desk),
    school_id=st.integers(1, 2),
    district_code=st.sampled_from(["430202", "430281"]),
    school_matter=st.booleans(),
    investigator_ids=st.frozensets(st.integers(1, 4)),
    investigator_names=st.frozensets(st.sampled_from(["甲", "乙", "某某"])),
    investigated=st.booleans(),
    proposed_outcome=st.none() | st.sampled_from(Outcome),
    defence_open=st.booleans(),
    respondent_account_ids=st.frozensets(st.integers(1, 4)),
    objection_open=st.booleans(),
)
ACTORS = st.builds(
    person,
    st.sampled_from(Role),
    school=st.integers(1, 2),
    district=st.sampled_from(["430202", "430281"]),
    number=st.integers(1, 4),
)


@given(FACTS, st.sampled_from(CaseAction), ACTORS)
def test_what_never_happens(facts: CaseFacts, action: CaseAction, actor: Actor) -> None:
    if refusal(facts, action, actor) is not None:
        return
    row = check(facts, action, actor)
    assert actor.id not in facts.respondent_account_ids
    assert actor.role not in {HEAD, Role.TEACHER, Role.CUSTODIAN, Role.AUDITOR, Role.SYSADMIN}
    if actor.role is SO:
        assert facts.desk is Desk.SCHOOL
        assert facts.school_id == actor.school_id
        assert action not in {A.DECIDE, A.SEND_BACK, A.DECLINE, A.TRANSFER, A.ASSIGN}
    if actor.role is DO:
        assert facts.district_code == actor.district_code
        assert facts.desk is not Desk.CITY
    if row.to is S.DECIDED:
        assert actor.id not in facts.investigator_ids
        assert not facts.defence_open or facts.status is S.FINDING_DRAFT
        assert facts.status is S.HEARING or facts.proposed_outcome not in BURDENING
    if row.to is S.CLOSED:
        assert facts.status is S.REPLIED
    if facts.school_matter:
        assert row.to is not S.FINDING_DRAFT


@given(FACTS, ACTORS)
def test_what_is_offered_is_what_is_allowed(facts: CaseFacts, actor: Actor) -> None:
    allowed = {action for action in CaseAction if refusal(facts, action, actor) is None}
    assert {action for action, why in choices(facts, actor) if why is None} == allowed


def test_no_status_is_a_trap() -> None:
    ended = {S.DECLINED, S.TRANSFERRED, S.CLOSED}
    leads: dict[CaseStatus, set[CaseStatus]] = {status: set() for status in CaseStatus}
    for (status, _action), row in TRANSITIONS.items():
        leads[status].add(row.to)
    reached = set(ended)
    while more := {status for status in CaseStatus if leads[status] & reached} - reached:
        reached |= more
    assert reached == set(CaseStatus)
    assert all(not leads[status] for status in ended)
