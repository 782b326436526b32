"""How many ballots have come back, to whom it is shown, and whom the clock and the bureau remind of it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account, StaffNotice
from ethics_eval.accounts.rules import Role
from ethics_eval.evaluation import turnout as module
from ethics_eval.evaluation.rounds import window_of
from ethics_eval.evaluation.rules.round import Standing, Window
from ethics_eval.evaluation.rules.scheme import Component
from ethics_eval.evaluation.rules.turnout import SchoolState, Turnout
from ethics_eval.evaluation.turnout import (
    district_lines,
    group_turnouts,
    school_lines,
    semesters_with_ballots,
    turnout_page,
)
from ethics_eval.evaluation.urging import urge_by_clock, urge_schools
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.roster.queries import Reach
from ethics_eval.vault.service import Vault
from tests.evaluation.balloted import add_group
from tests.support.ranked import SEMESTER, RankedCity
from tests.support.refusals import refused

P, F = Component.PUPIL, Component.PARENT


@pytest.fixture
def town(session: Session, tmp_path: Path) -> RankedCity:
    """Two schools with codes, one well under way; a kindergarten with a small group; one school without."""
    town = RankedCity(session, Vault(b"t" * 32), tmp_path, teacher_count=6)
    town.take(Step.OPEN)
    first, second, _third, kindergarten = town.schools
    add_group(session, SEMESTER, first, P, "三年级1班", seats=45, returned=20)
    add_group(session, SEMESTER, first, P, "三年级2班", seats=44, returned=3)
    add_group(session, SEMESTER, first, F, "三年级1班", seats=8, returned=8)
    add_group(session, SEMESTER, second, P, "七年级1班", seats=40, returned=31)
    add_group(session, SEMESTER, kindergarten, F, "大一班", seats=4, returned=4)
    return town


def window(session: Session) -> Window:
    found = window_of(session, SEMESTER)
    assert found is not None
    return found


def told(session: Session) -> list[tuple[str, str, int]]:
    rows = session.execute(
        select(Account.username, StaffNotice.kind, StaffNotice.detail)
        .join(Account, Account.id == StaffNotice.account_id)
        .where(StaffNotice.kind.startswith("round."))
    )
    return sorted((name, kind, json.loads(detail)["count"]) for name, kind, detail in rows)


def test_groups_of_a_school_and_of_nobody_else(session: Session, town: RankedCity) -> None:
    groups = group_turnouts(session, SEMESTER, Reach(school_id=town.schools[0].id))
    assert [
        (one.component, one.label, one.seats, one.returned, one.needed, one.standing) for one in groups
    ] == [
        (P, "三年级1班", 45, 20, 20, Standing.REACHED),
        (P, "三年级2班", 44, 3, 20, Standing.SHORT),
        (F, "三年级1班", 8, 8, 10, Standing.TOO_FEW),
    ]
    (small,) = group_turnouts(session, SEMESTER, Reach(school_id=town.schools[3].id))
    assert (small.seats, small.returned, small.standing) == (None, None, Standing.HIDDEN)
    assert group_turnouts(session, SEMESTER, Reach(school_id=town.schools[2].id)) == []
    assert group_turnouts(session, "2025-2026-2") == []
    assert semesters_with_ballots(session, Reach(school_id=town.schools[0].id)) == [SEMESTER]
    assert semesters_with_ballots(session, Reach(school_id=town.schools[2].id)) == []


def test_schools_and_districts(session: Session, town: RankedCity) -> None:
    lines = {line.code: line for line in school_lines(session, SEMESTER)}
    states = [lines[school.code].state for school in town.schools]
    assert states == [SchoolState.SHORT, SchoolState.REACHED, SchoolState.NONE, SchoolState.REACHED]
    assert lines[town.schools[0].code].turnout == Turnout(97, 31, 3, 0, 1, 1)
    assert lines[town.schools[3].code].turnout == Turnout(hidden_count=1)  # in no sum
    districts = district_lines(list(lines.values()))
    assert sum((one.turnout for one in districts), Turnout()) == Turnout(137, 62, 4, 1, 1, 1)
    assert sum(one.school_count for one in districts) == 4

    page = turnout_page(session, SEMESTER, Reach(), state="none")
    assert [line.code for line in page.schools] == [town.schools[2].code]
    assert [part for part, _sum in page.parts] == [P, F]
    own = turnout_page(session, SEMESTER, Reach(district_code=town.schools[1].district_code))
    assert [line.code for line in own.schools] == [town.schools[1].code]
    assert own.total == Turnout(40, 31, 1, 0, 0, 0)


def test_one_query_counts_the_codes_of_the_city(
    session: Session, town: RankedCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(module, "PAGE_SIZE", 1)
    event.listen(session.get_bind(), "before_cursor_execute", lambda *args: asked.append(args[2]))
    page = turnout_page(session, SEMESTER, Reach(), page=2)
    assert len(page.schools) == 1
    assert sum("ballot_code" in statement for statement in asked) == 1
    assert len(asked) == 3


def test_the_clock_reminds_once_at_half_and_once_before_the_end(session: Session, town: RankedCity) -> None:
    town.account(Role.SCHOOL_HEAD, school=2)  # without codes, and without an officer: the head is told
    found = window(session)
    half = found.opens_at + (found.closes_at - found.opens_at) / 2
    assert urge_by_clock(session, half - timedelta(minutes=1)) == []
    assert urge_by_clock(session, half) == [f"{SEMESTER} ballots half: 2 schools reminded"]
    assert urge_by_clock(session, half + timedelta(minutes=1)) == []
    assert told(session) == [("school_head-2", "round.half", 0), ("school_officer-0", "round.half", 1)]
    last = found.closes_at - timedelta(days=3)
    assert urge_by_clock(session, last) == [f"{SEMESTER} ballots last: 2 schools reminded"]
    assert urge_by_clock(session, found.closes_at) == []
    assert len(told(session)) == 4


def test_the_bureau_reminds_a_school_once_a_day(session: Session, town: RankedCity) -> None:
    at = window(session).opens_at + timedelta(hours=1)
    school = town.schools[0].code
    with refused("permission.denied"):
        urge_schools(session, SEMESTER, actor=town.officer, at=at, school=school)
    with refused("permission.denied"):
        urge_schools(session, SEMESTER, actor=town.district, at=at, school=school)
    with refused("round.not_open"):
        urge_schools(session, SEMESTER, actor=town.bureau, at=at - timedelta(hours=2), school=school)
    assert urge_schools(session, SEMESTER, actor=town.bureau, at=at, school=school) == 1
    with refused("round.urged_today"):
        urge_schools(session, SEMESTER, actor=town.chief, at=at + timedelta(hours=1), school=school)
    with refused("round.nothing_missing"):
        urge_schools(session, SEMESTER, actor=town.bureau, at=at, school=town.schools[1].code)
    with refused("round.urged_today"):  # nobody there to tell
        urge_schools(session, SEMESTER, actor=town.bureau, at=at, school=town.schools[2].code)
    next_day = at + timedelta(days=1)
    assert urge_schools(session, SEMESTER, actor=town.bureau, at=next_day) == 1
    assert told(session) == [("school_officer-0", "round.bureau", 1)] * 2
