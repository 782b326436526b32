"""Workbooks as they come: what is read, what is refused with a text that helps, and that no bomb goes off."""

from __future__ import annotations

import sys
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from ethics_eval.text import RuleViolation
from ethics_eval.workbooks import parsing, reading
from ethics_eval.workbooks.reading import REFUSALS, read_workbook
from ethics_eval.workbooks.sheet import Sheet

SHEET = "xl/worksheets/sheet1.xml"
HEAD = '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = "</sheetData></worksheet>"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "名册.xlsx"


def with_member(path: Path, member: str, text: str) -> Path:
    """A workbook with one part replaced."""
    plain = path.with_name("plain.xlsx")
    Workbook().save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name in source.namelist():
            out.writestr(name, text if name == member else source.read(name))
    return path


def rows_of(path: Path, rows: str) -> Path:
    return with_member(path, SHEET, HEAD + rows + TAIL)


def refusal(path: Path) -> str:
    with pytest.raises(RuleViolation) as caught:
        read_workbook(path)
    assert caught.value.field == "workbook"
    assert str(caught.value) == REFUSALS[caught.value.code] % caught.value.values
    return caught.value.code


def test_plain_values_with_their_row_numbers(path: Path) -> None:
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = " 学校 "
    first.append(["*学校\n标识码", "名称", None, "学生数"])
    first.append(["0143000001", "天台\u3000小学", None, 12])
    first["A5"], first["B5"], first["C5"] = 87.25, True, datetime(2025, 9, 1, 8, 30)  # noqa: DTZ001 - a cell has no zone
    first["D5"] = date(2025, 9, 1)
    first["A7"] = ""
    book.create_sheet("空")
    book.save(path)
    assert read_workbook(path) == (
        Sheet(
            "学校",
            ("*学校\n标识码", "名称", None, "学生数"),
            [
                (2, ("0143000001", "天台\u3000小学", None, 12)),
                (5, (87.25, True, datetime(2025, 9, 1, 8, 30), datetime(2025, 9, 1))),  # noqa: DTZ001
            ],
        ),
        Sheet("空", (), []),
    )


def test_formulas_are_read_as_the_values_last_shown(path: Path) -> None:
    rows_of(path, '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1"><f>1+1</f></c></row>')
    assert read_workbook(path)[0].headings == (2,)


def test_the_size_a_sheet_claims_is_not_believed(path: Path) -> None:
    text = HEAD.replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')
    with_member(path, SHEET, f'{text}<row r="1"><c r="A1"><v>5</v></c></row>{TAIL}')
    assert read_workbook(path) == (Sheet("Sheet", (5,), []),)
    text = HEAD.replace("<sheetData>", '<dimension ref="A1"/><sheetData>')
    with_member(path, SHEET, f'{text}<row r="1"><c r="A1"><v>5</v></c><c r="B1"><v>6</v></c></row>{TAIL}')
    assert read_workbook(path)[0].headings == (5, 6)


def test_a_far_row_keeps_its_number(path: Path) -> None:
    rows_of(path, '<row r="1"><c r="A1"><v>1</v></c></row><row r="9999"><c r="B9999"><v>2</v></c></row>')
    assert read_workbook(path)[0].rows == [(9999, (None, 2))]


def test_oddities_that_the_library_warns_of_are_read(path: Path) -> None:
    """A date beyond the calendar, and an extension nobody knows."""
    extension = '<extLst><ext uri="{00000000-0000-0000-0000-000000000000}"/></extLst></worksheet>'
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"] = date(2025, 9, 1)
    book.save(path)
    with zipfile.ZipFile(path) as source:
        text = source.read(SHEET).decode()
        parts = {name: source.read(name) for name in source.namelist()}
    parts[SHEET] = text.replace("<v>45901</v>", "<v>99999999</v>").replace("</worksheet>", extension).encode()
    with zipfile.ZipFile(path, "w") as out:
        for name, content in parts.items():
            out.writestr(name, content)
    assert read_workbook(path)[0].headings == ("#VALUE!",)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "workbook.not_xlsx"),
        ("学校标识码,名称\n".encode("gbk"), "workbook.not_xlsx"),
        (b"<html><table></table></html>", "workbook.not_xlsx"),
        (OLE + bytes(3000), "workbook.old_xls"),
        (OLE + bytes(3000) + "EncryptedPackage".encode("utf-16-le"), "workbook.encrypted"),
        (b"PK\x03\x04" + bytes(100), "workbook.damaged"),
    ],
)
def test_what_is_no_xlsx(path: Path, content: bytes, code: str) -> None:
    path.write_bytes(content)
    assert refusal(path) == code


def test_another_archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("word/document.xml", "<a/>")
    assert refusal(path) == "workbook.not_xlsx"


def test_a_cut_file(path: Path) -> None:
    Workbook().save(path)
    path.write_bytes(path.read_bytes()[:-200])
    assert refusal(path) == "workbook.damaged"


@pytest.mark.parametrize(
    "rows",
    [
        "<row><c><v>1</v></c>",
        '<row r="99999999999"><c><v>1</v></c></row>',
        '<row r="x"><c><v>1</v></c></row>',
        '<row><c t="s"><v>77</v></c></row>',  # no such shared text
        f"<row><c><v>{'9' * 5000}</v></c></row>",
    ],
)
def test_broken_sheets(path: Path, rows: str) -> None:
    assert refusal(rows_of(path, rows)) == "workbook.damaged"


def test_entities_are_not_followed(path: Path) -> None:
    secret = path.with_name("secret.txt")
    secret.write_text("42")
    kind = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]><worksheet'
    with_member(path, SHEET, HEAD.replace("<worksheet", kind) + '<row><c t="str"><v>&x;</v></c></row>' + TAIL)
    assert refusal(path) == "workbook.damaged"
    bomb = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "' + "&a;" * 1000 + '">]><worksheet'
    with_member(path, SHEET, HEAD.replace("<worksheet", bomb) + '<row><c t="str"><v>&b;</v></c></row>' + TAIL)
    assert refusal(path) == "workbook.damaged"


def test_too_large_unpacked(path: Path) -> None:
    assert refusal(rows_of(path, " " * (parsing.MOST_BYTES + 1))) == "workbook.too_large"
    assert path.stat().st_size < 100_000


def test_too_many_members(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as out:
        for number in range(parsing.MOST_MEMBERS + 1):
            out.writestr(f"xl/{number}.xml", "")
    assert refusal(path) == "workbook.too_large"


def test_too_many_columns(path: Path) -> None:
    assert refusal(rows_of(path, '<row r="1"><c r="GS1"><v>1</v></c></row>')) == "workbook.too_many_columns"
    assert len(read_workbook(rows_of(path, '<row r="1"><c r="GR1"><v>1</v></c></row>'))[0].headings) == 200


def test_too_many_rows(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "MOST_ROWS", 3)
    monkeypatch.setattr(sys, "executable", "")  # here, where the smaller limit holds
    row = "<row><c><v>1</v></c></row>"
    assert len(read_workbook(rows_of(path, 4 * row))[0].rows) == 3
    assert refusal(rows_of(path, 5 * row)) == "workbook.too_many_rows"


def test_one_text_in_every_cell(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "MOST_CHARACTERS", 10_000)
    monkeypatch.setattr(sys, "executable", "")
    rows = f'<row><c t="str"><v>{"x" * 2001}</v></c></row>' * 5
    assert refusal(rows_of(path, rows)) == "workbook.too_large"


def test_what_costs_too_much_memory_is_stopped(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A million empty cells in one row: 40 KB of file, hundreds of MB of objects."""
    monkeypatch.setattr(reading, "MEMORY_BYTES", 100 * parsing.MIB)
    assert refusal(rows_of(path, "<row>" + "<c/>" * 1_500_000 + "</row>")) == "workbook.too_costly"


def test_what_takes_too_long_is_stopped(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "WALL_SECONDS", 0.2)
    assert refusal(rows_of(path, "<row><c><v>1</v></c></row>" * 150_000)) == "workbook.too_costly"


@pytest.mark.parametrize("program", ["", "/nowhere/python", "/bin/false"])
def test_it_is_read_here_where_no_process_starts(
    path: Path, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows_of(path, '<row r="1"><c r="A1"><v>5</v></c></row>')
    monkeypatch.setattr(sys, "executable", program)
    assert read_workbook(path) == (Sheet("Sheet", (5,), []),)
    rows_of(path, "<row>")
    assert refusal(path) == "workbook.damaged"


def test_progress_is_told(path: Path) -> None:
    counts: list[int] = []
    read_workbook(rows_of(path, "<row><c><v>1</v></c></row>" * 2500), progress=counts.append)
    assert counts == [1000, 2000]
