"""What the package ships for every instance: the nine districts, public holidays, default semesters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from ethics_eval.roster.rules.calendar import CITY_TIME


@dataclass(frozen=True)
class HolidayYear:
    """A year of the calendar. Not ``confirmed``: statutory days only, the yearly notice is awaited."""

    year: int
    confirmed: bool
    source: str
    holidays: tuple[tuple[date, str], ...]
    workdays: tuple[date, ...]


@dataclass(frozen=True)
class DefaultSemester:
    """A semester as a new instance has it; instants are aware."""

    code: str
    starts_on: date
    ends_on: date
    weeks: int
    freeze_at: datetime
    publish_at: datetime


def _document(name: str) -> Any:
    return json.loads(files("ethics_eval.roster").joinpath(name).read_text(encoding="utf-8"))


@cache
def districts() -> tuple[tuple[str, str], ...]:
    """(official code of six digits, name) of the nine districts, by code."""
    return tuple((row["code"], row["name"]) for row in _document("divisions.json")["districts"])


def _days(row: dict[str, str]) -> Iterator[tuple[date, str]]:
    day, last = date.fromisoformat(row["from"]), date.fromisoformat(row["to"])
    while day <= last:
        yield day, row["name"]
        day += timedelta(days=1)


@cache
def holiday_years() -> tuple[HolidayYear, ...]:
    """The public holidays and make-up days by year, ascending."""
    return tuple(
        HolidayYear(
            year=row["year"],
            confirmed=row["confirmed"],
            source=row["source"],
            holidays=tuple(day for span in row["holidays"] for day in _days(span)),
            workdays=tuple(map(date.fromisoformat, row["workdays"])),
        )
        for row in _document("calendar.json")["years"]
    )


def _instant(wall_time: str) -> datetime:
    return datetime.fromisoformat(wall_time).replace(tzinfo=CITY_TIME)


@cache
def default_semesters() -> tuple[DefaultSemester, ...]:
    """The semesters a new instance starts with, in order of time."""
    return tuple(
        DefaultSemester(
            code=row["code"],
            starts_on=date.fromisoformat(row["starts_on"]),
            ends_on=date.fromisoformat(row["ends_on"]),
            weeks=row["weeks"],
            freeze_at=_instant(row["freeze_at"]),
            publish_at=_instant(row["publish_at"]),
        )
        for row in _document("semesters.json")["semesters"]
    )
