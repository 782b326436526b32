"""How long a notice is read by those it was sent to (domain.md §7.4.10); the bureau keeps it for ever."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date

MONTHS = 6


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last of a shorter month.

    >>> months_later(date(2025, 8, 31), 6)
    datetime.date(2026, 2, 28)
    """
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def take_down_on(issued_on: date, measures_end_on: Iterable[date]) -> date:
    """From which day on it is no longer read: six months on, or when the longest measure still running ends, if sooner.

    A measure that ended before the notice went out, or has no term, ends nothing.
    """
    running = [day for day in measures_end_on if day > issued_on]
    return min([months_later(issued_on, MONTHS), *([max(running)] if running else [])])
