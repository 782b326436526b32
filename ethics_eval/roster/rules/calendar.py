"""Counting days as the law does: the first day is not counted, a last day on a holiday moves on.

Source: 民法典 art. 201, 203 by analogy (domain.md, day counting); holidays and make-up days (调休) are data.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone

from ethics_eval.text import N_, RuleViolation

SATURDAY = 5
ALARM_DAYS = 60


class CalendarExhausted(RuleViolation):
    """A deadline would lie beyond the last year whose holidays are known."""

    def __init__(self, known_until: date, wanted: date) -> None:
        super().__init__(
            "calendar.exhausted",
            N_("工作日历只到%(known)s，算不出%(wanted)s前后的期限。请先录入下一年度的放假安排。"),
            known=known_until,
            wanted=wanted,
        )


@dataclass(frozen=True)
class Calendar:
    """Public holidays and make-up working days; ``covered_until`` is the last day they are known for.

    ``weekend_rolls``: whether a last day on an ordinary weekend moves on too (a setting; default yes).
    """

    holidays: Set[date] = field(default_factory=frozenset)
    workdays: Set[date] = field(default_factory=frozenset)
    covered_until: date = date.max
    weekend_rolls: bool = True

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday but for holidays, and the make-up days."""
        if day in self.workdays:
            return True
        return day.weekday() < SATURDAY and day not in self.holidays

    def open_ended(self) -> Calendar:
        """The same, with weekends alone as days off past the last known day: no right is lost for want of a list."""
        return replace(self, covered_until=date.max)

    def _check(self, day: date) -> date:
        if day > self.covered_until:
            raise CalendarExhausted(self.covered_until, day)
        return day

    def roll(self, day: date) -> date:
        """The day itself, or the next day after the holiday it falls on."""
        while day in self.holidays or (self.weekend_rolls and not self.is_working_day(day)):
            day += timedelta(days=1)
        return self._check(day)

    def due_in_days(self, start: date, days: int) -> date:
        """The last day of a period of ``days`` calendar days (日) after ``start``, rolled."""
        return self.roll(start + timedelta(days=days))

    def due_in_working_days(self, start: date, days: int) -> date:
        """The ``days``-th working day (工作日) after ``start``."""
        day = start
        left = days
        while left:
            day += timedelta(days=1)
            left -= self.is_working_day(day)
        return self._check(day)


def ends_soon(covered_until: date, today: date) -> bool:
    """Whether the days the calendar knows run out within 60 days, or have: deadlines soon reach beyond them."""
    return (covered_until - today).days <= ALARM_DAYS


CITY_TIME = timezone(timedelta(hours=8), "Asia/Shanghai")  # no summer time since 1991


def local_day(at: datetime) -> date:
    """The calendar day in the city of an aware instant."""
    return at.astimezone(CITY_TIME).date()
