"""The frozen inputs and the computed outcome as canonical bytes (ranking.md R14).

UTF-8 JSON Lines: a header, then rows of each kind sorted by their key, fields in a fixed order, whole numbers only.
The same rows in any order are the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

from ethics_eval.evaluation.rules.scheme import parse_scheme, scheme_text
from ethics_eval.ranking.rules.inputs import (
    FindingInput,
    FlaggedInput,
    GivenScore,
    HonourInput,
    Inputs,
    PersonInput,
    PostingInput,
    TallyInput,
)
from ethics_eval.ranking.rules.outcome import Outcome

FORMAT = 1
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class _Kind(NamedTuple):
    """A kind of rows: their type, and how many of its first fields are the key they are sorted by."""

    row: type[Any]
    key: int


# In the order of the file: teachers, postings, components, tallies, findings, honours; flagged ballots if any.
_KINDS: Mapping[str, _Kind] = {
    "teacher": _Kind(PersonInput, 1),
    "posting": _Kind(PostingInput, 2),
    "component": _Kind(GivenScore, 3),
    "tally": _Kind(TallyInput, 4),
    "finding": _Kind(FindingInput, 1),
    "honour": _Kind(HonourInput, 2),
    "flagged": _Kind(FlaggedInput, 4),
}
_FLAGS = frozenset({"pending", "warning", "veto", "repeat", "effective"})
# A row's values as JSON, by their type: a city has some 300,000 rows, and the general encoder is slow on them.
_TEXTS: Mapping[type[Any], Callable[[Any], str]] = {
    str: json.encoder.encode_basestring,
    int: repr,
    bool: lambda value: "1" if value else "0",
    type(None): lambda _value: "null",
    tuple: lambda value: f"[{','.join(map(repr, value))}]",
}


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
    header: dict[str, Any] = {
        "kind": "header",
        "format": FORMAT,
        "semester": semester,
        "scheme": json.loads(scheme_text(inputs.scheme)),
        "code_version": code_version,
    }
    if inputs.listed_only is not None:
        header["listed_only"] = sorted(inputs.listed_only)
    return _joined([_encode(header), *_rows(inputs)])


def _rows(inputs: Inputs) -> Iterator[str]:
    of_kind: dict[str, Sequence[tuple[Any, ...]]] = {
        "teacher": inputs.persons,
        "posting": inputs.postings,
        "component": inputs.given,
        "tally": inputs.tallies,
        "finding": inputs.findings,
        "honour": inputs.honours,
        "flagged": inputs.flagged,
    }
    for kind, rows in of_kind.items():
        names = ",".join(f'"{name}":%s' for name in _KINDS[kind].row._fields)
        line = f'{{"kind":"{kind}",{names}}}'
        for row in sorted(rows, key=itemgetter(*range(_KINDS[kind].key))):
            yield line % tuple([_TEXTS[type(value)](value) for value in row])


def _joined(lines: Iterable[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def read_snapshot(content: bytes) -> Snapshot:
    """The snapshot of a file. Raises: SnapshotBroken."""
    try:
        # by the line feed alone: a text may hold other characters that end a line for str.splitlines
        header, *lines = [json.loads(line) for line in content.decode().removesuffix("\n").split("\n")]
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
            flagged=_read(
                rows["flagged"], lambda **row: FlaggedInput(**{**row, "counts": tuple(row["counts"])})
            ),
            listed_only=None if (listed := header.get("listed_only")) is None else frozenset(listed),
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
    lines = [_encode({"kind": "counts", **outcome.counts()})]
    for kind, rows in (("row", outcome.rows), ("line", outcome.ledger), ("listed", outcome.bottom)):
        for row in rows:
            fields = row._asdict()
            plain = {name: int(value) if isinstance(value, bool) else value for name, value in fields.items()}
            lines.append(_encode({"kind": kind, **plain}))
    return _joined(lines)
