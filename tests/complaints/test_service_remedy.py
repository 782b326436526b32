"""复核 and 申诉: what is open does not count; the answer comes from another person and is never heavier."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import delete, select

from ethics_eval.accounts.models import StaffNotice
from ethics_eval.accounts.rules import Role
from ethics_eval.accounts.service import actor_of, create_account
from ethics_eval.complaints import queries, service
from ethics_eval.complaints.categories import Severity
from ethics_eval.complaints.models import Case, Finding, Remedy
from ethics_eval.complaints.reminding import remind_remedies
from ethics_eval.complaints.rules.finding import FindingDraft, Measure
from ethics_eval.complaints.rules.machine import CaseStatus, Outcome
from ethics_eval.complaints.rules.remedy import RemedyKind, RemedyResult
from ethics_eval.ranking.gathering import _pending
from ethics_eval.roster.rules.calendar import CITY_TIME
from ethics_eval.text import RuleViolation
from tests.complaints.town import FOUNDER, NOW, Town

S = CaseStatus
REASON = "我当时没有罚站,请重新核对课堂录像。"
ANSWER = "经重新核对证据,原认定事实清楚。"


def refused(code: str, field: str | None = None) -> AbstractContextManager[object]:
    """Expect a refusal with this code, at this field."""
    return pytest.raises(
        RuleViolation, check=lambda violation: (violation.code, violation.field) == (code, field)
    )


def city(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=CITY_TIME)


@pytest.fixture
def case(town: Town) -> Case:
    """Decided on Friday 2026-03-20 by the district: serious, with a warning."""
    made = town.case()
    town.lead(made, S.DECIDED, draft=town.draft(severity=Severity.SERIOUS, measure=Measure.WARNING))
    return made


def finding_of(case: Case) -> Finding:
    return next(row for row in case.findings if row.replaced_at is None)


def ask(town: Town, case: Case, kind: RemedyKind = RemedyKind.RECONSIDERATION) -> Remedy:
    return service.ask_remedy(town.by(town.teacher), case, kind=kind, grounds=REASON)


def answer(town: Town, remedy: Remedy, result: RemedyResult = RemedyResult.UPHELD) -> Remedy:
    reviewer = town.second if remedy.kind == RemedyKind.RECONSIDERATION else town.bureau
    return service.decide_remedy(town.by(reviewer), remedy, result=result, reasons=ANSWER)


def milder(town: Town, finding: Finding, **changes: object) -> FindingDraft:
    return replace(service.draft_of(finding, ANSWER), **changes)  # type: ignore[arg-type]


def test_the_whole_track(town: Town, case: Case) -> None:
    finding, teacher = finding_of(case), town.teachers["陈思远"].id
    assert (finding.window_ends_on, finding.effective_at) == (date(2026, 4, 20), city(2026, 4, 21))
    town.later(days=31)  # the last day
    first = ask(town, case)
    assert (finding.effective_at, first.due_on) == (None, date(2026, 5, 20))
    assert teacher in _pending(town.session, city(2026, 12, 1))
    with refused("remedy.out_of_turn"):
        ask(town, case)
    town.later(days=30)
    answer(town, first)
    assert (first.decided_in_time, finding.effective_at) == (True, city(2026, 6, 23))
    assert teacher in _pending(town.session, city(2026, 6, 22))
    assert teacher not in _pending(town.session, city(2026, 6, 23))
    with refused("remedy.decided"):
        answer(town, first)
    second = ask(town, case, RemedyKind.APPEAL)
    assert (finding.effective_at, second.due_on) == (None, date(2026, 7, 20))
    assert teacher in _pending(town.session, city(2026, 12, 1))
    town.later(days=62)
    answer(town, second)
    assert (second.decided_in_time, finding.effective_at) == (False, city(2026, 7, 22))
    with refused("remedy.out_of_turn"):
        ask(town, case, RemedyKind.APPEAL)
    assert [event.action for event in case.events[-4:]] == ["remedy_ask", "remedy_decide"] * 2
    views = queries.remedies_of(town.session, town.vault, finding, town.second)
    assert [(view.grounds, view.reasons) for view in views] == [(REASON, ANSWER)] * 2
    assert REASON.encode() not in first.grounds


def test_late_is_refused_with_the_day(town: Town, case: Case) -> None:
    town.later(days=32)
    with pytest.raises(RuleViolation, match="2026-04-20") as late:
        ask(town, case)
    assert late.value.code == "remedy.late"
    assert finding_of(case).effective_at == city(2026, 4, 21)


def test_only_ones_own(town: Town, case: Case) -> None:
    stranger = replace(town.teacher, teacher_id=town.teachers["周正"].id)
    for actor in (stranger, town.officer, town.district):
        with refused("permission.denied"):
            service.ask_remedy(town.by(actor), case, kind=RemedyKind.RECONSIDERATION, grounds=REASON)
    with refused("reason.short", "grounds"):
        service.ask_remedy(town.by(town.teacher), case, kind=RemedyKind.RECONSIDERATION, grounds="冤枉")


def test_who_answers(town: Town, case: Case) -> None:
    remedy = ask(town, case)
    for actor, code in (
        (town.district, "remedy.involved"),  # decided
        (replace(town.second, display_name="乙某"), "remedy.involved"),  # investigated
        (town.bureau, "remedy.other_desk"),
        (town.other_district, "permission.denied"),
        (town.officer, "permission.denied"),
        (town.head, "permission.denied"),
        (town.teacher, "permission.denied"),
        (replace(town.second, id=town.teacher.id), "permission.denied"),  # the teacher's own account
    ):
        with refused(code):
            service.decide_remedy(town.by(actor), remedy, result=RemedyResult.UPHELD, reasons=ANSWER)
    answer(town, remedy)
    appeal = ask(town, case, RemedyKind.APPEAL)
    with refused("remedy.other_desk"):
        service.decide_remedy(town.by(town.second), appeal, result=RemedyResult.UPHELD, reasons=ANSWER)
    answer(town, appeal)


def test_the_queue_and_who_is_told(town: Town, case: Case) -> None:
    remedy = ask(town, case)
    town.session.commit()
    today = date(2026, 3, 20)

    def rows(actor: object) -> list[str]:
        return [row.id for row in queries.remedy_queue(town.session, actor, today)]  # type: ignore[arg-type]

    assert rows(town.second) == rows(town.bureau) == [remedy.id]
    assert rows(town.other_district) == rows(town.officer) == rows(town.teacher) == rows(town.custodian) == []
    about = replace(town.second, teacher_id=town.teachers["陈思远"].id)
    assert rows(about) == []
    assert queries.find_remedy(town.session, about, remedy.id) is None
    assert queries.find_remedy(town.session, town.other_district, remedy.id) is None
    told = select(StaffNotice.account_id).where(StaffNotice.kind == "remedy.asked")
    assert set(town.session.scalars(told)) == {town.district.id, town.second.id}
    answer(town, remedy)
    assert rows(town.second) == []
    mine = town.session.scalars(select(StaffNotice.account_id).where(StaffNotice.kind == "remedy.decided"))
    assert list(mine) == [town.teacher.id]


def test_who_answers_is_reminded_as_of_a_cases_clock_each_level_once(town: Town, case: Case) -> None:
    remedy = ask(town, case)  # on 2026-03-20: due on 2026-04-20, since the 19th is a Sunday
    town.session.commit()

    def reminded(day: date) -> dict[str, set[int | None]]:
        remind_remedies(town.session, datetime.combine(day, time(9), CITY_TIME))
        found: dict[str, set[int | None]] = {}
        notices = select(StaffNotice).where(StaffNotice.kind.startswith("reminder."))
        for notice in town.session.scalars(notices):
            assert notice.subject_id == case.id
            if json.loads(notice.detail) == {"clock": "remedy", "due": remedy.due_on.isoformat()}:
                found.setdefault(notice.kind.removeprefix("reminder."), set()).add(notice.account_id)
        return found

    district = {town.district.id, town.second.id}
    assert remedy.due_on == date(2026, 4, 20)
    assert reminded(date(2026, 4, 13)) == {}
    assert reminded(date(2026, 4, 14)) == {"warn": district}
    assert reminded(date(2026, 4, 15)) == {"warn": district}
    late = reminded(date(2026, 5, 20))  # after an outage: the highest level alone
    assert late.keys() == {"warn", "city"}
    assert town.bureau.id in late["city"]
    assert not late["city"] & district
    town.session.execute(delete(StaffNotice))
    answer(town, remedy)
    assert reminded(date(2026, 5, 21)) == {}
    appeal = ask(town, case, RemedyKind.APPEAL)
    town.session.commit()
    remedy = appeal
    assert reminded(appeal.due_on)["due"] == {town.bureau.id}


def test_varied_is_milder_and_keeps_what_was(town: Town, case: Case) -> None:
    finding = finding_of(case)
    measure = service.decide_measure(town.by(town.second), case, measure=Measure.WARNING)
    third = create_account(
        town.session,
        username="third",
        display_name="段平",
        password_hash="not a password",
        role=Role.DISTRICT_OFFICER,
        actor=FOUNDER,
        at=NOW,
        district_code="430202",
    )
    reviewer = actor_of(third)
    remedy = ask(town, case)
    assert measure.state == "active"  # execution is not stayed

    def vary(varied: FindingDraft | None) -> Remedy:
        return service.decide_remedy(
            town.by(reviewer), remedy, result=RemedyResult.VARIED, reasons=ANSWER, varied=varied
        )

    with refused("remedy.variation", "severity"):
        vary(None)
    with refused("remedy.unchanged", "severity"):
        vary(milder(town, finding))
    for heavier in (
        {"severity": Severity.GRAVE},
        {"measure": Measure.DEMERIT},
        {"veto": True, "severity": Severity.ORDINARY},
    ):
        with refused("decision.heavier", "severity"):
            vary(milder(town, finding, **heavier))
    with refused("remedy.revoke_instead", "outcome"):
        vary(milder(town, finding, outcome=Outcome.UNSUBSTANTIATED, measure=Measure.NONE))
    with refused("remedy.involved"):  # decided the measure
        service.decide_remedy(town.by(town.second), remedy, result=RemedyResult.UPHELD, reasons=ANSWER)
    vary(
        milder(
            town,
            finding,
            outcome=Outcome.PARTLY,
            severity=Severity.ORDINARY,
            measure=Measure.CRITIQUE,
        )
    )
    assert (finding.outcome, finding.severity, finding.points) == ("PARTLY", "ordinary", 8)
    assert (finding.measure, measure.state, case.outcome) == ("CRITIQUE", "revoked", "PARTLY")
    details = [
        queries.detail_of(town.session, town.vault, case, event)
        for event in case.events
        if event.action == "remedy_decide"
    ]
    assert details[0]["before"] == {
        "outcome": "SUBSTANTIATED",
        "severity": "serious",
        "points": 15,
        "veto": False,
        "measure": "WARNING",
    }
    assert details[0]["after"]["points"] == 8
    assert finding.effective_at is not None
    assert finding.effective_at > town.at + timedelta(days=30)
    ask(town, case, RemedyKind.APPEAL)


def test_revoked_takes_everything_with_it(town: Town, case: Case) -> None:
    finding = finding_of(case)
    chief = service.decide_measure(town.by(town.bureau), case, measure=Measure.WARNING)
    remedy = ask(town, case)
    answer(town, remedy, RemedyResult.REVOKED)
    assert (finding.revoked_at, finding.effective_at, chief.state) == (town.at, None, "revoked")
    assert [event.action for event in case.events[-2:]] == ["remedy_decide", "measure_revoke"]
    assert town.teachers["陈思远"].id not in _pending(town.session, town.at)
    with refused("remedy.out_of_turn"):
        ask(town, case, RemedyKind.APPEAL)
    with refused("measure.no_finding"):
        service.decide_measure(town.by(town.bureau), case, measure=Measure.CRITIQUE)
    assert queries.clearable_finding(case) is finding


def test_an_appeal_is_extended_once(town: Town, case: Case) -> None:
    first = ask(town, case)
    with refused("remedy.no_extension"):
        service.extend_remedy(town.by(town.second), first, reason=REASON)
    answer(town, first)
    appeal = ask(town, case, RemedyKind.APPEAL)
    assert appeal.due_on == date(2026, 5, 19)
    with refused("remedy.other_desk"):
        service.extend_remedy(town.by(town.second), appeal, reason=REASON)
    service.extend_remedy(town.by(town.bureau), appeal, reason=REASON)
    assert appeal.due_on == date(2026, 6, 18)
    with refused("remedy.extended"):
        service.extend_remedy(town.by(town.bureau), appeal, reason=REASON)


def test_what_the_city_decided_is_answered_above_and_written_down(town: Town) -> None:
    made = town.case()
    town.lead(made, S.DECIDED, decider=town.bureau)
    remedy = ask(town, made)
    with refused("remedy.other_desk"):
        answer(town, remedy)
    service.decide_remedy(town.by(town.chief), remedy, result=RemedyResult.UPHELD, reasons=ANSWER)
    ask(town, made, RemedyKind.APPEAL)
    view = queries.remedies_of(town.session, town.vault, finding_of(made), None)[1]
    assert (view.kind, view.desk) == (RemedyKind.APPEAL, None)
