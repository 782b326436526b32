"""Chance by a seed: the same seed gives the same city, whatever else is drawn elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random


def stream(seed: int, purpose: str) -> Random:
    """A source of its own for each purpose, so that one part of the city may change without the others."""
    return Random(f"{seed}/{purpose}")  # noqa: S311 - a city of invented people, nothing secret


def apportion(total: int, weights: Sequence[int], least: int = 0) -> list[int]:
    """``total`` parted by weight into whole numbers, none below ``least``; the largest remainders round up.

    Raises: ValueError: ``total`` is too small for ``least`` everywhere.
    """
    left = total - least * len(weights)
    if left < 0:
        raise ValueError("too little to share out")
    whole = sum(weights)
    found = [least + left * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: -(left * weights[place] % whole))
    for place in by_remainder[: total - sum(found)]:
        found[place] += 1
    return found
