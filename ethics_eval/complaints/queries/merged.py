"""Cases that were put together: the one that is worked on, and the complaints that hang on it."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor
from ethics_eval.complaints.models import Case, Complaint
from ethics_eval.complaints.queries.scope import in_scope


def lead_of(session: Session, case: Case) -> Case:
    """The case in which the matter is handled: itself, or the one it was merged into."""
    lead = case
    while lead.merged_into_id is not None:
        found = session.get(Case, lead.merged_into_id)
        if found is None:
            break
        lead = found
    return lead


def complaints_of(session: Session, case: Case) -> list[Complaint]:
    """The complaints handled in a case, its own and those of cases merged into it, oldest first."""
    rows = session.scalars(
        select(Complaint)
        .join(Case, Case.id == Complaint.case_id)
        .where(or_(Case.id == case.id, Case.merged_into_id == case.id))
        .order_by(Complaint.submitted_at, Complaint.id)
    )
    return list(rows)


def merged_into(session: Session, case: Case, actor: Actor) -> str | None:
    """The number of the case this one went into; None: it did not, or the reader sees nothing of that one."""
    if case.merged_into_id is None:
        return None
    return session.scalar(select(Case.number).where(Case.id == case.merged_into_id, in_scope(session, actor)))


def complaint_in(session: Session, case: Case, complaint_id: str) -> Complaint | None:
    """A complaint handled in a case; None: it is none of this case's."""
    complaint = session.get(Complaint, complaint_id)
    if complaint is None or lead_of(session, complaint.case).id != case.id:
        return None
    return complaint
