"""Certificates of standing: of a teacher, lately given, one whole; and what anyone is shown who checks one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account
from ethics_eval.accounts.rules import Actor, Permission, Scope, scope_of
from ethics_eval.ethics_file.certificate_slip import Stated
from ethics_eval.ethics_file.models import Certificate
from ethics_eval.ethics_file.rules.certificate import CHANGED, CertificateState, state_on
from ethics_eval.roster.models import Teacher
from ethics_eval.roster.rules.calendar import local_day

RECENT = 50


@dataclass(frozen=True)
class CertificateView:
    """A certificate. ``text``: opening, finding, items and closing as they stand on the paper; ``slip``: its signed
    text, which the QR code leads to.
    """

    number: str
    teacher: str
    teacher_number: str
    school: str
    purpose: str
    standing: str
    issuer: str
    text: dict[str, Any]
    slip: str
    issued_on: date
    issued_by: str
    expires_on: date
    state: CertificateState
    withdrawn_on: date | None
    withdrawn_reason: str

    @property
    def is_outlived(self) -> bool:
        """Whether the clock took it back."""
        return self.withdrawn_reason == CHANGED


def _certificates() -> Select[*tuple[Any, ...]]:
    return (
        select(Certificate, Teacher.name, Teacher.number, Account.display_name)
        .join(Teacher, Teacher.id == Certificate.teacher_id)
        .join(Account, Account.id == Certificate.issued_by_id)
        .order_by(Certificate.issued_at.desc(), Certificate.number)
    )


def _view(row: Any, at: datetime) -> CertificateView:
    certificate, teacher, number, issued_by = row
    facts = json.loads(certificate.facts)
    withdrawn_at = certificate.withdrawn_at
    return CertificateView(
        number=certificate.number,
        teacher=teacher,
        teacher_number=number,
        school=facts["school"],
        purpose=certificate.purpose,
        standing=certificate.standing,
        issuer=facts["issuer"],
        text=facts["text"],
        slip=facts["slip"],
        issued_on=local_day(certificate.issued_at),
        issued_by=issued_by,
        expires_on=certificate.expires_on,
        state=state_on(certificate.expires_on, withdrawn=withdrawn_at is not None, today=local_day(at)),
        withdrawn_on=None if withdrawn_at is None else local_day(withdrawn_at),
        withdrawn_reason=certificate.withdrawn_reason,
    )


def certificates_of(session: Session, teacher_id: int, *, at: datetime) -> list[CertificateView]:
    """A teacher's certificates, the latest first; the caller has found the file open to the reader."""
    rows = session.execute(_certificates().where(Certificate.teacher_id == teacher_id))
    return [_view(row, at) for row in rows]


def recent_certificates(session: Session, actor: Actor, *, at: datetime) -> list[CertificateView]:
    """What the bureau gave lately; nothing for those who give none."""
    if scope_of(actor, Permission.CERTIFICATE_ISSUE) is not Scope.CITY:
        return []
    return [_view(row, at) for row in session.execute(_certificates().limit(RECENT))]


def certificate_of(session: Session, actor: Actor, number: str, *, at: datetime) -> CertificateView | None:
    """A certificate by number, to those who give them and to its own teacher; None: unknown, or not theirs."""
    query = _certificates().where(Certificate.number == number)
    if scope_of(actor, Permission.CERTIFICATE_ISSUE) is not Scope.CITY:
        query = query.where(Certificate.teacher_id == (actor.teacher_id or 0))
    row = session.execute(query).first()
    return None if row is None else _view(row, at)


def shown_to_anyone(session: Session, stated: Stated, *, at: datetime) -> CertificateState | None:
    """Whether a certificate that reads so holds now; None: none of this number was given on that day."""
    row = session.get(Certificate, stated.number)
    if row is None or local_day(row.issued_at) != stated.issued_on:
        return None
    return state_on(row.expires_on, withdrawn=row.withdrawn_at is not None, today=local_day(at))
