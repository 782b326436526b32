"""评议: when codes of a semester can be used, when schools are reminded, how many ballots are still needed.

Source: domain.md §2.3 (six weeks before, for two weeks), §7.3 (rating window); ranking.md R4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from ethics_eval.evaluation.rules.disclosure import LEAST
from ethics_eval.evaluation.rules.scheme import ComponentRule
from ethics_eval.roster.rules.calendar import CITY_TIME, local_day
from ethics_eval.text import N_, RuleViolation

OPENS_BEFORE = timedelta(weeks=6)
CLOSES_BEFORE = timedelta(weeks=4)
OPENING_TIME = time(8)
CLOSING_TIME = time(20)
SHORTEST = timedelta(hours=1)
LAST_DAYS = timedelta(days=3)
OPEN = "open"
_CHANGEABLE = frozenset({"planned", OPEN})


@dataclass(frozen=True)
class Window:
    """From the first instant up to, and without, the last."""

    opens_at: datetime
    closes_at: datetime

    def holds(self, at: datetime) -> bool:
        """Whether an instant lies inside."""
        return self.opens_at <= at < self.closes_at


@dataclass(frozen=True)
class Frame:
    """What a window must fit into: the semester's days and its planned freeze."""

    starts_on: date
    ends_on: date
    freeze_at: datetime


def _city(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, CITY_TIME)


def default_window(frame: Frame, at: datetime) -> Window | None:
    """Six to four weeks before the freeze, from 8 to 20 o'clock; None: too late for any window.

    Begun late, it is open from ``at`` for as long (two weeks), but never past the freeze.
    """
    opens_at = max(
        _city(local_day(frame.freeze_at - OPENS_BEFORE), OPENING_TIME), _city(frame.starts_on, time(0)), at
    )
    closes_at = max(
        _city(local_day(frame.freeze_at - CLOSES_BEFORE), CLOSING_TIME),
        opens_at + (OPENS_BEFORE - CLOSES_BEFORE),
    )
    closes_at = min(closes_at, frame.freeze_at, _city(frame.ends_on + timedelta(days=1), time(0)))
    return Window(opens_at, closes_at) if closes_at - opens_at >= SHORTEST else None


def check_changeable(status: str, before: Window | None, *, is_closed: bool, at: datetime) -> None:
    """Raises: RuleViolation ``round.frozen``: the semester is past its freeze; ``round.over``: the window is."""
    if status not in _CHANGEABLE:
        raise RuleViolation("round.frozen", N_("数据已经冻结，评议时间不能再改。"))
    if is_closed or (before is not None and before.closes_at <= at):
        raise RuleViolation("round.over", N_("评议已经结束，时间不能再改。"))


def check_window(window: Window, before: Window | None, frame: Frame, at: datetime) -> None:
    """Whether a window makes sense at an instant; what has begun keeps its beginning.

    Raises: RuleViolation at ``opens_at`` or ``closes_at``: begun before, past, too short, outside the semester,
    past the freeze.
    """
    has_begun = before is not None and before.opens_at <= at
    if has_begun and before is not None and window.opens_at != before.opens_at:
        raise RuleViolation("round.begun", N_("评议已经开始，开始时间不能再改。"), field="opens_at")
    if not has_begun and window.opens_at < at:
        raise RuleViolation("round.past", N_("开始时间不能早于现在。"), field="opens_at")
    if local_day(window.opens_at) < frame.starts_on:
        raise RuleViolation(
            "round.semester",
            N_("评议要在学期之内：不早于 %(day)s。"),
            field="opens_at",
            day=frame.starts_on.isoformat(),
        )
    if window.closes_at <= at:
        raise RuleViolation("round.past", N_("结束时间要晚于现在。"), field="closes_at")
    if window.closes_at - window.opens_at < SHORTEST:
        raise RuleViolation("round.short", N_("结束时间至少要比开始时间晚一小时。"), field="closes_at")
    if local_day(window.closes_at) > frame.ends_on:
        raise RuleViolation(
            "round.semester_end",
            N_("评议要在学期之内：不晚于 %(day)s。"),
            field="closes_at",
            day=frame.ends_on.isoformat(),
        )
    if window.closes_at > frame.freeze_at:
        raise RuleViolation(
            "round.freeze",
            N_("评议要在冻结（%(at)s）之前结束。"),
            field="closes_at",
            at=f"{frame.freeze_at.astimezone(CITY_TIME):%Y-%m-%d %H:%M}",
        )


# --- reminders ----------------------------------------------------------------------------------------------


class Urge(StrEnum):
    """Why schools are told that ballots are missing."""

    HALF = "half"
    LAST = "last"
    BUREAU = "bureau"


URGE_LABELS: Mapping[Urge, str] = {
    Urge.HALF: N_("评议时间过半，还有评议组没有达到最低票数"),
    Urge.LAST: N_("评议快要结束，还有评议组没有达到最低票数"),
    Urge.BUREAU: N_("市教育局提醒：还有评议组没有达到最低票数"),
}


def urge_due(window: Window, at: datetime) -> Urge | None:
    """The reminder that has come last: at half of the window, and three days before its end.

    Outside the window none; in one of less than six days the last days begin before the half and say it all.
    """
    if not window.holds(at):
        return None
    half = window.opens_at + (window.closes_at - window.opens_at) / 2
    if at >= window.closes_at - LAST_DAYS:
        return Urge.LAST
    return Urge.HALF if at >= half else None


# --- how many ballots a group needs -------------------------------------------------------------------------


def needed_ballots(seats: int, rule: ComponentRule) -> int:
    """How many ballots make a component valid with these raters alone (R4); more than ``seats``: never.

    >>> needed_ballots(45, ComponentRule(2000, 10, 10, 70, 20, 16))
    20
    """
    by_turnout = -(-seats * rule.min_turnout_percent // 100)
    return max(rule.min_raters, min(by_turnout, rule.enough_raters), 1)


class Standing(StrEnum):
    """Where a group stands against the minimum."""

    REACHED = "reached"
    SHORT = "short"
    TOO_FEW = "too_few"  # even with all of them the group alone cannot reach it
    HIDDEN = "hidden"  # so few raters that a count would tell who they are


STANDING_LABELS: Mapping[Standing, str] = {
    Standing.REACHED: N_("已达到最低票数"),
    Standing.SHORT: N_("未达到最低票数"),
    Standing.TOO_FEW: N_("人数少于最低票数"),
    Standing.HIDDEN: N_("少于5人，不显示进度"),
}


def standing(seats: int, returned: int, needed: int) -> Standing:
    """Where a group stands. Args: needed: as :func:`needed_ballots` gives it, or more."""
    if seats < LEAST:
        return Standing.HIDDEN
    if needed > seats:
        return Standing.TOO_FEW
    return Standing.REACHED if returned >= needed else Standing.SHORT
