"""The steps of a semester's ranking: open, freeze and compute, announce, publish.

Freezing writes the snapshot and the outcome as files named by their SHA-256 before the rows that name them.
"""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor, Permission, require
from ethics_eval.accounts.service import record
from ethics_eval.complaints.models import Finding
from ethics_eval.database import insert_in_bulk
from ethics_eval.evaluation.queries import scheme_of_semester
from ethics_eval.evaluation.rounds import open_round
from ethics_eval.evaluation.rules.scheme import Component
from ethics_eval.evaluation.service import adopt_scheme
from ethics_eval.ranking.archive import write_file
from ethics_eval.ranking.gathering import Gathered, gather, stand_still
from ethics_eval.ranking.models import BottomEntry, LedgerLine, Ranking, RankingRow
from ethics_eval.ranking.naming import settle_names
from ethics_eval.ranking.queries.holds import open_hold
from ethics_eval.ranking.queries.objections import count_open
from ethics_eval.ranking.queries.standing import standing
from ethics_eval.ranking.rules.certainty import (
    Certainty,
    Place,
    certainty_bytes,
    certainty_json,
    certainty_of,
)
from ethics_eval.ranking.rules.computation import measure, outcome_of
from ethics_eval.ranking.rules.derivation import round_means
from ethics_eval.ranking.rules.ledger import SCORED
from ethics_eval.ranking.rules.outcome import Outcome, RankedRow
from ethics_eval.ranking.rules.snapshot import digest, outcome_bytes, snapshot_bytes
from ethics_eval.ranking.rules.steps import (
    SemesterStatus,
    Step,
    announce_due,
    check_freeze,
    check_not_held,
    check_publish,
    check_verified,
    is_owed,
    objection_ends,
)
from ethics_eval.ranking.verifying import verification_of, verify_by_machine
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.models import Semester
from ethics_eval.roster.rules.calendar import CITY_TIME, local_day
from ethics_eval.text import N_, RuleViolation

OFFICE_OPENS = time(9)


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


def _is_owed(session: Session, step: Step, semester: Semester) -> bool:
    """Whether the step is still to be taken. Raises: RuleViolation: out of order, or the semester is held."""
    if not is_owed(step, SemesterStatus(semester.status)):
        return False
    held = open_hold(session, semester.code)
    check_not_held(None if held is None else held.reason)
    return True


def open_semester(session: Session, code: str, *, actor: Actor, at: datetime) -> bool:
    """Begin a semester's evaluation and fix its scheme; False: it was begun before.

    Raises: RuleViolation: no such semester, no right, no scheme, or a scheme made for another number of weeks.
    """
    _permit(actor)
    semester = semester_for_step(session, code)
    if not _is_owed(session, Step.OPEN, semester):
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
    open_round(session, semester, actor=actor, at=at)
    record(session, actor, at, "semester.opened", "semester", code, scheme=scheme.version)
    return True


def freeze(session: Session, code: str, *, actor: Actor, at: datetime, instance: Path) -> Ranking | None:
    """Freeze the inputs, compute, and keep both; None: it was frozen before.

    Raises: RuleViolation: out of order, nobody in post, an earlier semester frozen but not published;
    OSError: the files cannot be written (nothing is kept).
    """
    _permit(actor)
    semester = semester_for_step(session, code)
    if not _is_owed(session, Step.FREEZE, semester):
        return None
    scheme = scheme_of_semester(session, code)
    if scheme is None:
        raise RuleViolation("scheme.none", N_("还没有考评方案，请先导入方案。"))
    stand_still(session)
    gathered = gather(session, semester, scheme, at=at)
    check_freeze(len(gathered.inputs.postings), _unpublished_other(session, semester))
    ranking = keep_version(
        session, gathered, code, SemesterStatus.FROZEN.value, actor=actor, at=at, instance=instance
    )
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


def keep_version(
    session: Session,
    gathered: Gathered,
    code: str,
    status: str,
    *,
    actor: Actor,
    at: datetime,
    instance: Path,
) -> Ranking:
    """Write the files of the inputs and of what is computed from them, and keep it as the semester's next version.

    Raises: OSError: the files cannot be written (nothing is kept).
    """
    content = snapshot_bytes(gathered.inputs, semester=code, code_version=code_version())
    found = measure(gathered.inputs)
    outcome = outcome_of(found)
    result = outcome_bytes(outcome)
    certainty = certainty_of(gathered.inputs, found, outcome.bottom, digest(content))
    sure = certainty_bytes(certainty)
    for part in (content, result, sure):
        write_file(instance, part)
    ranking = Ranking(
        semester_code=code,
        version=1
        + (session.scalar(select(func.max(Ranking.version)).where(Ranking.semester_code == code)) or 0),
        status=status,
        scheme_version=gathered.inputs.scheme.version,
        code_version=code_version(),
        snapshot_sha256=digest(content),
        outcome_sha256=digest(result),
        certainty_sha256=digest(sure),
        counts=json.dumps(outcome.counts()),
        means=round_means(found).to_json(),
        certainty=certainty_json(certainty),
        frozen_at=at,
        frozen_by_id=actor.id,
    )
    session.add(ranking)
    session.flush()
    _keep(session, ranking, outcome, certainty, gathered)
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


def _keep(
    session: Session, ranking: Ranking, outcome: Outcome, certainty: Certainty, gathered: Gathered
) -> None:
    """The outcome as rows with how sure each is, in bulk."""
    places = {row.teacher: row for row in certainty.places}
    insert_in_bulk(
        session,
        RankingRow,
        _COLUMNS,
        (_values(ranking.id, row, places.get(row.teacher), gathered) for row in outcome.rows),
    )
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
    low = {row.teacher: row for row in certainty.lowest}
    listed = [
        {
            "ranking_id": ranking.id,
            "teacher_id": gathered.teacher_ids[row.teacher],
            "position": position,
            "treatment": row.treatment,
            "basis": " ".join(row.basis),
            "separable": low[row.teacher].separable == 1,
            "chance_permille": low[row.teacher].chance,
            "weight_sensitive": low[row.teacher].is_weight_sensitive,
        }
        for position, row in enumerate(outcome.bottom, start=1)
    ]
    if listed:
        session.execute(insert(BottomEntry), listed)


_COLUMNS = (
    *("ranking_id", "teacher_id", "school_id", "district_code", "stage", "status", "reason"),
    *(f"{part.value}_e4" for part in Component),
    *("base_e4", "deduct_e4", "bonus_e4", "score", "grade", "veto", "provisional"),
    *("place", "stage_place", "school_place", "flags"),
    *("band_low", "band_high", "set_low", "set_high"),
)


def _values(ranking_id: int, row: RankedRow, sure: Place | None, gathered: Gathered) -> tuple[Any, ...]:
    """What _COLUMNS hold."""
    return (
        ranking_id,
        gathered.teacher_ids[row.teacher],
        gathered.school_ids[row.school],
        gathered.district_codes[row.school],
        row.stage,
        row.status,
        row.reason,
        *row.components,
        row.base,
        row.deduct,
        row.bonus,
        row.score,
        row.grade,
        row.veto,
        row.provisional,
        row.place,
        row.stage_place,
        row.school_place,
        " ".join(row.flags),
        *(_NO_PLACE if sure is None else (sure.band_low, sure.band_high, sure.set_low, sure.set_high)),
    )


_NO_PLACE = (None, None, None, None)


def announce(session: Session, code: str, *, actor: Actor, at: datetime, instance: Path) -> Ranking | None:
    """Begin the objection window of the listed teachers; None: it was begun before. Notices are the caller's.

    A person announces what another than the one who froze has verified; the clock and the command line verify.
    Raises: RuleViolation: out of order, held, not verified, or the working-day calendar does not reach so far.
    """
    _permit(actor)
    semester = semester_for_step(session, code)
    if not _is_owed(session, Step.ANNOUNCE, semester):
        return None
    if actor.role is None:
        verify_by_machine(session, code, actor=actor, at=at, instance=instance)
    ranking = standing(session, code)
    check_verified(verification_of(ranking), by_person=actor.role is not None)
    ranking.status = semester.status = SemesterStatus.ANNOUNCED.value
    ranking.announced_at = at
    ranking.objection_ends_on = objection_ends(local_day(at), roster_queries.calendar(session))
    record(session, actor, at, "ranking.announced", "ranking", ranking.id, semester=code)
    session.flush()
    return ranking


def publish(session: Session, code: str, *, actor: Actor, at: datetime) -> Ranking | None:
    """Publish the ranking and mark its findings as scored; None: it was published before.

    Raises: RuleViolation: out of order, held, a listed teacher may still object, an objection is undecided, or a
    person publishes while the reason for a name is missing (R13; the clock and the command line withhold the name).
    """
    _permit(actor)
    semester = semester_for_step(session, code)
    if not _is_owed(session, Step.PUBLISH, semester):
        return None
    ranking = standing(session, code)
    check_publish(
        json.loads(ranking.counts)["listed"],
        ranking.objection_ends_on,
        local_day(at),
        open_objections=count_open(session, code),
    )
    settle_names(session, ranking, actor=actor, at=at)
    ranking.status = semester.status = SemesterStatus.PUBLISHED.value
    ranking.published_at = at
    ranking.published_by_id = actor.id
    scored = select(LedgerLine.finding_id).where(
        LedgerLine.ranking_id == ranking.id, LedgerLine.reason.in_(SCORED)
    )
    session.execute(update(Finding).where(Finding.id.in_(scored)).values(scored_semester=code))
    record(session, actor, at, "ranking.published", "ranking", ranking.id, semester=code)
    session.flush()
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
                ends_on = standing(session, semester.code).objection_ends_on
                if ends_on is not None:
                    after = datetime.combine(ends_on + timedelta(days=1), OFFICE_OPENS, CITY_TIME)
                    owed = max(owed, after)
            case _:
                continue
        if owed <= at:
            found.append((owed, semester.code, step))
    return [(code, step) for _owed, code, step in sorted(found)]
