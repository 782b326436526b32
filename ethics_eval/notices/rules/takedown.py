"""How long a notice is read by those it was sent to (domain.md §7.4.10); the bureau keeps it for ever."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ethics_eval.complaints.rules.finding import months_after

MONTHS = 6


def take_down_on(issued_on: date, measures_end_on: Iterable[date]) -> date:
    """From which day on it is no longer read: six months on, or when the longest measure still running ends, if sooner.

    A measure that ended before the notice went out, or has no term, ends nothing.
    """
    running = [day for day in measures_end_on if day > issued_on]
    return min([months_after(issued_on, MONTHS), *([max(running)] if running else [])])
