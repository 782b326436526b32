"""Given scores and tallies of a semester, read by the driver straight into columns.

A city has some 200,000 of them: no object a row, no text a row but what names an item.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session

from ethics_eval.database import driver_rows
from ethics_eval.evaluation.models import Assessment, Tally
from ethics_eval.evaluation.rules.scheme import Component, Scheme
from ethics_eval.evaluation.rules.tally import ABSENT, NOTHING, Ints
from ethics_eval.ranking.rules.postings import PostingColumns
from ethics_eval.ranking.rules.results import GivenColumns, GivenTable, TallyColumns, TallyTable

_COMPONENTS = tuple(Component)


class PostingPlaces:
    """Where the ids of a teacher and a school meet in the columns of postings."""

    def __init__(
        self, postings: PostingColumns, teacher_ids: Mapping[str, int], school_ids: Mapping[str, int]
    ) -> None:
        teachers = np.array([teacher_ids[number] for number in postings.teachers], dtype=np.int64)
        schools = np.array([school_ids[code] for code in postings.schools], dtype=np.int64)
        self._span = int(schools.max(initial=0)) + 1
        keys = teachers[postings.teacher] * self._span + schools[postings.school]
        self._order = np.argsort(keys)
        self._keys = keys[self._order]

    def of(self, teacher_ids: Ints, school_ids: Ints) -> Ints:
        """The place of each pair; NOTHING where there is no such posting."""
        if not len(self._keys):
            return np.full(len(teacher_ids), NOTHING, dtype=np.int64)
        wanted = np.where(school_ids < self._span, teacher_ids * self._span + school_ids, NOTHING)
        at = np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)
        found: Ints = np.where(self._keys[at] == wanted, self._order[at], NOTHING)
        return found


def read_given(
    session: Session, semester_code: str, postings: PostingColumns, places: PostingPlaces
) -> GivenTable:
    """The given scores of the postings in a semester; those of other postings are left out."""
    rows = _whole_numbers(
        session,
        select(
            _code(Assessment.component, {part.value: place for place, part in enumerate(_COMPONENTS)}),
            Assessment.teacher_id,
            Assessment.school_id,
            Assessment.score_e4,
            func.coalesce(Assessment.rater_count, ABSENT),
            func.coalesce(Assessment.eligible_count, ABSENT),
        ).where(Assessment.semester_code == semester_code),
    )
    return GivenTable(
        postings,
        tuple(
            GivenColumns(_COMPONENTS[code].value, posting, *columns)
            for code, posting, columns in _groups(rows, places)
        ),
    )


def read_tallies(
    session: Session, semester_code: str, scheme: Scheme, postings: PostingColumns, places: PostingPlaces
) -> TallyTable:
    """The tallies of the postings in a semester; those of other postings, or of no item, are left out."""
    items = [(name, item) for name, of_name in scheme.items.items() for item in of_name]
    if not items:
        return TallyTable(postings, ())
    codes = {
        name.value: _code(
            Tally.item, {item.code: place for place, (part, item) in enumerate(items) if part is name}
        )
        for name in scheme.items
    }
    most = max(len(item.points) for _name, item in items)
    table = Tally.__table__.c
    rows = _whole_numbers(
        session,
        select(
            _code(Tally.component, codes),
            Tally.teacher_id,
            Tally.school_id,
            func.coalesce(Tally.eligible_count, ABSENT),
            *(table[f"option_{place}"] for place in range(1, most + 1)),
        ).where(Tally.semester_code == semester_code),
    )
    found = []
    for code, posting, (eligible, *counts) in _groups(rows, places):
        name, item = items[code]
        options = np.stack(counts[: len(item.points)], axis=1)
        found.append(TallyColumns(name.value, item.code, posting, options, eligible))
    return TallyTable(postings, tuple(found))


def _code(column: Any, codes: Mapping[str, Any]) -> ColumnElement[int]:
    """The number of a text; NOTHING of every other."""
    return case(dict(codes), value=column, else_=NOTHING)


def _groups(rows: Ints, places: PostingPlaces) -> Iterator[tuple[int, Ints, list[Ints]]]:
    """Columns by their code, the first of them: code, places of the postings, and the columns after the ids."""
    posting = places.of(rows[:, 1], rows[:, 2])
    for code in np.unique(rows[:, 0]).tolist():
        chosen = np.flatnonzero((rows[:, 0] == code) & (posting != NOTHING))
        if code != NOTHING and len(chosen):
            of_code = np.ascontiguousarray(rows[chosen, 3:].T)
            yield code, posting[chosen], list(of_code)


def _whole_numbers(session: Session, statement: Select[*tuple[Any, ...]]) -> Ints:
    """A statement's whole numbers, rows × columns."""
    width = len(statement.selected_columns)
    parts = [
        np.fromiter(chain.from_iterable(rows), np.int64, count=len(rows) * width)
        for rows in driver_rows(session, statement)
    ]
    found = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
    return found.reshape(-1, width)
