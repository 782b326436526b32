"""澄清正名: offered, answered, issued; to the teacher, to the bureau, and once issued to the schools meant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor
from ethics_eval.complaints.models import Case, Clearance, Finding
from ethics_eval.complaints.queries.scope import content_cipher
from ethics_eval.complaints.rules.clearance import Audience, ClearanceState, may_clear
from ethics_eval.complaints.rules.remedy import RemedyResult
from ethics_eval.vault.service import Vault


@dataclass(frozen=True)
class ClearanceView:
    """A clearance opened. ``issuer``, ``school`` and ``teacher`` are those of the day it was issued."""

    id: str
    state: ClearanceState
    audience: Audience
    text: str
    teacher: str
    school: str
    issuer: str
    offered_at: datetime
    answered_at: datetime | None
    issued_on: date | None


def clearable_finding(case: Case) -> Finding | None:
    """The finding of a case by which a teacher may be cleared: nothing was found, or a remedy revoked it."""
    for row in reversed(case.findings):
        revoked = any(remedy.result == RemedyResult.REVOKED for remedy in row.remedies)
        if (
            row.decided_at is not None
            and row.replaced_at is None
            and may_clear(row.outcome, revoked=revoked, standing=row.revoked_at is None)
        ):
            return row
    return None


def clearances_of(session: Session, vault: Vault, case: Case, actor: Actor | None) -> list[ClearanceView]:
    """The clearances offered in a case, oldest first. Raises: KeyMissing: not for this reader."""
    rows = session.scalars(
        select(Clearance).where(Clearance.case_id == case.id).order_by(Clearance.offered_at, Clearance.id)
    )
    return [_view(session, vault, row, case, actor) for row in rows]


def last_clearance(session: Session, case: Case) -> Clearance | None:
    """The clearance offered last in a case."""
    return session.scalars(
        select(Clearance)
        .where(Clearance.case_id == case.id)
        .order_by(Clearance.offered_at.desc(), Clearance.id.desc())
    ).first()


def own_clearances(session: Session, vault: Vault, teacher_id: int | None) -> list[ClearanceView]:
    """What was offered to a teacher in person, the latest first; opened by the system for its subject."""
    rows = session.execute(
        select(Clearance, Case)
        .join(Case, Case.id == Clearance.case_id)
        .where(Clearance.teacher_id == teacher_id)
        .order_by(Clearance.offered_at.desc(), Clearance.id)
    )
    return [_view(session, vault, row, case, None) for row, case in rows]


def own_clearance(
    session: Session, teacher_id: int | None, clearance_id: str, *, lock: bool = False
) -> Clearance | None:
    """A clearance offered to this teacher; None: it is nobody's, or somebody else's."""
    query = select(Clearance).where(
        Clearance.id == clearance_id, Clearance.teacher_id == teacher_id, Clearance.teacher_id.is_not(None)
    )
    if lock:
        query = query.with_for_update()
    return session.scalars(query).first()


def case_of_clearance(session: Session, clearance: Clearance) -> Case:
    """The case a clearance was offered in."""
    return session.get_one(Case, clearance.case_id)


def issued_clearances(session: Session, vault: Vault, school_id: int | None) -> list[ClearanceView]:
    """What was issued for a school's eyes, the latest first: its own teachers', and the city-wide ones.

    Opened by the system: the letter that led to it stays closed. A case kept from its school leaves no trace there.
    """
    rows = session.execute(
        select(Clearance, Case)
        .join(Case, Case.id == Clearance.case_id)
        .where(_for_school(school_id))
        .order_by(Clearance.issued_on.desc(), Clearance.id)
    )
    return [_view(session, vault, row, case, None) for row, case in rows]


def _for_school(school_id: int | None) -> ColumnElement[bool]:
    return and_(
        Clearance.state == ClearanceState.ISSUED.value,
        ~Case.recused,
        or_(
            and_(Clearance.audience == Audience.SCHOOL.value, Case.school_id == school_id),
            Clearance.audience == Audience.SYSTEM.value,
        ),
    )


def _view(session: Session, vault: Vault, row: Clearance, case: Case, actor: Actor | None) -> ClearanceView:
    cipher = content_cipher(session, vault, case, actor)
    words = cipher.unseal_json(row.text, f"clearance:text:{row.id}")
    return ClearanceView(
        id=row.id,
        state=ClearanceState(row.state),
        audience=Audience(row.audience),
        text=words["text"],
        teacher=words["teacher"],
        school=words["school"],
        issuer=words["issuer"],
        offered_at=row.offered_at,
        answered_at=row.answered_at,
        issued_on=row.issued_on,
    )
