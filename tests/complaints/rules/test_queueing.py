"""The day a queue goes by, for every status and clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pytest

from ethics_eval.complaints.rules.machine import ENDED, CaseStatus
from ethics_eval.complaints.rules.queueing import ENDED_ON, NO_CLOCK_ON, queue_day, running_day


@dataclass(frozen=True)
class Clocks:
    """The clocks of a case, each on a day of its own."""

    status: str
    register_due_on: date = date(2026, 3, 1)
    accept_due_on: date = date(2026, 3, 2)
    reply_due_on: date | None = date(2026, 3, 3)
    review_due_on: date | None = date(2026, 3, 4)
    urgent_due_at: datetime | None = None
    urgent_in_time: bool | None = None
    disputed_on: date | None = None
    dispute_due_on: date | None = None
    dispute_answered_on: date | None = None


@pytest.mark.parametrize("status", CaseStatus)
def test_the_running_clock_of_each_status(status: CaseStatus) -> None:
    wanted: dict[CaseStatus, date | None] = {
        CaseStatus.SUBMITTED: date(2026, 3, 1),
        CaseStatus.REGISTERED: date(2026, 3, 2),
        CaseStatus.REVIEW: date(2026, 3, 4),
        CaseStatus.FINAL_REVIEW: date(2026, 3, 4),
        CaseStatus.SUSPENDED: None,
        **dict.fromkeys(ENDED),
    }
    case = Clocks(status)
    assert running_day(case) == wanted.get(status, date(2026, 3, 3))
    if running_day(case) is None:
        assert queue_day(case) == (ENDED_ON if status in ENDED else NO_CLOCK_ON)


def test_an_urgent_case_and_a_dispute_come_first_while_they_run() -> None:
    urgent = Clocks("accepted", urgent_due_at=datetime(2026, 2, 1, 18, tzinfo=UTC))
    assert running_day(urgent) == date(2026, 2, 2), "the city's day"
    assert running_day(replace(urgent, urgent_in_time=True)) == date(2026, 3, 3)
    assert running_day(replace(urgent, status="closed")) is None
    assert running_day(replace(urgent, status="suspended")) is None
    disputed = Clocks("closed", disputed_on=date(2026, 3, 9), dispute_due_on=date(2026, 3, 20))
    assert queue_day(disputed) == date(2026, 3, 20)
    assert queue_day(replace(disputed, dispute_answered_on=date(2026, 3, 10))) == ENDED_ON
