"""The figures of the monthly work report (调度通报): what may be shown, what must stand out.

Small numbers are hidden, so that nobody is found by counting; schools are never put in order by how few complaints
they have; what is too quiet and what is closed too quickly is flagged for a person to look at.
Source: anchors.md N11 and "small-number suppression"; 个人信息保护法 art. 6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from ethics_eval.text import N_

LEAST = 5
SILENT_DAYS = 365
SILENT_TEACHERS = 30
QUICK_DAYS = 1
FLAG_FROM = 3
NONE_FOUND_FROM = 5

# name of a total → its words, in the order of page and sheet
TOTAL_LABELS: Mapping[str, str] = {
    "received": N_("收到"),
    "accepted": N_("已受理"),
    "declined": N_("不予受理和转送"),
    "replied": N_("答复"),
    "late": N_("逾期办理"),
    "overdue": N_("月末仍逾期"),
    "decided": N_("已认定"),
    "substantiated": N_("属实和部分属实"),
    "urgent": N_("紧急"),
    "disputed": N_("投诉人提出异议"),
}
SEVERAL_STAGES = "SEVERAL"

Key = TypeVar("Key", bound=str)


def shown(counts: Mapping[Key, int]) -> dict[Key, int | None]:
    """The counts of one table as they may be shown beside their sum; None: hidden, between 1 and 4.

    As long as what is hidden adds up to less than five, the next smallest is hidden too: otherwise the sum would tell.
    """
    hidden = {key for key, count in counts.items() if 0 < count < LEAST}
    while hidden and sum(counts[key] for key in hidden) < LEAST:
        rest = [(count, key) for key, count in counts.items() if count and key not in hidden]
        if not rest:
            break
        hidden.add(min(rest)[1])
    return {key: None if key in hidden else count for key, count in counts.items()}


def shown_sum(count: int) -> int | None:
    """A sum as it may be shown; None: hidden, between 1 and 4."""
    return None if 0 < count < LEAST else count


def median_tenths(days: Sequence[int]) -> int | None:
    """The median of whole days in tenths of a day, half up; None: fewer than five, which would tell of single cases."""
    if len(days) < LEAST:
        return None
    ordered = sorted(days)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle] * 10
    return (ordered[middle - 1] + ordered[middle]) * 5


def month_on(year: int, month: int, by: int) -> tuple[int, int]:
    """The month so many months later (earlier when negative)."""
    place = year * 12 + month - 1 + by
    return place // 12, place % 12 + 1


class Flag(StrEnum):
    """What a person should look at. None of them is a reproach."""

    SILENT = "silent"
    UNSEEN = "unseen"
    QUICK = "quick"
    NONE_FOUND = "none_found"


FLAG_LABELS: Mapping[Flag, str] = {
    Flag.SILENT: N_("一年没有来信，请核实海报是否张贴、家长是否知道"),
    Flag.UNSEEN: N_("九十天没有人打开信箱，请核实二维码能否使用"),
    Flag.QUICK: N_("多件受理当天或次日就提出结论，请抽查是否走过场"),
    Flag.NONE_FOUND: N_("多件没有一件查实，请抽查办理质量"),
}


def flags(
    *,
    received_in_year: int,
    teachers: int,
    opened_in_90_days: int,
    quick: int,
    decided: int,
    substantiated: int,
) -> list[Flag]:
    """What stands out at a school. Counts of cases; ``quick``: proposed within a day of acceptance."""
    found = []
    if received_in_year == 0 and teachers >= SILENT_TEACHERS:
        found.append(Flag.SILENT)
        if opened_in_90_days == 0:
            found.append(Flag.UNSEEN)
    if quick >= FLAG_FROM:
        found.append(Flag.QUICK)
    if decided >= NONE_FOUND_FROM and substantiated == 0:
        found.append(Flag.NONE_FOUND)
    return found
