"""What a computed ranking says: a row a teacher, the point ledger, the bottom list (ranking.md R8, R10–R12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

REWEIGHTED = "reweighted"
RATED, NOT_RATED = "rated", "not_rated"
NAMED, PRIVATE = "named", "private"


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

    rows: Sequence[RankedRow]
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
