"""Three different persons, one after the other, and a day to look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ethics_eval.accounts.rules import Actor, Role
from ethics_eval.complaints.rules.custody import (
    OPEN_FOR,
    CustodyFacts,
    CustodyState,
    check_approve,
    check_ask,
    check_authorise,
    check_open,
    check_refuse,
)
from ethics_eval.text import RuleViolation

NOW = datetime(2026, 3, 20, 2, tzinfo=UTC)
ASKER, CUSTODIAN, HEAD = 1, 2, 3
ASKED = CustodyFacts(CustodyState.ASKED, ASKER)
AUTHORISED = replace(ASKED, state=CustodyState.AUTHORISED, custodian_id=CUSTODIAN)
APPROVED = replace(AUTHORISED, state=CustodyState.APPROVED, open_until=NOW + OPEN_FOR)
REFUSED = replace(ASKED, state=CustodyState.REFUSED)

Check = Callable[[CustodyFacts, Actor], None]


def person(number: int, role: Role) -> Actor:
    return Actor(id=number, role=role, display_name="某某")


def code_of(check: Check, facts: CustodyFacts, actor: Actor) -> str | None:
    try:
        check(facts, actor)
    except RuleViolation as violation:
        return violation.code
    return None


@pytest.mark.parametrize(
    ("check", "facts", "actor", "code"),
    [
        (check_authorise, ASKED, person(CUSTODIAN, Role.CUSTODIAN), None),
        (check_authorise, ASKED, person(ASKER, Role.CUSTODIAN), "custody.same_person"),
        (check_authorise, AUTHORISED, person(4, Role.CUSTODIAN), "custody.wrong_state"),
        (check_authorise, APPROVED, person(4, Role.CUSTODIAN), "custody.wrong_state"),
        (check_authorise, REFUSED, person(4, Role.CUSTODIAN), "custody.wrong_state"),
        (
            check_authorise,
            replace(ASKED, about_ids=frozenset({4})),
            person(4, Role.CUSTODIAN),
            "custody.same_person",
        ),
        (check_approve, AUTHORISED, person(HEAD, Role.BUREAU_HEAD), None),
        (check_approve, ASKED, person(HEAD, Role.BUREAU_HEAD), "custody.wrong_state"),
        (check_approve, AUTHORISED, person(ASKER, Role.BUREAU_HEAD), "custody.same_person"),
        (check_approve, AUTHORISED, person(CUSTODIAN, Role.BUREAU_HEAD), "custody.same_person"),
        (check_refuse, ASKED, person(CUSTODIAN, Role.CUSTODIAN), None),
        (check_refuse, ASKED, person(HEAD, Role.BUREAU_HEAD), "permission.denied"),
        (check_refuse, AUTHORISED, person(HEAD, Role.BUREAU_HEAD), None),
        (check_refuse, AUTHORISED, person(CUSTODIAN, Role.CUSTODIAN), "permission.denied"),
        (check_refuse, APPROVED, person(HEAD, Role.BUREAU_HEAD), "custody.wrong_state"),
    ],
)
def test_who_may_answer_when(check: Check, facts: CustodyFacts, actor: Actor, code: str | None) -> None:
    assert code_of(check, facts, actor) == code


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CUSTODIAN])
def test_nobody_but_a_custodian_authorises(role: Role) -> None:
    assert code_of(check_authorise, ASKED, person(9, role)) == "permission.denied"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.BUREAU_HEAD])
def test_nobody_but_the_head_approves(role: Role) -> None:
    assert code_of(check_approve, AUTHORISED, person(9, role)) == "permission.denied"


@pytest.mark.parametrize(
    ("facts", "number", "later", "code"),
    [
        (APPROVED, ASKER, timedelta(), None),
        (APPROVED, ASKER, OPEN_FOR - timedelta(seconds=1), None),
        (APPROVED, ASKER, OPEN_FOR, "custody.over"),
        (APPROVED, HEAD, timedelta(), "permission.denied"),
        (APPROVED, CUSTODIAN, timedelta(), "permission.denied"),
        (replace(APPROVED, about_ids=frozenset({ASKER})), ASKER, timedelta(), "permission.denied"),
        (AUTHORISED, ASKER, timedelta(), "custody.wrong_state"),
        (ASKED, ASKER, timedelta(), "custody.wrong_state"),
        (REFUSED, ASKER, timedelta(), "custody.wrong_state"),
    ],
)
def test_looking(facts: CustodyFacts, number: int, later: timedelta, code: str | None) -> None:
    def look(facts: CustodyFacts, actor: Actor) -> None:
        check_open(facts, actor, NOW + later)

    assert code_of(look, facts, person(number, Role.BUREAU_OFFICER)) == code


@pytest.mark.parametrize(
    ("has_custodian", "is_sealed", "is_open", "code"),
    [
        (True, True, False, None),
        (False, True, False, "custody.no_custodian"),
        (False, False, True, "custody.no_custodian"),
        (True, False, False, "custody.nothing_sealed"),
        (True, True, True, "custody.asked"),
    ],
)
def test_asking(has_custodian: bool, is_sealed: bool, is_open: bool, code: str | None) -> None:
    def ask(_facts: CustodyFacts, _actor: Actor) -> None:
        check_ask(has_custodian=has_custodian, is_sealed=is_sealed, is_open=is_open)

    assert code_of(ask, ASKED, person(ASKER, Role.DISTRICT_OFFICER)) == code
