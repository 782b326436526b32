"""Reminders on both databases: once a level whatever the ticks, to the right people, never to the wrong ones."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from ethics_eval.accounts.models import Account, StaffNotice
from ethics_eval.complaints.models import Case, Reminder
from ethics_eval.complaints.reminding import _LOOKED_AT, outstanding, remind
from ethics_eval.complaints.rules.machine import CaseStatus, Desk
from ethics_eval.complaints.rules.reminding import Clock, Level, Spacing
from ethics_eval.complaints.rules.submission import RespondentRole
from ethics_eval.roster.rules.calendar import CITY_TIME, local_day
from tests.complaints.test_announcing import school_accounts
from tests.complaints.town import LETTER, Town


def morning(day: Any) -> datetime:
    """Nine o'clock in the city."""
    return datetime(day.year, day.month, day.day, 9, tzinfo=CITY_TIME).astimezone(UTC)


def told(town: Town) -> Counter[tuple[str, str]]:
    """(account name, level) → how often."""
    rows = town.session.execute(
        select(Account.username, StaffNotice.kind)
        .join(StaffNotice, StaffNotice.account_id == Account.id)
        .where(StaffNotice.kind.startswith("reminder."))
    )
    return Counter((name, kind.removeprefix("reminder.")) for name, kind in rows)


def levels(town: Town, case: Case, clock: Clock) -> list[str]:
    rows = town.session.scalars(
        select(Reminder.level).where(Reminder.case_id == case.id, Reminder.clock == clock.value)
    )
    return sorted(rows, key=[level.value for level in Level].index)


@pytest.fixture
def accepted(town: Town) -> Case:
    """A case of the school, accepted on 20 March; the reply is due on 19 May."""
    case = town.case()
    town.lead(case, CaseStatus.ACCEPTED)
    return case


def test_every_day_a_tick_and_every_level_once(town: Town, accepted: Case) -> None:
    assert accepted.reply_due_on is not None
    day = town.at
    while local_day(day) <= accepted.reply_due_on + timedelta(days=12):
        remind(town.session, day)
        remind(town.session, day)
        day += timedelta(days=1)
    assert levels(town, accepted, Clock.REPLY) == [level.value for level in Level]
    assert told(town) == {
        ("officer", "warn"): 1,
        ("officer", "near"): 1,
        ("officer", "due"): 1,
        ("officer", "officer"): 1,
        ("head", "head"): 1,
        ("district", "district"): 1,
        ("second", "district"): 1,
        ("bureau", "city"): 1,
        ("chief", "city"): 1,
    }
    assert outstanding(town.session, day) == []


def test_after_an_outage_only_the_highest_is_told(town: Town, accepted: Case) -> None:
    assert accepted.reply_due_on is not None
    late = morning(accepted.reply_due_on + timedelta(days=5))
    assert outstanding(town.session, late) == [accepted.id]
    given = remind(town.session, late)
    assert [(one.clock, one.level, one.told_count) for one in given] == [(Clock.REPLY, Level.DISTRICT, 2)]
    assert told(town) == {("district", "district"): 1, ("second", "district"): 1}
    assert levels(town, accepted, Clock.REPLY) == [level.value for level in list(Level)[:-1]]
    assert remind(town.session, late) == []


def test_a_due_day_that_moved_is_warned_of_anew(town: Town, accepted: Case) -> None:
    assert accepted.reply_due_on is not None
    remind(town.session, morning(accepted.reply_due_on - timedelta(days=2)))
    accepted.reply_due_on += timedelta(days=30)
    accepted.extended = True
    town.session.flush()
    assert remind(town.session, morning(accepted.reply_due_on - timedelta(days=40))) == []
    given = remind(town.session, morning(accepted.reply_due_on - timedelta(days=18)))
    assert [one.level for one in given] == [Level.WARN]


def test_the_first_two_clocks_run_from_the_day_it_came(town: Town) -> None:
    case = town.case()
    given = remind(town.session, morning(case.register_due_on + timedelta(days=1)))
    assert [(one.clock, one.level) for one in given] == [(Clock.REGISTER, Level.OFFICER)]
    given = remind(town.session, morning(case.accept_due_on))
    assert {(one.clock, one.level) for one in given} == {
        (Clock.REGISTER, Level.CITY),
        (Clock.ACCEPT, Level.DUE),
    }


def test_a_suspended_or_ended_case_is_not_reminded_of(town: Town, accepted: Case) -> None:
    late = town.at + timedelta(days=90)
    accepted.status, accepted.suspended_on = CaseStatus.SUSPENDED.value, local_day(town.at)
    town.session.flush()
    assert remind(town.session, late) == []
    accepted.status, accepted.suspended_on = CaseStatus.WITHDRAWN.value, None
    town.session.flush()
    assert remind(town.session, late) == []


def test_reviews_disputes_and_internal_limits_have_clocks_of_their_own(town: Town, accepted: Case) -> None:
    day = local_day(town.at)
    accepted.status, accepted.return_due_on = CaseStatus.ASSIGNED.value, day + timedelta(days=10)
    town.session.flush()
    given = remind(town.session, town.at + timedelta(days=11))
    assert [(one.clock, one.level) for one in given] == [(Clock.RETURN, Level.OFFICER)]
    accepted.status, accepted.school_matter = CaseStatus.REVIEW.value, True
    accepted.review_due_on = day + timedelta(days=30)
    town.session.flush()
    given = remind(town.session, town.at + timedelta(days=25))
    assert [(one.clock, one.level, one.told_count) for one in given] == [(Clock.REVIEW, Level.WARN, 2)]
    accepted.status = CaseStatus.REPLIED.value
    accepted.disputed_on, accepted.dispute_due_on = day, day + timedelta(days=10)
    town.session.flush()
    given = remind(town.session, town.at + timedelta(days=10))
    assert [(one.clock, one.level, one.told_count) for one in given] == [(Clock.DISPUTE, Level.DUE, 2)]
    accepted.dispute_answered_on = day + timedelta(days=10)
    town.session.flush()
    assert remind(town.session, town.at + timedelta(days=30)) == []


def test_an_urgent_case_rings_at_the_bureau_at_once_and_never_at_the_school(town: Town) -> None:
    case = town.case(replace(LETTER, category="C08"))
    case.urgent, case.urgent_due_at = True, town.at + timedelta(hours=2)
    town.session.flush()
    given = remind(town.session, town.at + timedelta(minutes=100))
    assert [(one.clock, one.level) for one in given] == [(Clock.URGENT, Level.WARN)]
    assert told(town) == {("bureau", "warn"): 1}
    given = remind(town.session, town.at + timedelta(hours=2))
    assert [(one.clock, one.level) for one in given] == [(Clock.URGENT, Level.DUE)]
    assert told(town)["chief", "due"] == told(town)["bureau", "due"] == 1
    assert remind(town.session, town.at + timedelta(hours=3)) == []
    case.urgent_in_time = False
    town.session.flush()
    remind(town.session, town.at + timedelta(days=40))
    assert not {name for name, _level in told(town)} & {"officer", "head"}


def test_a_recused_case_never_reaches_the_school(town: Town) -> None:
    case = town.case(replace(LETTER, respondent="李国华", respondent_role=RespondentRole.HEAD))
    for number in range(60):
        remind(town.session, town.at + timedelta(days=number))
    assert {name for name, _level in told(town)} == {"district", "second", "bureau", "chief"}
    assert case.desk == Desk.DISTRICT.value
    at_school = school_accounts(town)
    assert not town.session.scalars(select(StaffNotice).where(StaffNotice.account_id.in_(at_school))).all()


def test_the_owner_is_reminded_alone_and_the_respondent_never(town: Town, accepted: Case) -> None:
    assert accepted.reply_due_on is not None
    accepted.owner_id = town.officer.id
    finding = town.lead(accepted, CaseStatus.FINDING_DRAFT, draft=town.draft("周正"))
    assert finding is not None
    finding.teacher_id = town.teachers["王芳"].id
    town.session.flush()
    remind(town.session, morning(accepted.reply_due_on))
    assert told(town) == {}, "the officer is the respondent of this draft"
    remind(town.session, morning(accepted.reply_due_on + timedelta(days=2)))
    assert told(town) == {("head", "head"): 1}


def test_the_spacing_is_the_citys(town: Town, accepted: Case) -> None:
    assert accepted.reply_due_on is not None
    spacing = Spacing(2, 5, 10, 20)
    late = morning(accepted.reply_due_on + timedelta(days=4))
    assert [one.level for one in remind(town.session, late, spacing=spacing)] == [Level.OFFICER]


def test_many_cases_are_reminded_of_in_batches(town: Town) -> None:
    cases = [town.case(key=f"a key of sixteen characters {number}") for number in range(5)]
    late = town.at + timedelta(days=5)
    ids = outstanding(town.session, late)
    assert sorted(ids) == sorted(case.id for case in cases)
    assert len(remind(town.session, late, case_ids=ids[:2])) == 2
    assert len(outstanding(town.session, late)) == 3
    assert len(remind(town.session, late)) == 3


def test_a_case_says_when_it_is_next_to_be_looked_at(town: Town, accepted: Case) -> None:
    def next_on() -> object:
        return town.session.execute(select(Case.remind_on).where(Case.id == accepted.id)).scalar_one()

    assert next_on() == date.min, "a new one is looked at first"
    assert outstanding(town.session, town.at) == [accepted.id]
    remind(town.session, town.at)
    assert next_on() == date(2026, 5, 7), "48 of 60 days"
    assert outstanding(town.session, town.at) == []
    town.lead(accepted, CaseStatus.INVESTIGATING)
    assert next_on() == date.min, "a step brings it back, though the session knew no other day"
    accepted.owner_id = town.officer.id
    remind(town.session, town.at)
    town.session.flush()
    assert next_on() == date(2026, 5, 7), "who looks after it moves no clock"


def test_a_case_that_changed_meanwhile_is_looked_at_once_more(town: Town, accepted: Case) -> None:
    seen = {"seen_id": accepted.id, "seen_version": accepted.version - 1, "next_on": date(2030, 1, 1)}
    town.session.connection().execute(_LOOKED_AT, [seen])
    assert outstanding(town.session, town.at) == [accepted.id]
