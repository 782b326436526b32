"""A teacher's file across semesters, as far as the reader may see it.

What is not effective is not in it. A school never reads of a case that is kept from it; but a measure that is in force
and concerns the post is carried out by the school, and so is known to its head once the finding is effective
(domain.md §1.4; decision 0036).
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.orm import Session, aliased

from ethics_eval.accounts.rules import Actor, Permission, Scope, scope_of
from ethics_eval.complaints.models import Case, Clearance, Finding, MeasureDecision, Remedy
from ethics_eval.complaints.queries import in_scope
from ethics_eval.complaints.rules.clearance import Audience, ClearanceState
from ethics_eval.complaints.rules.finding import SANCTIONS, Measure, is_veto
from ethics_eval.complaints.rules.machine import BURDENING
from ethics_eval.complaints.rules.measure import IN_FORCE, MeasureState
from ethics_eval.complaints.rules.remedy import RemedyResult
from ethics_eval.ethics_file.queries.certificates import CertificateView, certificates_of
from ethics_eval.ethics_file.queries.standing import effective
from ethics_eval.evaluation.models import Honour
from ethics_eval.ranking.models import Ranking, RankingRow
from ethics_eval.ranking.queries.versions import PUBLISHED
from ethics_eval.roster.models import School, Semester
from ethics_eval.roster.rules.calendar import local_day

# What a school carries out as the employer, whoever decided it.
EMPLOYMENT = SANCTIONS | {
    Measure.DISQUALIFY,
    Measure.POST_CHANGE,
    Measure.CONTRACT_END,
    Measure.CERT_REVOKE,
}
_BURDENING = [outcome.value for outcome in BURDENING]


@dataclass(frozen=True)
class ScoreEntry:
    """A published score. ``score`` in hundredths; ``band_low``, ``band_high``: of the place, None where not computed
    (R13); ``was``: score and place of the version that this one corrects, where they were others.
    """

    semester_code: str
    school: str
    stage: str
    status: str
    reason: str
    score: int | None
    grade: str
    place: int | None
    rated_count: int
    band_low: int | None
    band_high: int | None
    published_on: date
    was: tuple[int | None, int | None] | None


@dataclass(frozen=True)
class RemedyEntry:
    """How a remedy against a finding ended."""

    kind: str
    result: str
    decided_on: date


@dataclass(frozen=True)
class FindingEntry:
    """An effective finding, with the measure it states; ``case_number`` is empty where the reader may not open it."""

    category: str
    severity: str
    outcome: str
    points: int
    veto: bool
    measure: str
    school: str
    decided_on: date
    effective_on: date
    case_number: str
    remedies: tuple[RemedyEntry, ...]


@dataclass(frozen=True)
class RevokedEntry:
    """A finding that a remedy took back: told to the teacher alone, and no finding any more."""

    kind: str
    decided_on: date


@dataclass(frozen=True)
class MeasureEntry:
    """A measure on an effective finding; ``by_bureau``: of a matter the school has no part in."""

    measure: str
    kind: str
    starts_on: date
    ends_on: date | None
    state: str
    by_bureau: bool

    @property
    def in_force(self) -> bool:
        """Whether it still runs."""
        return self.state in IN_FORCE


@dataclass(frozen=True)
class ClearanceEntry:
    """The name cleared; ``audience``: before whom."""

    id: str
    audience: str
    issued_on: date


@dataclass(frozen=True)
class HonourEntry:
    """An honour; ``awarded_on`` None: not written down."""

    level: str
    title: str
    awarded_on: date | None


@dataclass
class SemesterPart:
    """What belongs to one semester."""

    code: str
    name: str
    scores: list[ScoreEntry] = field(default_factory=list)
    findings: list[FindingEntry] = field(default_factory=list)
    revoked: list[RevokedEntry] = field(default_factory=list)
    measures: list[MeasureEntry] = field(default_factory=list)
    clearances: list[ClearanceEntry] = field(default_factory=list)
    honours: list[HonourEntry] = field(default_factory=list)
    certificates: list[CertificateView] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (
            self.scores
            or self.findings
            or self.revoked
            or self.measures
            or self.clearances
            or self.honours
            or self.certificates
        )


@dataclass(frozen=True)
class EthicsFile:
    """The file: semesters with something in them, the latest first; the measures in force now."""

    semesters: list[SemesterPart]
    in_force: list[MeasureEntry]


Entry = TypeVar("Entry")


class _Binder:
    """Puts entries into their semester by their day; what is older than all semesters goes into the first."""

    def __init__(self, semesters: Sequence[Semester]) -> None:
        self._starts = [row.starts_on for row in semesters]
        self.parts = [SemesterPart(row.code, row.name) for row in semesters]
        self._of_code = {part.code: part for part in self.parts}

    def on(self, day: date) -> SemesterPart:
        """The semester a day belongs to, the holidays after it included."""
        if not self.parts:
            self.parts.append(SemesterPart("", ""))
        return self.parts[max(bisect_right(self._starts, day) - 1, 0)]

    def of(self, code: str) -> SemesterPart:
        """By its code."""
        return self._of_code[code]


def contents(session: Session, actor: Actor, teacher_id: int, *, at: datetime) -> EthicsFile:
    """A teacher's file for a reader to whom it is open (:func:`reach.is_open`)."""
    scope = scope_of(actor, Permission.FILE_READ)
    binder = _Binder(session.scalars(select(Semester).order_by(Semester.starts_on)).all())
    for code, entry in _scores(session, teacher_id):
        binder.of(code).scores.append(entry)
    for finding in _findings(session, actor, teacher_id, at):
        binder.on(finding.effective_on).findings.append(finding)
    if scope is Scope.OWN_PERSON:
        for revoked in _revoked(session, teacher_id):
            binder.on(revoked.decided_on).revoked.append(revoked)
    measures = _measures(session, scope, teacher_id, at)
    for measure in measures:
        binder.on(measure.starts_on).measures.append(measure)
    for clearance in _clearances(session, actor, teacher_id):
        binder.on(clearance.issued_on).clearances.append(clearance)
    for code, honour in _honours(session, teacher_id):
        binder.of(code).honours.append(honour)
    if scope is not Scope.OWN_SCHOOL:  # its standing may rest on a case the school is kept from
        for certificate in certificates_of(session, teacher_id, at=at):
            binder.on(certificate.issued_on).certificates.append(certificate)
    return EthicsFile(
        [part for part in reversed(binder.parts) if not part.is_empty],
        [measure for measure in measures if measure.in_force],
    )


def _scores(session: Session, teacher_id: int) -> list[tuple[str, ScoreEntry]]:
    before, old = aliased(RankingRow), aliased(Ranking)
    rows = session.execute(
        select(RankingRow, Ranking, School.name, before.score, before.place, old.published_at)
        .join(Ranking, Ranking.id == RankingRow.ranking_id)
        .join(School, School.id == RankingRow.school_id)
        .outerjoin(old, old.id == Ranking.corrects_id)
        .outerjoin(
            before, (before.ranking_id == Ranking.corrects_id) & (before.teacher_id == RankingRow.teacher_id)
        )
        .where(RankingRow.teacher_id == teacher_id, Ranking.status == PUBLISHED)
        .order_by(Ranking.published_at)
    )
    found = []
    for row, ranking, school, was_score, was_place, was_published in rows:
        was = None
        if was_published is not None and (was_score, was_place) != (row.score, row.place):
            was = (was_score, was_place)
        entry = ScoreEntry(
            semester_code=ranking.semester_code,
            school=school,
            stage=row.stage,
            status=row.status,
            reason=row.reason,
            score=row.score,
            grade=row.grade,
            place=row.place,
            rated_count=json.loads(ranking.counts)["rated"],
            band_low=row.band_low,
            band_high=row.band_high,
            published_on=local_day(ranking.published_at or ranking.frozen_at),
            was=was,
        )
        found.append((ranking.semester_code, entry))
    return found


def _findings(session: Session, actor: Actor, teacher_id: int, at: datetime) -> list[FindingEntry]:
    scope = scope_of(actor, Permission.FILE_READ)
    may_open = in_scope(session, actor)
    if scope is Scope.OWN_PERSON:
        may_open = Case.notified_on.is_not(None)
    rows = session.execute(
        select(Finding, School.name, Case.number, or_(may_open, false()).label("may_open"))
        .join(Case, Case.id == Finding.case_id)
        .join(School, School.id == Finding.school_id)
        .where(
            Finding.teacher_id == teacher_id,
            effective(at),
            ~Case.recused if scope is Scope.OWN_SCHOOL else true(),
        )
        .order_by(Finding.effective_at, Finding.id)
    ).all()
    ended = _ended(session, [row[0].id for row in rows])
    return [
        FindingEntry(
            category=finding.category,
            severity=finding.severity,
            outcome=finding.outcome,
            points=finding.points,
            veto=is_veto(finding),
            measure=finding.measure,
            school=school,
            decided_on=local_day(finding.decided_at or finding.proposed_at),
            effective_on=local_day(finding.effective_at or at),
            case_number=number if opens else "",
            remedies=tuple(ended.get(finding.id, ())),
        )
        for finding, school, number, opens in rows
    ]


def _ended(session: Session, finding_ids: list[str]) -> dict[str, list[RemedyEntry]]:
    rows = session.scalars(
        select(Remedy)
        .where(Remedy.finding_id.in_(finding_ids), Remedy.result.is_not(None))
        .order_by(Remedy.asked_at)
    )
    found: dict[str, list[RemedyEntry]] = {}
    for row in rows:
        if row.result is not None and row.decided_at is not None:
            entry = RemedyEntry(row.kind, row.result, local_day(row.decided_at))
            found.setdefault(row.finding_id, []).append(entry)
    return found


def _revoked(session: Session, teacher_id: int) -> list[RevokedEntry]:
    rows = session.execute(
        select(Remedy.kind, Remedy.decided_at)
        .join(Finding, Finding.id == Remedy.finding_id)
        .where(
            Finding.teacher_id == teacher_id,
            Finding.outcome.in_(_BURDENING),
            Remedy.result == RemedyResult.REVOKED.value,
        )
        .order_by(Remedy.decided_at)
    )
    return [RevokedEntry(kind, local_day(decided_at)) for kind, decided_at in rows if decided_at is not None]


def _measures(session: Session, scope: Scope | None, teacher_id: int, at: datetime) -> list[MeasureEntry]:
    rows = session.execute(
        select(MeasureDecision, Case.recused)
        .join(Finding, Finding.id == MeasureDecision.finding_id)
        .join(Case, Case.id == Finding.case_id)
        .where(
            Finding.teacher_id == teacher_id,
            effective(at),
            MeasureDecision.state != MeasureState.REVOKED.value,
        )
        .order_by(MeasureDecision.starts_on, MeasureDecision.id)
    )
    found = []
    for row, recused in rows:
        by_bureau = bool(recused) and scope is Scope.OWN_SCHOOL
        if by_bureau and (row.measure not in EMPLOYMENT or row.state not in IN_FORCE):
            continue
        found.append(MeasureEntry(row.measure, row.kind, row.starts_on, row.ends_on, row.state, by_bureau))
    return found


def _clearances(session: Session, actor: Actor, teacher_id: int) -> list[ClearanceEntry]:
    for_reader: ColumnElement[bool] = true()
    if scope_of(actor, Permission.FILE_READ) is Scope.OWN_SCHOOL:
        own = (Clearance.audience == Audience.SCHOOL.value) & (Case.school_id == (actor.school_id or 0))
        for_reader = ~Case.recused & or_(own, Clearance.audience == Audience.SYSTEM.value)
    rows = session.execute(
        select(Clearance.id, Clearance.audience, Clearance.issued_on)
        .join(Case, Case.id == Clearance.case_id)
        .where(
            Clearance.teacher_id == teacher_id,
            Clearance.state == ClearanceState.ISSUED.value,
            for_reader,
        )
        .order_by(Clearance.issued_on, Clearance.id)
    )
    return [ClearanceEntry(row[0], row[1], row[2]) for row in rows if row[2] is not None]


def _honours(session: Session, teacher_id: int) -> list[tuple[str, HonourEntry]]:
    rows = session.scalars(
        select(Honour).where(Honour.teacher_id == teacher_id).order_by(Honour.awarded_on, Honour.id)
    )
    return [(row.semester_code, HonourEntry(row.level, row.title, row.awarded_on)) for row in rows]
