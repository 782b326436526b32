"""How a notice comes to be: its number, its frozen text, its day of take-down, and the inboxes it lies in."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor
from ethics_eval.accounts.service import record
from ethics_eval.complaints.models import Finding, MeasureDecision
from ethics_eval.config import DEFAULTS
from ethics_eval.database import new_id
from ethics_eval.notices.document import Document
from ethics_eval.notices.models import Delivery, Notice, NoticeTemplate
from ethics_eval.notices.rules.numbering import document_number, next_serial
from ethics_eval.notices.rules.takedown import take_down_on
from ethics_eval.notices.rules.template import default_texts
from ethics_eval.ranking.models import LedgerLine, Ranking
from ethics_eval.ranking.rules.objection import APPEAL_DAYS
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.models import District, School
from ethics_eval.roster.rules.calendar import CalendarExhausted, local_day

Recipient = Mapping[str, int | str]  # the one column of a delivery that names who gets it

_NUMBERING_LOCK = 9704  # of PostgreSQL, held until the transaction ends
_STANDING_MEASURES = ("active", "extended")


class Numbered(NamedTuple):
    """机关代字, year and serial of a notice to all; and as they are written together."""

    word: str
    year: int
    serial: int

    @property
    def written(self) -> str:
        """株教通〔2026〕8号."""
        return document_number(self.word, self.year, self.serial)


def allot_number(session: Session, day: date) -> Numbered:
    """The next number of the year, never given before. Who numbers at the same time waits until this is settled."""
    word = DEFAULTS["DOCUMENT_WORD"]
    if session.get_bind().dialect.name == "postgresql":  # SQLite's write lock is held already
        session.execute(select(func.pg_advisory_xact_lock(_NUMBERING_LOCK)))
    last = session.scalar(select(func.max(Notice.serial)).where(Notice.word == word, Notice.year == day.year))
    return Numbered(word, day.year, next_serial(last))


def texts_of(session: Session, kind: str) -> dict[str, str]:
    """The words of a kind of notice as the bureau saved them last, else as the program brings them."""
    saved = session.scalar(
        select(NoticeTemplate.blocks)
        .where(NoticeTemplate.kind == kind)
        .order_by(NoticeTemplate.version.desc())
        .limit(1)
    )
    return default_texts(kind) | (json.loads(saved) if saved else {})


def appeal_ends_on(session: Session, issued_on: date) -> date | None:
    """The last of thirty days to appeal; None: beyond the calendar."""
    try:
        return roster_queries.calendar(session).due_in_days(issued_on, APPEAL_DAYS)
    except CalendarExhausted:
        return None


def taken_down_on(session: Session, ranking_id: int, issued_on: date, teacher_ids: Collection[int]) -> date:
    """From which day a notice on these teachers of a ranking is no longer read (domain.md §7.4.10)."""
    ends = session.scalars(
        select(MeasureDecision.ends_on)
        .join(Finding, Finding.id == MeasureDecision.finding_id)
        .join(LedgerLine, LedgerLine.finding_id == Finding.id)
        .where(
            LedgerLine.ranking_id == ranking_id,
            LedgerLine.counted,
            LedgerLine.teacher_id.in_(teacher_ids),
            MeasureDecision.state.in_(_STANDING_MEASURES),
        )
    )
    return take_down_on(issued_on, [day for day in ends if day is not None])


def issue(
    session: Session,
    ranking: Ranking,
    kind: str,
    document: Document,
    *,
    actor: Actor,
    at: datetime,
    taken_down: date,
    teacher_id: int | None = None,
    numbered: Numbered | None = None,
    cites_id: str | None = None,
) -> Notice:
    """Keep a notice as it was composed, under an id of its own."""
    notice = Notice(
        id=new_id(),
        kind=kind,
        ranking_id=ranking.id,
        semester_code=ranking.semester_code,
        teacher_id=teacher_id,
        word=numbered.word if numbered else None,
        year=numbered.year if numbered else None,
        serial=numbered.serial if numbered else None,
        title=document.title,
        document=document.to_json(),
        cites_id=cites_id,
        take_down_on=taken_down,
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


def deliver(session: Session, notice: Notice, at: datetime, recipients: Sequence[Recipient]) -> None:
    """Put the notice into inboxes, in bulk."""
    empty: dict[str, Any] = dict.fromkeys(("school_id", "district_code", "teacher_id"))
    rows = [{**empty, **recipient, "notice_id": notice.id, "delivered_at": at} for recipient in recipients]
    if rows:
        session.execute(insert(Delivery), rows)


def everyone(session: Session, notices: Iterable[Notice] = ()) -> list[Recipient]:
    """All schools and districts there are, and those that got these notices, each once."""
    schools = set(session.scalars(select(School.id)))
    districts = set(session.scalars(select(District.code)))
    ids = [notice.id for notice in notices]
    for school, district in session.execute(
        select(Delivery.school_id, Delivery.district_code).where(Delivery.notice_id.in_(ids))
    ):
        if school is not None:
            schools.add(school)
        if district is not None:
            districts.add(district)
    recipients: list[Recipient] = [{"school_id": school} for school in sorted(schools)]
    return recipients + [{"district_code": code} for code in sorted(districts)]


def issued_day(notice: Notice) -> date:
    """成文日期 of a notice."""
    return local_day(notice.issued_at)
