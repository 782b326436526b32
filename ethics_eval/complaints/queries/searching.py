"""Searching what is sealed: letters are opened and read one after another, newest first, inside the reader's scope.

There is no index of plain text anywhere (security.md §7); a search looks back as far as its time allows and says so.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor
from ethics_eval.complaints.models import Case
from ethics_eval.complaints.queries.opening import Words, open_words
from ethics_eval.complaints.queries.scope import in_scope
from ethics_eval.complaints.rules.searching import Hit, Place, find
from ethics_eval.roster.models import School
from ethics_eval.vault.service import Vault

BUDGET_SECONDS = 2
BATCH = 400
MAX_HITS = 50
_NANO = 1_000_000_000


@dataclass(frozen=True)
class Found:
    """A case in which every word stands, and where."""

    number: str
    school: str
    status: str
    category: str
    received_at: datetime
    hits: list[Hit]


@dataclass(frozen=True)
class Search:
    """What a search found, and how far it looked.

    ``looked_count``: cases read; ``oldest_at``: when the oldest of them arrived; ``before``: where to go on (number of
    the last case read), empty when nothing older is left.
    """

    found: list[Found]
    looked_count: int
    oldest_at: datetime | None
    before: str


def search(
    session: Session,
    vault: Vault,
    actor: Actor,
    words: list[str],
    *,
    before: str = "",
    budget_seconds: int = BUDGET_SECONDS,
) -> Search:
    """The actor's cases in which every word stands, newest first, from the case ``before`` (its number) backwards.

    Looks at number, school, letter, teachers of findings, messages and what was written at steps; never at an
    identity. Ends at 50 cases or when the time is up (at least one batch is read); a mark that is out of reach finds
    nothing.
    """
    ends = time.monotonic_ns() + budget_seconds * _NANO
    scope = in_scope(session, actor)
    mark: tuple[datetime, str] | None = None
    if before:
        marked = session.execute(
            select(Case.received_at, Case.id).where(Case.number == before, scope)
        ).first()
        if marked is None:
            return Search([], 0, None, "")
        mark = (marked.received_at, marked.id)
    found: list[Found] = []
    looked, last = 0, ""
    oldest: datetime | None = None
    while True:
        query = (
            select(
                Case.id,
                Case.number,
                Case.received_at,
                Case.status,
                Case.category,
                School.name.label("school"),
            )
            .join(School, School.id == Case.school_id)
            .where(scope)
            .order_by(Case.received_at.desc(), Case.id.desc())
            .limit(BATCH)
        )
        if mark is not None:
            at, case_id = mark
            query = query.where(or_(Case.received_at < at, and_(Case.received_at == at, Case.id < case_id)))
        rows = session.execute(query).all()
        opened = open_words(session, vault, [row.id for row in rows], actor)
        for row in rows:
            looked, oldest, last = looked + 1, row.received_at, row.number
            hits = find(_places(row.number, row.school, opened.get(row.id)), words)
            if hits:
                found.append(Found(row.number, row.school, row.status, row.category, row.received_at, hits))
                if len(found) == MAX_HITS:
                    return Search(found, looked, oldest, last)
        if len(rows) < BATCH:
            return Search(found, looked, oldest, "")
        mark = (rows[-1].received_at, rows[-1].id)
        if time.monotonic_ns() >= ends:
            return Search(found, looked, oldest, last)


def _places(number: str, school: str, words: Words | None) -> list[tuple[Place, str]]:
    places = [(Place.NUMBER, number), (Place.SCHOOL, school)]
    if words is None:
        return places
    for letter in words.letters:
        places += [
            (Place.RESPONDENT, letter.get("respondent", "")),
            (Place.RESPONDENT, letter.get("subject_class", "")),
            (Place.WHERE, letter.get("place", "")),
            (Place.BODY, letter.get("body", "")),
        ]
    places += [(Place.TEACHER, name) for name in words.teachers]
    places += [(Place.MESSAGE, text) for text in words.messages]
    places += [(Place.NOTE, text) for text in words.notes]
    return places
