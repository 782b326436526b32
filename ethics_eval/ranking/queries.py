"""Reads of rankings. The reader's scope is always a parameter; out of scope, or not yet published, is as if absent.

Whether a score is provisional tells that a case is open: it is shown only to a reader who may know of that case.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from ethics_eval.accounts.models import Account, AuditEvent
from ethics_eval.accounts.rules import Actor, Permission, Scope, scope_of
from ethics_eval.complaints.categories import CATEGORIES, Severity
from ethics_eval.complaints.models import Case, Finding
from ethics_eval.complaints.queries import in_scope
from ethics_eval.evaluation.models import SchemeVersion
from ethics_eval.evaluation.rules.scheme import Component, Scheme, parse_scheme
from ethics_eval.ranking.models import BottomEntry, LedgerLine, Ranking, RankingRow
from ethics_eval.ranking.rules.explanation import GRADE_LABELS, PROVISIONAL, BottomLine, ScoreLine
from ethics_eval.ranking.rules.inputs import FULL
from ethics_eval.ranking.rules.outcome import NOT_RATED, RATED, RankedRow
from ethics_eval.ranking.rules.steps import SemesterStatus
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.models import District, Posting, School, Semester, Teacher
from ethics_eval.roster.rules.school import STAGE_LABELS

PAGE_SIZE = 50
SUPERSEDED = "superseded"
PUBLISHED = SemesterStatus.PUBLISHED.value


# --- scope --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sight:
    """How far a reader sees: which rows; whether before publication; whose open cases; whether the bottom list."""

    rows: ColumnElement[bool]
    before_publication: bool
    open_cases: ColumnElement[bool]
    recused: bool
    bottom_list: bool
    district_code: str | None = None
    school_id: int | None = None


WHOLE_CITY = Sight(true(), True, true(), recused=True, bottom_list=True)  # the operator's


def _has_case(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the row's teacher has a standing finding or draft in a case of which ``condition`` holds."""
    return exists(
        select(Finding.id)
        .join(Case, Case.id == Finding.case_id)
        .where(
            Finding.teacher_id == RankingRow.teacher_id,
            Finding.revoked_at.is_(None),
            Finding.replaced_at.is_(None),
            condition,
        )
    )


def sight_of(session: Session, actor: Actor, permission: Permission = Permission.RANKING_READ) -> Sight:
    """What a signed-in person may see of rankings, by the permission table.

    City officers see all of it from the freeze on; districts and schools their own once it is published; a teacher
    the own row, and that it is provisional only when told of the case.
    """
    match scope_of(actor, permission):
        case Scope.CITY:
            return Sight(true(), True, _has_case(in_scope(session, actor)), recused=True, bottom_list=True)
        case Scope.OWN_DISTRICT:
            rows = RankingRow.district_code == actor.district_code
            known = _has_case(in_scope(session, actor))
            return Sight(
                rows, False, known, recused=True, bottom_list=False, district_code=actor.district_code
            )
        case Scope.OWN_SCHOOL:
            rows = RankingRow.school_id == actor.school_id
            known = _has_case(in_scope(session, actor))
            return Sight(rows, False, known, recused=False, bottom_list=False, school_id=actor.school_id)
        case Scope.OWN_PERSON:
            rows = RankingRow.teacher_id == actor.teacher_id
            told = or_(Case.notified_on.is_not(None), Finding.decided_at.is_not(None))
            return Sight(rows, False, _has_case(told), recused=True, bottom_list=False)
        case _:
            return Sight(false(), False, false(), recused=False, bottom_list=False)


def school_in_sight(session: Session, sight: Sight, code: str = "") -> School | None:
    """A school by its code, the reader's own without one; None: unknown, or not the reader's."""
    within = [School.code == code] if code else [School.id == sight.school_id]
    if sight.school_id is not None:
        within.append(School.id == sight.school_id)
    if sight.district_code is not None:
        within.append(School.district_code == sight.district_code)
    return session.scalars(select(School).where(*within)).first()


# --- rankings -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RankingView:
    """One version of a semester's ranking. ``counts``: as the computation gives them, of the whole city."""

    id: int
    semester_code: str
    semester: str
    version: int
    status: str
    scheme_version: str
    scheme_name: str
    snapshot_sha256: str
    counts: Mapping[str, int]
    frozen_at: datetime
    announced_at: datetime | None
    objection_ends_on: date | None
    published_at: datetime | None
    scheme: Scheme

    @property
    def is_published(self) -> bool:
        """Whether districts, schools and teachers see it."""
        return self.status == PUBLISHED


def rankings(session: Session, sight: Sight, semester_code: str | None = None) -> list[RankingView]:
    """The newest version of each semester (or of one) that the reader may see, the latest semester first."""
    seen = Ranking.status != SUPERSEDED if sight.before_publication else Ranking.status == PUBLISHED
    query = (
        select(Ranking, Semester.name, SchemeVersion)
        .join(Semester, Semester.code == Ranking.semester_code)
        .join(SchemeVersion, SchemeVersion.version == Ranking.scheme_version)
        .where(seen)
        .order_by(Semester.starts_on.desc(), Ranking.version.desc())
    )
    if semester_code is not None:
        query = query.where(Ranking.semester_code == semester_code)
    found: dict[str, RankingView] = {}
    for ranking, semester, scheme in session.execute(query):
        if ranking.semester_code not in found:
            found[ranking.semester_code] = _ranking_view(ranking, semester, scheme)
    return list(found.values())


def _ranking_view(ranking: Ranking, semester: str, scheme: SchemeVersion) -> RankingView:
    return RankingView(
        id=ranking.id,
        semester_code=ranking.semester_code,
        semester=semester,
        version=ranking.version,
        status=ranking.status,
        scheme_version=ranking.scheme_version,
        scheme_name=scheme.name,
        snapshot_sha256=ranking.snapshot_sha256,
        counts=json.loads(ranking.counts),
        frozen_at=ranking.frozen_at,
        announced_at=ranking.announced_at,
        objection_ends_on=ranking.objection_ends_on,
        published_at=ranking.published_at,
        scheme=parse_scheme(scheme.document),
    )


def ranking_of(session: Session, sight: Sight, semester_code: str) -> RankingView | None:
    """The ranking of a semester that the reader may see; None: not frozen, or not yet for this reader."""
    return next(iter(rankings(session, sight, semester_code)), None)


# --- rows ---------------------------------------------------------------------------------------------------

_PARTS = tuple(RankingRow.__table__.c[f"{component.value}_e4"] for component in Component)
_KEPT = (
    RankingRow.base_e4,
    RankingRow.deduct_e4,
    RankingRow.bonus_e4,
    RankingRow.score,
    RankingRow.grade,
    RankingRow.veto,
)
_PLACES = (RankingRow.place, RankingRow.stage_place, RankingRow.school_place, RankingRow.flags)


def _lines(sight: Sight) -> Select[Any]:
    """Rows as :func:`_line` reads them; provisional only where the reader may know of the case."""
    counted = (
        select(func.count())
        .where(
            LedgerLine.teacher_id == RankingRow.teacher_id,
            LedgerLine.ranking_id == RankingRow.ranking_id,
            LedgerLine.counted,
        )
        .correlate(RankingRow)
        .scalar_subquery()
    )
    subject = (
        select(func.max(Posting.subject))
        .where(
            Posting.teacher_id == RankingRow.teacher_id,
            Posting.school_id == RankingRow.school_id,
            Posting.stage == RankingRow.stage,
        )
        .correlate(RankingRow)
        .scalar_subquery()
    )
    return (
        select(
            Teacher.number,
            School.code,
            RankingRow.stage,
            RankingRow.status,
            RankingRow.reason,
            *_PARTS,
            *_KEPT,
            and_(RankingRow.provisional, sight.open_cases).label("provisional"),
            *_PLACES,
            Teacher.name,
            School.name.label("school"),
            District.name.label("district"),
            subject.label("subject"),
            counted.label("finding_count"),
        )
        .select_from(RankingRow)
        .join(Teacher, Teacher.id == RankingRow.teacher_id)
        .join(School, School.id == RankingRow.school_id)
        .join(District, District.code == RankingRow.district_code)
        .where(sight.rows)
    )


def _line(found: Any) -> ScoreLine:
    row = RankedRow._make(
        (
            *found[:5],
            tuple(found[5:10]),
            *found[10:16],
            bool(found.provisional),
            *found[17:20],
            tuple(found.flags.split()),
        )
    )
    return ScoreLine(row, found.name, found.school, found.district, found.subject or "", found.finding_count)


_ORDER = (RankingRow.place.is_(None), RankingRow.place, School.code, Teacher.number)


@dataclass(frozen=True)
class RankingFilter:
    """What a list is narrowed to; empty strings: everything.

    ``status``: rated, provisional or not_rated; ``school``: code, or part of the name; ``text``: number or part of
    the teacher's name.
    """

    district: str = ""
    stage: str = ""
    school: str = ""
    status: str = ""
    grade: str = ""
    text: str = ""
    page: int = 1

    def conditions(self, sight: Sight) -> list[ColumnElement[bool]]:
        """The conditions on rows joined with teacher and school."""
        found: list[ColumnElement[bool]] = []
        if self.district:
            found.append(RankingRow.district_code == self.district)
        if self.stage:
            found.append(RankingRow.stage == self.stage)
        if self.grade:
            found.append(RankingRow.grade == self.grade)
        if self.school:
            found.append(or_(School.code == self.school, School.name.contains(self.school, autoescape=True)))
        if self.status == PROVISIONAL:
            found += [RankingRow.status == RATED, RankingRow.provisional.is_(True), sight.open_cases]
        elif self.status:
            found.append(RankingRow.status == self.status)
        if self.text:
            found.append(
                or_(
                    Teacher.number.contains(self.text, autoescape=True),
                    Teacher.name.contains(self.text, autoescape=True),
                )
            )
        return found


def ranking_page(
    session: Session, sight: Sight, ranking_id: int, wanted: RankingFilter
) -> tuple[list[ScoreLine], int]:
    """A page of 50 in order of place, school code, teacher number, those not rated last; and how many there are."""
    where = [RankingRow.ranking_id == ranking_id, *wanted.conditions(sight)]
    total = session.scalar(
        select(func.count())
        .select_from(RankingRow)
        .join(Teacher, Teacher.id == RankingRow.teacher_id)
        .join(School, School.id == RankingRow.school_id)
        .where(sight.rows, *where)
    )
    ids = session.scalars(
        _ids(ranking_id)
        .where(sight.rows, *where)
        .order_by(*_ORDER)
        .limit(PAGE_SIZE)
        .offset((wanted.page - 1) * PAGE_SIZE)
    ).all()
    return _chosen(session, sight, ranking_id, ids, _ORDER), total or 0


def _ids(ranking_id: int) -> Select[int]:
    """Teacher ids of a ranking: what is shown is looked up for those of a page alone."""
    return (
        select(RankingRow.teacher_id)
        .join(Teacher, Teacher.id == RankingRow.teacher_id)
        .join(School, School.id == RankingRow.school_id)
        .where(RankingRow.ranking_id == ranking_id)
    )


def _chosen(
    session: Session, sight: Sight, ranking_id: int, ids: Sequence[int], order: Sequence[Any]
) -> list[ScoreLine]:
    query = _lines(sight).where(RankingRow.ranking_id == ranking_id, RankingRow.teacher_id.in_(ids))
    return [_line(row) for row in session.execute(query.order_by(*order))]


def ranking_lines(
    session: Session,
    sight: Sight,
    ranking_id: int,
    *,
    district_code: str | None = None,
    school_id: int | None = None,
) -> Iterator[ScoreLine]:
    """Every row within the reader's sight, in the order of the list, read as they are asked for."""
    query = _lines(sight).where(RankingRow.ranking_id == ranking_id)
    if district_code is not None:
        query = query.where(RankingRow.district_code == district_code)
    if school_id is not None:
        query = query.where(RankingRow.school_id == school_id)
    for row in session.execute(query.order_by(*_ORDER).execution_options(yield_per=1000)):
        yield _line(row)


# --- one teacher --------------------------------------------------------------------------------------------


class LedgerView(NamedTuple):
    """A line of the point ledger: the finding, why it counts, and the two who approved it.

    ``points`` in whole points; ``case_number`` is empty where the reader may not open the case.
    """

    category: str
    severity: str
    outcome: str
    points: int
    repeat: bool
    veto: bool
    line_e4: int
    counted: bool
    reason: str
    decided_at: datetime | None
    effective_at: datetime | None
    proposed_by: str
    decided_by: str
    case_number: str

    @property
    def is_half(self) -> bool:
        """Partly substantiated: half of the points (R8)."""
        return self.outcome == "PARTLY"


class Around(NamedTuple):
    """How many are rated in the city, the stage and the school of a row."""

    city: int
    stage: int
    school: int


@dataclass(frozen=True)
class TeacherScore:
    """One teacher in one ranking: the row, among how many, and the ledger."""

    ranking: RankingView
    line: ScoreLine
    around: Around
    ledger: list[LedgerView]


def teacher_score(
    session: Session, sight: Sight, actor: Actor, ranking: RankingView, number: str
) -> TeacherScore | None:
    """A teacher of the ranking with all that made the score; None: not in it, or not for this reader."""
    return next(iter(_scores(session, sight, actor, [ranking], Teacher.number == number)), None)


def own_scores(session: Session, actor: Actor) -> list[TeacherScore]:
    """The teacher's own published scores, the latest semester first; nobody else's."""
    sight = sight_of(session, actor, Permission.SCORE_READ)
    if actor.teacher_id is None:
        return []
    return _scores(session, sight, actor, rankings(session, sight), Teacher.id == actor.teacher_id)


def _scores(
    session: Session,
    sight: Sight,
    actor: Actor,
    wanted: list[RankingView],
    teacher: ColumnElement[bool],
) -> list[TeacherScore]:
    by_id = {ranking.id: ranking for ranking in wanted}
    query = (
        _lines(sight)
        .add_columns(RankingRow.ranking_id, RankingRow.teacher_id, RankingRow.school_id)
        .where(RankingRow.ranking_id.in_(by_id), teacher)
    )
    rows = session.execute(query).all()
    ledgers = _ledgers(session, sight, actor, list(by_id), {row.teacher_id for row in rows})
    scores = {
        row.ranking_id: TeacherScore(
            by_id[row.ranking_id],
            _line(row),
            _around(session, row.ranking_id, row.stage, row.school_id),
            ledgers.get(row.ranking_id, []),
        )
        for row in rows
    }
    return [scores[ranking_id] for ranking_id in by_id if ranking_id in scores]


def _around(session: Session, ranking_id: int, stage: str, school_id: int) -> Around:
    counts = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(case((RankingRow.stage == stage, 1), else_=0)), 0),
            func.coalesce(func.sum(case((RankingRow.school_id == school_id, 1), else_=0)), 0),
        ).where(RankingRow.ranking_id == ranking_id, RankingRow.place.is_not(None))
    ).one()
    return Around(*map(int, counts))


def _ledgers(
    session: Session, sight: Sight, actor: Actor, ranking_ids: list[int], teacher_ids: set[int]
) -> dict[int, list[LedgerView]]:
    """Ranking id → lines, counted ones first, then by day. A school never sees one of a case recused from it."""
    proposer, decider = aliased(Account), aliased(Account)
    may_open = in_scope(session, actor)
    if actor.teacher_id in teacher_ids:
        may_open = or_(may_open, Case.notified_on.is_not(None))
    rows = session.execute(
        select(
            LedgerLine.ranking_id,
            LedgerLine.line_e4,
            LedgerLine.counted,
            LedgerLine.reason,
            Finding,
            proposer.display_name,
            decider.display_name,
            Case.number,
            may_open.label("may_open"),
        )
        .join(Finding, Finding.id == LedgerLine.finding_id)
        .join(Case, Case.id == Finding.case_id)
        .join(proposer, proposer.id == Finding.proposed_by_id)
        .join(decider, decider.id == Finding.decided_by_id)
        .where(
            LedgerLine.ranking_id.in_(ranking_ids),
            LedgerLine.teacher_id.in_(teacher_ids),
            true() if sight.recused else ~Case.recused,
        )
        .order_by(LedgerLine.counted.desc(), Finding.decided_at, LedgerLine.finding_id)
    )
    found: dict[int, list[LedgerView]] = {}
    for ranking_id, line_e4, counted, reason, finding, proposed_by, decided_by, number, opens in rows:
        view = LedgerView(
            category=finding.category,
            severity=finding.severity,
            outcome=finding.outcome,
            points=finding.points,
            repeat=finding.repeat,
            veto=finding.veto or CATEGORIES[finding.category].is_veto(Severity(finding.severity)),
            line_e4=line_e4,
            counted=counted,
            reason=reason,
            decided_at=finding.decided_at,
            effective_at=finding.effective_at,
            proposed_by=proposed_by,
            decided_by=decided_by,
            case_number=number if opens else "",
        )
        found.setdefault(ranking_id, []).append(view)
    return found


# --- a semester as a whole ----------------------------------------------------------------------------------


class Group(NamedTuple):
    """A stage or district: its rated teachers and their mean score in hundredths (None: nobody is rated)."""

    code: str
    name: str
    teacher_count: int
    rated_count: int
    mean: int | None


@dataclass(frozen=True)
class Figures:
    """A ranking in figures, within the reader's sight. Pairs are (code, count), grades best first."""

    teacher_count: int
    rated_count: int
    provisional_count: int
    not_rated: list[tuple[str, int]]
    grades: list[tuple[str, int]]
    stages: list[Group]
    districts: list[Group]


def figures(session: Session, sight: Sight, ranking_id: int) -> Figures:
    """Counts and means of a ranking by reason, grade, stage and district."""
    cells = session.execute(
        select(
            RankingRow.district_code,
            RankingRow.stage,
            RankingRow.status,
            RankingRow.reason,
            RankingRow.grade,
            func.count().label("teachers"),
            func.coalesce(func.sum(RankingRow.score), 0).label("score"),
        )
        .where(RankingRow.ranking_id == ranking_id, sight.rows)
        .group_by(
            RankingRow.district_code,
            RankingRow.stage,
            RankingRow.status,
            RankingRow.reason,
            RankingRow.grade,
        )
    ).all()
    provisional = session.scalar(
        select(func.count()).where(
            RankingRow.ranking_id == ranking_id,
            RankingRow.status == RATED,
            RankingRow.provisional,
            sight.rows,
            sight.open_cases,
        )
    )
    reasons: dict[str, int] = {}
    grades: dict[str, int] = {}
    for cell in cells:
        tally, key = (reasons, cell.reason) if cell.status == NOT_RATED else (grades, cell.grade)
        tally[key] = tally.get(key, 0) + cell.teachers
    names = {district.code: district.name for district in roster_queries.districts(session)}
    return Figures(
        teacher_count=sum(cell.teachers for cell in cells),
        rated_count=sum(grades.values()),
        provisional_count=provisional or 0,
        not_rated=sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0])),
        grades=[(grade, grades.get(grade, 0)) for grade in GRADE_LABELS],
        stages=_groups(cells, "stage", STAGE_LABELS),
        districts=_groups(cells, "district_code", names),
    )


def _groups(cells: Any, by: str, names: Mapping[Any, str]) -> list[Group]:
    """In the order of ``names``."""
    order = list(names)
    sums: dict[str, list[int]] = {}
    for cell in cells:
        held = sums.setdefault(getattr(cell, by), [0, 0, 0])
        held[0] += cell.teachers
        if cell.status == RATED:
            held[1] += cell.teachers
            held[2] += int(cell.score)
    return [
        Group(
            code,
            names[code],
            teachers,
            rated,
            (2 * score + rated) // (2 * rated) if rated else None,
        )
        for code, (teachers, rated, score) in sorted(sums.items(), key=lambda pair: order.index(pair[0]))
    ]


class Candidate(NamedTuple):
    """One of the lowest: listed (``named``, ``private``), or left out (``tied``, ``provisional``)."""

    line: ScoreLine
    fate: str
    basis: tuple[str, ...]


TIED = "tied"
_WORST_FIRST = (
    RankingRow.score,
    RankingRow.veto.desc(),
    RankingRow.deduct_e4.desc(),
    func.coalesce(RankingRow.school_e4, FULL + 1),
    func.coalesce(RankingRow.parent_e4, FULL + 1),
    Teacher.number,
)


def lowest(session: Session, sight: Sight, ranking: RankingView) -> list[Candidate]:
    """The bottom list with those left out of it, worst first (R12); nobody for whom the list is not.

    Everyone as low as the cut is listed, of a group that went as a whole, or provisional: so these are exactly
    the first of the order of R12, as many as the ranking's counts say.
    """
    if not sight.bottom_list:
        return []
    count = sum(ranking.counts[name] for name in ("listed", "dropped", "passed_over"))
    listed = {
        number: (treatment, tuple(basis.split()))
        for number, treatment, basis in session.execute(
            select(Teacher.number, BottomEntry.treatment, BottomEntry.basis)
            .join(Teacher, Teacher.id == BottomEntry.teacher_id)
            .where(BottomEntry.ranking_id == ranking.id)
        )
    }
    ids = session.scalars(
        _ids(ranking.id).where(RankingRow.status == RATED).order_by(*_WORST_FIRST).limit(count)
    ).all()
    found = []
    for line in _chosen(session, WHOLE_CITY, ranking.id, ids, _WORST_FIRST):
        left_out = PROVISIONAL if line.row.provisional else TIED
        fate, basis = listed.get(line.row.teacher, (left_out, ()))
        found.append(Candidate(line, fate, basis))
    return found


def bottom_lines(
    session: Session,
    sight: Sight,
    ranking_id: int,
    *,
    district_code: str | None = None,
    school_id: int | None = None,
) -> list[BottomLine]:
    """The bottom list, or those of it in one district or school; nobody for whom the list is not."""
    if not sight.bottom_list:
        return []
    query = (
        select(
            Teacher.number,
            Teacher.name,
            RankingRow.score,
            RankingRow.place,
            BottomEntry.treatment,
            BottomEntry.basis,
        )
        .join(Teacher, Teacher.id == BottomEntry.teacher_id)
        .join(
            RankingRow,
            and_(
                RankingRow.ranking_id == BottomEntry.ranking_id,
                RankingRow.teacher_id == BottomEntry.teacher_id,
            ),
        )
        .where(BottomEntry.ranking_id == ranking_id)
        .order_by(BottomEntry.position)
    )
    if district_code is not None:
        query = query.where(RankingRow.district_code == district_code)
    if school_id is not None:
        query = query.where(RankingRow.school_id == school_id)
    return [BottomLine._make((*row[:5], tuple(row[5].split()))) for row in session.execute(query)]


class StepTaken(NamedTuple):
    """A step of a semester as it was taken. ``by``: the account's name, empty for the clock or the operator."""

    action: str
    at: datetime
    actor_kind: str
    by: str


def steps_taken(session: Session, semester_code: str) -> list[StepTaken]:
    """The steps of a semester, in order of time, as the audit has them."""
    ids = [
        str(ranking_id)
        for ranking_id in session.scalars(select(Ranking.id).where(Ranking.semester_code == semester_code))
    ]
    rows = session.execute(
        select(AuditEvent.action, AuditEvent.at, AuditEvent.actor_kind, Account.display_name)
        .outerjoin(Account, Account.id == AuditEvent.actor_id)
        .where(
            or_(
                and_(AuditEvent.subject_kind == "semester", AuditEvent.subject_id == semester_code),
                and_(AuditEvent.subject_kind == "ranking", AuditEvent.subject_id.in_(ids)),
            )
        )
        .order_by(AuditEvent.id)
    )
    return [StepTaken(action, at, kind, by or "") for action, at, kind, by in rows]
