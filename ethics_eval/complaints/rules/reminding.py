"""When somebody is warned, reminded or told above, and who that is.

Source: domain.md §7.2 (timers: warn at 80 % and at 3 days left, due, 催办 the next day, then 督办); 信访工作条例
arts. 36, 42 (supervision of what is late), 28, 30 (nothing to those complained about).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from ethics_eval.accounts.rules import Role
from ethics_eval.complaints.rules.clocks import NEAR_DAYS
from ethics_eval.complaints.rules.machine import Desk
from ethics_eval.text import N_


class Clock(StrEnum):
    """What is owed by a day: the due days of a case (domain.md §7.2), the minutes of an urgent one, and the answer to a
    teacher's 复核 or 申诉 (§1.5).
    """

    REGISTER = "register"
    ACCEPT = "accept"
    REPLY = "reply"
    RETURN = "return"
    REVIEW = "review"
    DISPUTE = "dispute"
    URGENT = "urgent"
    REMEDY = "remedy"


CLOCK_LABELS: Mapping[Clock, str] = {
    Clock.REGISTER: N_("登记"),
    Clock.ACCEPT: N_("决定是否受理"),
    Clock.REPLY: N_("答复投诉人"),
    Clock.RETURN: N_("交办事项回报"),
    Clock.REVIEW: N_("办理复查或复核"),
    Clock.DISPUTE: N_("答复异议"),
    Clock.URGENT: N_("紧急情况处置"),
    Clock.REMEDY: N_("办理教师的复核或申诉"),
}


class Level(StrEnum):
    """How loudly one is reminded. Warnings come before the due day, the others from it on."""

    WARN = "warn"
    NEAR = "near"
    DUE = "due"
    OFFICER = "officer"
    HEAD = "head"
    DISTRICT = "district"
    CITY = "city"


LEVEL_LABELS: Mapping[Level, str] = {
    Level.WARN: N_("已过八成期限"),
    Level.NEAR: N_("还剩3天"),
    Level.DUE: N_("今天到期"),
    Level.OFFICER: N_("催办经办人"),
    Level.HEAD: N_("催办负责人"),
    Level.DISTRICT: N_("报区县教育局"),
    Level.CITY: N_("报市教育局"),
}

# What the notice of a level says.
LEVEL_WORDS: Mapping[Level, str] = {
    Level.WARN: N_("一件案件的期限已过八成"),
    Level.NEAR: N_("一件案件还剩3天到期"),
    Level.DUE: N_("一件案件今天到期"),
    Level.OFFICER: N_("一件案件已经逾期，请抓紧办理"),
    Level.HEAD: N_("一件案件逾期未办，请督促经办人"),
    Level.DISTRICT: N_("一件案件逾期未办，请区县督办"),
    Level.CITY: N_("一件案件逾期多日未办，请市局督办"),
}

WARN_PERCENT = 80


@dataclass(frozen=True)
class Spacing:
    """How many days after the due day each level above is told (settings of the city)."""

    officer: int = 1
    head: int = 2
    district: int = 4
    city: int = 7

    def __post_init__(self) -> None:
        if not 1 <= self.officer < self.head < self.district < self.city:
            raise ValueError("reminder days must rise: officer, head, district, city, from 1 on")


DEFAULT_SPACING = Spacing()


def warn_on(started_on: date, due_on: date) -> date:
    """The first day on which 80 % of the period has passed, rounded up to whole days.

    >>> warn_on(date(2026, 3, 1), date(2026, 4, 30))
    datetime.date(2026, 4, 18)
    """
    days = (due_on - started_on).days
    return started_on + timedelta(days=-(-days * WARN_PERCENT // 100))


def moments(started_on: date, due_on: date, spacing: Spacing = DEFAULT_SPACING) -> list[tuple[date, Level]]:
    """The day of each level, in order of time; a short period has no warning before its last day."""
    days = [
        (warn_on(started_on, due_on), Level.WARN),
        (due_on - timedelta(days=NEAR_DAYS), Level.NEAR),
    ]
    before = sorted((day for day in days if started_on < day[0] < due_on), key=lambda moment: moment[0])
    return [
        *before,
        (due_on, Level.DUE),
        (due_on + timedelta(days=spacing.officer), Level.OFFICER),
        (due_on + timedelta(days=spacing.head), Level.HEAD),
        (due_on + timedelta(days=spacing.district), Level.DISTRICT),
        (due_on + timedelta(days=spacing.city), Level.CITY),
    ]


def levels_due(
    started_on: date, due_on: date, today: date, spacing: Spacing = DEFAULT_SPACING
) -> list[Level]:
    """The levels whose day has come, the highest last."""
    return [level for day, level in moments(started_on, due_on, spacing) if day <= today]


def next_moment(
    started_on: date, due_on: date, today: date, spacing: Spacing = DEFAULT_SPACING
) -> date | None:
    """The next day after today on which a level comes; None: the last has come."""
    return next((day for day, _level in moments(started_on, due_on, spacing) if day > today), None)


def urgent_levels_due(started_at: datetime, due_at: datetime, at: datetime) -> list[Level]:
    """The levels of an urgent clock that have come at an instant: 80 % of its minutes, and its end."""
    warn_at = started_at + (due_at - started_at) * WARN_PERCENT / 100
    return [level for moment, level in ((warn_at, Level.WARN), (due_at, Level.DUE)) if moment <= at]


def overdue_level(due_on: date, today: date, spacing: Spacing = DEFAULT_SPACING) -> Level | None:
    """How far up an overdue case has come; None: it is not overdue."""
    late = levels_due(due_on, due_on, today, spacing)[1:]
    return late[-1] if late else None


@dataclass(frozen=True)
class Giving:
    """What is done now: ``told`` is the level people are told of (None: nobody), ``marked`` all that count as given."""

    told: Level | None
    marked: tuple[Level, ...]


def giving(due: Sequence[Level], given: Set[Level]) -> Giving:
    """Of the levels that have come, those not given yet: the highest is told, the ones below are only marked.

    So a week's outage brings one reminder a clock and no flood, and a level is given once whatever the ticks.
    Args: due: as :func:`levels_due` gives them.
    """
    marked = tuple(level for level in due if level not in given)
    highest = due[-1] if due else None
    return Giving(highest if highest in marked else None, marked)


@dataclass(frozen=True)
class Standing:
    """Where a case stands, as far as it decides who may hear of it."""

    desk: Desk
    recused: bool = False
    urgent: bool = False


_ABOVE_SCHOOL = frozenset({Clock.REVIEW, Clock.DISPUTE, Clock.URGENT, Clock.REMEDY})


def hearing_desk(case: Standing, clock: Clock | None = None) -> Desk:
    """The lowest desk that may hear of the case: never the school when it is recused, urgent or lies above.

    Reviews, disputes and remedies are the business of the body above the school.
    """
    above = case.recused or case.urgent or clock in _ABOVE_SCHOOL
    return Desk.DISTRICT if above and case.desk is Desk.SCHOOL else case.desk


OFFICERS: Mapping[Desk, frozenset[Role]] = {
    Desk.SCHOOL: frozenset({Role.SCHOOL_OFFICER}),
    Desk.DISTRICT: frozenset({Role.DISTRICT_OFFICER}),
    Desk.CITY: frozenset({Role.BUREAU_OFFICER}),
}
BUREAU = frozenset({Role.BUREAU_OFFICER, Role.BUREAU_HEAD})
HEADS: Mapping[Desk, frozenset[Role]] = {
    Desk.SCHOOL: frozenset({Role.SCHOOL_HEAD}),
    Desk.DISTRICT: frozenset(),  # the district has no head in the system: its officers hear of it two days later
    Desk.CITY: frozenset({Role.BUREAU_HEAD}),
}
FOR_OWNER = frozenset({Level.WARN, Level.NEAR, Level.DUE, Level.OFFICER})


def addressees(level: Level, clock: Clock, case: Standing) -> frozenset[Role]:
    """The roles that are told (of the case's own school and district); empty: the level has nobody at this desk."""
    desk = hearing_desk(case, clock)
    if clock is Clock.URGENT:
        return OFFICERS[desk] | (BUREAU if level is Level.DUE else OFFICERS[Desk.CITY])
    if level is Level.HEAD:
        return HEADS[desk]
    if level is Level.DISTRICT:
        return frozenset() if desk is Desk.CITY else OFFICERS[Desk.DISTRICT]
    return BUREAU if level is Level.CITY else OFFICERS[desk]
