"""Where a case stands in the queues: by the day something is owed, then what owes nothing, then what has ended.

Source: domain.md §7.2 (the clocks), look.md (the most urgent first).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

from ethics_eval.complaints.rules.machine import ENDED, CaseStatus
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import N_

# Days after every due day: open with no clock running (suspended), and ended.
NO_CLOCK_ON = date(9999, 12, 30)
ENDED_ON = date(9999, 12, 31)
SOON_DAYS = 3

# The event of a new owner; it moves the case nowhere.
OWN = "own"
OWN_LABEL = N_("指定经办人")


class Clocked(Protocol):
    """The clocks of a case."""

    @property
    def status(self) -> str: ...  # noqa: D102 - as the columns of the case
    @property
    def register_due_on(self) -> date: ...  # noqa: D102
    @property
    def accept_due_on(self) -> date: ...  # noqa: D102
    @property
    def reply_due_on(self) -> date | None: ...  # noqa: D102
    @property
    def review_due_on(self) -> date | None: ...  # noqa: D102
    @property
    def urgent_due_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def urgent_in_time(self) -> bool | None: ...  # noqa: D102
    @property
    def disputed_on(self) -> date | None: ...  # noqa: D102
    @property
    def dispute_due_on(self) -> date | None: ...  # noqa: D102
    @property
    def dispute_answered_on(self) -> date | None: ...  # noqa: D102


def running_day(case: Clocked) -> date | None:
    """The day of the clock that runs now; None: nothing is owed.

    To register, to accept, to reply, to answer a review; a grave case's own clock and an open dispute when earlier.
    While a case is suspended none runs.
    """
    if case.status == CaseStatus.SUSPENDED:
        return None
    days = [_step_day(case)]
    if case.urgent_due_at is not None and case.urgent_in_time is None and case.status not in ENDED:
        days.append(local_day(case.urgent_due_at))
    if case.disputed_on is not None and case.dispute_answered_on is None:
        days.append(case.dispute_due_on)
    return min((day for day in days if day is not None), default=None)


def _step_day(case: Clocked) -> date | None:
    status = CaseStatus(case.status)
    if status in ENDED:
        return None
    if status is CaseStatus.SUBMITTED:
        return case.register_due_on
    if status is CaseStatus.REGISTERED:
        return case.accept_due_on
    if status in {CaseStatus.REVIEW, CaseStatus.FINAL_REVIEW}:
        return case.review_due_on
    return case.reply_due_on


def queue_day(case: Clocked) -> date:
    """The day a queue is ordered by: the running clock's; else :data:`NO_CLOCK_ON` while open, :data:`ENDED_ON`."""
    running = running_day(case)
    if running is not None:
        return running
    return ENDED_ON if CaseStatus(case.status) in ENDED else NO_CLOCK_ON
