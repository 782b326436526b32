"""The steps of a semester's ranking: open, freeze and compute, announce, publish; and the proof that it stands.

Freezing writes the snapshot and the outcome as files named by their SHA-256 before the rows that name them.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor, Permission, require
from ethics_eval.accounts.service import record
from ethics_eval.complaints.models import Finding
from ethics_eval.evaluation.queries import scheme_of_semester
from ethics_eval.evaluation.rules.scheme import Component
from ethics_eval.evaluation.service import adopt_scheme
from ethics_eval.ranking.gathering import Gathered, gather
from ethics_eval.ranking.models import BottomEntry, LedgerLine, Ranking, RankingRow
from ethics_eval.ranking.rules.computation import compute
from ethics_eval.ranking.rules.outcome import Outcome, RankedRow
from ethics_eval.ranking.rules.snapshot import (
    SnapshotBroken,
    digest,
    outcome_bytes,
    read_snapshot,
    snapshot_bytes,
)
from ethics_eval.ranking.rules.steps import (
    SemesterStatus,
    Step,
    announce_due,
    check_freeze,
    check_publish,
    is_owed,
    objection_ends,
)
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.models import Semester
from ethics_eval.roster.rules.calendar import CITY_TIME, local_day
from ethics_eval.text import N_, RuleViolation

OFFICE_OPENS = time(9)
FOLDER = "snapshots"


def code_version() -> str:
    """The program's version, as the snapshot's header names it."""
    return version("ethics-eval")


def semester_for_step(session: Session, code: str) -> Semester:
    """The semester, locked for a step. Raises: RuleViolation ``semester.unknown``."""
    found = session.get(Semester, code, with_for_update=True)
    if found is None:
        raise RuleViolation("semester.unknown", N_("没有这个学期：%(semester)s"), semester=code)
    return found


def _permit(actor: Actor) -> None:
    """People need the permission; the clock and the operator act by their office."""
    if actor.role is not None:
        require(actor, Permission.SEMESTER_STEP)


def newest(session: Session, semester_code: str) -> Ranking | None:
    """The newest version of a semester's ranking."""
    return session.scalars(
        select(Ranking)
        .where(Ranking.semester_code == semester_code)
        .order_by(Ranking.version.desc())
        .limit(1)
    ).first()


def open_semester(session: Session, code: str, *, actor: Actor, at: datetime) -> bool:
    """Begin a semester's evaluation and fix its scheme; False: it was begun before.

    Raises: RuleViolation: no such semester, no right, no scheme, or a scheme made for another number of weeks.
    """
    _permit(actor)
    semester = semester_for_step(session, code)
    if not is_owed(Step.OPEN, SemesterStatus(semester.status)):
        return False
    scheme = adopt_scheme(session, semester, actor=actor, at=at)
    if scheme.semester_weeks != semester.weeks:
        raise RuleViolation(
            "semester.weeks",
            N_("方案 %(version)s 按%(planned)s周计算，本学期是%(weeks)s周，请导入按%(weeks)s周的方案。"),
            version=scheme.version,
            planned=scheme.semester_weeks,
            weeks=semester.weeks,
        )
    semester.status = SemesterStatus.OPEN.value
    record(session, actor, at, "semester.opened", "semester", code, scheme=scheme.version)
    return True


def freeze(session: Session, code: str, *, actor: Actor, at: datetime, instance: Path) -> Ranking | None:
    """Freeze the inputs, compute, and keep both; None: it was frozen before.

    Raises: RuleViolation: out of order, nobody in post, an earlier semester frozen but not published;
    OSError: the files cannot be written (nothing is kept).
    """
    _permit(actor)
    semester = semester_for_step(session, code)
    if not is_owed(Step.FREEZE, SemesterStatus(semester.status)):
        return None
    scheme = scheme_of_semester(session, code)
    if scheme is None:
        raise RuleViolation("scheme.none", N_("还没有考评方案，请先导入方案。"))
    gathered = gather(session, semester, scheme, at=at)
    check_freeze(len(gathered.inputs.postings), _unpublished_other(session, semester))
    content = snapshot_bytes(gathered.inputs, semester=code, code_version=code_version())
    outcome = compute(gathered.inputs)
    result = outcome_bytes(outcome)
    for part in (content, result):
        write_file(instance, part)
    ranking = Ranking(
        semester_code=code,
        version=1
        + (session.scalar(select(func.max(Ranking.version)).where(Ranking.semester_code == code)) or 0),
        status=SemesterStatus.FROZEN.value,
        scheme_version=scheme.version,
        code_version=code_version(),
        snapshot_sha256=digest(content),
        outcome_sha256=digest(result),
        counts=json.dumps(outcome.counts()),
        frozen_at=at,
        frozen_by_id=actor.id,
    )
    session.add(ranking)
    session.flush()
    _keep(session, ranking, outcome, gathered)
    semester.status = SemesterStatus.FROZEN.value
    record(
        session,
        actor,
        at,
        "ranking.frozen",
        "ranking",
        ranking.id,
        semester=code,
        sha256=ranking.snapshot_sha256,
    )
    session.flush()
    return ranking


def _unpublished_other(session: Session, semester: Semester) -> str | None:
    """Name of another semester that is frozen but not published: its findings are not yet marked as scored."""
    return session.scalar(
        select(Semester.name)
        .where(
            Semester.code != semester.code,
            Semester.status.in_([SemesterStatus.FROZEN.value, SemesterStatus.ANNOUNCED.value]),
        )
        .order_by(Semester.starts_on)
        .limit(1)
    )


def _keep(session: Session, ranking: Ranking, outcome: Outcome, gathered: Gathered) -> None:
    """The outcome as rows, in bulk."""
    session.execute(insert(RankingRow), [_columns(ranking.id, row, gathered) for row in outcome.rows])
    lines = [
        {
            "ranking_id": ranking.id,
            "teacher_id": gathered.teacher_ids[row.teacher],
            "finding_id": row.finding,
            "line_e4": row.line_e4,
            "counted": row.counted,
            "reason": row.reason,
        }
        for row in outcome.ledger
    ]
    if lines:
        session.execute(insert(LedgerLine), lines)
    listed = [
        {
            "ranking_id": ranking.id,
            "teacher_id": gathered.teacher_ids[row.teacher],
            "position": position,
            "treatment": row.treatment,
            "basis": " ".join(row.basis),
        }
        for position, row in enumerate(outcome.bottom, start=1)
    ]
    if listed:
        session.execute(insert(BottomEntry), listed)


def _columns(ranking_id: int, row: RankedRow, gathered: Gathered) -> dict[str, Any]:
    return {
        "ranking_id": ranking_id,
        "teacher_id": gathered.teacher_ids[row.teacher],
        "school_id": gathered.school_ids[row.school],
        "district_code": gathered.district_codes[row.school],
        "stage": row.stage,
        "status": row.status,
        "reason": row.reason,
        **{f"{part.value}_e4": value for part, value in zip(Component, row.components, strict=True)},
        "base_e4": row.base,
        "deduct_e4": row.deduct,
        "bonus_e4": row.bonus,
        "score": row.score,
        "grade": row.grade,
        "veto": row.veto,
        "provisional": row.provisional,
        "place": row.place,
        "stage_place": row.stage_place,
        "school_place": row.school_place,
        "flags": " ".join(row.flags),
    }


def announce(session: Session, code: str, *, actor: Actor, at: datetime) -> Ranking | None:
    """Begin the objection window of the listed teachers; None: it was begun before. Notices are the caller's.

    Raises: RuleViolation: out of order, or the working-day calendar does not reach so far.
    """
    _permit(actor)
    semester = semester_for_step(session, code)
    if not is_owed(Step.ANNOUNCE, SemesterStatus(semester.status)):
        return None
    ranking = _standing(session, code)
    ranking.status = semester.status = SemesterStatus.ANNOUNCED.value
    ranking.announced_at = at
    ranking.objection_ends_on = objection_ends(local_day(at), roster_queries.calendar(session))
    record(session, actor, at, "ranking.announced", "ranking", ranking.id, semester=code)
    session.flush()
    return ranking


def publish(session: Session, code: str, *, actor: Actor, at: datetime) -> Ranking | None:
    """Publish the ranking and mark its findings as scored; None: it was published before.

    Raises: RuleViolation: out of order, or a listed teacher may still object.
    """
    _permit(actor)
    semester = semester_for_step(session, code)
    if not is_owed(Step.PUBLISH, SemesterStatus(semester.status)):
        return None
    ranking = _standing(session, code)
    check_publish(json.loads(ranking.counts)["listed"], ranking.objection_ends_on, local_day(at))
    ranking.status = semester.status = SemesterStatus.PUBLISHED.value
    ranking.published_at = at
    ranking.published_by_id = actor.id
    scored = select(LedgerLine.finding_id).where(
        LedgerLine.ranking_id == ranking.id, LedgerLine.reason.in_(("", "SAME_FACTS"))
    )
    session.execute(update(Finding).where(Finding.id.in_(scored)).values(scored_semester=code))
    record(session, actor, at, "ranking.published", "ranking", ranking.id, semester=code)
    session.flush()
    return ranking


def _standing(session: Session, code: str) -> Ranking:
    """The ranking of a semester past its freeze."""
    ranking = newest(session, code)
    if ranking is None:
        raise RuleViolation("ranking.none", N_("学期 %(semester)s 还没有冻结的榜单。"), semester=code)
    return ranking


def steps_due(session: Session, at: datetime) -> list[tuple[str, Step]]:
    """What the clock owes by ``at``: freezing, prior notice and publication of semesters that a person opened.

    Prior notice goes out in time for the planned publication; publication waits for the objection window.
    """
    calendar = roster_queries.calendar(session)
    found: list[tuple[datetime, str, Step]] = []
    for semester in roster_queries.semesters(session):
        match SemesterStatus(semester.status):
            case SemesterStatus.OPEN:
                owed, step = semester.freeze_at, Step.FREEZE
            case SemesterStatus.FROZEN:
                day = announce_due(local_day(semester.publish_at), calendar)
                owed, step = datetime.combine(day, OFFICE_OPENS, CITY_TIME), Step.ANNOUNCE
            case SemesterStatus.ANNOUNCED:
                owed, step = semester.publish_at, Step.PUBLISH
                ends_on = _standing(session, semester.code).objection_ends_on
                if ends_on is not None:
                    after = datetime.combine(ends_on + timedelta(days=1), OFFICE_OPENS, CITY_TIME)
                    owed = max(owed, after)
            case _:
                continue
        if owed <= at:
            found.append((owed, semester.code, step))
    return [(code, step) for _owed, code, step in sorted(found)]


# --- files --------------------------------------------------------------------------------------------------


def write_file(instance: Path, content: bytes) -> Path:
    """Keep bytes under their SHA-256, complete and on the disk before the path is given back. Raises: OSError."""
    target = file_of(instance, digest(content))
    if target.is_file():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(target)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return target


def file_of(instance: Path, sha256: str) -> Path:
    """Where the file of a digest lies."""
    return instance / FOLDER / f"{sha256}.jsonl"


# --- proof --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Proof:
    """What was checked of a ranking; ``faults`` is empty when every byte agrees."""

    ranking_id: int
    snapshot_sha256: str
    outcome_sha256: str
    rows: int
    faults: tuple[str, ...]


def verify(session: Session, code: str, *, instance: Path) -> Proof:
    """Compute a semester's ranking again from its snapshot alone, and compare every byte and every stored row.

    Raises: RuleViolation ``ranking.none``: it was never frozen.
    """
    ranking = _standing(session, code)
    faults: list[str] = []
    rows = 0
    try:
        content = file_of(instance, ranking.snapshot_sha256).read_bytes()
        if digest(content) != ranking.snapshot_sha256:
            faults.append("snapshot: its SHA-256 is another")
        outcome = compute(read_snapshot(content).inputs)
        rows = len(outcome.rows)
        again = outcome_bytes(outcome)
        if digest(again) != ranking.outcome_sha256:
            faults.append("outcome: computed again it differs from the SHA-256 stored")
        if file_of(instance, ranking.outcome_sha256).read_bytes() != again:
            faults.append("outcome: computed again it differs from the stored file")
        faults += _stored_differences(session, ranking, outcome)
    except OSError as error:
        faults.append(f"file: {error.strerror}: {Path(str(error.filename)).name}")
    except SnapshotBroken as error:
        faults.append(f"snapshot: {error}")
    return Proof(ranking.id, ranking.snapshot_sha256, ranking.outcome_sha256, rows, tuple(faults))


def _stored_differences(session: Session, ranking: Ranking, outcome: Outcome) -> list[str]:
    """Rows, ledger and bottom list of the database that say something else than the outcome."""
    stored = _stored_outcome(session, ranking)
    computed: dict[str, set[tuple[Any, ...]]] = {
        "row": {tuple(row) for row in outcome.rows},
        "ledger": {tuple(row) for row in outcome.ledger},
        "bottom": {(place, *row) for place, row in enumerate(outcome.bottom, start=1)},
    }
    faults = []
    for kind, rows in computed.items():
        for row in sorted(rows ^ stored[kind], key=repr)[:10]:
            faults.append(f"{kind}: the database and the outcome differ at {row[0]} {row[1]}")
    if json.loads(ranking.counts) != outcome.counts():
        faults.append("counts: the database and the outcome differ")
    return faults


def _stored_outcome(session: Session, ranking: Ranking) -> dict[str, set[tuple[Any, ...]]]:
    from_teacher = roster_queries.teacher_numbers(session)
    from_school = roster_queries.school_codes(session)
    table = RankingRow.__table__.c
    rows = session.execute(
        select(
            RankingRow.teacher_id,
            RankingRow.school_id,
            RankingRow.stage,
            RankingRow.status,
            RankingRow.reason,
            *(table[f"{part.value}_e4"] for part in Component),
            RankingRow.base_e4,
            RankingRow.deduct_e4,
            RankingRow.bonus_e4,
            RankingRow.score,
            RankingRow.grade,
            RankingRow.veto,
            RankingRow.provisional,
            RankingRow.place,
            RankingRow.stage_place,
            RankingRow.school_place,
            RankingRow.flags,
        ).where(RankingRow.ranking_id == ranking.id)
    ).all()
    lines = session.execute(
        select(
            LedgerLine.finding_id,
            LedgerLine.teacher_id,
            LedgerLine.line_e4,
            LedgerLine.counted,
            LedgerLine.reason,
        ).where(LedgerLine.ranking_id == ranking.id)
    ).all()
    listed = session.execute(
        select(BottomEntry.position, BottomEntry.teacher_id, BottomEntry.treatment, BottomEntry.basis).where(
            BottomEntry.ranking_id == ranking.id
        )
    ).all()
    parts = slice(5, 10)
    return {
        "row": {
            (
                from_teacher[row[0]],
                from_school[row[1]],
                *row[2:5],
                tuple(row[parts]),
                *row[10:-1],
                tuple(row[-1].split()),
            )
            for row in rows
        },
        "ledger": {(row[0], from_teacher[row[1]], *row[2:]) for row in lines},
        "bottom": {(row[0], from_teacher[row[1]], row[2], tuple(row[3].split())) for row in listed},
    }
