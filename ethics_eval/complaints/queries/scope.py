"""Which cases a reader may see, and with which key they are opened."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, select, true
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor, Permission, Role, Scope, scope_of
from ethics_eval.complaints.models import Case, Finding
from ethics_eval.complaints.rules.machine import Desk
from ethics_eval.vault.cipher import Cipher
from ethics_eval.vault.service import CITY_UNIT, CONTENT, Vault, district_unit, school_unit


def in_scope(
    session: Session, actor: Actor, permission: Permission = Permission.CASE_READ
) -> ColumnElement[bool]:
    """The condition on cases that the actor may see: never one about the actor, never one recused from the school."""
    match scope_of(actor, permission):
        case Scope.OWN_SCHOOL:
            scope: ColumnElement[bool] = and_(
                Case.school_id == actor.school_id, Case.desk == Desk.SCHOOL.value, ~Case.recused
            )
        case Scope.OWN_DISTRICT:
            scope = Case.district_code == actor.district_code
        case Scope.CITY:
            scope = true()
        case _:
            return false()
    if actor.teacher_id is None:
        return scope
    about_me = select(Finding.case_id).where(Finding.teacher_id == actor.teacher_id)
    return and_(scope, Case.id.not_in(about_me))


def find_case(session: Session, actor: Actor, number: str, *, lock: bool = False) -> Case | None:
    """The case of a number inside the actor's scope; ``lock``: for a change in this transaction."""
    query = select(Case).where(Case.number == number, in_scope(session, actor))
    if lock:
        query = query.with_for_update(of=Case)
    return session.scalars(query).unique().first()


def desk_of(role: str | None) -> str:
    """The level an account's role writes for."""
    if role in {Role.SCHOOL_OFFICER, Role.SCHOOL_HEAD}:
        return Desk.SCHOOL.value
    return Desk.DISTRICT.value if role == Role.DISTRICT_OFFICER else Desk.CITY.value


def locked_case(session: Session, case: Case) -> Case:
    """The same case, held for a change in this transaction: two steps at once come one after the other."""
    session.refresh(case, with_for_update={"of": Case})
    return case


def units_of(actor: Actor) -> list[str]:
    """The unit keys a person's role may use."""
    match scope_of(actor, Permission.CASE_READ):
        case Scope.OWN_SCHOOL:
            return [school_unit(actor.school_id or 0)]
        case Scope.OWN_DISTRICT:
            return [district_unit(actor.district_code or "")]
        case Scope.CITY:
            return [CITY_UNIT]
        case _:
            return []


def content_cipher(session: Session, vault: Vault, case: Case, actor: Actor | None = None) -> Cipher:
    """The case's content key as the reader's unit holds it (None: the system itself). Raises: KeyMissing."""
    units = None if actor is None else units_of(actor)
    return vault.open_key(session, f"case:{case.id}", CONTENT, units)
