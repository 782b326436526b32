"""The rows of a ranking as lines that people read: pages, and all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from ethics_eval.evaluation.rules.scheme import Component
from ethics_eval.ranking.models import LedgerLine, RankingRow
from ethics_eval.ranking.queries.sight import Sight
from ethics_eval.ranking.rules.explanation import PROVISIONAL, ScoreLine
from ethics_eval.ranking.rules.outcome import RATED, RankedRow
from ethics_eval.roster.models import District, Posting, School, Teacher

PAGE_SIZE = 50
_PARTS = tuple(RankingRow.__table__.c[f"{component.value}_e4"] for component in Component)
_KEPT = (
    RankingRow.base_e4,
    RankingRow.deduct_e4,
    RankingRow.bonus_e4,
    RankingRow.score,
    RankingRow.grade,
    RankingRow.veto,
)
_BANDS = (RankingRow.band_low, RankingRow.band_high, RankingRow.set_low, RankingRow.set_high)
_PLACES = (RankingRow.place, RankingRow.stage_place, RankingRow.school_place, RankingRow.flags)


def lines(sight: Sight) -> Select[Any]:
    """Rows as :func:`line_of` reads them; provisional only where the reader may know of the case."""
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
            *_BANDS,
        )
        .select_from(RankingRow)
        .join(Teacher, Teacher.id == RankingRow.teacher_id)
        .join(School, School.id == RankingRow.school_id)
        .join(District, District.code == RankingRow.district_code)
        .where(sight.rows)
    )


def line_of(found: Any) -> ScoreLine:
    """A row of :func:`lines`, whatever columns were added at its end."""
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
    return ScoreLine(
        row,
        found.name,
        found.school,
        found.district,
        found.subject or "",
        found.finding_count,
        found.band_low,
        found.band_high,
        found.set_low,
        found.set_high,
    )


ORDER = (RankingRow.place.is_(None), RankingRow.place, School.code, Teacher.number)


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
        ids_of(ranking_id)
        .where(sight.rows, *where)
        .order_by(*ORDER)
        .limit(PAGE_SIZE)
        .offset((wanted.page - 1) * PAGE_SIZE)
    ).all()
    return lines_of(session, sight, ranking_id, ids, ORDER), total or 0


def ids_of(ranking_id: int) -> Select[int]:
    """Teacher ids of a ranking: what is shown is looked up for those of a page alone."""
    return (
        select(RankingRow.teacher_id)
        .join(Teacher, Teacher.id == RankingRow.teacher_id)
        .join(School, School.id == RankingRow.school_id)
        .where(RankingRow.ranking_id == ranking_id)
    )


def lines_of(
    session: Session, sight: Sight, ranking_id: int, ids: Sequence[int], order: Sequence[Any]
) -> list[ScoreLine]:
    """The lines of these teachers that are within the reader's sight, in the order given."""
    query = lines(sight).where(RankingRow.ranking_id == ranking_id, RankingRow.teacher_id.in_(ids))
    return [line_of(row) for row in session.execute(query.order_by(*order))]


def part_of(
    *, district_code: str | None, school_id: int | None, stage: str | None
) -> list[ColumnElement[bool]]:
    """The conditions on rows of a part of the city; None: all of it."""
    wanted = (
        (RankingRow.district_code, district_code),
        (RankingRow.school_id, school_id),
        (RankingRow.stage, stage),
    )
    return [column == value for column, value in wanted if value is not None]


def ranking_lines(
    session: Session,
    sight: Sight,
    ranking_id: int,
    *,
    district_code: str | None = None,
    school_id: int | None = None,
    stage: str | None = None,
) -> Iterator[ScoreLine]:
    """Every row within the reader's sight, in the order of the list, read as they are asked for."""
    part = part_of(district_code=district_code, school_id=school_id, stage=stage)
    query = lines(sight).where(RankingRow.ranking_id == ranking_id, *part)
    for row in session.execute(query.order_by(*ORDER).execution_options(yield_per=1000)):
        yield line_of(row)
