"""Whether a ranking is sure enough to go out: each figure of R13 with what is good enough, in the order to be read.

Source: ranking-background.md §3.15: reliability 0.8 to rank at all, 0.9 before scores weigh in any naming; at most two
of the list from one school unless findings. Nothing here stops a step: a person reads it and decides.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from ethics_eval.ranking.rules.certainty import Figures

RANK_FROM, NAME_FROM = 800, 900  # reliability, per mille
KNOWN_FROM = 500  # per mille of the rated whose error is known, before the reliability says anything
REWEIGHTED_UP_TO = 100  # per mille of the rated
ONE_SCHOOL_UP_TO = 2


class State(StrEnum):
    """How good a figure is."""

    GOOD = "good"
    CARE = "care"
    BAD = "bad"
    UNKNOWN = "unknown"


class Verdict(NamedTuple):
    """A figure by its code, and how good it is."""

    code: str
    state: State


def verdicts(figures: Figures) -> tuple[Verdict, ...]:
    """What to look at before publishing: reliability, known errors, filled parts, one school, the list itself."""
    known = figures.measured * 1000 >= KNOWN_FROM * figures.rated and figures.rated > 0
    filled = figures.reweighted * 1000 <= REWEIGHTED_UP_TO * figures.rated
    found = [
        Verdict("reliability", _reliability(figures, known=known)),
        Verdict("measured", State.GOOD if known else State.CARE),
        Verdict("reweighted", State.GOOD if filled else State.CARE),
    ]
    if figures.listed:
        is_spread = figures.same_school_unfounded <= ONE_SCHOOL_UP_TO
        is_likely = figures.truly_worst * 2 >= figures.listed * 100
        found += [
            Verdict("same_school", State.GOOD if is_spread else State.CARE),
            Verdict("truly_worst", State.GOOD if is_likely else State.CARE),
        ]
    return tuple(found)


def _reliability(figures: Figures, *, known: bool) -> State:
    if figures.reliability is None:
        return State.BAD
    if not known:
        return State.UNKNOWN
    if figures.reliability < RANK_FROM:
        return State.BAD
    return State.GOOD if figures.reliability >= NAME_FROM else State.CARE
