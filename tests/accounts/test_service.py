"""Accounts with their scope, locks by account and by source, sessions that end, an audit event for each write."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts import queries, service
from ethics_eval.accounts.models import Account, AuditEvent, LoginFailure, LoginSession
from ethics_eval.accounts.rules import PUBLIC, Actor, Role
from ethics_eval.roster.models import Posting, School, Teacher
from ethics_eval.roster.service import load_districts
from ethics_eval.text import RuleViolation

AT = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
FOUNDER = Actor(id=None, role=None, display_name="tests")
ABSOLUTE = timedelta(hours=12)


@pytest.fixture
def places(session: Session) -> dict[str, object]:
    """A school, a district, a teacher: what accounts are bound to."""
    load_districts(session)
    school = School(
        code="3143020001",
        name="明德小学",
        district_code="430202",
        kind="小学",
        stages="PRI",
        ownership="public",
    )
    session.add(school)
    session.flush()
    posting = Posting(
        school_id=school.id, stage="PRI", position="teacher", status="active", starts_on=date(2020, 9, 1)
    )
    teacher = Teacher(number="T1", name="王芳", postings=[posting])
    session.add(teacher)
    session.flush()
    return {"school_id": school.id, "district_code": "430202", "teacher_id": teacher.id}


def create(session: Session, role: Role, username: str = "someone", **scope: object) -> Account:
    return service.create_account(
        session,
        username=username,
        display_name="某某",
        password_hash="hash",
        role=role,
        actor=FOUNDER,
        at=AT,
        **scope,  # type: ignore[arg-type]
    )


def actions(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


NEEDED = {
    Role.SCHOOL_OFFICER: {"school_id"},
    Role.SCHOOL_HEAD: {"school_id"},
    Role.DISTRICT_OFFICER: {"district_code"},
    Role.TEACHER: {"teacher_id"},
}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_takes_exactly_its_scope(session: Session, places: dict[str, object], role: Role) -> None:
    needed = NEEDED.get(role, set())
    for number, given in enumerate(
        {key for at, key in enumerate(places) if chosen >> at & 1} for chosen in range(8)
    ):
        fits = given in (needed, needed | {"teacher_id"})
        scope = {key: places[key] for key in given}
        if fits:
            account = create(session, role, f"someone{number}", **scope)
            assert service.actor_of(account).role is role
            assert {key for key in places if getattr(account, key) is not None} == given
        else:
            with pytest.raises(RuleViolation) as refused:
                create(session, role, f"someone{number}", **scope)
            assert refused.value.code == "account.scope"


@pytest.mark.parametrize("name", ["", "  ", "名" * 65])
def test_a_name_has_its_length(session: Session, name: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        create(session, Role.AUDITOR, name)
    assert refused.value.code == "account.username"


@pytest.mark.parametrize("again", ["wangfang", "WangFang", " WANGFANG "])
def test_a_name_is_taken_once_whatever_its_case(session: Session, again: str) -> None:
    made = create(session, Role.AUDITOR, "wangfang")
    assert queries.account_named(session, again) is made
    with pytest.raises(RuleViolation) as refused:
        create(session, Role.AUDITOR, again)
    assert refused.value.code == "account.taken"
    assert session.scalars(select(Account.username)).all() == ["wangfang"]


def test_making_an_account_is_audited_without_a_name(session: Session) -> None:
    made = create(session, Role.AUDITOR)
    (event,) = session.scalars(select(AuditEvent)).all()
    assert (event.action, event.subject_id, event.actor_kind) == ("account.created", str(made.id), "tests")
    assert "someone" not in event.detail
    assert "某某" not in event.detail


def fail(session: Session, name: str, source: str, *, minutes: float = 0) -> None:
    service.fail_login(session, name, source, PUBLIC, AT + timedelta(minutes=minutes))


def locked(session: Session, name: str, source: str, *, minutes: float = 0) -> bool:
    return service.lock_end(session, name, source, AT + timedelta(minutes=minutes)) is not None


def test_five_failures_lock_the_account_from_everywhere(session: Session) -> None:
    for number in range(5):
        assert not locked(session, "name", "elsewhere")
        fail(session, "name", f"source{number}")
    assert locked(session, "name", "elsewhere")
    assert locked(session, "name", "elsewhere", minutes=14.9)
    assert not locked(session, "name", "elsewhere", minutes=15.1)
    assert not locked(session, "another", "elsewhere")


def test_five_failures_lock_the_source_for_every_account(session: Session) -> None:
    for number in range(5):
        fail(session, f"name{number}", "source")
    assert locked(session, "another", "source")
    assert not locked(session, "another", "another source")


def test_failures_far_apart_do_not_lock(session: Session) -> None:
    for number in range(10):
        fail(session, "name", "source", minutes=number * 4)
        assert not locked(session, "name", "source", minutes=number * 4)


def test_failures_and_locks_are_audited(session: Session) -> None:
    for _ in range(5):
        fail(session, "name", "source")
    assert actions(session) == ["login.failed"] * 5 + ["login.locked"]


def begin(session: Session, account: Account, token: str, at: datetime = AT) -> None:
    service.begin_session(session, account, token_hash=token, name_hash="name", at=at, absolute=ABSOLUTE)


def is_open(session: Session, account: Account, token: str, at: datetime) -> bool:
    return queries.is_session_open(session, token, account.id, at=at, absolute=ABSOLUTE)


def test_a_session_opens_ages_and_ends(session: Session) -> None:
    account = create(session, Role.AUDITOR)
    other = create(session, Role.AUDITOR, "other")
    begin(session, account, "token")
    session.flush()
    assert is_open(session, account, "token", AT)
    assert is_open(session, account, "token", AT + ABSOLUTE - timedelta(seconds=1))
    assert not is_open(session, account, "token", AT + ABSOLUTE)
    assert not is_open(session, account, "another", AT)
    assert not is_open(session, other, "token", AT)
    service.end_session(session, "token", actor=service.actor_of(account), at=AT)
    session.expire_all()
    assert not is_open(session, account, "token", AT)
    assert actions(session) == ["account.created", "account.created", "login.succeeded", "login.ended"]


def test_signing_in_forgets_the_names_failures_and_old_sessions(session: Session) -> None:
    account = create(session, Role.AUDITOR)
    begin(session, account, "old", AT - timedelta(hours=13))
    for _ in range(4):
        fail(session, "name", "source")
    fail(session, "another", "source", minutes=-24 * 60 - 1)
    begin(session, account, "new")
    session.flush()
    assert session.scalars(select(LoginFailure)).all() == []
    assert [row.token_hash for row in session.scalars(select(LoginSession))] == ["new"]


def test_insiders_are_the_schools_active_officers_and_head(
    session: Session, places: dict[str, object]
) -> None:
    school, teacher = places["school_id"], places["teacher_id"]
    officer = create(session, Role.SCHOOL_OFFICER, "officer", school_id=school, teacher_id=teacher)
    head = create(session, Role.SCHOOL_HEAD, "head", school_id=school)
    former = create(session, Role.SCHOOL_OFFICER, "former", school_id=school)
    create(session, Role.AUDITOR, "auditor")
    former.active = False
    session.flush()
    found = queries.insiders(session, int(str(school)))
    assert set(found) == {(officer.id, "某某", teacher), (head.id, "某某", None)}
    assert queries.accounts_of_teacher(session, int(str(teacher))) == [officer.id]


def test_the_newest_audit_events_come_first(session: Session) -> None:
    for number in range(queries.AUDIT_PAGE + 3):
        service.record(session, FOUNDER, AT, "thing.done", "thing", number, count=number)
    session.flush()
    rows, total = queries.audit_events(session, page=1)
    assert (len(rows), total) == (queries.AUDIT_PAGE, queries.AUDIT_PAGE + 3)
    assert [row.subject_id for row in queries.audit_events(session, page=2)[0]] == ["2", "1", "0"]
