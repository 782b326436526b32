"""Measures on a decided finding: who decides, filing, extension, lifting, the end of a term."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from ethics_eval.accounts.models import AuditEvent, StaffNotice
from ethics_eval.accounts.rules import Actor, Role
from ethics_eval.complaints import queries, service
from ethics_eval.complaints.models import Case, MeasureDecision
from ethics_eval.complaints.rules.finding import Measure
from ethics_eval.complaints.rules.machine import CaseStatus, Outcome
from ethics_eval.complaints.rules.remedy import RemedyKind
from ethics_eval.text import RuleViolation
from tests.complaints.town import LETTER, Town

S = CaseStatus
REASON = "这里写清楚了为什么要这样办。"


def refused(code: str, field: str | None = None) -> AbstractContextManager[object]:
    """Expect a refusal with this code, at this field."""
    return pytest.raises(
        RuleViolation, check=lambda violation: (violation.code, violation.field) == (code, field)
    )


def decided(town: Town, measure: Measure = Measure.WARNING, *, ownership: str = "public") -> Case:
    """A case decided by the district, with this measure in the finding."""
    town.schools[0].ownership = ownership
    case = town.case()
    town.lead(case, S.DECIDED, draft=town.draft(measure=measure))
    return case


def decide(town: Town, case: Case, actor: Actor, measure: Measure = Measure.WARNING) -> MeasureDecision:
    return service.decide_measure(town.by(actor), case, measure=measure)


def test_the_bureau_decides_for_a_public_school(town: Town) -> None:
    case = decided(town)
    with refused("measure.sanction", "measure"):
        decide(town, case, town.head)
    measure = decide(town, case, town.second)
    assert (measure.decided_by, measure.state, measure.filing_needed) == ("district", "active", False)
    assert (measure.starts_on, measure.ends_on) == (date(2026, 3, 20), date(2026, 9, 20))
    assert case.events[-1].action == "measure_decide"
    assert case.status == S.DECIDED
    audit = town.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id.desc())).first()
    assert audit == "case.measure_decide"
    with refused("measure.no_filing"):
        service.record_filing(town.by(town.second), case, measure, filed_on=date(2026, 3, 20))
    told = town.session.scalars(select(StaffNotice.account_id).where(StaffNotice.kind == "measure.changed"))
    assert list(told) == [town.teacher.id]


def test_a_private_school_decides_and_files(town: Town) -> None:
    case = decided(town, ownership="private")
    with refused("measure.school_decides", "measure"):
        decide(town, case, town.second)
    measure = decide(town, case, town.head)
    assert (measure.decided_by, measure.filing_needed, measure.filed_on) == ("school", True, None)
    town.later(days=2)
    with refused("measure.filing_day", "filed_on"):
        service.record_filing(town.by(town.officer), case, measure, filed_on=date(2026, 3, 23))
    service.record_filing(town.by(town.officer), case, measure, filed_on=date(2026, 3, 22))
    assert case.events[-1].action == "measure_file"
    with refused("measure.filed"):
        service.record_filing(town.by(town.officer), case, measure, filed_on=date(2026, 3, 22))


def test_who_may_not(town: Town) -> None:
    case = decided(town, Measure.CRITIQUE)
    for actor in (town.officer, town.neighbour, town.other_district, town.custodian, town.teacher):
        with refused("permission.denied"):
            decide(town, case, actor, Measure.CRITIQUE)
    named = replace(town.head, display_name="甲 某")  # who investigated
    with refused("measure.investigated"):
        decide(town, case, named, Measure.CRITIQUE)
    assert decide(town, case, town.head, Measure.CRITIQUE).ends_on is None


def test_no_measure_without_a_finding_that_bears_it(town: Town) -> None:
    case = town.case()
    town.lead(case, S.HEARING)
    with refused("measure.no_finding"):
        decide(town, case, town.second)
    town.lead(case, S.DECIDED)
    with refused("measure.heavier", "measure"):
        decide(town, case, town.second)
    other = town.case(
        replace(LETTER, body="孩子说老师从不批改作业,上课只放录像。"), key="another key of some length"
    )
    town.lead(other, S.DECIDED, draft=town.draft(outcome=Outcome.UNSUBSTANTIATED))
    with refused("measure.no_finding"):
        decide(town, other, town.second, Measure.CRITIQUE)


def test_once_is_enough_and_a_lighter_one_beside_it(town: Town) -> None:
    case = decided(town)
    first = decide(town, case, town.second)
    count = len(case.events)
    assert decide(town, case, town.second) is first
    assert len(case.events) == count
    town.later(minutes=1)
    service.decide_measure(town.by(town.second), case, measure=Measure.DISQUALIFY, kind="title", months=36)
    with refused("measure.kind", "kind"):
        service.decide_measure(town.by(town.second), case, measure=Measure.DISQUALIFY)
    views = queries.measures_of(town.session, town.vault, case, town.second)
    assert [(view.measure, view.kind, view.ends_on) for view in views] == [
        ("WARNING", "", date(2026, 9, 20)),
        ("DISQUALIFY", "title", date(2029, 3, 20)),
    ]


def test_a_measure_for_another_post_is_not_proposed(town: Town) -> None:
    case = town.case()
    town.lead(case, S.INVESTIGATING)
    service.investigate(town.by(town.officer), case, report=REASON)
    for measure, code in (
        (Measure.MAJOR_DEMERIT, "measure.managers"),
        (Measure.REMOVAL, "measure.heads"),
    ):
        with refused(code, "measure"):
            service.propose(town.by(town.officer), case, town.draft(measure=measure))


def test_extended_once_lifted_at_the_end(town: Town) -> None:
    case = decided(town)
    measure = decide(town, case, town.second)
    with refused("measure.extension", "months"):
        service.extend_measure(town.by(town.second), case, measure, months=7, reason=REASON)
    with refused("reason.short", "reason"):
        service.extend_measure(town.by(town.second), case, measure, months=3, reason="短")
    town.session.refresh(measure)
    service.extend_measure(town.by(town.second), case, measure, months=3, reason=REASON)
    assert (measure.ends_on, measure.state) == (date(2026, 12, 20), "extended")
    with refused("measure.extended"):
        service.extend_measure(town.by(town.second), case, measure, months=3, reason=REASON)
    with refused("measure.not_over"):
        service.lift_measure(town.by(town.second), case, measure, reason=REASON)
    town.later(days=300)
    service.lift_measure(town.by(town.second), case, measure, reason="处分期满,没有再发生违规行为。")
    (view,) = queries.measures_of(town.session, town.vault, case, None)
    assert (view.state, view.extension, view.lifting) == (
        "lifted",
        REASON,
        "处分期满,没有再发生违规行为。",
    )
    assert REASON.encode() not in (measure.reason or b"")


def test_the_clock_ends_what_is_over(town: Town) -> None:
    case = decided(town)
    measure = decide(town, case, town.second)
    town.session.commit()
    town.at = town.at.replace(month=9, day=20)
    assert service.expire_measures(town.session, town.at) == 0
    town.later(days=1)
    assert service.expire_measures(town.session, town.at) == 1
    assert service.expire_measures(town.session, town.at) == 0
    assert measure.state == "expired"
    told = select(func.count()).select_from(StaffNotice).where(StaffNotice.kind == "measure.changed")
    assert town.session.scalar(told) == 2
    service.lift_measure(town.by(town.second), case, measure, reason=REASON)
    assert (measure.state, service.expire_measures(town.session, town.at)) == ("lifted", 0)


def test_a_later_measure_opens_the_window_anew(town: Town) -> None:
    case = decided(town)
    finding = queries.standing_finding(case)
    assert finding is not None
    assert finding.window_ends_on == date(2026, 4, 20)
    town.later(days=10)
    decide(town, case, town.second)
    assert finding.window_ends_on == date(2026, 4, 29)
    assert finding.effective_at is not None
    assert finding.effective_at.isoformat() == "2026-04-29T16:00:00+00:00" or (
        finding.effective_at.isoformat() == "2026-04-30T00:00:00+08:00"
    )


def test_no_new_measure_while_a_remedy_is_open(town: Town) -> None:
    case = decided(town)
    service.ask_remedy(town.by(town.teacher), case, kind=RemedyKind.RECONSIDERATION, grounds=REASON)
    with refused("measure.remedy_open"):
        decide(town, case, town.second)


def test_where_the_school_stands_aside_the_bureau_decides(town: Town) -> None:
    town.schools[0].ownership = "private"
    case = town.case(replace(LETTER, respondent="李国华"))
    assert case.recused
    town.lead(
        case,
        S.DECIDED,
        handler=town.district,
        decider=town.second,
        draft=town.draft("李国华", measure=Measure.WARNING),
    )
    with refused("permission.denied"):
        decide(town, case, town.head)
    assert decide(town, case, town.second).decided_by == "district"


def test_one_who_is_the_teacher_decides_nothing_on_herself(town: Town) -> None:
    case = decided(town, Measure.CRITIQUE)
    self = replace(town.second, teacher_id=town.teachers["陈思远"].id)
    assert queries.find_case(town.session, self, case.number) is None
    assert town.second.role is Role.DISTRICT_OFFICER
