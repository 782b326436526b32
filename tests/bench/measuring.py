"""Timing two ways side by side, and saying how they compare."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """Ours beside the floor: medians in seconds, and their ratio."""

    name: str
    ours: float
    floor: float
    floor_name: str

    def __str__(self) -> str:
        ratio = self.ours / self.floor
        return f"{self.name:44} {self.ours:8.3f} s   {ratio:6.2f} x {self.floor_name} ({self.floor:.3f} s)"


def timed(action: Callable[[], object]) -> float:
    """The time an action takes, in seconds."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def median_of(action: Callable[[], object], rounds: int = 3) -> float:
    """The median time of an action over some rounds, in seconds."""
    return statistics.median(timed(action) for _ in range(rounds))


def compare(
    name: str,
    ours: Callable[[], object],
    floor: Callable[[], object],
    floor_name: str,
    *,
    rounds: int = 3,
) -> Measured:
    """Measure both in this run, the floor first."""
    bare = median_of(floor, rounds)
    return Measured(name, median_of(ours, rounds), bare, floor_name)


def in_turn(
    name: str,
    ours: Callable[[], object],
    floor: Callable[[], object],
    floor_name: str,
    *,
    rounds: int = 3,
) -> Measured:
    """Measure both in this run, a round of each in turn: what else the machine does falls on both alike."""
    times = [(timed(floor), timed(ours)) for _ in range(rounds)]
    bare, own = (statistics.median(column) for column in zip(*times, strict=True))
    return Measured(name, own, bare, floor_name)
