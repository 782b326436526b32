"""Reads of how many ballots have come back: groups of a school, schools of a district, districts of the city.

No vote is in sight here: only which codes are used, and of groups of five raters and more only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from ethics_eval.evaluation.models import BallotCode, BallotGroup
from ethics_eval.evaluation.queries import scheme_of_semester
from ethics_eval.evaluation.rules.scheme import Component
from ethics_eval.evaluation.rules.turnout import (
    GroupTurnout,
    SchoolState,
    Turnout,
    group_turnout,
    school_state,
    summed,
)
from ethics_eval.roster.models import District, School
from ethics_eval.roster.queries import CITY, Reach

PAGE_SIZE = 50


def group_turnouts(session: Session, semester_code: str, reach: Reach = CITY) -> list[GroupTurnout]:
    """The groups with codes in the reader's scope; of one school by component and label. None until a scheme is fixed.

    One query over the codes' index, whatever the number of schools.
    """
    scheme = scheme_of_semester(session, semester_code)
    if scheme is None:
        return []
    rows = session.execute(
        select(
            BallotGroup.school_id,
            BallotGroup.component,
            BallotGroup.label,
            BallotGroup.seats,
            func.count(BallotCode.code_hash),
        )
        .join(School, School.id == BallotGroup.school_id)
        .outerjoin(BallotCode, and_(BallotCode.group_id == BallotGroup.id, BallotCode.state == "used"))
        .where(BallotGroup.semester_code == semester_code, BallotGroup.batch > 0, reach.schools())
        .group_by(BallotGroup.id)
    )
    parts = {component.value: component for component in Component}
    found = [
        group_turnout(school_id, parts[part], label, seats, returned, scheme.components[parts[part]])
        for school_id, part, label, seats, returned in rows
    ]
    if reach.school_id is not None:
        order = list(Component)
        found.sort(key=lambda group: (order.index(group.component), len(group.label), group.label))
    return found


@dataclass(frozen=True)
class SchoolLine:
    """A school in the list; ``turnout`` None: no codes were issued."""

    school_id: int
    code: str
    name: str
    district_code: str
    district: str
    turnout: Turnout | None
    state: SchoolState


@dataclass(frozen=True)
class DistrictLine:
    """A district: the sum of its schools, and how many of them stand where."""

    code: str
    name: str
    turnout: Turnout
    schools: Mapping[SchoolState, int]

    @property
    def school_count(self) -> int:
        """All its schools."""
        return sum(self.schools.values())


def school_lines(session: Session, semester_code: str, reach: Reach = CITY) -> list[SchoolLine]:
    """Every school in the reader's scope, by district and name: the order means nothing."""
    return _lines(session, group_turnouts(session, semester_code, reach), reach)


def _lines(session: Session, groups: Sequence[GroupTurnout], reach: Reach) -> list[SchoolLine]:
    of_school: defaultdict[int, list[GroupTurnout]] = defaultdict(list)
    for group in groups:
        of_school[group.school_id].append(group)
    rows = session.execute(
        select(School.id, School.code, School.name, District.code, District.name)
        .join(District, District.code == School.district_code)
        .where(reach.schools())
        .order_by(District.code, School.pinyin, School.code)
    )
    found = []
    for school_id, code, name, district_code, district in rows:
        turnout = summed(of_school[school_id]) if school_id in of_school else None
        found.append(
            SchoolLine(school_id, code, name, district_code, district, turnout, school_state(turnout))
        )
    return found


def district_lines(schools: Sequence[SchoolLine]) -> list[DistrictLine]:
    """The districts of these schools, by code."""
    of_district: defaultdict[tuple[str, str], list[SchoolLine]] = defaultdict(list)
    for school in schools:
        of_district[school.district_code, school.district].append(school)
    found = []
    for (code, name), lines in sorted(of_district.items()):
        states = {state: sum(line.state is state for line in lines) for state in SchoolState}
        total = sum((line.turnout for line in lines if line.turnout is not None), Turnout())
        found.append(DistrictLine(code, name, total, states))
    return found


@dataclass(frozen=True)
class TurnoutPage:
    """What the city's or a district's page shows. ``total``: of all its schools; ``found``: how many fit the filter."""

    total: Turnout
    districts: Sequence[DistrictLine]
    schools: Sequence[SchoolLine]
    found: int
    parts: Sequence[tuple[Component, Turnout]]


def turnout_page(
    session: Session,
    semester_code: str,
    reach: Reach,
    *,
    district: str = "",
    state: str = "",
    text: str = "",
    page: int = 1,
) -> TurnoutPage:
    """A page of 50 schools beside the sums of their districts. Args: district, state, text: narrow the list."""
    groups = group_turnouts(session, semester_code, reach)
    lines = _lines(session, groups, reach)
    wanted = [
        line
        for line in lines
        if district in {"", line.district_code} and state in {"", line.state} and text in line.name
    ]
    districts = district_lines(lines)
    return TurnoutPage(
        total=sum((one.turnout for one in districts), Turnout()),
        districts=districts,
        schools=wanted[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        found=len(wanted),
        parts=by_component(groups),
    )


def by_component(groups: Sequence[GroupTurnout]) -> list[tuple[Component, Turnout]]:
    """The sum of each component that has groups, in their order."""
    found = []
    for component in Component:
        of_part = [group for group in groups if group.component is component]
        if of_part:
            found.append((component, summed(of_part)))
    return found


def semesters_with_ballots(session: Session, reach: Reach = CITY) -> list[str]:
    """The codes of the semesters for which codes were issued in the reader's scope, the latest first."""
    return list(
        session.scalars(
            select(BallotGroup.semester_code)
            .join(School, School.id == BallotGroup.school_id)
            .where(BallotGroup.batch > 0, reach.schools())
            .distinct()
            .order_by(BallotGroup.semester_code.desc())
        )
    )
