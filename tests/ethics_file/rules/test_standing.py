"""Clear, restricted or vetoed: what weighs, for which purpose, how long; what is open is not certified."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.complaints.rules.finding import Measure, months_before
from ethics_eval.complaints.rules.measure import DisqualifyKind
from ethics_eval.ethics_file.rules.need import LOOK_BACK_MONTHS, Purpose, check_need
from ethics_eval.ethics_file.rules.standing import (
    FindingFact,
    GradeFact,
    MeasureFact,
    Standing,
    StandingFacts,
    check_settled,
    standing_of,
)
from tests.support.refusals import refused

TODAY = date(2026, 3, 10)
TERM = (date(2026, 1, 5), date(2026, 7, 5))


def measured(measure: Measure, kind: str = "", term: tuple[date, date | None] = TERM) -> StandingFacts:
    return StandingFacts(measures=(MeasureFact("f", measure, kind, *term),))


@pytest.mark.parametrize(
    ("effective_on", "purpose", "standing"),
    [
        (date(2025, 12, 11), Purpose.TITLE, Standing.VETOED),
        (date(2024, 3, 10), Purpose.TITLE, Standing.VETOED),
        (date(2024, 3, 9), Purpose.TITLE, Standing.CLEAR),
        (date(2024, 3, 9), Purpose.REGISTRATION, Standing.VETOED),
        (date(2021, 3, 9), Purpose.REGISTRATION, Standing.CLEAR),
    ],
)
def test_a_veto_weighs_within_the_look_back(effective_on: date, purpose: Purpose, standing: Standing) -> None:
    facts = StandingFacts(findings=(FindingFact("f", True, effective_on), FindingFact("g", False, TODAY)))
    assert standing_of(facts, purpose, TODAY).standing is standing


@pytest.mark.parametrize(
    ("grade", "published_on", "standing"),
    [
        ("不合格", date(2026, 2, 13), Standing.VETOED),
        ("不合格", date(2023, 2, 13), Standing.CLEAR),
        ("基本合格", date(2026, 2, 13), Standing.CLEAR),
    ],
)
def test_an_unqualified_grade_is_a_veto(grade: str, published_on: date, standing: Standing) -> None:
    facts = StandingFacts(grades=(GradeFact("2025-2026-1", grade, published_on),))
    assert standing_of(facts, Purpose.AWARD, TODAY).standing is standing


@pytest.mark.parametrize(
    ("facts", "purpose", "standing"),
    [
        (measured(Measure.WARNING), Purpose.TRANSFER, Standing.RESTRICTED),
        (measured(Measure.WARNING, term=(date(2025, 1, 5), date(2025, 7, 5))), Purpose.TITLE, Standing.CLEAR),
        (measured(Measure.DEMERIT, term=(date(2025, 9, 10), TODAY)), Purpose.TITLE, Standing.RESTRICTED),
        (measured(Measure.CIRCULATED), Purpose.TITLE, Standing.CLEAR),
        (measured(Measure.DISQUALIFY, DisqualifyKind.TITLE), Purpose.TITLE, Standing.RESTRICTED),
        (measured(Measure.DISQUALIFY, DisqualifyKind.TITLE), Purpose.AWARD, Standing.CLEAR),
        (measured(Measure.DISQUALIFY, DisqualifyKind.PAY), Purpose.OTHER, Standing.RESTRICTED),
        (measured(Measure.CERT_REVOKE), Purpose.REGISTRATION, Standing.VETOED),
        (measured(Measure.DISMISSAL, term=(date(2025, 1, 5), None)), Purpose.POST, Standing.VETOED),
        (measured(Measure.CONTRACT_END, term=(date(2025, 1, 5), None)), Purpose.POST, Standing.RESTRICTED),
        (measured(Measure.CONTRACT_END, term=(date(2023, 1, 5), None)), Purpose.POST, Standing.CLEAR),
    ],
)
def test_measures_in_force_restrict_what_they_bear_on(
    facts: StandingFacts, purpose: Purpose, standing: Standing
) -> None:
    assert standing_of(facts, purpose, TODAY).standing is standing


@given(st.dates(date(2015, 1, 1), date(2026, 3, 10)), st.sampled_from(list(Purpose)))
def test_nothing_but_the_look_back_decides_on_a_veto(day: date, purpose: Purpose) -> None:
    verdict = standing_of(StandingFacts(findings=(FindingFact("f", True, day),)), purpose, TODAY)
    is_within = day >= months_before(TODAY, LOOK_BACK_MONTHS[purpose])
    assert (verdict.standing is Standing.VETOED) is is_within
    assert bool(verdict.grounds) is is_within


def test_what_is_open_is_certified_as_nothing_but_a_veto_stands() -> None:
    clear = StandingFacts(is_open=True)
    with refused("certificate.open"):
        check_settled(clear, standing_of(clear, Purpose.TITLE, TODAY))
    graded = StandingFacts(grades=(GradeFact("x", "不合格", TODAY),), is_open=True)
    with refused("certificate.open"):
        check_settled(graded, standing_of(graded, Purpose.TITLE, TODAY))
    vetoed = StandingFacts(findings=(FindingFact("f", True, TODAY),), is_open=True)
    check_settled(vetoed, standing_of(vetoed, Purpose.TITLE, TODAY))
    settled = StandingFacts()
    check_settled(settled, standing_of(settled, Purpose.TITLE, TODAY))


@pytest.mark.parametrize(
    ("purpose", "reason", "code"),
    [
        ("curiosity", "想看看这位老师的情况怎么样", "file.purpose"),
        ("title", "职称", "reason.short"),
        ("title", "职" * 201, "file.reason_long"),
    ],
)
def test_a_file_is_opened_for_something(purpose: str, reason: str, code: str) -> None:
    with refused(code):
        check_need(purpose, reason)
