"""How far a reader sees in rankings: always a parameter of the other reads; out of scope is as if absent.

Whether a score is provisional tells that a case or an appeal is open: it is shown only to a reader who may know of
it. Of an appeal that is the teacher and the city alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, false, or_, select, true
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor, Permission, Scope, scope_of
from ethics_eval.complaints.models import Case, Finding
from ethics_eval.complaints.queries import in_scope
from ethics_eval.ranking.models import RankingRow
from ethics_eval.ranking.queries.objections import appealed
from ethics_eval.roster.models import School


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
            known = or_(_has_case(in_scope(session, actor)), appealed())
            return Sight(true(), True, known, recused=True, bottom_list=True)
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
            return Sight(rows, False, or_(_has_case(told), appealed()), recused=True, bottom_list=False)
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
