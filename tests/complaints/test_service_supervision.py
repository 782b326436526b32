"""督办 by hand: for what is late, from above, with a reason; and the list of what is late."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ethics_eval.accounts.rules import Actor
from ethics_eval.complaints import queries
from ethics_eval.complaints.models import Case
from ethics_eval.complaints.queries.supervision import late_cases
from ethics_eval.complaints.rules.machine import CaseStatus
from ethics_eval.complaints.rules.reminding import Clock, Level, Spacing
from ethics_eval.complaints.service.supervision import supervise
from ethics_eval.text import RuleViolation
from tests.complaints.test_announcing import who
from tests.complaints.town import Town

REASON = "已逾期五天,请在本周五之前报告调查情况。"


@pytest.fixture
def late(town: Town) -> Case:
    """A case of the school that nobody has registered for five days."""
    case = town.case()
    town.later(days=8)
    return case


def test_the_district_presses_and_the_desk_and_its_head_are_told(town: Town, late: Case) -> None:
    event = supervise(town.by(town.district), late, reason=REASON)
    assert (event.action, event.from_status, event.to_status) == ("supervise", "submitted", "submitted")
    assert late.status == CaseStatus.SUBMITTED
    assert who(town, "case.supervised") == {"officer", "head"}
    seen = queries.timeline(town.session, town.vault, late, town.officer)
    assert seen[-1].detail == {"note": REASON}


@pytest.mark.parametrize("name", ["officer", "head", "neighbour", "other_district", "custodian", "teacher"])
def test_others_do_not(town: Town, late: Case, name: str) -> None:
    with pytest.raises(RuleViolation, match=r"permission\.denied|权限"):
        supervise(town.by(getattr(town, name)), late, reason=REASON)


@pytest.mark.parametrize("reason", ["", "  ", "　　", "快办"])
def test_a_reason_is_written(town: Town, late: Case, reason: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        supervise(town.by(town.district), late, reason=reason)
    assert refused.value.field == "reason"


def test_what_is_not_late_or_ones_own_is_not_pressed_for(town: Town) -> None:
    case = town.case()
    with pytest.raises(RuleViolation) as refused:
        supervise(town.by(town.district), case, reason=REASON)
    assert refused.value.code == "supervise.not_overdue"
    town.later(days=8)
    case.desk = "district"
    with pytest.raises(RuleViolation) as refused:
        supervise(town.by(town.district), case, reason=REASON)
    assert refused.value.code == "supervise.own_desk"
    supervise(town.by(town.bureau), case, reason=REASON)
    case.desk = "city"
    with pytest.raises(RuleViolation):
        supervise(town.by(town.bureau), case, reason=REASON)
    supervise(town.by(town.chief), case, reason=REASON)


def test_the_list_of_what_is_late(town: Town, late: Case) -> None:
    def listed(actor: Actor, *, district: str = "", level: str = "") -> list[str]:
        rows, _districts, total = late_cases(
            town.session, actor, town.at, spacing=Spacing(), district=district, level=level
        )
        assert total == len(rows)
        return [row.number for row in rows]

    assert listed(town.district) == listed(town.bureau) == listed(town.chief) == [late.number]
    for stranger in (town.officer, town.head, town.other_district, town.teacher, town.custodian):
        assert listed(stranger) == []
    rows, districts, _total = late_cases(town.session, town.bureau, town.at, spacing=Spacing())
    (row,) = rows
    assert (row.clock, row.level, row.days) == (Clock.REGISTER, Level.DISTRICT, 5)
    assert (row.pressed_count, row.can_press) == (0, True)
    (district,) = districts
    assert (district.code, district.total, district.counts["district"]) == ("430202", 1, 1)
    supervise(town.by(town.bureau), late, reason=REASON)
    (row,) = late_cases(town.session, town.bureau, town.at, spacing=Spacing())[0]
    assert row.pressed_count == 1
    assert listed(town.bureau, level="district") == [late.number]
    assert listed(town.bureau, level="city") == listed(town.bureau, district="430281") == []
    town.lead(late, CaseStatus.REGISTERED)
    assert listed(town.bureau) == []


def test_an_urgent_case_is_late_by_hours(town: Town) -> None:
    case = town.case()
    case.urgent, case.urgent_due_at, case.desk = True, town.at + timedelta(hours=2), "city"
    town.session.flush()
    assert late_cases(town.session, town.bureau, town.at, spacing=Spacing())[2] == 0
    town.later(hours=2)
    (row,) = late_cases(town.session, town.bureau, town.at, spacing=Spacing())[0]
    assert (row.clock, row.days, row.level) == (Clock.URGENT, 0, Level.DUE)
