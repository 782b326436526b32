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
from ethics_eval.ranking.rules.outcome import LedgerEntry, Listed, Outcome, RankedRow
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
from ethics_eval.ranking.rules.table import columns_of

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
    texts = _KeyTexts()
    return _joined(
        [
            [_encode(header)],
            _person_lines(inputs.persons),
            _posting_lines(postings, texts.of(postings)),
            _given_lines(given, texts.of(given.keys)),
            _tally_lines(tallies, texts.of(tallies.keys)),
            _sorted_lines("finding", inputs.findings),
            _sorted_lines("honour", inputs.honours),
            _sorted_lines("flagged", inputs.flagged),
        ]
    )


def _joined(sections: Iterable[Sequence[str]]) -> bytes:
    # each section apart: one name in Chinese would make a text of all of them four times as wide
    return b"".join(["\n".join([*lines, ""]).encode() for lines in sections if lines])


# --- writing: a format a kind, filled from whole columns --------------------------------------------------------


class _KeyTexts:
    """The two fields that say which posting a line is of; made once for all kinds that share the columns."""

    def __init__(self) -> None:
        self._made: list[tuple[PostingKeys, list[str]]] = []

    def of(self, keys: PostingKeys) -> list[str]:
        """The fields of each posting."""
        for made, texts in self._made:
            if made.is_same(keys):
                return texts
        teachers, schools = list(map(_quoted, keys.teachers)), list(map(_quoted, keys.schools))
        texts = [
            f'"teacher":{teachers[teacher]},"school":{schools[school]}'
            for teacher, school in zip(keys.teacher.tolist(), keys.school.tolist(), strict=True)
        ]
        self._made.append((keys, texts))
        return texts


def _person_lines(persons: Sequence[PersonInput]) -> list[str]:
    return [
        f'{{"kind":"teacher","teacher":{_quoted(teacher)},"pending":{+pending},"warning":{+warning}}}'
        for teacher, pending, warning in sorted(persons)
    ]


def _posting_lines(postings: PostingColumns, at_posting: Sequence[str]) -> list[str]:
    return [
        f'{{"kind":"posting",{key},"stage":"{STAGES[stage]}","weeks":{weeks},"held":{_quoted(held)}}}'
        for key, stage, weeks, held in zip(
            at_posting, postings.stage.tolist(), postings.weeks.tolist(), postings.held, strict=True
        )
    ]


def _given_lines(table: GivenTable, at_posting: Sequence[str]) -> list[str]:
    parts = sorted(table.parts, key=lambda part: part.component)
    lines: list[str] = []
    for part in parts:
        line = f'{{"kind":"component",%s,"component":{_text(part.component)},"score_e4":%d,"raters":%s,"eligible":%s}}'
        numbers = (part.score_e4.tolist(), _known(part.raters), _known(part.eligible))
        lines += map(line.__mod__, zip(_taken(at_posting, part.posting), *numbers, strict=True))
    return _in_order(lines, [part.posting for part in parts])


def _tally_lines(table: TallyTable, at_posting: Sequence[str]) -> list[str]:
    items = sorted(table.items, key=lambda item: (item.component, item.item))
    lines: list[str] = []
    for item in items:
        counts = ",".join(["%d"] * item.counts.shape[1])
        names = f'"component":{_text(item.component)},"item":{_text(item.item)}'
        line = f'{{"kind":"tally",%s,{names},"counts":[{counts}],"eligible":%s}}'
        numbers = (*(column.tolist() for column in item.counts.T), _known(item.eligible))
        lines += map(line.__mod__, zip(_taken(at_posting, item.posting), *numbers, strict=True))
    return _in_order(lines, [item.posting for item in items])


def _text(value: str) -> str:
    """A text in JSON, inside a format."""
    return _quoted(value).replace("%", "%%")


def _known(column: Ints) -> list[Any]:
    found: list[Any] = column.tolist()
    return ["null" if value == ABSENT else value for value in found] if ABSENT in found else found


def _taken(texts: Sequence[str], places: Ints) -> Iterator[str]:
    return map(texts.__getitem__, places.tolist())


def _in_order(lines: Sequence[str], postings: Sequence[Ints]) -> list[str]:
    """The lines by posting; those of one posting stay in the order they have."""
    if not lines:
        return []
    order = np.argsort(np.concatenate(postings), kind="stable")
    return list(map(lines.__getitem__, order.tolist()))


def _sorted_lines(kind: str, rows: Sequence[Any]) -> list[str]:
    row = KINDS[kind]
    return _lines(kind, row, columns_of(sorted(rows, key=itemgetter(*range(_KEYED_BY[row])))))


def _lines(kind: str, row: type[Any], columns: Sequence[Sequence[Any]]) -> list[str]:
    """A line a row of the columns, fields in their order."""
    names = ",".join(f'"{name}":%s' for name in row._fields)
    line = f'{{"kind":"{kind}",{names}}}'
    return list(map(line.__mod__, zip(*map(_texts, columns), strict=True)))


def _texts(column: Sequence[Any]) -> Iterable[Any]:
    """A column's values as JSON: texts quoted, yes and no as 1 and 0, lists of values of one type."""
    types = set(map(type, column))
    if types == {int}:
        return column
    if types == {bool}:
        return map(int, column)
    if types == {str}:
        return map(_quoted, column)
    if types == {tuple}:
        if len(widths := set(map(len, column))) == 1 and widths != {0}:
            line = f"[{','.join(['%s'] * widths.pop())}]"
            return map(line.__mod__, zip(*map(_texts, columns_of(column)), strict=True))
        texts = {value: _encode(value) for value in set(column)}
        return map(texts.__getitem__, column)
    return ["null" if value is None else int(value) for value in column]


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
    texts, teachers, schools, stages, weeks, held = _columns(_matches("posting", section), 6)
    numbers, codes = list(map(_unquoted, teachers)), list(map(_unquoted, schools))
    pairs = list(zip(numbers, codes, strict=True))
    if any(starmap(tuple.__ge__, zip(pairs, pairs[1:], strict=False))):
        raise SnapshotBroken("postings are not in order")
    columns = posting_table(numbers, codes, stages, _numbers(weeks), list(map(_unquoted, held)), scheme)
    return columns, {text: place for place, text in enumerate(texts)}


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
    return _joined(
        [
            [_encode({"kind": "counts", **outcome.counts()})],
            _lines("row", RankedRow, columns_of(outcome.rows)),
            _lines("line", LedgerEntry, columns_of(outcome.ledger)),
            _lines("listed", Listed, columns_of(outcome.bottom)),
        ]
    )
