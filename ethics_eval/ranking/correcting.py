"""更正: a new version of a ranking, computed from the old snapshot with what was put right; the old one is kept.

Nobody is pushed into a past list; later semesters that rested on what is gone are computed anew. Decision 0034.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import String, cast, or_, select, update
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import AuditEvent
from ethics_eval.accounts.rules import Actor, Permission, require
from ethics_eval.accounts.service import record
from ethics_eval.complaints.models import Finding, Remedy
from ethics_eval.complaints.rules.finding import is_repeat, written
from ethics_eval.complaints.rules.machine import BURDENING
from ethics_eval.complaints.rules.remedy import RemedyResult
from ethics_eval.evaluation.rules.tally import POINT
from ethics_eval.ranking.archive import kept_inputs, teacher_inputs
from ethics_eval.ranking.gathering import Gathered, warned
from ethics_eval.ranking.models import BottomEntry, LedgerLine, Ranking, RankingRow
from ethics_eval.ranking.naming import withhold_unexplained
from ethics_eval.ranking.proof import verify
from ethics_eval.ranking.queries.ledger import finding_ids
from ethics_eval.ranking.queries.standing import newest, standing
from ethics_eval.ranking.queries.versions import SUPERSEDED
from ethics_eval.ranking.rules.correction import Cause, Change, ChangeKind, apply, changes_text
from ethics_eval.ranking.rules.inputs import Inputs, penalty
from ethics_eval.ranking.rules.ledger import SCORED
from ethics_eval.ranking.rules.results import given_table, tally_table
from ethics_eval.ranking.rules.snapshot import SnapshotBroken
from ethics_eval.ranking.rules.steps import SemesterStatus
from ethics_eval.ranking.service import keep_version, semester_for_step
from ethics_eval.ranking.verifying import check_reproduced
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.models import School, Semester, Teacher
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import N_, RuleViolation

_BURDENING = [outcome.value for outcome in BURDENING]
_NEEDED: Mapping[Cause, Permission] = {
    Cause.OBJECTION: Permission.OBJECTION_DECIDE,
    Cause.APPEAL: Permission.OBJECTION_DECIDE,
    Cause.FINDING: Permission.RANKING_CORRECT,
    Cause.ERROR: Permission.RANKING_CORRECT,
}


@dataclass(frozen=True)
class Corrected:
    """A version and the one that takes its place."""

    old: Ranking
    new: Ranking


def correct(
    session: Session,
    code: str,
    changes: Sequence[Change],
    *,
    cause: Cause,
    reason: str = "",
    actor: Actor,
    at: datetime,
    instance: Path,
) -> list[Corrected]:
    """Put a semester's ranking right, and every later one that rested on it; the first is the semester's own.

    A later semester that stays as it is gets an audit event that says it was checked.
    Args: reason: in words, needed for an error the bureau found itself.
    Raises: RuleViolation: no right, no ranking, no reason, nothing to change, nothing that may be changed, or worse for
    whoever objected (申诉不加重); OSError: the files cannot be read or written (nothing is kept).
    """
    if actor.role is not None:
        require(actor, _NEEDED[cause])
    if cause is Cause.ERROR:
        written(reason, "reason")
    if not changes:
        raise RuleViolation("correction.none", N_("没有要更正的内容。"))
    semester = semester_for_step(session, code)
    gone = frozenset(change.key[-1] for change in changes if change.kind is ChangeKind.FINDING_DROPPED)
    old = standing(session, code)
    inputs = frozen_inputs(old, instance)
    changed = {change.place for change in changes}
    implied = [
        change
        for change in consequences(
            session, old, inputs, gone=gone, teachers={change.teacher for change in changes}
        )
        if change.place not in changed
    ]
    first = _new_version(
        session, old, inputs, [*changes, *implied], cause, reason, actor=actor, at=at, instance=instance
    )
    if cause in {Cause.OBJECTION, Cause.APPEAL}:
        _check_not_worse(session, first, {change.teacher for change in changes})
    return [first, *_later(session, semester, gone, actor=actor, at=at, instance=instance)]


def frozen_inputs(ranking: Ranking, instance: Path) -> Inputs:
    """What a version was computed from, from its own file. Raises: OSError; RuleViolation ``ranking.snapshot``."""
    try:
        return kept_inputs(instance, ranking.snapshot_sha256)
    except SnapshotBroken as error:
        raise RuleViolation(
            "ranking.snapshot", N_("数据快照已损坏，不能据以更正。请联系系统管理员。")
        ) from error


def inputs_of_teacher(session: Session, code: str, number: str, instance: Path) -> Inputs:
    """One teacher's rows of the version that stands, with the scheme. Raises: OSError; RuleViolation."""
    ranking = standing(session, code)
    keys = finding_ids(session, ranking.id, number)
    return teacher_inputs(instance, ranking.snapshot_sha256, number, keys)


def _new_version(
    session: Session,
    old: Ranking,
    inputs: Inputs,
    changes: Sequence[Change],
    cause: Cause,
    reason: str,
    *,
    actor: Actor,
    at: datetime,
    instance: Path,
) -> Corrected:
    listed = {
        number: entry
        for entry, number in session.execute(
            select(BottomEntry, Teacher.number)
            .join(Teacher, Teacher.id == BottomEntry.teacher_id)
            .where(BottomEntry.ranking_id == old.id)
        )
    }
    applied = apply(inputs, changes)
    fixed = replace(
        applied,
        given=given_table(applied.given),  # as columns once, however often they are read
        tallies=tally_table(applied.tallies),
        listed_only=frozenset(listed),
    )
    new = keep_version(
        session,
        _placed(session, old, fixed),
        old.semester_code,
        old.status,
        actor=actor,
        at=at,
        instance=instance,
    )
    new.corrects_id, new.cause = old.id, cause.value
    new.reason, new.changes = reason, changes_text(changes)
    new.announced_at, new.objection_ends_on = old.announced_at, old.objection_ends_on
    old.status = SUPERSEDED
    if new.status == SemesterStatus.PUBLISHED:
        new.published_at, new.published_by_id = at, actor.id
        _unmark(session, old, new)
    session.flush()
    _carry_reasons(session, new, list(listed.values()))
    if new.status == SemesterStatus.PUBLISHED:
        withhold_unexplained(session, new, actor=actor, at=at)
    if new.status != SemesterStatus.FROZEN:  # a frozen one waits for its second person again
        _check_reproduced(session, new, at=at, instance=instance)
    record(
        session,
        actor,
        at,
        "ranking.corrected",
        "ranking",
        new.id,
        semester=new.semester_code,
        version=new.version,
        cause=cause.value,
        changes=len(changes),
        sha256=new.snapshot_sha256,
    )
    session.flush()
    return Corrected(old, new)


def _placed(session: Session, old: Ranking, inputs: Inputs) -> Gathered:
    """The inputs with the database's ids of the numbers and codes in them, districts as they were frozen."""
    rows = session.execute(
        select(Teacher.number, RankingRow.teacher_id)
        .join(Teacher, Teacher.id == RankingRow.teacher_id)
        .where(RankingRow.ranking_id == old.id)
    )
    codes = {row.school for row in inputs.postings}
    schools = session.execute(select(School.code, School.id, School.district_code)).all()
    frozen = session.execute(
        select(School.code, RankingRow.district_code)
        .join(School, School.id == RankingRow.school_id)
        .where(RankingRow.ranking_id == old.id)
        .distinct()
    )
    return Gathered(
        inputs,
        {number: teacher_id for number, teacher_id in rows},
        {code: school_id for code, school_id, _district in schools if code in codes},
        {code: district for code, _id, district in schools if code in codes}
        | {code: district for code, district in frozen},
    )


def _unmark(session: Session, old: Ranking, new: Ranking) -> None:
    """Findings that the new version does not count are not scored in this semester any more (R8)."""

    def scored(ranking: Ranking) -> set[str]:
        return set(
            session.scalars(
                select(LedgerLine.finding_id).where(
                    LedgerLine.ranking_id == ranking.id, LedgerLine.reason.in_(SCORED)
                )
            )
        )

    dropped = scored(old) - scored(new)
    if dropped:
        session.execute(
            update(Finding)
            .where(Finding.id.in_(dropped), Finding.scored_semester == old.semester_code)
            .values(scored_semester=None)
        )


def _carry_reasons(session: Session, new: Ranking, listed: Sequence[BottomEntry]) -> None:
    """What was written on naming somebody holds for the new version too."""
    for entry in listed:
        kept = session.get(BottomEntry, (new.id, entry.teacher_id))
        if kept is not None:
            kept.reason, kept.reason_by_id, kept.reason_at = entry.reason, entry.reason_by_id, entry.reason_at
            kept.withheld = entry.withheld
    session.flush()


def _check_reproduced(session: Session, new: Ranking, *, at: datetime, instance: Path) -> None:
    """What people have been told of is never replaced by what a machine cannot reproduce."""
    check_reproduced(verify(session, new.semester_code, instance=instance))
    new.verified_at = at


def _check_not_worse(session: Session, made: Corrected, numbers: Collection[str]) -> None:
    """An objection or appeal never costs a point (domain.md §1.5: no aggravation)."""
    scores: dict[int, dict[str, int | None]] = {made.old.id: {}, made.new.id: {}}
    for ranking_id, number, score in session.execute(
        select(RankingRow.ranking_id, Teacher.number, RankingRow.score)
        .join(Teacher, Teacher.id == RankingRow.teacher_id)
        .where(RankingRow.ranking_id.in_(scores), Teacher.number.in_(numbers))
    ):
        scores[ranking_id][number] = score
    for number, before in scores[made.old.id].items():
        after = scores[made.new.id].get(number)
        if before is not None and after is not None and after < before:
            raise RuleViolation(
                "correction.worse",
                N_("更正后得分会从%(before)s降到%(after)s。异议、申诉不能加重，请核对所改的数据。"),
                before=f"{before // 100}.{before % 100:02d}",
                after=f"{after // 100}.{after % 100:02d}",
            )


# --- what follows -------------------------------------------------------------------------------------------


def _later(
    session: Session,
    semester: Semester,
    gone: frozenset[str],
    *,
    actor: Actor,
    at: datetime,
    instance: Path,
) -> list[Corrected]:
    """Every later semester with a ranking, in order of time: a new version, or a note that it was checked."""
    found = []
    for later in roster_queries.semesters(session):
        if later.starts_on <= semester.starts_on or newest(session, later.code) is None:
            continue
        semester_for_step(session, later.code)
        ranking = standing(session, later.code)
        inputs = frozen_inputs(ranking, instance)
        changes = consequences(session, ranking, inputs, gone=gone)
        if changes:
            found.append(
                _new_version(
                    session,
                    ranking,
                    inputs,
                    changes,
                    Cause.EARLIER,
                    "",
                    actor=actor,
                    at=at,
                    instance=instance,
                )
            )
        else:
            _note_checked(session, ranking, semester.code, actor, at)
    return found


def _note_checked(session: Session, ranking: Ranking, because: str, actor: Actor, at: datetime) -> None:
    record(
        session,
        actor,
        at,
        "ranking.checked",
        "ranking",
        ranking.id,
        semester=ranking.semester_code,
        because=because,
    )


def consequences(
    session: Session,
    ranking: Ranking,
    inputs: Inputs,
    *,
    gone: frozenset[str] = frozenset(),
    teachers: Collection[str] | None = None,
) -> list[Change]:
    """What of a frozen ranking does not hold any more, by what the cases say now; only ever to the teacher's good.

    A counted finding that was revoked is dropped and one that was varied is changed; × 1.5 falls where no earlier
    finding stands, the cap of a warning where none was in force (R8, R10).
    Args: gone: findings that an earlier correction dropped; teachers: numbers, None: all.
    """
    concerned = [
        row for row in inputs.findings if row.effective and (teachers is None or row.teacher in teachers)
    ]
    stored = {
        row.id: row
        for row in session.scalars(select(Finding).where(Finding.id.in_([row.key for row in concerned])))
    }
    changes: list[Change] = []
    for line in concerned:
        finding = stored.get(line.key)
        if finding is None or line.key in gone:
            continue
        if finding.revoked_at is not None or finding.replaced_at is not None:
            changes.append(Change(ChangeKind.FINDING_DROPPED, (line.teacher, line.key)))
            continue
        points, veto = penalty(finding.category, finding.severity, finding.points * POINT, finding.veto)
        now = {"points_e4": points, "outcome": finding.outcome, "severity": finding.severity, "veto": veto}
        values = {name: value for name, value in now.items() if value != getattr(line, name)}
        if line.repeat and not _is_supported(session, finding, gone):
            values["repeat"] = False
        if values:
            changes.append(Change(ChangeKind.FINDING_CHANGED, (line.teacher, line.key), values))
    return changes + _lifted_warnings(session, ranking, inputs, gone, teachers)


def _is_supported(session: Session, finding: Finding, gone: frozenset[str]) -> bool:
    """Whether an effective finding of the same category still stands in the 24 months before (R8)."""
    if finding.decided_at is None:
        return False
    rows = session.execute(
        select(Finding.id, Finding.effective_at).where(
            Finding.teacher_id == finding.teacher_id,
            Finding.category == finding.category,
            Finding.id != finding.id,
            Finding.outcome.in_(_BURDENING),
            Finding.effective_at <= finding.decided_at,
            Finding.revoked_at.is_(None),
        )
    )
    days = [local_day(effective_at) for key, effective_at in rows if effective_at and key not in gone]
    return is_repeat(local_day(finding.decided_at), days)


def _lifted_warnings(
    session: Session,
    ranking: Ranking,
    inputs: Inputs,
    gone: frozenset[str],
    teachers: Collection[str] | None,
) -> list[Change]:
    """Persons capped for a warning who, by the findings that still stand, had none in force."""
    capped = [
        row.teacher for row in inputs.persons if row.warning and (teachers is None or row.teacher in teachers)
    ]
    if not capped:
        return []
    semester = session.get_one(Semester, ranking.semester_code)
    rows = session.execute(select(Teacher.number, Teacher.id).where(Teacher.number.in_(capped)))
    ids = {number: teacher_id for number, teacher_id in rows}
    still = warned(session, semester, first_frozen_at(session, ranking), without=gone)
    return [
        Change(ChangeKind.PERSON_SET, (number,), {"warning": False})
        for number in sorted(capped)
        if ids[number] not in still
    ]


def first_frozen_at(session: Session, ranking: Ranking) -> datetime:
    """When the data of a version were first frozen, however often it was corrected since."""
    while ranking.corrects_id is not None:
        ranking = session.get_one(Ranking, ranking.corrects_id)
    return ranking.frozen_at


# --- what the clock finds -----------------------------------------------------------------------------------


def outdated(session: Session) -> list[str]:
    """Codes of the semesters whose ranking counts a finding that was revoked or varied since, earliest first."""
    checked = (
        select(AuditEvent.id)
        .where(
            AuditEvent.subject_kind == "ranking",
            AuditEvent.subject_id == cast(Ranking.id, String),
            AuditEvent.action == "ranking.checked",
            AuditEvent.at >= Remedy.decided_at,
        )
        .correlate(Ranking, Remedy)
        .exists()
    )
    varied = (
        select(Remedy.id)
        .where(
            Remedy.finding_id == Finding.id,
            Remedy.result == RemedyResult.VARIED.value,
            Remedy.decided_at > Ranking.frozen_at,
            ~checked,
        )
        .correlate(Finding, Ranking)
        .exists()
    )
    return list(
        session.scalars(
            select(Semester.code)
            .join(Ranking, Ranking.semester_code == Semester.code)
            .where(
                Ranking.status != SUPERSEDED,
                select(LedgerLine.id)
                .join(Finding, Finding.id == LedgerLine.finding_id)
                .where(
                    LedgerLine.ranking_id == Ranking.id,
                    LedgerLine.reason.in_(SCORED),
                    or_(Finding.revoked_at.is_not(None), varied),
                )
                .correlate(Ranking)
                .exists(),
            )
            .order_by(Semester.starts_on)
        )
    )


def changes_due(session: Session, code: str, *, actor: Actor, at: datetime, instance: Path) -> list[Change]:
    """What the clock is to put right in a semester of :func:`outdated`; none: noted, so that it is not asked again."""
    ranking = standing(session, code)
    changes = consequences(session, ranking, frozen_inputs(ranking, instance))
    if not changes:
        _note_checked(session, ranking, code, actor, at)
    return changes
