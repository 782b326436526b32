"""A sealed identity opens for nobody alone, and not without a custodian; every look is logged and told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from ethics_eval.accounts.models import Account, AuditEvent, StaffNotice
from ethics_eval.accounts.rules import Actor, Role
from ethics_eval.accounts.service import actor_of
from ethics_eval.complaints import queries
from ethics_eval.complaints.models import Complaint, IdentityRequest
from ethics_eval.complaints.queries.custody import custody_of, custody_waiting, find_custody
from ethics_eval.complaints.rules.custody import CustodyState
from ethics_eval.complaints.rules.machine import CaseStatus, Outcome
from ethics_eval.complaints.rules.submission import IdentityMode
from ethics_eval.complaints.service.custody import (
    approve_custody,
    ask_custody,
    authorise_custody,
    open_identity,
    refuse_custody,
)
from ethics_eval.text import RuleViolation
from tests.complaints.town import LETTER, NAMED, Town

HIDDEN = replace(NAMED, identity=IdentityMode.REAL_NAME_HIDDEN)
WHY = "需要当面核实伤情,否则无法认定。"


@pytest.fixture
def sealed(town: Town) -> Complaint:
    """A complaint whose name the custodian keeps."""
    return town.case(HIDDEN).complaints[0]


def asked(town: Town, complaint: Complaint, actor: Actor | None = None) -> IdentityRequest:
    return ask_custody(town.by(actor or town.district), complaint, reason=WHY)


def approved(town: Town, complaint: Complaint) -> IdentityRequest:
    request = asked(town, complaint)
    authorise_custody(town.by(town.custodian), request)
    approve_custody(town.by(town.chief), request)
    return request


def test_three_persons_then_a_look_that_is_logged_and_told(town: Town, sealed: Complaint) -> None:
    request = approved(town, sealed)
    for _look in range(2):
        person = open_identity(town.by(town.district), request)
        assert (person["name"], person["phone"]) == (NAMED.name, NAMED.phone)
    actions = list(
        town.session.scalars(
            select(AuditEvent.action).where(AuditEvent.action.like("identity.%")).order_by(AuditEvent.id)
        )
    )
    assert actions == [
        "identity.asked",
        "identity.authorised",
        "identity.approved",
        "identity.opened",
        "identity.opened",
    ]
    told = queries.own_messages(town.session, town.vault, sealed)
    assert len(told) == 1
    assert "第二人批准" in str(told[0])
    assert WHY not in str(told)


def test_before_both_have_said_yes_nobody_looks(town: Town, sealed: Complaint) -> None:
    request = asked(town, sealed)
    for is_authorised in (False, True):
        if is_authorised:
            authorise_custody(town.by(town.custodian), request)
        for who in (town.district, town.custodian, town.chief, town.bureau):
            with pytest.raises(RuleViolation):
                open_identity(town.by(who), request)
    assert request.opened_at is None


def test_without_a_custodian_it_is_refused_not_granted(town: Town, sealed: Complaint) -> None:
    for account in town.session.scalars(select(Account).where(Account.role == Role.CUSTODIAN.value)):
        account.active = False
    town.session.flush()
    with pytest.raises(RuleViolation) as refused:
        asked(town, sealed)
    assert refused.value.code == "custody.no_custodian"
    assert town.session.scalars(select(IdentityRequest)).all() == []


@pytest.mark.parametrize("reason", ["", " ", "　　　　　　　　　　　　", "要看"])
def test_a_reason_must_say_something(town: Town, sealed: Complaint, reason: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        ask_custody(town.by(town.district), sealed, reason=reason)
    assert refused.value.field == "reason"


@pytest.mark.parametrize(
    "who", ["officer", "head", "neighbour", "other_district", "teacher", "custodian", "chief"]
)
def test_who_cannot_ask(town: Town, sealed: Complaint, who: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        asked(town, sealed, getattr(town, who))
    assert refused.value.code == "permission.denied"


def test_an_anonymous_letter_has_nothing_to_open(town: Town) -> None:
    with pytest.raises(RuleViolation) as refused:
        asked(town, town.case(LETTER).complaints[0])
    assert refused.value.code == "custody.nothing_sealed"


def test_asked_once_at_a_time_and_again_after_a_no(town: Town, sealed: Complaint) -> None:
    request = asked(town, sealed)
    with pytest.raises(RuleViolation) as refused:
        asked(town, sealed)
    assert refused.value.code == "custody.asked"
    refuse_custody(town.by(town.custodian), request, reason="可以通过留言向投诉人核实。")
    assert request.state == CustodyState.REFUSED.value
    (view, *_) = custody_of(town.session, town.vault, sealed.case, town.district)
    assert view.answer == "可以通过留言向投诉人核实。"
    assert asked(town, sealed).state == CustodyState.ASKED.value


def test_the_day_ends(town: Town, sealed: Complaint) -> None:
    request = approved(town, sealed)
    town.at += timedelta(hours=24)
    with pytest.raises(RuleViolation) as refused:
        open_identity(town.by(town.district), request)
    assert refused.value.code == "custody.over"
    assert asked(town, sealed).id != request.id


def test_what_waits_is_seen_by_those_who_answer_and_by_the_asker_alone(town: Town, sealed: Complaint) -> None:
    request = asked(town, sealed)
    everyone = {
        name: getattr(town, name)
        for name in ("officer", "head", "district", "second", "bureau", "chief", "custodian", "teacher")
    }
    waiting = {name for name, who in everyone.items() if custody_waiting(town.session, town.vault, who)}
    assert waiting == {"custodian"}
    known = {name for name, who in everyone.items() if find_custody(town.session, who, request.id)}
    assert known == {"district", "custodian", "chief"}
    authorise_custody(town.by(town.custodian), request)
    assert not custody_waiting(town.session, town.vault, town.custodian)
    (view,) = custody_waiting(town.session, town.vault, town.chief)
    assert view.reason == WHY
    assert view.asker == "罗成"


def test_the_custodian_and_the_second_person_are_told_and_nobody_at_the_school(
    town: Town, sealed: Complaint
) -> None:
    approved(town, sealed)
    rows = town.session.execute(
        select(StaffNotice.kind, Account.username)
        .join(Account, Account.id == StaffNotice.account_id)
        .where(StaffNotice.kind.like("identity.%"))
    )
    assert {(row.kind, row.username) for row in rows} == {
        ("identity.asked", "custodian"),
        ("identity.authorised", "chief"),
        ("identity.answered", "district"),
    }


def test_malice_opens_nothing(town: Town, sealed: Complaint) -> None:
    """A finding of malice is no key: the same three persons, and until then the same seal (anchors.md N8)."""
    case = sealed.case
    town.lead(
        case,
        CaseStatus.DECIDED,
        decider=town.bureau,
        draft=town.draft(outcome=Outcome.MALICIOUS),
    )
    for who in (town.district, town.bureau):
        assert all(letter.person is None for letter in queries.letters(town.session, town.vault, case, who))
    request = asked(town, sealed)
    with pytest.raises(RuleViolation):
        open_identity(town.by(town.district), request)


def test_a_custodian_the_case_is_about_knows_nothing_of_it(town: Town, sealed: Complaint) -> None:
    request = asked(town, sealed)
    town.lead(sealed.case, CaseStatus.FINDING_DRAFT)
    account = town.session.scalars(select(Account).where(Account.username == "custodian")).one()
    account.teacher_id = town.teachers["陈思远"].id
    town.session.flush()
    who = actor_of(account)
    assert find_custody(town.session, who, request.id) is None
    assert not custody_waiting(town.session, town.vault, who)
    with pytest.raises(RuleViolation):
        authorise_custody(town.by(who), request)
