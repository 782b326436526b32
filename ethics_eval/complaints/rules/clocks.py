"""The clocks of a case, and the teacher's.

Source: 信访工作条例 arts. 22, 23 (15 days), 34 (60 days of acceptance); domain.md §1.5 (30 days for 复核),
§3.3 (register within 1 working day), §7.2 (5 working days for defence and for "not mine").
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from ethics_eval.roster.rules.calendar import Calendar

REGISTER_WORKING_DAYS = 1
ACCEPT_DAYS = 15
REPLY_DAYS = 60
DEFENCE_WORKING_DAYS = 5
OBJECTION_WORKING_DAYS = 5
RECONSIDERATION_DAYS = 30
NEAR_DAYS = 3


def _open_ended(calendar: Calendar) -> Calendar:
    # Past the last year whose holidays are known only weekends are off: a day too early at worst,
    # and no complaint is refused for want of a list of holidays.
    return replace(calendar, covered_until=date.max)


def register_due(received_on: date, calendar: Calendar) -> date:
    """The working day by which a complaint is registered."""
    return _open_ended(calendar).due_in_working_days(received_on, REGISTER_WORKING_DAYS)


def accept_due(received_on: date, calendar: Calendar) -> date:
    """The day by which it is accepted or declined."""
    return _open_ended(calendar).due_in_days(received_on, ACCEPT_DAYS)


def reply_due(accepted_on: date, calendar: Calendar) -> date:
    """The day by which the complainant has the reply."""
    return _open_ended(calendar).due_in_days(accepted_on, REPLY_DAYS)


def defence_ends(notified_on: date, calendar: Calendar) -> date:
    """The last day of the teacher's time to state and defend."""
    return _open_ended(calendar).due_in_working_days(notified_on, DEFENCE_WORKING_DAYS)


def window_ends(decided_on: date, calendar: Calendar) -> date:
    """The last day on which the teacher can ask for reconsideration (复核)."""
    return _open_ended(calendar).due_in_days(decided_on, RECONSIDERATION_DAYS)


def objection_ends(assigned_on: date, calendar: Calendar) -> date:
    """The last day on which the assignee can say "not mine" (信访工作条例 art. 23)."""
    return _open_ended(calendar).due_in_working_days(assigned_on, OBJECTION_WORKING_DAYS)


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
