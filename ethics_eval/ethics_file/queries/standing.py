"""What a teacher's standing is made of, as it is at an instant; whole, for the bureau and the clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from ethics_eval.complaints.models import Case, Finding, MeasureDecision, Remedy
from ethics_eval.complaints.rules.finding import TERM_MONTHS, Measure, is_veto, months_after
from ethics_eval.complaints.rules.machine import BURDENING, ENDED, CaseStatus
from ethics_eval.complaints.rules.measure import IN_FORCE
from ethics_eval.ethics_file.rules.standing import (
    RESTRICTING,
    FindingFact,
    GradeFact,
    MeasureFact,
    StandingFacts,
)
from ethics_eval.ranking.models import Objection, Ranking, RankingRow
from ethics_eval.ranking.queries.objections import OPEN
from ethics_eval.ranking.queries.versions import PUBLISHED
from ethics_eval.roster.models import Semester
from ethics_eval.roster.rules.calendar import local_day

_BURDENING = [outcome.value for outcome in BURDENING]
_SETTLED = [status.value for status in (*ENDED, CaseStatus.DECIDED)]


def effective(at: datetime) -> ColumnElement[bool]:
    """The condition on :class:`Finding` that it burdens, is effective and stands at ``at``."""
    return and_(
        Finding.outcome.in_(_BURDENING),
        Finding.decided_at.is_not(None),
        Finding.effective_at <= at,
        Finding.revoked_at.is_(None),
        Finding.replaced_at.is_(None),
    )


def has_open_matter(session: Session, teacher_id: int, *, at: datetime) -> bool:
    """Whether a finding is proposed or not yet effective, a remedy or an objection to a score is undecided."""
    waiting = or_(
        Case.status.not_in(_SETTLED),
        and_(
            Finding.outcome.in_(_BURDENING),
            Finding.decided_at.is_not(None),
            or_(Finding.effective_at.is_(None), Finding.effective_at > at),
        ),
        exists().where(Remedy.finding_id == Finding.id, Remedy.result.is_(None)),
    )
    found: Select[str] = (
        select(Finding.id)
        .join(Case, Case.id == Finding.case_id)
        .where(
            Finding.teacher_id == teacher_id,
            Finding.revoked_at.is_(None),
            Finding.replaced_at.is_(None),
            waiting,
        )
    )
    objected = select(Objection.id).where(Objection.teacher_id == teacher_id, Objection.status == OPEN)
    return session.scalar(found.limit(1)) is not None or session.scalar(objected.limit(1)) is not None


def standing_facts(session: Session, teacher_id: int, *, at: datetime) -> StandingFacts:
    """Effective findings, measures in force on them, grades of published semesters, and whether anything is open."""
    findings = session.scalars(select(Finding).where(Finding.teacher_id == teacher_id, effective(at))).all()
    decided = session.scalars(
        select(MeasureDecision).where(MeasureDecision.finding_id.in_([row.id for row in findings]))
    ).all()
    grades = session.execute(
        select(Semester.name, RankingRow.grade, Ranking.published_at)
        .join(Ranking, Ranking.id == RankingRow.ranking_id)
        .join(Semester, Semester.code == Ranking.semester_code)
        .where(RankingRow.teacher_id == teacher_id, Ranking.status == PUBLISHED, RankingRow.grade != "")
    )
    return StandingFacts(
        findings=tuple(
            FindingFact(row.id, is_veto(row), local_day(row.effective_at))
            for row in findings
            if row.effective_at is not None
        ),
        measures=tuple(
            MeasureFact(row.finding_id, Measure(row.measure), row.kind, row.starts_on, row.ends_on)
            for row in decided
            if row.state in IN_FORCE
        )
        + _only_stated(findings, {row.finding_id for row in decided}),
        grades=tuple(
            GradeFact(name, grade, local_day(published_at))
            for name, grade, published_at in grades
            if published_at is not None
        ),
        is_open=has_open_matter(session, teacher_id, at=at),
    )


def _only_stated(findings: Iterable[Finding], decided: set[str]) -> tuple[MeasureFact, ...]:
    """The measures a finding states while no decision on it was written down yet: they run from the finding."""
    found = []
    for row in findings:
        measure = Measure(row.measure)
        if measure in RESTRICTING and row.id not in decided and row.decided_at is not None:
            starts_on = local_day(row.decided_at)
            months = TERM_MONTHS.get(measure)
            ends_on = None if months is None else months_after(starts_on, months)
            found.append(MeasureFact(row.id, measure, "", starts_on, ends_on))
    return tuple(found)
