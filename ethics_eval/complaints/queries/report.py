"""The figures of the monthly work report, inside the reader's scope."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor, Permission, Scope, scope_of
from ethics_eval.complaints.models import Case, Complaint, Finding, Mailbox, MailboxCount
from ethics_eval.complaints.queries.scope import in_scope
from ethics_eval.complaints.rules.machine import BURDENING, Desk
from ethics_eval.complaints.rules.report import (
    QUICK_DAYS,
    SEVERAL_STAGES,
    SILENT_DAYS,
    Flag,
    flags,
    median_tenths,
    month_on,
    shown,
    shown_sum,
)
from ethics_eval.roster.models import District, Posting, School
from ethics_eval.roster.rules.calendar import CITY_TIME, local_day

TREND_MONTHS = 12
OPENED_DAYS = 90


@dataclass(frozen=True)
class Totals:
    """Counts of a month; None: hidden (1 to 4). ``median_tenths``: tenths of a day from acceptance to reply."""

    received: int | None
    accepted: int | None
    declined: int | None
    replied: int | None
    late: int | None
    overdue: int | None
    decided: int | None
    substantiated: int | None
    urgent: int | None
    disputed: int | None
    median_tenths: int | None


@dataclass(frozen=True)
class SchoolLine:
    """A school with something to look at. Cases that must be kept from the school are not in it."""

    code: str
    name: str
    district: str
    flags: tuple[Flag, ...]


@dataclass(frozen=True)
class Report:
    """A month of a district or of the city. The tables: key → count, None hidden; keys as stored."""

    year: int
    month: int
    district: str
    totals: Totals
    before: Totals
    by_category: dict[str, int | None]
    by_stage: dict[str, int | None]
    by_source: dict[str, int | None]
    by_district: dict[str, int | None]
    trend: list[tuple[str, int | None, int | None]]
    schools: list[SchoolLine]


@dataclass(frozen=True)
class _Span:
    """From the first instant of a day to the first of another."""

    begins_on: date
    ends_on: date

    @property
    def begins_at(self) -> datetime:
        return datetime.combine(self.begins_on, time.min, CITY_TIME)

    @property
    def ends_at(self) -> datetime:
        return datetime.combine(self.ends_on, time.min, CITY_TIME)


def _month(year: int, month: int) -> _Span:
    return _Span(date(year, month, 1), date(*month_on(year, month, 1), 1))


def month_report(
    session: Session, actor: Actor, year: int, month: int, *, district: str = "", today: date
) -> Report:
    """The report of a month, counted from the cases the reader may see.

    Args: district: a code narrows the city's to one district (one's own scope holds all the same).
    Everything is counted on the day it happened in the city; ``overdue`` stands as at the month's end, or today.
    """
    scope = [in_scope(session, actor, Permission.REPORT_READ)]
    if district:
        scope.append(Case.district_code == district)
    span = _month(year, month)
    received = Case.received_at >= span.begins_at, Case.received_at < span.ends_at
    stages = dict(_counted(session, School.stages, [*scope, *received]))
    names = {row.code: row.name for row in session.execute(select(District.code, District.name))}
    by_district = dict(_counted(session, Case.district_code, [*scope, *received]))
    return Report(
        year=year,
        month=month,
        district=names.get(district, ""),
        totals=_totals(session, scope, span, today),
        before=_totals(session, scope, _month(*month_on(year, month, -1)), today),
        by_category=shown(dict(_counted(session, Case.category, [*scope, *received]))),
        by_stage=shown(_by_stage(stages)),
        by_source=shown(dict(_counted(session, Complaint.source, [*scope, *received], over=Complaint))),
        by_district=shown({names[code]: count for code, count in sorted(by_district.items())}),
        trend=[
            _trend(session, scope, *month_on(year, month, -back)) for back in reversed(range(TREND_MONTHS))
        ],
        schools=_schools(session, scope, span, _districts(actor, district)),
    )


def _districts(actor: Actor, district: str) -> list[str] | None:
    """The districts whose schools are looked at; None: all of them."""
    own = actor.district_code if scope_of(actor, Permission.REPORT_READ) is Scope.OWN_DISTRICT else None
    wanted = [code for code in (own, district) if code]
    if len(set(wanted)) > 1:
        return []
    return wanted or None


def _by_stage(stages: Mapping[str, int]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for several, count in stages.items():
        counts[several if " " not in several else SEVERAL_STAGES] += count
    return dict(counts)


def _counted(
    session: Session,
    column: Any,
    where: Iterable[ColumnElement[bool]],
    *,
    over: type[Complaint] | None = None,
) -> Iterable[tuple[str, int]]:
    query = select(column, func.count()).select_from(Case).join(School, School.id == Case.school_id)
    if over is not None:
        query = query.join(over, over.case_id == Case.id)
    for key, count in session.execute(query.where(*where).group_by(column).order_by(column)):
        yield str(key), int(count)


def _count(session: Session, *where: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(Case).where(*where)) or 0


def _on(column: Any, span: _Span) -> ColumnElement[bool]:
    inside: ColumnElement[bool] = (column >= span.begins_on) & (column < span.ends_on)
    return inside


def _totals(session: Session, scope: list[ColumnElement[bool]], span: _Span, today: date) -> Totals:
    received = (Case.received_at >= span.begins_at) & (Case.received_at < span.ends_at)
    late = or_(
        received & Case.registered_in_time.is_(False),
        _on(Case.accepted_on, span) & Case.accepted_in_time.is_(False),
        _on(Case.replied_on, span) & Case.replied_in_time.is_(False),
    )
    as_at = min(span.ends_on, today)
    decided = dict(
        _tuples(
            session.execute(
                select(Finding.outcome, func.count())
                .join(Case, Case.id == Finding.case_id)
                .where(*scope, Finding.decided_at >= span.begins_at, Finding.decided_at < span.ends_at)
                .group_by(Finding.outcome)
            )
        )
    )
    days = [
        (replied - accepted).days
        for accepted, replied in session.execute(
            select(Case.accepted_on, Case.replied_on).where(*scope, _on(Case.replied_on, span))
        )
        if accepted is not None and replied is not None
    ]
    return Totals(
        received=shown_sum(_count(session, *scope, received)),
        accepted=shown_sum(_count(session, *scope, _on(Case.accepted_on, span))),
        declined=shown_sum(_count(session, *scope, received, Case.status.in_(["declined", "transferred"]))),
        replied=shown_sum(len(days)),
        late=shown_sum(_count(session, *scope, late)),
        overdue=shown_sum(_count(session, *scope, Case.queue_on < as_at)),
        decided=shown_sum(sum(decided.values())),
        substantiated=shown_sum(sum(decided.get(outcome.value, 0) for outcome in BURDENING)),
        urgent=shown_sum(_count(session, *scope, received, Case.urgent.is_(True))),
        disputed=shown_sum(_count(session, *scope, _on(Case.disputed_on, span))),
        median_tenths=median_tenths(days),
    )


def _numbers(rows: Iterable[Any]) -> Iterable[tuple[int, int]]:
    for key, count in rows:
        yield int(key), int(count)


def _tuples(rows: Iterable[Any]) -> Iterable[tuple[str, int]]:
    for key, count in rows:
        yield str(key), int(count)


def _trend(
    session: Session, scope: list[ColumnElement[bool]], year: int, month: int
) -> tuple[str, int | None, int | None]:
    span = _month(year, month)
    received = _count(session, *scope, Case.received_at >= span.begins_at, Case.received_at < span.ends_at)
    replied = _count(session, *scope, _on(Case.replied_on, span))
    return f"{year}-{month:02}", shown_sum(received), shown_sum(replied)


def _schools(
    session: Session, scope: list[ColumnElement[bool]], span: _Span, districts: list[str] | None
) -> list[SchoolLine]:
    """Schools with a flag, by district and name. A case the school must not know of says nothing here either."""
    own = [*scope, ~Case.recused, Case.desk == Desk.SCHOOL.value]
    year_ago = span.ends_at - timedelta(days=SILENT_DAYS)
    letters = Counter(
        session.scalars(select(Case.school_id).where(*scope, ~Case.recused, Case.received_at >= year_ago))
    )
    quick: Counter[int] = Counter()
    decided: Counter[int] = Counter()
    substantiated: Counter[int] = Counter()
    for row in session.execute(
        select(Case.school_id, Case.accepted_on, Finding.proposed_at, Finding.decided_at, Finding.outcome)
        .join(Finding, Finding.case_id == Case.id)
        .where(*own, Finding.proposed_at >= year_ago, Finding.replaced_at.is_(None))
    ):
        if row.accepted_on and (local_day(row.proposed_at) - row.accepted_on).days <= QUICK_DAYS:
            quick[row.school_id] += 1
        if row.decided_at is not None:
            decided[row.school_id] += 1
            substantiated[row.school_id] += row.outcome in BURDENING
    opened = dict(
        _numbers(
            session.execute(
                select(Mailbox.school_id, func.sum(MailboxCount.opened_count))
                .join(MailboxCount, MailboxCount.mailbox_id == Mailbox.id)
                .where(MailboxCount.on >= span.ends_on - timedelta(days=OPENED_DAYS))
                .group_by(Mailbox.school_id)
            )
        )
    )
    teachers = dict(
        _numbers(
            session.execute(
                select(Posting.school_id, func.count(Posting.teacher_id.distinct()))
                .where(or_(Posting.ends_on.is_(None), Posting.ends_on >= span.begins_on))
                .group_by(Posting.school_id)
            )
        )
    )
    found = []
    schools = select(School.id, School.code, School.name, District.name.label("district")).join(
        District, District.code == School.district_code
    )
    if districts is not None:
        schools = schools.where(School.district_code.in_(districts))
    for school in session.execute(schools.order_by(District.code, School.name, School.code)):
        raised = flags(
            received_in_year=letters[school.id],
            teachers=teachers.get(school.id, 0),
            opened_in_90_days=opened.get(school.id, 0),
            quick=quick[school.id],
            decided=decided[school.id],
            substantiated=substantiated[school.id],
        )
        if raised:
            found.append(SchoolLine(school.code, school.name, school.district, tuple(raised)))
    return found
