"""The demonstration's two semesters: ballots that run, what is contested and put right, papers, and the clock on it."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ethics_eval.database import db, transaction
from ethics_eval.demo.scores import COUNTED
from ethics_eval.ethics_file.models import Certificate, FileAccess
from ethics_eval.ethics_file.rules.certificate import CertificateState, state_on
from ethics_eval.evaluation import balloting
from ethics_eval.evaluation.models import (
    Assessment,
    BallotCode,
    BallotFlag,
    BallotGroup,
    BallotGroupTeacher,
    BallotReason,
    BallotRound,
    FlaggedTally,
    SchemeVersion,
    Tally,
)
from ethics_eval.evaluation.rules.scheme import MAX_OPTIONS
from ethics_eval.evaluation.rules.turnout import SchoolState
from ethics_eval.evaluation.turnout import school_lines
from ethics_eval.jobs.tick import tick
from ethics_eval.notices.models import Delivery, Notice
from ethics_eval.ranking.models import BottomEntry, Objection, Ranking, RankingRow
from ethics_eval.roster.models import School, Semester, Teacher
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.tasks.models import Task
from tests.demo.conftest import AT, SEMESTER, Founded
from tests.support.application import application
from tests.support.databases import Place

pytestmark = pytest.mark.xdist_group("demonstration")

OPENED = "2025-2026-2"


@pytest.fixture
def town(founded: Founded) -> Iterator[Flask]:
    """The application on the city; nothing may be written."""
    with application(founded.url, founded.instance) as app, app.app_context():
        yield app
        db.session.rollback()


@pytest.fixture
def own_town(founded: Founded, place: Place, tmp_path: Path) -> Iterator[Flask]:
    """The application on a copy of the city and of its files."""
    shutil.copytree(founded.instance, tmp_path / "city")
    with place.copy(founded.url) as url, application(url, tmp_path / "city") as app, app.app_context():
        yield app


def votes(row: Tally | FlaggedTally) -> int:
    return sum(getattr(row, f"option_{place}") for place in range(1, MAX_OPTIONS + 1))


def test_a_round_runs_at_some_schools(town: Flask) -> None:
    session = db.session()
    window = session.get_one(BallotRound, OPENED)
    assert window.opens_at < AT < window.closes_at <= session.get_one(Semester, OPENED).freeze_at
    states = Counter(line.state for line in school_lines(session, OPENED))
    assert states[SchoolState.SHORT] + states[SchoolState.REACHED] == 5
    returned = sorted(line.turnout.returned for line in school_lines(session, OPENED) if line.turnout)
    assert returned[:2] == [0, 0]
    assert min(returned[2:]) > 20
    groups = session.scalars(select(BallotGroup).where(BallotGroup.semester_code == OPENED)).all()
    assert {group.component for group in groups} == {part.value for part in COUNTED}
    assert all(group.issued_at is not None and group.issued_at < window.opens_at for group in groups)
    assert min(len(group.label) for group in groups) >= 2


def test_a_component_is_on_paper_or_by_ballot(town: Flask) -> None:
    session = db.session()
    keys = {
        table: set(
            session.execute(
                select(table.teacher_id, table.school_id, table.component).where(
                    table.semester_code == OPENED, *([table.source == "ballot"] if table is Tally else [])
                )
            ).all()
        )
        for table in (Assessment, Tally)
    }
    assert keys[Tally]
    assert not keys[Tally] & keys[Assessment]
    polling = {row[1] for row in keys[Tally]}
    on_paper = {row[2] for row in keys[Assessment] if row[1] in polling}
    assert on_paper == {"self", "school"}


def test_ballots_are_as_if_they_had_been_cast(town: Flask) -> None:
    """No tally holds more than the codes used in the teacher's groups; what was flagged is a part of it."""
    session = db.session()
    used = Counter(session.scalars(select(BallotCode.group_id).where(BallotCode.state == "used")))
    most: Counter[tuple[int, str]] = Counter()
    for group_id, component, teacher_id in session.execute(
        select(BallotGroup.id, BallotGroup.component, BallotGroupTeacher.teacher_id).join(
            BallotGroupTeacher, BallotGroupTeacher.group_id == BallotGroup.id
        )
    ):
        most[teacher_id, component] += used[group_id]
    tallies = {
        (row.teacher_id, row.component, row.item): row
        for row in session.scalars(select(Tally).where(Tally.source == "ballot"))
    }
    assert sum(map(votes, tallies.values())) > 500
    for key, row in tallies.items():
        assert votes(row) <= min(most[key[:2]], row.eligible_count or 0)
    flagged = session.scalars(select(FlaggedTally)).all()
    assert flagged
    for part in flagged:
        whole = tallies[part.teacher_id, part.component, part.item]
        assert all(
            getattr(part, f"option_{place}") <= getattr(whole, f"option_{place}")
            for place in range(1, MAX_OPTIONS + 1)
        )
    assert session.scalar(select(func.sum(BallotFlag.count))) == sum(map(votes, flagged))
    lowest = sum(row.option_5 for row in tallies.values())
    assert session.scalar(select(func.count()).select_from(BallotReason)) == lowest > 0


def test_the_codes_that_are_told_open_a_ballot(town: Flask, founded: Founded) -> None:
    session, vault = db.session(), town.extensions["vault"]
    told = founded.city.ballot_codes
    assert Counter(one.component for one in told) == {"peer": 3, "pupil": 3, "parent": 3}
    assert [one.note for one in told if one.component == "peer" and one.note]
    for one in told:
        answer = balloting.open_ballot(session, vault, one.code, at=AT)
        assert answer.state is balloting.CodeState.OPEN
        assert answer.ballot is not None
        assert answer.ballot.label == one.label
        school = session.get_one(School, answer.ballot.school_id)
        assert (school.code, school.code in founded.city.shown_schools[:3]) == (one.school, True)
        assert answer.ballot.paper.teachers


def test_a_ranking_verified_and_put_right(town: Flask) -> None:
    session = db.session()
    first, second = session.scalars(select(Ranking).order_by(Ranking.version)).all()
    assert (first.status, second.status, second.corrects_id, second.cause) == (
        "superseded", "published", first.id, "appeal",
    )  # fmt: skip
    assert first.verified_by_id is not None
    assert first.frozen_by_id is None
    listed = [
        set(session.scalars(select(BottomEntry.teacher_id).where(BottomEntry.ranking_id == ranking.id)))
        for ranking in (first, second)
    ]
    assert listed[1] < listed[0]
    assert len(listed[0] - listed[1]) == 1
    placed = select(func.count()).where(RankingRow.ranking_id == second.id, RankingRow.place.is_not(None))
    in_band = placed.where(RankingRow.place.between(RankingRow.band_low, RankingRow.band_high))
    assert session.scalar(placed) == session.scalar(in_band)


def test_objections_and_appeals(town: Flask, founded: Founded) -> None:
    session = db.session()
    found = {
        (row.kind, row.status): (row, number)
        for row, number in session.execute(
            select(Objection, Teacher.number).join(Teacher, Teacher.id == Objection.teacher_id)
        )
    }
    assert set(found) == {("objection", "rejected"), ("appeal", "upheld"), ("appeal", "open")}
    waiting, _number = found["appeal", "open"]
    assert AT - timedelta(days=3) < waiting.filed_at < AT
    assert waiting.due_on > local_day(AT)
    assert not any(row.is_late for row, _number in found.values())
    accounts = {account.teacher for account in founded.city.accounts}
    assert {number for _row, number in found.values()} <= accounts


def test_nearly_all_have_acknowledged(town: Flask) -> None:
    session = db.session()
    notices = {
        kind: session.scalars(select(Notice).where(Notice.kind == kind)).one()
        for kind in ("circular", "correction")
    }
    assert notices["circular"].status == "corrected"
    assert notices["correction"].cites_id == notices["circular"].id
    for notice in notices.values():
        signed = [row for row in notice.deliveries if row.acknowledged_at is not None]
        assert len(notice.deliveries) * 3 // 4 < len(signed) < len(notice.deliveries)
        assert all(row.delivered_at < row.acknowledged_at < AT for row in signed if row.acknowledged_at)
    missing = session.scalars(
        select(Delivery).where(
            Delivery.notice_id == notices["correction"].id, Delivery.acknowledged_at.is_(None)
        )
    ).all()
    assert {row.reminded_level for row in missing} == {1}


def test_papers(town: Flask) -> None:
    session = db.session()
    states = Counter(
        state_on(row.expires_on, withdrawn=row.withdrawn_at is not None, today=local_day(AT))
        for row in session.scalars(select(Certificate))
    )
    assert states == dict.fromkeys(CertificateState, 1)
    openings = session.scalars(select(FileAccess)).all()
    assert len({row.account_id for row in openings}) == 2
    assert [row for row in openings if row.ends_at > AT]
    schemes = {row.status: row for row in session.scalars(select(SchemeVersion))}
    assert set(schemes) == {"adopted", "draft"}
    assert json.loads(schemes["draft"].document)["items"].keys() == {
        "self", "peer", "pupil", "parent", "school",
    }  # fmt: skip


def test_the_clock_has_little_to_do(own_town: Flask) -> None:
    done = tick(transaction, at=AT, instance=own_town.config["INSTANCE"])
    assert [line for line in done if not line.startswith("published files")] == []
    with transaction() as session:
        (task,) = session.scalars(select(Task))
        assert json.loads(task.params) == {"semester": SEMESTER, "version": 2}


def test_the_open_semester_freezes_with_its_ballots(own_town: Flask) -> None:
    instance = own_town.config["INSTANCE"]
    with transaction() as session:
        frozen_at = session.get_one(Semester, OPENED).freeze_at
    done = tick(transaction, at=frozen_at + timedelta(minutes=1), instance=instance)
    assert f"{OPENED} freeze" in done
    assert f"{OPENED} round closed" in done
    with transaction() as session:
        ranking = session.scalars(select(Ranking).where(Ranking.semester_code == OPENED)).one()
        assert by_ballot(session, ranking) > 20


def by_ballot(session: Session, ranking: Ranking) -> int:
    """How many rated teachers have a colleagues' part that comes from ballots."""
    voted = select(Tally.teacher_id).where(
        Tally.source == "ballot", Tally.component == "peer", Tally.semester_code == OPENED
    )
    query = select(func.count()).where(
        RankingRow.ranking_id == ranking.id, RankingRow.teacher_id.in_(voted), RankingRow.peer_e4.is_not(None)
    )
    return session.scalar(query) or 0
