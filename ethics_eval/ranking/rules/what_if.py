"""What a ranking would have been by another scheme: who moves, who would be listed, which weights decide it.

Two computations over the same frozen rows, compared. Nothing of it is kept, and it moves nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from heapq import nsmallest
from typing import NamedTuple

from ethics_eval.evaluation.rules.scheme import Component, Scheme
from ethics_eval.ranking.rules.bottom import severity_key
from ethics_eval.ranking.rules.certainty import LOWEST, STEADY_PERMILLE
from ethics_eval.ranking.rules.computation import measure, outcome_of
from ethics_eval.ranking.rules.inputs import Inputs
from ethics_eval.ranking.rules.outcome import RATED, Outcome, RankedRow
from ethics_eval.ranking.rules.results import TallyTable, given_table, tally_table
from ethics_eval.ranking.rules.sensitivity import GRID, WEIGHT_DRAWS, Variant, variants, weight_shares

MOVERS = 10
BANDS = (1, 5, 10)
"""Bounds of the distribution of moves, in percent of those ranked."""
SENSITIVE_BELOW = STEADY_PERMILLE // 10
"""Percent of weightings in which one of the list stays, below which the weights decide it (R13)."""


class Move(NamedTuple):
    """A teacher in both: places and scores (hundredths) before and after; None: not rated."""

    teacher: str
    place: int | None
    new_place: int | None
    score: int | None
    new_score: int | None

    @property
    def up(self) -> int:
        """Places gained; below 0: lost; 0 where not rated both times."""
        return 0 if self.place is None or self.new_place is None else self.place - self.new_place


class ListMove(NamedTuple):
    """One on the bottom list before or after; treatments ``named``, ``private``, or empty where not listed."""

    move: Move
    treatment: str
    new_treatment: str


class Held(NamedTuple):
    """One of the lowest by the new scheme: in how many percent of the 243 and of the 2,000 weightings among them.

    ``is_listed``: on the new list.
    """

    teacher: str
    is_listed: bool
    grid_percent: int
    draws_percent: int

    @property
    def is_sensitive(self) -> bool:
        """Whether the weights decide that this teacher is listed."""
        return self.is_listed and min(self.grid_percent, self.draws_percent) < SENSITIVE_BELOW


@dataclass(frozen=True)
class WhatIf:
    """A comparison. ``bands``: how many moved how far, from the largest rise to the largest fall, as
    (lowest, highest) percent of those ranked with its sign; ``absent``: parts whose ballots the new items cannot read;
    ``entered`` and ``gone``: how many are rated only after, only before.
    """

    counts: Mapping[str, int]
    new_counts: Mapping[str, int]
    grades: Mapping[str, int]
    new_grades: Mapping[str, int]
    bands: tuple[tuple[int, int, int], ...]
    risers: tuple[Move, ...]
    fallers: tuple[Move, ...]
    listed: tuple[ListMove, ...]
    lowest: tuple[Held, ...]
    ever_lowest: int
    variants: tuple[Variant, ...]
    absent: tuple[Component, ...]
    entered: int
    gone: int

    def teachers(self) -> frozenset[str]:
        """The numbers of everyone it names."""
        moves = (*self.risers, *self.fallers, *(line.move for line in self.listed))
        by_variant = {teacher for each in self.variants for teacher in (*each.entered, *each.left)}
        return frozenset(
            {move.teacher for move in moves} | {held.teacher for held in self.lowest} | by_variant
        )


def readable(inputs: Inputs, scheme: Scheme) -> tuple[Inputs, tuple[Component, ...]]:
    """The rows as another scheme can read them, and the parts it cannot: those of whose ballots an item is missing,
    or has another number of options. Their ballots are left out, as if nobody had voted (R4: absent, never zero).
    """
    table, absent, asked = tally_table(inputs.tallies), [], set()
    voted = {item.component for item in table.items if len(item.posting)}
    for component in Component:
        old = {item.code: len(item.points) for item in inputs.scheme.items.get(component, ())}
        new = {item.code: len(item.points) for item in scheme.items.get(component, ())}
        if new and all(old.get(code) == count for code, count in new.items()):
            asked |= {(component.value, code) for code in new}
        elif component.value in voted:
            absent.append(component)
    read = replace(
        inputs,
        scheme=scheme,
        tallies=TallyTable(
            table.keys, tuple(item for item in table.items if (item.component, item.item) in asked)
        ),
        flagged=[row for row in inputs.flagged if (row.component, row.item) in asked],
        listed_only=None,
    )
    return read, tuple(absent)


def what_if(inputs: Inputs, scheme: Scheme, seed: int) -> WhatIf:
    """What the frozen rows come to by another scheme, beside what they come to by their own.

    A correction's bound on whom it may list (``listed_only``) is left out on both sides.
    """
    columns = replace(
        inputs,
        given=given_table(inputs.given),
        tallies=tally_table(inputs.tallies),
        listed_only=None,
    )
    before = outcome_of(measure(columns))
    read, absent = readable(columns, scheme)
    found = measure(read)
    after = outcome_of(found)
    was, now = (
        {row.teacher: row for row in before.rows},
        {row.teacher: row for row in after.rows},
    )
    moves = [_move(was[teacher], now[teacher]) for teacher in was]
    both = [move for move in moves if move.place is not None and move.new_place is not None]
    shares = weight_shares(found, scheme.bottom, seed)
    at = {teacher: place for place, teacher in enumerate(found.teachers)}
    listed = {row.teacher for row in after.bottom}
    return WhatIf(
        counts=before.counts(),
        new_counts=after.counts(),
        grades=Counter(row.grade for row in before.rows if row.grade),
        new_grades=Counter(row.grade for row in after.rows if row.grade),
        bands=_bands(both, max(before.rated_count, 1)),
        risers=_farthest([move for move in both if move.up > 0]),
        fallers=_farthest([move for move in both if move.up < 0]),
        listed=_lists(before, after, was, now),
        lowest=tuple(
            Held(
                row.teacher,
                row.teacher in listed,
                int(shares.grid[at[row.teacher]]) * 100 // len(GRID),
                int(shares.draws[at[row.teacher]]) * 100 // WEIGHT_DRAWS,
            )
            for row in _lowest(after)
        ),
        ever_lowest=shares.ever,
        variants=variants(read, found),
        absent=absent,
        entered=sum(move.place is None and move.new_place is not None for move in moves),
        gone=sum(move.place is not None and move.new_place is None for move in moves),
    )


def _move(was: RankedRow, now: RankedRow) -> Move:
    return Move(was.teacher, was.place, now.place, was.score, now.score)


def _farthest(moves: list[Move]) -> tuple[Move, ...]:
    return tuple(nsmallest(MOVERS, moves, key=lambda move: (-abs(move.up), move.teacher)))


def _bands(moves: list[Move], ranked: int) -> tuple[tuple[int, int, int], ...]:
    """(lowest percent, highest percent, how many): above 0 risen, below 0 fallen, (0, 0) where they were."""
    edges = (0, *BANDS, 100)
    spans = list(zip(edges, edges[1:], strict=False))
    wanted = [*reversed(spans), (0, 0), *((-high, -low) for low, high in spans)]
    found: Counter[tuple[int, int]] = Counter()
    for move in moves:
        size = abs(move.up) * 100
        span = next(((low, high) for low, high in spans if low * ranked < size <= high * ranked), spans[-1])
        found[(0, 0) if not move.up else span if move.up > 0 else (-span[1], -span[0])] += 1
    return tuple((low, high, found[low, high]) for low, high in wanted)


def _lists(
    before: Outcome, after: Outcome, was: Mapping[str, RankedRow], now: Mapping[str, RankedRow]
) -> tuple[ListMove, ...]:
    treated = {row.teacher: row.treatment for row in before.bottom}
    treats = {row.teacher: row.treatment for row in after.bottom}
    names = [*treats, *(teacher for teacher in treated if teacher not in treats)]
    return tuple(
        ListMove(_move(was[name], now[name]), treated.get(name, ""), treats.get(name, "")) for name in names
    )


def _lowest(outcome: Outcome) -> list[RankedRow]:
    rated = [row for row in outcome.rows if row.status == RATED and not row.provisional]
    return nsmallest(LOWEST, rated, key=lambda row: (severity_key(row), row.teacher))
