"""Corrections of frozen rows: what each change does, what is refused at which field, and that order means nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.evaluation.rules.scheme import parse_scheme
from ethics_eval.ranking.rules.computation import compute
from ethics_eval.ranking.rules.correction import (
    CAUSE_LABELS,
    CHANGE_LABELS,
    Cause,
    Change,
    ChangeKind,
    Faults,
    apply,
    changes_text,
    read_changes,
)
from ethics_eval.ranking.rules.inputs import (
    FindingInput,
    GivenScore,
    HonourInput,
    Inputs,
    PersonInput,
    PostingInput,
    TallyInput,
)
from ethics_eval.ranking.rules.snapshot import outcome_bytes, snapshot_bytes
from ethics_eval.text import RuleViolation

K = ChangeKind
A, B, SCHOOL = "T1", "T2", "2143000001"
DEFAULT = parse_scheme(files("ethics_eval.evaluation").joinpath("default_scheme.json").read_text("utf-8"))
FINDING = FindingInput("f1", A, "C15", "ordinary", "SUBSTANTIATED", 80_000, False, True, True)
GIVEN = [
    GivenScore(number, SCHOOL, part, 900_000 - 1_000 * place, 40, 60)
    for number in (A, B)
    for place, part in enumerate(("self", "pupil", "parent", "school"))
]
INPUTS = Inputs(
    DEFAULT,
    [PersonInput(A, pending=False, warning=True), PersonInput(B)],
    [PostingInput(A, SCHOOL, "PRI", 20), PostingInput(B, SCHOOL, "PRI", 20)],
    GIVEN,
    [TallyInput(A, SCHOOL, "peer", "E1", (5, 3, 1, 0, 0), 12)],
    [FINDING],
    [HonourInput(A, "city")],
)
# One sound change of each kind, all of different places.
SOUND: dict[ChangeKind, Change] = {
    change.kind: change
    for change in (
        Change(K.COMPONENT_SET, (A, SCHOOL, "parent"), {"score_e4": 950_000, "raters": 50}),
        Change(K.COMPONENT_REMOVED, (A, SCHOOL, "pupil")),
        Change(K.TALLY_SET, (A, SCHOOL, "peer", "E1"), {"counts": [9, 0, 0, 0, 0]}),
        Change(K.FINDING_CHANGED, (A, "f1"), {"repeat": False, "points_e4": 40_000}),
        Change(K.PERSON_SET, (A,), {"warning": False}),
        Change(K.POSTING_SET, (A, SCHOOL), {"weeks": 12}),
        Change(K.HONOUR_ADDED, (A, "nation")),
        Change(K.HONOUR_REMOVED, (A, "city")),
        Change(K.FINDING_DROPPED, (A, "f1")),
    )
}


def frozen(inputs: Inputs) -> bytes:
    return snapshot_bytes(inputs, semester="2025-2026-1", code_version="1")


def faults_of(*changes: Change) -> list[tuple[str, str]]:
    with pytest.raises(Faults) as raised:
        apply(INPUTS, changes)
    return [(fault.code.removeprefix("correction."), fault.field or "") for fault in raised.value.found]


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        (K.COMPONENT_SET, '"parent","score_e4":898000,"raters":40', '"parent","score_e4":950000,"raters":50'),
        (K.COMPONENT_REMOVED, '"component":"pupil","score_e4":899000', None),
        (K.TALLY_SET, '"counts":[5,3,1,0,0]', '"counts":[9,0,0,0,0]'),
        (K.FINDING_DROPPED, '"kind":"finding"', None),
        (K.FINDING_CHANGED, '"points_e4":80000,"veto":0,"repeat":1', '"points_e4":40000,"veto":0,"repeat":0'),
        (K.PERSON_SET, '"teacher":"T1","pending":0,"warning":1', '"teacher":"T1","pending":0,"warning":0'),
        (K.POSTING_SET, '"teacher":"T1","school":"2143000001","stage":"PRI","weeks":20', '"weeks":12'),
        (K.HONOUR_ADDED, None, '"level":"nation"'),
        (K.HONOUR_REMOVED, '"level":"city"', None),
    ],
)
def test_a_change_changes_its_row_alone(kind: ChangeKind, before: str | None, after: str | None) -> None:
    old, new = frozen(INPUTS).decode(), frozen(apply(INPUTS, [SOUND[kind]])).decode()
    assert before is None or before in old
    assert before is None or new.count(before) == old.count(before) - 1
    assert after is None or after in new
    changed = set(old.splitlines()) ^ set(new.splitlines())
    assert 1 <= len(changed) <= 2


def test_every_kind_and_cause_is_tried_and_has_words() -> None:
    assert SOUND.keys() == set(K) == CHANGE_LABELS.keys()
    assert CAUSE_LABELS.keys() == set(Cause)


def test_ballots_give_way_to_a_score_that_replaces_them() -> None:
    fixed = apply(INPUTS, [Change(K.COMPONENT_SET, (A, SCHOOL, "peer"), {"score_e4": 800_000, "raters": 9})])
    assert fixed.tallies == []
    assert GivenScore(A, SCHOOL, "peer", 800_000, 9, 12) in fixed.given
    assert apply(INPUTS, [Change(K.COMPONENT_REMOVED, (A, SCHOOL, "peer"))]).tallies == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            Change(K.COMPONENT_SET, (A, "9", "peer"), {"score_e4": 1, "raters": 1}),
            ("absent", "component-9-peer"),
        ),
        (Change(K.COMPONENT_SET, (A, SCHOOL, "x"), {"score_e4": 1, "raters": 1}), ("absent", "")),
        (
            Change(K.COMPONENT_SET, (A, SCHOOL, "self"), {"score_e4": 1_000_001, "raters": 1}),
            ("range", "score_e4"),
        ),
        (Change(K.COMPONENT_SET, (A, SCHOOL, "self"), {"score_e4": 1, "raters": 0}), ("range", "raters")),
        (Change(K.COMPONENT_SET, (A, SCHOOL, "self"), {"score_e4": 1, "raters": 61}), ("range", "raters")),
        (
            Change(K.COMPONENT_SET, (A, SCHOOL, "self"), {"score_e4": True, "raters": 1}),
            ("value", "score_e4"),
        ),
        (Change(K.COMPONENT_SET, (A, SCHOOL, "self"), {"score_e4": 1}), ("value", "raters")),
        (
            Change(K.COMPONENT_SET, (A, SCHOOL, "self"), {"score_e4": 900_000, "raters": 40}),
            ("unchanged", ""),
        ),
        (Change(K.COMPONENT_REMOVED, (B, SCHOOL, "peer")), ("absent", "")),
        (Change(K.TALLY_SET, (A, SCHOOL, "peer", "E2"), {"counts": [1, 0, 0, 0, 0]}), ("absent", "item-")),
        (Change(K.TALLY_SET, (A, SCHOOL, "peer", "E1"), {"counts": [1, 0, 0, 0]}), ("range", "counts")),
        (Change(K.TALLY_SET, (A, SCHOOL, "peer", "E1"), {"counts": [-1, 0, 0, 0, 0]}), ("range", "counts")),
        (
            Change(K.TALLY_SET, (A, SCHOOL, "peer", "E1"), {"counts": [13, 0, 0, 0, 0]}),
            ("eligible", "counts"),
        ),
        (Change(K.TALLY_SET, (A, SCHOOL, "peer", "E1"), {"counts": [5, 3, 1, 0, 0]}), ("unchanged", "")),
        (Change(K.FINDING_DROPPED, (B, "f1")), ("absent", "finding-f1")),
        (Change(K.FINDING_CHANGED, (A, "f1")), ("value", "")),
        (Change(K.FINDING_CHANGED, (A, "f1"), {"points_e4": 90_000}), ("heavier", "points_e4")),
        (Change(K.FINDING_CHANGED, (A, "f1"), {"points_e4": -1}), ("heavier", "points_e4")),
        (Change(K.FINDING_CHANGED, (A, "f1"), {"severity": "serious"}), ("heavier", "severity")),
        (Change(K.FINDING_CHANGED, (A, "f1"), {"veto": True}), ("heavier", "veto")),
        (Change(K.FINDING_CHANGED, (A, "f1"), {"outcome": "GUILTY"}), ("value", "outcome")),
        (Change(K.FINDING_CHANGED, (A, "f1"), {"repeat": True}), ("unchanged", "")),
        (Change(K.PERSON_SET, ("T9",), {"warning": False}), ("absent", "")),
        (Change(K.PERSON_SET, (A,), {"asleep": True}), ("value", "asleep")),
        (Change(K.POSTING_SET, (A, SCHOOL), {"weeks": 21}), ("range", "weeks")),
        (Change(K.POSTING_SET, (A, SCHOOL), {"held": "TIRED"}), ("held", "held")),
        (Change(K.HONOUR_ADDED, (A, "city")), ("unchanged", "")),
        (Change(K.HONOUR_ADDED, (A, "galaxy")), ("absent", "")),
        (Change(K.HONOUR_REMOVED, (A, "school")), ("absent", "level-school")),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(change: Change, fault: tuple[str, str]) -> None:
    ((code, field),) = faults_of(change)
    assert code == fault[0]
    assert fault[1] in field


def test_two_changes_of_one_place_are_refused_together_with_other_faults() -> None:
    dropped, changed = SOUND[K.FINDING_DROPPED], SOUND[K.FINDING_CHANGED]
    codes = [code for code, _field in faults_of(dropped, changed, Change(K.HONOUR_REMOVED, (A, "school")))]
    assert sorted(codes) == ["absent", "twice"]
    whole = Change(K.COMPONENT_REMOVED, (A, SCHOOL, "peer"))
    assert ("twice", "item-2143000001-peer-E1") in faults_of(whole, SOUND[K.TALLY_SET])


_DISTINCT: Sequence[Change] = [change for kind, change in SOUND.items() if kind is not K.FINDING_DROPPED]


@given(st.permutations(_DISTINCT), st.integers(0, len(_DISTINCT)))
def test_the_order_of_changes_means_nothing_and_none_change_nothing(order: list[Change], count: int) -> None:
    chosen = order[:count]
    fixed = apply(INPUTS, chosen)
    assert frozen(fixed) == frozen(apply(INPUTS, chosen[::-1]))
    assert (frozen(fixed) == frozen(INPUTS)) is (count == 0)
    assert outcome_bytes(compute(apply(INPUTS, []))) == outcome_bytes(compute(INPUTS))
    assert changes_text(chosen) == changes_text(chosen[::-1])
    assert sorted(read_changes(changes_text(chosen)), key=repr) == sorted(chosen, key=repr)


_SPOILT: list[Any] = [
    "{",
    "[1]",
    '[{"kind":"x"}]',
    '[{"kind":"person_set","teacher":1}]',
    '[{"kind":"person_set"}]',
]


@pytest.mark.parametrize("text", [*_SPOILT, json.dumps([{**SOUND[K.HONOUR_ADDED].to_plain(), "more": 1}])])
def test_changes_of_another_format_are_refused(text: str) -> None:
    with pytest.raises(RuleViolation) as raised:
        read_changes(text)
    assert raised.value.code == "correction.unreadable"
