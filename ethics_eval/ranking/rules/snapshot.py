"""The frozen inputs and the computed outcome as canonical bytes (ranking.md R14).

UTF-8 JSON Lines: a header, then rows of each kind sorted by their key, fields in a fixed order, whole numbers only.
The same rows in any order are the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ethics_eval.evaluation.rules.scheme import parse_scheme, scheme_text
from ethics_eval.ranking.rules.computation import Outcome
from ethics_eval.ranking.rules.inputs import (
    FindingInput,
    GivenScore,
    HonourInput,
    Inputs,
    PersonInput,
    PostingInput,
    TallyInput,
)

FORMAT = 1
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

# The kinds of rows in the order of the file: teachers, postings, components, tallies, findings, honours.
_KINDS: Mapping[str, type[Any]] = {
    "teacher": PersonInput,
    "posting": PostingInput,
    "component": GivenScore,
    "tally": TallyInput,
    "finding": FindingInput,
    "honour": HonourInput,
}
_FLAGS = frozenset({"pending", "warning", "veto", "repeat", "effective"})


class SnapshotBroken(ValueError):
    """The file is not a snapshot of this format, or was altered; the text says where."""


@dataclass(frozen=True)
class Snapshot:
    """A read snapshot: whose semester, by which program, and the inputs."""

    semester: str
    code_version: str
    inputs: Inputs


def digest(content: bytes) -> str:
    """SHA-256 in 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def snapshot_bytes(inputs: Inputs, *, semester: str, code_version: str) -> bytes:
    """The canonical file of the inputs."""
    header = {
        "kind": "header",
        "format": FORMAT,
        "semester": semester,
        "scheme": json.loads(scheme_text(inputs.scheme)),
        "code_version": code_version,
    }
    return _joined([header, *_rows(inputs)])


def _joined(objects: Iterable[Mapping[str, Any]]) -> bytes:
    return ("\n".join(map(_encode, objects)) + "\n").encode()


def _rows(inputs: Inputs) -> Iterator[dict[str, Any]]:
    of_kind: dict[str, Sequence[NamedTuple]] = {
        "teacher": inputs.persons,
        "posting": inputs.postings,
        "component": inputs.given,
        "tally": inputs.tallies,
        "finding": inputs.findings,
        "honour": inputs.honours,
    }
    for kind, rows in of_kind.items():
        names = _KINDS[kind]._fields
        for row in sorted(rows, key=_order):
            yield {
                "kind": kind,
                **{
                    name: int(value) if name in _FLAGS else value
                    for name, value in zip(names, row, strict=True)
                },
            }


def _order(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Rows by their fields from left to right; nothing comes before any number."""
    return tuple(
        (value is not None, value) if value is None or isinstance(value, int) else value for value in row
    )


def read_snapshot(content: bytes) -> Snapshot:
    """The snapshot of a file. Raises: SnapshotBroken."""
    try:
        header, *lines = [json.loads(line) for line in content.decode().splitlines()]
        if header["kind"] != "header" or header["format"] != FORMAT:
            raise SnapshotBroken("not a snapshot of a known format")
        rows: dict[str, list[Any]] = {kind: [] for kind in _KINDS}
        for line in lines:
            rows[line.pop("kind")].append(line)
        inputs = Inputs(
            scheme=parse_scheme(_encode(header["scheme"])),
            persons=_read(rows["teacher"], PersonInput),
            postings=_read(rows["posting"], PostingInput),
            given=_read(rows["component"], GivenScore),
            tallies=_read(rows["tally"], lambda **row: TallyInput(**{**row, "counts": tuple(row["counts"])})),
            findings=_read(rows["finding"], FindingInput),
            honours=_read(rows["honour"], HonourInput),
        )
        return Snapshot(header["semester"], header["code_version"], inputs)
    except SnapshotBroken:
        raise
    except Exception as error:  # a damaged file can break anywhere in the reading
        raise SnapshotBroken(f"{type(error).__name__}: {error}") from error


def _read(rows: Iterable[dict[str, Any]], make: Callable[..., Any]) -> list[Any]:
    return [
        make(**{name: bool(value) if name in _FLAGS else value for name, value in row.items()})
        for row in rows
    ]


def outcome_bytes(outcome: Outcome) -> bytes:
    """The canonical file of what was computed: counts, rows, ledger, bottom list."""
    objects: list[dict[str, Any]] = [{"kind": "counts", **outcome.counts()}]
    for kind, rows in (("row", outcome.rows), ("line", outcome.ledger), ("listed", outcome.bottom)):
        for row in rows:
            fields = row._asdict()
            objects.append(
                {
                    "kind": kind,
                    **{
                        name: int(value) if isinstance(value, bool) else value
                        for name, value in fields.items()
                    },
                }
            )
    return _joined(objects)
