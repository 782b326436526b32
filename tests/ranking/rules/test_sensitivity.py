"""Other weights and other ways to count: held against ranking the city anew each time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ethics_eval.evaluation.rules.scheme import Component
from ethics_eval.ranking.rules.bottom import severity_keys
from ethics_eval.ranking.rules.computation import compute, measure
from ethics_eval.ranking.rules.inputs import FindingInput, FlaggedInput, GivenScore, Inputs, PersonInput
from ethics_eval.ranking.rules.sensitivity import (
    GRID,
    WEIGHT_DRAWS,
    further_order,
    unflagged,
    variants,
    weight_shares,
)
from tests.ranking.rules.counted import DEFAULT, counted_city

SEED = 7


@pytest.fixture(scope="module")
def city() -> Inputs:
    """Eighty teachers: one with a veto, one deducted, one pending, one without parents' ballots."""
    made = counted_city(80)
    findings = [
        FindingInput("1", "T0000003", "C11", "grave", "SUBSTANTIATED", 0, True, False, True),
        FindingInput("2", "T0000044", "C15", "ordinary", "SUBSTANTIATED", 80_000, False, False, True),
    ]
    persons = [PersonInput(row.teacher, pending=row.teacher == "T0000010") for row in made.persons]
    tallies = [row for row in made.tallies if (row.teacher, row.component) != ("T0000020", "parent")]
    return replace(made, findings=findings, persons=persons, tallies=tallies)


def reweighted(inputs: Inputs, steps: tuple[int, ...]) -> Inputs:
    """The city under one weighting of the grid; the sum of weights is not 10 000, as R7 only divides by it."""
    components = {
        name: replace(rule, weight=rule.weight * step)
        for (name, rule), step in zip(inputs.scheme.components.items(), steps, strict=True)
    }
    return replace(inputs, scheme=replace(inputs.scheme, components=components))


def lowest_five(inputs: Inputs) -> set[str]:
    found = measure(inputs)
    people = np.flatnonzero(found.rated & ~found.pending)
    keys = severity_keys(found.score, found.veto, found.deduct, found.parts)[:, people]
    rows = [tuple(column) for column in keys.T.tolist()]
    return {
        found.teachers[place]
        for place, own in zip(people.tolist(), rows, strict=True)
        if sum(other < own for other in rows) < inputs.scheme.bottom
    }


def test_the_grid_equals_ranking_anew_by_each_weighting(city: Inputs) -> None:
    found = measure(city)
    shares = weight_shares(found, 5, SEED)
    counts = dict.fromkeys(found.teachers, 0)
    for steps in GRID:
        for teacher in lowest_five(reweighted(city, steps)):
            counts[teacher] += 1
    assert dict(zip(found.teachers, shares.grid.tolist(), strict=True)) == counts
    assert len(GRID) == 243
    assert counts["T0000003"] == 243


def test_drawn_weights_stay_within_a_quarter_and_agree_with_the_grid(city: Inputs) -> None:
    shares = weight_shares(measure(city), 5, SEED)
    assert shares.draws.sum() >= 5 * WEIGHT_DRAWS
    assert np.abs(shares.grid / len(GRID) - shares.draws / WEIGHT_DRAWS).max() < 0.2
    assert shares.ever == int(((shares.grid > 0) | (shares.draws > 0)).sum())
    again = weight_shares(measure(city), 5, SEED)
    assert (again.draws == shares.draws).all()


def test_where_all_parts_agree_weights_change_nothing() -> None:
    made = counted_city(40)
    given = [
        GivenScore(post.teacher, post.school, part.value, 700_000 + 1_000 * place, 40)
        for place, post in enumerate(made.postings)
        for part in Component
    ]
    shares = weight_shares(measure(replace(made, given=given, tallies=())), 5, SEED)
    assert shares.grid.tolist() == [243] * 5 + [0] * 35
    assert shares.draws.tolist() == [WEIGHT_DRAWS] * 5 + [0] * 35
    assert shares.ever == 5


def test_five_or_fewer_are_always_among_the_lowest() -> None:
    shares = weight_shares(measure(counted_city(4)), 5, SEED)
    assert shares.grid.tolist() == [243] * 4


def listed(inputs: Inputs) -> set[str]:
    return {row.teacher for row in compute(inputs).bottom}


@pytest.mark.parametrize("trim", [0, 5])
def test_another_trim_is_the_list_of_a_scheme_with_that_trim(city: Inputs, trim: int) -> None:
    components = {
        name: replace(rule, trim_percent=trim if rule.trim_percent else 0)
        for name, rule in city.scheme.components.items()
    }
    other = listed(replace(city, scheme=replace(city.scheme, components=components)))
    row = next(row for row in variants(city, measure(city)) if row.code == f"trim_{trim}")
    assert set(row.entered) == other - listed(city)
    assert set(row.left) == listed(city) - other


def test_without_shrinkage_is_the_list_of_a_scheme_without_priors(city: Inputs) -> None:
    components = {name: replace(rule, prior=0) for name, rule in city.scheme.components.items()}
    other = listed(replace(city, scheme=replace(city.scheme, components=components)))
    row = next(row for row in variants(city, measure(city)) if row.code == "unshrunk")
    assert (set(row.entered), set(row.left)) == (other - listed(city), listed(city) - other)


def test_a_severe_school_is_centred() -> None:
    """The lowest five of one harsh school of ten are no longer all of that school."""
    made = counted_city(80)
    given = [
        GivenScore(
            post.teacher,
            "2143000009" if place < 10 else post.school,
            part.value,
            900_000 + 1_000 * (place % 10) - 100_000 * (place < 10),
            40,
        )
        for place, post in enumerate(made.postings)
        for part in Component
    ]
    postings = [
        post._replace(school="2143000009") if place < 10 else post for place, post in enumerate(made.postings)
    ]
    harsh = replace(made, postings=postings, given=given, tallies=())
    assert listed(harsh) == {f"T000000{place}" for place in range(5)}
    row = next(row for row in variants(harsh, measure(harsh)) if row.code == "centred")
    assert len(row.left) >= 4


def test_flagged_ballots_are_taken_off(city: Inputs) -> None:
    assert not any(row.code == "unflagged" for row in variants(city, measure(city)))
    row = next(row for row in city.tallies if row.component == "pupil")
    bad = replace(city, flagged=[FlaggedInput(*row[:4], counts=(*row.counts[:4], row.counts[4] + 3))])
    less = next(other for other in unflagged(bad) if other[:4] == row[:4])
    assert less.counts == (0, 0, 0, 0, 0)
    assert sum(sum(other.counts) for other in unflagged(bad)) == sum(
        sum(other.counts) for other in city.tallies
    ) - sum(row.counts)
    assert variants(bad, measure(bad))[-1].code == "unflagged"


def test_order_of_equal_columns() -> None:
    keys = np.array([[1, 0, 1, 0], [5, 2, 5, 1]])
    assert further_order(keys).tolist() == [2, 1, 2, 0]
    assert DEFAULT.bottom == 5
