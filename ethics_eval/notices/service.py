"""The steps of a semester with their notices, and acknowledgements.

A notice is frozen when it is issued: its document is stored as it was composed and never composed again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor, Permission, require
from ethics_eval.accounts.service import record
from ethics_eval.config import DEFAULTS
from ethics_eval.database import new_id
from ethics_eval.notices.document import Document
from ethics_eval.notices.gathering import ranking_facts, view_of
from ethics_eval.notices.models import Delivery, Notice
from ethics_eval.notices.queries import CIRCULAR, INDIVIDUAL, PRIOR, own_delivery
from ethics_eval.notices.rules.circular import compose_circular
from ethics_eval.notices.rules.facts import ListedPerson, RankingFacts
from ethics_eval.notices.rules.individual import compose_individual, compose_prior
from ethics_eval.notices.rules.numbering import document_number, next_serial
from ethics_eval.ranking import service as ranking_service
from ethics_eval.ranking.models import BottomEntry, Ranking, RankingRow
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.roster.models import District, School, Teacher
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import N_, RuleViolation

Recipient = Mapping[str, int | str]  # the one column of a delivery that names who gets it

_NUMBERING_LOCK = 9704  # of PostgreSQL, held until the transaction ends


def take_step(
    session: Session, semester_code: str, step: Step, *, actor: Actor, at: datetime, instance: Path
) -> bool:
    """Take a semester's step with the notices it brings, all in the caller's transaction; False: taken before.

    Announcing sends each listed teacher, and the head, the prior notice; publishing sends the letters with the
    result and the numbered circular to every school and district, an empty list too.
    """
    match step:
        case Step.OPEN:
            return ranking_service.open_semester(session, semester_code, actor=actor, at=at)
        case Step.FREEZE:
            frozen = ranking_service.freeze(session, semester_code, actor=actor, at=at, instance=instance)
            return frozen is not None
        case Step.ANNOUNCE:
            ranking = ranking_service.announce(session, semester_code, actor=actor, at=at)
            if ranking is not None:
                _issue_prior(session, ranking, actor, at)
            return ranking is not None
        case Step.PUBLISH:
            ranking = ranking_service.publish(session, semester_code, actor=actor, at=at)
            if ranking is not None:
                _issue_results(session, ranking, actor, at)
            return ranking is not None


# --- issuing ------------------------------------------------------------------------------------------------


def _issue_prior(session: Session, ranking: Ranking, actor: Actor, at: datetime) -> None:
    facts = ranking_facts(session, view_of(session, ranking.semester_code))
    ends_on = ranking.objection_ends_on
    if ends_on is None:
        raise ValueError("announced without an objection window")
    for person, teacher_id, school_id in _listed(session, ranking, facts):
        document = compose_prior(facts, person, issued_on=local_day(at), objection_ends_on=ends_on)
        notice = _issue(session, ranking, PRIOR, document, actor, at, teacher_id=teacher_id)
        _deliver(session, notice, at, [{"teacher_id": teacher_id}, {"school_id": school_id}])


def _issue_results(session: Session, ranking: Ranking, actor: Actor, at: datetime) -> None:
    facts = ranking_facts(session, view_of(session, ranking.semester_code))
    day = local_day(at)
    word = DEFAULTS["DOCUMENT_WORD"]
    serial = _allot_serial(session, word, day.year)
    number = document_number(word, day.year, serial)
    circular = _issue(
        session,
        ranking,
        CIRCULAR,
        compose_circular(facts, number=number, issued_on=day),
        actor,
        at,
        numbered=(word, day.year, serial),
    )
    schools = session.scalars(select(School.id).order_by(School.id))
    districts = session.scalars(select(District.code).order_by(District.code))
    recipients: list[Recipient] = [{"school_id": school} for school in schools]
    recipients += [{"district_code": code} for code in districts]
    _deliver(session, circular, at, recipients)
    for person, teacher_id, school_id in _listed(session, ranking, facts):
        document = compose_individual(facts, person, issued_on=day, circular_number=number)
        letter = _issue(session, ranking, INDIVIDUAL, document, actor, at, teacher_id=teacher_id)
        _deliver(session, letter, at, [{"teacher_id": teacher_id}, {"school_id": school_id}])


def _listed(
    session: Session, ranking: Ranking, facts: RankingFacts
) -> Iterator[tuple[ListedPerson, int, int]]:
    """Each listed person with the ids of the teacher and of the school they are ranked in."""
    rows = session.execute(
        select(Teacher.number, RankingRow.teacher_id, RankingRow.school_id)
        .join(RankingRow, RankingRow.teacher_id == Teacher.id)
        .join(
            BottomEntry,
            (BottomEntry.ranking_id == RankingRow.ranking_id)
            & (BottomEntry.teacher_id == RankingRow.teacher_id),
        )
        .where(RankingRow.ranking_id == ranking.id)
    )
    ids = {number: (teacher_id, school_id) for number, teacher_id, school_id in rows}
    for person in facts.listed:
        yield person, *ids[person.number]


def _allot_serial(session: Session, word: str, year: int) -> int:
    """The next serial of this word and year. Whoever numbers at the same time waits until this one is settled."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite's write lock is held already
        session.execute(select(func.pg_advisory_xact_lock(_NUMBERING_LOCK)))
    last = session.scalar(select(func.max(Notice.serial)).where(Notice.word == word, Notice.year == year))
    return next_serial(last)


def _issue(
    session: Session,
    ranking: Ranking,
    kind: str,
    document: Document,
    actor: Actor,
    at: datetime,
    *,
    teacher_id: int | None = None,
    numbered: tuple[str | None, int | None, int | None] = (None, None, None),
) -> Notice:
    word, year, serial = numbered
    notice = Notice(
        id=new_id(),
        kind=kind,
        ranking_id=ranking.id,
        semester_code=ranking.semester_code,
        teacher_id=teacher_id,
        word=word,
        year=year,
        serial=serial,
        title=document.title,
        document=document.to_json(),
        issued_at=at,
        issued_by_id=actor.id,
    )
    session.add(notice)
    session.flush()
    record(
        session,
        actor,
        at,
        "notice.issued",
        "notice",
        notice.id,
        kind=kind,
        number=document.number,
        semester=ranking.semester_code,
    )
    return notice


def _deliver(session: Session, notice: Notice, at: datetime, recipients: Sequence[Recipient]) -> None:
    """Put the notice into inboxes, in bulk."""
    empty: dict[str, Any] = dict.fromkeys(("school_id", "district_code", "teacher_id"))
    rows = [{**empty, **recipient, "notice_id": notice.id, "delivered_at": at} for recipient in recipients]
    session.execute(insert(Delivery), rows)


# --- acknowledging ------------------------------------------------------------------------------------------


def acknowledge(session: Session, delivery: Delivery, *, actor: Actor, at: datetime) -> bool:
    """签收: once for each inbox, by whoever the inbox is; False: acknowledged before, and nothing is changed.

    Raises: RuleViolation ``permission.denied``: not the reader's inbox.
    """
    require(actor, Permission.NOTICE_ACKNOWLEDGE)
    if own_delivery(session, actor, delivery.notice_id) is not delivery:
        raise RuleViolation("permission.denied", N_("您没有办理此事的权限。"))
    taken = session.scalar(
        update(Delivery)
        .where(Delivery.id == delivery.id, Delivery.acknowledged_at.is_(None))
        .values(acknowledged_at=at, acknowledged_by_id=actor.id)
        .returning(Delivery.id)
    )
    if taken is None:
        return False
    record(session, actor, at, "notice.acknowledged", "notice", delivery.notice_id, delivery=delivery.id)
    session.flush()
    return True
