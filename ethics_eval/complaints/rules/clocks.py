"""The clocks of a case, and the teacher's.

Source: 信访工作条例 arts. 22, 23 (15 days), 34 (60 days of acceptance, 30 more once), 35, 36 (30 days to ask for a
review, 30 to decide it); domain.md §1.5 (30 days for 复核), §3.3 (register within 1 working day), §7.2 (5 working days
for defence and for "not mine"; a clock stands still while a case is suspended).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from ethics_eval.roster.rules.calendar import Calendar

REGISTER_WORKING_DAYS = 1
ACCEPT_DAYS = 15
REPLY_DAYS = 60
DEFENCE_WORKING_DAYS = 5
OBJECTION_WORKING_DAYS = 5
RECONSIDERATION_DAYS = 30
EXTENSION_DAYS = 30
REVIEW_ASK_DAYS = 30
REVIEW_DAYS = 30
# Settings of the bureau, not law.
RETURN_DAYS = 30
DISPUTE_WORKING_DAYS = 10
URGENT_HOURS = 2
NEAR_DAYS = 3


@dataclass(frozen=True)
class Pause:
    """Days that do not count: from the day the case was suspended up to, not with, the day it went on."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """Calendar days that do not count."""
        return (self.end - self.start).days


def paused_days(pauses: Iterable[Pause]) -> int:
    """All calendar days that do not count."""
    return sum(pause.days for pause in pauses)


def register_due(received_on: date, calendar: Calendar) -> date:
    """The working day by which a complaint is registered."""
    return calendar.open_ended().due_in_working_days(received_on, REGISTER_WORKING_DAYS)


def accept_due(received_on: date, calendar: Calendar) -> date:
    """The day by which it is accepted or declined."""
    return calendar.open_ended().due_in_days(received_on, ACCEPT_DAYS)


def reply_due(
    accepted_on: date, calendar: Calendar, *, extended: bool = False, pauses: Sequence[Pause] = ()
) -> date:
    """The day by which the complainant has the reply; the 30 more days count from the end before it is rolled."""
    days = REPLY_DAYS + EXTENSION_DAYS * extended + paused_days(pauses)
    return calendar.open_ended().due_in_days(accepted_on, days)


def defence_ends(notified_on: date, calendar: Calendar, pauses: Sequence[Pause] = ()) -> date:
    """The last day of the teacher's time to state and defend."""
    return _working_end(notified_on, DEFENCE_WORKING_DAYS, calendar, pauses)


def window_ends(decided_on: date, calendar: Calendar) -> date:
    """The last day on which the teacher can ask for reconsideration (复核)."""
    return calendar.open_ended().due_in_days(decided_on, RECONSIDERATION_DAYS)


def objection_ends(assigned_on: date, calendar: Calendar, pauses: Sequence[Pause] = ()) -> date:
    """The last day on which the assignee can say "not mine" (信访工作条例 art. 23)."""
    return _working_end(assigned_on, OBJECTION_WORKING_DAYS, calendar, pauses)


def _working_end(start: date, count: int, calendar: Calendar, pauses: Sequence[Pause]) -> date:
    day, left = start, count
    while left:
        day += timedelta(days=1)
        still = any(pause.start <= day < pause.end for pause in pauses)
        left -= calendar.is_working_day(day) and not still
    return day


def return_due(assigned_on: date, reply_due_on: date | None, calendar: Calendar) -> date:
    """The day by which an assignee reports back unless another is set: 30 days, never after the reply is due."""
    day = calendar.open_ended().due_in_days(assigned_on, RETURN_DAYS)
    return day if reply_due_on is None else max(assigned_on, min(day, reply_due_on))


def moved(day: date, pause: Pause, calendar: Calendar) -> date:
    """A due day that waited while the case was suspended."""
    return calendar.open_ended().due_in_days(day, pause.days)


def review_ask_ends(told_on: date, calendar: Calendar) -> date:
    """The last day on which 复查 (of a reply) or 复核 (of its review) can be asked."""
    return calendar.open_ended().due_in_days(told_on, REVIEW_ASK_DAYS)


def review_due(asked_on: date, calendar: Calendar) -> date:
    """The day by which 复查 or 复核 is decided."""
    return calendar.open_ended().due_in_days(asked_on, REVIEW_DAYS)


def dispute_due(disputed_on: date, calendar: Calendar, *, working_days: int = DISPUTE_WORKING_DAYS) -> date:
    """The day by which the bureau answers a dispute (a setting of the bureau)."""
    return calendar.open_ended().due_in_working_days(disputed_on, working_days)


def urgent_due(received_at: datetime, *, hours: int = URGENT_HOURS) -> datetime:
    """The instant by which the bureau has taken up a case of grave harm (a setting of the bureau)."""
    return received_at + timedelta(hours=hours)


def verdict(earlier: bool | None, in_time: bool) -> bool:
    """The verdict of a clock that may run again after a reopening: lateness once found is never taken back."""
    return in_time and earlier is not False


class Lateness(StrEnum):
    """How a due day stands to today."""

    ON_TIME = "on_time"
    NEAR = "near"
    DUE_TODAY = "due_today"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class Due:
    """A due day beside today: ``days`` left, negative when overdue."""

    on: date
    days: int
    lateness: Lateness


def due(on: date, today: date) -> Due:
    """How the day stands: near from three days before (look.md: a word beside the colour)."""
    days = (on - today).days
    if days < 0:
        lateness = Lateness.OVERDUE
    elif days == 0:
        lateness = Lateness.DUE_TODAY
    else:
        lateness = Lateness.NEAR if days <= NEAR_DAYS else Lateness.ON_TIME
    return Due(on, days, lateness)
