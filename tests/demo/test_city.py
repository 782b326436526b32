"""The demonstration city: what it promises is in it, on both databases, and is the same for the same seed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import AuditEvent, StaffNotice
from ethics_eval.complaints.categories import EVERY_CODE
from ethics_eval.complaints.models import (
    Case,
    CaseEvent,
    CaseLink,
    Clearance,
    Complaint,
    Evidence,
    IdentityRequest,
    Mailbox,
    MailboxCount,
    MeasureDecision,
    Message,
    Redaction,
    Remedy,
)
from ethics_eval.complaints.queries import content_cipher, due_of
from ethics_eval.complaints.reminding import remind
from ethics_eval.complaints.rules import query_code
from ethics_eval.complaints.rules.clocks import Lateness
from ethics_eval.complaints.rules.machine import WORKING, CaseStatus, Desk, Outcome
from ethics_eval.complaints.rules.submission import URGENT_CATEGORIES, IdentityMode
from ethics_eval.complaints.tracking import open_by_code, progress
from ethics_eval.database import db, transaction
from ethics_eval.demo.city import build, calendar_reaching, is_empty
from ethics_eval.evaluation.models import Assessment, Honour, Tally
from ethics_eval.notices.models import Delivery, Notice
from ethics_eval.ranking.models import BottomEntry, LedgerLine, Ranking, RankingRow
from ethics_eval.ranking.proof import verify
from ethics_eval.ranking.rules.steps import announce_due
from ethics_eval.ranking.service import steps_due
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.models import CalendarDay, Posting, School, Semester, Teacher
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.roster.service import load_calendar
from ethics_eval.text import RuleViolation
from ethics_eval.vault.service import Vault
from tests.demo.conftest import AT, SCHOOLS, SEMESTER, TEACHERS, Founded, found
from tests.support.application import application
from tests.support.databases import Place
from tests.support.forms import sign_in

pytestmark = pytest.mark.xdist_group("demonstration")

OPEN = set(WORKING) - {CaseStatus.SUBMITTED} | {CaseStatus.DECIDED}


@pytest.fixture
def town(founded: Founded) -> Iterator[Flask]:
    """The application on the city; nothing may be written."""
    with application(founded.url, founded.instance) as app, app.app_context():
        yield app
        db.session.rollback()


def cases(session: Session) -> list[Case]:
    return list(session.scalars(select(Case)).unique())


def test_schools_and_people(town: Flask, founded: Founded) -> None:
    session = db.session()
    schools = session.scalars(select(School)).unique().all()
    assert len(schools) == len({school.name for school in schools}) == SCHOOLS
    assert len({school.district_code for school in schools}) == 9
    assert session.scalar(select(func.count()).select_from(Mailbox)) == SCHOOLS
    assert [row[0] for row in founded.city.schools] == sorted(row[0] for row in founded.city.schools)
    assert session.scalar(select(func.count()).select_from(Teacher)) == TEACHERS
    heads = Counter(session.scalars(select(Posting.school_id).where(Posting.position == "head")))
    assert set(heads) == {school.id for school in schools}
    assert set(heads.values()) == {1}


def test_every_status_and_every_clock(town: Flask) -> None:
    found = Counter(
        (case.status, due.lateness if (due := due_of(case, local_day(AT))) else None)
        for case in cases(db.session())
    )
    assert {status for status, _lateness in found} == set(CaseStatus)
    missing = {(status, lateness) for status in OPEN for lateness in Lateness} - set(found)
    assert not missing
    assert {lateness for status, lateness in found if status == CaseStatus.SUBMITTED} >= {
        Lateness.OVERDUE,
        Lateness.DUE_TODAY,
        Lateness.NEAR,
    }


def test_every_category_outcome_desk_and_identity(town: Flask) -> None:
    session = db.session()
    everything = cases(session)
    assert len(everything) >= 120
    assert set(session.scalars(select(Complaint.category))) == set(EVERY_CODE)
    assert {case.outcome for case in everything} == {None, *Outcome}
    assert {case.desk for case in everything} == set(Desk)
    assert sum(case.recused for case in everything) >= 5
    assert not [case for case in everything if case.recused and case.desk == Desk.SCHOOL]
    assert set(session.scalars(select(Complaint.identity_mode))) == set(IdentityMode)
    assert (session.scalar(select(func.count()).select_from(Evidence)) or 0) > 40
    # some clocks were missed, and the verdicts stand
    for verdicts in (
        {case.registered_in_time for case in everything},
        {case.accepted_in_time for case in everything},
        {case.replied_in_time for case in everything},
    ):
        assert verdicts == {None, True, False}


def test_every_timeline_is_in_order_and_past(town: Flask) -> None:
    for case in cases(db.session()):
        instants = [event.at for event in case.events]
        assert instants == sorted(instants)
        assert instants[0] == case.received_at
        assert instants[-1] < AT
        assert [event.seq for event in case.events] == list(range(1, len(instants) + 1))


def test_audit_events_are_in_order_of_time(town: Flask) -> None:
    instants = list(db.session().scalars(select(CaseEvent.at).order_by(CaseEvent.at)))
    assert len(instants) > 1000
    audited = list(db.session().scalars(select(AuditEvent.at).order_by(AuditEvent.id)))
    after_set_up = audited[audited.index(min(audited)) :]
    assert after_set_up == sorted(after_set_up)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def contents(session: Session, vault: Vault) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every sealed text of every case: letters and what handlers wrote, with whose."""
    for complaint in session.scalars(select(Complaint).order_by(Complaint.submitted_at, Complaint.category)):
        cipher = content_cipher(session, vault, complaint.case)
        place = f"complaint:content:{complaint.id}"
        yield "letter", cipher.unseal_json(complaint.content, place)
        for event in complaint.case.events:
            if event.detail is not None:
                yield event.action, cipher.unseal_json(event.detail, f"case_event:detail:{event.id}")


def test_letters_are_whole_and_name_people_of_the_school(town: Flask) -> None:
    session, vault = db.session(), town.extensions["vault"]
    written = [text for _kind, value in contents(session, vault) for text in texts(value)]
    assert len(written) > 1000
    assert not [text for text in written if re.search(r"[{}]", text)]
    names: dict[int, set[str]] = {}
    for school, name in session.execute(
        select(Posting.school_id, Teacher.name).join(Teacher, Teacher.id == Posting.teacher_id)
    ):
        names.setdefault(school, set()).add(name)
    named = 0
    for complaint in session.scalars(select(Complaint)):
        cipher = content_cipher(session, vault, complaint.case)
        letter = cipher.unseal_json(complaint.content, f"complaint:content:{complaint.id}")
        if letter["respondent"]:
            named += 1
            assert re.sub("[校园]长$", "", letter["respondent"]) in names[complaint.case.school_id]
    assert named > 90


def test_the_codes_open_what_they_say(town: Flask, founded: Founded) -> None:
    session, vault = db.session(), town.extensions["vault"]
    assert set(founded.statuses.values()) == set(CaseStatus)
    for status in CaseStatus:
        code = next(code for code, standing in founded.statuses.items() if standing == status)
        complaint = open_by_code(session, vault, code, at=AT)
        assert complaint is not None
        shown = progress(session, vault, complaint.id, at=AT)
        assert shown is not None
        assert shown.steps[0].action == "submit"
        # whoever sent what was merged sees how the joint case stands
        assert status in {shown.status, CaseStatus.MERGED}


def test_the_published_semester(town: Flask) -> None:
    session = db.session()
    semester = session.get_one(Semester, SEMESTER)
    ranking, corrected = session.scalars(select(Ranking).order_by(Ranking.version)).all()
    assert (semester.status, ranking.status, corrected.status) == ("published", "superseded", "published")
    assert corrected.corrects_id == ranking.id
    assert ranking.frozen_at == semester.freeze_at < semester.publish_at < AT
    assert ranking.published_at == semester.publish_at
    of_first = RankingRow.ranking_id == ranking.id
    treatments = Counter(
        session.scalars(select(BottomEntry.treatment).where(BottomEntry.ranking_id == ranking.id))
    )
    assert treatments == {"named": 3, "private": 2}
    assert session.scalar(select(func.count()).where(of_first, RankingRow.provisional)) == 28
    counted = session.scalars(select(LedgerLine.counted).where(LedgerLine.ranking_id == ranking.id)).all()
    assert sum(counted) > 10
    for part in ("self_e4", "peer_e4", "pupil_e4", "parent_e4", "school_e4", "score"):
        column = RankingRow.__table__.c[part]
        assert (session.scalar(select(func.count(column))) or 0) > 300, part
    for table in (Tally, Honour, Assessment):
        assert session.scalars(select(table).where(table.semester_code == SEMESTER)).first() is not None
    reasons = set(session.scalars(select(RankingRow.reason)))
    assert reasons >= {"", "KINDERGARTEN_NOT_RANKED", "MATERNITY"}


def test_the_ranking_stands_when_computed_again(town: Flask, founded: Founded) -> None:
    proof = verify(db.session(), SEMESTER, instance=founded.instance)
    assert proof.faults == ()
    assert proof.rows == TEACHERS


def test_the_circular_and_its_inboxes(town: Flask) -> None:
    session = db.session()
    notices = {
        kind: list(session.scalars(select(Notice).where(Notice.kind == kind)))
        for kind in ("prior", "individual", "circular")
    }
    assert (len(notices["prior"]), len(notices["circular"])) == (5, 1)
    letters = Counter(row.ranking_id for row in notices["individual"])
    assert sorted(letters.values())[-1] == 5
    assert len(letters) == 2  # with the ranking, and with its correction
    (circular,) = notices["circular"]
    assert "点名通报" in circular.document
    assert len(circular.deliveries) == SCHOOLS + 9
    signed = [row for row in session.scalars(select(Delivery)) if row.acknowledged_at is not None]
    assert 10 < sum(row.acknowledged_at is not None for row in circular.deliveries) < len(circular.deliveries)
    assert all(row.delivered_at <= row.acknowledged_at < AT for row in signed if row.acknowledged_at)


def test_the_open_semester_is_left_alone_by_the_clock(town: Flask) -> None:
    session = db.session()
    semester = session.get_one(Semester, "2025-2026-2")
    assert semester.status == "open"
    assert AT < semester.freeze_at < semester.publish_at
    assert steps_due(session, AT) == []
    rated = session.scalars(
        select(Assessment.teacher_id).where(Assessment.semester_code == semester.code).distinct()
    ).all()
    assert TEACHERS // 2 < len(rated) < TEACHERS


def test_every_account_signs_in(founded: Founded, place: Place) -> None:
    with place.copy(founded.url) as url, application(url, founded.instance) as app:
        roles: Counter[str] = Counter()
        for account in founded.city.accounts:
            roles[account.role] += 1
            sign_in(app.test_client(), account.username, account.password)
    assert len(roles) == 9


def test_the_desks_of_the_showcase_are_not_empty(town: Flask, founded: Founded) -> None:
    at_school = Counter(case.school.code for case in cases(db.session()) if case.desk == Desk.SCHOOL)
    assert min(at_school[code] for code in founded.city.shown_schools[:5]) >= 5, at_school


def counted(session: Session, *columns: Any) -> Counter[Any]:
    """How often each value, or each set of values, stands in the columns of a table."""
    return Counter(tuple(row) if len(columns) > 1 else row[0] for row in session.execute(select(*columns)))


def test_what_happens_beside_the_road(town: Flask) -> None:
    session = db.session()
    happened = counted(session, CaseEvent.action)
    for action in (
        "extend", "suspend", "refer", "merge", "withdraw", "object", "ask_review", "uphold", "ask_final_review",
        "finish", "own", "note", "rate", "dispute", "dispute_answer", "supervise", "measure_decide",
        "measure_file", "measure_lift", "remedy_ask", "remedy_decide", "clearance_issue",
    ):  # fmt: skip
        assert happened[action] >= 1, action
    (suspended,) = [case for case in cases(session) if case.status == CaseStatus.SUSPENDED]
    assert suspended.suspended_on is not None
    assert [case for case in cases(session) if case.status == CaseStatus.WITHDRAWN]
    assert [case for case in cases(session) if case.merged_into_id and case.status == CaseStatus.MERGED]
    assert session.scalar(select(func.count()).select_from(CaseLink)) == 1
    assert [case for case in cases(session) if case.disputed_on and not case.dispute_answered_on]
    assert [case for case in cases(session) if case.disputed_on and case.dispute_answered_on]
    assert set(counted(session, Complaint.satisfaction)) == {None, 1, 2, 3}
    assert set(counted(session, Message.direction, Message.read_at.is_(None))) == {
        (direction, unread)
        for direction in ("from_complainant", "to_complainant")
        for unread in (False, True)
    }
    assert counted(session, IdentityRequest.state) == {"asked": 1, "authorised": 1, "refused": 1}
    assert counted(session, Redaction.state)["masked"] == 2
    assert {case.petition_type for case in cases(session)} >= {"REPORT", "APPEAL", "SUGGESTION", "ENQUIRY"}
    owned = [case for case in cases(session) if case.owner_id is not None]
    assert 20 < len(owned) < len(cases(session))
    assert (session.scalar(select(func.max(Complaint.signer_count))) or 0) > 5
    assert (session.scalar(select(func.sum(MailboxCount.opened_count))) or 0) > 200


def test_grave_harm_is_taken_up_in_time(town: Flask) -> None:
    urgent = [case for case in cases(db.session()) if case.urgent]
    assert not [case for case in urgent if case.desk == Desk.SCHOOL]
    assert Counter(case.urgent_in_time for case in urgent)[True] > len(urgent) / 2
    assert [case for case in urgent if case.category not in URGENT_CATEGORIES]  # somebody was hurt
    (fresh,) = [case for case in urgent if case.urgent_due_at is not None and case.urgent_due_at > AT]
    assert (fresh.status, fresh.urgent_in_time) == (CaseStatus.SUBMITTED, None)


def test_what_staff_took_down(town: Flask, founded: Founded) -> None:
    filed = list(db.session().scalars(select(Complaint).where(Complaint.filed_by_id.is_not(None))))
    assert Counter(one.source for one in filed) == {"HOTLINE_12345": 2, "PHONE": 1}
    assert all(one.source_due_on is not None for one in filed)
    assert [one.source for one in filed if one.claimed_at is not None] == ["PHONE"]
    unclaimed = {one.case_id for one in filed if one.claimed_at is None}
    told_numbers = {one.plan.number for one in founded.city.sent}
    assert len(unclaimed) == 2
    assert len(told_numbers) == len(founded.city.sent) == len(cases(db.session())) - 2


def test_the_teachers_own_track(town: Flask) -> None:
    session = db.session()
    assert counted(session, Remedy.result) == {None: 1, "upheld": 1}
    assert counted(session, Clearance.state) == {"issued": 1}
    measures = list(session.scalars(select(MeasureDecision)))
    assert {row.state for row in measures} >= {"active", "lifted"}
    assert sorted(row.filed_on is not None for row in measures if row.filing_needed) == [False, True]


def test_the_bell_is_a_number_one_can_believe(town: Flask, founded: Founded) -> None:
    session = db.session()
    unread = Counter(session.scalars(select(StaffNotice.account_id).where(StaffNotice.read_at.is_(None))))
    assert (session.scalar(select(func.count()).select_from(StaffNotice)) or 0) > 300
    assert len(unread) >= 8
    assert max(unread.values()) < 40
    assert remind(session, AT) == []  # the clock finds nothing left over


def test_codes_with_news(founded: Founded) -> None:
    assert sum(one.has_unread for one in founded.city.sent) >= 2


def test_a_teacher_is_in_an_open_hearing(town: Flask, founded: Founded) -> None:
    heard = next(row for row in founded.city.accounts if row.username == "teacher-1")
    session = db.session()
    standing = [
        case
        for case in cases(session)
        if case.status == CaseStatus.HEARING
        and heard.teacher in {row.teacher.number for row in case.findings}
    ]
    assert len(standing) == 1
    assert not standing[0].stated
    assert standing[0].notified_on is not None
    assert (local_day(AT) - standing[0].notified_on).days <= 2


def told(founded: Founded) -> list[Any]:
    """Everything that the seed decides, in an order of its own."""
    with application(founded.url, founded.instance) as app, app.app_context():
        session = db.session()
        numbers = roster_queries.teacher_numbers(session)
        people = session.execute(select(Teacher.number, Teacher.name, Teacher.title)).all()
        places = session.execute(select(School.code, School.name, School.address)).all()
        scores = session.execute(
            select(Assessment.semester_code, Assessment.teacher_id, Assessment.component, Assessment.score_e4)
        ).all()
        rows = session.execute(
            select(RankingRow.teacher_id, RankingRow.score, RankingRow.place, RankingRow.reason)
        ).all()
        lines = session.execute(select(LedgerLine.teacher_id, LedgerLine.line_e4, LedgerLine.reason)).all()
        listed = session.execute(select(BottomEntry.position, BottomEntry.teacher_id)).all()
        letters = [
            value["body"] for kind, value in contents(session, app.extensions["vault"]) if kind == "letter"
        ]
        steps = session.execute(select(CaseEvent.at, CaseEvent.action, CaseEvent.to_status)).all()
        return [
            sorted(map(tuple, people)),
            sorted(map(tuple, places)),
            sorted((row[0], numbers[row[1]], *row[2:]) for row in scores),
            sorted((numbers[row[0]], *map(str, row[1:])) for row in rows),
            sorted((numbers[row[0]], *row[1:]) for row in lines),
            [(row[0], numbers[row[1]]) for row in sorted(map(tuple, listed))],
            sorted(letters),
            sorted(map(tuple, steps)),
            founded.city.accounts,
        ]


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_the_same_seed_and_time_give_the_same_city(founded: Founded, place: Place, prepared_url: str) -> None:
    again = found(place, prepared_url, "demonstration-again")
    for one, other in zip(told(founded), told(again), strict=True):
        assert one == other
    # The keys are the same here, so the codes are; the half that a sender claims is made by chance.
    (one,), (other,) = (
        set(founded.statuses) - set(again.statuses),
        set(again.statuses) - set(founded.statuses),
    )
    assert one[: query_code.HALF] == other[: query_code.HALF]
    assert {row[3] for row in founded.city.schools}.isdisjoint(row[3] for row in again.city.schools)


def test_only_an_empty_instance_is_filled(founded: Founded, place: Place) -> None:
    with place.copy(founded.url) as url, application(url, founded.instance) as app, app.app_context():
        assert not is_empty(db.session())
        with pytest.raises(RuleViolation) as refused, transaction() as session:
            build(
                session,
                app.extensions["vault"],
                school_count=SCHOOLS,
                teacher_count=TEACHERS,
                semester_code=SEMESTER,
                seed=1,
                at=AT,
                instance=founded.instance,
                hash_password=str,
            )
        assert refused.value.code == "demo.not_empty"


@pytest.mark.parametrize(
    ("semester", "code"),
    [
        ("2031-2032-1", "semester.unknown"),
        ("2026-2027-2", "demo.no_next"),
    ],
)
def test_semesters_that_cannot_be_shown(app: Flask, semester: str, code: str) -> None:
    with app.app_context():
        with pytest.raises(RuleViolation) as refused, transaction() as session:
            build(
                session,
                app.extensions["vault"],
                school_count=12,
                teacher_count=150,
                semester_code=semester,
                seed=1,
                at=AT,
                instance=app.config["INSTANCE"],
                hash_password=str,
            )
        assert refused.value.code == code
        assert is_empty(db.session())


@pytest.mark.parametrize(
    ("day", "until", "added"),
    [
        (date(2026, 10, 4), date(2027, 12, 31), 0),
        (date(2027, 12, 31), date(2027, 12, 31), 0),
        (date(2028, 1, 1), date(2028, 12, 31), 6),
        (date(2030, 2, 3), date(2030, 12, 31), 18),
    ],
)
def test_a_city_made_after_the_last_known_holidays(
    session: Session, day: date, until: date, added: int
) -> None:
    shipped = load_calendar(session)
    calendar = calendar_reaching(session, day)
    assert calendar.covered_until == until
    assert session.scalar(select(func.count()).select_from(CalendarDay)) == shipped + added
    assert announce_due(day, calendar) < day
    assert not calendar.is_working_day(date(until.year, 10, 1))
    assert calendar_reaching(session, day) == calendar
