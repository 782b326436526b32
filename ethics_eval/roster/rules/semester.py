"""Semesters: their codes and names, and how many of a semester's weeks a posting has.

Source: domain.md §6 (学期), §7.4.3 (transfers split a semester by weeks); ranking.md R6, R11.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from ethics_eval.text import N_, RuleViolation

SEMESTER_CODE = re.compile(r"(20\d\d)-(20\d\d)-([12])")
DAYS_OF_WEEK = 7
_ORDINALS = {"1": "一", "2": "二"}


def semester_name(code: str) -> str:
    """``2025-2026-1`` → ``2025—2026学年度第一学期``. Raises: RuleViolation ``semester.code``."""
    match = SEMESTER_CODE.fullmatch(code)
    if match is None or int(match[2]) != int(match[1]) + 1:
        raise RuleViolation("semester.code", N_("学期代码应写成 2025-2026-1。"))
    return f"{match[1]}—{match[2]}学年度第{_ORDINALS[match[3]]}学期"


def weeks_in_post(
    posting_starts_on: date,
    posting_ends_on: date | None,
    *,
    semester_starts_on: date,
    semester_ends_on: date,
    weeks: int,
) -> int:
    """The whole weeks, 0 … ``weeks``, that a posting has of a semester.

    The semester is cut into ``weeks`` blocks of seven days from its first day; what lies after them is no
    teaching week. A block belongs to the posting if it holds more than half of the block's days inside the
    semester. So a week of transfer goes to one school, never to both: seven days cannot tie. A last block cut
    to an even number of days can; halved exactly, it goes to neither.
    """
    first = max(posting_starts_on, semester_starts_on)
    last = semester_ends_on if posting_ends_on is None else min(posting_ends_on, semester_ends_on)
    found = 0
    for number in range(weeks):
        block_starts_on = semester_starts_on + timedelta(days=DAYS_OF_WEEK * number)
        block_ends_on = min(block_starts_on + timedelta(days=DAYS_OF_WEEK - 1), semester_ends_on)
        block_days = (block_ends_on - block_starts_on).days + 1
        held_days = (min(last, block_ends_on) - max(first, block_starts_on)).days + 1
        found += block_days > 0 and 2 * held_days > block_days
    return found
