"""What the monthly report may show, and what it points at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.complaints.rules.report import LEAST, Flag, flags, median_tenths, month_on, shown, shown_sum


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, {}),
        ({"a": 0, "b": 9}, {"a": 0, "b": 9}),
        ({"a": 3, "b": 9, "c": 30}, {"a": None, "b": None, "c": 30}),
        ({"a": 3, "b": 4, "c": 30}, {"a": None, "b": None, "c": 30}),
        ({"a": 1, "b": 1, "c": 7, "d": 8}, {"a": None, "b": None, "c": None, "d": 8}),
        ({"a": 2}, {"a": None}),
        ({"a": 2, "b": 1}, {"a": None, "b": None}),
    ],
)
def test_small_numbers_are_hidden_and_cannot_be_taken_from_the_sum(
    counts: dict[str, int], expected: dict[str, int | None]
) -> None:
    assert shown(counts) == expected


@given(st.dictionaries(st.sampled_from([f"C{n:02}" for n in range(1, 20)]), st.integers(0, 40)))
def test_what_is_hidden_is_hidden_among_five_or_the_whole_is(counts: dict[str, int]) -> None:
    made = shown(counts)
    hidden = [counts[key] for key, count in made.items() if count is None]
    assert all(count is None or count == 0 or count >= LEAST for count in made.values())
    assert all(made[key] in {None, count} for key, count in counts.items())
    if hidden and sum(hidden) < LEAST:
        assert shown_sum(sum(counts.values())) is None


@pytest.mark.parametrize(
    ("days", "tenths"),
    [([], None), ([1, 2, 3, 4], None), ([9, 1, 5, 3, 7], 50), ([1, 2, 3, 4, 5, 6], 35), ([4] * 9, 40)],
)
def test_the_median(days: list[int], tenths: int | None) -> None:
    assert median_tenths(days) == tenths


@pytest.mark.parametrize(
    ("month", "by", "expected"),
    [
        ((2026, 1), -1, (2025, 12)),
        ((2026, 12), 1, (2027, 1)),
        ((2026, 5), -12, (2025, 5)),
        ((2026, 5), 0, (2026, 5)),
    ],
)
def test_months(month: tuple[int, int], by: int, expected: tuple[int, int]) -> None:
    assert month_on(*month, by) == expected


QUIET = {
    "received_in_year": 0,
    "teachers": 40,
    "opened_in_90_days": 0,
    "quick": 0,
    "decided": 0,
    "substantiated": 0,
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [Flag.SILENT, Flag.UNSEEN]),
        ({"opened_in_90_days": 3}, [Flag.SILENT]),
        ({"teachers": 29}, []),
        ({"received_in_year": 1}, []),
        ({"received_in_year": 9, "quick": 3}, [Flag.QUICK]),
        ({"received_in_year": 9, "quick": 2}, []),
        ({"received_in_year": 9, "decided": 5}, [Flag.NONE_FOUND]),
        ({"received_in_year": 9, "decided": 5, "substantiated": 1}, []),
        ({"received_in_year": 9, "decided": 4}, []),
    ],
)
def test_flags(changes: dict[str, int], expected: list[Flag]) -> None:
    assert flags(**{**QUIET, **changes}) == expected
