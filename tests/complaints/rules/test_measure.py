"""Who decides which measure, where it is filed, for how long it holds: the table of domain.md §1.4, cell by cell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

import pytest

from ethics_eval.complaints.rules import measure as rules
from ethics_eval.complaints.rules.finding import (
    HEARING_MEASURES,
    SANCTIONS,
    TERM_MONTHS,
    Measure,
    capping_months,
)
from ethics_eval.complaints.rules.machine import Desk
from ethics_eval.complaints.rules.measure import Filing, MeasureState
from ethics_eval.roster.rules.teacher import Position
from ethics_eval.text import RuleViolation

BUREAU = frozenset({Desk.DISTRICT, Desk.CITY})
SCHOOL = frozenset({Desk.SCHOOL})
NONE, EDUCATION, PERSONNEL = Filing.NONE, Filing.EDUCATION, Filing.PERSONNEL

# measure → public school: who, filing; private school: who, filing
Row = tuple[frozenset[Desk], Filing, frozenset[Desk], Filing]
OTHER: Row = (BUREAU | SCHOOL, NONE, BUREAU | SCHOOL, NONE)
TABLE: dict[str, Row] = {
    "CRITIQUE": OTHER,
    "ADMONITION": OTHER,
    "WRITTEN_REVIEW": OTHER,
    "CIRCULATED": OTHER,
    "POST_CHANGE": OTHER,
    "REFUND": OTHER,
    "DISQUALIFY": OTHER,
    "WARNING": (BUREAU, NONE, SCHOOL, EDUCATION),
    "DEMERIT": (BUREAU, NONE, SCHOOL, EDUCATION),
    "MAJOR_DEMERIT": (BUREAU, NONE, SCHOOL, EDUCATION),
    "DEMOTION": (BUREAU, PERSONNEL, BUREAU, PERSONNEL),
    "REMOVAL": (BUREAU, PERSONNEL, BUREAU, PERSONNEL),
    "DISMISSAL": (BUREAU, PERSONNEL, SCHOOL, EDUCATION),
    "CONTRACT_END": (BUREAU | SCHOOL, EDUCATION, SCHOOL, EDUCATION),
    "CERT_REVOKE": (BUREAU, NONE, BUREAU, NONE),
}
TODAY = date(2026, 4, 10)


def refused(do: Callable[[], object]) -> str:
    with pytest.raises(RuleViolation) as violation:
        do()
    return violation.value.code


def test_every_measure_stands_in_the_table() -> None:
    assert set(TABLE) | {""} == set(Measure)


@pytest.mark.parametrize("ownership", ["public", "private", "inclusive"])
@pytest.mark.parametrize("body", Desk)
@pytest.mark.parametrize("name", TABLE)
def test_who_decides_and_where_it_is_filed(name: str, body: Desk, ownership: str) -> None:
    measure = Measure(name)
    row = TABLE[name]
    who, filing = row[:2] if ownership == "public" else row[2:]
    assert rules.deciders(measure, ownership) == who
    if body in who:
        rules.check_authority(measure, ownership, body, at_school=True)
        owed = NONE if filing is EDUCATION and body is not Desk.SCHOOL else filing
        assert rules.filing_of(measure, ownership, body) is owed
    else:
        assert refused(lambda: rules.check_authority(measure, ownership, body, at_school=True)).startswith(
            "measure."
        )


@pytest.mark.parametrize("measure", sorted(SANCTIONS))
def test_a_public_school_never_decides_a_sanction(measure: Measure) -> None:
    for at_school in (True, False):
        code = refused(partial(rules.check_authority, measure, "public", Desk.SCHOOL, at_school=at_school))
        assert code == "measure.sanction"


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("ownership", ["public", "private"])
def test_where_the_school_stands_aside_the_bureau_decides(name: str, ownership: str) -> None:
    assert rules.deciders(Measure(name), ownership, at_school=False) == BUREAU


@pytest.mark.parametrize(
    ("position", "major", "removal"),
    [
        (Position.TEACHER, False, False),
        (Position.ASSISTANT, False, False),
        (Position.SUPPORT, False, False),
        (Position.MANAGER, True, False),
        (Position.DEPUTY_HEAD, True, True),
        (Position.HEAD, True, True),
        (Position.SECRETARY, True, True),
    ],
)
def test_for_which_posts(position: Position, major: bool, removal: bool) -> None:
    offered = rules.allowed(Measure.CERT_REVOKE, "public", position, Desk.CITY, at_school=True)
    assert (Measure.MAJOR_DEMERIT in offered, Measure.REMOVAL in offered) == (major, removal)
    assert Measure.WARNING in offered


def test_nothing_heavier_than_the_finding_says() -> None:
    offered = rules.allowed(Measure.WARNING, "public", Position.TEACHER, Desk.DISTRICT, at_school=True)
    assert offered[0] is Measure.CRITIQUE
    assert offered[-1] is Measure.WARNING
    assert rules.allowed(Measure.NONE, "public", Position.TEACHER, Desk.DISTRICT, at_school=True) == []
    assert refused(lambda: rules.check_allowed(Measure.DEMERIT, Measure.WARNING)) == "measure.heavier"
    assert refused(lambda: rules.check_allowed(Measure.NONE, Measure.WARNING)) == "measure.missing"


def test_weights_terms_hearings() -> None:
    assert [measure.weight for measure in Measure] == list(range(len(Measure)))
    assert {
        Measure.DEMOTION,
        Measure.REMOVAL,
        Measure.DISMISSAL,
        Measure.CONTRACT_END,
        Measure.CERT_REVOKE,
    } == HEARING_MEASURES
    assert [TERM_MONTHS.get(measure) for measure in SANCTIONS - {Measure.DISMISSAL}].count(None) == 0
    assert {measure: rules.term_months(measure) for measure in TERM_MONTHS} == dict(TERM_MONTHS)
    assert rules.term_months(Measure.DISMISSAL) is None
    assert [capping_months(Measure(name)) for name in ("DISQUALIFY", "WARNING", "DEMERIT", "DISMISSAL")] == [
        0,
        6,
        12,
        24,
    ]
    assert capping_months(Measure.CERT_REVOKE) == 60


@pytest.mark.parametrize(
    ("months", "term"), [(None, 24), (24, 24), (36, 36), (120, 120), (23, None), (121, None), (0, None)]
)
def test_a_disqualification_lasts_two_years_at_least(months: int | None, term: int | None) -> None:
    if term is None:
        assert refused(lambda: rules.term_months(Measure.DISQUALIFY, months)) == "measure.months"
    else:
        assert rules.term_months(Measure.DISQUALIFY, months) == term
    assert rules.term_months(Measure.WARNING, months) == 6


def test_a_disqualification_says_from_what() -> None:
    assert rules.check_kind(Measure.DISQUALIFY, "title") == "title"
    assert refused(lambda: rules.check_kind(Measure.DISQUALIFY, "")) == "measure.kind"
    assert rules.check_kind(Measure.WARNING, "title") == ""


@pytest.mark.parametrize(
    ("starts", "months", "ends"),
    [
        (TODAY, 6, date(2026, 10, 10)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (TODAY, 24, date(2028, 4, 10)),
        (TODAY, None, None),
    ],
)
def test_the_last_day(starts: date, months: int | None, ends: date | None) -> None:
    assert rules.ends_on(starts, months) == ends


@pytest.mark.parametrize(
    ("state", "ends", "today", "code"),
    [
        (MeasureState.ACTIVE, date(2026, 10, 10), date(2026, 10, 10), None),
        (MeasureState.ACTIVE, date(2026, 10, 10), date(2026, 10, 11), "measure.over"),
        (MeasureState.EXTENDED, date(2026, 10, 10), TODAY, "measure.extended"),
        (MeasureState.LIFTED, date(2026, 10, 10), TODAY, "measure.over"),
        (MeasureState.REVOKED, date(2026, 10, 10), TODAY, "measure.over"),
        (MeasureState.EXPIRED, date(2026, 10, 10), TODAY, "measure.over"),
        (MeasureState.ACTIVE, None, TODAY, "measure.no_term"),
    ],
)
def test_extended_once_and_in_time(
    state: MeasureState, ends: date | None, today: date, code: str | None
) -> None:
    if code is None:
        rules.check_extension(state, ends, today)
    else:
        assert refused(lambda: rules.check_extension(state, ends, today)) == code


def test_extended_by_no_more_than_the_term() -> None:
    ends = date(2026, 10, 10)
    assert rules.extended_to(TODAY, ends, 3) == date(2027, 1, 10)
    assert rules.extended_to(TODAY, ends, 6) == date(2027, 4, 10)
    for months in (0, 7):
        assert refused(partial(rules.extended_to, TODAY, ends, months)) == "measure.extension"


@pytest.mark.parametrize(
    ("measure", "state", "today", "code"),
    [
        (Measure.WARNING, MeasureState.ACTIVE, date(2026, 10, 9), "measure.not_over"),
        (Measure.WARNING, MeasureState.ACTIVE, date(2026, 10, 10), None),
        (Measure.WARNING, MeasureState.EXPIRED, date(2026, 10, 11), None),
        (Measure.WARNING, MeasureState.LIFTED, date(2026, 10, 11), "measure.over"),
        (Measure.WARNING, MeasureState.REVOKED, date(2026, 10, 11), "measure.over"),
        (Measure.DISQUALIFY, MeasureState.ACTIVE, TODAY, None),
    ],
)
def test_a_sanction_is_lifted_when_its_term_is_over(
    measure: Measure, state: MeasureState, today: date, code: str | None
) -> None:
    ends = date(2026, 10, 10)
    if code is None:
        rules.check_lifting(measure, state, ends, today)
    else:
        assert refused(lambda: rules.check_lifting(measure, state, ends, today)) == code
    assert refused(lambda: rules.check_lifting(Measure.CRITIQUE, state, None, today)) == "measure.no_term"


@pytest.mark.parametrize(
    ("needed", "filed", "day", "code"),
    [
        (True, None, TODAY, None),
        (True, None, date(2026, 4, 9), "measure.filing_day"),
        (True, None, date(2026, 4, 13), "measure.filing_day"),
        (True, TODAY, TODAY, "measure.filed"),
        (False, None, TODAY, "measure.no_filing"),
    ],
)
def test_filed_once_where_it_is_owed(needed: bool, filed: date | None, day: date, code: str | None) -> None:
    today = date(2026, 4, 12)
    if code is None:
        rules.check_filing(needed, filed, TODAY, day, today)
    else:
        assert refused(lambda: rules.check_filing(needed, filed, TODAY, day, today)) == code
