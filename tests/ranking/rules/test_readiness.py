"""What is good enough to publish."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ethics_eval.ranking.rules.certainty import Figures
from ethics_eval.ranking.rules.readiness import verdicts

GOOD = Figures(1000, 1000, 50, 930, 80, 200, 5, 2, 2, 320, 8)


def states(figures: Figures) -> dict[str, str]:
    return {verdict.code: verdict.state.value for verdict in verdicts(figures)}


def test_all_is_well() -> None:
    assert set(states(GOOD).values()) == {"good"}


@pytest.mark.parametrize(
    ("change", "code", "state"),
    [
        ({"reliability": 900}, "reliability", "good"),
        ({"reliability": 899}, "reliability", "care"),
        ({"reliability": 800}, "reliability", "care"),
        ({"reliability": 799}, "reliability", "bad"),
        ({"reliability": None}, "reliability", "bad"),
        ({"measured": 499}, "reliability", "unknown"),
        ({"measured": 499}, "measured", "care"),
        ({"measured": 500}, "measured", "good"),
        ({"reweighted": 101}, "reweighted", "care"),
        ({"same_school": 5}, "same_school", "good"),
        ({"same_school_unfounded": 3}, "same_school", "care"),
        ({"truly_worst": 249}, "truly_worst", "care"),
        ({"truly_worst": 250}, "truly_worst", "good"),
    ],
)
def test_each_figure_has_its_bounds(change: dict[str, int], code: str, state: str) -> None:
    assert states(replace(GOOD, **change))[code] == state


def test_without_a_list_nothing_is_said_of_it() -> None:
    assert "same_school" not in states(replace(GOOD, listed=0))
