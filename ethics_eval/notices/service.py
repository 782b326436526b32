"""The steps of a semester with their notices, and acknowledgements.

A notice is frozen when it is issued: its document is stored as it was composed and never composed again.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor, Permission, require
from ethics_eval.accounts.service import record
from ethics_eval.complaints.rules.finding import written
from ethics_eval.notices.document import Document
from ethics_eval.notices.gathering import ranking_facts, standings, view_of
from ethics_eval.notices.issuing import (
    Numbered,
    Recipient,
    allot_number,
    appeal_ends_on,
    deliver,
    everyone,
    issue,
    issued_day,
    taken_down_on,
    texts_of,
)
from ethics_eval.notices.models import Delivery, Notice, NoticeTemplate
from ethics_eval.notices.publishing import ask_files
from ethics_eval.notices.queries import is_withdrawable, notice_in_force, number_of, own_delivery
from ethics_eval.notices.reminding import tell_recipients
from ethics_eval.notices.rules.circular import compose_circular
from ethics_eval.notices.rules.correction import compose_correction, compose_withdrawal, corrections
from ethics_eval.notices.rules.facts import Cited, ListedPerson, RankingFacts
from ethics_eval.notices.rules.individual import compose_corrected, compose_individual, compose_prior
from ethics_eval.notices.rules.standing import CORRECTED, IN_FORCE, WITHDRAWN
from ethics_eval.notices.rules.template import (
    BLOCKS,
    CIRCULAR,
    CORRECTION,
    INDIVIDUAL,
    PRIOR,
    WITHDRAWAL,
    faults,
)
from ethics_eval.ranking import service as ranking_service
from ethics_eval.ranking.models import BottomEntry, Ranking, RankingRow
from ethics_eval.ranking.queries import version_of
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.roster.models import Teacher
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import N_, Conflict, RuleViolation

MAX_REASON = 1000


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
            ranking = ranking_service.announce(session, semester_code, actor=actor, at=at, instance=instance)
            if ranking is not None:
                _issue_prior(session, ranking, actor, at)
            return ranking is not None
        case Step.PUBLISH:
            ranking = ranking_service.publish(session, semester_code, actor=actor, at=at)
            if ranking is not None:
                _issue_results(session, ranking, actor, at)
                ask_files(session, ranking, at=at)
            return ranking is not None


# --- issuing ------------------------------------------------------------------------------------------------


def _issue_prior(session: Session, ranking: Ranking, actor: Actor, at: datetime) -> None:
    facts = ranking_facts(session, view_of(session, ranking.semester_code))
    ends_on = ranking.objection_ends_on
    if ends_on is None:
        raise ValueError("announced without an objection window")
    day = local_day(at)
    texts = texts_of(session, PRIOR)
    for person, teacher_id, school_id in _listed(session, ranking, facts):
        if _letter(session, ranking, teacher_id, PRIOR) is not None:  # told when the ranking was corrected
            continue
        document = compose_prior(facts, person, issued_on=day, objection_ends_on=ends_on, texts=texts)
        _send_letter(session, ranking, PRIOR, document, teacher_id, school_id, actor=actor, at=at)


def _issue_results(session: Session, ranking: Ranking, actor: Actor, at: datetime) -> None:
    facts = ranking_facts(session, view_of(session, ranking.semester_code))
    day = local_day(at)
    number = allot_number(session, day)
    listed = list(_listed(session, ranking, facts))
    _send(
        session,
        ranking,
        CIRCULAR,
        compose_circular(facts, number=number.written, issued_on=day, texts=texts_of(session, CIRCULAR)),
        everyone(session),
        actor=actor,
        at=at,
        about=[teacher_id for person, teacher_id, _school in listed if person.is_named],
        numbered=number,
    )
    ends_on, texts = appeal_ends_on(session, day), texts_of(session, INDIVIDUAL)
    for person, teacher_id, school_id in listed:
        document = compose_individual(
            facts,
            person,
            issued_on=day,
            circular_number=number.written,
            appeal_ends_on=ends_on,
            texts=texts,
        )
        _send_letter(session, ranking, INDIVIDUAL, document, teacher_id, school_id, actor=actor, at=at)


def _send(
    session: Session,
    ranking: Ranking,
    kind: str,
    document: Document,
    recipients: Sequence[Recipient],
    *,
    actor: Actor,
    at: datetime,
    about: Collection[int],
    teacher_id: int | None = None,
    numbered: Numbered | None = None,
    cites_id: str | None = None,
) -> Notice:
    """Issue a notice, put it into inboxes and tell people. ``about``: whose measures may end its term."""
    notice = issue(
        session,
        ranking,
        kind,
        document,
        actor=actor,
        at=at,
        taken_down=taken_down_on(session, ranking.id, local_day(at), about),
        teacher_id=teacher_id,
        numbered=numbered,
        cites_id=cites_id,
    )
    deliver(session, notice, at, recipients)
    tell_recipients(session, notice, at=at)
    return notice


def _send_letter(
    session: Session,
    ranking: Ranking,
    kind: str,
    document: Document,
    teacher_id: int,
    school_id: int,
    *,
    actor: Actor,
    at: datetime,
    cites_id: str | None = None,
) -> None:
    """Send a letter to one teacher and the school."""
    _send(
        session,
        ranking,
        kind,
        document,
        [{"teacher_id": teacher_id}, {"school_id": school_id}],
        actor=actor,
        at=at,
        about=[teacher_id],
        teacher_id=teacher_id,
        cites_id=cites_id,
    )


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


# --- correcting and withdrawing -----------------------------------------------------------------------------


def issue_correction(
    session: Session, old_ranking: Ranking, new_ranking: Ranking, *, actor: Actor, at: datetime
) -> Notice | None:
    """Tell of a later version of a ranking; gives the correction to all, None where no circular has to be put right.

    A correction goes out when the list, a treatment or a figure the circular states has changed (decision 0035): it
    is numbered, cites the notice in force, which becomes ``corrected``, and goes to all who got that. Each teacher
    concerned (whose inputs were put right, or who stood on the old list and stands otherwise now), and the head, gets
    a letter in any case. Before publication the letters correct the prior notices. What may be done is the caller's
    rule.
    """
    kind = PRIOR if new_ranking.published_at is None else INDIVIDUAL
    new_view = version_of(session, new_ranking.id)
    new = ranking_facts(session, new_view)
    correction = _correct_circular(session, new_ranking, new, actor, at)
    number = "" if correction is None else number_of(correction)
    old_view = version_of(session, old_ranking.id)
    concerned = _concerned(session, old_ranking, new_ranking)
    before = standings(session, old_view, concerned)
    after = standings(session, new_view, concerned)
    day = local_day(at)
    ends_on, texts = appeal_ends_on(session, day), texts_of(session, INDIVIDUAL)
    prior_texts, put_right = texts_of(session, PRIOR), changed_teachers(new_ranking)
    for teacher_number in sorted(before.keys() & after.keys()):
        teacher_id, school_id = concerned[teacher_number]
        was, now = before[teacher_number], after[teacher_number]
        if teacher_number not in put_right and was == now:
            continue
        document = compose_corrected(
            new,
            was,
            now,
            issued_on=day,
            objection_ends_on=new_ranking.objection_ends_on if kind is PRIOR else None,
            correction_number=number,
            appeal_ends_on=ends_on,
            texts=texts,
            prior_texts=prior_texts,
        )
        earlier = _letter(session, old_ranking, teacher_id, kind)
        _send_letter(
            session,
            new_ranking,
            kind,
            document,
            teacher_id,
            school_id,
            actor=actor,
            at=at,
            cites_id=None if earlier is None else earlier.id,
        )
        if earlier is not None:
            earlier.status = CORRECTED
    if kind is INDIVIDUAL:
        ask_files(session, new_ranking, at=at)
    session.flush()
    return correction


def _correct_circular(
    session: Session, new_ranking: Ranking, new: RankingFacts, actor: Actor, at: datetime
) -> Notice | None:
    cited = notice_in_force(session, new_ranking.semester_code)
    if cited is None:
        return None
    old = ranking_facts(session, version_of(session, cited.ranking_id))
    if not corrections(old, new):
        return None
    day = local_day(at)
    number = allot_number(session, day)
    old_numbers = {person.number for person in old.listed}
    stands = standings(session, version_of(session, new_ranking.id), old_numbers)
    stood = standings(session, version_of(session, cited.ranking_id), old_numbers)
    clears_name = any(
        teacher in stands and stands[teacher].improves_on(was) for teacher, was in stood.items()
    )
    named = {person.number for person in new.named}
    named_ids = session.scalars(select(Teacher.id).where(Teacher.number.in_(named))).all()
    correction = _send(
        session,
        new_ranking,
        CORRECTION,
        compose_correction(
            old,
            new,
            _cited(cited),
            number=number.written,
            issued_on=day,
            clears_name=clears_name,
            texts=texts_of(session, CORRECTION),
        ),
        everyone(session, [cited]),
        actor=actor,
        at=at,
        about=named_ids,
        numbered=number,
        cites_id=cited.id,
    )
    cited.status = CORRECTED
    return correction


def _cited(notice: Notice) -> Cited:
    return Cited(number_of(notice), notice.title, issued_day(notice))


def changed_teachers(ranking: Ranking) -> set[str]:
    """The numbers of the teachers whose inputs a correction put right."""
    return {change["teacher"] for change in json.loads(ranking.changes)}


def _concerned(session: Session, old: Ranking, new: Ranking) -> dict[str, tuple[int, int]]:
    """Number → ids of teacher and school (in the new version) of whom a correction may be about."""
    listed = select(BottomEntry.teacher_id).where(BottomEntry.ranking_id.in_([old.id, new.id]))
    rows = session.execute(
        select(Teacher.number, RankingRow.teacher_id, RankingRow.school_id)
        .join(Teacher, Teacher.id == RankingRow.teacher_id)
        .where(
            RankingRow.ranking_id == new.id,
            or_(RankingRow.teacher_id.in_(listed), Teacher.number.in_(changed_teachers(new))),
        )
    )
    return {number: (teacher_id, school_id) for number, teacher_id, school_id in rows}


def _letter(session: Session, ranking: Ranking, teacher_id: int, kind: str) -> Notice | None:
    """The letter of a kind that a teacher got with a version of the ranking."""
    return session.scalars(
        select(Notice).where(
            Notice.ranking_id == ranking.id, Notice.kind == kind, Notice.teacher_id == teacher_id
        )
    ).first()


def withdraw(session: Session, notice: Notice, *, reason: str, actor: Actor, at: datetime) -> Notice:
    """撤销: take a circular, or a correction, back by a notice that cites it; the notice that does so.

    Numbered, to all who got the notice, and to each teacher it listed in person. The letters that went with it are
    marked as well. Its number is never given again.
    Raises: RuleViolation: no right, no reason, no notice to all, or one that is no longer in force.
    """
    require(actor, Permission.NOTICE_WITHDRAW)
    why = written(reason.strip(), "reason")
    if len(why) > MAX_REASON:
        raise RuleViolation(
            "notice.reason_long", N_("最多%(count)s个字符。"), field="reason", count=MAX_REASON
        )
    session.refresh(notice, with_for_update=True)
    if not is_withdrawable(notice):
        raise Conflict("notice.not_in_force", N_("只有现行有效的通报和更正通报可以撤销。"))
    ranking = session.get_one(Ranking, notice.ranking_id)
    facts = ranking_facts(session, version_of(session, ranking.id))
    day = local_day(at)
    number = allot_number(session, day)
    listed = session.scalars(
        select(BottomEntry.teacher_id)
        .where(BottomEntry.ranking_id == ranking.id)
        .order_by(BottomEntry.position)
    )
    recipients = everyone(session, [notice])
    recipients += [{"teacher_id": teacher_id} for teacher_id in listed]
    withdrawal = _send(
        session,
        ranking,
        WITHDRAWAL,
        compose_withdrawal(
            facts,
            _cited(notice),
            reason=why,
            number=number.written,
            issued_on=day,
            texts=texts_of(session, WITHDRAWAL),
        ),
        recipients,
        actor=actor,
        at=at,
        about=(),
        numbered=number,
        cites_id=notice.id,
    )
    notice.status = WITHDRAWN
    session.execute(
        update(Notice)
        .where(Notice.ranking_id == ranking.id, Notice.kind == INDIVIDUAL, Notice.status == IN_FORCE)
        .values(status=WITHDRAWN)
    )
    record(session, actor, at, "notice.withdrawn", "notice", notice.id, by=withdrawal.id)
    session.flush()
    return withdrawal


# --- words --------------------------------------------------------------------------------------------------


def save_template(
    session: Session, kind: str, texts: Mapping[str, str], *, actor: Actor, at: datetime
) -> int:
    """Keep the words of a kind of notice as a new version; its number. What was issued keeps the words it had.

    Args: texts: block → text, all of them. Words that are those in use make no version.
    Raises: RuleViolation: no right, or a fault at its block (rules.template).
    """
    require(actor, Permission.NOTICE_TEMPLATE)
    kept = {block.key: texts.get(block.key, "").replace("\r\n", "\n").strip() for block in BLOCKS[kind]}
    for fault in faults(kind, kept):
        raise fault
    session.execute(select(NoticeTemplate.id).where(NoticeTemplate.kind == kind).with_for_update())
    last = session.scalar(select(func.max(NoticeTemplate.version)).where(NoticeTemplate.kind == kind)) or 0
    if kept == texts_of(session, kind):
        return last
    session.add(
        NoticeTemplate(
            kind=kind,
            version=last + 1,
            blocks=json.dumps(kept, ensure_ascii=False),
            saved_at=at,
            saved_by_id=actor.id,
        )
    )
    record(session, actor, at, "template.saved", "notice_template", kind, version=last + 1)
    session.flush()
    return last + 1


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
