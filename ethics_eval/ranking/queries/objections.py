"""Objections and appeals: what may be filed, what waits, what was said. Out of the reader's scope is as if absent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, select, true
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account
from ethics_eval.accounts.rules import Actor, Permission, Scope, scope_of
from ethics_eval.complaints.models import Finding
from ethics_eval.complaints.rules import clocks
from ethics_eval.ranking.models import BottomEntry, LedgerLine, Objection, Ranking, RankingRow
from ethics_eval.ranking.queries.standing import newest
from ethics_eval.ranking.rules.correction import Cause
from ethics_eval.ranking.rules.objection import (
    FilingFacts,
    Hand,
    ObjectionKind,
    ObjectionStatus,
    Topic,
    kind_now,
    last_day,
)
from ethics_eval.ranking.rules.steps import SemesterStatus
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.models import School, Semester, Teacher
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.vault.service import CITY_UNIT, CONTENT, Vault

OPEN = ObjectionStatus.OPEN.value
RECENT = 50  # decided ones that the queue still shows
# A version that stands for another one: whoever made it had no say in what it was computed from.
_MADE_BY_HAND = ("", Cause.ERROR.value)


def subject_of(objection_id: str) -> str:
    """Whose key the vault keeps for an objection."""
    return f"appeal:{objection_id}"  # a subject has 40 characters at most


@dataclass(frozen=True)
class ObjectionView:
    """An objection opened for a reader. ``decision`` is empty while it is open."""

    id: str
    kind: ObjectionKind
    topic: Topic
    status: ObjectionStatus
    semester_code: str
    semester: str
    teacher: str
    teacher_number: str
    grounds: str
    filed_at: datetime
    due_on: date
    reviewer: str
    decided_at: datetime | None
    is_late: bool | None
    decision: str
    changes: str
    corrected_version: int | None


@dataclass(frozen=True)
class ObjectionRow:
    """A line of a list of objections."""

    id: str
    kind: ObjectionKind
    topic: Topic
    status: ObjectionStatus
    semester: str
    teacher: str
    teacher_number: str
    school: str
    filed_at: datetime
    due: clocks.Due
    decided_at: datetime | None
    is_late: bool | None


@dataclass(frozen=True)
class Filing:
    """What a teacher could file on a semester's score, and until when; ``open_id``: what is open already."""

    semester_code: str
    semester: str
    kind: ObjectionKind
    last_day: date
    open_id: str | None


def count_open(session: Session, semester_code: str) -> int:
    """How many objections keep a semester from being published."""
    return (
        session.scalar(
            select(func.count()).where(
                Objection.semester_code == semester_code,
                Objection.kind == ObjectionKind.OBJECTION.value,
                Objection.status == OPEN,
            )
        )
        or 0
    )


def open_appeals(session: Session, teacher_ids: Iterable[int] | None = None) -> set[int]:
    """Those of the teachers (None: of all) whose score is under an appeal now: its deduction is suspended (R11)."""
    query = select(Objection.teacher_id).where(
        Objection.kind == ObjectionKind.APPEAL.value, Objection.status == OPEN
    )
    if teacher_ids is not None:
        query = query.where(Objection.teacher_id.in_(list(teacher_ids)))
    return set(session.scalars(query))


def appealed() -> ColumnElement[bool]:
    """Whether the teacher of a ranking's row ever appealed: what made the score provisional is known to the reader."""
    return exists(
        select(Objection.id).where(
            Objection.teacher_id == RankingRow.teacher_id, Objection.kind == ObjectionKind.APPEAL.value
        )
    )


def filing_facts(session: Session, semester_code: str, teacher_id: int) -> FilingFacts | None:
    """What decides whether the teacher may file on a semester now; None: not in its ranking."""
    ranking = newest(session, semester_code)
    if ranking is None or session.get(RankingRow, (ranking.id, teacher_id)) is None:
        return None
    since = stands_since(session, semester_code, teacher_id)
    facts = FilingFacts(
        status=ranking.status,
        listed=session.get(BottomEntry, (ranking.id, teacher_id)) is not None,
        window_ends_on=ranking.objection_ends_on,
        published_on=None if since is None else local_day(since),
    )
    open_id = _open_id(session, semester_code, teacher_id, kind_now(facts))
    return replace(facts, has_open=open_id is not None)


def _open_id(session: Session, semester_code: str, teacher_id: int, kind: ObjectionKind) -> str | None:
    return session.scalar(
        select(Objection.id).where(
            Objection.semester_code == semester_code,
            Objection.teacher_id == teacher_id,
            Objection.kind == kind.value,
            Objection.status == OPEN,
        )
    )


def stands_since(session: Session, semester_code: str, teacher_id: int) -> datetime | None:
    """When the teacher's score was published as it stands: a correction that left it alone begins nothing anew."""
    rows = session.execute(
        select(Ranking.published_at, RankingRow.score, RankingRow.grade, RankingRow.status)
        .join(RankingRow, RankingRow.ranking_id == Ranking.id)
        .where(
            Ranking.semester_code == semester_code,
            Ranking.published_at.is_not(None),
            RankingRow.teacher_id == teacher_id,
        )
        .order_by(Ranking.version)
    )
    since, before = None, None
    for published_at, *standing in rows:
        if standing != before:
            since, before = published_at, standing
    return since


def filings(session: Session, actor: Actor, today: date) -> list[Filing]:
    """What the teacher can file today, or has open, the latest semester first."""
    teacher_id = actor.teacher_id
    if scope_of(actor, Permission.OBJECTION_FILE) is None or teacher_id is None:
        return []
    calendar = roster_queries.calendar(session)
    codes = session.execute(
        select(Semester.code, Semester.name)
        .join(Ranking, Ranking.semester_code == Semester.code)
        .join(RankingRow, RankingRow.ranking_id == Ranking.id)
        .where(
            RankingRow.teacher_id == teacher_id,
            Ranking.status.in_((SemesterStatus.ANNOUNCED.value, SemesterStatus.PUBLISHED.value)),
        )
        .order_by(Semester.starts_on.desc())
    )
    found = []
    for code, name in codes:
        facts = filing_facts(session, code, teacher_id)
        if facts is None:
            continue
        kind = kind_now(facts)
        ends = last_day(kind, facts, calendar)
        open_id = _open_id(session, code, teacher_id, kind)
        if ends is not None and (today <= ends or open_id is not None):
            found.append(Filing(code, name, kind, ends, open_id))
    return found


def _within(actor: Actor, permission: Permission) -> ColumnElement[bool]:
    match scope_of(actor, permission):
        case Scope.CITY:
            return true() if actor.teacher_id is None else Objection.teacher_id != actor.teacher_id
        case Scope.OWN_PERSON if actor.teacher_id is not None:
            return Objection.teacher_id == actor.teacher_id
        case _:
            return false()


def _permission(actor: Actor) -> Permission:
    is_own = scope_of(actor, Permission.OBJECTION_FILE) is not None
    return Permission.OBJECTION_FILE if is_own else Permission.OBJECTION_DECIDE


def find_objection(
    session: Session, actor: Actor, objection_id: str, *, lock: bool = False
) -> Objection | None:
    """An objection within the actor's scope: the teacher's own, or any where the actor decides."""
    query = select(Objection).where(Objection.id == objection_id, _within(actor, _permission(actor)))
    if lock:
        query = query.with_for_update()
    return session.scalars(query).first()


def objection_queue(session: Session, actor: Actor, today: date) -> list[ObjectionRow]:
    """The open ones, the most urgent first, then the last 50 that have ended."""
    query = _rows().where(_within(actor, Permission.OBJECTION_DECIDE))
    waiting = query.where(Objection.status == OPEN).order_by(Objection.due_on, Objection.filed_at)
    ended = query.where(Objection.status != OPEN).order_by(Objection.filed_at.desc()).limit(RECENT)
    return [_row(row, today) for part in (waiting, ended) for row in session.execute(part)]


def own_objections(session: Session, actor: Actor, today: date) -> list[ObjectionRow]:
    """The teacher's own, the newest first."""
    query = _rows().where(_within(actor, Permission.OBJECTION_FILE)).order_by(Objection.filed_at.desc())
    return [_row(row, today) for row in session.execute(query)]


def _rows() -> Select[Objection, str, str, str, str]:
    return (
        select(Objection, Semester.name, Teacher.name, Teacher.number, School.name)
        .join(Semester, Semester.code == Objection.semester_code)
        .join(Teacher, Teacher.id == Objection.teacher_id)
        .join(
            RankingRow,
            and_(
                RankingRow.ranking_id == Objection.ranking_id, RankingRow.teacher_id == Objection.teacher_id
            ),
        )
        .join(School, School.id == RankingRow.school_id)
    )


def _row(found: Any, today: date) -> ObjectionRow:
    row, semester, teacher, number, school = found
    return ObjectionRow(
        id=row.id,
        kind=ObjectionKind(row.kind),
        topic=Topic(row.topic),
        status=ObjectionStatus(row.status),
        semester=semester,
        teacher=teacher,
        teacher_number=number,
        school=school,
        filed_at=row.filed_at,
        due=clocks.due(row.due_on, today),
        decided_at=row.decided_at,
        is_late=row.is_late,
    )


def objection_view(session: Session, vault: Vault, objection: Objection, actor: Actor) -> ObjectionView:
    """An objection with its words, opened with the reader's own key; for the teacher, by the system.

    Raises: KeyMissing: not for this reader.
    """
    is_own = objection.teacher_id == actor.teacher_id
    cipher = vault.open_key(session, subject_of(objection.id), CONTENT, None if is_own else [CITY_UNIT])
    semester, teacher = (
        session.get_one(Semester, objection.semester_code),
        session.get_one(Teacher, objection.teacher_id),
    )
    reviewer = session.get(Account, objection.reviewer_id) if objection.reviewer_id else None
    corrected = session.get(Ranking, objection.corrected_id) if objection.corrected_id else None
    decision = objection.decision
    return ObjectionView(
        id=objection.id,
        kind=ObjectionKind(objection.kind),
        topic=Topic(objection.topic),
        status=ObjectionStatus(objection.status),
        semester_code=objection.semester_code,
        semester=semester.name,
        teacher=teacher.name,
        teacher_number=teacher.number,
        grounds=cipher.unseal_json(objection.grounds, f"objection:grounds:{objection.id}")["text"],
        filed_at=objection.filed_at,
        due_on=objection.due_on,
        reviewer="" if reviewer is None else reviewer.display_name,
        decided_at=objection.decided_at,
        is_late=objection.is_late,
        decision=""
        if decision is None
        else cipher.unseal_json(decision, f"objection:decision:{objection.id}")["text"],
        changes=objection.changes,
        corrected_version=None if corrected is None else corrected.version,
    )


def hands_on(session: Session, objection: Objection) -> Mapping[Hand, frozenset[int]]:
    """Whose hand is in what is objected to: every version that a person made, and the teacher's findings."""
    versions = session.scalars(
        select(Ranking).where(
            Ranking.semester_code == objection.semester_code, Ranking.cause.in_(_MADE_BY_HAND)
        )
    ).all()
    deciders = session.execute(
        select(Finding.proposed_by_id, Finding.decided_by_id)
        .join(LedgerLine, LedgerLine.finding_id == Finding.id)
        .join(Ranking, Ranking.id == LedgerLine.ranking_id)
        .where(
            LedgerLine.teacher_id == objection.teacher_id,
            Ranking.semester_code == objection.semester_code,
        )
    )
    return {
        Hand.FROZE: _known(row.frozen_by_id for row in versions),
        Hand.VERIFIED: _known(row.verified_by_id for row in versions),
        Hand.PUBLISHED: _known(row.published_by_id for row in versions),
        Hand.FINDING: _known(person for pair in deciders for person in pair),
    }


def _known(ids: Iterable[int | None]) -> frozenset[int]:
    return frozenset(one for one in ids if one is not None)
