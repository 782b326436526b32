"""How a score adds up, as it is shown."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.evaluation.rules.scheme import Component, parse_scheme
from ethics_eval.ranking.rules.explanation import ScoreLine, explain
from ethics_eval.ranking.rules.inputs import FULL
from ethics_eval.ranking.rules.outcome import RankedRow

SCHEME = parse_scheme(files("ethics_eval.evaluation").joinpath("default_scheme.json").read_text("utf-8"))
WEIGHTS = [SCHEME.components[component].weight for component in Component]
POINT = 10_000

ROW = RankedRow(
    teacher="T1",
    school="2143020001",
    stage="PRI",
    status="rated",
    reason="",
    components=(950_000, 900_000, 880_000, 920_000, 860_000),
    base=893_000,
    deduct=80_000,
    bonus=30_000,
    score=8430,
    grade="合格",
    veto=False,
    provisional=False,
    place=1,
    stage_place=1,
    school_place=1,
    flags=(),
)


def test_the_worked_example_of_the_domain() -> None:
    """domain.md §7.7, 4: 9.5 + 18 + 17.6 + 18.4 + 25.8 = 89.30; − 8; + 3."""
    found = explain(ROW, SCHEME)
    assert found is not None
    assert [part.share_e4 for part in found.parts] == [95_000, 180_000, 176_000, 184_000, 258_000]
    assert (found.filled_e4, found.uncapped_e4, found.cut_e4) == (0, 843_000, 0)
    assert found.missing == ()


def test_what_is_missing_is_named_and_filled() -> None:
    row = ROW._replace(
        components=(950_000, None, 880_000, None, 860_000), base=890_000, flags=("reweighted",)
    )
    found = explain(row, SCHEME)
    assert found is not None
    assert found.missing == (Component.PEER, Component.PARENT)
    assert found.filled_e4 == 890_000 - 95_000 - 176_000 - 258_000


def test_a_part_nobody_has_is_weighed_as_if_it_were_not_there() -> None:
    """R7: left out of the round, so nobody is reweighted; the shares still add up to the base."""
    row = ROW._replace(components=(900_000, 900_000, None, 900_000, 900_000), base=900_000)
    found = explain(row, SCHEME)
    assert found is not None
    assert abs(sum(part.share_e4 for part in found.parts) - 900_000) <= 5
    assert found.filled_e4 == 0


@pytest.mark.parametrize(
    ("veto", "score", "cut"),
    [(True, 5999, 843_000 - 599_900), (False, 6999, 843_000 - 699_900), (False, 8430, 0)],
)
def test_what_a_cap_took(veto: bool, score: int, cut: int) -> None:
    found = explain(ROW._replace(veto=veto, score=score), SCHEME)
    assert found is not None
    assert found.cut_e4 == cut


def test_who_is_not_rated_has_none() -> None:
    held = ROW._replace(status="not_rated", score=None)
    assert explain(held, SCHEME) is None
    assert explain(held._replace(base=None), SCHEME) is None


@given(st.lists(st.integers(0, FULL), min_size=5, max_size=5))
def test_the_shares_of_a_whole_score_add_up_to_its_base(scores: list[int]) -> None:
    total = sum(weight * score for weight, score in zip(WEIGHTS, scores, strict=True))
    base = (2 * total + 10_000) // 20_000
    row = ROW._replace(components=tuple(scores), base=base, deduct=0, bonus=0, score=(base + 50) // 100)
    found = explain(row, SCHEME)
    assert found is not None
    assert abs(sum(part.share_e4 for part in found.parts) - base) <= len(scores)
    assert found.cut_e4 == found.filled_e4 == 0


@pytest.mark.parametrize(
    ("status", "provisional", "rating"),
    [
        ("rated", False, "rated"),
        ("rated", True, "provisional"),
        ("not_rated", True, "not_rated"),
        ("not_rated", False, "not_rated"),
    ],
)
def test_only_the_rated_are_provisional(status: str, provisional: bool, rating: str) -> None:
    assert ScoreLine(ROW._replace(status=status, provisional=provisional), "甲").rating == rating


def test_other_weights_are_the_schemes() -> None:
    rules = {**SCHEME.components}
    rules[Component.SELF] = replace(rules[Component.SELF], weight=0)
    rules[Component.SCHOOL] = replace(rules[Component.SCHOOL], weight=4000)
    found = explain(ROW._replace(base=902_000), replace(SCHEME, components=rules))
    assert found is not None
    assert [part.share_e4 for part in found.parts] == [0, 180_000, 176_000, 184_000, 344_000]
