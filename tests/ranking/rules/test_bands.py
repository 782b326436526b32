"""Bands of places and chances: they cover what they say, and are sensible where there is no error or only error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ethics_eval.ranking.rules.bands import DRAWS, Field, draw, spread_of

SEED = 0x9F86D081


def field(base: Any, error: Any, **changes: Any) -> Field:
    base, error = np.asarray(base, dtype=np.int64), np.asarray(error, dtype=np.int64)
    count = len(base)
    return Field(
        base=base,
        error=error,
        shift=np.asarray(changes.get("shift", np.zeros(count)), dtype=np.int64),
        cap=np.asarray(changes.get("cap", np.full(count, 10_000)), dtype=np.int64),
        score=np.asarray(changes.get("score", base), dtype=np.int64),
        stage=np.asarray(changes.get("stage", np.zeros(count)), dtype=np.int64),
        may_list=np.asarray(changes.get("may_list", np.ones(count)), dtype=np.bool_),
        after=np.asarray(changes.get("after", np.zeros(count)), dtype=np.int64),
    )


def places(true: Any) -> Any:
    return 1 + (true[None, :] > true[:, None]).sum(axis=1)


def test_nine_of_ten_bands_hold_the_true_place() -> None:
    chance, held = np.random.default_rng(5), []
    for _city in range(3):
        true = chance.normal(8_500, 300, 800)
        error = chance.integers(100, 300, 800)
        drawn = draw(field(np.rint(true + chance.normal(0, 1, 800) * error), error), 5, SEED)
        held.append(np.mean((drawn.low <= places(true)) & (places(true) <= drawn.high)))
    assert np.mean(held) == pytest.approx(0.9, abs=0.012)


def test_without_any_error_the_band_is_the_place_and_equals_share_it() -> None:
    drawn = draw(field([9_000, 8_000, 8_000, 7_000], [0, 0, 0, 0], after=[3, 1, 1, 0]), 2, SEED)
    assert drawn.low.tolist() == drawn.high.tolist() == [1, 2, 2, 4]
    # the two equal in every key stand on the cut together: fewer than two are worse than either
    assert drawn.among.tolist() == [0, DRAWS, DRAWS, DRAWS]
    assert drawn.worst.tolist() == [0, 0, 0, DRAWS]


def test_a_certain_score_moves_only_as_others_pass_it() -> None:
    drawn = draw(field([9_900, 8_000, 8_000, 1_000], [0, 200, 200, 0]), 1, SEED)
    assert (drawn.low[0], drawn.high[0], drawn.low[3], drawn.high[3]) == (1, 1, 4, 4)
    assert (drawn.low[1], drawn.high[1]) == (2, 3)


def test_where_errors_explain_all_every_order_is_as_likely() -> None:
    chance = np.random.default_rng(7)
    drawn = draw(field(8_000 + np.rint(chance.normal(0, 100, 200)), np.full(200, 150)), 5, SEED)
    assert np.median(drawn.high - drawn.low) > 150


def test_findings_and_caps_are_certain() -> None:
    """Who is capped far below where the base could fall stays there, whatever is drawn."""
    base, error = [8_000] * 40, [100] * 40
    cap, score, shift = [10_000] * 40, [8_000] * 40, [0] * 40
    cap[0], score[0] = 5_999, 5_999
    shift[1], score[1] = -1_500, 6_500
    drawn = draw(field(base, error, cap=cap, score=score, shift=shift), 5, SEED)
    assert (drawn.low[0], drawn.high[0]) == (40, 40)
    assert (drawn.low[1], drawn.high[1]) == (39, 39)
    assert drawn.among[:2].tolist() == [DRAWS, DRAWS]


def test_who_cannot_be_listed_leaves_the_place_to_nobody() -> None:
    may_list = np.ones(40)
    may_list[0] = 0
    drawn = draw(
        field([5_000] + [8_000 + 10 * place for place in range(39)], [50] * 40, may_list=may_list), 5, SEED
    )
    assert drawn.among[0] == 0
    assert drawn.among.sum() == pytest.approx(
        5 * DRAWS, rel=0.02
    )  # equals on the cut are all among the lowest


def test_equal_scores_are_told_apart_by_the_further_keys() -> None:
    score = [8_000] * 30
    drawn = draw(field(score, [0] * 30, after=list(range(30))), 5, SEED)
    assert drawn.among.tolist() == [DRAWS] * 5 + [0] * 25


def test_few_that_can_be_listed_are_all_among_the_lowest() -> None:
    drawn = draw(field([8_000] * 3, [10] * 3, may_list=[1, 1, 0]), 5, SEED)
    assert drawn.among.tolist() == [DRAWS, DRAWS, 0]


def test_the_same_seed_is_the_same_and_another_another() -> None:
    chance = np.random.default_rng(2)
    sample = field(chance.integers(7_000, 9_500, 300), chance.integers(50, 200, 300))
    first, again, other = draw(sample, 5, SEED), draw(sample, 5, SEED), draw(sample, 5, SEED + 1)
    for name in ("low", "high", "among", "worst"):
        assert (getattr(first, name) == getattr(again, name)).all()
    assert (first.among != other.among).any()


def test_stages_have_a_mean_of_their_own_from_thirty_on() -> None:
    base = np.array([8_000] * 30 + [9_000] * 30 + [5_000] * 2, dtype=np.int64)
    stage = np.array([0] * 30 + [1] * 30 + [2] * 2, dtype=np.int64)
    means, between = spread_of(base, np.full(62, 50, dtype=np.int64), stage)
    assert (means[0], means[30]) == (8_000, 9_000)
    assert means[60] == pytest.approx(base.mean())
    assert between > 0
