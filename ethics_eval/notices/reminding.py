"""Telling people of notices: that one has come, that its day to acknowledge has passed, that the bureau urges.

Each thing is told once; what is told names no person and no content.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account, StaffNotice
from ethics_eval.accounts.notifying import News, notify_all
from ethics_eval.accounts.queries import accounts_of_roles
from ethics_eval.accounts.rules import Actor, Permission, Role, Scope, require
from ethics_eval.accounts.service import record
from ethics_eval.notices.models import Delivery, Notice
from ethics_eval.notices.queries import TO_ALL, is_to_all
from ethics_eval.notices.rules.reminding import LEVEL_KINDS, NEW, URGED, Level, acknowledge_by, level_on
from ethics_eval.notices.rules.standing import IN_FORCE
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.models import School
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import N_, RuleViolation

_SCHOOL = (Role.SCHOOL_OFFICER, Role.SCHOOL_HEAD)


def tell_recipients(session: Session, notice: Notice, *, at: datetime) -> int:
    """Tell all who got a notice that it is there; of a letter the teacher and the head alone. How many were told."""
    roles = _SCHOOL if is_to_all(notice) else (Role.SCHOOL_HEAD,)
    inbox = select(Delivery).where(Delivery.notice_id == notice.id).subquery()
    accounts = session.scalars(
        select(Account.id).where(
            Account.active,
            or_(
                and_(Account.school_id.in_(select(inbox.c.school_id)), Account.role.in_(roles)),
                and_(
                    Account.district_code.in_(select(inbox.c.district_code)),
                    Account.role == Role.DISTRICT_OFFICER.value,
                ),
                and_(Account.teacher_id.in_(select(inbox.c.teacher_id)), Account.role == Role.TEACHER.value),
            ),
        )
    )
    news = _news(NEW, notice.id)
    return notify_all(session, [(account, news) for account in accounts], at=at)


def remind(session: Session, at: datetime) -> dict[Level, int]:
    """Tell of what was not acknowledged in time, up to an instant; level → how many inboxes reached it now.

    An inbox that went several levels at once (after an outage) is told on each; a second call tells nothing.
    Only notices to all that are in force ask to be acknowledged.
    """
    today, calendar = local_day(at), roster_queries.calendar(session)
    counts: Counter[Level] = Counter()
    waiting = session.execute(
        select(Delivery.notice_id, func.min(Delivery.delivered_at), func.min(Delivery.reminded_level))
        .join(Notice, Notice.id == Delivery.notice_id)
        .where(
            Notice.kind.in_(TO_ALL),
            Notice.status == IN_FORCE,
            Delivery.teacher_id.is_(None),
            Delivery.acknowledged_at.is_(None),
            Delivery.reminded_level < Level.CITY.value,
        )
        .group_by(Delivery.notice_id)
    ).all()
    for notice_id, delivered_at, reached in waiting:
        due_on = acknowledge_by(local_day(delivered_at), calendar)
        if due_on is None:
            continue
        come = level_on(due_on, today, calendar)
        for level in Level:
            if reached < level <= come:
                counts[level] += _raise(session, notice_id, level, at)
    return {level: count for level, count in counts.items() if count}


def _raise(session: Session, notice_id: str, level: Level, at: datetime) -> int:
    """Bring the inboxes of a notice that are still open to a level and tell its people; how many inboxes."""
    reached = session.execute(
        update(Delivery)
        .where(
            Delivery.notice_id == notice_id,
            Delivery.teacher_id.is_(None),
            Delivery.acknowledged_at.is_(None),
            Delivery.reminded_level < level.value,
        )
        .values(reminded_level=level.value)
        .returning(Delivery.school_id, Delivery.district_code)
        .execution_options(synchronize_session=False)
    ).all()
    session.expire_all()
    if not reached:
        return 0
    schools = {school for school, _district in reached if school is not None}
    districts = {district for _school, district in reached if district is not None}
    if level is Level.SCHOOL:
        people = dict.fromkeys([*_school_people(session, schools), *_district_people(session, districts)], 0)
    elif level is Level.DISTRICT:
        people = _watching(session, schools)
    else:
        people = dict.fromkeys(
            accounts_of_roles(session, Role.BUREAU_OFFICER, Role.BUREAU_HEAD), len(reached)
        )
    told = [
        (account, _news(LEVEL_KINDS[level], notice_id, {"count": count} if count else {}))
        for account, count in people.items()
    ]
    notify_all(session, told, at=at)
    return len(reached)


def urge(session: Session, notice: Notice, district_code: str, *, actor: Actor, at: datetime) -> int:
    """催办: tell the schools of a district that have not acknowledged, and the district's bureau; how many schools.

    Once a day for each district.
    Raises: RuleViolation: no right; no longer in force; all have acknowledged; urged today already.
    """
    if require(actor, Permission.SEMESTER_STEP) is not Scope.CITY or not is_to_all(notice):
        raise RuleViolation("permission.denied", N_("您没有办理此事的权限。"))
    if notice.status != IN_FORCE:
        raise RuleViolation("notice.not_in_force", N_("这份文件已被更正或撤销，不用再催办签收。"))
    schools = set(
        session.scalars(
            select(School.id)
            .join(Delivery, Delivery.school_id == School.id)
            .where(
                Delivery.notice_id == notice.id,
                Delivery.acknowledged_at.is_(None),
                School.district_code == district_code,
            )
        )
    )
    office = session.scalar(
        select(Delivery.id).where(
            Delivery.notice_id == notice.id,
            Delivery.acknowledged_at.is_(None),
            Delivery.district_code == district_code,
        )
    )
    if not schools and office is None:
        raise RuleViolation("notice.all_acknowledged", N_("这个区县都已签收，不用催办。"))
    key = f"{URGED}:{notice.id}:{district_code}:{local_day(at).isoformat()}"
    if session.scalar(select(StaffNotice.id).where(StaffNotice.dedupe_key == key).limit(1)) is not None:
        raise RuleViolation("notice.urged_today", N_("今天已经催办过这个区县。"))
    people = [*_school_people(session, schools), *_district_people(session, {district_code})]
    news = News(kind=URGED, subject_kind="notice", subject_id=notice.id, key=key)
    notify_all(session, [(account, news) for account in people], at=at)
    record(
        session, actor, at, "notice.urged", "notice", notice.id, district=district_code, schools=len(schools)
    )
    return len(schools)


# --- who is told --------------------------------------------------------------------------------------------


def _news(kind: str, notice_id: str, detail: Mapping[str, int] | None = None) -> News:
    return News(
        kind=kind,
        subject_kind="notice",
        subject_id=notice_id,
        key=f"{kind}:{notice_id}",
        detail=detail or {},
    )


def _school_people(session: Session, schools: Collection[int]) -> list[int]:
    return list(
        session.scalars(
            select(Account.id).where(
                Account.school_id.in_(schools), Account.role.in_(_SCHOOL), Account.active
            )
        )
    )


def _district_people(session: Session, districts: Collection[str]) -> list[int]:
    return list(
        session.scalars(
            select(Account.id).where(
                Account.district_code.in_(districts),
                Account.role == Role.DISTRICT_OFFICER.value,
                Account.active,
            )
        )
    )


def _watching(session: Session, schools: Collection[int]) -> dict[int, int]:
    """Officer of a district → how many of these schools are its."""
    rows = session.execute(
        select(Account.id, func.count())
        .join(School, School.district_code == Account.district_code)
        .where(School.id.in_(schools), Account.role == Role.DISTRICT_OFFICER.value, Account.active)
        .group_by(Account.id)
    )
    return {account: count for account, count in rows}
