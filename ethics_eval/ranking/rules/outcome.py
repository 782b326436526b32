"""What a computed ranking says: a row a teacher, the point ledger, the bottom list (ranking.md R8, R10–R12)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ethics_eval.evaluation.rules.scheme import STAGES
from ethics_eval.evaluation.rules.tally import NOTHING, Flags, Ints
from ethics_eval.ranking.rules.table import Table

REWEIGHTED = "reweighted"
RATED, NOT_RATED = "rated", "not_rated"
NAMED, PRIVATE = "named", "private"
GRADES = ("不合格", "基本合格", "合格", "优秀")
_BATCH = 50_000  # so many rows are made at once


class LedgerEntry(NamedTuple):
    """A finding's weight: ``line_e4`` is what it costs alone; ``reason`` says why it is not counted, or is empty."""

    finding: str
    teacher: str
    line_e4: int
    counted: bool
    reason: str


class RankedRow(NamedTuple):
    """One teacher. ``score`` in hundredths of a point; places and score are None where not rated."""

    teacher: str
    school: str
    stage: str
    status: str
    reason: str
    components: tuple[int | None, ...]
    base: int | None
    deduct: int
    bonus: int
    score: int | None
    grade: str
    veto: bool
    provisional: bool
    place: int | None
    stage_place: int | None
    school_place: int | None
    flags: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class RankedTable(Table[RankedRow]):
    """The rows of a ranking as columns, by teacher number; as a sequence it is the rows they stand for.

    ``school``, ``reason``, ``stage``, ``grade``: places in ``schools``, ``reasons``, STAGES, GRADES; ``parts``:
    components × teachers; NOTHING where there is no value.
    """

    teachers: tuple[str, ...]
    schools: tuple[str, ...]
    school: Ints
    stage: Ints
    rated: Flags
    reasons: tuple[str, ...]
    reason: Ints
    parts: Ints
    base: Ints
    deduct: Ints
    bonus: Ints
    score: Ints
    grade: Ints
    veto: Flags
    pending: Flags
    place: Ints
    stage_place: Ints
    school_place: Ints
    is_missing: Flags

    def __len__(self) -> int:
        return len(self.teachers)

    def __iter__(self) -> Iterator[RankedRow]:
        for start in range(0, len(self), _BATCH):
            yield from self._rows(slice(start, start + _BATCH))

    def _rows(self, some: slice) -> Iterator[RankedRow]:
        return map(
            RankedRow,
            self.teachers[some],
            map(self.schools.__getitem__, self.school[some].tolist()),
            map(STAGES.__getitem__, self.stage[some].tolist()),
            map((NOT_RATED, RATED).__getitem__, self.rated[some].tolist()),
            map(self.reasons.__getitem__, self.reason[some].tolist()),
            zip(*(_values(part[some]) for part in self.parts), strict=True),
            _values(self.base[some]),
            self.deduct[some].tolist(),
            self.bonus[some].tolist(),
            _values(self.score[some]),
            map((*GRADES, "").__getitem__, self.grade[some].tolist()),
            self.veto[some].tolist(),
            self.pending[some].tolist(),
            *(_values(places[some]) for places in (self.place, self.stage_place, self.school_place)),
            [(REWEIGHTED,) if is_missing else () for is_missing in self.is_missing[some].tolist()],
        )


def _values(column: Ints) -> Sequence[int | None]:
    """The column with None where there is nothing."""
    found: list[int | None] = column.tolist()
    return [None if value == NOTHING else value for value in found] if np.any(column == NOTHING) else found


class Listed(NamedTuple):
    """One of the bottom list, worst first; ``basis``: what names the person (veto, finding, deduction), or empty."""

    teacher: str
    treatment: str
    basis: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """A computed ranking: rows by teacher number, ledger by finding key, the bottom list, and who was left out.

    ``dropped``: a group equal in every key across the cut; ``passed_over``: provisional teachers among the lowest;
    ``kept_out``: of a correction, how many the earlier ranking had not listed, so that this one may not either.
    """

    rows: RankedTable
    ledger: tuple[LedgerEntry, ...]
    bottom: tuple[Listed, ...]
    rated_count: int
    provisional_count: int
    dropped: int
    passed_over: int
    kept_out: int | None = None

    def counts(self) -> dict[str, int]:
        """How many were rated, provisional, listed, named, told privately, dropped for ties, passed over.

        Of a correction also how many were kept out of the list.
        """
        named = sum(entry.treatment == NAMED for entry in self.bottom)
        counts = {
            "teachers": len(self.rows),
            "rated": self.rated_count,
            "provisional": self.provisional_count,
            "listed": len(self.bottom),
            "named": named,
            "private": len(self.bottom) - named,
            "dropped": self.dropped,
            "passed_over": self.passed_over,
        }
        return counts if self.kept_out is None else {**counts, "kept_out": self.kept_out}
