"""What may belong to a case: letters of the same school that are much alike, linked cases, others on the same teacher.

All of it inside the reader's scope: what is kept from a reader is compared with nothing and counted nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy import case as case_when
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor, Permission
from ethics_eval.complaints.models import Case, CaseLink, Finding
from ethics_eval.complaints.queries.opening import Words, open_words
from ethics_eval.complaints.queries.scope import in_scope
from ethics_eval.complaints.rules.machine import CaseStatus
from ethics_eval.complaints.rules.similarity import Compared, Likeness, compared, explained, likeness
from ethics_eval.roster.models import School
from ethics_eval.vault.service import Vault

WITHIN = timedelta(days=90)
MAX_COMPARED = 500
MAX_SUGGESTED = 5
MAX_LISTED = 20


@dataclass(frozen=True)
class RelatedCase:
    """Another case as a line of a case page."""

    id: str
    number: str
    school: str
    status: str
    category: str
    received_at: datetime
    version: int


@dataclass(frozen=True)
class SimilarCase:
    """A case that may be about the same matter, and why it seems so."""

    case: RelatedCase
    likeness: Likeness


def similar_cases(session: Session, vault: Vault, case: Case, actor: Actor) -> list[SimilarCase]:
    """Cases of the same school within 90 days whose letters are much alike, the most alike first, at most five.

    Those linked or merged already are left out.
    """
    near = session.execute(
        _related(session, actor)
        .where(
            Case.school_id == case.school_id,
            Case.id != case.id,
            Case.status != CaseStatus.MERGED.value,
            Case.received_at >= case.received_at - WITHIN,
            Case.received_at <= case.received_at + WITHIN,
            Case.id.not_in(_linked_ids(case)),
        )
        .order_by(Case.received_at.desc(), Case.id)
        .limit(MAX_COMPARED)
    ).all()
    if not near:
        return []
    opened = open_words(session, vault, [case.id, *(row.id for row in near)], actor, letters_only=True)
    own = _compared(opened.pop(case.id, None))
    scored: list[tuple[int, int, Compared, Compared]] = []
    for at, row in enumerate(near):
        best = max(
            ((likeness(mine, other), mine, other) for mine in own for other in _compared(opened.get(row.id))),
            key=lambda found: found[0].percent,
            default=None,
        )
        if best is not None and best[0].is_likely:
            scored.append((best[0].percent, at, best[1], best[2]))
    scored.sort(key=lambda row: (-row[0], row[1]))
    return [
        SimilarCase(RelatedCase(**near[at]._mapping), explained(mine, other))
        for _percent, at, mine, other in scored[:MAX_SUGGESTED]
    ]


def _compared(words: Words | None) -> list[Compared]:
    letters = words.letters if words is not None else []
    return [compared(letter.get("body", ""), letter.get("respondent", "")) for letter in letters]


def linked_cases(session: Session, case: Case, actor: Actor) -> list[RelatedCase]:
    """The cases linked with this one that the reader may see, newest first."""
    return _listed(session, _related(session, actor).where(Case.id.in_(_linked_ids(case))))


def other_cases_of_teachers(session: Session, case: Case, actor: Actor) -> list[RelatedCase]:
    """Other cases with a finding on a teacher this case has a finding on, newest first, at most twenty."""
    teachers = {finding.teacher_id for finding in case.findings if finding.replaced_at is None}
    if not teachers:
        return []
    theirs = select(Finding.case_id).where(Finding.teacher_id.in_(teachers), Finding.replaced_at.is_(None))
    return _listed(session, _related(session, actor).where(Case.id.in_(theirs), Case.id != case.id))


def case_to_link(session: Session, actor: Actor, number: str) -> Case | None:
    """The case of a number that the actor may link; None: there is none such."""
    return session.scalars(
        select(Case).where(Case.number == number, in_scope(session, actor, Permission.CASE_LINK))
    ).first()


def _linked_ids(case: Case) -> Select[Any]:
    other = case_when((CaseLink.first_id == case.id, CaseLink.second_id), else_=CaseLink.first_id)
    return select(other).where(or_(CaseLink.first_id == case.id, CaseLink.second_id == case.id))


def _related(session: Session, actor: Actor) -> Any:
    return (
        select(
            Case.id,
            Case.number,
            School.name.label("school"),
            Case.status,
            Case.category,
            Case.received_at,
            Case.version,
        )
        .join(School, School.id == Case.school_id)
        .where(in_scope(session, actor))
    )


def _listed(session: Session, query: Select[Any]) -> list[RelatedCase]:
    rows: Sequence[Any] = session.execute(
        query.order_by(Case.received_at.desc(), Case.id).limit(MAX_LISTED)
    ).all()
    return [RelatedCase(**row._mapping) for row in rows]
