"""What staff take down: the channel, the other office's number and limit, the day it came."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ethics_eval.complaints.rules.filing import (
    FILED_SOURCES,
    NUMBERED,
    Filing,
    check_not_about_own,
    filing_problems,
    phone_matches,
)
from ethics_eval.complaints.rules.query_code import normalise_half
from ethics_eval.complaints.rules.source import Source
from ethics_eval.text import RuleViolation

TODAY = date(2026, 3, 20)
PHONE = Filing(Source.PHONE, "", TODAY)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, []),
        ({"source": Source.WEB}, ["source"]),
        ({"source": Source.QR}, ["source"]),
        ({"source": Source.HOTLINE_12345}, ["reference"]),
        ({"source": Source.HOTLINE_12345, "reference": "　"}, ["reference"]),
        ({"source": Source.HOTLINE_12345, "reference": "DH20260320001"}, []),
        ({"reference": "x" * 41}, ["reference"]),
        ({"received_on": TODAY + timedelta(days=1)}, ["received_on"]),
        ({"received_on": TODAY - timedelta(days=30)}, []),
        ({"received_on": TODAY - timedelta(days=31)}, ["received_on"]),
        ({"source_due_on": TODAY}, []),
        ({"source_due_on": TODAY - timedelta(days=1)}, ["source_due_on"]),
        ({"source_due_on": TODAY + timedelta(days=400)}, ["source_due_on"]),
    ],
)
def test_problems(changes: dict[str, object], fields: list[str]) -> None:
    assert [one.field for one in filing_problems(replace(PHONE, **changes), today=TODAY)] == fields  # type: ignore[arg-type]


def test_every_channel_but_the_complainants_own_is_taken_down() -> None:
    assert set(FILED_SOURCES) | {Source.WEB, Source.QR} == set(Source)
    assert set(FILED_SOURCES) >= NUMBERED


@pytest.mark.parametrize(
    ("is_recused", "at_school", "refused"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_a_school_takes_down_nothing_about_its_own_head(
    is_recused: bool, at_school: bool, refused: bool
) -> None:
    if not refused:
        check_not_about_own(is_recused=is_recused, at_school=at_school)
        return
    with pytest.raises(RuleViolation) as violation:
        check_not_about_own(is_recused=is_recused, at_school=at_school)
    assert violation.value.field == "respondent"


@pytest.mark.parametrize(
    ("typed", "phones", "matches"),
    [
        ("1111", ["138 0000 1111"], True),
        ("11 11", ["13800001111"], True),
        ("1112", ["13800001111"], False),
        ("", ["13800001111"], False),
        ("", [""], True),
        ("9999", [], True),
    ],
)
def test_the_last_four_figures(typed: str, phones: list[str], matches: bool) -> None:
    assert phone_matches(typed, phones) is matches


@pytest.mark.parametrize(
    ("typed", "half"),
    [
        ("7k3m-q9tz", "7K3MQ9TZ"),
        ("7K3M Q9TZ", "7K3MQ9TZ"),
        ("O1L0 0000", "01100000"),
        ("7K3M", None),
        ("7K3M-Q9TZ-1", None),
    ],
)
def test_the_half_as_it_is_typed(typed: str, half: str | None) -> None:
    assert normalise_half(typed) == half
