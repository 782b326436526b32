"""A city of 40,000 scored teachers with findings and honours, in a database of its own, made in bulk."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import insert
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account
from ethics_eval.cli.database import upgrade_database
from ethics_eval.cli.running import OPERATOR
from ethics_eval.complaints.models import Case, Finding
from ethics_eval.database import transaction
from ethics_eval.evaluation.models import Assessment, Honour, Tally
from ethics_eval.ranking.service import open_semester
from ethics_eval.roster.models import Posting, School, Teacher
from tests.support.application import application

SEMESTER = "2025-2026-1"
AT = datetime(2026, 1, 31, 1, 0, tzinfo=UTC)
SCHOOLS = 900
STAGES = ("PRI", "PRI", "JUN", "SEN")
ACCUSED_EVERY, HONOURED_EVERY = 50, 20  # 800 findings and 2,000 honours among 40,000
_PARTS = (("peer", "E1", 30), ("pupil", "S1", 90), ("parent", "P1", 90))


@contextmanager
def scored_city(folder: Path, teachers: int, url: str = "") -> Iterator[Flask]:
    """The application with so many teachers, given scores and tallies; its context is entered. No ``url``: SQLite."""
    place = url or f"sqlite:///{folder / 'bench.db'}"
    with application(place, folder / "instance") as app, app.app_context():
        upgrade_database()
        with transaction() as session:
            _settle(session, teachers)
            open_semester(session, SEMESTER, actor=OPERATOR, at=AT)
        yield app


def _settle(session: Session, teachers: int) -> None:
    chance = random.Random(1)
    session.execute(
        insert(School),
        [
            {
                "id": place,
                "code": f"2143{place:06}",
                "name": f"第{place}小学",
                "district_code": "430202",
                "kind": "小学",
                "stages": STAGES[place % 4],
                "ownership": "public",
            }
            for place in range(1, SCHOOLS + 1)
        ],
    )
    people = range(1, teachers + 1)
    session.execute(
        insert(Teacher), [{"id": place, "number": f"T{place:07}", "name": f"教师{place}"} for place in people]
    )
    at = {place: 1 + place % SCHOOLS for place in people}
    session.execute(
        insert(Posting),
        [
            {
                "teacher_id": place,
                "school_id": at[place],
                "stage": STAGES[at[place] % 4],
                "position": "teacher",
                "status": "in_post",
                "starts_on": date(2020, 9, 1),
            }
            for place in people
        ],
    )
    key = {"semester_code": SEMESTER}
    session.execute(
        insert(Assessment),
        [
            {
                **key,
                "teacher_id": place,
                "school_id": at[place],
                "component": part,
                "score_e4": chance.randrange(700_000, 1_000_001),
                "rater_count": 1,
            }
            for place in people
            for part in ("self", "school")
        ],
    )
    tallies = []
    for place in people:
        for part, item, ballots in _PARTS:
            good = chance.randrange(ballots // 2, ballots)
            fair = chance.randrange(ballots - good + 1)
            tallies.append(
                {
                    **key,
                    "teacher_id": place,
                    "school_id": at[place],
                    "component": part,
                    "item": item,
                    "eligible_count": ballots,
                    "option_1": good,
                    "option_2": fair,
                    "option_3": ballots - good - fair,
                }
            )
    session.execute(insert(Tally), tallies)
    _judge(session, people, at)


def _judge(session: Session, people: range, at: dict[int, int]) -> None:
    decider = Account(
        username="bench",
        display_name="决定人",
        password="-",
        active=True,
        fs_uniquifier="bench",
        role="bureau_officer",
        created_at=AT,
    )
    session.add(decider)
    session.flush()
    accused = people[::ACCUSED_EVERY]
    long_ago = AT - timedelta(days=90)
    case = {
        "district_code": "430202",
        "status": "decided",
        "desk": "city",
        "category": "C15",
        "outcome": "SUBSTANTIATED",
        "received_at": long_ago,
        "register_due_on": long_ago.date(),
        "accept_due_on": long_ago.date(),
        "version": 1,
    }
    session.execute(
        insert(Case),
        [
            {**case, "id": f"{place:032x}", "number": f"4302{place:015}", "school_id": at[place]}
            for place in accused
        ],
    )
    session.execute(
        insert(Finding),
        [
            {
                "id": f"{place:032x}",
                "case_id": f"{place:032x}",
                "teacher_id": place,
                "school_id": at[place],
                "category": "C15",
                "severity": ("minor", "ordinary", "serious")[place % 3],
                "outcome": "SUBSTANTIATED",
                "points": (3, 8, 15)[place % 3],
                "facts": f"4302{place:015}",
                "grounds": b"sealed",
                "proposed_at": long_ago,
                "proposed_by_id": decider.id,
                "decided_at": long_ago,
                "decided_by_id": decider.id,
                "effective_at": long_ago + timedelta(days=60 if place % 4 else 100),
            }
            for place in accused
        ],
    )
    session.execute(
        insert(Honour),
        [
            {"semester_code": SEMESTER, "teacher_id": place, "level": "city", "title": "先进"}
            for place in people[::HONOURED_EVERY]
        ],
    )
