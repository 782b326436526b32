"""The computation: the worked examples, and random cities against the same method in exact fractions."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ethics_eval.evaluation.rules.scheme import Component, Scheme, parse_scheme
from ethics_eval.ranking.rules.bottom import severity_key
from ethics_eval.ranking.rules.computation import compute
from ethics_eval.ranking.rules.inputs import (
    FindingInput,
    GivenScore,
    HonourInput,
    Inputs,
    PersonInput,
    PostingInput,
    TallyInput,
    penalty,
)
from ethics_eval.ranking.rules.outcome import Outcome, RankedRow
from ethics_eval.text import RuleViolation
from tests.ranking.rules import reference
from tests.ranking.rules.worked import expected, worked_inputs

DEFAULT = parse_scheme(files("ethics_eval.evaluation").joinpath("default_scheme.json").read_text("utf-8"))
PARTS = [part.value for part in Component]


def person(number: str, scores: dict[str, int], **posting: Any) -> Inputs:
    """One teacher with given components in whole points, by enough raters."""
    post = PostingInput(
        number, posting.pop("school", "2143000001"), posting.pop("stage", "PRI"), 20, **posting
    )
    raters = {"self": 1, "school": 1}
    return Inputs(
        DEFAULT,
        [PersonInput(number)],
        [post],
        [
            GivenScore(number, post.school, name, value * 10_000, raters.get(name, 40))
            for name, value in scores.items()
        ],
    )


def joined(*parts: Inputs, **changes: Any) -> Inputs:
    return Inputs(
        changes.get("scheme", parts[0].scheme),
        [row for part in parts for row in part.persons],
        [row for part in parts for row in part.postings],
        [row for part in parts for row in part.given],
        [row for part in parts for row in part.tallies],
        [*(row for part in parts for row in part.findings), *changes.get("findings", ())],
        [*(row for part in parts for row in part.honours), *changes.get("honours", ())],
    )


def finding(teacher: str, category: str = "C15", severity: str = "ordinary", **fields: Any) -> FindingInput:
    points, veto = penalty(category, severity, fields.pop("points", None), fields.pop("veto", False))
    return FindingInput(
        key=fields.pop("key", f"{teacher}-{category}-{severity}"),
        teacher=teacher,
        category=category,
        severity=severity,
        outcome=fields.pop("outcome", "SUBSTANTIATED"),
        points_e4=points,
        veto=veto,
        repeat=fields.pop("repeat", False),
        effective=fields.pop("effective", True),
        facts=fields.pop("facts", ""),
    )


def row_of(inputs: Inputs, teacher: str = "T1") -> RankedRow:
    return next(row for row in compute(inputs).rows if row.teacher == teacher)


EXAMPLE = {"self": 95, "peer": 90, "pupil": 88, "parent": 92, "school": 86}


# --- domain.md §7.7, items 4–9 (alone in a stage, shrinking towards one's own mean changes nothing) -----------


def test_the_worked_score_with_a_deduction_and_an_honour() -> None:
    alone = person("T1", EXAMPLE)
    assert row_of(alone).score == 8930
    assert row_of(joined(alone, findings=[finding("T1")])).score == 8130
    both = row_of(joined(alone, findings=[finding("T1")], honours=[HonourInput("T1", "city")]))
    assert (both.score, both.grade, both.deduct, both.bonus) == (8430, "合格", 80_000, 30_000)


def test_a_finding_not_yet_effective_costs_nothing() -> None:
    outcome = compute(joined(person("T1", EXAMPLE), findings=[finding("T1", effective=False)]))
    assert outcome.rows[0].score == 8930
    assert [(line.counted, line.reason) for line in outcome.ledger] == [(False, "NOT_EFFECTIVE")]


def test_oneself_is_capped_fifteen_points_over_the_school() -> None:
    assert row_of(person("T1", {**EXAMPLE, "self": 100, "school": 80})).components[0] == 950_000


def test_repeats_halves_and_vetoes() -> None:
    alone = person("T1", EXAMPLE)
    twice = [
        finding("T1", "C07", "ordinary", key="a"),
        finding("T1", "C07", "ordinary", key="b", repeat=True),
    ]
    assert row_of(joined(alone, findings=twice)).deduct == 150_000
    partly = [finding("T1", "C13", "serious", outcome="PARTLY")]
    assert row_of(joined(alone, findings=partly)).deduct == 75_000
    abuse = row_of(joined(alone, findings=[finding("T1", "C11", "grave")]))
    assert (abuse.score, abuse.grade, abuse.veto) == (5999, "不合格", True)


@pytest.mark.parametrize("outcome", ["UNSUBSTANTIATED", "UNVERIFIABLE", "LAWFUL_DISCIPLINE", "MALICIOUS"])
def test_what_was_not_found_true_changes_nothing(outcome: str) -> None:
    alone = person("T1", {**EXAMPLE, "peer": 100, "pupil": 100, "parent": 100, "school": 100})
    accused = joined(alone, findings=[finding("T1", "C11", "grave", outcome=outcome)])
    assert row_of(accused) == row_of(alone)
    assert row_of(accused).grade == "优秀"


def test_the_same_facts_count_once_at_their_worst_but_a_veto_stays() -> None:
    lines = [
        finding("T1", "C09", "serious", facts="A", key="a"),
        finding("T1", "C11", "ordinary", facts="A", key="b"),
        finding("T1", "C04", "minor", facts="B", key="c"),
    ]
    outcome = compute(joined(person("T1", EXAMPLE), findings=lines))
    row = outcome.rows[0]
    assert (row.deduct, row.veto) == (80_000, True)
    assert [line.reason for line in outcome.ledger] == ["", "SAME_FACTS", ""]
    assert sum(line.line_e4 for line in outcome.ledger if line.counted) == row.deduct


def test_deductions_end_at_the_cap_and_bonuses_too() -> None:
    alone = person("T1", EXAMPLE)
    many = [finding("T1", "C15", "serious", key=str(number)) for number in range(5)]
    assert row_of(joined(alone, findings=many)).deduct == 400_000
    honours = [HonourInput("T1", level) for level in ("school", "nation", "rescue")]
    assert row_of(joined(alone, honours=honours)).bonus == 50_000
    assert row_of(joined(alone, honours=honours, findings=[finding("T1", "C15", "serious")])).bonus == 0
    assert row_of(joined(alone, honours=honours, findings=[finding("T1", "C15", "ordinary")])).bonus == 50_000


def test_a_warning_caps_the_score() -> None:
    warned = replace(person("T1", EXAMPLE), persons=[PersonInput("T1", warning=True)])
    assert (row_of(warned).score, row_of(warned).grade) == (6999, "基本合格")


@pytest.mark.parametrize(
    ("severity", "own", "expected"),
    [("minor", None, 30_000), ("serious", None, 150_000), ("grave", None, 0), ("grave", 25_000, 25_000)],
)
def test_points_come_from_the_table_unless_the_decision_has_its_own(
    severity: str, own: int | None, expected: int
) -> None:
    assert penalty("C15", severity, own, False)[0] == expected


@pytest.mark.parametrize(("category", "severity"), [("C01", "minor"), ("X1", "minor"), ("C01", "huge")])
def test_what_the_table_lacks_is_refused(category: str, severity: str) -> None:
    with pytest.raises(RuleViolation):
        penalty(category, severity, 10_000, False)


# --- who is rated (R11) ---------------------------------------------------------------------------------------


def test_why_a_person_is_not_rated_the_first_reason_speaks() -> None:
    city = joined(
        person("K", EXAMPLE, stage="KG", held="MATERNITY"),
        person("H", EXAMPLE, held="MATERNITY"),
        replace(
            person("N", EXAMPLE),
            postings=[PostingInput("N", "2143000001", "PRI", 9)],
        ),
        person("S", {"self": 90, "school": 90}),
        person("T1", EXAMPLE),
        person("T2", {"self": 90, "parent": 90, "pupil": 90}),
    )
    reasons = {row.teacher: row.reason for row in compute(city).rows}
    assert reasons == {
        "K": "KINDERGARTEN_NOT_RANKED",
        "H": "MATERNITY",
        "N": "NEW_UNDER_HALF",
        "S": "SAMPLE_TOO_SMALL",
        "T1": "",
        "T2": "",
    }
    assert row_of(city, "T2").flags == ("reweighted",)


def test_a_transfer_is_weighed_by_weeks_and_placed_where_most_were_spent() -> None:
    moved = joined(
        Inputs(
            DEFAULT,
            [PersonInput("T1")],
            [PostingInput("T1", "2143000001", "PRI", 5), PostingInput("T1", "3143000002", "JUN", 15)],
            [
                GivenScore("T1", code, name, value * 10_000, 40)
                for code, value in (("2143000001", 60), ("3143000002", 80))
                for name in PARTS
            ],
        )
    )
    row = row_of(moved)
    assert row.components == (750_000,) * 5
    assert (row.school, row.stage) == ("3143000002", "JUN")


def test_the_worked_example_of_the_method_is_met_exactly() -> None:
    outcome = compute(worked_inputs())
    wanted = expected()
    found = {
        row.teacher: {
            "base": row.base,
            "bonus": row.bonus,
            "comp": {
                name: value for name, value in zip(PARTS, row.components, strict=True) if value is not None
            },
            "deduct": row.deduct,
            "flags": list(row.flags),
            "provisional": row.provisional,
            "reason": row.reason or None,
            "school": row.school,
            "stage": row.stage,
            "status": row.status,
            "veto": row.veto,
            "grade": row.grade or None,
            "score": row.score,
            "rank": row.place,
            "stage_rank": row.stage_place,
            "school_rank": row.school_place,
        }
        for row in outcome.rows
    }
    compared = {
        who["no"]: {name: who.get(name) for name in next(iter(found.values()))} for who in wanted["people"]
    }
    assert found == compared
    assert [[entry.teacher, entry.treatment] for entry in outcome.bottom] == wanted["bottom"]
    assert (outcome.dropped, outcome.rated_count) == (wanted["dropped"], wanted["rated"])


# --- the bottom list (R12) --------------------------------------------------------------------------------------


def listed_city(scores: list[int], **changes: Any) -> Inputs:
    """Teachers by number with all parts alike, in whole points, and thirty good ones above them."""
    low = [person(f"L{place}", dict.fromkeys(PARTS, score)) for place, score in enumerate(scores)]
    good = [person(f"T{place:02}", dict.fromkeys(PARTS, 95)) for place in range(30)]
    flat = replace(
        DEFAULT,
        components={name: replace(rule, prior=0) for name, rule in DEFAULT.components.items()},
        **changes.pop("rule", {}),
    )
    return joined(*low, *good, scheme=flat, **changes)


def names(outcome: Outcome) -> list[str]:
    return [entry.teacher for entry in outcome.bottom]


def test_ties_across_the_cut_are_dropped_or_taken_whole() -> None:
    scores = [58, 61, 63, 66, 68, 68]
    dropped = compute(listed_city(scores))
    assert (names(dropped), dropped.dropped) == (["L0", "L1", "L2", "L3"], 2)
    taken = compute(listed_city(scores, rule={"tie_rule": "all"}))
    assert (names(taken), taken.dropped) == (["L0", "L1", "L2", "L3", "L4", "L5"], 0)


def test_a_place_alone_names_nobody() -> None:
    outcome = compute(listed_city([71, 72, 73, 74, 75]))
    assert [entry.treatment for entry in outcome.bottom] == ["private"] * 5
    ranked = compute(listed_city([71, 72, 73, 74, 75], rule={"naming": "rank"}))
    assert [entry.treatment for entry in ranked.bottom] == ["named"] * 5


def test_evidence_names_and_nobody_moves_up() -> None:
    outcome = compute(
        listed_city(
            [71, 72, 73, 74, 75, 76],
            findings=[
                finding("L1"),
                finding("L2", "C19", "minor"),
                finding("L3", "C04", "minor", points=30_000),
            ],
        )
    )
    treatments = {entry.teacher: (entry.treatment, entry.basis) for entry in outcome.bottom}
    assert treatments == {
        "L1": ("named", ("finding", "deduction")),
        "L0": ("private", ()),
        "L3": ("named", ("deduction",)),
        "L2": ("private", ()),
        "L4": ("private", ()),
    }


def test_the_provisional_are_passed_over_and_counted() -> None:
    city = listed_city([60, 61, 62, 63, 64, 65])
    pending = [row._replace(pending=row.teacher == "L2") for row in city.persons]
    outcome = compute(replace(city, persons=pending))
    assert names(outcome) == ["L0", "L1", "L3", "L4", "L5"]
    assert outcome.passed_over == 1
    row = next(row for row in outcome.rows if row.teacher == "L2")
    assert (row.provisional, row.place) == (True, 34)


def test_a_correction_lists_nobody_whom_the_earlier_ranking_did_not() -> None:
    city = listed_city([60, 61, 62, 63, 64, 65])
    outcome = compute(replace(city, listed_only=frozenset({"L1", "L4", "L5"})))
    assert names(outcome) == ["L1", "L4"]  # L5 does not move up
    assert (outcome.counts()["listed"], outcome.counts()["kept_out"]) == (2, 3)
    assert outcome.rows == compute(city).rows
    assert "kept_out" not in compute(city).counts()


def test_a_short_list_has_no_bottom() -> None:
    city = listed_city([60])
    few = [row for row in city.persons if row.teacher == "L0" or row.teacher < "T28"]
    kept = {row.teacher for row in few}
    small = replace(
        city,
        persons=few,
        postings=[row for row in city.postings if row.teacher in kept],
        given=[row for row in city.given if row.teacher in kept],
    )
    assert len(few) == 29
    assert compute(small).bottom == ()


def test_of_equal_scores_the_veto_is_worse_then_the_deduction_then_the_parts() -> None:
    city = listed_city([90, 90, 90, 90])
    given = [
        row._replace(score_e4=row.score_e4 + change)
        for row in city.given
        for change in [
            {
                ("L1", "school"): -10_000,
                ("L1", "self"): 30_000,
                ("L2", "parent"): -10_000,
                ("L2", "self"): 20_000,
            }.get((row.teacher, row.component), 0)
        ]
    ]
    outcome = compute(replace(city, given=given))
    low = [row for row in outcome.rows if row.teacher.startswith("L")]
    assert {row.score for row in low} == {9000}
    # L0 and L3 are equal in all five keys, L1's school part and L2's parents' part are lower
    assert names(outcome)[:2] == ["L1", "L2"]
    assert set(names(outcome)[2:4]) == {"L0", "L3"}


def test_nobody_at_all_is_an_empty_ranking() -> None:
    outcome = compute(Inputs(DEFAULT))
    assert (list(outcome.rows), outcome.bottom, outcome.rated_count) == ([], (), 0)


# --- random cities ------------------------------------------------------------------------------------------------

SCHOOLS = ("2143000001", "2143000002", "3143000001")
STAGES = ("PRI", "JUN", "KG")


@st.composite
def cities(draw: st.DrawFn) -> Inputs:
    """Small cities with everything in them: transfers, kindergartens, tallies, findings, honours."""
    scheme: Scheme = replace(
        DEFAULT,
        min_list=draw(st.sampled_from([1, 5])),
        tie_rule=draw(st.sampled_from(["none", "all"])),
        min_valid_weight=draw(st.sampled_from([0, 5000])),
    )
    numbers = [f"T{place}" for place in range(draw(st.integers(1, 9)))]
    persons, postings, given_rows, tallies, findings, honours = [], [], [], [], [], []
    for number in numbers:
        persons.append(PersonInput(number, draw(st.booleans()), draw(st.sampled_from([False, False, True]))))
        for school in draw(st.lists(st.sampled_from(SCHOOLS), min_size=1, max_size=2, unique=True)):
            held = draw(st.sampled_from(["", "", "", "MATERNITY", "SUSPENDED"]))
            postings.append(
                PostingInput(number, school, draw(st.sampled_from(STAGES)), draw(st.integers(1, 20)), held)
            )
            for name in PARTS:
                kind = draw(st.sampled_from(["given", "given", "tally", "none"]))
                eligible = draw(st.one_of(st.none(), st.integers(0, 60)))
                if kind == "given":
                    score = draw(st.one_of(st.integers(0, 1_000_000), st.sampled_from([500_000, 900_000])))
                    raters = draw(st.one_of(st.none(), st.integers(0, 40)))
                    given_rows.append(GivenScore(number, school, name, score, raters, eligible))
                elif kind == "tally" and Component(name) in scheme.items:
                    counts = tuple(draw(st.lists(st.integers(0, 12), min_size=5, max_size=5)))
                    code = scheme.items[Component(name)][0].code
                    tallies.append(TallyInput(number, school, name, code, counts, eligible))
    for key in range(draw(st.integers(0, 5))):
        category = draw(st.sampled_from(["C06", "C11", "C15", "C19"]))
        findings.append(
            finding(
                draw(st.sampled_from(numbers)),
                category,
                draw(st.sampled_from(["minor", "ordinary", "serious", "grave"])),
                key=f"F{key}",
                outcome=draw(st.sampled_from(["SUBSTANTIATED", "PARTLY", "UNSUBSTANTIATED"])),
                points=draw(st.sampled_from([None, 25_000, 33_333])),
                repeat=draw(st.booleans()),
                effective=draw(st.booleans()),
                facts=draw(st.sampled_from(["", "A"])),
            )
        )
    levels = st.sampled_from(["school", "city", "nation", "rescue"])
    honours = [
        HonourInput(draw(st.sampled_from(numbers)), draw(levels)) for _ in range(draw(st.integers(0, 3)))
    ]
    return Inputs(scheme, persons, postings, given_rows, tallies, findings, honours)


@given(cities())
def test_it_equals_the_method_in_exact_fractions(city: Inputs) -> None:
    rows = reference.finals(city)
    for row in compute(city).rows:
        wanted = rows[row.teacher]
        parts = {name: value for name, value in zip(PARTS, row.components, strict=True) if value is not None}
        assert (parts, row.base, row.deduct, row.veto, row.bonus, row.reason) == (
            wanted["comp"],
            wanted["base"],
            wanted["deduct"],
            wanted["veto"],
            wanted["bonus"],
            wanted["reason"],
        )
        assert (row.score, row.place, row.stage_place, row.school_place) == tuple(
            wanted.get(name) for name in ("score", "place", "stage_place", "school_place")
        )


@given(cities(), st.randoms(use_true_random=False))
def test_any_order_of_the_rows_is_the_same_ranking(city: Inputs, chance: Any) -> None:
    shuffled = [
        chance.sample(list(rows), len(rows))
        for rows in (city.persons, city.postings, city.given, city.tallies, city.findings, city.honours)
    ]
    assert compute(Inputs(city.scheme, *shuffled)) == compute(city)


@given(cities())
def test_pending_complaints_move_nothing(city: Inputs) -> None:
    calm = compute(replace(city, persons=[row._replace(pending=False) for row in city.persons]))
    stormy = compute(replace(city, persons=[row._replace(pending=True) for row in city.persons]))
    assert [row._replace(provisional=False) for row in stormy.rows] == list(calm.rows)
    assert stormy.bottom == ()


@given(cities())
@settings(max_examples=200)
def test_the_list_is_short_and_never_cut_by_chance(city: Inputs) -> None:
    outcome = compute(city)
    by_number = {row.teacher: row for row in outcome.rows}
    listed = {entry.teacher for entry in outcome.bottom}
    if city.scheme.tie_rule == "none":
        assert len(listed) <= city.scheme.bottom
    inside = {severity_key(by_number[teacher]) for teacher in listed}
    outside = {
        severity_key(row)
        for row in outcome.rows
        if row.status == "rated" and not row.provisional and row.teacher not in listed
    }
    assert not inside & outside
    assert all(not by_number[teacher].provisional for teacher in listed)


@given(cities())
def test_the_ledger_adds_up_to_what_was_deducted(city: Inputs) -> None:
    outcome = compute(city)
    cap = city.scheme.deduction_cap * 10_000
    for row in outcome.rows:
        lines = sum(line.line_e4 for line in outcome.ledger if line.teacher == row.teacher and line.counted)
        assert min(lines, cap) == row.deduct


@st.composite
def tied(draw: st.DrawFn) -> Inputs:
    """Many people of few different scores, so that the cut often goes through a group of equals."""
    flat = replace(
        DEFAULT,
        components={name: replace(rule, prior=0) for name, rule in DEFAULT.components.items()},
        min_list=1,
        tie_rule=draw(st.sampled_from(["none", "all"])),
    )
    scores = draw(st.lists(st.sampled_from([60, 60, 61, 70]), min_size=1, max_size=12))
    people = [person(f"T{place:02}", dict.fromkeys(PARTS, score)) for place, score in enumerate(scores)]
    findings = [
        finding(f"T{place:02}", "C19", "minor") for place in range(0, len(scores), draw(st.integers(2, 4)))
    ]
    city = joined(*people, scheme=flat, findings=findings)
    return replace(city, persons=[row._replace(pending=draw(st.integers(0, 5)) == 0) for row in city.persons])


@given(tied(), st.randoms(use_true_random=False))
def test_other_numbers_list_the_same_people(city: Inputs, chance: Any) -> None:
    numbers = [row.teacher for row in city.persons]
    other = dict(zip(numbers, chance.sample(numbers, len(numbers)), strict=True))
    renamed = compute(
        Inputs(
            city.scheme,
            [row._replace(teacher=other[row.teacher]) for row in city.persons],
            [row._replace(teacher=other[row.teacher]) for row in city.postings],
            [row._replace(teacher=other[row.teacher]) for row in city.given],
            findings=[row._replace(teacher=other[row.teacher]) for row in city.findings],
        )
    )
    outcome = compute(city)
    assert {entry._replace(teacher=other[entry.teacher]) for entry in outcome.bottom} == set(renamed.bottom)
    assert renamed.counts() == outcome.counts()
    if city.scheme.tie_rule == "none":
        assert len(outcome.bottom) <= city.scheme.bottom


@settings(max_examples=30)
@given(cities(), st.sampled_from(["PENDING", "UNSUBSTANTIATED", "LAWFUL_DISCIPLINE", "MALICIOUS"]))
def test_complaints_that_were_not_found_true_move_nothing(city: Inputs, outcome: str) -> None:
    accused = [
        finding(
            row.teacher,
            "C11",
            "grave",
            key=f"X{row.teacher}",
            outcome="SUBSTANTIATED" if outcome == "PENDING" else outcome,
            effective=outcome != "PENDING",
            facts="A",
        )
        for row in city.persons
    ]
    before, after = compute(city), compute(replace(city, findings=[*city.findings, *accused]))
    assert (after.rows, after.bottom, after.counts()) == (before.rows, before.bottom, before.counts())
