"""The round of ballots on both databases: opened with the semester, changed by the bureau, closed by the clock."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import AuditEvent
from ethics_eval.accounts.rules import Actor, Role
from ethics_eval.database import new_id
from ethics_eval.evaluation import rounds
from ethics_eval.evaluation.models import BallotCode, BallotDraft, BallotGroup, BallotReason, BallotRound
from ethics_eval.evaluation.rounds import (
    close_round,
    open_round,
    plan_round,
    round_open,
    rounds_to_close,
    void_codes,
    window_of,
)
from ethics_eval.evaluation.rules.round import Window
from ethics_eval.jobs.tick import tick
from ethics_eval.roster import service as roster_service
from ethics_eval.roster.models import School, Semester, Teacher
from ethics_eval.roster.rules.calendar import CITY_TIME
from tests.support.refusals import refused

SEMESTER = "2025-2026-1"
BUREAU = Actor(id=None, role=Role.BUREAU_OFFICER)
OFFICER = Actor(id=None, role=Role.SCHOOL_OFFICER)
OPENED_AT = datetime(2025, 11, 1, 9, tzinfo=CITY_TIME)
USUAL = Window(datetime(2025, 12, 19, 8, tzinfo=CITY_TIME), datetime(2026, 1, 2, 20, tzinfo=CITY_TIME))


@pytest.fixture
def semester(session: Session) -> Semester:
    roster_service.load_districts(session)
    roster_service.load_semesters(session)
    found = session.get_one(Semester, SEMESTER)
    found.status = "open"
    session.flush()
    return found


def actions(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


def ballots(session: Session, open_count: int = 3, number: str = "1") -> None:
    """A group with used and open codes, a draft on each open one, and a reason."""
    school = School(
        code=f"214300000{number}",
        name="城南小学",
        district_code="430202",
        kind="小学",
        stages="PRI",
        ownership="public",
    )
    teacher = Teacher(number=f"T{number}", name="陈思远")
    session.add_all([school, teacher])
    session.flush()
    group = BallotGroup(
        id=new_id(),
        semester_code=SEMESTER,
        school_id=school.id,
        component="pupil",
        label="三年级1班",
        stage="PRI",
        grade=3,
        seats=open_count + 2,
        batch=1,
    )
    session.add(group)
    session.flush()
    first = bytes([int(number)])
    codes = [(first + place.to_bytes(31, "big"), "open") for place in range(open_count)]
    codes += [(b"\xff" * 30 + first + bytes([place]), "used") for place in range(2)]
    session.execute(
        insert(BallotCode),
        [{"code_hash": code, "group_id": group.id, "state": state} for code, state in reversed(codes)],
    )
    session.execute(
        insert(BallotDraft),
        [{"code_hash": code, "sealed": b"sealed"} for code, state in codes if state == "open"],
    )
    for name in (number + "f" * 31, number + "0" * 31):
        session.add(
            BallotReason(
                id=name,
                semester_code=SEMESTER,
                school_id=school.id,
                teacher_id=teacher.id,
                component="pupil",
                item="S1",
                sealed=b"sealed",
            )
        )
        session.flush()


def states(session: Session) -> dict[str, int]:
    rows = session.execute(select(BallotCode.state, func.count()).group_by(BallotCode.state))
    return {state: count for state, count in rows}


def test_a_semester_that_begins_has_its_usual_window_once(session: Session, semester: Semester) -> None:
    assert not round_open(session, SEMESTER, USUAL.opens_at)
    assert open_round(session, semester, actor=BUREAU, at=OPENED_AT) == USUAL
    assert open_round(session, semester, actor=BUREAU, at=OPENED_AT + timedelta(60)) == USUAL
    assert actions(session) == ["round.planned"]
    for at, is_open in (
        (USUAL.opens_at - timedelta(seconds=1), False),
        (USUAL.opens_at, True),
        (USUAL.closes_at - timedelta(seconds=1), True),
        (USUAL.closes_at, False),
    ):
        assert round_open(session, SEMESTER, at) is is_open
    semester.status = "frozen"
    session.flush()
    assert not round_open(session, SEMESTER, USUAL.opens_at)


def test_too_late_for_a_window(session: Session, semester: Semester) -> None:
    assert open_round(session, semester, actor=BUREAU, at=semester.freeze_at) is None
    assert window_of(session, SEMESTER) is None


def test_the_bureau_sets_and_changes_the_window(session: Session, semester: Semester) -> None:
    day = timedelta(days=1)

    def plan(opens_at: datetime | None, closes_at: datetime, at: datetime, actor: Actor = BUREAU) -> Window:
        return plan_round(session, SEMESTER, opens_at=opens_at, closes_at=closes_at, actor=actor, at=at)

    with refused("permission.denied"):
        plan(USUAL.opens_at, USUAL.closes_at, OPENED_AT, OFFICER)
    with refused("round.missing"):
        plan(None, USUAL.closes_at, OPENED_AT)
    window = plan(USUAL.opens_at - day, USUAL.closes_at, OPENED_AT)
    assert open_round(session, semester, actor=BUREAU, at=OPENED_AT) == window
    longer = plan(None, USUAL.closes_at + day, USUAL.opens_at)
    assert longer == window_of(session, SEMESTER) == Window(window.opens_at, USUAL.closes_at + day)
    assert plan(None, longer.closes_at, USUAL.opens_at) == longer
    assert actions(session) == ["round.planned"] * 2
    with refused("round.over"):
        plan(None, longer.closes_at + day, longer.closes_at)
    with refused("semester.unknown"):
        plan_round(
            session, "1999-2000-1", opens_at=None, closes_at=USUAL.closes_at, actor=BUREAU, at=OPENED_AT
        )


def test_closing_seals_off_what_is_left_once(session: Session, semester: Semester) -> None:
    open_round(session, semester, actor=BUREAU, at=OPENED_AT)
    ballots(session)
    assert not close_round(session, SEMESTER, at=USUAL.closes_at - timedelta(seconds=1))
    assert rounds_to_close(session, USUAL.closes_at) == [SEMESTER]
    (group,) = session.scalars(select(BallotGroup.id))
    early = USUAL.closes_at - timedelta(seconds=1)
    assert void_codes(session, SEMESTER, at=early) is None
    assert states(session) == {"open": 3, "used": 2}
    assert void_codes(session, SEMESTER, at=USUAL.closes_at) == group
    assert void_codes(session, SEMESTER, group, at=USUAL.closes_at) is None
    assert states(session) == {"void": 3, "used": 2}
    session.execute(update(BallotCode).where(BallotCode.state == "void").values(state="open"))
    assert close_round(session, SEMESTER, at=USUAL.closes_at)
    assert states(session) == {"void": 3, "used": 2}
    assert session.scalar(select(func.count()).select_from(BallotDraft)) == 0
    assert session.scalar(select(func.count()).select_from(BallotReason)) == 2
    assert not close_round(session, SEMESTER, at=USUAL.closes_at + timedelta(days=1))
    assert actions(session) == ["round.planned", "round.closed"]
    if session.get_bind().dialect.name == "postgresql":  # in the order of the keys, by one transaction
        for table, key in (("ballot_code", "code_hash"), ("ballot_reason", "id")):
            keys = session.scalars(text(f"SELECT {key} FROM {table} ORDER BY ctid")).all()  # noqa: S608
            assert list(keys) == sorted(keys)
            assert session.scalar(text(f"SELECT count(DISTINCT xmin::text) FROM {table}")) == 1  # noqa: S608


def test_the_clock_closes_what_is_over_in_batches(
    session: Session, semester: Semester, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_round(session, semester, actor=BUREAU, at=OPENED_AT)
    ballots(session, open_count=5)
    ballots(session, open_count=2, number="2")
    monkeypatch.setattr(rounds, "BATCH", 1)
    for at, lines in (
        (USUAL.opens_at, []),
        (USUAL.closes_at, [f"{SEMESTER} round closed"]),
        (USUAL.closes_at, []),
    ):
        done = tick(lambda: nullcontext(session), at=at, instance=tmp_path)
        assert [line for line in done if "round" in line] == lines
    assert states(session) == {"void": 7, "used": 4}
    assert session.get_one(BallotRound, SEMESTER).closed_at == USUAL.closes_at


def test_a_semester_frozen_before_its_round_is_over_ends_the_round(
    session: Session, semester: Semester
) -> None:
    open_round(session, semester, actor=BUREAU, at=OPENED_AT)
    semester.status = "frozen"
    session.flush()
    assert rounds_to_close(session, USUAL.opens_at) == [SEMESTER]
    assert close_round(session, SEMESTER, at=USUAL.opens_at)
