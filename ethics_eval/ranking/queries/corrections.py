"""The versions of a ranking, what each put right, and what differs between two of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from ethics_eval.accounts.models import Account, AuditEvent
from ethics_eval.accounts.rules import Actor
from ethics_eval.ranking.models import BottomEntry, Objection, Ranking, RankingRow
from ethics_eval.ranking.queries.sight import Sight
from ethics_eval.ranking.queries.versions import RankingView, version_of
from ethics_eval.ranking.rules.correction import Change, read_changes
from ethics_eval.ranking.rules.naming import effective_treatment
from ethics_eval.roster.models import School, Semester, Teacher

SHOWN = 200  # score changes that a page shows one by one
# The last place difference of each group of moved teachers; None: beyond.
MOVES: tuple[int | None, ...] = (1, 5, 20, 100, None)


@dataclass(frozen=True)
class VersionView:
    """One version. Names are empty for the clock or a command; ``objection_id``: the one it was upheld on."""

    id: int
    version: int
    status: str
    cause: str
    reason: str
    changes: list[Change]
    made_at: datetime
    made_by: str
    made_by_id: int | None
    verified_at: datetime | None
    verified_by: str
    announced_at: datetime | None
    published_at: datetime | None
    published_by: str
    snapshot_sha256: str
    outcome_sha256: str
    certainty_sha256: str
    objection_id: str


def all_versions(session: Session, sight: Sight, semester_code: str) -> list[VersionView]:
    """All versions of a semester's ranking, the newest first; none for who sees it only once it is published."""
    if not sight.before_publication:
        return []
    maker, verifier, publisher = aliased(Account), aliased(Account), aliased(Account)
    upheld = {
        corrected: objection
        for corrected, objection in session.execute(
            select(Objection.corrected_id, Objection.id).where(Objection.semester_code == semester_code)
        )
    }
    rows = session.execute(
        select(Ranking, maker.display_name, verifier.display_name, publisher.display_name)
        .outerjoin(maker, maker.id == Ranking.frozen_by_id)
        .outerjoin(verifier, verifier.id == Ranking.verified_by_id)
        .outerjoin(publisher, publisher.id == Ranking.published_by_id)
        .where(Ranking.semester_code == semester_code)
        .order_by(Ranking.version.desc())
    )
    return [
        VersionView(
            id=row.id,
            version=row.version,
            status=row.status,
            cause=row.cause,
            reason=row.reason,
            changes=read_changes(row.changes),
            made_at=row.frozen_at,
            made_by=made_by or "",
            made_by_id=row.frozen_by_id,
            verified_at=row.verified_at,
            verified_by=verified_by or "",
            announced_at=row.announced_at,
            published_at=row.published_at,
            published_by=published_by or "",
            snapshot_sha256=row.snapshot_sha256,
            outcome_sha256=row.outcome_sha256,
            certainty_sha256=row.certainty_sha256,
            objection_id=upheld.get(row.id, ""),
        )
        for row, made_by, verified_by, published_by in rows
    ]


def version_numbered(session: Session, sight: Sight, semester_code: str, version: int) -> RankingView | None:
    """One version by its number, superseded ones too; None: not there, or not for this reader."""
    if not sight.before_publication:
        return None
    found = session.scalar(
        select(Ranking.id).where(Ranking.semester_code == semester_code, Ranking.version == version)
    )
    return None if found is None else version_of(session, found)


class Standing(NamedTuple):
    """A row as two versions are compared: hundredths, places, e4."""

    score: int | None
    place: int | None
    grade: str
    status: str
    deduct_e4: int
    bonus_e4: int
    provisional: bool


class ScoreChange(NamedTuple):
    """A teacher whose score, grade or state is another now."""

    number: str
    name: str
    school: str
    before: Standing
    after: Standing


class ListChange(NamedTuple):
    """A teacher of either list; treatments in effect, empty: not on that list."""

    number: str
    name: str
    school: str
    before: str
    after: str


class Moved(NamedTuple):
    """How many moved by so many places: more than the group before, ``up_to`` or fewer (None: any more)."""

    above: int
    up_to: int | None
    people: int


@dataclass(frozen=True)
class Difference:
    """What a later version says otherwise. ``score_count``: of all, though only the first 200 are in ``scores``."""

    scores: list[ScoreChange]
    score_count: int
    listed: list[ListChange]
    moved: list[Moved]
    unmoved: int


_STANDING = ("score", "place", "grade", "status", "deduct_e4", "bonus_e4", "provisional")


def difference(session: Session, sight: Sight, before_id: int, after_id: int) -> Difference | None:
    """Compare two versions of one ranking, whole city; None: not for who sees it only once it is published."""
    if not sight.before_publication:
        return None
    old, new = aliased(RankingRow), aliased(RankingRow)
    both = and_(old.ranking_id == before_id, new.ranking_id == after_id, old.teacher_id == new.teacher_id)
    differs = or_(
        *(getattr(old, name).is_distinct_from(getattr(new, name)) for name in _STANDING if name != "place")
    )
    count = session.scalar(select(func.count()).select_from(old).join(new, both).where(differs)) or 0
    rows = session.execute(
        select(
            Teacher.number,
            Teacher.name,
            School.name,
            *(getattr(row, name) for row in (old, new) for name in _STANDING),
        )
        .select_from(old)
        .join(new, both)
        .join(Teacher, Teacher.id == old.teacher_id)
        .join(School, School.id == new.school_id)
        .where(differs)
        .order_by(Teacher.number)
        .limit(SHOWN)
    )
    width = len(_STANDING)
    scores = [
        ScoreChange(row[0], row[1], row[2], Standing(*row[3 : 3 + width]), Standing(*row[3 + width :]))
        for row in rows
    ]
    moves = session.execute(
        select(func.abs(new.place - old.place), func.count())
        .select_from(old)
        .join(new, both)
        .where(old.place.is_not(None), new.place.is_not(None))
        .group_by(func.abs(new.place - old.place))
    ).all()
    return Difference(
        scores,
        count,
        _listed(session, before_id, after_id),
        _grouped([(int(by), n) for by, n in moves if by]),
        sum(n for by, n in moves if not by),
    )


def _grouped(moves: Sequence[tuple[int, int]]) -> list[Moved]:
    found = []
    above = 0
    for up_to in MOVES:
        count = sum(n for by, n in moves if by > above and (up_to is None or by <= up_to))
        found.append(Moved(above, up_to, count))
        above = up_to or above
    return [row for row in found if row.people]


def _listed(session: Session, before_id: int, after_id: int) -> list[ListChange]:
    rows = session.execute(
        select(Teacher.number, Teacher.name, School.name, BottomEntry)
        .join(Teacher, Teacher.id == BottomEntry.teacher_id)
        .join(
            RankingRow,
            and_(
                RankingRow.ranking_id == BottomEntry.ranking_id,
                RankingRow.teacher_id == BottomEntry.teacher_id,
            ),
        )
        .join(School, School.id == RankingRow.school_id)
        .where(BottomEntry.ranking_id.in_((before_id, after_id)))
        .order_by(BottomEntry.position)
    )
    found: dict[str, ListChange] = {}
    for number, name, school, entry in rows:
        line = found.get(number, ListChange(number, name, school, "", ""))
        treatment = effective_treatment(entry.treatment, withheld=entry.withheld)
        which = "before" if entry.ranking_id == before_id else "after"
        found[number] = line._replace(**{which: treatment})
    return list(found.values())


class OwnVersion(NamedTuple):
    """A teacher's own score in one published version of a semester, superseded ones too."""

    version: int
    published_at: datetime
    score: int | None
    place: int | None
    grade: str
    cause: str


def own_versions(session: Session, actor: Actor) -> dict[str, list[OwnVersion]]:
    """Semester code → the teacher's own score in each published version that changed it, where it was changed.

    A correction that left the own score alone is about somebody else, and is not told here.
    """
    if actor.teacher_id is None:
        return {}
    rows = session.execute(
        select(Ranking, RankingRow)
        .join(RankingRow, RankingRow.ranking_id == Ranking.id)
        .where(RankingRow.teacher_id == actor.teacher_id, Ranking.published_at.is_not(None))
        .order_by(Ranking.semester_code, Ranking.version)
    )
    found: dict[str, list[OwnVersion]] = {}
    for ranking, row in rows:
        kept = found.setdefault(ranking.semester_code, [])
        is_same = bool(kept) and (kept[-1].score, kept[-1].grade) == (row.score, row.grade)
        if ranking.published_at is not None and not is_same:
            kept.append(
                OwnVersion(
                    ranking.version, ranking.published_at, row.score, row.place, row.grade, ranking.cause
                )
            )
    return {code: several for code, several in found.items() if len(several) > 1}


class Checked(NamedTuple):
    """That a ranking was looked at again because an earlier semester was corrected, and stands."""

    semester: str
    at: datetime


def checked_because(session: Session, sight: Sight, semester_code: str) -> list[Checked]:
    """The corrections of earlier semesters that left this one's ranking as it is, the newest first; as versions."""
    if not sight.before_publication:
        return []
    ids = [
        str(ranking_id)
        for ranking_id in session.scalars(select(Ranking.id).where(Ranking.semester_code == semester_code))
    ]
    events = session.execute(
        select(AuditEvent.detail, AuditEvent.at)
        .where(
            AuditEvent.action == "ranking.checked",
            AuditEvent.subject_kind == "ranking",
            AuditEvent.subject_id.in_(ids),
        )
        .order_by(AuditEvent.id.desc())
    ).all()
    names = {code: name for code, name in session.execute(select(Semester.code, Semester.name))}
    found = []
    for detail, at in events:
        because = json.loads(detail).get("because", "")
        if because != semester_code:
            found.append(Checked(names.get(because, because), at))
    return found


def school_names(session: Session, codes: Collection[str]) -> dict[str, str]:
    """Names of schools by code."""
    rows = session.execute(select(School.code, School.name).where(School.code.in_(codes)))
    return {code: name for code, name in rows}
