"""What the texts to a complainant name of a case: who writes, who stands above, and the days."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor
from ethics_eval.complaints.models import Case
from ethics_eval.complaints.queries.scope import desk_of
from ethics_eval.complaints.rules import clocks
from ethics_eval.complaints.rules.machine import Desk
from ethics_eval.complaints.rules.wording import WordFacts
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.calendar import local_day


def word_facts(session: Session, case: Case, actor: Actor, *, at: datetime) -> WordFacts:
    """The names and days that stand in what this actor writes to the complainant now."""
    offices = {
        Desk.SCHOOL.value: case.school.name,
        Desk.DISTRICT.value: f"{case.school.district.name}教育局",
        Desk.CITY.value: "市教育局",
    }
    desks = [*offices, ""]
    desk = desk_of(actor.role)
    day = local_day(at)
    return WordFacts(
        school=case.school.name,
        office=offices[desk],
        upper=offices.get(desks[desks.index(desk) + 1], "省教育厅"),
        today=day,
        received_on=local_day(case.received_at),
        ask_by=clocks.review_ask_ends(day, roster_queries.calendar(session)),
        reply_due_on=case.reply_due_on,
    )
