"""The machine: every status, action, role and desk; what forbids a row that is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.accounts.rules import CLOCK, PUBLIC, Actor, Role
from ethics_eval.complaints.rules.machine import (
    ACTION_LABELS,
    BURDENING,
    DESK_LABELS,
    ENDED,
    OUTCOME_LABELS,
    STATUS_LABELS,
    TRANSITIONS,
    WORKING,
    CaseAction,
    CaseFacts,
    CaseStatus,
    Desk,
    Outcome,
    check,
    check_assignment,
    check_merge,
    check_new_investigators,
    choices,
    desk_above,
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
Who = Mapping[Desk, set[Role | Actor]]

T = Role.TEACHER
EVERY_DESK: Who = {Desk.SCHOOL: {SO, DO, BO}, Desk.DISTRICT: {DO, BO}, Desk.CITY: {BO}}
NOT_THE_SCHOOL: Who = {Desk.SCHOOL: {DO, BO}, Desk.DISTRICT: {DO, BO}, Desk.CITY: {BO}}
ITS_OWN_DESK: Who = {Desk.SCHOOL: {SO}, Desk.DISTRICT: {DO}, Desk.CITY: {BO}}
JUDGES: Who = {Desk.SCHOOL: {DO, BO, BH}, Desk.DISTRICT: {DO, BO, BH}, Desk.CITY: {BO, BH}}
FROM_THE_SCHOOL: Who = {Desk.SCHOOL: {SO, DO, BO}, Desk.DISTRICT: set(), Desk.CITY: set()}
BELOW_THE_CITY: Who = {Desk.SCHOOL: {SO}, Desk.DISTRICT: {DO}, Desk.CITY: set()}
HEARERS: Who = {Desk.SCHOOL: {SO, DO, BO, T}, Desk.DISTRICT: {DO, BO, T}, Desk.CITY: {BO, T}}
APPROVERS: Who = {Desk.SCHOOL: {HEAD, DO, BO, BH}, Desk.DISTRICT: {DO, BO, BH}, Desk.CITY: {BO, BH}}
REVIEWERS: Who = {Desk.SCHOOL: set(), Desk.DISTRICT: {DO}, Desk.CITY: {BO, BH}}
THE_SENDER: Who = {desk: {PUBLIC} for desk in Desk}

# domain.md §7.2 as it is meant, written a second time: (from, action) → (to, who at which desk).
# The facts of :func:`case` are those of a case that stood in INVESTIGATING and has one sender.
EXPECTED: Mapping[tuple[CaseStatus, CaseAction], tuple[CaseStatus, Who]] = {
    (S.SUBMITTED, A.REGISTER): (S.REGISTERED, EVERY_DESK),
    (S.SUBMITTED, A.TRANSFER): (S.TRANSFERRED, NOT_THE_SCHOOL),
    (S.SUBMITTED, A.RECUSE): (S.SUBMITTED, FROM_THE_SCHOOL),
    (S.SUBMITTED, A.REFER): (S.SUBMITTED, NOT_THE_SCHOOL),
    (S.SUBMITTED, A.MERGE): (S.MERGED, EVERY_DESK),
    (S.SUBMITTED, A.WITHDRAW): (S.WITHDRAWN, THE_SENDER),
    (S.REGISTERED, A.RECUSE): (S.REGISTERED, FROM_THE_SCHOOL),
    (S.REGISTERED, A.ACCEPT): (S.ACCEPTED, EVERY_DESK),
    (S.REGISTERED, A.DECLINE): (S.DECLINED, NOT_THE_SCHOOL),
    (S.REGISTERED, A.TRANSFER): (S.TRANSFERRED, NOT_THE_SCHOOL),
    (S.REGISTERED, A.REFER): (S.REGISTERED, NOT_THE_SCHOOL),
    (S.REGISTERED, A.MERGE): (S.MERGED, EVERY_DESK),
    (S.REGISTERED, A.WITHDRAW): (S.WITHDRAWN, THE_SENDER),
    (S.DECLINED, A.REOPEN): (S.REGISTERED, NOT_THE_SCHOOL),
    (S.TRANSFERRED, A.REOPEN): (S.REGISTERED, NOT_THE_SCHOOL),
    (S.ACCEPTED, A.ASSIGN): (S.ASSIGNED, NOT_THE_SCHOOL),
    (S.ACCEPTED, A.START): (S.INVESTIGATING, ITS_OWN_DESK),
    (S.ACCEPTED, A.ANSWER): (S.REPLIED, ITS_OWN_DESK),
    (S.ACCEPTED, A.RECUSE): (S.ACCEPTED, FROM_THE_SCHOOL),
    (S.ACCEPTED, A.EXTEND): (S.ACCEPTED, APPROVERS),
    (S.ACCEPTED, A.SUSPEND): (S.SUSPENDED, JUDGES),
    (S.ACCEPTED, A.REFER): (S.ACCEPTED, NOT_THE_SCHOOL),
    (S.ACCEPTED, A.MERGE): (S.MERGED, EVERY_DESK),
    (S.ACCEPTED, A.WITHDRAW): (S.WITHDRAWN, THE_SENDER),
    (S.ASSIGNED, A.ASSIGN): (S.ASSIGNED, NOT_THE_SCHOOL),
    (S.ASSIGNED, A.OBJECT): (S.ACCEPTED, BELOW_THE_CITY),
    (S.ASSIGNED, A.START): (S.INVESTIGATING, ITS_OWN_DESK),
    (S.ASSIGNED, A.ANSWER): (S.REPLIED, ITS_OWN_DESK),
    (S.ASSIGNED, A.RECUSE): (S.ACCEPTED, FROM_THE_SCHOOL),
    (S.ASSIGNED, A.EXTEND): (S.ASSIGNED, APPROVERS),
    (S.ASSIGNED, A.SUSPEND): (S.SUSPENDED, JUDGES),
    (S.ASSIGNED, A.REFER): (S.ASSIGNED, NOT_THE_SCHOOL),
    (S.ASSIGNED, A.MERGE): (S.MERGED, EVERY_DESK),
    (S.ASSIGNED, A.WITHDRAW): (S.WITHDRAWN, THE_SENDER),
    (S.INVESTIGATING, A.ASSIGN): (S.ASSIGNED, NOT_THE_SCHOOL),
    (S.INVESTIGATING, A.RECUSE): (S.ACCEPTED, FROM_THE_SCHOOL),
    (S.INVESTIGATING, A.INVESTIGATE): (S.INVESTIGATING, ITS_OWN_DESK),
    (S.INVESTIGATING, A.PROPOSE): (S.FINDING_DRAFT, ITS_OWN_DESK),
    (S.INVESTIGATING, A.EXTEND): (S.INVESTIGATING, APPROVERS),
    (S.INVESTIGATING, A.SUSPEND): (S.SUSPENDED, JUDGES),
    (S.INVESTIGATING, A.REFER): (S.INVESTIGATING, NOT_THE_SCHOOL),
    (S.INVESTIGATING, A.MERGE): (S.MERGED, EVERY_DESK),
    (S.INVESTIGATING, A.WITHDRAW): (S.WITHDRAWN, THE_SENDER),
    (S.FINDING_DRAFT, A.NOTIFY): (S.HEARING, EVERY_DESK),
    (S.FINDING_DRAFT, A.SEND_BACK): (S.INVESTIGATING, JUDGES),
    (S.FINDING_DRAFT, A.DECIDE): (S.DECIDED, JUDGES),
    (S.FINDING_DRAFT, A.RECUSE): (S.ACCEPTED, FROM_THE_SCHOOL),
    (S.FINDING_DRAFT, A.EXTEND): (S.FINDING_DRAFT, APPROVERS),
    (S.FINDING_DRAFT, A.SUSPEND): (S.SUSPENDED, JUDGES),
    (S.FINDING_DRAFT, A.REFER): (S.FINDING_DRAFT, NOT_THE_SCHOOL),
    (S.FINDING_DRAFT, A.MERGE): (S.MERGED, EVERY_DESK),
    (S.FINDING_DRAFT, A.WITHDRAW): (S.WITHDRAWN, THE_SENDER),
    (S.HEARING, A.STATE): (S.HEARING, HEARERS),
    (S.HEARING, A.ASK_HEARING): (S.HEARING, HEARERS),
    (S.HEARING, A.HOLD_HEARING): (S.HEARING, EVERY_DESK),
    (S.HEARING, A.SEND_BACK): (S.INVESTIGATING, JUDGES),
    (S.HEARING, A.DECIDE): (S.DECIDED, JUDGES),
    (S.HEARING, A.RECUSE): (S.ACCEPTED, FROM_THE_SCHOOL),
    (S.HEARING, A.EXTEND): (S.HEARING, APPROVERS),
    (S.HEARING, A.SUSPEND): (S.SUSPENDED, JUDGES),
    (S.HEARING, A.REFER): (S.HEARING, NOT_THE_SCHOOL),
    (S.HEARING, A.MERGE): (S.MERGED, EVERY_DESK),
    (S.HEARING, A.WITHDRAW): (S.WITHDRAWN, THE_SENDER),
    (S.SUSPENDED, A.RESUME): (S.INVESTIGATING, JUDGES),
    (S.SUSPENDED, A.REFER): (S.SUSPENDED, NOT_THE_SCHOOL),
    (S.SUSPENDED, A.WITHDRAW): (S.WITHDRAWN, THE_SENDER),
    (S.DECIDED, A.REPLY): (S.REPLIED, EVERY_DESK),
    (S.DECIDED, A.REFER): (S.DECIDED, NOT_THE_SCHOOL),
    (S.REPLIED, A.CLOSE): (S.CLOSED, EVERY_DESK),
    (S.REPLIED, A.REFER): (S.REPLIED, NOT_THE_SCHOOL),
    (S.REPLIED, A.ASK_REVIEW): (S.REVIEW, THE_SENDER),
    (S.REPLIED, A.ASK_FINAL_REVIEW): (S.FINAL_REVIEW, THE_SENDER),
    (S.CLOSED, A.REFER): (S.CLOSED, NOT_THE_SCHOOL),
    (S.CLOSED, A.ASK_REVIEW): (S.REVIEW, THE_SENDER),
    (S.CLOSED, A.ASK_FINAL_REVIEW): (S.FINAL_REVIEW, THE_SENDER),
    (S.REVIEW, A.UPHOLD): (S.REPLIED, REVIEWERS),
    (S.REVIEW, A.QUASH): (S.INVESTIGATING, REVIEWERS),
    (S.REVIEW, A.REFER): (S.REVIEW, NOT_THE_SCHOOL),
    (S.FINAL_REVIEW, A.FINISH): (S.FINAL, REVIEWERS),
    (S.FINAL_REVIEW, A.QUASH): (S.INVESTIGATING, REVIEWERS),
    (S.FINAL_REVIEW, A.REFER): (S.FINAL_REVIEW, NOT_THE_SCHOOL),
    (S.WITHDRAWN, A.CONTINUE): (S.INVESTIGATING, NOT_THE_SCHOOL),
    (S.WITHDRAWN, A.REFER): (S.WITHDRAWN, NOT_THE_SCHOOL),
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
        urgent=(status, action) == (S.SUBMITTED, A.TRANSFER),
        school_matter=action is A.ANSWER,
        investigated=True,
        heavy_measure=True,
        hearing_asked=action is A.HOLD_HEARING,
        respondent_teacher_id=70 if status is S.HEARING else None,
        left_at=S.INVESTIGATING,
        new_facts=True,
        review_round=1 if action is A.ASK_FINAL_REVIEW else 0,
        review_open=True,
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
            to, who = EXPECTED.get((status, action), (None, dict.fromkeys(Desk, set[Role | Actor]())))
            for role in (*Role, PUBLIC, CLOCK):
                actor = person(role) if isinstance(role, Role) else role
                case_of = f"{status} {action} {role} {desk}"
                found = refusal(facts, action, actor)
                assert (found is None) is (role in who[desk]), case_of
                if found is None:
                    assert check(facts, action, actor).target(facts) is to, case_of
                else:
                    with pytest.raises(RuleViolation) as refused:
                        check(facts, action, actor)
                    assert refused.value.code == found.code
                    assert (found.code == "case.wrong_status") is (to is None), case_of


def test_the_table_has_no_other_rows() -> None:
    assert set(TRANSITIONS) == set(EXPECTED)


BY_A_PARTY = {A.STATE, A.ASK_HEARING}
BY_THE_SENDER = {A.WITHDRAW, A.ASK_REVIEW, A.ASK_FINAL_REVIEW}


def test_the_clock_takes_no_step_and_the_sender_only_the_own() -> None:
    for status, action in TRANSITIONS:
        facts = case(status, action)
        assert code_of(facts, action, CLOCK) == "permission.denied"
        assert not choices(facts, CLOCK)
        assert (code_of(facts, action, PUBLIC) is None) is (action in BY_THE_SENDER)
        assert {offered for offered, _why in choices(facts, PUBLIC)} <= BY_THE_SENDER


def test_nobody_withdraws_or_asks_for_a_review_in_the_senders_stead() -> None:
    for status, action in TRANSITIONS:
        if action in BY_THE_SENDER:
            for role in Role:
                assert code_of(case(status, action), action, person(role)) == "permission.denied"


def test_another_school_and_another_district_take_no_step_and_are_offered_none() -> None:
    strangers = [
        replace(person(T), teacher_id=71),
        person(SO, school=2),
        person(HEAD, school=2),
        person(DO, district="430281"),
    ]
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
            if role is T and action in BY_A_PARTY:
                continue
            facts = replace(case(status, action), respondent_account_ids=frozenset({7}))
            assert code_of(facts, action, person(role)) == "permission.denied"
            offered = {offered for offered, _why in choices(facts, person(role))}
            assert offered <= (BY_A_PARTY if role is T else set())


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
        (replace(DECIDABLE, barred_ids=frozenset({7})), A.DECIDE, DO, "case.earlier_hands"),
        (replace(HEARD, hearing_asked=True), A.DECIDE, DO, "hearing.owed"),
        (replace(case(S.HEARING, A.ASK_HEARING), heavy_measure=False), A.ASK_HEARING, T, "hearing.light"),
        (replace(case(S.HEARING, A.ASK_HEARING), hearing_asked=True), A.ASK_HEARING, T, "hearing.asked"),
        (replace(case(S.HEARING, A.HOLD_HEARING), hearing_asked=False), A.HOLD_HEARING, DO, "hearing.none"),
        (replace(case(S.HEARING, A.HOLD_HEARING), hearing_held=True), A.HOLD_HEARING, DO, "hearing.none"),
        (
            replace(case(S.HEARING, A.HOLD_HEARING), investigator_ids=frozenset({7})),
            A.HOLD_HEARING,
            SO,
            "case.investigator_approves",
        ),
        (replace(case(S.SUBMITTED, A.TRANSFER), urgent=False), A.TRANSFER, BO, "case.not_registered"),
        *(
            (
                replace(case(status, action), barred_names=frozenset({"某·某"})),
                action,
                SO,
                "case.earlier_hands",
            )
            for status, action in (
                (S.ACCEPTED, A.START),
                (S.ASSIGNED, A.START),
                (S.ACCEPTED, A.ANSWER),
                (S.ASSIGNED, A.ANSWER),
                (S.INVESTIGATING, A.INVESTIGATE),
                (S.INVESTIGATING, A.PROPOSE),
            )
        ),
        *(
            (replace(case(status, A.EXTEND), **changes), A.EXTEND, HEAD, code)
            for status in WORKING[2:]
            for changes, code in (
                ({"extended": True}, "case.extended"),
                ({"reply_overdue": True}, "case.extension_late"),
                ({"investigator_ids": frozenset({7})}, "case.investigator_approves"),
                ({"investigator_names": frozenset({"某某"})}, "case.investigator_approves"),
            )
        ),
        *(
            (
                replace(case(status, A.SUSPEND), investigator_ids=frozenset({7})),
                A.SUSPEND,
                DO,
                "case.investigator_approves",
            )
            for status in WORKING[2:]
        ),
        (replace(case(S.DECLINED, A.REOPEN), new_facts=False), A.REOPEN, BO, None),
        *(
            (
                replace(case(S.DECLINED, A.REOPEN), new_facts=False, declined_at=desk),
                A.REOPEN,
                role,
                "case.no_new_facts",
            )
            for desk, role in ((Desk.DISTRICT, DO), (Desk.CITY, DO), (Desk.CITY, BO))
        ),
        (replace(case(S.REPLIED, A.CLOSE), dispute_open=True), A.CLOSE, SO, "case.dispute_open"),
        (replace(case(S.REPLIED, A.CLOSE), unread=True), A.CLOSE, SO, "case.unread"),
        (
            replace(case(S.REVIEW, A.UPHOLD, Desk.DISTRICT), handler_ids=frozenset({7})),
            A.UPHOLD,
            DO,
            "case.reviews_own_work",
        ),
        (
            replace(case(S.REVIEW, A.QUASH, Desk.CITY), handler_names=frozenset({"某某"})),
            A.QUASH,
            BH,
            "case.reviews_own_work",
        ),
        (
            replace(
                case(S.FINAL_REVIEW, A.FINISH, Desk.CITY),
                handler_ids=frozenset({7}),
                answered_at=Desk.CITY,
            ),
            A.FINISH,
            BO,
            "case.reviews_own_work",
        ),
        (
            replace(  # the bureau's head writes down what the province said
                case(S.FINAL_REVIEW, A.FINISH, Desk.CITY),
                handler_ids=frozenset({7}),
                answered_at=Desk.CITY,
            ),
            A.FINISH,
            BH,
            None,
        ),
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
def test_guards(facts: CaseFacts, action: CaseAction, role: Role, code: str | None) -> None:
    assert code_of(facts, action, person(role)) == code
    offered = dict(choices(facts, person(role)))
    assert getattr(offered[action], "code", None) == code, "the page says why not"


@pytest.mark.parametrize(("role", "allowed"), [(DO, False), (BO, True), (BH, True)])
def test_malice_is_found_by_the_city(role: Role, allowed: bool) -> None:
    facts = replace(DECIDABLE, proposed_outcome=Outcome.MALICIOUS)
    assert (refusal(facts, A.DECIDE, person(role)) is None) is allowed


@pytest.mark.parametrize(
    ("action", "changes", "code"),
    [
        (A.ASK_REVIEW, {"review_open": False}, "review.late"),
        (A.ASK_REVIEW, {"review_round": 1}, "review.round"),
        (A.ASK_FINAL_REVIEW, {"review_open": False}, "review.late"),
        (A.ASK_FINAL_REVIEW, {"review_round": 0}, "review.round"),
        (A.ASK_FINAL_REVIEW, {"review_round": 2}, "review.round"),
    ],
)
@pytest.mark.parametrize("status", [S.REPLIED, S.CLOSED])
def test_a_review_is_asked_for_in_time_and_in_turn(
    status: CaseStatus, action: CaseAction, changes: dict[str, Any], code: str
) -> None:
    assert code_of(replace(case(status, action), **changes), action, PUBLIC) == code


@pytest.mark.parametrize("status", [*WORKING, S.SUSPENDED])
def test_a_withdrawal_ends_only_what_is_nobody_elses_concern(status: CaseStatus) -> None:
    row, facts = TRANSITIONS[status, A.WITHDRAW], case(status, A.WITHDRAW)
    assert row.target(facts) is S.WITHDRAWN
    assert row.target(replace(facts, ex_officio=True)) is status
    assert row.target(replace(facts, standing=2)) is status


@pytest.mark.parametrize("stood", WORKING)
def test_back_to_where_it_stood(stood: CaseStatus) -> None:
    facts = replace(case(S.SUSPENDED, A.RESUME), left_at=stood)
    assert TRANSITIONS[S.SUSPENDED, A.RESUME].target(facts) is stood
    again = TRANSITIONS[S.WITHDRAWN, A.CONTINUE].target(replace(facts, status=S.WITHDRAWN))
    assert again is (stood if WORKING.index(stood) < WORKING.index(S.INVESTIGATING) else S.INVESTIGATING)


def test_a_quashed_answer_to_a_school_matter_is_answered_anew() -> None:
    facts = replace(case(S.REVIEW, A.QUASH, Desk.CITY), school_matter=True)
    assert TRANSITIONS[S.REVIEW, A.QUASH].target(facts) is S.ACCEPTED


@pytest.mark.parametrize(
    ("changes", "desk", "role", "code"),
    [
        ({}, Desk.SCHOOL, DO, None),
        ({}, Desk.DISTRICT, BO, None),
        ({"desk": Desk.DISTRICT}, Desk.SCHOOL, DO, None),
        ({"desk": Desk.DISTRICT, "recused": True}, Desk.SCHOOL, BO, "case.recused"),
        ({"desk": Desk.CITY, "urgent": True}, Desk.SCHOOL, BO, "case.urgent"),
        ({"desk": Desk.CITY, "urgent": True}, Desk.DISTRICT, BO, None),
        ({"desk": Desk.DISTRICT}, Desk.DISTRICT, DO, "case.same_desk"),
        ({"desk": Desk.DISTRICT}, Desk.DISTRICT, BO, None),
        ({"desk": Desk.CITY}, Desk.CITY, BO, "case.same_desk"),
        ({"status": S.ASSIGNED}, Desk.SCHOOL, DO, "case.same_desk"),
        ({"status": S.INVESTIGATING}, Desk.SCHOOL, BO, "case.same_desk"),
        ({"status": S.INVESTIGATING}, Desk.DISTRICT, BO, None),
    ],
)
def test_where_a_case_may_be_handed(
    changes: dict[str, Any], desk: Desk, role: Role, code: str | None
) -> None:
    facts = replace(case(S.ACCEPTED, A.ASSIGN), **changes)
    if code is None:
        check_assignment(facts, desk, person(role))
        return
    with pytest.raises(RuleViolation) as refused:
        check_assignment(facts, desk, person(role))
    assert (refused.value.code, refused.value.field) == (code, "desk")


MERGED, INTO = case(S.REGISTERED, A.MERGE), case(S.INVESTIGATING, A.MERGE)
ABOVE = {"desk": Desk.DISTRICT}


@pytest.mark.parametrize(
    ("this", "that", "allowed"),
    [
        ({}, {}, True),
        ({}, ABOVE, True),
        (ABOVE, ABOVE, True),
        (ABOVE, {}, False),
        ({**ABOVE, "recused": True}, {**ABOVE, "recused": True}, True),
        ({**ABOVE, "recused": True}, ABOVE, False),
        (ABOVE, {**ABOVE, "recused": True}, False),
        ({"urgent": True}, {}, False),
        ({}, {"urgent": True}, True),
        ({"school_matter": True}, {}, False),
        ({}, {"school_matter": True}, False),
        ({"school_matter": True}, {"school_matter": True}, True),
        ({}, {"school_id": 2}, False),
        *(({}, {"status": status}, status in WORKING) for status in CaseStatus),
    ],
)
def test_what_may_be_merged(this: dict[str, Any], that: dict[str, Any], allowed: bool) -> None:
    if allowed:
        check_merge(replace(MERGED, **this), replace(INTO, **that))
        return
    with pytest.raises(RuleViolation) as refused:
        check_merge(replace(MERGED, **this), replace(INTO, **that))
    assert (refused.value.code, refused.value.field) == ("case.merge", "target")


@pytest.mark.parametrize(
    ("named", "again"), [(["丙", "丁"], False), (["丙", "甲 某"], True), (["甲·某", "丁"], True)]
)
def test_others_investigate_what_was_quashed(named: list[str], again: bool) -> None:
    if not again:
        check_new_investigators(named, ["甲某", "乙某"])
        return
    with pytest.raises(RuleViolation) as refused:
        check_new_investigators(named, ["甲某", "乙某"])
    assert refused.value.field == "investigators"


def test_above_the_city_there_is_no_desk() -> None:
    assert [desk_above(desk) for desk in Desk] == [Desk.DISTRICT, Desk.CITY, Desk.CITY]


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
    recused=st.booleans(),
    urgent=st.booleans(),
    school_matter=st.booleans(),
    handler_ids=st.frozensets(st.integers(1, 4)),
    barred_ids=st.frozensets(st.integers(1, 4)),
    heavy_measure=st.booleans(),
    hearing_asked=st.booleans(),
    hearing_held=st.booleans(),
    respondent_teacher_id=st.sampled_from([None, 70, 71]),
    extended=st.booleans(),
    reply_overdue=st.booleans(),
    left_at=st.sampled_from(WORKING),
    ex_officio=st.booleans(),
    standing=st.integers(1, 3),
    declined_at=st.sampled_from(Desk),
    new_facts=st.booleans(),
    answered_at=st.sampled_from(Desk),
    review_round=st.integers(0, 2),
    review_open=st.booleans(),
    dispute_open=st.booleans(),
    unread=st.booleans(),
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
) | st.sampled_from([PUBLIC, CLOCK])


@given(FACTS, st.sampled_from(CaseAction), ACTORS)
def test_who_never_acts(facts: CaseFacts, action: CaseAction, actor: Actor) -> None:
    if refusal(facts, action, actor) is not None:
        return
    by_a_party = actor == PUBLIC or actor.role is T
    assert by_a_party or actor.id not in facts.respondent_account_ids
    assert actor.role not in {Role.CUSTODIAN, Role.AUDITOR, Role.SYSADMIN}
    assert actor != CLOCK
    if actor == PUBLIC:
        assert action in BY_THE_SENDER
    if actor.role is T:
        assert action in BY_A_PARTY
        assert actor.teacher_id == facts.respondent_teacher_id
    if actor.role in {SO, HEAD}:
        assert facts.desk is Desk.SCHOOL
        assert not facts.recused
        assert not facts.urgent
        assert facts.school_id == actor.school_id
        assert action not in {A.DECIDE, A.SEND_BACK, A.DECLINE, A.TRANSFER, A.ASSIGN, A.SUSPEND, A.REFER}
    if actor.role is HEAD:
        assert action is A.EXTEND
    if actor.role is DO:
        assert facts.district_code == actor.district_code
        assert facts.desk is not Desk.CITY


@given(FACTS, st.sampled_from(CaseAction), ACTORS)
def test_where_nothing_ever_leads(facts: CaseFacts, action: CaseAction, actor: Actor) -> None:
    if refusal(facts, action, actor) is not None:
        return
    to = check(facts, action, actor).target(facts)
    assert facts.status not in {S.FINAL, S.MERGED}
    if to is S.DECIDED:
        assert actor.id not in facts.investigator_ids | facts.barred_ids
        assert not facts.defence_open or facts.status is S.FINDING_DRAFT
        assert facts.status is S.HEARING or facts.proposed_outcome not in BURDENING
        assert facts.hearing_held or not facts.hearing_asked or facts.status is S.FINDING_DRAFT
    if to is S.CLOSED and facts.status is not S.CLOSED:
        assert facts.status is S.REPLIED
        assert not facts.dispute_open
        assert not facts.unread
    if to is S.FINAL:
        assert facts.status is S.FINAL_REVIEW
    if action is A.EXTEND:
        assert actor.id not in facts.investigator_ids
        assert not facts.extended
    if action in {A.UPHOLD, A.QUASH, A.FINISH}:
        assert actor.id not in facts.handler_ids or (actor.role is BH and facts.answered_at is Desk.CITY)
    if to is S.WITHDRAWN and facts.status is not S.WITHDRAWN:
        assert not facts.ex_officio
    if facts.school_matter:
        assert to is not S.FINDING_DRAFT or facts.status in {S.FINDING_DRAFT, S.SUSPENDED}


@given(FACTS, ACTORS)
def test_what_is_offered_is_what_is_allowed(facts: CaseFacts, actor: Actor) -> None:
    allowed = {action for action in CaseAction if refusal(facts, action, actor) is None}
    assert {action for action, why in choices(facts, actor) if why is None} == allowed


def test_no_status_is_a_trap() -> None:
    leads: dict[CaseStatus, set[CaseStatus]] = {status: set() for status in CaseStatus}
    for (status, action), row in TRANSITIONS.items():
        for left_at in WORKING:
            for one in (case(status, action), replace(case(status, action), school_matter=True)):
                leads[status].add(row.target(replace(one, left_at=left_at)))
    reached = set(ENDED)
    while more := {status for status in CaseStatus if leads[status] & reached} - reached:
        reached |= more
    assert reached == set(CaseStatus)
    started = {S.SUBMITTED}
    while more := {to for status in started for to in leads[status]} - started:
        started |= more
    assert started == set(CaseStatus), "every status is reached"
    assert leads[S.FINAL] == leads[S.MERGED] == set()
