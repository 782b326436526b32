"""Cells as real workbooks bring them."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.roster.rules.cell import (
    EARLIEST_DAY,
    LATEST_DAY,
    SERIAL_EPOCH,
    Cell,
    cell_text,
    count,
    day,
    heading_key,
    identifier,
    list_parts,
    number,
)
from ethics_eval.text import RuleViolation


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("  张  三\t", "张 三"),
        ("学校\n标识码", "学校 标识码"),
        ("\u3000\u200b天台小学\ufeff", "天台小学"),
        (3.0, "3"),
        (3.5, "3.5"),
        (2143, "2143"),
        ("\ue000某", "\ue000某"),
        ("𬭚", "𬭚"),
    ],
)
def test_text(value: Cell, text: str) -> None:
    assert cell_text(value) == text


@pytest.mark.parametrize(
    "heading",
    [
        "*到岗",
        "到岗*",
        "＊到岗",
        "到岗\t",
        "到\r\n岗",
        " 到　岗 ",
        "到岗(yyyy-MM-dd)",
        "到岗（必填）",
        "* 到岗 (yyyy-MM-dd)",
        "到岗：",
    ],
)
def test_headings_with_their_dirt(heading: str) -> None:
    assert heading_key(heading) == "到岗"


def test_a_bracket_inside_a_heading_stays() -> None:
    assert heading_key("学校(机构)标识码") == "学校(机构)标识码"
    assert heading_key("*学校（机构）标识码\n（10位）") == "学校(机构)标识码"


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (date(2025, 9, 1), date(2025, 9, 1)),
        (datetime(2025, 9, 1), date(2025, 9, 1)),  # noqa: DTZ001 - what Excel gives
        ("2025-09-01", date(2025, 9, 1)),
        ("2025-9-1", date(2025, 9, 1)),
        ("2025/9/1", date(2025, 9, 1)),
        ("2025.9.1", date(2025, 9, 1)),
        ("2025年9月1日", date(2025, 9, 1)),
        ("2025年09月01", date(2025, 9, 1)),
        ("2025 年 9 月 1 日", date(2025, 9, 1)),
        ("２０２５－０９－０１", date(2025, 9, 1)),
        ("20250901", date(2025, 9, 1)),
        (20250901, date(2025, 9, 1)),
        ("2025-09-01 00:00:00", date(2025, 9, 1)),
        ("2025-09-01T00:00", date(2025, 9, 1)),
        (45901, date(2025, 9, 1)),
        (45901.0, date(2025, 9, 1)),
        ("45901", date(2025, 9, 1)),
        ("2024-02-29", date(2024, 2, 29)),
        (None, None),
        ("   ", None),
    ],
)
def test_days(value: Cell, wanted: date | None) -> None:
    assert day(value) == wanted


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("2025-02-29", "roster.day"),
        ("2025-13-01", "roster.day"),
        ("20251301", "roster.day"),
        ("2025年9月", "roster.day_of_month"),
        ("2025-09", "roster.day_of_month"),
        ("2025.9", "roster.day_of_month"),
        ("2025", "roster.day_shape"),
        (2025, "roster.day_shape"),
        ("25-9-1", "roster.day_shape"),
        ("9/1/2025", "roster.day_shape"),
        ("2025-9/1", "roster.day_shape"),
        ("去年九月", "roster.day_shape"),
        ("2025-09-01 08:30", "roster.day_shape"),
        (datetime(2025, 9, 1, 8, 30), "roster.day_shape"),  # noqa: DTZ001
        (45901.5, "roster.day_shape"),
        (True, "roster.day_shape"),
        (-3, "roster.day_shape"),
        ("1949-10-01", "roster.day_range"),
        (100, "roster.day_shape"),
        (1000, "roster.day_range"),
        ("2205-09-01", "roster.day_range"),
    ],
)
def test_what_is_no_day(value: Cell, code: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        day(value)
    assert refused.value.code == code


@given(st.dates(EARLIEST_DAY, LATEST_DAY))
def test_every_day_in_every_shape(one: date) -> None:
    serial = (one - SERIAL_EPOCH).days
    shapes: list[Cell] = [
        one,
        datetime(one.year, one.month, one.day),  # noqa: DTZ001
        one.isoformat(),
        f"{one.year}/{one.month}/{one.day}",
        f"{one.year}.{one.month:02}.{one.day:02}",
        f"{one.year}年{one.month}月{one.day}日",
        f"{one:%Y%m%d}",
        serial,
        float(serial),
        str(serial),
    ]
    assert {day(shape) for shape in shapes} == {one}


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.datetimes(), st.none()))
def test_whatever_comes_is_a_day_empty_or_refused(value: Cell) -> None:
    found: date | None = None
    with suppress(RuleViolation):
        found = day(value)
    assert found is None or EARLIEST_DAY <= found <= LATEST_DAY


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("T000072", "T000072"),
        (" 0012 ", "0012"),
        ("０１２", "012"),
        ("'0012", "0012"),
        ("1E5", "1E5"),
        ("zz-1_2.3", "zz-1_2.3"),
    ],
)
def test_identifiers(value: Cell, wanted: str) -> None:
    assert identifier(value) == wanted


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "roster.missing"),
        ("\u3000", "roster.missing"),
        (2143000001, "roster.number_cell"),
        (2.143e9, "roster.number_cell"),
        ("2.143E+09", "roster.scientific"),
        ("4.302E+17", "roster.scientific"),
        ("2E+09", "roster.scientific"),
        ("号001", "roster.identifier"),
        ("12 34", "roster.identifier"),
        ("=1+1", "roster.identifier"),
        ("9" * 41, "roster.identifier"),
        (True, "roster.identifier"),
        (date(2025, 1, 1), "roster.identifier"),
    ],
)
def test_what_is_no_identifier(value: Cell, code: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        identifier(value)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, None),
        (0, 0),
        ("1,234", 1234),
        ("1，234", 1234),
        (56.0, 56),
        ("８００人", 800),
        ("100000", 100_000),
    ],
)
def test_counts(value: Cell, wanted: int | None) -> None:
    assert count(value) == wanted


@pytest.mark.parametrize("value", [-1, 1.5, "约300", "100001", True, date(2025, 1, 1)])
def test_what_is_no_count(value: Cell) -> None:
    with pytest.raises(RuleViolation) as refused:
        count(value)
    assert refused.value.code == "roster.count"


def test_parts_of_a_list() -> None:
    assert list_parts("小学、初中，高中；特教/中职 幼儿园;PRI,JUN") == [
        "小学",
        "初中",
        "高中",
        "特教",
        "中职",
        "幼儿园",
        "PRI",
        "JUN",
    ]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, None),
        ("", None),
        (7, "7"),
        (2.5, "2.5"),
        (0.1 + 0.2, "0.3"),
        ("１２．５", "12.5"),
        ("1,234.50", "1234.50"),
    ],
)
def test_numbers_exactly_as_written(value: Cell, wanted: str | None) -> None:
    assert number(value) == (None if wanted is None else Decimal(wanted))


@pytest.mark.parametrize("value", ["多", "1.2.3", True, date(2025, 9, 1), float("nan"), "0x10", "1_000"])
def test_what_is_no_number(value: Cell) -> None:
    with pytest.raises(RuleViolation, match="请填写数字"):
        number(value)
