"""Who hears at once of what happens to a case."""

from __future__ import annotations

import pytest

from ethics_eval.accounts.rules import Role
from ethics_eval.complaints.rules.announcing import FOR_ONE, FOR_TEACHER, KIND_LABELS, Kind, audience
from ethics_eval.complaints.rules.machine import Desk
from ethics_eval.complaints.rules.reminding import BUREAU, Standing

SCHOOL = {Role.SCHOOL_OFFICER, Role.SCHOOL_HEAD}


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_its_words_and_its_people(kind: Kind) -> None:
    assert KIND_LABELS[kind]
    assert len(kind.value) <= 24
    assert bool(audience(kind, Standing(Desk.SCHOOL))) is (kind not in FOR_TEACHER | FOR_ONE)


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize(
    "case",
    [
        Standing(Desk.DISTRICT),
        Standing(Desk.SCHOOL, recused=True),
        Standing(Desk.CITY, urgent=True),
        Standing(Desk.SCHOOL, urgent=True),
    ],
)
def test_a_school_never_hears_of_what_is_kept_from_it(kind: Kind, case: Standing) -> None:
    assert not audience(kind, case) & SCHOOL


def test_a_new_case_is_told_to_its_desk_and_an_urgent_one_to_the_bureau_too() -> None:
    assert audience(Kind.CASE_NEW, Standing(Desk.SCHOOL)) == {Role.SCHOOL_OFFICER}
    assert audience(Kind.CASE_NEW, Standing(Desk.DISTRICT, recused=True)) == {Role.DISTRICT_OFFICER}
    assert audience(Kind.CASE_NEW, Standing(Desk.CITY, urgent=True)) == BUREAU
    assert audience(Kind.CASE_NEW, Standing(Desk.DISTRICT, urgent=True)) == {
        Role.DISTRICT_OFFICER,
        *BUREAU,
    }


def test_what_belongs_to_those_above_is_told_to_them() -> None:
    at_school = Standing(Desk.SCHOOL)
    for kind in (Kind.REVIEW_ASKED, Kind.DISPUTE_OPENED, Kind.REMEDY_ASKED, Kind.CASE_PROPOSED):
        assert audience(kind, at_school) == {Role.DISTRICT_OFFICER}
    assert audience(Kind.CASE_STATED, at_school) == {Role.SCHOOL_OFFICER, Role.DISTRICT_OFFICER}
    assert audience(Kind.CASE_SUPERVISED, at_school) == SCHOOL
    assert audience(Kind.CASE_SUPERVISED, Standing(Desk.CITY)) == BUREAU
    assert audience(Kind.IDENTITY_ASKED, at_school) == {Role.CUSTODIAN}
    assert audience(Kind.IDENTITY_AUTHORISED, at_school) == {Role.BUREAU_HEAD}
