"""The postings as columns: who is where, for how many weeks, and which of a teacher's postings is the main one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ethics_eval.evaluation.rules.scheme import STAGES
from ethics_eval.evaluation.rules.tally import NOTHING, Flags, Ints
from ethics_eval.ranking.rules.inputs import Inputs


@dataclass(frozen=True)
class PostingColumns:
    """The columns of postings: teacher and school as places in their sorted lists, stage as place in STAGES."""

    teachers: tuple[str, ...]
    schools: tuple[str, ...]
    teacher: Ints
    school: Ints
    stage: Ints
    weeks: Ints
    ranked: Flags
    held: tuple[str, ...]

    @cached_property
    def place(self) -> Mapping[tuple[str, str], int]:
        """(Teacher, school) → the posting's place in the columns."""
        return {
            (self.teachers[teacher], self.schools[school]): place
            for place, (teacher, school) in enumerate(
                zip(self.teacher.tolist(), self.school.tolist(), strict=True)
            )
        }


def posting_columns(inputs: Inputs) -> PostingColumns:
    """The postings in order of teacher number and school code, as columns."""
    rows = sorted(inputs.postings)
    teachers = tuple(sorted({row.teacher for row in rows}))
    schools = tuple(sorted({row.school for row in rows}))
    teacher_at = {number: place for place, number in enumerate(teachers)}
    school_at = {code: place for place, code in enumerate(schools)}
    stage = np.array([STAGES.index(row.stage) for row in rows], dtype=np.int64)
    ranked = [STAGES.index(name) for name in inputs.scheme.ranked_stages]
    return PostingColumns(
        teachers=teachers,
        schools=schools,
        teacher=np.array([teacher_at[row.teacher] for row in rows], dtype=np.int64),
        school=np.array([school_at[row.school] for row in rows], dtype=np.int64),
        stage=stage,
        weeks=np.array([row.weeks for row in rows], dtype=np.int64),
        ranked=np.isin(stage, ranked),
        held=tuple(row.held for row in rows),
    )


def home_postings(postings: PostingColumns) -> tuple[Ints, Ints]:
    """Each teacher's ranked posting with the most weeks (NOTHING: none), and the weeks in ranked stages."""
    weeks = np.zeros(len(postings.teachers), dtype=np.int64)
    np.add.at(weeks, postings.teacher[postings.ranked], postings.weeks[postings.ranked])
    return most_weeks(postings, postings.ranked), weeks


def most_weeks(postings: PostingColumns, chosen: Flags) -> Ints:
    """Of the chosen postings each teacher's one with the most weeks; equal weeks: the greater school code."""
    places = np.flatnonzero(chosen)
    order = places[np.lexsort((postings.school[places], postings.weeks[places]))]
    found = np.full(len(postings.teachers), NOTHING, dtype=np.int64)
    found[postings.teacher[order]] = order  # of several writes to one place the last stays
    return found
