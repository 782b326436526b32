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


def median_of(action: Callable[[], object], rounds: int = 3) -> float:
    """The median time of an action over some rounds, in seconds."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


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
