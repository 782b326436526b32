"""When somebody is told that a notice to all was not acknowledged: the school, then its district, then the city."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import IntEnum

from ethics_eval.notices.rules.circular import ACKNOWLEDGE_WORKING_DAYS
from ethics_eval.roster.rules.calendar import Calendar, CalendarExhausted
from ethics_eval.text import N_

SPACING_WORKING_DAYS = 3


class Level(IntEnum):
    """How far up it was told."""

    NOBODY = 0
    SCHOOL = 1
    DISTRICT = 2
    CITY = 3


LEVEL_KINDS: Mapping[Level, str] = {
    Level.SCHOOL: "notice.due",
    Level.DISTRICT: "notice.due_district",
    Level.CITY: "notice.due_city",
}
NEW, URGED = "notice.new", "notice.urged"

# What those who are told read; where it says how many, there is a place for it.
NOTICE_LABELS: Mapping[str, str] = {
    NEW: N_("收到一份通报或告知，请签收"),
    URGED: N_("市教育局催办：一份通报还没有签收，请尽快签收"),
    LEVEL_KINDS[Level.SCHOOL]: N_("一份通报过了签收期限，请尽快签收"),
    LEVEL_KINDS[Level.DISTRICT]: N_("本区县有学校过期未签收通报，请督促"),
    LEVEL_KINDS[Level.CITY]: N_("有单位长期未签收通报，请督办"),
}


def acknowledge_by(delivered_on: date, calendar: Calendar) -> date | None:
    """The last day to acknowledge a notice to all; None: beyond the calendar."""
    try:
        return calendar.due_in_working_days(delivered_on, ACKNOWLEDGE_WORKING_DAYS)
    except CalendarExhausted:
        return None


def level_on(due_on: date, today: date, calendar: Calendar) -> Level:
    """The level that has come: the school once the day has passed, then one more for every three working days.

    Beyond the calendar no further level comes.
    """
    if today <= due_on:
        return Level.NOBODY
    level = Level.SCHOOL
    for above in (Level.DISTRICT, Level.CITY):
        try:
            after = calendar.due_in_working_days(due_on, SPACING_WORKING_DAYS * (above - 1))
        except CalendarExhausted:
            break
        if today <= after:
            break
        level = above
    return level
