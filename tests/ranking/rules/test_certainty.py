"""How sure a ranking is: errors by hand, the list's certainty, the figures, and the canonical file."""

from __future__ import annotations

import json
import math
import random
import statistics
from dataclasses import replace
from typing import Any

import pytest

from ethics_eval.ranking.rules.certainty import (
    Certainty,
    Low,
    certainty_bytes,
    certainty_json,
    certainty_of,
    seed_of,
    standard_errors,
)
from ethics_eval.ranking.rules.computation import measure, outcome_of
from ethics_eval.ranking.rules.inputs import FindingInput, GivenScore, Inputs, PersonInput, TallyInput
from tests.ranking.rules.counted import DEFAULT, counted_city, given_city

SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def judged(inputs: Inputs, sha: str = SHA) -> Certainty:
    found = measure(inputs)
    return certainty_of(inputs, found, outcome_of(found).bottom, sha)


def pupil_only(*rows: tuple[int, ...], weeks: tuple[int, ...] = ()) -> Inputs:
    """Teachers judged by pupils alone, with these counts of 100, 85, 70, 55, 0 points."""
    posts = [
        post._replace(weeks=weeks[place] if weeks else 20)
        for place, post in enumerate(counted_city(len(rows)).postings)
    ]
    return Inputs(
        replace(DEFAULT, min_valid_weight=1, min_list=1),
        [PersonInput(post.teacher) for post in posts],
        [post._replace(stage="PRI") for post in posts],
        [],
        [
            TallyInput(post.teacher, post.school, "pupil", "S1", counts)
            for post, counts in zip(posts, rows, strict=True)
        ],
    )


def spread(counts: tuple[int, ...]) -> float:
    """s² of what a trim of 10 % leaves, in points², by the book."""
    ballots = sorted(p for p, c in zip((100, 85, 70, 55, 0), counts, strict=True) for _ in range(c))
    cut = len(ballots) // 10
    return statistics.variance(ballots[cut : len(ballots) - cut])


def test_an_error_by_hand() -> None:
    """(n/(n+k))² · s²/n with k = 16, rounded up to 0.01 point."""
    first, second = (20, 10, 5, 3, 2), (10, 6, 4, 3, 1)
    error = standard_errors(measure(pupil_only(first, second)))
    for counts, found in zip((first, second), error.tolist(), strict=True):
        n = sum(counts)
        exact = n / (n + 16) * math.sqrt(spread(counts) / n)
        assert found == math.ceil(exact * 100)


def test_ballots_that_all_agree_are_not_certain() -> None:
    """Where s = 0 the stage's pooled variance stands in."""
    varied, agreed = (20, 10, 5, 3, 2), (30, 0, 0, 0, 0)
    error = standard_errors(measure(pupil_only(varied, agreed))).tolist()
    free = [len(range(40 - 2 * 4)) - 1, 30 - 2 * 3 - 1]
    pooled = free[0] * spread(varied) / sum(free)
    assert error[1] == math.ceil(30 / 46 * math.sqrt(pooled / 30) * 100)


def test_parts_weigh_by_their_share_of_the_valid_weight() -> None:
    alone = pupil_only((20, 10, 5, 3, 2), (12, 12, 6, 6, 4))
    halved = replace(
        alone,
        given=[GivenScore(post.teacher, post.school, "parent", 800_000, 40) for post in alone.postings],
    )
    whole, half = (standard_errors(measure(inputs)) for inputs in (alone, halved))
    assert (abs(2 * half - whole) <= 2).all()
    assert standard_errors(measure(given_city([70, 80]))).tolist() == [0, 0]


def test_two_postings_weigh_by_weeks() -> None:
    city = pupil_only((20, 10, 5, 3, 2), (20, 10, 5, 3, 2))
    one, two = city.postings
    moved = replace(
        city,
        persons=[PersonInput(one.teacher)],
        postings=[one._replace(weeks=15), two._replace(teacher=one.teacher, school="2143999999", weeks=5)],
        tallies=[
            city.tallies[0],
            city.tallies[1]._replace(teacher=one.teacher, school="2143999999"),
        ],
    )
    single = 40 / 56 * math.sqrt(spread((20, 10, 5, 3, 2)) / 40)
    assert standard_errors(measure(moved))[0] == math.ceil(single * math.hypot(15 / 20, 5 / 20) * 100)


@pytest.fixture(scope="module")
def city() -> Inputs:
    """Two hundred teachers, one of them with a veto."""
    finding = FindingInput("1", "T0000150", "C11", "grave", "SUBSTANTIATED", 0, True, False, True)
    return replace(counted_city(200), findings=[finding])


def test_every_rated_teacher_has_a_band_and_a_set_around_the_place(city: Inputs) -> None:
    rows = {row.teacher: row for row in outcome_of(measure(city)).rows}
    found = judged(city)
    assert [row.teacher for row in found.places] == sorted(rows)
    for row in found.places:
        place = rows[row.teacher].place
        assert place is not None
        assert 1 <= row.band_low <= place <= row.band_high <= 200
        assert 1 <= row.set_low <= place <= row.set_high <= 200
        assert row.error > 0


def test_the_listed_are_judged(city: Inputs) -> None:
    found = judged(city)
    assert len(found.lowest) == 10
    veto, *others = found.lowest
    assert veto == Low("T0000150", 1, 1, 1000, 1000, 243, 2000)
    assert not veto.is_weight_sensitive
    assert [row.listed for row in found.lowest] == [1] * 5 + [0] * 5
    assert all((row.separable is None) == (not row.listed) for row in found.lowest)
    assert found.lowest[4].separable == 0
    assert 900 < sum(row.chance for row in others) < 4_100


def test_the_figures(city: Inputs) -> None:
    found = judged(city).figures
    measured = measure(city)
    error = standard_errors(measured)
    base = [(value + 50) // 100 for value in measured.base.tolist()]
    exact = 1 - statistics.mean(int(e) ** 2 for e in error) / statistics.pvariance(base)
    assert (found.rated, found.measured, found.reweighted, found.listed) == (200, 200, 0, 5)
    assert found.reliability == pytest.approx(1000 * exact, abs=0.51)
    assert 100 <= found.truly_worst <= 210  # two of 200 are the worst hundredth, more where scores are equal
    assert found.same_school_unfounded <= found.same_school <= 5
    assert found.ever >= 5


def test_medians_are_of_those_with_a_known_error() -> None:
    inputs, given = counted_city(40), given_city([70 + place % 20 for place in range(60)])
    apart = [row._replace(teacher=f"G{row.teacher}") for row in given.postings]
    both = replace(
        inputs,
        scheme=replace(DEFAULT, min_valid_weight=1),
        persons=[*inputs.persons, *(PersonInput(row.teacher) for row in apart)],
        postings=[*inputs.postings, *apart],
        given=[*inputs.given, *(row._replace(teacher=f"G{row.teacher}") for row in given.given)],
    )
    figures = judged(both).figures
    assert (figures.rated, figures.measured) == (100, 40)
    assert figures.error > 0
    assert figures.width > 1


def test_a_list_of_one_school_is_counted_without_those_with_findings() -> None:
    inputs = given_city([60 + place for place in range(40)])
    finding = FindingInput("1", "T000", "C15", "ordinary", "SUBSTANTIATED", 10_000, False, False, True)
    figures = judged(replace(inputs, findings=[finding])).figures
    assert (figures.same_school, figures.same_school_unfounded) == (5, 4)


def test_where_nothing_was_counted_places_are_what_they_are() -> None:
    """Given scores alone have no known error: each band is the own place, equals share it; the figures say so."""
    found = judged(given_city([90, 80, 80, *range(40, 78)]))
    assert [row[1:] for row in found.places[:3]] == [(0, 1, 1, 1, 1), (0, 2, 2, 2, 3), (0, 2, 2, 2, 3)]
    assert found.figures.measured == 0
    assert found.figures.reliability == 1000
    assert all(row.separable == 1 for row in found.lowest if row.listed)


def test_one_score_for_all_has_no_reliability_and_no_list() -> None:
    found = judged(given_city([80] * 40))
    assert found.figures.reliability is None
    assert {row[1:] for row in found.places} == {(0, 1, 1, 1, 40)}
    assert (found.figures.listed, found.figures.same_school) == (0, 0)


@pytest.mark.parametrize("scores", [[], [80], [80, 70, 60]])
def test_too_few_for_a_list(scores: list[int]) -> None:
    found = judged(given_city(scores))
    assert len(found.places) == len(scores)
    assert (found.lowest, found.variants) == ((), ())


def test_the_file_is_the_same_for_any_order_of_rows_and_has_whole_numbers_only(city: Inputs) -> None:
    content = certainty_bytes(judged(city))
    chance = random.Random(4)
    shuffled: dict[str, Any] = {
        name: chance.sample(list(getattr(city, name)), len(getattr(city, name)))
        for name in ("persons", "postings", "given", "tallies")
    }
    assert certainty_bytes(judged(replace(city, **shuffled))) == content
    lines = [json.loads(line, parse_float=pytest.fail) for line in content.decode().splitlines()]
    kinds = [line["kind"] for line in lines]
    assert kinds == sorted(kinds, key=["figures", "place", "low", "variant"].index)
    assert kinds.count("place") == 200
    kept = json.loads(certainty_json(judged(city)))
    assert kept["figures"].items() <= lines[0].items()
    assert certainty_bytes(judged(city, sha="0" * 64)) != content


def test_the_seed_is_the_beginning_of_the_hash() -> None:
    assert seed_of(SHA) == 0x9F86D081


@pytest.mark.parametrize(
    ("grid", "draws", "sensitive"),
    [(195, 1600, False), (194, 2000, True), (243, 1599, True), (243, 2000, False), (0, 0, True)],
)
def test_below_eighty_of_a_hundred_weightings_a_place_hangs_on_the_weights(
    grid: int, draws: int, sensitive: bool
) -> None:
    assert Low("T", 1, 1, 0, 0, grid, draws).is_weight_sensitive is sensitive
