"""How sure a ranking is, as people read it before it goes out (R13): for those who may see the bottom list."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.ranking.models import Ranking, RankingRow
from ethics_eval.ranking.queries.rows import ids_of, lines_of
from ethics_eval.ranking.queries.sight import WHOLE_CITY, Sight
from ethics_eval.ranking.rules.certainty import Figures, Low
from ethics_eval.ranking.rules.explanation import ScoreLine
from ethics_eval.ranking.rules.readiness import Verdict, verdicts
from ethics_eval.roster.models import School, Teacher

SHOWN = 30  # the last of the ranking, with their bands


class Person(NamedTuple):
    """A teacher by number, name and school."""

    number: str
    name: str
    school: str


class LowLine(NamedTuple):
    """One of the lowest ten: who, and how often under other weights and in other samples."""

    person: Person
    low: Low


class Change(NamedTuple):
    """Another way to count: whom it would bring onto the list, and whom it would let off."""

    code: str
    entered: tuple[Person, ...]
    left: tuple[Person, ...]


@dataclass(frozen=True)
class CertaintyView:
    """The figures with how good each is, the lowest ten, the other ways to count, the last thirty by place."""

    figures: Figures
    verdicts: tuple[Verdict, ...]
    lowest: list[LowLine]
    changes: list[Change]
    last: list[ScoreLine]


def certainty_view(session: Session, sight: Sight, ranking_id: int) -> CertaintyView | None:
    """How sure a ranking is; None: not computed (kept by an earlier program), or the list is not for the reader."""
    kept = session.scalar(select(Ranking.certainty).where(Ranking.id == ranking_id))
    found = json.loads(kept or "{}")
    if not sight.bottom_list or not found:
        return None
    figures = Figures(**found["figures"])
    lows = [Low(**row) for row in found["lowest"]]
    moved = [(row["code"], row["entered"], row["left"]) for row in found["variants"]]
    numbers = {row.teacher for row in lows}.union(*(entered + left for _code, entered, left in moved))
    people = _people(session, ranking_id, numbers)
    order = (RankingRow.place.desc(), School.code, Teacher.number)
    ids = session.scalars(
        ids_of(ranking_id).where(RankingRow.place.is_not(None)).order_by(*order).limit(SHOWN)
    ).all()
    return CertaintyView(
        figures,
        verdicts(figures),
        [LowLine(people[row.teacher], row) for row in lows],
        [
            Change(code, tuple(people[one] for one in entered), tuple(people[one] for one in left))
            for code, entered, left in moved
        ],
        lines_of(session, WHOLE_CITY, ranking_id, ids, order),
    )


def _people(session: Session, ranking_id: int, numbers: set[str]) -> dict[str, Person]:
    rows = session.execute(
        select(Teacher.number, Teacher.name, School.name)
        .join(RankingRow, RankingRow.teacher_id == Teacher.id)
        .join(School, School.id == RankingRow.school_id)
        .where(RankingRow.ranking_id == ranking_id, Teacher.number.in_(numbers))
    )
    return {number: Person(number, name, school) for number, name, school in rows}
