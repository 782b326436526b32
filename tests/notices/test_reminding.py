"""Who is told of a notice, and of one that nobody acknowledged: each level once, in whatever steps the clock comes."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account, AuditEvent, StaffNotice
from ethics_eval.accounts.rules import Role
from ethics_eval.notices import queries, service
from ethics_eval.notices.models import Delivery, Notice
from ethics_eval.notices.reminding import remind, urge
from ethics_eval.notices.rules.reminding import Level
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.roster.models import School
from tests.notices.test_service_standing import REASON
from tests.support.ranked import RankedCity
from tests.support.refusals import refused

DAY = timedelta(days=1)
# Published on 13 February, due on 27 February, since the Spring Festival lies between.
DUE = datetime(2026, 2, 27, 4, 0, tzinfo=UTC)


@pytest.fixture
def published(city: RankedCity) -> RankedCity:
    """The city with its semester published, and an officer of every school and a head of two."""
    for school in range(4):
        city.account(Role.SCHOOL_OFFICER, school=school)
    for district in ("430202", "430203", "430204"):
        city.account(Role.DISTRICT_OFFICER, district=district)
    city.lead_to(Step.PUBLISH)
    return city


def circular(session: Session) -> Notice:
    return session.scalars(select(Notice).where(Notice.kind == "circular")).one()


def told(session: Session, kind: str) -> Counter[str]:
    """Role → how many were told."""
    rows = session.scalars(
        select(Account.role)
        .join(StaffNotice, StaffNotice.account_id == Account.id)
        .where(StaffNotice.kind == kind)
    )
    return Counter(rows)


def test_whoever_gets_a_notice_is_told_once(session: Session, published: RankedCity) -> None:
    city = published
    told_of = {
        notice.kind: {account for account in told_accounts(session, notice.id)}
        for notice in session.scalars(select(Notice).where(Notice.teacher_id.is_(None)))
    }
    everyone = set(
        session.scalars(
            select(Account.id).where(Account.role.in_(["school_officer", "school_head", "district_officer"]))
        )
    )
    assert told_of == {"circular": everyone}
    letters = session.scalars(select(Notice).where(Notice.teacher_id == city.teachers[30].id)).all()
    assert len(letters) == 2
    for letter in letters:  # of a letter the school's officer learns nothing
        assert told_accounts(session, letter.id) == {city.head.id}


def told_accounts(session: Session, notice_id: str) -> set[int]:
    return set(session.scalars(select(StaffNotice.account_id).where(StaffNotice.subject_id == notice_id)))


def test_the_school_its_district_and_the_city_are_told_each_once(
    session: Session, published: RankedCity
) -> None:
    city = published
    own = queries.own_delivery(session, city.officer, circular(session).id)
    assert own is not None
    service.acknowledge(session, own, actor=city.officer, at=DUE - DAY)
    assert remind(session, DUE) == {}
    # three schools and the nine districts are left
    assert remind(session, DUE + DAY) == {Level.SCHOOL: 12}
    assert told(session, "notice.due") == {"school_officer": 3, "district_officer": 4}
    assert remind(session, DUE + DAY) == {}
    assert remind(session, DUE + 5 * DAY) == {Level.DISTRICT: 12}
    assert told(session, "notice.due_district") == {"district_officer": 3}
    assert remind(session, DUE + 14 * DAY) == {Level.CITY: 12}
    assert told(session, "notice.due_city") == {"bureau_officer": 1, "bureau_head": 1}
    assert remind(session, DUE + 40 * DAY) == {}
    detail = session.scalars(select(StaffNotice.detail).where(StaffNotice.kind == "notice.due_city"))
    assert set(detail) == {'{"count": 12}'}


def test_after_an_outage_every_level_is_told(session: Session, published: RankedCity) -> None:
    assert remind(session, DUE + 60 * DAY) == {Level.SCHOOL: 13, Level.DISTRICT: 13, Level.CITY: 13}
    levels = set(session.scalars(select(Delivery.reminded_level).where(Delivery.teacher_id.is_(None))))
    assert Level.CITY.value in levels
    letters = session.scalars(
        select(Delivery.reminded_level)
        .join(Notice, Notice.id == Delivery.notice_id)
        .where(Notice.teacher_id.is_not(None))
    )
    assert set(letters) == {0}  # letters ask for nothing


def test_what_was_withdrawn_is_not_asked_for_any_more(session: Session, published: RankedCity) -> None:
    made = service.withdraw(session, circular(session), reason=REASON, actor=published.chief, at=DUE + DAY)
    remind(session, DUE + 60 * DAY)
    subjects = set(session.scalars(select(StaffNotice.subject_id).where(StaffNotice.kind == "notice.due")))
    assert subjects == {made.id}


def test_1743_schools_are_told_in_a_few_statements(session: Session, published: RankedCity) -> None:
    session.add_all(
        School(
            code=f"2143{number:06d}",
            name=f"第{number}小学",
            district_code="430204",
            kind="小学",
            stages="PRI",
            ownership="public",
        )
        for number in range(100_000, 101_743)
    )
    session.flush()
    made = service.withdraw(session, circular(session), reason=REASON, actor=published.chief, at=DUE)
    count = session.scalar(select(func.count()).where(Delivery.notice_id == made.id))
    assert (count or 0) > 1743
    counts = remind(session, DUE + 60 * DAY)
    assert counts[Level.CITY] == 4 + 1743 + 9


# --- 催办 -----------------------------------------------------------------------------------------------------


def test_the_bureau_urges_a_district_once_a_day(session: Session, published: RankedCity) -> None:
    city, notice = published, circular(session)
    assert urge(session, notice, "430202", actor=city.bureau, at=DUE) == 1
    assert told(session, "notice.urged") == {"school_officer": 1, "district_officer": 1}
    with refused("notice.urged_today"):
        urge(session, notice, "430202", actor=city.chief, at=DUE + timedelta(hours=3))
    assert urge(session, notice, "430202", actor=city.bureau, at=DUE + DAY) == 1
    events = session.scalars(select(AuditEvent).where(AuditEvent.action == "notice.urged")).all()
    assert len(events) == 2


def test_only_the_city_urges_and_only_who_is_missing(session: Session, published: RankedCity) -> None:
    city, notice = published, circular(session)
    for actor in (city.district, city.officer):
        with refused("permission.denied"):
            urge(session, notice, "430202", actor=actor, at=DUE)
    for delivery in notice.deliveries:
        delivery.acknowledged_at, delivery.acknowledged_by_id = DUE, city.officer.id
    session.flush()
    with refused("notice.all_acknowledged"):
        urge(session, notice, "430202", actor=city.bureau, at=DUE)
