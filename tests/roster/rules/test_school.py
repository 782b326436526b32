"""Codes, kinds, stages and ownership of schools."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.roster.rules.cell import Cell
from ethics_eval.roster.rules.school import (
    KIND_LABELS,
    STAGE_LABELS,
    Ownership,
    SchoolKind,
    Stage,
    check_stages,
    one_stage,
    ownership,
    school_code,
    school_kind,
    stages,
)
from ethics_eval.text import RuleViolation


@pytest.mark.parametrize("head", ["11", "21", "22", "31", "34", "37", "41", "42", "51", "91", "93"])
def test_codes_of_every_kind_of_institution(head: str) -> None:
    assert school_code(f"{head}43000001") == f"{head}43000001"


@pytest.mark.parametrize(
    "value", ["1243000001", "2343000001", "3843000001", "214300001", "21430000011", "21430000O1"]
)
def test_codes_that_are_none(value: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        school_code(value)
    assert refused.value.code == "school.code"


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("小学", ("PRI",)),
        ("初中、小学", ("PRI", "JUN")),
        ("高中；初中，小学", ("PRI", "JUN", "SEN")),
        ("PRI JUN", ("PRI", "JUN")),
        ("pri/jun", ("PRI", "JUN")),
        ("小学部\n初中部", ("PRI", "JUN")),
        ("幼儿园，小学，小学", ("KG", "PRI")),
        ("特殊教育", ("SPE",)),
        ("中职", ("VOC",)),
        ("学前教育阶段", ("KG",)),
        ("普通高中", ("SEN",)),
    ],
)
def test_stages(value: str, wanted: tuple[str, ...]) -> None:
    assert stages(value) == wanted


@pytest.mark.parametrize(
    ("value", "code"),
    [(None, "roster.missing"), ("、", "roster.missing"), ("大学", "school.stage"), (3, "school.stage")],
)
def test_what_is_no_stage(value: Cell, code: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        stages(value)
    assert refused.value.code == code


def test_a_posting_has_one_stage() -> None:
    assert one_stage("初中") is Stage.JUNIOR
    with pytest.raises(RuleViolation) as refused:
        one_stage("小学、初中")
    assert refused.value.code == "school.one_stage"


@given(
    st.lists(st.sampled_from(list(Stage)), min_size=1, max_size=8),
    st.sampled_from(["、", ",", "，", ";", "；", "/", " ", "\u3000", "\n", " 、 "]),
    st.booleans(),
)
def test_stages_in_any_order_and_writing(found: list[Stage], mark: str, named: bool) -> None:
    text = mark.join(STAGE_LABELS[stage] if named else stage.value for stage in found)
    assert stages(text) == tuple(stage for stage in Stage if stage in found)
    assert stages(" ".join(stages(text))) == stages(text)


def test_kinds_are_shown_as_they_are_stored() -> None:
    assert {kind: kind.value for kind in SchoolKind} == dict(KIND_LABELS)
    assert school_kind(" 九年一贯制学校") is SchoolKind.NINE_YEAR
    with pytest.raises(RuleViolation, match="没有“大学”这个类型"):
        school_kind("大学")


@pytest.mark.parametrize(
    ("value", "kind", "wanted"),
    [
        ("公办", SchoolKind.PRIMARY, Ownership.PUBLIC),
        ("民办", SchoolKind.SENIOR, Ownership.PRIVATE),
        ("普惠性民办", SchoolKind.KINDERGARTEN, Ownership.INCLUSIVE),
        ("普惠", SchoolKind.KINDERGARTEN, Ownership.INCLUSIVE),
    ],
)
def test_ownership(value: str, kind: SchoolKind, wanted: Ownership) -> None:
    assert ownership(value, kind) is wanted


def test_only_kindergartens_are_inclusive() -> None:
    with pytest.raises(RuleViolation) as refused:
        ownership("普惠性民办", SchoolKind.PRIMARY)
    assert refused.value.code == "school.inclusive"
    with pytest.raises(RuleViolation) as refused:
        ownership("混合", SchoolKind.PRIMARY)
    assert refused.value.code == "school.ownership"


@pytest.mark.parametrize(
    ("code", "kind", "found"),
    [
        ("1143000001", SchoolKind.KINDERGARTEN, "KG"),
        ("9143000001", SchoolKind.KINDERGARTEN, "KG"),
        ("2143000001", SchoolKind.PRIMARY, "PRI"),
        ("2143000001", SchoolKind.PRIMARY, "KG PRI"),
        ("2143000001", SchoolKind.TEACHING_POINT, "PRI"),
        ("3143000001", SchoolKind.NINE_YEAR, "PRI JUN"),
        ("2143000001", SchoolKind.NINE_YEAR, "KG PRI JUN"),
        ("3443000001", SchoolKind.TWELVE_YEAR, "PRI JUN SEN"),
        ("3443000001", SchoolKind.COMPLETE_SECONDARY, "JUN SEN"),
        ("3643000001", SchoolKind.VOCATIONAL, "SEN VOC"),
        ("5143000001", SchoolKind.SPECIAL, "PRI JUN SPE"),
    ],
)
def test_what_agrees(code: str, kind: SchoolKind, found: str) -> None:
    check_stages(code, kind, stages(found))


@pytest.mark.parametrize(
    ("code", "kind", "found", "refusal"),
    [
        ("2143000001", SchoolKind.PRIMARY, "PRI JUN", "school.kind_stages"),
        ("2143000001", SchoolKind.PRIMARY, "KG", "school.kind_stages"),
        ("3143000001", SchoolKind.NINE_YEAR, "JUN", "school.kind_stages"),
        ("1143000001", SchoolKind.KINDERGARTEN, "KG PRI", "school.kind_stages"),
        ("2143000001", SchoolKind.KINDERGARTEN, "KG", "school.code_stages"),
        ("1143000001", SchoolKind.PRIMARY, "PRI", "school.code_stages"),
        ("1143000001", SchoolKind.PRIMARY, "KG PRI", "school.code_stages"),
        ("3643000001", SchoolKind.SENIOR, "SEN", "school.code_stages"),
        ("5143000001", SchoolKind.PRIMARY, "PRI", "school.code_stages"),
    ],
)
def test_what_contradicts(code: str, kind: SchoolKind, found: str, refusal: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        check_stages(code, kind, stages(found))
    assert refused.value.code == refusal
    assert "%" not in str(refused.value)
