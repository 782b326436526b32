"""The results of a round as columns: given scores and tallies, a column a field and part (ranking.md R1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ethics_eval.evaluation.rules.tally import ABSENT, Ints
from ethics_eval.ranking.rules.inputs import GivenScore, TallyInput
from ethics_eval.ranking.rules.postings import PostingKeys, posting_keys
from ethics_eval.ranking.rules.table import Table


@dataclass(frozen=True, eq=False)
class GivenColumns:
    """The given scores of one component. ``posting``: places in the keys of the table; raters, eligible: or ABSENT."""

    component: str
    posting: Ints
    score_e4: Ints
    raters: Ints
    eligible: Ints


@dataclass(frozen=True, eq=False)
class TallyColumns:
    """The tallies of one item. ``counts``: rows × options; ``posting`` and ``eligible`` as in GivenColumns."""

    component: str
    item: str
    posting: Ints
    counts: Ints
    eligible: Ints


@dataclass(frozen=True, eq=False)
class GivenTable(Table[GivenScore]):
    """Given scores; as a sequence it is the rows they stand for, component by component."""

    keys: PostingKeys
    parts: tuple[GivenColumns, ...]

    def __len__(self) -> int:
        return sum(len(part.posting) for part in self.parts)

    def __iter__(self) -> Iterator[GivenScore]:
        pairs = list(self.keys.pairs())
        for part in self.parts:
            columns = (part.posting, part.score_e4, part.raters, part.eligible)
            for place, score, raters, eligible in zip(*(column.tolist() for column in columns), strict=True):
                teacher, school = pairs[place]
                yield GivenScore(teacher, school, part.component, score, _known(raters), _known(eligible))


@dataclass(frozen=True, eq=False)
class TallyTable(Table[TallyInput]):
    """Tallies; as a sequence it is the rows they stand for, item by item."""

    keys: PostingKeys
    items: tuple[TallyColumns, ...]

    def __len__(self) -> int:
        return sum(len(item.posting) for item in self.items)

    def __iter__(self) -> Iterator[TallyInput]:
        pairs = list(self.keys.pairs())
        for item in self.items:
            columns = (item.posting.tolist(), item.counts.tolist(), item.eligible.tolist())
            for place, counts, eligible in zip(*columns, strict=True):
                teacher, school = pairs[place]
                yield TallyInput(teacher, school, item.component, item.item, tuple(counts), _known(eligible))


def _known(value: int) -> int | None:
    return None if value == ABSENT else value


def given_table(rows: Sequence[GivenScore]) -> GivenTable:
    """The columns of given scores, in any order; a table as it is."""
    if isinstance(rows, GivenTable):
        return rows
    keys = posting_keys((row.teacher, row.school) for row in rows)
    of_part: dict[str, list[GivenScore]] = {}
    for row in rows:
        of_part.setdefault(row.component, []).append(row)
    return GivenTable(
        keys,
        tuple(
            GivenColumns(
                component,
                _column([keys.place[row.teacher, row.school] for row in some]),
                _column([row.score_e4 for row in some]),
                _column([row.raters for row in some]),
                _column([row.eligible for row in some]),
            )
            for component, some in of_part.items()
        ),
    )


def tally_table(rows: Sequence[TallyInput]) -> TallyTable:
    """The columns of tallies, in any order; a table as it is."""
    if isinstance(rows, TallyTable):
        return rows
    keys = posting_keys((row.teacher, row.school) for row in rows)
    of_item: dict[tuple[str, str], list[TallyInput]] = {}
    for row in rows:
        of_item.setdefault((row.component, row.item), []).append(row)
    return TallyTable(
        keys,
        tuple(
            TallyColumns(
                component,
                item,
                _column([keys.place[row.teacher, row.school] for row in some]),
                np.array([row.counts for row in some], dtype=np.int64),
                _column([row.eligible for row in some]),
            )
            for (component, item), some in of_item.items()
        ),
    )


def _column(values: Sequence[int | None]) -> Ints:
    """A column of whole numbers, ABSENT where there is none."""
    return np.array([ABSENT if value is None else value for value in values], dtype=np.int64)
