"""A city whose first school has a class with codes out and an open round, as its pages see it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask_security.utils import hash_password
from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.database import db, transaction
from ethics_eval.evaluation import issuing
from ethics_eval.evaluation.models import BallotRound
from ethics_eval.evaluation.rules.scheme import Component
from ethics_eval.roster.models import School
from tests.support.ballots import add_class, codes, officer_of, open_round, teacher_ids
from tests.support.city import PASSWORD
from tests.support.ranked import SEMESTER, RankedCity

CLASS = "三年级2班"
OFFICER, OTHER_OFFICER = "school_officer-0", "school_officer-1"


class Balloted:
    """The application, and what tests ask it."""

    def __init__(self, app: Flask, *, teachers: int = 12, pupils: int = 6, items: int = 2) -> None:
        self.app = app
        now = datetime.now(UTC)
        with app.app_context(), transaction() as session:
            city = RankedCity(
                session,
                app.extensions["vault"],
                app.config["INSTANCE"],
                teacher_count=teachers,
                password_hash=hash_password(PASSWORD),
            )
            city.account(city.officer.role, school=1)  # type: ignore[arg-type]
            open_round(session, items=items)
            self.move_round(session, now - timedelta(days=1), now + timedelta(days=9))
            school = city.schools[0]
            self.school_code = school.code
            add_class(session, school, CLASS, pupils, teacher_ids(session, school)[:3])
            issuing.issue_codes(session, app.extensions["vault"], SEMESTER, actor=officer_of(school), at=now)

    @staticmethod
    def move_round(session: Session, opens_at: datetime, closes_at: datetime) -> None:
        """Move the window."""
        round_ = session.get_one(BallotRound, SEMESTER)
        round_.opens_at, round_.closes_at = opens_at, closes_at

    def codes(self, component: Component = Component.PUPIL) -> list[str]:
        """The class's codes."""
        with self.app.app_context():
            school = db.session.scalars(select(School).where(School.code == self.school_code)).one()
            found = codes(db.session(), self.app.extensions["vault"], school, CLASS, component)
            db.session.remove()
        return found


@pytest.fixture
def balloted(app: Flask) -> Balloted:
    """Six pupils and their parents rate three teachers in two questions."""
    return Balloted(app)
