"""How sure a ranking of 40,000 is (R13), beside the same draws made and put in order plainly."""

from __future__ import annotations

import numpy as np

from ethics_eval.ranking.rules.bands import DRAWS
from ethics_eval.ranking.rules.certainty import certainty_bytes, certainty_of
from ethics_eval.ranking.rules.computation import measure, outcome_of
from tests.bench.measuring import Measured, compare
from tests.ranking.rules.counted import counted_city


def plain_draws(teachers: int) -> None:
    """2,000 draws of everybody, each put in order."""
    chance = np.random.default_rng(1)
    for _ in range(DRAWS):
        np.argsort(chance.standard_normal(teachers))


def measure_certainty(teachers: int) -> Measured:
    """Errors, bands, exact sets, chances, 2,243 weightings and the variants, to the canonical bytes."""
    inputs = counted_city(teachers)
    found = measure(inputs)
    listed = outcome_of(found).bottom
    return compare(
        f"R13 intervals {teachers:,}",
        lambda: certainty_bytes(certainty_of(inputs, found, listed, "9f" * 32)),
        lambda: plain_draws(teachers),
        "plain draws, sorted",
        rounds=1,
    )
