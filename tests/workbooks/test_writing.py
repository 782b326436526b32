"""Workbooks that are written: what was given stands in them, as text where it is text, and they print well."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from ethics_eval.workbooks.reading import read_workbook
from ethics_eval.workbooks.writing import (
    A3,
    A4,
    LONGEST_TEXT,
    Column,
    Given,
    Kind,
    Marked,
    Table,
    save_workbook,
    write_workbook,
)


def written(*tables: Table, **options: Any) -> bytes:
    target = BytesIO()
    write_workbook(target, tables, **options)
    return target.getvalue()


def opened(*tables: Table) -> list[Worksheet]:
    return list(load_workbook(BytesIO(written(*tables))).worksheets)


def cells(column: Column, values: Iterable[Given | Marked]) -> list[Any]:
    (sheet,) = opened(Table("表", [column], [[value] for value in values]))
    return [row[0] for row in sheet.iter_rows(min_row=2)]


FORMULAS = ["=1+1", '=HYPERLINK("http://evil")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "－1"]


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.ANY])
@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_is_never_a_formula(kind: Kind, text: str) -> None:
    (cell,) = cells(Column("事实", kind), [text])
    assert cell.data_type == "s"
    assert cell.quotePrefix  # stays text when it is edited
    assert cell.value.strip() == text.strip()
    assert cell.number_format == "@"


def test_headings_and_lines_are_never_formulas() -> None:
    (sheet,) = opened(Table("表", [Column("=A1"), Column("<b>&")], [], lines=["=cmd|' /C calc'!A0", "-2"]))
    for place in ("A1", "A2", "A3"):
        assert (sheet[place].data_type, sheet[place].quotePrefix) == ("s", True)
    assert sheet["B3"].value == "<b>&"


def test_values_and_their_formats() -> None:
    given_values: Sequence[tuple[Kind, Given, object, str]] = [
        (Kind.TEXT, "0143000001", "0143000001", "@"),
        (Kind.WHOLE, 17, 17, "0"),
        (Kind.HUNDREDTHS, 8734, 87.34, "0.00"),
        (Kind.HUNDREDTHS, 5, 0.05, "0.00"),
        (Kind.HUNDREDTHS, -5, -0.05, "0.00"),
        (Kind.HUNDREDTHS, 10_000, 100, "0.00"),
        (Kind.DECIMAL, Decimal("87.1234"), 87.1234, "0.00##"),
        (Kind.DECIMAL, Decimal("1E+2"), 100, "0.00##"),
        (Kind.DAY, date(2025, 9, 1), datetime(2025, 9, 1), "yyyy-mm-dd"),  # noqa: DTZ001 - a cell has no zone
        (Kind.ANY, 2.5, 2.5, "General"),
        (Kind.ANY, 7, 7, "General"),
        (Kind.ANY, True, True, "General"),
        (Kind.ANY, float("nan"), "nan", "@"),
        (Kind.ANY, datetime(2025, 9, 1, 8, 30), datetime(2025, 9, 1, 8, 30), "yyyy-mm-dd hh:mm:ss"),  # noqa: DTZ001
    ]
    for kind, value, wanted, number_format in given_values:
        (cell,) = cells(Column("列", kind), [value])
        assert (cell.value, cell.number_format) == (wanted, number_format), (kind, value)


@pytest.mark.parametrize("kind", list(Kind))
def test_empty_cells(kind: Kind) -> None:
    (cell,) = cells(Column("列", kind), [None])
    assert cell.value is None
    assert cell.border.left.style == "thin"


def test_what_a_cell_cannot_hold_is_left_out() -> None:
    found = cells(
        Column("列"),
        ["a\x00\x0b\x1fb\ufffe", "一\r\n二\n三", " 前后 ", "\ud800x", "x" * 40_000, "_x0041_", ""],
    )
    assert [cell.value for cell in found[:4]] == ["ab", "一\n二\n三", " 前后 ", "x"]
    assert len(found[4].value) == LONGEST_TEXT
    assert found[5].value == "_x005F_x0041_"  # which a spreadsheet shows as it was given
    assert found[6].value is None


@given(
    st.lists(st.text(max_size=30), min_size=1, max_size=5), st.lists(st.integers(-10_000, 10_000), max_size=5)
)
def test_every_text_gives_a_sound_sheet_and_comes_back(texts: list[str], numbers: list[int]) -> None:
    rows: list[list[Given | Marked]] = [[text, None] for text in texts]
    rows += [[None, Marked(number)] for number in numbers]
    content = written(Table("表", [Column("文"), Column("数", Kind.HUNDREDTHS)], rows))
    with zipfile.ZipFile(BytesIO(content)) as archive:
        tree = etree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    found = tree.findall(".//{*}c/{*}is/{*}t")
    assert len([node for node in found[2:] if node.text]) <= len(texts)
    assert not tree.findall(".//{*}f")
    sheet = load_workbook(BytesIO(content)).worksheets[0]
    back = [row[1].value for row in sheet.iter_rows(min_row=2)][len(texts) :]
    assert [round(float(str(value)) * 100) for value in back] == numbers


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    rows: list[list[Given | Marked]] = [
        ["=1", 3, "_x0041_"],
        [None, None, None],
        ["0143", Marked(5), "甲\n乙"],
    ]
    table = Table("表", [Column("文", Kind.ANY), Column("数", Kind.ANY), Column("注", Kind.ANY)], rows)
    save_workbook(tmp_path / "a.xlsx", [table])
    (sheet,) = read_workbook(tmp_path / "a.xlsx")
    assert sheet.headings == ("文", "数", "注")
    assert sheet.rows == [(2, ("=1", 3, "_x0041_")), (4, ("0143", 5, "甲\n乙"))]


def test_a_sheet_that_prints_and_scrolls_well() -> None:
    columns = [Column("教师编码"), Column("姓名", width=12), Column("得分", Kind.HUNDREDTHS)]
    rows = ((f"T{number}", "张三", number) for number in range(50))
    (sheet,) = opened(Table("排名 & 名单", columns, rows, lines=["标题", "方案 2025-1"], frozen_columns=2))
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows) == ("C4", "A3:C53", "$3:$3")
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr is not None
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.oddFooter is not None
    assert sheet.oddFooter.center.text == "第 &P 页，共 &N 页"
    assert sheet["A1"].font.size == 16
    assert (sheet["A3"].font.bold, sheet["A3"].alignment.wrap_text) == (True, True)
    assert sheet.column_dimensions["B"].width == 12
    assert sheet.column_dimensions["A"].width == 11
    assert sheet.calculate_dimension() == "A1:C53"


@pytest.mark.parametrize(
    ("count", "paper", "sheets", "repeated"),
    [(10, A4, 1, None), (18, A3, 1, None), (40, A3, 3, "$A:$B")],
)
def test_a_wide_sheet_is_printed_large_enough_to_read(
    count: int, paper: int, sheets: int, repeated: str | None
) -> None:
    columns = [Column(f"列{place}", width=20) for place in range(count)]
    (sheet,) = opened(Table("表", columns, [["文"] * count], frozen_columns=2))
    assert (sheet.page_setup.paperSize, sheet.page_setup.fitToWidth) == (paper, sheets)
    assert (sheet.print_title_cols or None, sheet.print_title_rows) == (repeated, "$1:$1")


def test_a_row_is_as_high_as_its_longest_text() -> None:
    columns = [Column("文", width=21), Column("注")]
    rows: list[list[Given | Marked]] = [
        ["字" * 10, "短"],
        [Marked("字" * 21), "短"],
        ["甲\n乙", "a" * 30],
        ["字" * 9999, ""],
    ]
    (sheet,) = opened(Table("表", columns, rows))
    assert [sheet.row_dimensions[number].height for number in range(2, 6)] == [None, 45, 30, 405]


def test_marked_cells_stand_out() -> None:
    plain, marked, empty = cells(Column("列"), ["a", Marked("a"), Marked(None)])
    assert plain.fill.fgColor.rgb != marked.fill.fgColor.rgb == empty.fill.fgColor.rgb
    assert empty.value is None


def test_lists_to_choose_from() -> None:
    columns = [Column("办别", choices=["公办", "民办"]), Column("学段", choices=["小学"], strict=False)]
    (sheet,) = opened(Table("学校", columns, [], fillable=True))
    strict, open_ = sheet.data_validations.dataValidation
    assert (strict.formula1, str(strict.sqref), strict.showErrorMessage) == (
        '"公办,民办"',
        "A2:A200001",
        True,
    )
    assert open_.showErrorMessage is False
    assert sheet.column_dimensions["A"].number_format == "@"


def test_the_same_tables_give_the_same_bytes() -> None:
    tables = [
        Table("甲", [Column("a"), Column("b", Kind.DAY)], [["x", date(2025, 9, 1)]], lines=["题"]),
        Table("乙", [Column("a", choices=["1"])], []),
    ]
    assert written(*tables) == written(*tables)
    at = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert written(*tables, made_at=at) != written(*tables)
    assert load_workbook(BytesIO(written(*tables, made_at=at))).properties.created == at.replace(tzinfo=None)


def test_a_row_of_another_length_is_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        written(Table("表", [Column("a")], [["x", "y"]]))


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_text("before")

    def broken() -> Iterable[Sequence[Given]]:
        yield ["x"]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        save_workbook(path, [Table("表", [Column("a")], broken())])
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
    save_workbook(path, [Table("表", [Column("a")], [["x"]])])
    assert zipfile.is_zipfile(path)
    assert list(tmp_path.iterdir()) == [path]
