"""A tick does all that is owed, each thing once, twice or late or after a week; what fails stops nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account, StaffNotice
from ethics_eval.complaints.models import Case, Finding, Reminder
from ethics_eval.database import db, transaction
from ethics_eval.ethics_file.models import Certificate
from ethics_eval.jobs.tick import tick
from ethics_eval.ranking import service as ranking_service
from ethics_eval.roster.models import CalendarDay
from tests.support.city import PASSWORD
from tests.support.forms import sign_in
from tests.web.road import filed


@pytest.fixture
def case_due(city: Flask) -> Iterator[datetime]:
    """In the application; the instant at which the only case should have been registered since yesterday."""
    filed(city)
    with city.app_context():
        due = db.session().scalars(select(Case.register_due_on)).one()
        db.session.remove()
        yield datetime(due.year, due.month, due.day, 9, tzinfo=UTC) + timedelta(days=1)


def counts() -> tuple[int, int]:
    """How many reminders and notices there are."""
    session = db.session()
    session.rollback()
    reminders = session.scalar(select(func.count()).select_from(Reminder)) or 0
    notices = session.scalar(
        select(func.count()).select_from(StaffNotice).where(StaffNotice.kind.startswith("reminder."))
    )
    return reminders, notices or 0


def run(app: Flask, at: datetime) -> list[str]:
    return tick(transaction, at=at, instance=Path(app.config["INSTANCE"]))


def test_twice_late_and_after_an_outage_each_thing_is_done_once(city: Flask, case_due: datetime) -> None:
    assert "reminders register officer: 1" in run(city, case_due)
    assert counts() == (2, 1)
    assert not [line for line in run(city, case_due) if line.startswith("reminders")]
    assert counts() == (2, 1)
    # a week later: one more word, the levels between are only marked
    assert "reminders register city: 1" in run(city, case_due + timedelta(days=7))
    reminders, notices = counts()
    assert reminders == 5
    assert notices == 1 + 2, "the bureau's officer and its head"
    run(city, case_due + timedelta(days=7))
    assert counts() == (reminders, notices)


def test_what_fails_is_told_and_stops_nothing_else(
    city: Flask, case_due: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_session: Session, _at: datetime) -> list[object]:
        raise ValueError("a defect")

    monkeypatch.setattr(ranking_service, "steps_due", broken)
    done = run(city, case_due)
    assert "semesters: failed (ValueError)" in done
    assert "reminders register officer: 1" in done


def test_a_database_that_is_away_is_the_callers(city: Flask) -> None:
    def away() -> AbstractContextManager[Session]:
        raise OperationalError("SELECT 1", {}, Exception("the server is away"))

    with pytest.raises(OperationalError):
        tick(away, at=datetime(2026, 3, 2, tzinfo=UTC), instance=Path(city.config["INSTANCE"]))


def test_the_calendars_end_is_told_once_to_those_who_see_to_it(city: Flask) -> None:
    with city.app_context():
        with transaction() as session:
            session.execute(delete(CalendarDay).where(CalendarDay.day > date(2026, 12, 31)))
        early = datetime(2026, 11, 1, 12, tzinfo=UTC) - timedelta(days=1)
        assert not [line for line in run(city, early) if line.startswith("calendar")]
        at = datetime(2026, 11, 1, 12, tzinfo=UTC) + timedelta(days=1)
        assert "calendar known until 2026-12-31: told 2" in run(city, at)
        assert not [line for line in run(city, at + timedelta(days=8)) if line.startswith("calendar")]
        session = db.session()
        roles = session.scalars(
            select(Account.role)
            .join(StaffNotice, StaffNotice.account_id == Account.id)
            .where(StaffNotice.kind == "calendar.ends")
        )
        assert sorted(roles) == ["bureau_head", "sysadmin"]
        session.rollback()
        with transaction() as session:
            session.add(CalendarDay(day=date(2027, 1, 1), kind="holiday", name="元旦"))
        assert not [line for line in run(city, at + timedelta(days=9)) if line.startswith("calendar")]


def test_the_calendars_end_stands_on_the_first_page_of_those_who_see_to_it(city: Flask) -> None:
    with city.app_context(), transaction() as session:
        session.execute(delete(CalendarDay))
    for role, path, shown in (
        ("bureau_head", "/bureau/cases", True),
        ("sysadmin", "/bureau/permissions", True),
        ("bureau_head", "/bureau/semesters", False),
        ("district_officer", "/bureau/cases", False),
    ):
        client = city.test_client()
        sign_in(client, role, PASSWORD)
        answer = client.get(path)
        assert answer.status_code == 200
        assert ("工作日历只到" in answer.text) is shown, (role, path)


def test_a_certificate_that_says_what_is_no_longer_so_is_taken_back(lettered_city: Flask) -> None:
    with lettered_city.app_context(), transaction() as session:
        certificate = session.scalars(select(Certificate)).one()
        at = certificate.issued_at + timedelta(days=40)
        finding = session.scalars(select(Finding).where(Finding.outcome == "SUBSTANTIATED")).one()
        finding.effective_at = certificate.issued_at + timedelta(days=31)
        finding.veto = True
    with lettered_city.app_context():
        assert "certificates withdrawn: 1" in run(lettered_city, at)
        assert not [line for line in run(lettered_city, at) if line.startswith("certificates")]
