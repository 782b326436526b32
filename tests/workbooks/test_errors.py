"""The workbook that goes back: rows in their places, bad cells marked, reasons at the right, no layer upon layer."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from pathlib import Path

from openpyxl import load_workbook

from ethics_eval.workbooks.errors import LIST_TITLE, Fault, error_tables
from ethics_eval.workbooks.reading import read_workbook
from ethics_eval.workbooks.sheet import Sheet
from ethics_eval.workbooks.writing import save_workbook, write_workbook

REASON = "错误原因"
DAY = datetime(2025, 9, 1)  # noqa: DTZ001 - a cell has no zone
SHEETS = (
    Sheet("学校", ("*标识码", "名称"), [(2, ("0143", "=甲")), (5, ("0144", "乙", "注", DAY)), (6, (12,))]),
    Sheet("别的", (), []),
)
FAULTS = (
    Fault("学校", 5, "标识码", 0, "编码不对。"),
    Fault("学校", 5, "名称", None, "太长。"),
    Fault("学校", 6, "名称", 1, "不能为空。"),
    Fault("教师", 1, "", None, "没有这张表。"),
)


def test_rows_stay_in_their_places_with_their_reasons() -> None:
    target = BytesIO()
    write_workbook(target, error_tables(SHEETS, FAULTS, reason_heading=REASON))
    listed, schools, other = load_workbook(target).worksheets
    assert [tuple(row) for row in listed.iter_rows(values_only=True)] == [
        ("工作表", "行", "列", "原因"),
        ("学校", 5, "标识码", "编码不对。"),
        ("学校", 5, "名称", "太长。"),
        ("学校", 6, "名称", "不能为空。"),
        ("教师", 1, None, "没有这张表。"),
    ]
    assert [tuple(row) for row in schools.iter_rows(values_only=True)] == [
        ("*标识码", "名称", None, None, REASON),
        ("0143", "=甲", None, None, None),
        (None,) * 5,
        (None,) * 5,
        ("0144", "乙", "注", DAY, "标识码：编码不对。；名称：太长。"),
        (12, None, None, None, "名称：不能为空。"),
    ]
    ground = schools["A2"].fill.fgColor.rgb
    marked = [cell.coordinate for row in schools["A2:D6"] for cell in row if cell.fill.fgColor.rgb != ground]
    assert marked == ["A5", "B6"]
    assert schools["B2"].data_type == "s"
    assert other["A1"].value == REASON


def test_handed_back_again_it_does_not_grow(tmp_path: Path) -> None:
    path = tmp_path / "errors.xlsx"
    save_workbook(path, error_tables(SHEETS, FAULTS, reason_heading=REASON))
    again = read_workbook(path)
    assert [sheet.title for sheet in again] == [LIST_TITLE, "学校", "别的"]
    save_workbook(path, error_tables(again, FAULTS[2:3], reason_heading=REASON))
    listed, schools, _other = read_workbook(path)
    assert len(listed.rows) == 1
    assert schools.headings == ("*标识码", "名称", None, None, REASON)
    assert schools.rows[0] == SHEETS[0].rows[0]
    assert schools.rows[2] == (6, (12, None, None, None, "名称：不能为空。"))


def test_titles_that_no_spreadsheet_takes(tmp_path: Path) -> None:
    path = tmp_path / "errors.xlsx"
    save_workbook(path, error_tables([Sheet("a/b:" + "长" * 40, ("x",), [])], (), reason_heading=REASON))
    assert read_workbook(path)[1].title == "a_b_" + "长" * 27
