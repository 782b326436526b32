"""What a notice is composed from, out of the rows of a ranking, its ledger and its scheme; read, never computed."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from ethics_eval.complaints.categories import Severity
from ethics_eval.complaints.models import Case, Finding
from ethics_eval.complaints.rules.finding import Measure
from ethics_eval.complaints.rules.machine import Outcome
from ethics_eval.config import DEFAULTS
from ethics_eval.evaluation.rules.scheme import COMPONENT_LABELS
from ethics_eval.notices.rules.facts import (
    KINDERGARTEN,
    Charge,
    ListedPerson,
    RankingFacts,
    Standing,
)
from ethics_eval.ranking import queries as ranking_queries
from ethics_eval.ranking.models import BottomEntry, LedgerLine, RankingRow
from ethics_eval.ranking.queries import WHOLE_CITY, Candidate, RankingView
from ethics_eval.ranking.rules.outcome import NAMED, PRIVATE
from ethics_eval.ranking.rules.reasons import NOT_RATED_LABELS
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.models import School, Teacher
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import N_, RuleViolation


def view_of(session: Session, semester_code: str) -> RankingView:
    """A semester's newest ranking, seen whole. Raises: RuleViolation ``ranking.none``: it was never frozen."""
    view = ranking_queries.ranking_of(session, WHOLE_CITY, semester_code)
    if view is None:
        raise RuleViolation(
            "ranking.none", N_("学期 %(semester)s 还没有冻结的榜单。"), semester=semester_code
        )
    return view


def ranking_facts(session: Session, view: RankingView) -> RankingFacts:
    """The ranking as a notice states it: whole city, reasons in words, the list worst first with its charges."""
    figures = ranking_queries.figures(session, WHOLE_CITY, view.id)
    listed = [
        candidate
        for candidate in ranking_queries.lowest(session, WHOLE_CITY, view)
        if candidate.fate in {NAMED, PRIVATE}
    ]
    numbers = [candidate.line.row.teacher for candidate in listed]
    charges = _charges(session, view.id, numbers)
    doubts = _doubts(session, view.id)
    return RankingFacts(
        city=DEFAULTS["CITY_NAME"],
        bureau=DEFAULTS["BUREAU_NAME"],
        semester=view.semester,
        scheme_version=view.scheme_version,
        scheme_name=view.scheme_name,
        snapshot_sha256=view.snapshot_sha256,
        frozen_at=view.frozen_at,
        rated_count=figures.rated_count,
        provisional_count=figures.provisional_count,
        not_rated=tuple((NOT_RATED_LABELS[code], count) for code, count in figures.not_rated),
        list_size=view.scheme.bottom,
        min_list=view.scheme.min_list,
        tie_rule=view.scheme.tie_rule,
        dropped_count=view.counts["dropped"],
        passed_over_count=view.counts["passed_over"],
        naming=view.scheme.naming,
        naming_min_deduct=view.scheme.naming_min_deduct,
        listed=tuple(
            _person(candidate, charges.get(number, ()), doubts[number])
            for candidate, number in zip(listed, numbers, strict=True)
        ),
    )


class _Doubt(NamedTuple):
    """How sure a listed person's place is (R13), and whether naming was withheld."""

    withheld: bool
    separable: bool | None
    chance_permille: int | None
    band: tuple[int, int] | None


def _doubts(session: Session, ranking_id: int) -> dict[str, _Doubt]:
    """Number of each listed teacher → how sure the place is."""
    rows = session.execute(
        select(
            Teacher.number,
            and_(BottomEntry.withheld, BottomEntry.treatment == NAMED),
            BottomEntry.separable,
            BottomEntry.chance_permille,
            RankingRow.band_low,
            RankingRow.band_high,
        )
        .join(Teacher, Teacher.id == BottomEntry.teacher_id)
        .join(
            RankingRow,
            (RankingRow.ranking_id == BottomEntry.ranking_id)
            & (RankingRow.teacher_id == BottomEntry.teacher_id),
        )
        .where(BottomEntry.ranking_id == ranking_id)
    )
    return {
        number: _Doubt(withheld, separable, chance, None if low is None or high is None else (low, high))
        for number, withheld, separable, chance, low, high in rows
    }


def standings(session: Session, view: RankingView, numbers: Collection[str]) -> dict[str, Standing]:
    """Number → where each of these teachers stands in a version of the ranking; who is not in it is absent."""
    treatments = {
        number: PRIVATE if withheld else treatment
        for number, treatment, withheld in session.execute(
            select(Teacher.number, BottomEntry.treatment, BottomEntry.withheld)
            .join(Teacher, Teacher.id == BottomEntry.teacher_id)
            .where(BottomEntry.ranking_id == view.id)
        )
    }
    rows = session.execute(
        select(Teacher.number, Teacher.name, School.name, RankingRow)
        .join(Teacher, Teacher.id == RankingRow.teacher_id)
        .join(School, School.id == RankingRow.school_id)
        .where(RankingRow.ranking_id == view.id, Teacher.number.in_(numbers))
    )
    return {
        number: Standing(
            number=number,
            name=name,
            school=school,
            score=row.score,
            place=row.place,
            rated_count=view.counts["rated"],
            grade=row.grade,
            reason=NOT_RATED_LABELS.get(row.reason, row.reason),
            treatment=treatments.get(number, ""),
        )
        for number, name, school, row in rows
    }


def _person(candidate: Candidate, charges: tuple[Charge, ...], doubt: _Doubt) -> ListedPerson:
    line, row = candidate.line, candidate.line.row
    if row.score is None or row.place is None or row.base is None:
        raise ValueError(f"listed without a score: {row.teacher}")
    return ListedPerson(
        number=row.teacher,
        name=line.name,
        school=line.school,
        district=line.district,
        stage=row.stage,
        score=row.score,
        place=row.place,
        grade=row.grade,
        veto=row.veto,
        base_e4=row.base,
        deduct_e4=row.deduct,
        bonus_e4=row.bonus,
        components=tuple(zip(COMPONENT_LABELS.values(), row.components, strict=True)),
        treatment=PRIVATE if doubt.withheld else candidate.fate,
        basis=" ".join(candidate.basis),
        charges=charges,
        **doubt._asdict(),
    )


def _charges(session: Session, ranking_id: int, numbers: list[str]) -> dict[str, tuple[Charge, ...]]:
    """Teacher number → what counts in the ranking, the heaviest first."""
    rows = session.execute(
        select(Teacher.number, LedgerLine.line_e4, Finding, Case.received_at)
        .join(Teacher, Teacher.id == LedgerLine.teacher_id)
        .join(Finding, Finding.id == LedgerLine.finding_id)
        .join(Case, Case.id == Finding.case_id)
        .where(LedgerLine.ranking_id == ranking_id, LedgerLine.counted, Teacher.number.in_(numbers))
        .order_by(LedgerLine.line_e4.desc(), Finding.decided_at, Finding.id)
    )
    found: dict[str, tuple[Charge, ...]] = {}
    for number, line_e4, finding, received_at in rows:
        # which norms bind depends on the post held on the day of the letter, not on the kind of school
        post = roster_queries.posting_on(
            session, finding.teacher_id, finding.school_id, local_day(received_at)
        )
        charge = Charge(
            category=finding.category,
            severity=Severity(finding.severity),
            outcome=Outcome(finding.outcome),
            repeat=finding.repeat,
            measure=Measure(finding.measure),
            line_e4=line_e4,
            decided_on=local_day(finding.decided_at or received_at),
            kindergarten=post is not None and post.stage == KINDERGARTEN,
        )
        found[number] = (*found.get(number, ()), charge)
    return found
