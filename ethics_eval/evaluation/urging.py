"""Reminding schools of ballots that are missing: by the clock at half time and before the end, by the bureau any day.

Raters are unknown and are never written to; a school's officers are, its head where it has none.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account, AuditEvent
from ethics_eval.accounts.notifying import News, notify_all
from ethics_eval.accounts.rules import CLOCK, Actor, Permission, Role, require
from ethics_eval.accounts.service import record
from ethics_eval.evaluation.models import BallotRound
from ethics_eval.evaluation.rounds import round_open, window_of
from ethics_eval.evaluation.rules.round import OPEN, Urge, Window, urge_due
from ethics_eval.evaluation.rules.turnout import SchoolState
from ethics_eval.evaluation.turnout import SchoolLine, school_lines
from ethics_eval.roster.models import Semester
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import N_, RuleViolation

_EVENT = "round.urged"


def urge_by_clock(session: Session, at: datetime) -> list[str]:
    """Remind the schools of each round whose moment has come, once a moment; a line for each."""
    rounds = session.execute(
        select(BallotRound.semester_code, BallotRound.opens_at, BallotRound.closes_at)
        .join(Semester, Semester.code == BallotRound.semester_code)
        .where(BallotRound.closed_at.is_(None), Semester.status == OPEN)
        .order_by(BallotRound.semester_code)
    )
    done = []
    for code, opens_at, closes_at in rounds.all():
        window = Window(opens_at, closes_at)
        urge = urge_due(window, at)
        mark = {"urge": urge.value, "closes_at": closes_at.isoformat()} if urge else {}
        if urge is None or _was_urged(session, code, mark):
            continue
        schools = [line for line in school_lines(session, code) if line.state is not SchoolState.REACHED]
        _told, school_count = _tell(session, code, schools, urge, window, closes_at.isoformat(), at)
        record(session, CLOCK, at, _EVENT, "semester", code, schools=school_count, **mark)
        session.flush()
        done.append(f"{code} ballots {urge}: {school_count} schools reminded")
    return done


def _was_urged(session: Session, semester_code: str, mark: dict[str, str]) -> bool:
    """Whether this moment of this window was seen to: a window that is moved has its moments anew."""
    details = session.scalars(
        select(AuditEvent.detail).where(
            AuditEvent.subject_kind == "semester",
            AuditEvent.subject_id == semester_code,
            AuditEvent.action == _EVENT,
        )
    )
    return any(mark.items() <= json.loads(detail).items() for detail in details)


def urge_schools(
    session: Session,
    semester_code: str,
    *,
    actor: Actor,
    at: datetime,
    school: str = "",
    district: str = "",
) -> int:
    """Remind one school, or all of a district or the city that have not reached the minimum; how many were told.

    A school is told once a day. Raises: RuleViolation: no right, no round running, nothing missing, told today.
    """
    require(actor, Permission.BALLOT_PLAN)
    if not round_open(session, semester_code, at):
        raise RuleViolation("round.not_open", N_("现在不是评议时间，不用提醒。"))
    window = window_of(session, semester_code)
    lines = [
        line
        for line in school_lines(session, semester_code)
        if school in {"", line.code}
        and district in {"", line.district_code}
        and line.state is not SchoolState.REACHED
    ]
    if not lines or window is None:
        raise RuleViolation("round.nothing_missing", N_("都已达到最低票数，不用提醒。"))
    told, school_count = _tell(
        session, semester_code, lines, Urge.BUREAU, window, local_day(at).isoformat(), at
    )
    if not told:
        raise RuleViolation(
            "round.urged_today",
            N_("今天已经提醒过，或者学校还没有师德专员账号。一所学校一天提醒一次。"),
        )
    record(
        session,
        actor,
        at,
        _EVENT,
        "semester",
        semester_code,
        urge=Urge.BUREAU.value,
        schools=school_count,
        school=school or None,
        district=district or None,
    )
    return school_count


def _tell(
    session: Session,
    semester_code: str,
    schools: Sequence[SchoolLine],
    urge: Urge,
    window: Window,
    moment: str,
    at: datetime,
) -> tuple[int, int]:
    """Tell the schools' people; how many notices are new, and how many schools have somebody to tell."""
    people = _people(session)
    told = []
    reached = 0
    for line in schools:
        accounts = people.get(line.school_id, [])
        reached += bool(accounts)
        news = News(
            kind=f"round.{urge}",
            subject_kind="semester",
            subject_id=semester_code,
            key=f"round.{urge}:{semester_code}:{line.school_id}:{moment}",
            detail={
                "count": line.turnout.short_count if line.turnout else 0,
                "closes_at": window.closes_at.isoformat(),
            },
        )
        told += [(account, news) for account in accounts]
    return notify_all(session, told, at=at), reached


def _people(session: Session) -> dict[int, list[int]]:
    """School id → its officers' accounts; the heads' where it has no officer."""
    found: defaultdict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    rows = session.execute(
        select(Account.school_id, Account.role, Account.id)
        .where(Account.role.in_([Role.SCHOOL_OFFICER.value, Role.SCHOOL_HEAD.value]), Account.active)
        .order_by(Account.id)
    )
    for school_id, role, account_id in rows:
        found[school_id or 0][role].append(account_id)
    return {
        school_id: roles[Role.SCHOOL_OFFICER.value] or roles[Role.SCHOOL_HEAD.value]
        for school_id, roles in found.items()
    }
