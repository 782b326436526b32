"""When things happen: handlers in office hours, parents at any hour; days of receipt found from due days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random

from ethics_eval.complaints.rules import clocks
from ethics_eval.complaints.rules.clocks import Lateness
from ethics_eval.roster.rules.calendar import CITY_TIME, Calendar, local_day

_OPENS, _CLOSES = time(9), time(17, 20)
_BETWEEN = timedelta(minutes=11)
_LOOK_BACK_DAYS = 120


def at_hour(day: date, hour: time) -> datetime:
    """An instant of a day in the city."""
    return datetime.combine(day, hour, CITY_TIME)


def letter_hour(day: date, before: datetime, chance: Random) -> datetime:
    """When a parent writes: at any hour from seven to eleven at night, before an instant."""
    written = at_hour(day, time(chance.randint(7, 22), chance.randint(0, 59), chance.randint(0, 59)))
    return min(written, before - timedelta(minutes=chance.randint(9, 40)))


def working_day(day: date, calendar: Calendar) -> date:
    """The day itself, or the working day before it."""
    while not calendar.is_working_day(day):
        day -= timedelta(days=1)
    return day


def office_moments(
    first: datetime, last: datetime, count: int, calendar: Calendar, chance: Random
) -> list[datetime]:
    """``count`` instants from ``first`` (excluded) to ``last``, rising, in office hours where there is room.

    Where there is none at all (``last`` is not after ``first``) they are all ``first``.
    """
    found: list[datetime] = []
    if last <= first:
        return [first] * count
    before, apart = first, min(_BETWEEN, (last - first) / max(count, 1))
    for number in range(1, count + 1):
        moment = first + (last - first) * number / count
        day = working_day(local_day(moment), calendar)
        if day > local_day(before):
            moment = at_hour(day, time(chance.randint(_OPENS.hour, 16), chance.randint(0, 59)))
        elif local_day(moment) > local_day(before):
            moment -= timedelta(minutes=chance.randint(0, 400))
        before = max(before + apart, min(moment, last - apart * (count - number)))
        found.append(before)
    return found


def office_close(day: date) -> datetime:
    """The end of a day's office hours."""
    return at_hour(day, _CLOSES)


def day_with(
    due_on: Callable[[date, Calendar], date],
    wanted: Lateness,
    today: date,
    calendar: Calendar,
    chance: Random,
    *,
    days_ago: int = 0,
) -> date | None:
    """A day whose due day stands so to today, one of the latest that lie ``days_ago`` or more back; a working day
    where one will do. None: there is none, since nothing falls due on a holiday.
    """
    fitting = [
        day
        for day in (today - timedelta(days=back) for back in range(days_ago, _LOOK_BACK_DAYS))
        if clocks.due(due_on(day, calendar), today).lateness is wanted
    ]
    fitting = [day for day in fitting if calendar.is_working_day(day)] or fitting
    return chance.choice(fitting[:12]) if fitting else None
