"""督办清单: the cases that are late, by district and by how far up they have come."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from ethics_eval.accounts.rules import Actor, Permission
from ethics_eval.complaints.models import Case, CaseEvent
from ethics_eval.complaints.queries.paging import PAGE_SIZE
from ethics_eval.complaints.queries.running import CLOCKED, is_overdue, overdue_clocks
from ethics_eval.complaints.queries.scope import in_scope
from ethics_eval.complaints.rules.machine import Desk
from ethics_eval.complaints.rules.reminding import Clock, Level, Spacing, overdue_level
from ethics_eval.complaints.rules.supervision import SUPERVISE, supervision_refusal
from ethics_eval.roster.models import District, School
from ethics_eval.roster.rules.calendar import local_day


@dataclass(frozen=True)
class LateRow:
    """A late case. ``days``: how many it is late (0: an urgent one, by hours); ``pressed_at``: the last 督办."""

    number: str
    school: str
    district: str
    desk: str
    status: str
    category: str
    clock: Clock
    due_on: date
    days: int
    level: Level
    pressed_at: datetime | None
    pressed_count: int
    can_press: bool


@dataclass(frozen=True)
class LateDistrict:
    """How many cases of a district are late, by how far up they have come."""

    code: str
    name: str
    counts: dict[str, int]
    total: int


def late_cases(
    session: Session,
    actor: Actor,
    at: datetime,
    *,
    spacing: Spacing,
    district: str = "",
    level: str = "",
    page: int = 1,
) -> tuple[list[LateRow], list[LateDistrict], int]:
    """A page of the actor's late cases, the longest late first; the districts with any; how many the filter leaves.

    ``level``: as :func:`overdue_level` has it for the clock that is late longest.
    """
    today = local_day(at)
    where = (in_scope(session, actor, Permission.CASE_SUPERVISE), is_overdue(at))
    # of all that are late only what their clocks need is read; a page of them is then read whole
    found: list[tuple[Any, Clock, date, Level]] = []
    for row in session.execute(select(Case.id, Case.district_code, *CLOCKED).where(*where)):
        late = overdue_clocks(row, at)
        if late:
            clock, due_on = late[0]
            found.append((row, clock, due_on, overdue_level(due_on, today, spacing) or Level.DUE))
    counts: Counter[tuple[str, str]] = Counter((row[0].district_code, row[3].value) for row in found)
    names = {code: name for code, name in session.execute(select(District.code, District.name))}
    districts = [
        LateDistrict(
            code,
            names[code],
            {lv.value: counts[code, lv.value] for lv in Level},
            sum(count for (of, _level), count in counts.items() if of == code),
        )
        for code in sorted({code for code, _level in counts})
    ]
    kept = [row for row in found if district in {"", row[0].district_code} and level in {"", row[3].value}]
    kept.sort(key=lambda row: (row[2], row[0].received_at, row[0].id))
    shown = kept[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    ids = [row[0].id for row in shown]
    pressed = pressings(session, ids)
    whole = {
        case.id: case
        for case in session.scalars(
            select(Case).options(joinedload(Case.school).joinedload(School.district)).where(Case.id.in_(ids))
        ).unique()
    }
    return (
        [
            LateRow(
                number=case.number,
                school=case.school.name,
                district=case.school.district.name,
                desk=case.desk,
                status=case.status,
                category=case.category,
                clock=clock,
                due_on=due_on,
                days=(today - due_on).days,
                level=come_to,
                pressed_at=pressed.get(case.id, (None, 0))[0],
                pressed_count=pressed.get(case.id, (None, 0))[1],
                can_press=supervision_refusal(actor.role, Desk(case.desk), is_overdue=True) is None,
            )
            for case, clock, due_on, come_to in ((whole[row[0].id], *row[1:]) for row in shown)
        ],
        districts,
        len(kept),
    )


def pressings(session: Session, case_ids: list[str]) -> dict[str, tuple[datetime, int]]:
    """Case id → when it was last pressed for, and how often."""
    rows = session.execute(
        select(CaseEvent.case_id, func.max(CaseEvent.at), func.count())
        .where(CaseEvent.case_id.in_(case_ids), CaseEvent.action == SUPERVISE)
        .group_by(CaseEvent.case_id)
    )
    return {case_id: (at, count) for case_id, at, count in rows}
