"""Reads of notices. The reader's scope is in every query: what was not sent to the reader is as if absent.

A letter to one teacher is opened by that teacher, by the head of the school it was sent to, and by city officers;
the school's other people and the district see circulars only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import Session, aliased, defer

from ethics_eval.accounts.models import Account
from ethics_eval.accounts.rules import Actor, Permission, Role, Scope, scope_of
from ethics_eval.config import DEFAULTS
from ethics_eval.notices.document import Document, from_json
from ethics_eval.notices.gathering import ranking_facts, view_of
from ethics_eval.notices.issuing import texts_of
from ethics_eval.notices.models import Delivery, Notice, NoticeTemplate
from ethics_eval.notices.rules.circular import compose_circular
from ethics_eval.notices.rules.facts import written_day
from ethics_eval.notices.rules.numbering import document_number, number_to_come
from ethics_eval.notices.rules.reminding import acknowledge_by
from ethics_eval.notices.rules.sample import sample_document, sample_facts
from ethics_eval.notices.rules.standing import IN_FORCE, WITHDRAWN, Mark, mark_of
from ethics_eval.notices.rules.template import CIRCULAR, CORRECTION, WITHDRAWAL, default_texts
from ethics_eval.ranking import queries as ranking_queries
from ethics_eval.ranking.queries import WHOLE_CITY
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.models import District, School, Semester, Teacher
from ethics_eval.roster.rules.calendar import local_day

PAGE_SIZE = 50
TO_ALL = (CIRCULAR, CORRECTION, WITHDRAWAL)


# --- scope --------------------------------------------------------------------------------------------------


def sees_city(actor: Actor) -> bool:
    """Whether the reader may open every notice, without being a recipient."""
    return scope_of(actor, Permission.NOTICE_READ) is Scope.CITY


def _addressed(actor: Actor) -> ColumnElement[bool]:
    """The condition on a delivery and its notice that it lies in the reader's own inbox."""
    match actor.role:
        case Role.SCHOOL_OFFICER:
            return and_(Delivery.school_id == (actor.school_id or 0), Notice.kind.in_(TO_ALL))
        case Role.SCHOOL_HEAD:
            return Delivery.school_id == (actor.school_id or 0)
        case Role.DISTRICT_OFFICER:
            return Delivery.district_code == (actor.district_code or "")
        case Role.TEACHER:
            return Delivery.teacher_id == (actor.teacher_id or 0)
        case _:
            return false()


def _in_district(actor: Actor) -> ColumnElement[bool]:
    """The condition on a delivery (joined with its school) that its acknowledgement is the reader's to watch.

    Whether there are letters at all is not the district's to know.
    """
    match scope_of(actor, Permission.NOTICE_READ):
        case Scope.CITY:
            return true()
        case Scope.OWN_DISTRICT:
            own = or_(
                School.district_code == actor.district_code, Delivery.district_code == actor.district_code
            )
            return and_(own, Delivery.notice_id.in_(select(Notice.id).where(Notice.kind.in_(TO_ALL))))
        case _:
            return false()


# --- lists --------------------------------------------------------------------------------------------------


class NoticeRow(NamedTuple):
    """A notice in a list. ``number``: 发文字号, empty on letters; ``teacher``: whom a letter is to, empty else."""

    notice: Notice
    number: str
    semester: str
    teacher: str
    delivery: Delivery | None


def number_of(notice: Notice) -> str:
    """发文字号; empty on letters."""
    if notice.word is None or notice.year is None or notice.serial is None:
        return ""
    return document_number(notice.word, notice.year, notice.serial)


def _readable(actor: Actor) -> Select[Any, Any, Any, Any]:
    """Notice, semester's name, teacher's name, and the reader's own delivery."""
    mine = and_(Delivery.notice_id == Notice.id, _addressed(actor))
    return (
        select(Notice, Semester.name, Teacher.name, Delivery)
        .join(Semester, Semester.code == Notice.semester_code)
        .outerjoin(Teacher, Teacher.id == Notice.teacher_id)
        .join(Delivery, mine, isouter=sees_city(actor))
    )


def _row(found: Any) -> NoticeRow:
    notice, semester, teacher, delivery = found
    return NoticeRow(notice, number_of(notice), semester, teacher or "", delivery)


def notices(session: Session, actor: Actor, *, kind: str = "", page: int = 1) -> tuple[list[NoticeRow], int]:
    """A page of what the reader may open, newest first, circulars before letters; and how many there are.

    Args: kind: ``circular``, ``prior``, ``individual``, or empty for all.
    """
    wanted = _readable(actor)
    if kind:
        wanted = wanted.where(Notice.kind == kind)
    ids = wanted.with_only_columns(Notice.id).subquery()
    total = session.scalar(select(func.count()).select_from(ids)) or 0
    rows = session.execute(
        wanted.options(defer(Notice.document))
        .order_by(Notice.issued_at.desc(), Notice.kind, Teacher.number)
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    )
    return [_row(row) for row in rows], total


class Link(NamedTuple):
    """Another notice that the reader may open."""

    id: str
    words: str


class OpenNotice(NamedTuple):
    """A notice opened: its row, the document as it was issued, who acknowledged it for the reader's inbox.

    ``document``: None once its term is over for this reader; ``mark``: what became of it; ``cites``: what it corrects
    or withdraws; ``cited_by``: what did so to it.
    """

    row: NoticeRow
    document: Document | None
    signer: str
    mark: Mark | None
    cites: Link | None
    cited_by: Link | None


def is_to_all(notice: Notice) -> bool:
    """Whether it went to every school and district, and asks to be acknowledged."""
    return notice.kind in TO_ALL


def is_withdrawable(notice: Notice) -> bool:
    """Whether it can be withdrawn: a circular or a correction in force."""
    return notice.kind in {CIRCULAR, CORRECTION} and notice.status == IN_FORCE


def is_over(actor: Actor, notice: Notice, on: date) -> bool:
    """Whether the reader no longer reads the text: its term is over, and it is neither the bureau nor one's own letter.

    Source: domain.md §7.4.10; what concerns oneself may be read for ever (个人信息保护法 art. 45).
    """
    if sees_city(actor) or notice.take_down_on is None or on < notice.take_down_on:
        return False
    return actor.teacher_id is None or actor.teacher_id != notice.teacher_id


def open_notice(session: Session, actor: Actor, notice_id: str, *, on: date) -> OpenNotice | None:
    """A notice within the reader's scope on a day; None: unknown, or not theirs."""
    found = session.execute(_readable(actor).where(Notice.id == notice_id)).first()
    if found is None:
        return None
    row = _row(found)
    notice = row.notice
    signer = None if row.delivery is None else row.delivery.acknowledged_by_id
    account = None if signer is None else session.get(Account, signer)
    by = _undone_by(session, notice)
    return OpenNotice(
        row,
        None if is_over(actor, notice, on) else from_json(notice.document),
        account.display_name if account else "",
        mark_of_notice(session, notice),
        _link(session, actor, notice.cites_id),
        _link(session, actor, None if by is None else by.id),
    )


def _undone_by(session: Session, notice: Notice) -> Notice | None:
    """What corrected or withdrew a notice; letters are withdrawn with the notice to all of their ranking."""
    if notice.status == IN_FORCE:
        return None
    cited = aliased(Notice)
    return session.scalars(
        select(Notice)
        .outerjoin(cited, cited.id == Notice.cites_id)
        .where(
            or_(
                Notice.cites_id == notice.id,
                and_(
                    true() if notice.status == WITHDRAWN else false(),
                    Notice.kind == WITHDRAWAL,
                    cited.ranking_id == notice.ranking_id,
                ),
            )
        )
        .order_by((Notice.cites_id == notice.id).desc(), Notice.issued_at.desc())
        .limit(1)
    ).first()


def mark_of_notice(session: Session, notice: Notice) -> Mark | None:
    """What a notice says of itself on every page once it was corrected or withdrawn; None: it is in force."""
    by = _undone_by(session, notice)
    if by is None:
        return None
    return mark_of(notice.status, by_number=number_of(by), by_day=written_day(local_day(by.issued_at)))


def _link(session: Session, actor: Actor, notice_id: str | None) -> Link | None:
    if notice_id is None:
        return None
    found = session.execute(_readable(actor).where(Notice.id == notice_id)).first()
    return None if found is None else Link(notice_id, number_of(found[0]) or found[0].title)


def own_delivery(session: Session, actor: Actor, notice_id: str) -> Delivery | None:
    """The notice in the reader's own inbox, to be acknowledged; None: not sent to the reader."""
    return session.scalars(
        select(Delivery)
        .join(Notice, Notice.id == Delivery.notice_id)
        .where(Delivery.notice_id == notice_id, _addressed(actor))
    ).first()


def acknowledge_due(session: Session, delivery: Delivery) -> date | None:
    """The day a notice asks to be acknowledged by; None for a letter, one not in force, and beyond the calendar."""
    notice = delivery.notice
    if notice.kind not in TO_ALL or notice.status != IN_FORCE or delivery.teacher_id is not None:
        return None
    return acknowledge_by(local_day(delivery.delivered_at), roster_queries.calendar(session))


def circular_of(session: Session, semester_code: str) -> Notice | None:
    """The circular issued last for a semester; whole city."""
    return session.scalars(
        select(Notice)
        .where(Notice.semester_code == semester_code, Notice.kind == CIRCULAR)
        .order_by(Notice.issued_at.desc())
        .limit(1)
    ).first()


def notice_in_force(session: Session, semester_code: str) -> Notice | None:
    """What a semester's circular is now: itself, or the last correction; None: none went out, or it was withdrawn."""
    return session.scalars(
        select(Notice)
        .where(
            Notice.semester_code == semester_code,
            Notice.kind.in_([CIRCULAR, CORRECTION]),
            Notice.status == IN_FORCE,
        )
        .order_by(Notice.issued_at.desc(), Notice.serial.desc())
        .limit(1)
    ).first()


# --- acknowledgements ---------------------------------------------------------------------------------------


class Progress(NamedTuple):
    """How many inboxes a notice went to, and how many acknowledged it."""

    delivered: int = 0
    acknowledged: int = 0


def progress(session: Session, actor: Actor, notice_ids: Sequence[str]) -> dict[str, Progress]:
    """Notice id → progress, of the recipients the reader watches over."""
    rows = session.execute(
        select(Delivery.notice_id, func.count(), func.count(Delivery.acknowledged_at))
        .outerjoin(School, School.id == Delivery.school_id)
        .where(Delivery.notice_id.in_(notice_ids), _in_district(actor))
        .group_by(Delivery.notice_id)
    )
    return {notice_id: Progress(delivered, done) for notice_id, delivered, done in rows}


class DistrictProgress(NamedTuple):
    """A district's schools together, and the district bureau's own acknowledgement (None: not sent to it)."""

    code: str
    name: str
    schools: Progress
    bureau: Delivery | None


def district_progress(session: Session, actor: Actor, notice_id: str) -> list[DistrictProgress]:
    """The nine districts by code, or the reader's own."""
    own = aliased(Delivery)
    counts = {
        code: Progress(delivered, done)
        for code, delivered, done in session.execute(
            select(School.district_code, func.count(), func.count(Delivery.acknowledged_at))
            .join(School, School.id == Delivery.school_id)
            .where(Delivery.notice_id == notice_id, _in_district(actor))
            .group_by(School.district_code)
        )
    }
    within = true() if sees_city(actor) else District.code == (actor.district_code or "")
    rows: Sequence[Any] = session.execute(
        select(District, own)
        .outerjoin(own, and_(own.district_code == District.code, own.notice_id == notice_id))
        .where(within)
        .order_by(District.code)
    ).all()
    return [
        DistrictProgress(district.code, district.name, counts.get(district.code, Progress()), delivery)
        for district, delivery in rows
        if delivery is not None or district.code in counts
    ]


def missing_schools(
    session: Session, actor: Actor, notice_id: str, *, district_code: str = "", page: int = 1
) -> tuple[list[School], int]:
    """A page of the schools that have not acknowledged, by district and code; and how many there are."""
    wanted = (
        select(School)
        .join(Delivery, Delivery.school_id == School.id)
        .where(Delivery.notice_id == notice_id, Delivery.acknowledged_at.is_(None), _in_district(actor))
    )
    if district_code:
        wanted = wanted.where(School.district_code == district_code)
    ids = wanted.with_only_columns(School.id).subquery()
    total = session.scalar(select(func.count()).select_from(ids)) or 0
    rows = session.scalars(
        wanted.order_by(School.district_code, School.code).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    )
    return list(rows), total


class Recipient(NamedTuple):
    """An inbox of a letter: the teacher's, or the school's, which only its head opens."""

    is_teacher: bool
    name: str
    delivery: Delivery


def letter_recipients(session: Session, actor: Actor, notice_id: str) -> list[Recipient]:
    """The teacher, then the school; nobody but for readers of the whole city."""
    if not sees_city(actor):
        return []
    rows: Sequence[Any] = session.execute(
        select(Delivery, Teacher.name, School.name)
        .join(Notice, Notice.id == Delivery.notice_id)
        .outerjoin(Teacher, Teacher.id == Delivery.teacher_id)
        .outerjoin(School, School.id == Delivery.school_id)
        .where(Delivery.notice_id == notice_id, Notice.kind.not_in(TO_ALL))
        .order_by(Delivery.teacher_id.is_(None))
    ).all()
    return [Recipient(school is None, teacher or school, delivery) for delivery, teacher, school in rows]


# --- before publication -------------------------------------------------------------------------------------


def preview(session: Session, semester_code: str, *, word: str) -> Document:
    """The circular as it would go out on the planned day, its number left open.

    Raises: RuleViolation ``ranking.none``: the semester is not frozen.
    """
    facts = ranking_facts(session, view_of(session, semester_code))
    issued_on = local_day(session.get_one(Semester, semester_code).publish_at)
    return compose_circular(
        facts,
        number=number_to_come(word, issued_on.year),
        issued_on=issued_on,
        texts=texts_of(session, CIRCULAR),
    )


def template_preview(session: Session, kind: str, texts: Mapping[str, str], *, word: str) -> Document:
    """What these words would give, on the ranking frozen last or on an invented one. The words must have no faults."""
    newest = ranking_queries.rankings(session, WHOLE_CITY)
    facts = (
        ranking_facts(session, newest[0])
        if newest
        else sample_facts(DEFAULTS["CITY_NAME"], DEFAULTS["BUREAU_NAME"])
    )
    return sample_document(kind, facts, texts, word=word)


# --- words --------------------------------------------------------------------------------------------------


class TemplateVersion(NamedTuple):
    """A version of a kind's words: when and by whom it was saved."""

    version: int
    saved_at: datetime
    saved_by: str


def template_versions(session: Session, kind: str) -> list[TemplateVersion]:
    """The versions the bureau saved, the newest first; empty: the words are those the program brings."""
    rows = session.execute(
        select(NoticeTemplate.version, NoticeTemplate.saved_at, Account.display_name)
        .outerjoin(Account, Account.id == NoticeTemplate.saved_by_id)
        .where(NoticeTemplate.kind == kind)
        .order_by(NoticeTemplate.version.desc())
    )
    return [TemplateVersion(version, saved_at, name or "") for version, saved_at, name in rows]


def template_texts(session: Session, kind: str, version: int) -> dict[str, str] | None:
    """The words of one saved version; None: there is none such."""
    blocks = session.scalar(
        select(NoticeTemplate.blocks).where(NoticeTemplate.kind == kind, NoticeTemplate.version == version)
    )
    return None if blocks is None else default_texts(kind) | json.loads(blocks)
