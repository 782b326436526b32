"""Opening a file for a purpose; certificates of standing given, withdrawn, and taken back by the clock."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session

from ethics_eval.accounts import queries as account_queries
from ethics_eval.accounts.notifying import News, notify
from ethics_eval.accounts.rules import CLOCK, Actor, Permission, Scope, require
from ethics_eval.accounts.service import record
from ethics_eval.complaints.models import Finding, MeasureDecision
from ethics_eval.ethics_file.certificate_slip import Stated, make_slip
from ethics_eval.ethics_file.models import Certificate, FileAccess
from ethics_eval.ethics_file.queries import Person, open_now, person_of, standing_facts
from ethics_eval.ethics_file.rules.certificate import (
    CHANGED,
    ISSUED_KIND,
    USUAL_DAYS,
    WITHDRAWN_KIND,
    WORD,
    CertificateFacts,
    check_withdrawal,
    compose,
    last_day,
    outlived,
    state_on,
)
from ethics_eval.ethics_file.rules.need import OPEN_FOR, Purpose, check_need
from ethics_eval.ethics_file.rules.standing import Standing, check_settled, standing_of
from ethics_eval.notices.rules.masking import masked_name
from ethics_eval.notices.rules.numbering import document_number
from ethics_eval.ranking.models import Ranking, RankingRow
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import N_, RuleViolation
from ethics_eval.vault.service import Vault

_NUMBERING_LOCK = 9705  # of PostgreSQL, held until the transaction ends


def open_file(
    session: Session, person: Person, *, purpose: str, reason: str, actor: Actor, at: datetime
) -> FileAccess:
    """Open a teacher's file to the actor for 24 hours; the teacher sees who did and what for.

    Raises: RuleViolation: no permission, beyond the actor's reach, no purpose, or a reason that says nothing.
    """
    scope = require(actor, Permission.FILE_READ)
    if scope not in {Scope.CITY, Scope.OWN_DISTRICT} or actor.id is None:
        raise _denied()
    if person_of(session, actor, person.number, at=at) is None:
        raise _denied()
    chosen, why = check_need(purpose, reason)
    opened = FileAccess(
        teacher_id=person.id,
        account_id=actor.id,
        purpose=chosen.value,
        reason=why,
        opened_at=at,
        ends_at=at + OPEN_FOR,
    )
    session.add(opened)
    session.flush()
    record(session, actor, at, "file.opened", "teacher", person.id, purpose=chosen.value, access=opened.id)
    return opened


def issue_certificate(
    session: Session,
    vault: Vault,
    person: Person,
    *,
    issuer: str,
    actor: Actor,
    at: datetime,
    days: int = USUAL_DAYS,
) -> Certificate:
    """Give a certificate of standing for the purpose for which the actor has the file open.

    Args: issuer: the bureau's name; days: its term. Raises: RuleViolation: no permission, the file is not open, it
    is one's own, the term is out of bounds, or something is not settled.
    """
    require(actor, Permission.CERTIFICATE_ISSUE)
    opening = open_now(session, actor, person.id, at=at)
    if opening is None or actor.id is None:
        raise RuleViolation("certificate.closed", N_("请先写明用途和理由，打开这位教师的档案。"))
    if actor.teacher_id == person.id:
        raise RuleViolation("certificate.own", N_("不能给自己出具证明，请由其他人办理。"))
    today, purpose = local_day(at), Purpose(opening.purpose)
    facts = standing_facts(session, person.id, at=at)
    verdict = standing_of(facts, purpose, today)
    check_settled(facts, verdict)
    expires_on = last_day(today, days)
    number = _next_number(session, today.year)
    stated = Stated(
        number,
        masked_name(person.name),
        person.school_code,
        verdict.standing,
        purpose,
        today,
        expires_on,
    )
    words = compose(
        CertificateFacts(
            number, issuer, person.name, person.number, person.school, purpose, verdict, today, expires_on
        )
    )
    certificate = Certificate(
        number=number,
        teacher_id=person.id,
        purpose=purpose.value,
        standing=verdict.standing.value,
        facts=json.dumps(
            {
                "school": person.school,
                "issuer": issuer,
                "text": asdict(words),
                "slip": make_slip(vault, stated),
                "basis": sorted({ground.key for ground in verdict.grounds}),
            },
            ensure_ascii=False,
        ),
        issued_at=at,
        issued_by_id=actor.id,
        expires_on=expires_on,
        withdrawn_at=None,
        withdrawn_reason="",
    )
    session.add(certificate)
    session.flush()
    record(
        session,
        actor,
        at,
        "certificate.issued",
        "certificate",
        number,
        purpose=purpose.value,
        standing=verdict.standing.value,
    )
    _tell(session, certificate, ISSUED_KIND, account_queries.accounts_of_teacher(session, person.id), at)
    return certificate


def withdraw_certificate(
    session: Session, number: str, *, reason: str, actor: Actor, at: datetime
) -> Certificate:
    """Take a certificate back by hand; its teacher is told. It stays readable, marked.

    Raises: RuleViolation: no permission, no such certificate, it holds no more, or the reason says nothing.
    """
    require(actor, Permission.CERTIFICATE_ISSUE)
    certificate = session.get(Certificate, number, with_for_update=True)
    if certificate is None:
        raise RuleViolation("certificate.unknown", N_("没有这份证明。"))
    state = state_on(
        certificate.expires_on, withdrawn=certificate.withdrawn_at is not None, today=local_day(at)
    )
    _withdraw(session, certificate, check_withdrawal(state, reason), actor, at)
    return certificate


def withdraw_outlived(session: Session, at: datetime) -> int:
    """Take back certificates in force that say what is no longer so; how many. For the clock."""
    count = 0
    for certificate in session.scalars(_changed_since(at).with_for_update(of=Certificate)).all():
        facts = standing_facts(session, certificate.teacher_id, at=at)
        now = standing_of(facts, Purpose(certificate.purpose), local_day(at))
        basis = frozenset(json.loads(certificate.facts)["basis"])
        if outlived(Standing(certificate.standing), basis, now, facts.keys):
            _withdraw(session, certificate, CHANGED, CLOCK, at)
            count += 1
    return count


def _changed_since(at: datetime) -> Select[Certificate]:
    """Certificates in force on whose teacher something took effect or was taken back since they were given."""
    since = Certificate.issued_at
    finding = exists().where(
        Finding.teacher_id == Certificate.teacher_id,
        or_(
            (Finding.effective_at > since) & (Finding.effective_at <= at),
            Finding.revoked_at > since,
            Finding.replaced_at > since,
        ),
    )
    measure = exists().where(
        MeasureDecision.teacher_id == Certificate.teacher_id, MeasureDecision.decided_at > since
    )
    ranked = exists().where(
        RankingRow.ranking_id == Ranking.id,
        RankingRow.teacher_id == Certificate.teacher_id,
        Ranking.published_at > since,
    )
    return (
        select(Certificate)
        .where(
            Certificate.withdrawn_at.is_(None),
            Certificate.expires_on >= local_day(at),
            or_(finding, measure, ranked),
        )
        .order_by(Certificate.number)
    )


def _withdraw(session: Session, certificate: Certificate, reason: str, actor: Actor, at: datetime) -> None:
    certificate.withdrawn_at = at
    certificate.withdrawn_reason = reason
    record(session, actor, at, "certificate.withdrawn", "certificate", certificate.number)
    people = {
        certificate.issued_by_id,
        *account_queries.accounts_of_teacher(session, certificate.teacher_id),
    }
    _tell(session, certificate, WITHDRAWN_KIND, sorted(people - {actor.id}), at)
    session.flush()


def _tell(session: Session, certificate: Certificate, kind: str, people: list[int], at: datetime) -> None:
    news = News(
        kind=kind,
        subject_kind="certificate",
        subject_id=certificate.number,
        key=f"{kind}:{certificate.number}",
    )
    notify(session, people, news, at=at)


def _next_number(session: Session, year: int) -> str:
    """The next number of the year; none is given twice, since no certificate is ever removed."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite's write lock is held already
        session.execute(select(func.pg_advisory_xact_lock(_NUMBERING_LOCK)))
    prefix = document_number(WORD, year, 1).removesuffix("1号")
    given = session.scalar(select(func.count()).where(Certificate.number.startswith(prefix, autoescape=True)))
    return document_number(WORD, year, (given or 0) + 1)


def _denied() -> RuleViolation:
    return RuleViolation("permission.denied", N_("您没有办理此事的权限。"))
