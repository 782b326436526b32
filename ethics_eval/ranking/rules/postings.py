"""The postings as columns: who is where, for how many weeks, and which of a teacher's postings is the main one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ethics_eval.evaluation.rules.scheme import STAGES, Scheme
from ethics_eval.evaluation.rules.tally import NOTHING, Flags, Ints
from ethics_eval.ranking.rules.inputs import Inputs, PostingInput
from ethics_eval.ranking.rules.table import Table

_STAGE_AT: Mapping[str, int] = {name: place for place, name in enumerate(STAGES)}


@dataclass(frozen=True, eq=False)
class PostingKeys:
    """Which teacher is at which school, in order of number and code; both as places in their sorted lists."""

    teachers: tuple[str, ...]
    schools: tuple[str, ...]
    teacher: Ints
    school: Ints

    @cached_property
    def place(self) -> Mapping[tuple[str, str], int]:
        """(Teacher, school) → the posting's place in the columns."""
        return {pair: place for place, pair in enumerate(self.pairs())}

    @cached_property
    def starts(self) -> Ints:
        """The place of each teacher's first posting."""
        found: Ints = np.flatnonzero(np.diff(self.teacher, prepend=NOTHING))
        return found

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Teacher and school of each posting, in order."""
        return zip(
            map(self.teachers.__getitem__, self.teacher.tolist()),
            map(self.schools.__getitem__, self.school.tolist()),
            strict=True,
        )

    def is_same(self, other: PostingKeys) -> bool:
        """Whether these are the very same columns."""
        return self.teacher is other.teacher and self.school is other.school

    def places_in(self, other: PostingKeys) -> Ints:
        """Where each of these postings stands in ``other``. Raises: KeyError: it does not."""
        if self.is_same(other):
            return np.arange(len(self.teacher))
        return np.fromiter(map(other.place.__getitem__, self.pairs()), np.int64, count=len(self.teacher))


def posting_keys(pairs: Iterable[tuple[str, str]]) -> PostingKeys:
    """The columns of pairs of a teacher and a school, each once; any order."""
    ordered = sorted(set(pairs))
    return PostingKeys(*_coded([pair[0] for pair in ordered], [pair[1] for pair in ordered]))


def _coded(
    teachers: Sequence[str], schools: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...], Ints, Ints]:
    """The fields of PostingKeys, from two columns in order of teacher and school."""
    numbers, codes = tuple(dict.fromkeys(teachers)), tuple(sorted(set(schools)))
    teacher_at = {number: place for place, number in enumerate(numbers)}
    school_at = {code: place for place, code in enumerate(codes)}
    return (
        numbers,
        codes,
        np.fromiter(map(teacher_at.__getitem__, teachers), np.int64, count=len(teachers)),
        np.fromiter(map(school_at.__getitem__, schools), np.int64, count=len(schools)),
    )


@dataclass(frozen=True, eq=False)
class PostingColumns(PostingKeys, Table[PostingInput]):
    """The columns of postings; stage as place in STAGES. As a sequence it is the rows they stand for."""

    stage: Ints
    weeks: Ints
    ranked: Flags
    held: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.weeks)

    def __iter__(self) -> Iterator[PostingInput]:
        for (teacher, school), stage, weeks, held in zip(
            self.pairs(), self.stage.tolist(), self.weeks.tolist(), self.held, strict=True
        ):
            yield PostingInput(teacher, school, STAGES[stage], weeks, held)


def posting_columns(inputs: Inputs) -> PostingColumns:
    """The postings in order of teacher number and school code, as columns; which of them are in ranked stages."""
    scheme, postings = inputs.scheme, inputs.postings
    if isinstance(postings, PostingColumns):
        return replace(postings, ranked=_ranked(postings.stage, scheme))
    rows = sorted(postings)
    return posting_table(
        [row.teacher for row in rows],
        [row.school for row in rows],
        [row.stage for row in rows],
        [row.weeks for row in rows],
        [row.held for row in rows],
        scheme,
    )


def posting_table(
    teachers: Sequence[str],
    schools: Sequence[str],
    stages: Sequence[str],
    weeks: Sequence[int] | Ints,
    held: Sequence[str],
    scheme: Scheme,
) -> PostingColumns:
    """The columns of postings in order of teacher and school, each pair once."""
    stage = np.fromiter(map(_STAGE_AT.__getitem__, stages), np.int64, count=len(teachers))
    return PostingColumns(
        *_coded(teachers, schools),
        stage=stage,
        weeks=np.asarray(weeks, dtype=np.int64),
        ranked=_ranked(stage, scheme),
        held=tuple(held),
    )


def _ranked(stage: Ints, scheme: Scheme) -> Flags:
    return np.isin(stage, [_STAGE_AT[name] for name in scheme.ranked_stages])


def home_postings(postings: PostingColumns) -> tuple[Ints, Ints]:
    """Each teacher's ranked posting with the most weeks (NOTHING: none), and the weeks in ranked stages."""
    weeks = summed(postings, np.where(postings.ranked, postings.weeks, 0))
    return most_weeks(postings, postings.ranked), weeks


def summed(postings: PostingKeys, values: Ints) -> Ints:
    """The sum of each teacher's postings' values."""
    return np.add.reduceat(values, postings.starts) if len(values) else values


def most_weeks(postings: PostingColumns, chosen: Flags) -> Ints:
    """Of the chosen postings each teacher's one with the most weeks; equal weeks: the greater school code."""
    many = len(postings.weeks)
    if not many:
        return postings.weeks
    # of equal weeks the later place wins: a teacher's postings are in order of school code
    keys = np.where(chosen, postings.weeks * many + np.arange(many), NOTHING)
    greatest = np.maximum.reduceat(keys, postings.starts)
    found: Ints = np.where(greatest == NOTHING, NOTHING, greatest % many)
    return found
