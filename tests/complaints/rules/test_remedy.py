"""The teacher's remedies: in turn, in time, by another person, never heavier."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial

import pytest

from ethics_eval.accounts.rules import Actor, Role
from ethics_eval.complaints.categories import Severity
from ethics_eval.complaints.rules import remedy as rules
from ethics_eval.complaints.rules.finding import FindingDraft, Measure
from ethics_eval.complaints.rules.machine import Desk, Outcome
from ethics_eval.complaints.rules.remedy import Involved, RemedyFacts, RemedyKind, RemedyResult
from ethics_eval.roster.rules.calendar import Calendar
from ethics_eval.text import RuleViolation

CALENDAR = Calendar(covered_until=date(2026, 12, 31))
WINDOW = date(2026, 5, 11)
RECONSIDERATION, APPEAL = RemedyKind.RECONSIDERATION, RemedyKind.APPEAL
FRESH = RemedyFacts(WINDOW)
ASKED = replace(FRESH, reconsidered=True)
UPHELD = replace(ASKED, reconsideration_result=RemedyResult.UPHELD, reconsidered_on=date(2026, 5, 29))
APPEALED = replace(UPHELD, appealed=True)


def refused(do: Callable[[], object]) -> str:
    with pytest.raises(RuleViolation) as violation:
        do()
    return violation.value.code


def test_the_days_of_the_law() -> None:
    """domain.md §7.7, 10: told on 2026-04-10, ask by 05-10, a Sunday, so 05-11."""
    assert rules.ask_ends(date(2026, 4, 10), CALENDAR) == WINDOW
    assert rules.decide_due(RECONSIDERATION, date(2026, 4, 13), CALENDAR) == date(2026, 5, 13)
    assert rules.decide_due(APPEAL, date(2026, 4, 13), CALENDAR) == date(2026, 6, 12)
    assert rules.decide_due(APPEAL, date(2026, 4, 13), CALENDAR, extended=True) == date(2026, 7, 13)
    assert rules.decide_due(APPEAL, date(2026, 12, 1), CALENDAR) == date(2027, 2, 1)
    assert rules.effective_after(WINDOW) == datetime(2026, 5, 11, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("facts", "kind", "ends"),
    [
        (FRESH, RECONSIDERATION, WINDOW),
        (ASKED, None, None),
        (UPHELD, APPEAL, date(2026, 6, 29)),
        (replace(UPHELD, reconsideration_result=RemedyResult.VARIED), APPEAL, date(2026, 6, 29)),
        (replace(UPHELD, reconsideration_result=RemedyResult.REVOKED), None, None),
        (replace(UPHELD, revoked=True), None, None),
        (APPEALED, None, None),
        (replace(APPEALED, appeal_result=RemedyResult.UPHELD), None, None),
        (RemedyFacts(None), None, None),
    ],
)
def test_what_can_be_asked_next(facts: RemedyFacts, kind: RemedyKind | None, ends: date | None) -> None:
    assert (rules.next_kind(facts), rules.last_day(facts, CALENDAR)) == (kind, ends)
    for asked in RemedyKind:
        if asked is kind:
            rules.check_ask(asked, facts, ends or WINDOW, CALENDAR)
        else:
            out = refused(partial(rules.check_ask, asked, facts, WINDOW, CALENDAR))
            assert out == "remedy.out_of_turn"


@pytest.mark.parametrize(
    ("facts", "kind", "day", "named"),
    [
        (FRESH, RECONSIDERATION, date(2026, 5, 12), "2026-05-11"),
        (UPHELD, APPEAL, date(2026, 6, 30), "2026-06-29"),
    ],
)
def test_late_is_told_with_the_day(facts: RemedyFacts, kind: RemedyKind, day: date, named: str) -> None:
    with pytest.raises(RuleViolation, match=named) as violation:
        rules.check_ask(kind, facts, day, CALENDAR)
    assert violation.value.code == "remedy.late"


@pytest.mark.parametrize(
    ("kind", "decided_at", "desk"),
    [
        (RECONSIDERATION, Desk.DISTRICT, Desk.DISTRICT),
        (RECONSIDERATION, Desk.CITY, Desk.CITY),
        (APPEAL, Desk.DISTRICT, Desk.CITY),
        (APPEAL, Desk.CITY, None),
    ],
)
def test_which_level_decides(kind: RemedyKind, decided_at: Desk, desk: Desk | None) -> None:
    assert rules.reviewing_desk(kind, decided_at) is desk
    for role in Role:
        actor = Actor(7, role, "谢安")
        if rules.home_desk(role) is (desk or Desk.CITY):
            rules.check_reviewer(actor, kind, decided_at, Involved(frozenset({1})))
        else:
            code = refused(partial(rules.check_reviewer, actor, kind, decided_at, Involved(frozenset())))
            assert code == "remedy.other_desk"


@pytest.mark.parametrize(
    "involved", [Involved(frozenset({7})), Involved(frozenset(), frozenset({"谢 安"}))], ids=["id", "name"]
)
def test_who_had_a_hand_in_it_does_not_review(involved: Involved) -> None:
    actor = Actor(7, Role.DISTRICT_OFFICER, "谢安")
    code = refused(lambda: rules.check_reviewer(actor, RECONSIDERATION, Desk.DISTRICT, involved))
    assert code == "remedy.involved"


GROUNDS = "经核实,情况属实,情节较轻。"
STANDING = FindingDraft(
    1, "C06", Severity.SERIOUS, Outcome.SUBSTANTIATED, GROUNDS, veto=True, measure=Measure.WARNING
)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"severity": Severity.ORDINARY}, None),
        ({"outcome": Outcome.PARTLY}, None),
        ({"veto": False}, None),
        ({"measure": Measure.CIRCULATED}, None),
        ({}, "remedy.unchanged"),
        ({"grounds": "换了一种说法,结论没有变化。"}, "remedy.unchanged"),
        ({"severity": Severity.GRAVE}, "decision.heavier"),
        ({"measure": Measure.DEMERIT, "veto": False}, "decision.heavier"),
        (
            {"outcome": Outcome.UNSUBSTANTIATED, "veto": False, "measure": Measure.NONE},
            "remedy.revoke_instead",
        ),
        ({"category": "C09"}, "remedy.category"),
        ({"teacher_id": 2}, "decision.person"),
    ],
)
def test_varied_is_milder_or_refused(change: dict[str, object], code: str | None) -> None:
    varied = replace(STANDING, **change)  # type: ignore[arg-type]
    if code is None:
        assert rules.check_variation(STANDING, varied) <= 15
    else:
        assert refused(lambda: rules.check_variation(STANDING, varied)) == code
