"""Drafts of schemes on both databases: made, changed, deleted, adopted once, by another person, never changed after."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import AuditEvent
from ethics_eval.accounts.rules import CLOCK, Actor, Role
from ethics_eval.accounts.service import actor_of, create_account
from ethics_eval.evaluation import drafting, queries, service
from ethics_eval.evaluation.models import SchemeVersion
from ethics_eval.evaluation.queries import SchemeView
from ethics_eval.evaluation.rules.document import DocumentRefused
from ethics_eval.evaluation.rules.form import Variant, forms_text
from ethics_eval.evaluation.rules.scheme import Component, scheme_text
from ethics_eval.roster.models import Semester
from ethics_eval.roster.service import load_semesters
from ethics_eval.text import Conflict, RuleViolation

AT = datetime(2025, 8, 1, 4, 0, tzinfo=UTC)
LATER = AT + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _founded(session: Session) -> None:
    load_semesters(session)
    service.load_default_scheme(session, actor=CLOCK, at=AT)


@pytest.fixture
def person(session: Session) -> Callable[..., Actor]:
    def made(role: Role, name: str = "") -> Actor:
        account = create_account(
            session,
            username=name or role.value,
            display_name=f"测试{name or role.value}",
            password_hash="-",
            role=role,
            actor=CLOCK,
            at=AT,
        )
        return actor_of(account)

    return made


def view(session: Session, version: str) -> SchemeView:
    found = queries.scheme_view(session, version, drafts=True)
    assert found is not None
    return found


def draft(session: Session, actor: Actor, version: str = "2026-1", base: str = "2025-1") -> SchemeView:
    drafting.draft_scheme(session, version=version, name="新方案", base=base, actor=actor, at=AT)
    return view(session, version)


def test_a_draft_becomes_the_scheme_of_the_next_semester(
    session: Session, person: Callable[..., Actor]
) -> None:
    officer, head = person(Role.BUREAU_OFFICER), person(Role.BUREAU_HEAD)
    made = draft(session, officer)
    assert queries.schemes(session, drafts=False)[0].version == "2025-1"
    assert queries.scheme_view(session, "2026-1", drafts=False) is None

    raw = json.loads(scheme_text(made.scheme)) | {"bottom": 3}
    drafting.change_draft(
        session, "2026-1", json.dumps(raw), "{}", seen=made.fingerprint, actor=officer, at=LATER
    )
    changed = view(session, "2026-1")
    assert (changed.scheme.bottom, changed.line.changed_at) == (3, LATER)
    assert changed.line.drafted_by == "测试bureau_officer"
    drafting.adopt_draft(
        session, "2026-1", " 株教通〔2026〕3号 ", seen=changed.fingerprint, actor=head, at=LATER
    )

    adopted = view(session, "2026-1")
    assert (adopted.line.approval_number, adopted.line.adopted_by) == ("株教通〔2026〕3号", "测试bureau_head")
    assert (Component.PARENT, Variant.KINDERGARTEN, "P1") in adopted.forms.own  # the bank's words written out
    semester = session.get_one(Semester, "2025-2026-1")
    assert service.adopt_scheme(session, semester, actor=officer, at=LATER).version == "2026-1"
    assert view(session, "2026-1").line.semesters == (semester.name,)
    assert queries.forms_of_semester(session, semester.code) == adopted.forms
    events = session.scalars(select(AuditEvent.action).where(AuditEvent.subject_id == "2026-1")).all()
    assert sorted(events) == ["scheme.approved", "scheme.changed", "scheme.drafted"]


def test_the_ten_norms_are_a_template_and_never_adopted_by_themselves(
    session: Session, person: Callable[..., Actor]
) -> None:
    made = draft(session, person(Role.BUREAU_OFFICER), base=drafting.TEN_NORMS)
    assert made.line.base_version is None
    assert [len(made.scheme.items[part]) for part in Component] == [10, 10, 6, 6, 10]
    assert made.forms.own == {}
    asked = made.forms.question(Component.PEER, Variant.KINDERGARTEN, made.scheme.items[Component.PEER][4])
    assert asked.norm is not None
    assert (asked.norm.number, asked.title) == (5, "加强安全防范")
    newest = queries.scheme_version(session)
    assert newest is not None
    assert newest.version == "2025-1"


def test_of_two_editors_the_second_is_told(session: Session, person: Callable[..., Actor]) -> None:
    officer, head = person(Role.BUREAU_OFFICER), person(Role.BUREAU_HEAD)
    seen = draft(session, officer)
    raw = json.loads(scheme_text(seen.scheme))
    first, second = (json.dumps(raw | {"bottom": count}) for count in (3, 4))
    drafting.change_draft(session, "2026-1", first, "{}", seen=seen.fingerprint, actor=officer, at=AT)
    for late in (
        lambda: drafting.change_draft(
            session, "2026-1", second, "{}", seen=seen.fingerprint, actor=officer, at=AT
        ),
        lambda: drafting.delete_draft(session, "2026-1", seen=seen.fingerprint, actor=officer, at=AT),
        lambda: drafting.adopt_draft(session, "2026-1", "1号", seen=seen.fingerprint, actor=head, at=AT),
    ):
        with pytest.raises(Conflict):
            late()
    assert view(session, "2026-1").scheme.bottom == 3


def test_who_wrote_at_a_draft_does_not_adopt_it(session: Session, person: Callable[..., Actor]) -> None:
    officer, head, other = (
        person(Role.BUREAU_OFFICER),
        person(Role.BUREAU_HEAD),
        person(Role.BUREAU_HEAD, "another_head"),
    )
    draft(session, head)  # an earlier draft of the same name counts no more
    drafting.delete_draft(session, "2026-1", seen=view(session, "2026-1").fingerprint, actor=head, at=AT)
    drafting.draft_scheme(session, version="2026-1", name="新", base="2025-1", actor=officer, at=LATER)
    seen = view(session, "2026-1")
    raw = json.loads(scheme_text(seen.scheme)) | {"bottom": 4}
    drafting.change_draft(
        session, "2026-1", json.dumps(raw), "{}", seen=seen.fingerprint, actor=head, at=LATER
    )
    changed = view(session, "2026-1")
    with pytest.raises(RuleViolation) as refused:
        drafting.adopt_draft(session, "2026-1", "1号", seen=changed.fingerprint, actor=head, at=LATER)
    assert refused.value.code == "scheme.own_draft"
    drafting.adopt_draft(session, "2026-1", "1号", seen=changed.fingerprint, actor=other, at=LATER)


@pytest.mark.parametrize("number", ["", "  ", "文" * 61])
def test_an_adoption_needs_its_number(session: Session, person: Callable[..., Actor], number: str) -> None:
    seen = draft(session, person(Role.BUREAU_OFFICER))
    with pytest.raises(RuleViolation) as refused:
        drafting.adopt_draft(
            session, "2026-1", number, seen=seen.fingerprint, actor=person(Role.BUREAU_HEAD), at=AT
        )
    assert (refused.value.code, refused.value.field) == ("scheme.approval", "approval_number")


def test_an_adopted_version_is_never_written_again(session: Session, person: Callable[..., Actor]) -> None:
    head = person(Role.BUREAU_HEAD)
    row = session.get_one(SchemeVersion, "2025-1")
    before = (row.name, row.document, row.forms, row.approval_number, row.adopted_at)
    known = view(session, "2025-1")
    raw = scheme_text(known.scheme)
    for write in (
        lambda: drafting.change_draft(
            session, "2025-1", raw, "{}", seen=known.fingerprint, actor=head, at=LATER
        ),
        lambda: drafting.delete_draft(session, "2025-1", seen=known.fingerprint, actor=head, at=LATER),
        lambda: drafting.adopt_draft(session, "2025-1", "1号", seen=known.fingerprint, actor=head, at=LATER),
    ):
        with pytest.raises(RuleViolation) as refused:
            write()
        assert refused.value.code == "scheme.adopted"
    with pytest.raises(RuleViolation):
        service.import_scheme(session, raw.replace('"bottom":5', '"bottom":4'), actor=head, at=LATER)
    session.expire_all()
    row = session.get_one(SchemeVersion, "2025-1")
    assert (row.name, row.document, row.forms, row.approval_number, row.adopted_at) == before


def test_files_become_a_draft_or_every_fault_is_told(session: Session, person: Callable[..., Actor]) -> None:
    officer = person(Role.BUREAU_OFFICER)
    known = view(session, "2025-1")
    text = scheme_text(known.scheme).replace("2025-1", "2026-2")
    made = drafting.import_draft(session, text, forms_text(known.forms), actor=officer, at=AT)
    found = view(session, made.version)
    assert (found.line.is_draft, found.line.base_version, found.forms) == (True, "2025-1", known.forms)

    with pytest.raises(DocumentRefused) as refused:
        drafting.import_draft(
            session,
            text.replace('"bottom":5', '"bottom":0').replace("2026-2", "2026-3"),
            '{"peer": {"school": {"E1": {"title": "", "question": "?", "options": ["a", "b"]}}}}',
            actor=officer,
            at=AT,
        )
    assert refused.value.faults == (
        "bottom: 0 must be at least 1",
        'forms.peer.school.E1.title: "" must be a text of 1 to 20 characters',
    )
    with pytest.raises(RuleViolation) as taken:
        drafting.import_draft(session, text, actor=officer, at=AT)
    assert taken.value.code == "scheme.taken"
    with pytest.raises(RuleViolation) as is_draft:
        service.import_scheme(session, text, actor=CLOCK, at=AT)
    assert is_draft.value.code == "scheme.is_draft"


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SYSADMIN, Role.CUSTODIAN])
def test_others_draft_nothing_and_an_officer_adopts_nothing(
    session: Session, person: Callable[..., Actor], role: Role
) -> None:
    officer, other = person(Role.BUREAU_OFFICER), person(role)
    with pytest.raises(RuleViolation) as refused:
        draft(session, other)
    assert refused.value.code == "permission.denied"
    seen = draft(session, officer)
    for actor in (officer, other):
        with pytest.raises(RuleViolation) as denied:
            drafting.adopt_draft(session, "2026-1", "1号", seen=seen.fingerprint, actor=actor, at=AT)
        assert denied.value.code == "permission.denied"


@pytest.mark.parametrize("base", ["", "1999-1", "2026-1"])
def test_a_draft_starts_from_what_was_adopted(
    session: Session, person: Callable[..., Actor], base: str
) -> None:
    officer = person(Role.BUREAU_OFFICER)
    draft(session, officer)
    with pytest.raises(RuleViolation) as refused:
        draft(session, officer, "2026-2", base)
    assert (refused.value.code, refused.value.field) == ("scheme.base", "base")
