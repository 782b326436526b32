"""Cases that were put together: the one that is worked on, and the complaints that hang on it."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ethics_eval.complaints.models import Case, Complaint


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


def complaint_in(session: Session, case: Case, complaint_id: str) -> Complaint | None:
    """A complaint handled in a case; None: it is none of this case's."""
    complaint = session.get(Complaint, complaint_id)
    if complaint is None or lead_of(session, complaint.case).id != case.id:
        return None
    return complaint
