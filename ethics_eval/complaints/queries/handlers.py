"""Whose accounts may hear of a case, and how the cases of notices are called for their reader."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account
from ethics_eval.accounts.rules import Actor, Role
from ethics_eval.complaints.models import Case, Clearance, Finding
from ethics_eval.complaints.queries.scope import in_scope
from ethics_eval.complaints.rules.machine import Desk
from ethics_eval.complaints.rules.reminding import Standing, hearing_desk

SCHOOL_ROLES = frozenset({Role.SCHOOL_OFFICER, Role.SCHOOL_HEAD})
_CITY_ROLES = frozenset({Role.BUREAU_OFFICER, Role.BUREAU_HEAD, Role.CUSTODIAN})


@dataclass(frozen=True)
class Place:
    """Where a case lies: enough to know who may hear of it."""

    case_id: str
    school_id: int
    district_code: str
    desk: Desk
    recused: bool
    urgent: bool
    owner_id: int | None

    @property
    def standing(self) -> Standing:
        """As the rules see it."""
        return Standing(self.desk, self.recused, self.urgent)


def place_of(case: Case) -> Place:
    """Where a case lies."""
    return Place(
        case_id=case.id,
        school_id=case.school_id,
        district_code=case.district_code,
        desk=Desk(case.desk),
        recused=case.recused,
        urgent=case.urgent,
        owner_id=case.owner_id,
    )


class Directory:
    """The accounts that handle some cases: read once, asked for each case."""

    def __init__(self, session: Session, places: Collection[Place]) -> None:
        rows = session.execute(
            select(Account.id, Account.role, Account.school_id, Account.district_code, Account.teacher_id)
            .where(
                Account.active,
                or_(
                    Account.school_id.in_({place.school_id for place in places}),
                    Account.district_code.in_({place.district_code for place in places}),
                    Account.role.in_([role.value for role in _CITY_ROLES]),
                ),
            )
            .order_by(Account.id)
        )
        self._people: dict[tuple[Role, object], list[tuple[int, int | None]]] = defaultdict(list)
        for account_id, role, school_id, district_code, teacher_id in rows:
            self._people[Role(role), school_id or district_code].append((account_id, teacher_id))
        self._respondents: dict[str, set[int]] = defaultdict(set)
        about = select(Finding.case_id, Finding.teacher_id).where(
            Finding.case_id.in_([place.case_id for place in places])
        )
        for case_id, teacher_id in session.execute(about):
            self._respondents[case_id].add(teacher_id)

    def find(self, place: Place, roles: Iterable[Role], *, for_owner: bool = False) -> list[int]:
        """The ids of the accounts of these roles that may hear of the case.

        Never the school while the case is kept from it, never one the case is about; with ``for_owner`` the owner
        alone, if the owner is among them.
        """
        found = []
        is_kept = hearing_desk(place.standing) is not Desk.SCHOOL
        for role in sorted(roles):
            if role in SCHOOL_ROLES:
                people = [] if is_kept else self._people[role, place.school_id]
            elif role is Role.DISTRICT_OFFICER:
                people = self._people[role, place.district_code]
            else:
                people = self._people[role, None]
            found += [
                account_id
                for account_id, teacher_id in people
                if teacher_id not in self._respondents[place.case_id]
            ]
        return [place.owner_id] if for_owner and place.owner_id in found else found


def respondent_accounts(session: Session, case: Case) -> list[int]:
    """The own accounts of the teachers whom standing findings of the case are about."""
    about = select(Finding.teacher_id).where(Finding.case_id == case.id, Finding.replaced_at.is_(None))
    return list(
        session.scalars(
            select(Account.id).where(
                Account.role == Role.TEACHER.value, Account.teacher_id.in_(about), Account.active
            )
        )
    )


def case_numbers(session: Session, actor: Actor, case_ids: Collection[str]) -> dict[str, str]:
    """Case id → number, of those the actor may see now: staff in their scope, a teacher what was told in person."""
    if not case_ids:
        return {}
    if actor.role is Role.TEACHER:
        heard = select(Finding.case_id).where(
            Finding.teacher_id == actor.teacher_id, Finding.replaced_at.is_(None)
        )
        cleared = select(Clearance.case_id).where(Clearance.teacher_id == actor.teacher_id)
        sight: ColumnElement[bool] = or_(
            and_(Case.notified_on.is_not(None), Case.id.in_(heard)), Case.id.in_(cleared)
        )
    else:
        sight = in_scope(session, actor)
    rows = session.execute(select(Case.id, Case.number).where(Case.id.in_(case_ids), sight))
    return {case_id: number for case_id, number in rows}
