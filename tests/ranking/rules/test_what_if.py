"""Another scheme on frozen rows: nothing moves without a change; what moves, who is listed, what cannot be read."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

import pytest

from ethics_eval.evaluation.rules.scheme import Component, Item, Scheme, parse_scheme
from ethics_eval.ranking.rules.computation import compute
from ethics_eval.ranking.rules.inputs import GivenScore, Inputs, PersonInput, PostingInput, TallyInput
from ethics_eval.ranking.rules.what_if import BANDS, readable, what_if

COUNT = 40
DEFAULT_SCHEME = parse_scheme(
    files("ethics_eval.evaluation").joinpath("default_scheme.json").read_text("utf-8")
)


def rows(**changes: object) -> Inputs:
    """Forty teachers of one school; the school rates them upwards, the colleagues downwards, the parents by ballot."""
    teachers = [f"T{place:02}" for place in range(COUNT)]
    given = [
        GivenScore(teacher, "S1", part.value, points * 10_000, 20)
        for place, teacher in enumerate(teachers)
        for part, points in (
            (Component.SELF, 90),
            (Component.PEER, 95 - place),
            (Component.PUPIL, 80),
            (Component.SCHOOL, 50 + place),
        )
    ]
    tallies = [TallyInput(teacher, "S1", "parent", "P1", (10, 10, 0, 0, 0), 20) for teacher in teachers]
    inputs = Inputs(
        DEFAULT_SCHEME,
        persons=[PersonInput(teacher) for teacher in teachers],
        postings=[PostingInput(teacher, "S1", "PRI", 20) for teacher in teachers],
        given=given,
        tallies=tallies,
    )
    return replace(inputs, **changes)  # type: ignore[arg-type]


def weighted(**weights: int) -> Scheme:
    components = {
        name: replace(rule, weight=weights.get(name.value, rule.weight))
        for name, rule in DEFAULT_SCHEME.components.items()
    }
    return replace(DEFAULT_SCHEME, version="draft", components=components)


def test_the_same_rules_move_nobody() -> None:
    found = what_if(rows(), replace(DEFAULT_SCHEME, version="draft"), seed=7)
    assert found.counts == found.new_counts
    assert found.grades == found.new_grades
    assert [count for low, high, count in found.bands if low == high] == [COUNT]
    assert sum(count for _low, _high, count in found.bands) == COUNT
    assert (found.risers, found.fallers, found.absent, found.entered, found.gone) == ((), (), (), 0, 0)
    assert [line.treatment for line in found.listed] == [line.new_treatment for line in found.listed]
    assert len(found.lowest) == 10
    assert all(0 <= held.grid_percent <= 100 and held.draws_percent <= 100 for held in found.lowest)


def test_turning_the_weights_turns_the_list() -> None:
    inputs = rows()
    scheme = weighted(peer=4000, school=1000)
    found = what_if(inputs, scheme, seed=7)
    now = compute(replace(inputs, scheme=scheme))
    assert {line.move.teacher for line in found.listed if line.new_treatment} == {
        row.teacher for row in now.bottom
    }
    before = {line.move.teacher for line in found.listed if line.treatment}
    after = {line.move.teacher for line in found.listed if line.new_treatment}
    assert not before & after
    assert found.risers[0].up == -found.fallers[0].up == COUNT - 1
    assert all(move.place and move.new_place == COUNT + 1 - move.place for move in found.risers)
    assert [(low, high) for low, high, _count in found.bands] == [
        (10, 100), (5, 10), (1, 5), (0, 1), (0, 0), (-1, 0), (-5, -1), (-10, -5), (-100, -10),
    ]  # fmt: skip
    assert BANDS == (1, 5, 10)
    assert set(found.teachers()) >= before | after


@pytest.mark.parametrize(
    ("items", "absent", "kept"),
    [
        ((Item("P1", 10_000, (100, 80, 60, 40, 20)),), (), {"P1"}),  # other points: readable
        ((Item("P1", 5000, (100, 0)), Item("P2", 5000, (100, 0))), (Component.PARENT,), set()),
        ((Item("P1", 10_000, (100, 0)),), (Component.PARENT,), set()),
        ((), (Component.PARENT,), set()),
    ],
)
def test_old_ballots_are_read_with_new_items_only_where_they_can_be(
    items: tuple[Item, ...], absent: tuple[Component, ...], kept: set[str]
) -> None:
    scheme = replace(DEFAULT_SCHEME, items={**DEFAULT_SCHEME.items, Component.PARENT: items})
    read, missing = readable(rows(listed_only=frozenset({"T01"})), scheme)
    assert missing == absent
    assert {row.item for row in read.tallies} == kept
    assert read.listed_only is None
    found = what_if(rows(), scheme, seed=7)
    assert found.absent == absent
    assert found.new_counts["rated"] == COUNT


def test_who_is_rated_in_one_only_is_counted_and_moves_nowhere() -> None:
    found = what_if(rows(), replace(DEFAULT_SCHEME, version="draft", ranked_stages=("JUN",)), seed=7)
    assert (found.gone, found.entered, found.new_counts["rated"]) == (COUNT, 0, 0)
    assert sum(count for *_span, count in found.bands) == 0
    assert (found.lowest, [line.new_treatment for line in found.listed]) == ((), [""] * 5)
