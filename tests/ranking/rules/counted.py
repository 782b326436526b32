"""A city whose peers, pupils and parents voted, made by chance of a fixed seed."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

import numpy as np

from ethics_eval.evaluation.rules.scheme import Scheme, parse_scheme
from ethics_eval.ranking.rules.inputs import GivenScore, Inputs, PersonInput, PostingInput, TallyInput

DEFAULT = parse_scheme(files("ethics_eval.evaluation").joinpath("default_scheme.json").read_text("utf-8"))
BALLOTS = (("peer", "E1", 20), ("pupil", "S1", 40), ("parent", "P1", 35))
PER_SCHOOL = 40


def counted_city(count: int, seed: int = 1, scheme: Scheme = DEFAULT) -> Inputs:
    """So many teachers, some 40 a school, in two stages; self and school parts given, the others counted."""
    chance = np.random.default_rng(seed)
    worth = chance.normal(0, 1, count)
    posts = [
        PostingInput(
            f"T{place:07}", f"2143{place // PER_SCHOOL:06}", "PRI" if place < count // 2 else "JUN", 20
        )
        for place in range(count)
    ]
    noise = chance.normal(0, 30_000, (2, count))
    given = [
        GivenScore(post.teacher, post.school, part, int(np.clip(880_000 + 40_000 * own + more, 0, 1_000_000)))
        for part, row in zip(("self", "school"), noise, strict=True)
        for post, own, more in zip(posts, worth, row, strict=True)
    ]
    tallies = []
    steps = np.array([0.5, 2, 3.5, 5])
    for part, item, usual in BALLOTS:
        many = chance.integers(max(5, usual // 2), usual * 2, count)
        up_to = 1 / (1 + np.exp(-(steps + 0.7 * worth[:, None])))
        shares = np.diff(up_to, axis=1, prepend=0, append=1)
        counts = chance.multinomial(many, shares)
        tallies += [
            TallyInput(post.teacher, post.school, part, item, tuple(row.tolist()), int(n))
            for post, row, n in zip(posts, counts, many, strict=True)
        ]
    return Inputs(scheme, [PersonInput(post.teacher) for post in posts], posts, given, tallies)


def given_city(scores: list[int], scheme: Scheme = DEFAULT) -> Inputs:
    """Teachers with the school's part alone, in whole points: nothing is counted, so nothing has a known error."""
    posts = [PostingInput(f"T{place:03}", "2143000001", "PRI", 20) for place in range(len(scores))]
    given = [
        GivenScore(post.teacher, post.school, "school", points * 10_000)
        for post, points in zip(posts, scores, strict=True)
    ]
    return Inputs(
        replace(scheme, min_valid_weight=1), [PersonInput(post.teacher) for post in posts], posts, given
    )
