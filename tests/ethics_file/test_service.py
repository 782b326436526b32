"""Opening for a purpose, certificates given and taken back; on both databases."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from ethics_eval.accounts.models import AuditEvent, StaffNotice
from ethics_eval.accounts.rules import PUBLIC, Role
from ethics_eval.complaints.categories import Severity
from ethics_eval.complaints.models import Finding
from ethics_eval.complaints.rules.finding import Measure
from ethics_eval.complaints.rules.machine import CaseStatus
from ethics_eval.ethics_file import queries, service
from ethics_eval.ethics_file.certificate_slip import read_slip
from ethics_eval.ethics_file.models import Certificate, FileAccess
from ethics_eval.ethics_file.rules.certificate import CHANGED, CertificateState
from tests.ethics_file.conftest import AT, NEED, FileCity
from tests.support.ranked import DECIDED_AT
from tests.support.refusals import refused


def actions(city: FileCity) -> list[str]:
    return list(city.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


def told(city: FileCity, kind: str) -> set[int]:
    return set(city.session.scalars(select(StaffNotice.account_id).where(StaffNotice.kind == kind)))


def test_a_file_opens_for_a_day_to_one_reader(city: FileCity) -> None:
    teacher = city.teachers[0]
    person = city.open(teacher)
    row = city.session.scalars(select(FileAccess)).one()
    assert (row.purpose, row.reason, row.ends_at - row.opened_at) == ("title", NEED, timedelta(hours=24))
    assert queries.is_open(city.session, city.bureau, person.id, at=AT)
    assert not queries.is_open(city.session, city.chief, person.id, at=AT)
    assert not queries.is_open(city.session, city.bureau, person.id, at=AT + timedelta(hours=24))
    assert "file.opened" in actions(city)
    event = city.session.scalars(select(AuditEvent).where(AuditEvent.action == "file.opened")).one()
    assert NEED not in event.detail


def test_nobody_opens_beyond_their_reach(city: FileCity) -> None:
    teacher = city.teachers[0]  # of a school in 天元区
    person = city.person(teacher)
    for actor in (
        city.account(Role.DISTRICT_OFFICER, district="430202"),
        city.head,
        city.officer,
        city.account(Role.TEACHER, teacher=teacher),
        PUBLIC,
    ):
        with refused("permission.denied"):
            service.open_file(city.session, person, purpose="title", reason=NEED, actor=actor, at=AT)
    assert city.open(teacher, actor=city.district).number == teacher.number


def test_a_clear_certificate_says_so_and_can_be_checked(city: FileCity) -> None:
    teacher = city.teachers[0]
    account = city.account(Role.TEACHER, teacher=teacher)
    certificate = city.certify(teacher)
    assert (certificate.number, certificate.standing) == ("师证〔2026〕1号", "clear")
    assert certificate.expires_on == date(2026, 6, 8)
    facts = json.loads(certificate.facts)
    stated = read_slip(city.vault, facts["slip"])
    assert stated is not None
    assert (stated.number, stated.name[0], stated.school_code) == (
        certificate.number,
        teacher.name[0],
        city.schools[0].code,
    )
    assert teacher.name not in stated.name
    assert queries.shown_to_anyone(city.session, stated, at=AT) is CertificateState.VALID
    assert told(city, "certificate.issued") == {account.id}
    assert city.certify(city.teachers[1], actor=city.chief).number == "师证〔2026〕2号"


def test_only_the_bureau_gives_one_with_the_file_open_and_not_to_itself(city: FileCity) -> None:
    teacher = city.teachers[0]
    person = city.open(teacher, actor=city.district)
    for actor in (city.district, city.head, city.account(Role.TEACHER, teacher=teacher)):
        with refused("permission.denied"):
            service.issue_certificate(city.session, city.vault, person, issuer="x", actor=actor, at=AT)
    with refused("certificate.closed"):
        service.issue_certificate(city.session, city.vault, person, issuer="x", actor=city.bureau, at=AT)
    own = city.account(Role.BUREAU_HEAD, teacher=teacher)
    with refused("certificate.own"):
        city.certify(teacher, actor=own)
    city.open(teacher)
    with refused("certificate.days"):
        service.issue_certificate(
            city.session, city.vault, person, issuer="x", actor=city.bureau, at=AT, days=366
        )


@pytest.mark.parametrize(
    ("charge", "standing"),
    [
        ({"category": "C06", "severity": Severity.ORDINARY}, "clear"),
        ({"category": "C06", "severity": Severity.SERIOUS, "measure": Measure.WARNING}, "restricted"),
        ({"category": "C08", "severity": Severity.GRAVE, "measure": Measure.DEMOTION}, "vetoed"),
    ],
)
def test_what_is_effective_decides(city: FileCity, charge: dict[str, object], standing: str) -> None:
    city.charge(city.teachers[0], **charge)  # type: ignore[arg-type]
    assert city.certify(city.teachers[0]).standing == standing


def test_nothing_is_certified_while_something_is_open(city: FileCity) -> None:
    drafted, waiting = city.teachers[0], city.teachers[1]
    city.charge(drafted, until=CaseStatus.FINDING_DRAFT)
    city.charge(waiting, at=AT - timedelta(days=5))
    for teacher in (drafted, waiting):
        with refused("certificate.open"):
            city.certify(teacher)
    assert city.session.scalars(select(Certificate)).all() == []


def test_one_is_withdrawn_by_hand_with_a_reason(city: FileCity) -> None:
    teacher = city.teachers[0]
    account = city.account(Role.TEACHER, teacher=teacher)
    number = city.certify(teacher).number

    def withdraw(actor: object, reason: str = "开具时选错了用途,已经重新开具。") -> None:
        service.withdraw_certificate(city.session, number, reason=reason, actor=actor, at=AT)  # type: ignore[arg-type]

    with refused("permission.denied"):
        withdraw(city.district)
    with refused("reason.short"):
        withdraw(city.chief, "错了")
    with refused("certificate.unknown"):
        service.withdraw_certificate(city.session, "师证〔2026〕9号", reason=NEED, actor=city.chief, at=AT)
    withdraw(city.chief)
    with refused("certificate.over"):
        withdraw(city.chief)
    view = queries.certificate_of(city.session, account, number, at=AT)
    assert view is not None
    assert view.state is CertificateState.WITHDRAWN
    assert told(city, "certificate.withdrawn") == {account.id, city.bureau.id}
    assert actions(city).count("certificate.withdrawn") == 1


def test_the_clock_takes_back_what_is_no_longer_so(city: FileCity) -> None:
    teacher, other = city.teachers[0], city.teachers[1]
    certificate, kept = city.certify(teacher), city.certify(other)
    city.charge(teacher, "C08", Severity.GRAVE, measure=Measure.DEMOTION, at=AT + timedelta(days=1))
    city.charge(other, at=AT + timedelta(days=1))
    assert service.withdraw_outlived(city.session, AT + timedelta(days=2)) == 0  # not effective yet
    later = AT + timedelta(days=60)
    assert service.withdraw_outlived(city.session, later) == 1
    assert (certificate.withdrawn_at, certificate.withdrawn_reason) == (later, CHANGED)
    assert kept.withdrawn_at is None
    assert told(city, "certificate.withdrawn") == {city.bureau.id}
    assert service.withdraw_outlived(city.session, later) == 0


def test_the_clock_takes_back_what_rests_on_a_revoked_finding(city: FileCity) -> None:
    teacher = city.teachers[0]
    finding = city.charge(teacher, "C08", Severity.GRAVE, measure=Measure.DEMOTION, at=DECIDED_AT)
    certificate = city.certify(teacher)
    assert certificate.standing == "vetoed"
    assert service.withdraw_outlived(city.session, AT + timedelta(days=1)) == 0
    city.session.execute(
        update(Finding).where(Finding.id == finding.id).values(revoked_at=AT + timedelta(days=2))
    )
    assert service.withdraw_outlived(city.session, AT + timedelta(days=3)) == 1
