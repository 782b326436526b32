"""What a finding must say, what it costs, and that it never gets heavier than what the teacher was told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ethics_eval.complaints.categories import CATEGORIES, EVERY_CODE, SCHOOL_MATTERS, Severity
from ethics_eval.complaints.rules.finding import (
    MEASURE_LABELS,
    SEVERITY_LABELS,
    FindingDraft,
    Measure,
    check_decision,
    check_finding,
    check_investigators,
    is_repeat,
    is_veto,
    months_before,
    points_of,
    written,
)
from ethics_eval.complaints.rules.machine import BURDENING, Outcome
from ethics_eval.text import RuleViolation

GROUNDS = "经调查核实,情况属实,依据第四条第五项。"
MINOR, ORDINARY, SERIOUS, GRAVE = Severity
TOLD = FindingDraft(1, "C06", SERIOUS, Outcome.SUBSTANTIATED, GROUNDS, measure=Measure.ADMONITION)

# domain.md §7.1: 轻微/一般/较重; None: the category does not admit it.
POINTS = {
    "C01": (None, 10, 20),
    "C02": (2, 5, 10),
    "C03": (2, 5, 10),
    "C04": (2, 4, 8),
    "C05": (2, 5, 10),
    "C06": (3, 8, 15),
    "C07": (3, 6, 12),
    "C08": (0, 0, 0),
    "C09": (1, 3, 6),
    "C10": (3, 8, 15),
    "C11": (0, 0, 0),
    "C12": (3, 8, 15),
    "C13": (3, 8, 15),
    "C14": (3, 6, 12),
    "C15": (3, 8, 15),
    "C16": (3, 6, 12),
    "C17": (2, 5, 10),
    "C18": (2, 5, 10),
    "C19": (1, 2, 4),
    "C20": (0, 0, 0),
    "C99": (1, 3, 6),
}
ALWAYS_VETO = {"C08", "C11", "C20"}


def code_of(proposed: FindingDraft, final: FindingDraft, *, heard: bool = True) -> str | None:
    try:
        check_decision(proposed, final, heard=heard)
    except RuleViolation as violation:
        return violation.code
    return None


def test_the_table_of_points() -> None:
    assert set(POINTS) == set(CATEGORIES)
    for code, row in POINTS.items():
        for severity, points in zip((MINOR, ORDINARY, SERIOUS), row, strict=True):
            draft = replace(TOLD, category=code, severity=severity)
            if points is None:
                with pytest.raises(RuleViolation) as refused:
                    points_of(draft)
                assert (refused.value.code, refused.value.field) == ("finding.severity", "severity")
            else:
                assert points_of(draft) == check_finding(draft) == points


@pytest.mark.parametrize("code", sorted(CATEGORIES))
def test_grave_is_always_admitted_and_is_a_veto(code: str) -> None:
    draft = replace(TOLD, category=code, severity=GRAVE)
    assert points_of(draft) == 0  # the cap of the veto is what it costs (R8)
    assert is_veto(draft)
    assert is_veto(replace(draft, severity=MINOR)) is (code in ALWAYS_VETO)
    assert is_veto(replace(draft, severity=SERIOUS)) is (code in ALWAYS_VETO | {"C01"})


@pytest.mark.parametrize("code", sorted(SCHOOL_MATTERS))
def test_a_school_matter_is_never_scored(code: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        check_finding(replace(TOLD, category=code))
    assert (refused.value.code, refused.value.field) == ("finding.category", "category")


@pytest.mark.parametrize("outcome", sorted(set(Outcome) - BURDENING))
def test_without_a_fact_there_is_no_measure_and_no_veto(outcome: Outcome) -> None:
    bare = replace(TOLD, outcome=outcome, measure=Measure.NONE)
    assert check_finding(bare) == 15
    for draft in (replace(bare, measure=Measure.CRITIQUE), replace(bare, veto=True)):
        with pytest.raises(RuleViolation, match="未认定属实"):
            check_finding(draft)


@pytest.mark.parametrize("text", ["", " " * 50, "情况属实", "一 二 三 四 五 六 七 八 九"])
def test_a_reason_says_something(text: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        written(text, "reason")
    assert (refused.value.code, refused.value.field) == ("reason.short", "reason")
    with pytest.raises(RuleViolation):
        check_finding(replace(TOLD, grounds=text))


def test_a_reason_is_kept_as_written() -> None:
    assert written("  查明如下:\r\n一、情况属实。 ", "reason") == "  查明如下:\r\n一、情况属实。 "


@pytest.mark.parametrize("names", [[], ["甲"], ["甲", "甲"], ["甲", " 甲 "], ["甲", "", "  "]])
def test_one_investigator_is_too_few(names: list[str]) -> None:
    with pytest.raises(RuleViolation) as refused:
        check_investigators(names)
    assert refused.value.field == "investigators"


def test_two_investigators_are_enough() -> None:
    assert check_investigators([" 甲 ", "", "乙", "甲"]) == ["甲", "乙"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, None),
        ({"severity": ORDINARY}, None),
        ({"severity": MINOR, "outcome": Outcome.PARTLY, "measure": Measure.CRITIQUE}, None),
        ({"outcome": Outcome.UNSUBSTANTIATED, "measure": Measure.NONE}, None),
        ({"category": "C07"}, None),
        ({"severity": GRAVE}, "decision.heavier"),
        ({"category": "C01"}, "decision.heavier"),
        ({"category": "C11", "severity": MINOR}, "decision.heavier"),  # no points, but a veto
        ({"veto": True}, "decision.heavier"),
        ({"measure": Measure.WARNING}, "decision.heavier"),
        ({"teacher_id": 2}, "decision.person"),
        ({"grounds": "短"}, "reason.short"),
        ({"category": "R01"}, "finding.category"),
    ],
)
def test_the_decision_is_never_heavier(change: dict[str, object], code: str | None) -> None:
    assert code_of(TOLD, replace(TOLD, **change)) == code  # type: ignore[arg-type]


def test_partly_does_not_become_wholly() -> None:
    assert code_of(replace(TOLD, outcome=Outcome.PARTLY), TOLD) == "decision.heavier"


def test_no_burden_without_a_hearing() -> None:
    for outcome in Outcome:
        final = replace(TOLD, outcome=outcome, measure=Measure.NONE)
        wanted = "case.defence_missing" if outcome in BURDENING else None
        assert code_of(final, final, heard=False) == wanted


DRAFTS = st.builds(
    FindingDraft,
    teacher_id=st.just(1),
    category=st.sampled_from(sorted(CATEGORIES)),
    severity=st.sampled_from(Severity),
    outcome=st.sampled_from(Outcome),
    grounds=st.just(GROUNDS),
    veto=st.booleans(),
    measure=st.sampled_from(Measure),
)


def is_valid(draft: FindingDraft) -> bool:
    try:
        check_finding(draft)
    except RuleViolation:
        return False
    return True


@given(DRAFTS, DRAFTS)
def test_whatever_is_decided_weighs_no_more_than_what_was_told(
    told: FindingDraft, final: FindingDraft
) -> None:
    assume(is_valid(told) and told.outcome in BURDENING)
    if code_of(told, final) is not None or final.outcome not in BURDENING:
        return
    share = {Outcome.SUBSTANTIATED: 2, Outcome.PARTLY: 1}
    assert points_of(final) * share[final.outcome] <= points_of(told) * share[told.outcome]
    assert final.severity.order <= told.severity.order
    assert not is_veto(final) or is_veto(told)
    assert list(Measure).index(final.measure) <= list(Measure).index(told.measure)


@given(DRAFTS)
def test_what_was_told_can_be_decided(told: FindingDraft) -> None:
    assume(is_valid(told))
    assert code_of(told, told) is None


@pytest.mark.parametrize(
    ("earlier", "repeat"),
    [
        ([], False),
        ([date(2026, 3, 20)], True),
        ([date(2024, 3, 20)], True),
        ([date(2024, 3, 19)], False),
        ([date(2026, 3, 21)], False),
        ([date(2020, 1, 1), date(2025, 1, 1)], True),
    ],
)
def test_repeat_within_twenty_four_months(earlier: list[date], repeat: bool) -> None:
    assert is_repeat(date(2026, 3, 20), earlier) is repeat


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 3, 20), 24, date(2024, 3, 20)),
        (date(2024, 2, 29), 24, date(2022, 2, 28)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 7, 31), 1, date(2026, 6, 30)),
        (date(2026, 12, 31), 12, date(2025, 12, 31)),
    ],
)
def test_months_before(day: date, months: int, before: date) -> None:
    assert months_before(day, months) == before


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 240))
def test_months_before_is_so_many_months(day: date, months: int) -> None:
    before = months_before(day, months)
    assert (day.year - before.year) * 12 + day.month - before.month == months
    assert before.day == day.day or (before.day < day.day and before.day >= 28)


def test_every_word_is_there() -> None:
    assert set(MEASURE_LABELS) == set(Measure)
    assert set(SEVERITY_LABELS) == set(Severity)
    assert len(EVERY_CODE) == len(CATEGORIES) + len(SCHOOL_MATTERS) == 27
