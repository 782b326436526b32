"""A province's ranking over the snapshots of its cities, by the rules of one city and on an engine of choice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ethics_eval.complaints.categories import Severity
from ethics_eval.evaluation.rules.scheme import Scheme
from ethics_eval.evaluation.rules.tally import POINT
from ethics_eval.province.engines import DUCKDB, engine, fetched, keeper, tables
from ethics_eval.province.expression import ranked
from ethics_eval.province.parquet import cities, common_scheme
from ethics_eval.ranking.rules.outcome import NAMED, PRIVATE


@dataclass(frozen=True)
class Listed:
    """One of the province's bottom list, worst first (ranking.md R12)."""

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
    rated = rows.num_rows - rows["score"].null_count
    listed, dropped, passed_over = _listed(rows, scheme, rated)
    return ProvinceRanking(rows, listed, len(places), rated, dropped, passed_over)


def write_rows(ranking: ProvinceRanking, path: Path) -> None:
    """The rows as one Parquet file, the whole of it or nothing. Raises: OSError."""
    part = path.with_name(f"{path.name}.part")
    try:
        pq.write_table(ranking.rows, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _listed(rows: pa.Table, scheme: Scheme, rated: int) -> tuple[tuple[Listed, ...], int, int]:
    """R12's list; everyone beyond the cut has been ordered by the engine already."""
    if rated < scheme.min_list:
        return (), 0, 0
    worst: list[dict[str, Any]] = rows.filter(pc.field("worst") <= scheme.bottom).to_pylist()
    worst.sort(key=lambda row: (row["worst"], row["city"], row["teacher"]))
    last = worst[-1] if worst else None
    groups = [row for row in worst if last is not None and row["worst"] == last["worst"]]
    dropped = 0
    # A group equal in all five keys on both sides of the cut goes as a whole.
    if last is not None and last["worst"] + len(groups) - 1 > scheme.bottom and scheme.tie_rule == "none":
        dropped = len(groups)
        worst = [row for row in worst if row["worst"] != last["worst"]]
    provisional = rows.filter(pc.field("pending") & pc.field("score").is_valid()).to_pylist()
    candidates = rows.num_rows - rows["worst"].null_count
    passed_over = sum(
        last is None or candidates <= scheme.bottom or _key(row) <= _key(last) for row in provisional
    )
    return tuple(_entry(row, scheme) for row in worst), dropped, passed_over


def _key(row: dict[str, Any]) -> tuple[int, ...]:
    missing = 10**9
    school, parent = row["school_part"], row["parent_part"]
    return (
        row["score"],
        0 if row["veto"] else 1,
        -row["deduct"],
        missing if school is None else school,
        missing if parent is None else parent,
    )


def _entry(row: dict[str, Any], scheme: Scheme) -> Listed:
    basis = []
    if row["veto"]:
        basis.append("veto")
    if row["gravest"] >= Severity.ORDINARY.order:
        basis.append("finding")
    if row["gravest"] >= 0 and row["deduct"] >= scheme.naming_min_deduct * POINT:
        basis.append("deduction")
    treatment = NAMED if basis or scheme.naming == "rank" else PRIVATE
    return Listed(row["city"], row["teacher"], row["score"], row["place"], treatment, tuple(basis))
