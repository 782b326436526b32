"""Taken down by staff: the clerk never has the whole code, and only the complainant can make the rest of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from ethics_eval.accounts.models import AuditEvent
from ethics_eval.accounts.rules import Actor
from ethics_eval.complaints import queries
from ethics_eval.complaints.filing import Filed, claim, file_for
from ethics_eval.complaints.models import Complaint
from ethics_eval.complaints.rules import clocks
from ethics_eval.complaints.rules.filing import Filing
from ethics_eval.complaints.rules.source import Source
from ethics_eval.complaints.rules.submission import RespondentRole, Submission
from ethics_eval.complaints.submitting import derive_code
from ethics_eval.complaints.tracking import open_by_code
from ethics_eval.roster import queries as roster_queries
from ethics_eval.text import RuleViolation
from tests.complaints.town import LETTER, NAMED, Town

KEY = "a clerk's key of characters"
ORDER = Filing(Source.HOTLINE_12345, "DH20260318007", date(2026, 3, 18), date(2026, 4, 3))


def filed(
    town: Town,
    letter: Submission = NAMED,
    *,
    by: Actor | None = None,
    school: int = 0,
    filing: Filing = ORDER,
    key: str = KEY,
) -> Filed:
    return file_for(
        town.by(by or town.officer),
        town.mailbox(school),
        letter,
        [],
        filing,
        idempotency_key=key,
        folder=town.folder,
    )


def complaint(town: Town) -> Complaint:
    return town.session.scalars(select(Complaint)).one()


def test_it_is_a_case_with_its_channel_number_and_limit(town: Town) -> None:
    told = filed(town)
    row = complaint(town)
    assert (row.source, row.source_due_on, row.filed_by_id) == (
        "HOTLINE_12345",
        date(2026, 4, 3),
        town.officer.id,
    )
    (letter,) = queries.letters(town.session, town.vault, row.case, town.officer)
    assert (letter.reference, letter.is_unclaimed) == ("DH20260318007", True)
    assert told.case_number == row.case.number
    calendar = roster_queries.calendar(town.session)
    assert row.case.accept_due_on == clocks.accept_due(date(2026, 3, 18), calendar)
    assert row.case.register_due_on == clocks.register_due(date(2026, 3, 18), calendar)
    assert row.case.events[0].actor_id == town.officer.id


def test_nothing_the_clerk_has_opens_the_complaint(town: Town) -> None:
    told = filed(town)
    assert len(told.first_half) == 8
    derived = derive_code(town.vault, KEY, complaint(town).code_salt)
    assert derived.startswith(told.first_half)
    for code in (derived, told.first_half + "0" * 8):
        assert open_by_code(town.session, town.vault, code, at=town.at) is None
    assert filed(town) == told  # sent twice: the same half, one case


def test_the_complainant_makes_the_rest_once(town: Town) -> None:
    half = filed(town).first_half
    assert claim(town.session, town.vault, half, "0000", at=town.at) is None
    claimed = claim(town.session, town.vault, half.lower(), "1111", at=town.at)
    assert claimed is not None
    assert claimed.query_code.startswith(half)
    assert open_by_code(town.session, town.vault, claimed.query_code, at=town.at) is complaint(town)
    assert claim(town.session, town.vault, half, "1111", at=town.at) is None
    actions = town.session.scalars(select(AuditEvent.action).where(AuditEvent.action == "complaint.claimed"))
    assert len(list(actions)) == 1


def test_five_wrong_tries_rest_it(town: Town) -> None:
    half = filed(town).first_half
    for _try in range(5):
        assert claim(town.session, town.vault, half, "0000", at=town.at) is None
        town.session.flush()
    assert claim(town.session, town.vault, half, "1111", at=town.at) is None
    assert claim(town.session, town.vault, half, "1111", at=town.at + timedelta(minutes=16)) is not None


def test_an_anonymous_caller_has_no_number_to_be_asked_for(town: Town) -> None:
    half = filed(town, LETTER).first_half
    assert claim(town.session, town.vault, half, "", at=town.at) is not None


@pytest.mark.parametrize("typed", ["", "7K3M", "0000-0000", "not a half of a code"])
def test_an_unknown_half_is_nothing(town: Town, typed: str) -> None:
    filed(town)
    assert claim(town.session, town.vault, typed, "1111", at=town.at) is None


@pytest.mark.parametrize(
    "about", [{"respondent_role": RespondentRole.HEAD}, {"respondent": "李国华"}, {"respondent": "王芳老师"}]
)
def test_a_school_does_not_take_down_what_is_about_its_own_people(
    town: Town, about: dict[str, object]
) -> None:
    letter = replace(NAMED, **about)  # type: ignore[arg-type]
    with pytest.raises(RuleViolation) as refused:
        filed(town, letter)
    assert refused.value.code == "filing.own"
    town.session.rollback()
    assert town.session.scalars(select(Complaint)).all() == []
    assert filed(town, letter, by=town.district).first_half
    assert complaint(town).case.recused


@pytest.mark.parametrize(
    ("who", "school"),
    [
        ("officer", 1),
        ("neighbour", 0),
        ("district", 2),
        ("head", 0),
        ("teacher", 0),
        ("custodian", 0),
        ("chief", 0),
    ],
)
def test_who_cannot_take_it_down(town: Town, who: str, school: int) -> None:
    with pytest.raises(RuleViolation) as refused:
        filed(town, by=getattr(town, who), school=school)
    assert refused.value.code == "permission.denied"


@pytest.mark.parametrize(("who", "school"), [("district", 1), ("other_district", 2), ("bureau", 2)])
def test_the_bureaus_take_down_for_any_school_of_theirs(town: Town, who: str, school: int) -> None:
    assert filed(town, by=getattr(town, who), school=school).case_number
