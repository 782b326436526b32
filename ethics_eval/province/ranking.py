"""A province's ranking over the snapshots of its cities, by the rules of one city and on an engine of choice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ethics_eval.evaluation.rules.scheme import Component, Scheme
from ethics_eval.evaluation.rules.tally import NOTHING, Ints
from ethics_eval.province.engines import DUCKDB, engine, fetched, keeper, tables
from ethics_eval.province.expression import ranked
from ethics_eval.province.parquet import cities, common_scheme
from ethics_eval.ranking.rules.bottom import Bottom, bottom_list, severity_keys
from ethics_eval.ranking.rules.ledger import Charge
from ethics_eval.ranking.rules.outcome import NAMED
from ethics_eval.ranking.rules.outcome import Listed as CityListed


@dataclass(frozen=True)
class Listed:
    """One of the province's bottom list, worst first (ranking.md R12). ``score`` in hundredths of a point."""

    city: str
    teacher: str
    score: int
    place: int
    treatment: str
    basis: tuple[str, ...]


@dataclass(frozen=True)
class ProvinceRanking:
    """The rows (a teacher each, by city and number) and the list; ``dropped`` and ``passed_over`` as in a city's."""

    rows: pa.Table
    listed: tuple[Listed, ...]
    cities: int
    rated: int
    dropped: int
    passed_over: int

    def counts(self) -> dict[str, int]:
        """How many cities, teachers, rated, listed, named, told privately, dropped for ties, passed over."""
        named = sum(entry.treatment == NAMED for entry in self.listed)
        return {
            "cities": self.cities,
            "teachers": self.rows.num_rows,
            "rated": self.rated,
            "listed": len(self.listed),
            "named": named,
            "private": len(self.listed) - named,
            "dropped": self.dropped,
            "passed_over": self.passed_over,
        }


def rank_province(folder: Path, *, address: str = DUCKDB) -> ProvinceRanking:
    """Rank all cities whose snapshots lie in ``folder`` together.

    Raises: RuleViolation: no snapshots, schemes that differ, an engine that is not there.
    """
    places = cities(folder)
    scheme = common_scheme(places)
    with engine(address) as connection:
        rows = fetched(connection, ranked(tables(connection, places), scheme, keeper(connection)))
    rows = rows.sort_by([("city", "ascending"), ("teacher", "ascending")])
    bottom = _bottom(rows, scheme)
    return ProvinceRanking(
        rows,
        tuple(_entry(rows, listed) for listed in bottom.listed),
        len(places),
        rows.num_rows - rows["score"].null_count,
        bottom.dropped,
        bottom.passed_over,
    )


def write_rows(ranking: ProvinceRanking, path: Path) -> None:
    """The rows as one Parquet file, the whole of it or nothing. Raises: OSError."""
    part = path.with_name(f"{path.name}.part")
    try:
        pq.write_table(ranking.rows, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _bottom(rows: pa.Table, scheme: Scheme) -> Bottom:
    """R12's list, by the rule of one city; a teacher is named by the place of the row."""
    score, gravest, deduct = (_whole(rows[name]) for name in ("score", "gravest", "deduct"))
    veto, pending = (rows[name].to_numpy() for name in ("veto", "pending"))
    parts = np.stack([_whole(rows[f"{component.value}_part"]) for component in Component])
    charges = {
        str(place): Charge(int(deduct[place]), bool(veto[place]), int(gravest[place]))
        for place in np.flatnonzero(gravest >= 0).tolist()
    }
    return bottom_list(
        scheme,
        [str(place) for place in range(rows.num_rows)],
        severity_keys(score, veto, deduct, parts),
        score != NOTHING,
        pending,
        charges,
    )


def _whole(column: pa.ChunkedArray) -> Ints:
    """NOTHING where the engine has no value."""
    found: Ints = pc.fill_null(column, NOTHING).to_numpy()
    return found


def _entry(rows: pa.Table, listed: CityListed) -> Listed:
    row = rows.slice(int(listed.teacher), 1).to_pylist()[0]
    return Listed(row["city"], row["teacher"], row["score"], row["place"], listed.treatment, listed.basis)
