"""The snapshots of cities as Parquet: a folder a city, a file a kind of rows, the scheme beside them as JSON.

Columns are those of the snapshot (ranking.md R14) and the city's name; whole numbers are 64 bits wide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ethics_eval.evaluation.rules.scheme import MAX_OPTIONS, Scheme, parse_scheme, scheme_text
from ethics_eval.ranking.rules.inputs import Inputs
from ethics_eval.text import N_, RuleViolation

SCHEME = "scheme.json"
OPTIONS = tuple(f"option_{place}" for place in range(1, MAX_OPTIONS + 1))
_TEXT, _WHOLE, _FLAG = pa.string(), pa.int64(), pa.bool_()

COLUMNS: Mapping[str, Mapping[str, pa.DataType]] = {
    "teacher": {"teacher": _TEXT, "pending": _FLAG, "warning": _FLAG},
    "posting": {"teacher": _TEXT, "school": _TEXT, "stage": _TEXT, "weeks": _WHOLE, "held": _TEXT},
    "component": {
        "teacher": _TEXT,
        "school": _TEXT,
        "component": _TEXT,
        "score_e4": _WHOLE,
        "raters": _WHOLE,
        "eligible": _WHOLE,
    },
    "tally": {
        "teacher": _TEXT,
        "school": _TEXT,
        "component": _TEXT,
        "item": _TEXT,
        **dict.fromkeys(OPTIONS, _WHOLE),
        "eligible": _WHOLE,
    },
    "finding": {
        "key": _TEXT,
        "teacher": _TEXT,
        "severity": _TEXT,
        "outcome": _TEXT,
        "points_e4": _WHOLE,
        "veto": _FLAG,
        "repeat": _FLAG,
        "effective": _FLAG,
        "facts": _TEXT,
    },
    "honour": {"teacher": _TEXT, "level": _TEXT},
}


def write_city(folder: Path, city: str, inputs: Inputs) -> Path:
    """Write a city's inputs into ``folder/city=…``; the folder written. What it held before is replaced.

    Args: city: a name of its own within the province, as the code of its division.
    """
    place = folder / f"city={city}"
    place.mkdir(parents=True, exist_ok=True)
    for kind, rows in _rows(inputs).items():
        columns = COLUMNS[kind]
        arrays = [pa.array([row[name] for row in rows], type=width) for name, width in columns.items()]
        table = pa.table([pa.array([city] * len(rows), type=_TEXT), *arrays], names=["city", *columns])
        pq.write_table(table, place / f"{kind}.parquet")
    (place / SCHEME).write_text(scheme_text(inputs.scheme), "utf-8")
    return place


def _rows(inputs: Inputs) -> dict[str, list[dict[str, Any]]]:
    tallies = []
    for row in inputs.tallies:
        counts = (*row.counts, *[0] * (MAX_OPTIONS - len(row.counts)))
        tallies.append({**row._asdict(), **dict(zip(OPTIONS, counts, strict=True))})
    return {
        "teacher": [row._asdict() for row in inputs.persons],
        "posting": [row._asdict() for row in inputs.postings],
        "component": [row._asdict() for row in inputs.given],
        "tally": tallies,
        "finding": [row._asdict() for row in inputs.findings],
        "honour": [row._asdict() for row in inputs.honours],
    }


def cities(folder: Path) -> Sequence[Path]:
    """The folders of the cities in ``folder``, by name. Raises: RuleViolation ``province.empty``: there is none."""
    found = sorted(path for path in folder.glob("city=*") if (path / SCHEME).is_file())
    if not found:
        raise RuleViolation("province.empty", N_("%(folder)s 里没有城市快照。"), folder=folder)
    return found


def common_scheme(places: Sequence[Path]) -> Scheme:
    """The scheme all cities were frozen by. Raises: RuleViolation ``province.schemes``: not all by the same."""
    texts = {place: (place / SCHEME).read_text("utf-8") for place in places}
    first = texts[places[0]]
    for place, text in texts.items():
        if text != first:
            raise RuleViolation(
                "province.schemes",
                N_("%(place)s 与 %(first)s 的考评方案不同，不能放在一起排名。"),
                place=place.name,
                first=places[0].name,
            )
    return parse_scheme(first)
