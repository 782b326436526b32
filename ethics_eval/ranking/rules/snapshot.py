"""The frozen inputs and the computed outcome as canonical bytes (ranking.md R14).

UTF-8 JSON Lines: a header, then rows of each kind sorted by their key, fields in a fixed order, whole numbers only.
The same rows in any order are the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import starmap
from operator import itemgetter
from typing import Any

import numpy as np

from ethics_eval.evaluation.rules.scheme import STAGES, Scheme, parse_scheme, scheme_text
from ethics_eval.evaluation.rules.tally import ABSENT, Ints
from ethics_eval.ranking.rules.bulk import in_bulk
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
from ethics_eval.ranking.rules.lines import (
    Block,
    TextTable,
    arrays,
    chosen,
    lines,
    numbers,
    one_below_another,
    text_table,
    texts,
)
from ethics_eval.ranking.rules.outcome import (
    GRADES,
    NOT_RATED,
    RATED,
    REWEIGHTED,
    LedgerEntry,
    Listed,
    Outcome,
    RankedTable,
)
from ethics_eval.ranking.rules.postings import (
    PostingColumns,
    PostingKeys,
    posting_columns,
    posting_table,
)
from ethics_eval.ranking.rules.results import (
    GivenColumns,
    GivenTable,
    TallyColumns,
    TallyTable,
    given_table,
    tally_table,
)

FORMAT = 1
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_quoted = json.encoder.encode_basestring
# In the order of the file; flagged ballots if any. Each kind is sorted by its first field first (R14).
KINDS: Mapping[str, type[Any]] = {
    "teacher": PersonInput,
    "posting": PostingInput,
    "component": GivenScore,
    "tally": TallyInput,
    "finding": FindingInput,
    "honour": HonourInput,
    "flagged": FlaggedInput,
}
_KEYED_BY = {FindingInput: 1, HonourInput: 2, FlaggedInput: 4}  # so many of the first fields
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


@in_bulk()
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
    postings = posting_columns(inputs)
    given, tallies = given_table(inputs.given), tally_table(inputs.tallies)
    names = _Names()
    return b"".join(
        [
            f"{_encode(header)}\n".encode(),
            _person_lines(inputs.persons, names),
            _posting_lines(postings, names),
            _given_lines(given, names),
            _tally_lines(tallies, names),
            _sorted_lines("finding", inputs.findings),
            _sorted_lines("honour", inputs.honours),
            _sorted_lines("flagged", inputs.flagged),
        ]
    )


# --- writing ------------------------------------------------------------------------------------------------------


class _Names:
    """The two fields that say which posting a line is of; their texts are made once for all that share the keys."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, ...], TextTable] = {}

    def of(self, keys: PostingKeys, places: Ints) -> dict[str, Block]:
        """The fields of the postings at these places."""
        return {
            "teacher": chosen(self.table(keys.teachers), keys.teacher[places]),
            "school": chosen(self.table(keys.schools), keys.school[places]),
        }

    def table(self, names: tuple[str, ...]) -> TextTable:
        """The texts of the names."""
        if names not in self._made:
            self._made[names] = text_table(names)
        return self._made[names]


def _person_lines(persons: Sequence[PersonInput], names: _Names) -> bytes:
    teachers, pending, warning = _turned(sorted(persons), len(PersonInput._fields))
    return lines(
        "teacher",
        {
            "teacher": chosen(names.table(tuple(teachers)), np.arange(len(teachers))),
            "pending": numbers(np.array(pending, dtype=np.int64)),
            "warning": numbers(np.array(warning, dtype=np.int64)),
        },
    )


def _posting_lines(postings: PostingColumns, names: _Names) -> bytes:
    return lines(
        "posting",
        {
            **names.of(postings, np.arange(len(postings))),
            "stage": chosen(text_table(STAGES), postings.stage),
            "weeks": numbers(postings.weeks),
            "held": texts(postings.held),
        },
    )


def _given_lines(table: GivenTable, names: _Names) -> bytes:
    parts = sorted(table.parts, key=lambda part: part.component)
    posting = _end_to_end([part.posting for part in parts])
    return lines(
        "component",
        {
            **names.of(table.keys, posting),
            "component": _repeated([part.component for part in parts], parts),
            "score_e4": numbers(_end_to_end([part.score_e4 for part in parts])),
            "raters": numbers(_end_to_end([part.raters for part in parts])),
            "eligible": numbers(_end_to_end([part.eligible for part in parts])),
        },
        order=np.argsort(posting, kind="stable"),
    )


def _tally_lines(table: TallyTable, names: _Names) -> bytes:
    items = sorted(table.items, key=lambda item: (item.component, item.item))
    posting = _end_to_end([item.posting for item in items])
    return lines(
        "tally",
        {
            **names.of(table.keys, posting),
            "component": _repeated([item.component for item in items], items),
            "item": _repeated([item.item for item in items], items),
            "counts": one_below_another([arrays(item.counts.T) for item in items]),
            "eligible": numbers(_end_to_end([item.eligible for item in items])),
        },
        order=np.argsort(posting, kind="stable"),
    )


def _end_to_end(columns: Sequence[Ints]) -> Ints:
    return np.concatenate(columns) if columns else np.zeros(0, dtype=np.int64)


def _repeated(names: Sequence[str], parts: Sequence[GivenColumns] | Sequence[TallyColumns]) -> Block:
    """Each part's name for all its rows."""
    return chosen(text_table(names), np.repeat(np.arange(len(parts)), [len(part.posting) for part in parts]))


def _turned(rows: Sequence[Any], width: int) -> Sequence[Sequence[Any]]:
    return list(zip(*rows, strict=True)) or [()] * width


def _sorted_lines(kind: str, rows: Sequence[Any]) -> bytes:
    row = KINDS[kind]
    return _row_lines(kind, row, sorted(rows, key=itemgetter(*range(_KEYED_BY[row]))))


def _row_lines(kind: str, row: type[Any], rows: Sequence[Any]) -> bytes:
    """A line a row, fields in their order: for the kinds of which there are few."""
    names = ",".join(f'"{name}":%s' for name in row._fields)
    line = f'{{"kind":"{kind}",{names}}}\n'
    columns = _turned(rows, len(row._fields))
    return "".join(map(line.__mod__, zip(*map(_in_json, columns), strict=True))).encode()


def _in_json(column: Sequence[Any]) -> Iterable[Any]:
    """A column's values as JSON: texts quoted, yes and no as 1 and 0, tuples as lists."""
    types = set(map(type, column))
    if types == {str}:
        return map(_quoted, column)
    if types == {tuple}:
        made = {value: _encode(value) for value in set(column)}
        return map(made.__getitem__, column)
    return map(int, column)


# --- reading: strict, line by line the form in which it was written -----------------------------------------------

_STRING = r'"[^"\\\n]*(?:\\.[^"\\\n]*)*"'
_NUMBER = r"(\d+|null)"
_KEY = rf'("teacher":({_STRING}),"school":({_STRING}))'
_SAME_KEY = rf'("teacher":{_STRING},"school":{_STRING})'
_FORMS: Mapping[str, re.Pattern[str]] = {
    kind: re.compile(rf'^\{{"kind":"{kind}",{form}\}}$', re.MULTILINE)
    for kind, form in {
        "teacher": rf'"teacher":({_STRING}),"pending":([01]),"warning":([01])',
        "posting": rf'{_KEY},"stage":"([A-Z]+)","weeks":(\d+),"held":({_STRING})',
        "component": rf'{_SAME_KEY},"component":({_STRING}),"score_e4":(\d+),"raters":{_NUMBER},"eligible":{_NUMBER}',
        "tally": rf'{_SAME_KEY},("component":{_STRING},"item":{_STRING}),"counts":\[([\d,]*)\],"eligible":{_NUMBER}',
    }.items()
}


@in_bulk()
def read_snapshot(content: bytes) -> Snapshot:
    """The snapshot of a file. Raises: SnapshotBroken."""
    try:
        first, _, text = content.decode().partition("\n")
        header = json.loads(first)
        if header["kind"] != "header" or header["format"] != FORMAT:
            raise SnapshotBroken("not a snapshot of a known format")
        sections = _sections(text)
        scheme = parse_scheme(_encode(header["scheme"]))
        postings, place = _read_postings(sections["posting"], scheme)
        inputs = Inputs(
            scheme=scheme,
            persons=[
                PersonInput(_unquoted(teacher), pending == "1", warning == "1")
                for teacher, pending, warning in _matches("teacher", sections["teacher"])
            ],
            postings=postings,
            given=_read_given(sections["component"], postings, place),
            tallies=_read_tallies(sections["tally"], postings, place),
            findings=_read(sections["finding"], FindingInput),
            honours=_read(sections["honour"], HonourInput),
            flagged=_read(sections["flagged"], FlaggedInput),
            listed_only=None if (listed := header.get("listed_only")) is None else frozenset(listed),
        )
        return Snapshot(header["semester"], header["code_version"], inputs)
    except SnapshotBroken:
        raise
    except Exception as error:  # a damaged file can break anywhere in the reading
        raise SnapshotBroken(f"{type(error).__name__}: {error}") from error


def _sections(text: str) -> dict[str, str]:
    """The lines of each kind, which follow one another; a line feed stands nowhere but at the end of a line."""
    if text and not text.endswith("\n"):
        raise SnapshotBroken("the last line is not whole")
    marked = f"\n{text}"
    starts = [(marked.find(f'\n{{"kind":"{kind}",'), kind) for kind in KINDS]
    found = sorted((start, kind) for start, kind in starts if start >= 0)
    if (found[0][0] if found else len(text)) > 0:
        raise SnapshotBroken("a line is not where it belongs")
    ends = [*(start for start, _kind in found[1:]), len(text)]
    sections = dict.fromkeys(KINDS, "")
    return sections | {kind: text[start:end] for (start, kind), end in zip(found, ends, strict=True)}


def _matches(kind: str, section: str) -> list[Any]:
    found = _FORMS[kind].findall(section)
    if len(found) != section.count("\n"):
        raise SnapshotBroken(f"a line of the kind {kind} has another form")
    return found


def _unquoted(text: str) -> str:
    value: str = json.loads(text) if "\\" in text else text[1:-1]
    return value


def _read_postings(section: str, scheme: Scheme) -> tuple[PostingColumns, Mapping[str, int]]:
    """The postings, and the place of each by the fields that name it."""
    keys, teachers, schools, stages, weeks, held = _columns(_matches("posting", section), 6)
    numbers, codes = list(map(_unquoted, teachers)), list(map(_unquoted, schools))
    pairs = list(zip(numbers, codes, strict=True))
    if any(starmap(tuple.__ge__, zip(pairs, pairs[1:], strict=False))):
        raise SnapshotBroken("postings are not in order")
    columns = posting_table(numbers, codes, stages, _numbers(weeks), list(map(_unquoted, held)), scheme)
    return columns, {key: place for place, key in enumerate(keys)}


def _columns(matches: Sequence[Any], width: int) -> Sequence[Sequence[str]]:
    return list(zip(*matches, strict=True)) or [()] * width


def _numbers(texts: Iterable[str]) -> Ints:
    """Whole numbers, or lists of them with commas, in a row; ``null`` is ABSENT."""
    joined = ",".join(texts).replace("null", str(ABSENT))
    return np.fromstring(joined, dtype=np.int64, sep=",") if joined else np.zeros(0, dtype=np.int64)


def _read_given(section: str, keys: PostingKeys, place: Mapping[str, int]) -> GivenTable:
    texts, components, scores, raters, eligible = _columns(_matches("component", section), 5)
    posting = np.fromiter(map(place.__getitem__, texts), np.int64, count=len(texts))
    numbers = [_numbers(column) for column in (scores, raters, eligible)]
    return GivenTable(
        keys,
        tuple(
            GivenColumns(_unquoted(name), posting[rows], *(column[rows] for column in numbers))
            for name, rows in _groups(components)
        ),
    )


def _read_tallies(section: str, keys: PostingKeys, place: Mapping[str, int]) -> TallyTable:
    texts, names, counts, eligible = _columns(_matches("tally", section), 4)
    posting = np.fromiter(map(place.__getitem__, texts), np.int64, count=len(texts))
    asked = _numbers(eligible)
    items = []
    for name, rows in _groups(names):
        of_item = json.loads(f"{{{name}}}")
        chosen = [counts[row] for row in rows.tolist()]
        (commas,) = {text.count(",") for text in chosen}
        found = _numbers(chosen).reshape(len(chosen), commas + 1)
        items.append(TallyColumns(of_item["component"], of_item["item"], posting[rows], found, asked[rows]))
    return TallyTable(keys, tuple(items))


def _groups(names: Sequence[str]) -> Iterator[tuple[str, Ints]]:
    """Each name with the places where it stands."""
    at = {name: place for place, name in enumerate(dict.fromkeys(names))}
    codes = np.fromiter(map(at.__getitem__, names), np.int64, count=len(names))
    for name, place in at.items():
        yield name, np.flatnonzero(codes == place)


def _read(section: str, make: Callable[..., Any]) -> list[Any]:
    """The rows of a kind of which there are few."""
    found = []
    for line in section.split("\n")[:-1]:
        row = json.loads(line)
        del row["kind"]
        found.append(make(**{name: _value(name, value) for name, value in row.items()}))
    return found


def _value(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return bool(value) if name in _FLAGS else value


@in_bulk()
def outcome_bytes(outcome: Outcome) -> bytes:
    """The canonical file of what was computed: counts, rows, ledger, bottom list."""
    return b"".join(
        [
            f"{_encode({'kind': 'counts', **outcome.counts()})}\n".encode(),
            _ranked_lines(outcome.rows),
            _row_lines("line", LedgerEntry, outcome.ledger),
            _row_lines("listed", Listed, outcome.bottom),
        ]
    )


def _ranked_lines(rows: RankedTable) -> bytes:
    flags = np.array([_encode(found).encode() for found in ([], [REWEIGHTED])])
    return lines(
        "row",
        {
            "teacher": chosen(text_table(rows.teachers), np.arange(len(rows))),
            "school": chosen(text_table(rows.schools), rows.school),
            "stage": chosen(text_table(STAGES), rows.stage),
            "status": chosen(text_table((NOT_RATED, RATED)), rows.rated.astype(np.int64)),
            "reason": chosen(text_table(rows.reasons), rows.reason),
            "components": arrays(rows.parts),
            "base": numbers(rows.base),
            "deduct": numbers(rows.deduct),
            "bonus": numbers(rows.bonus),
            "score": numbers(rows.score),
            "grade": chosen(text_table((*GRADES, "")), rows.grade),
            "veto": numbers(rows.veto),
            "provisional": numbers(rows.pending),
            "place": numbers(rows.place),
            "stage_place": numbers(rows.stage_place),
            "school_place": numbers(rows.school_place),
            "flags": chosen(flags, rows.is_missing.astype(np.int64)),
        },
    )
