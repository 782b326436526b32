"""What a correction puts right in a frozen ranking: changes to the rows it was computed from, and how they are applied.

A change replaces, adds or takes away one row of the old snapshot, named by its key; everything else stays as it was.
Source: domain.md §7.4, 11 (re-rank from the snapshot with the fix), ranking.md R14; decision 0034.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from ethics_eval.complaints.categories import Severity
from ethics_eval.evaluation.rules.assessment import Level
from ethics_eval.evaluation.rules.scheme import Component
from ethics_eval.evaluation.rules.tally import POINT
from ethics_eval.ranking.rules.inputs import (
    FULL,
    OUTCOMES,
    FindingInput,
    GivenScore,
    HonourInput,
    Inputs,
    PersonInput,
    PostingInput,
    TallyInput,
)
from ethics_eval.ranking.rules.reasons import NOT_RATED_LABELS
from ethics_eval.text import N_, RuleViolation

MAX_COUNT = 100_000  # of ballots or raters: more than any school has people


class Cause(StrEnum):
    """Why a ranking was corrected."""

    OBJECTION = "objection"
    APPEAL = "appeal"
    FINDING = "finding"
    EARLIER = "earlier"
    ERROR = "error"


CAUSE_LABELS: Mapping[Cause, str] = {
    Cause.OBJECTION: N_("异议成立"),
    Cause.APPEAL: N_("申诉成立"),
    Cause.FINDING: N_("认定被撤销或变更"),
    Cause.EARLIER: N_("以前学期的榜单已更正"),
    Cause.ERROR: N_("市教育局发现差错"),
}


class ChangeKind(StrEnum):
    """What a change does to a row."""

    COMPONENT_SET = "component_set"
    COMPONENT_REMOVED = "component_removed"
    TALLY_SET = "tally_set"
    FINDING_DROPPED = "finding_dropped"
    FINDING_CHANGED = "finding_changed"
    PERSON_SET = "person_set"
    POSTING_SET = "posting_set"
    HONOUR_ADDED = "honour_added"
    HONOUR_REMOVED = "honour_removed"


CHANGE_LABELS: Mapping[ChangeKind, str] = {
    ChangeKind.COMPONENT_SET: N_("改正一部分的得分"),
    ChangeKind.COMPONENT_REMOVED: N_("去掉一部分的得分"),
    ChangeKind.TALLY_SET: N_("改正一道题的票数"),
    ChangeKind.FINDING_DROPPED: N_("不再计入一项认定"),
    ChangeKind.FINDING_CHANGED: N_("改正一项认定"),
    ChangeKind.PERSON_SET: N_("改正未决或警告"),
    ChangeKind.POSTING_SET: N_("改正任职周数或暂缓原因"),
    ChangeKind.HONOUR_ADDED: N_("补上一项荣誉"),
    ChangeKind.HONOUR_REMOVED: N_("去掉一项荣誉"),
}

# What names the row; rows of the same place are changed once.
_KEYS: Mapping[ChangeKind, tuple[str, ...]] = {
    ChangeKind.COMPONENT_SET: ("teacher", "school", "component"),
    ChangeKind.COMPONENT_REMOVED: ("teacher", "school", "component"),
    ChangeKind.TALLY_SET: ("teacher", "school", "component", "item"),
    ChangeKind.FINDING_DROPPED: ("teacher", "finding"),
    ChangeKind.FINDING_CHANGED: ("teacher", "finding"),
    ChangeKind.PERSON_SET: ("teacher",),
    ChangeKind.POSTING_SET: ("teacher", "school"),
    ChangeKind.HONOUR_ADDED: ("teacher", "level"),
    ChangeKind.HONOUR_REMOVED: ("teacher", "level"),
}
# What it says of the row, with the type of each value.
_VALUES: Mapping[ChangeKind, Mapping[str, type]] = {
    ChangeKind.COMPONENT_SET: {"score_e4": int, "raters": int},
    ChangeKind.COMPONENT_REMOVED: {},
    ChangeKind.TALLY_SET: {"counts": list},
    ChangeKind.FINDING_DROPPED: {},
    ChangeKind.FINDING_CHANGED: {
        "points_e4": int,
        "outcome": str,
        "severity": str,
        "repeat": bool,
        "veto": bool,
    },
    ChangeKind.PERSON_SET: {"pending": bool, "warning": bool},
    ChangeKind.POSTING_SET: {"weeks": int, "held": str},
    ChangeKind.HONOUR_ADDED: {},
    ChangeKind.HONOUR_REMOVED: {},
}
# A change may leave these out: what it does not name stays.
_PARTIAL = frozenset({ChangeKind.FINDING_CHANGED, ChangeKind.PERSON_SET, ChangeKind.POSTING_SET})


@dataclass(frozen=True)
class Change:
    """One row put right. ``key``: the values that name it, in the order of its kind; ``values``: what it says now."""

    kind: ChangeKind
    key: tuple[str, ...]
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def teacher(self) -> str:
        """The number of the teacher it is about."""
        return self.key[0]

    @property
    def named(self) -> dict[str, str]:
        """The key by its names."""
        return dict(zip(_KEYS[self.kind], self.key, strict=True))

    @property
    def place(self) -> tuple[str, ...]:
        """Where it changes something: two changes of one place contradict each other."""
        return (_KEYS[self.kind][-1], *self.key)

    def field(self, value: str = "") -> str:
        """The form field of a value of this change: ``component-2143000001-peer-score_e4``."""
        return "-".join([_KEYS[self.kind][-1], *self.key[1:], *([value] if value else [])])

    def to_plain(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {"kind": self.kind.value, **self.named, **self.values}


class Faults(RuleViolation):
    """Changes that cannot be applied; ``found`` has each with its field."""

    def __init__(self, found: Sequence[RuleViolation]) -> None:
        first = found[0]
        super().__init__(first.code, first.message, field=first.field, **first.values)
        self.found = tuple(found)


def changes_text(changes: Iterable[Change]) -> str:
    """Canonical JSON of changes, whatever order they come in."""
    rows = sorted((change.to_plain() for change in changes), key=lambda row: json.dumps(row, sort_keys=True))
    return json.dumps(rows, ensure_ascii=False, sort_keys=True)


def read_changes(text: str) -> list[Change]:
    """The changes of :func:`changes_text`. Raises: RuleViolation ``correction.unreadable``."""
    try:
        return [_read(row) for row in json.loads(text)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RuleViolation("correction.unreadable", N_("更正内容不是认得的格式。")) from error


def _read(row: Mapping[str, Any]) -> Change:
    kind = ChangeKind(row["kind"])
    key = tuple(row[name] for name in _KEYS[kind])
    values = {name: row[name] for name in _VALUES[kind] if name in row}
    if len(row) != 1 + len(key) + len(values) or not all(isinstance(part, str) for part in key):
        raise ValueError(row)
    return Change(kind, key, values)


def apply(inputs: Inputs, changes: Iterable[Change]) -> Inputs:
    """The inputs with the changes made; none: the same inputs. Any order of the changes gives the same.

    Raises: Faults: a row that is not there, a value out of range, a change that changes nothing, two of one place.
    """
    wanted = sorted(changes, key=lambda change: (change.place, change.kind))
    faults = _contradictions(wanted)
    rows = _Rows(inputs)
    for change in wanted:
        faults += [
            RuleViolation(code, text, field=change.field(value), **named)
            for code, text, value, named in rows.change(change)
        ]
    if faults:
        raise Faults(faults)
    return rows.inputs() if wanted else inputs


def _contradictions(changes: Sequence[Change]) -> list[RuleViolation]:
    """Two changes of one place, and a score beside the ballots of its items."""
    seen: set[tuple[str, ...]] = set()
    whole = {change.key for change in changes if change.kind is ChangeKind.COMPONENT_SET}
    whole |= {change.key for change in changes if change.kind is ChangeKind.COMPONENT_REMOVED}
    faults = []
    for change in changes:
        is_both = change.kind is ChangeKind.TALLY_SET and change.key[:3] in whole
        if change.place in seen or is_both:
            faults.append(
                RuleViolation("correction.twice", N_("同一处改了两次，请只留一项。"), field=change.field())
            )
        seen.add(change.place)
    return faults


_Fault = tuple[str, str, str, Mapping[str, object]]  # code, text, value, what fills the text
_ABSENT: _Fault = ("correction.absent", N_("榜单的数据里没有这一项。"), "", {})
_UNCHANGED: _Fault = ("correction.unchanged", N_("与原来相同，没有改正。"), "", {})


class _Rows:
    """The rows of inputs by their keys, to be changed one by one."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs
        self._persons = {row.teacher: row for row in inputs.persons}
        self._postings = {(row.teacher, row.school): row for row in inputs.postings}
        self._given = {(row.teacher, row.school, row.component): row for row in inputs.given}
        self._tallies: dict[tuple[str, str, str], dict[str, TallyInput]] = {}
        for row in inputs.tallies:
            self._tallies.setdefault((row.teacher, row.school, row.component), {})[row.item] = row
        self._flagged = {row[:4]: row for row in inputs.flagged}
        self._findings = {row.key: row for row in inputs.findings}
        self._honours = {(row.teacher, row.level): row for row in inputs.honours}

    def inputs(self) -> Inputs:
        """All rows as they stand now."""
        return replace(
            self._inputs,
            persons=list(self._persons.values()),
            postings=list(self._postings.values()),
            given=list(self._given.values()),
            tallies=[row for rows in self._tallies.values() for row in rows.values()],
            findings=list(self._findings.values()),
            honours=list(self._honours.values()),
            flagged=list(self._flagged.values()),
        )

    def change(self, change: Change) -> list[_Fault]:
        """Make one change, or say what is wrong with it."""
        mistyped = _mistyped(change)
        if mistyped:
            return mistyped
        makers = {
            ChangeKind.COMPONENT_SET: self._set_component,
            ChangeKind.COMPONENT_REMOVED: self._remove_component,
            ChangeKind.TALLY_SET: self._tally,
            ChangeKind.FINDING_DROPPED: self._finding,
            ChangeKind.FINDING_CHANGED: self._finding,
            ChangeKind.PERSON_SET: self._person,
            ChangeKind.POSTING_SET: self._posting,
            ChangeKind.HONOUR_ADDED: self._honour,
            ChangeKind.HONOUR_REMOVED: self._honour,
        }
        return makers[change.kind](change)

    def _person(self, change: Change) -> list[_Fault]:
        return _replaced(self._persons, change.teacher, change.values, PersonInput)

    def _remove_component(self, change: Change) -> list[_Fault]:
        teacher, school, component = change.key
        was_given = self._given.pop((teacher, school, component), None)
        was_counted = self._tallies.pop((teacher, school, component), None)
        self._forget_flagged(change.key)
        return [_ABSENT] if was_given is None and was_counted is None else []

    def _set_component(self, change: Change) -> list[_Fault]:
        teacher, school, component = key = (change.key[0], change.key[1], change.key[2])
        if (teacher, school) not in self._postings or component not in set(Component):
            return [_ABSENT]
        score, raters, eligible = change.values["score_e4"], change.values["raters"], self._eligible(key)
        most = MAX_COUNT if eligible is None else eligible
        faults = [*_out_of(score, "score_e4", 0, FULL, POINT), *_out_of(raters, "raters", 1, most)]
        if faults:
            return faults
        old, new = self._given.get(key), GivenScore(teacher, school, component, score, raters, eligible)
        if old is not None and old._replace(raters=old.raters or 1) == new:
            return [_UNCHANGED]
        self._given[key] = new
        self._tallies.pop(key, None)
        self._forget_flagged(key)
        return []

    def _forget_flagged(self, key: tuple[str, ...]) -> None:
        """Which of the ballots looked careless is said of the counts as they were, not as they are put right."""
        self._flagged = {place: row for place, row in self._flagged.items() if place[: len(key)] != key}

    def _eligible(self, key: tuple[str, str, str]) -> int | None:
        """How many might have rated: as the row said that is replaced; of several, the largest (R4)."""
        if key in self._given:
            return self._given[key].eligible
        known = [row.eligible for row in self._tallies.get(key, {}).values() if row.eligible is not None]
        return max(known, default=None)

    def _tally(self, change: Change) -> list[_Fault]:
        teacher, school, component, item = change.key
        rows = self._tallies.get((teacher, school, component), {})
        row = rows.get(item)
        if row is None:
            return [_ABSENT]
        counts = tuple(change.values["counts"])
        if len(counts) != len(row.counts) or not all(type(count) is int for count in counts):
            return [_range("counts", 0, MAX_COUNT)]
        faults = [fault for count in counts for fault in _out_of(count, "counts", 0, MAX_COUNT)][:1]
        if faults:
            return faults
        if row.eligible is not None and sum(counts) > row.eligible:
            return [
                (
                    "correction.eligible",
                    N_("票数合计不能多于应评的%(eligible)s人。"),
                    "counts",
                    {"eligible": row.eligible},
                )
            ]
        if counts == row.counts:
            return [_UNCHANGED]
        rows[item] = row._replace(counts=counts)
        self._forget_flagged(change.key)
        return []

    def _finding(self, change: Change) -> list[_Fault]:
        teacher, key = change.key
        row = self._findings.get(key)
        if row is None or row.teacher != teacher:
            return [_ABSENT]
        if change.kind is ChangeKind.FINDING_DROPPED:
            del self._findings[key]
            return []
        faults = _heavier(row, change.values)
        return faults or _replaced(self._findings, key, change.values, FindingInput)

    def _posting(self, change: Change) -> list[_Fault]:
        teacher, school = change.key
        weeks, held = change.values.get("weeks"), change.values.get("held")
        if weeks is not None and not 1 <= weeks <= self._inputs.scheme.semester_weeks:
            return [_range("weeks", 1, self._inputs.scheme.semester_weeks)]
        if held and held not in NOT_RATED_LABELS:
            return [("correction.held", N_("没有这个暂缓原因：%(held)s。"), "held", {"held": held})]
        return _replaced(self._postings, (teacher, school), change.values, PostingInput)

    def _honour(self, change: Change) -> list[_Fault]:
        teacher, level = change.key
        if change.kind is ChangeKind.HONOUR_REMOVED:
            return [] if self._honours.pop((teacher, level), None) else [_ABSENT]
        if teacher not in self._persons or level not in set(Level):
            return [_ABSENT]
        if (teacher, level) in self._honours:
            return [_UNCHANGED]
        self._honours[teacher, level] = HonourInput(teacher, level)
        return []


def _replaced(
    rows: dict[Any, Any], key: object, values: Mapping[str, Any], row_type: type[Any]
) -> list[_Fault]:
    row = rows.get(key)
    if row is None:
        return [_ABSENT]
    new = row_type(**{**row._asdict(), **values})
    if new == row:
        return [_UNCHANGED]
    rows[key] = new
    return []


def _mistyped(change: Change) -> list[_Fault]:
    """Values that the kind does not know, are missing, or are of another type."""
    known = _VALUES[change.kind]
    missing = known.keys() - change.values.keys()
    if change.kind in _PARTIAL:
        missing = set() if change.values else {""}
    wrong = [name for name, value in change.values.items() if type(value) is not known.get(name)]
    return [
        ("correction.value", N_("请填写这一项的正确内容。"), name, {}) for name in sorted({*missing, *wrong})
    ]


def _out_of(value: int, name: str, low: int, high: int, unit: int = 1) -> list[_Fault]:
    return [] if low <= value <= high else [_range(name, low // unit, high // unit)]


def _range(name: str, low: int, high: int) -> _Fault:
    return ("correction.range", N_("请填%(low)s到%(high)s之间的数。"), name, {"low": low, "high": high})


def _heavier(row: FindingInput, values: Mapping[str, Any]) -> list[_Fault]:
    """A correction never burdens anyone more than the decided finding did (申诉不加重)."""
    severity, outcome = values.get("severity", row.severity), values.get("outcome", row.outcome)
    if severity not in set(Severity) or outcome not in OUTCOMES:
        name = "outcome" if outcome not in OUTCOMES else "severity"
        return [("correction.value", N_("请填写这一项的正确内容。"), name, {})]
    weight = {"SUBSTANTIATED": 2, "PARTLY": 1}
    heavier = [
        name
        for name, is_heavier in (
            ("points_e4", not 0 <= values.get("points_e4", row.points_e4) <= row.points_e4),
            ("severity", Severity(severity).order > Severity(row.severity).order),
            ("outcome", weight.get(outcome, 0) > weight.get(row.outcome, 0)),
            ("repeat", values.get("repeat", row.repeat) and not row.repeat),
            ("veto", values.get("veto", row.veto) and not row.veto),
        )
        if is_heavier
    ]
    text = N_("更正不能加重认定；要加重的，请按案件程序办理。")
    return [("correction.heavier", text, name, {}) for name in heavier]
