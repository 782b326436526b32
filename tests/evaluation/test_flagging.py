"""Careless ballots and reasons, from real votes: counted for the bureau after the round, never below the minimum."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import AuditEvent
from ethics_eval.accounts.rules import Actor, Role
from ethics_eval.evaluation import issuing
from ethics_eval.evaluation.flagging import Narrowing, flag_lines, is_readable, open_reasons, reason_lines
from ethics_eval.evaluation.models import BallotReason
from ethics_eval.evaluation.rounds import close_round
from ethics_eval.roster.models import School, Teacher
from ethics_eval.vault.models import DataKey
from ethics_eval.vault.service import Vault
from tests.support.ballots import (
    AT,
    CLOSED_AT,
    PREPARED_AT,
    REASON,
    add_class,
    codes,
    officer_of,
    open_round,
    teacher_ids,
    vote,
)
from tests.support.ranked import SEMESTER, RankedCity
from tests.support.refusals import refused

CLASS, SMALL = "三年级2班", "三年级3班"
BUREAU = Actor(id=None, role=Role.BUREAU_OFFICER)
ALL = Narrowing()


@pytest.fixture
def vault() -> Vault:
    return Vault(bytes(range(32)))


@pytest.fixture
def school(session: Session, tmp_path: Path, vault: Vault) -> School:
    """A class of twelve on four teachers: two careless ballots, three with a reason on the first; a class of five."""
    town = RankedCity(session, vault, tmp_path, teacher_count=24)
    open_round(session)
    made = town.schools[0]
    ids = teacher_ids(session, made)
    add_class(session, made, CLASS, 12, ids[:4])
    add_class(session, made, SMALL, 5, ids[4:6])
    issuing.issue_codes(session, vault, SEMESTER, actor=officer_of(made), at=PREPARED_AT)
    for place, code in enumerate(codes(session, vault, made, CLASS)):
        if place == 0:
            vote(session, vault, code, lambda _place, _item: 3)  # one option throughout
        elif place == 1:
            vote(session, vault, code, lambda _place, _item: 2, seconds=2)  # that, and too fast
        elif place < 5:
            vote(session, vault, code, lambda teacher, item: 5 if (teacher, item) == (1, 0) else 1)
        else:
            vote(session, vault, code)
    for code in codes(session, vault, made, SMALL):
        vote(session, vault, code, lambda _place, item: 5 - item)
    session.flush()
    return made


def numbers(session: Session, school: School, count: int) -> list[str]:
    ids = teacher_ids(session, school)[:count]
    found = {one.id: one.number for one in session.scalars(select(Teacher).where(Teacher.id.in_(ids)))}
    return [found[teacher] for teacher in ids]


def read(
    session: Session, vault: Vault, school: School, number: str, actor: Actor = BUREAU
) -> list[tuple[str, str]]:
    opened = open_reasons(
        session,
        vault,
        SEMESTER,
        school_code=school.code,
        number=number,
        component="pupil",
        actor=actor,
        at=CLOSED_AT,
    )
    return list(opened.said)


def test_nothing_is_shown_while_the_round_runs(session: Session, vault: Vault, school: School) -> None:
    assert not is_readable(session, SEMESTER, AT)
    assert flag_lines(session, SEMESTER, ALL, at=AT) == ([], 0)
    assert reason_lines(session, SEMESTER, ALL, at=AT) == ([], 0)
    assert not is_readable(session, "2025-2026-2", CLOSED_AT)
    with refused("reasons.early"):
        open_reasons(
            session,
            vault,
            SEMESTER,
            school_code=school.code,
            number=numbers(session, school, 1)[0],
            component="pupil",
            actor=BUREAU,
            at=CLOSED_AT - timedelta(seconds=1),
        )


def test_careless_ballots_are_counted_beside_all(session: Session, school: School) -> None:
    close_round(session, SEMESTER, at=CLOSED_AT)
    lines, total = flag_lines(session, SEMESTER, ALL, at=CLOSED_AT)
    assert total == 4  # the class of five is below the minimum of ten
    assert [line.rated.number for line in lines] == sorted(numbers(session, school, 4))
    assert {
        (line.flagged, line.straight, line.fast, line.rated.ballots, line.permille) for line in lines
    } == {(2, 2, 1, 12, 166)}
    first = lines[0].rated.number
    assert flag_lines(session, SEMESTER, Narrowing(text=first), at=CLOSED_AT)[1] == 1
    assert flag_lines(session, SEMESTER, Narrowing(text=school.name[:3]), at=CLOSED_AT)[1] == 4
    assert flag_lines(session, SEMESTER, Narrowing(component="parent"), at=CLOSED_AT)[1] == 0
    assert flag_lines(session, SEMESTER, Narrowing(district="430281"), at=CLOSED_AT)[1] == 0
    assert flag_lines(session, SEMESTER, Narrowing(page=2), at=CLOSED_AT) == ([], 4)


def test_reasons_are_opened_by_the_bureau_alone_and_each_look_is_recorded(
    session: Session, vault: Vault, school: School
) -> None:
    close_round(session, SEMESTER, at=CLOSED_AT)
    first, second, *_rest = numbers(session, school, 6)
    ((line,), total) = reason_lines(session, SEMESTER, ALL, at=CLOSED_AT)
    assert (total, line.rated.number, line.reasons, line.rated.ballots) == (1, first, 3, 12)
    for role in (Role.SCHOOL_OFFICER, Role.SCHOOL_HEAD, Role.DISTRICT_OFFICER, Role.TEACHER, Role.AUDITOR):
        with refused("permission.denied"):
            read(session, vault, school, first, Actor(id=None, role=role, school_id=school.id))
    said = read(session, vault, school, first)
    assert [text for _title, text in said] == [REASON] * 3
    (detail,) = session.scalars(select(AuditEvent.detail).where(AuditEvent.action == "ballot_reasons.opened"))
    assert json.loads(detail) == {
        "semester": SEMESTER,
        "school": school.code,
        "component": "pupil",
        "count": 3,
    }
    with refused("reasons.none"):
        read(session, vault, school, second)


def test_reasons_below_the_minimum_are_opened_to_nobody(
    session: Session, vault: Vault, school: School
) -> None:
    close_round(session, SEMESTER, at=CLOSED_AT)
    small = numbers(session, school, 6)[4]
    written = select(BallotReason.id).join(Teacher, Teacher.id == BallotReason.teacher_id)
    assert len(session.scalars(written.where(Teacher.number == small)).all()) == 5
    with refused("reasons.none"):
        read(session, vault, school, small)


def test_reasons_whose_key_is_shredded_are_gone(session: Session, vault: Vault, school: School) -> None:
    session.execute(delete(DataKey).where(DataKey.subject.startswith("ballots:")))
    with refused("reasons.gone"):
        read(session, vault, school, numbers(session, school, 1)[0])
