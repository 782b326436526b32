"""为什么是这个分: the steps come to what the computation says, and what few said is not shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings

from ethics_eval.evaluation.rules.scheme import Component, Item
from ethics_eval.ranking.rules.computation import Measured, measure, outcome_of
from ethics_eval.ranking.rules.derivation import (
    FEW,
    TURNOUT,
    Derivation,
    derive,
    read_means,
    round_means,
    seen,
)
from ethics_eval.ranking.rules.inputs import (
    GivenScore,
    HonourInput,
    Inputs,
    PersonInput,
    PostingInput,
    TallyInput,
)
from tests.ranking.rules.test_computation import DEFAULT, EXAMPLE, cities, finding, joined, person
from tests.ranking.rules.worked import worked_inputs


def of_one(inputs: Inputs, teacher: str) -> Inputs:
    """The rows of one teacher."""

    def own(rows: Sequence[Any]) -> list[Any]:
        return [row for row in rows if row.teacher == teacher]

    return Inputs(
        inputs.scheme,
        own(inputs.persons),
        own(inputs.postings),
        own(inputs.given),
        own(inputs.tallies),
        own(inputs.findings),
        own(inputs.honours),
    )


def derived(inputs: Inputs, teacher: str = "T1", found: Measured | None = None) -> Derivation:
    return derive(of_one(inputs, teacher), round_means(found or measure(inputs)))


def check(inputs: Inputs) -> None:
    """Every teacher's steps against the computation, and every formula against its own result."""
    found = measure(inputs)
    outcome = outcome_of(found)
    lines = {entry.finding: entry for entry in outcome.ledger}
    for row in outcome.rows:
        steps = derived(inputs, row.teacher, found)
        assert steps.agrees(row.components, row.base, row.score)
        assert (steps.deduct_e4, steps.bonus.bonus_e4, bool(steps.base.missing)) == (
            row.deduct,
            row.bonus,
            bool(row.flags),
        )
        if row.score is not None:
            assert steps.final is not None
            assert (steps.final.grade, steps.final.veto) == (row.grade, row.veto)
        for charge in steps.charges:
            assert (charge.line_e4, charge.reason) == (
                lines[charge.key].line_e4,
                lines[charge.key].reason,
            )
        for formula in formulas(steps):
            reckon(formula)


def formulas(steps: Derivation) -> list[str]:
    components = [step for posting in steps.postings for step in posting.components]
    found = [item.formula for step in components for item in step.items]
    found += [step.item_formula for step in components if step.items]
    found += [step.formula for step in components]
    found += [part.formula for part in steps.base.parts]
    found += [steps.base.formula, *(charge.formula for charge in steps.charges if charge.line_e4)]
    found += [steps.charge_formula, steps.final.formula if steps.final else ""]
    return [formula for formula in found if "=" in formula]


def reckon(formula: str) -> None:
    """Do the sum as a reader would: to four decimals, half up, kept between 0 and 100."""
    left, _equals, right = formula.partition(" → ")[0].rpartition(" = ")
    told = Fraction(right.replace("−", "-"))
    plain = left.replace("−", "-").replace("×", "*").replace("÷", "/")
    value = Fraction(0)
    terms = []
    for word in plain.replace("(", " ( ").replace(")", " ) ").split():
        bare = word.lstrip("-")
        if bare.rstrip("%").replace(".", "").replace("/", "").isdigit() and bare:
            sign = "-" if word.startswith("-") else ""
            number = Fraction(bare.rstrip("%")) / (100 if bare.endswith("%") else 1)
            terms.append(f"({sign}Fraction({number.numerator}, {number.denominator}))")
        else:
            terms.append(word)
    value = eval(" ".join(terms), {"Fraction": Fraction})  # noqa: S307 - our own figures and signs
    if 0 <= value <= 100:
        assert abs(value - told) <= Fraction(1, 20_000), formula
    else:
        assert told in {0, 100} or abs(value - told) <= Fraction(1, 20_000), formula


@given(cities())
@settings(max_examples=40)
def test_the_steps_come_to_what_was_computed(city: Inputs) -> None:
    check(city)


def test_the_worked_example_step_by_step() -> None:
    check(worked_inputs())


def test_each_step_of_a_counted_part_can_be_done_by_hand() -> None:
    counts = TallyInput("T1", "2143000001", "parent", "P1", (18, 6, 2, 1, 1), 40)
    other = person("T2", EXAMPLE)
    steps = derived(
        joined(
            person("T1", {k: v for k, v in EXAMPLE.items() if k != "parent"}),
            other,
            Inputs(DEFAULT, tallies=[counts]),
        )
    )
    (parent,) = (step for step in steps.postings[0].components if step.component is Component.PARENT)
    (item,) = parent.items
    assert (item.raters, item.cut, item.kept) == (28, 2, (16, 6, 2, 0, 0))
    assert item.formula == "(100 × 16 + 85 × 6 + 70 × 2) ÷ 24 = 93.7500"
    # the other teacher's 40 parents gave 92: m = (28 × 93.75 + 40 × 92) ÷ 68
    assert parent.formula == "(28 × 93.7500 + 16 × 92.7206) ÷ (28 + 16) = 93.3757"
    assert parent.is_shown
    assert parent.is_valid


def test_several_items_are_weighed() -> None:
    items = (Item("P1", 6000, (100, 0)), Item("P2", 4000, (100, 0)))
    scheme = replace(DEFAULT, items={**DEFAULT.items, Component.PARENT: items})
    rows = [TallyInput("T1", "2143000001", "parent", code, (20, 4)) for code in ("P1", "P2")]
    city = joined(person("T1", {"school": 90}), Inputs(scheme, tallies=rows), scheme=scheme)
    step = derived(city).postings[0].components[0]
    assert step.item_formula == "60% × 90.0000 + 40% × 90.0000 = 90.0000"


def test_a_missing_part_is_written_out() -> None:
    city = joined(
        person("T1", {"self": 90, "peer": 90, "school": 80}),
        person("T2", EXAMPLE),
    )
    base = derived(city).base
    assert base.missing == (Component.PUPIL, Component.PARENT)
    assert base.formula.startswith("10% × ")
    assert ") ÷ 60% = " in base.formula
    reckon(base.formula)


@pytest.mark.parametrize(
    ("raters", "eligible", "fault", "is_shown"),
    [(9, None, FEW, False), (12, 40, TURNOUT, True), (12, 16, "", True), (20, 400, "", True)],
)
def test_why_a_part_does_not_count_and_whether_it_shows(
    raters: int, eligible: int | None, fault: str, is_shown: bool
) -> None:
    row = GivenScore("T1", "2143000001", "pupil", 880_000, raters, eligible)
    step = (
        derived(joined(person("T1", {"school": 90}), Inputs(DEFAULT, given=[row]))).postings[0].components[0]
    )
    assert (step.fault, step.is_shown) == (fault, is_shown)


def test_what_is_kept_of_one_posting_is_not_told_by_another() -> None:
    """30 and 3 pupils: the 30 beside any sum would tell of the 3."""
    schools = ("2143000001", "3143000002")
    city = Inputs(
        DEFAULT,
        [PersonInput("T1")],
        [PostingInput("T1", code, "PRI", 10) for code in schools],
        [
            GivenScore("T1", code, "pupil", 880_000, raters)
            for code, raters in zip(schools, (30, 3), strict=True)
        ],
    )
    steps = derived(city)
    assert [step.is_shown for posting in steps.postings for step in posting.components] == [False, False]
    pupil = steps.base.parts[2]
    assert (pupil.score_e4, pupil.is_shown) == (880_000, False)


def test_caps_honours_and_lines_kept_from_the_reader() -> None:
    city = joined(
        person("T1", {**EXAMPLE, "self": 100, "school": 80}),
        findings=[
            finding("T1", "C07", "ordinary", key="a"),
            finding("T1", "C15", "ordinary", key="b", outcome="PARTLY", repeat=True),
            finding("T1", "C19", "minor", key="c", effective=False),
        ],
        honours=[HonourInput("T1", "city"), HonourInput("T1", "rescue")],
    )
    steps = derived(city)
    assert steps.base.parts[0].cap_e4 == 950_000
    assert [step.formula for step in steps.charges] == [
        "6.0000 = 6.0000",
        "8.0000 × 1/2 × 3/2 = 6.0000",
        "1.0000 = 1.0000",
    ]
    assert steps.charge_formula == "6.0000 + 6.0000 = 12.0000"
    assert (steps.bonus.sum_points, steps.bonus.bonus_e4) == (8, 50_000)
    school = seen(steps, {"a"})
    assert [step.key for step in school.charges] == ["a"]
    assert (school.hidden_e4, school.charge_formula) == (60_000, steps.charge_formula)
    warned = replace(city, persons=[PersonInput("T1", warning=True)])
    final = derived(warned).final
    assert final is not None
    assert (final.cap_e4, final.score, final.grade) == (699_900, 6999, "基本合格")


def test_means_are_kept_as_they_were() -> None:
    means = round_means(measure(joined(person("T1", EXAMPLE), person("T2", {"peer": 70}, stage="JUN"))))
    assert read_means(means.to_json()) == means
    assert means.level(Component.PUPIL, "JUN") == means.everywhere[Component.PUPIL]
    assert read_means("{}") is None


def test_only_one_teacher_is_derived() -> None:
    city = joined(person("T1", EXAMPLE), person("T2", EXAMPLE))
    with pytest.raises(ValueError, match="exactly one"):
        derive(city, round_means(measure(city)))
