"""The frozen file: canonical, whole, and read back the same; the outcome computed from it alone."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ethics_eval.ranking.rules.computation import compute
from ethics_eval.ranking.rules.inputs import FlaggedInput, Inputs, TallyInput
from ethics_eval.ranking.rules.snapshot import (
    SnapshotBroken,
    digest,
    outcome_bytes,
    read_snapshot,
    snapshot_bytes,
)
from tests.ranking.rules.test_computation import EXAMPLE, cities, finding, joined, person
from tests.ranking.rules.worked import worked_inputs


def frozen(inputs: Inputs) -> bytes:
    return snapshot_bytes(inputs, semester="2025-2026-1", code_version="1.0")


@given(cities(), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_any_order_is_the_same_bytes_and_they_give_the_same_outcome(city: Inputs, chance: Any) -> None:
    shuffled = [
        chance.sample(list(rows), len(rows))
        for rows in (city.persons, city.postings, city.given, city.tallies, city.findings, city.honours)
    ]
    content = frozen(Inputs(city.scheme, *shuffled))
    assert content == frozen(city)
    read = read_snapshot(content)
    assert (read.semester, read.code_version) == ("2025-2026-1", "1.0")
    assert frozen(read.inputs) == content
    assert outcome_bytes(compute(read.inputs)) == outcome_bytes(compute(city))


def test_it_holds_header_and_rows_in_the_order_of_the_method() -> None:
    city = joined(person("T2", EXAMPLE), person("T1", EXAMPLE), findings=[finding("T2")])
    lines = [json.loads(line) for line in frozen(city).decode().splitlines()]
    assert lines[0]["kind"] == "header"
    assert list(lines[0]) == ["kind", "format", "semester", "scheme", "code_version"]
    kinds = list(dict.fromkeys(line["kind"] for line in lines[1:]))
    assert kinds == ["teacher", "posting", "component", "finding"]
    assert [line["teacher"] for line in lines if line["kind"] == "teacher"] == ["T1", "T2"]


def test_whom_a_correction_may_list_stands_in_the_header() -> None:
    city = replace(person("T1", EXAMPLE), listed_only=frozenset({"T2", "T1"}))
    header = json.loads(frozen(city).decode().splitlines()[0])
    assert header["listed_only"] == ["T1", "T2"]
    assert read_snapshot(frozen(city)).inputs.listed_only == city.listed_only
    assert read_snapshot(frozen(person("T1", EXAMPLE))).inputs.listed_only is None


def test_flagged_ballots_are_rows_only_where_there_are_any() -> None:
    """So the bytes of a city without them are what they always were, and nobody's score moves for them."""
    counted = TallyInput("T1", "2143000001", "pupil", "S1", (8, 2, 0, 0, 0), 10)
    city = replace(person("T1", EXAMPLE), given=(), tallies=[counted])
    flagged = replace(city, flagged=[FlaggedInput(*counted[:4], counts=(1, 0, 0, 0, 0))])
    assert b"flagged" not in frozen(city)
    assert frozen(flagged).startswith(frozen(city))
    assert list(read_snapshot(frozen(flagged)).inputs.flagged) == list(flagged.flagged)
    assert outcome_bytes(compute(flagged)) == outcome_bytes(compute(city))


def test_it_holds_whole_numbers_only() -> None:
    def numbers(value: Any) -> list[Any]:
        if isinstance(value, dict):
            return [found for part in value.values() for found in numbers(part)]
        if isinstance(value, list):
            return [found for part in value for found in numbers(part)]
        return [value]

    city = joined(person("T1", EXAMPLE), findings=[finding("T1", points=25_000)])
    for line in frozen(city).decode().splitlines():
        assert {type(value) for value in numbers(json.loads(line))} <= {int, str, type(None)}


@pytest.mark.parametrize("facts", ["甲\u2028乙", "\x85", 'a"b\\c', "\n\t", "𠮷"])
def test_whatever_a_text_holds_it_comes_back(facts: str) -> None:
    city = joined(person("T1", EXAMPLE), findings=[finding("T1", facts=facts)])
    assert read_snapshot(frozen(city)).inputs.findings[0].facts == facts


def test_one_changed_number_is_another_digest() -> None:
    city = person("T1", EXAMPLE)
    raised = replace(city, given=[row._replace(score_e4=row.score_e4 + 1) for row in city.given])
    assert digest(frozen(city)) != digest(frozen(raised))


def test_the_worked_example_is_the_same_after_freezing() -> None:
    inputs = worked_inputs()
    again = read_snapshot(frozen(inputs)).inputs
    assert compute(again) == compute(inputs)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: content.replace(b'"format":1', b'"format":2'),
        lambda content: content.replace(b'"kind":"posting"', b'"kind":"poster"'),
        lambda content: content.replace(b'"teacher":', b'"tutor":'),
        lambda content: b"\xff" + content,
    ],
)
def test_a_spoilt_file_is_refused(spoil: Any) -> None:
    with pytest.raises(SnapshotBroken):
        read_snapshot(spoil(frozen(person("T1", EXAMPLE))))
