"""Tables as an .xlsx: what is written is what was given, prints well, and can never turn into a formula.

openpyxl makes everything but the rows: styles, widths, panes, filters, lists, print set-up. The rows, of which there
may be a million cells, are written beside it as text, cell by cell, in a tenth of the time and without holding them;
the same values give the same bytes.
"""

from __future__ import annotations

import math
import re
import secrets
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from io import BytesIO
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

LONGEST_TEXT = 32_767  # characters a cell may hold
LAST_ROW_OF_LIST = 200_001  # how far down a list of choices and a column's format reach
A3, A4 = 8, 9
PRINTED_WIDTH = {A4: 150, A3: 215}  # characters of 11 points across a sheet on its side
SMALLEST = 0.55  # of that size; what would be smaller goes on a larger sheet, then on several side by side
WIDEST = 50
LINE_HEIGHT, MOST_LINES = 15, 27  # points; a row is at most 409
RAGGED = 3  # characters at the end of a broken line that stay empty: no line begins with a comma
SAMPLED_ROWS = 200
SPOOL_BYTES = 4 * 1024 * 1024
EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - document properties have no zone; the same bytes whenever made

# What a spreadsheet could take for a formula when the cell is edited, or when it is saved as CSV.
_FORMULA_LIKE = re.compile("[=+\\-@\t\r\n＝＋－＠]")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ESCAPE_LIKE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_SHEET_DATA = re.compile(rb"<sheetData\s*/>|<sheetData>\s*</sheetData>")
_DIMENSION = re.compile(rb'<dimension ref="[^"]*"\s*/>')
_SHEET_NAME = re.compile(r"xl/worksheets/sheet(\d+)\.xml")
_STAMPS = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:\2>)")


class Kind(Enum):
    """What a column holds: how its values are given, and the number format."""

    TEXT = "@"
    WHOLE = "0"
    HUNDREDTHS = "0.00"  # given as an int: 8734 is shown as 87.34
    DECIMAL = "0.00##"  # given as a Decimal
    DAY = "yyyy-mm-dd"
    ANY = "General"  # each cell by what it is


Given = str | int | float | bool | Decimal | date | None


@dataclass(frozen=True)
class Column:
    """A column: its heading, what it holds, and where wanted its width in characters and a list to choose from.

    ``strict``: whether a spreadsheet refuses what is not in ``choices``.
    """

    heading: str
    kind: Kind = Kind.TEXT
    width: int | None = None
    choices: Sequence[str] = ()
    strict: bool = True


@dataclass(frozen=True)
class Marked:
    """A cell to be seen: shown on a ground of its own."""

    value: Given


@dataclass(frozen=True)
class Table:
    """A sheet: lines of text above (the first is its title), headings, rows.

    ``rows`` may be a generator; it is walked once. ``frozen_columns`` stay in sight when scrolling aside.
    ``fillable``: formats and lists reach below the last row, for people to go on writing.
    """

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Given | Marked]]
    lines: Sequence[str] = ()
    frozen_columns: int = 0
    fillable: bool = False


def cell_safe(text: str) -> str:
    """The text as a cell can hold it: without control characters, at most 32,767 characters."""
    return _NOT_IN_XML.sub("", text.replace("\r\n", "\n"))[:LONGEST_TEXT]


def save_workbook(path: Path, tables: Iterable[Table], *, made_at: datetime | None = None) -> None:
    """Write the tables to a file: the whole of it, or nothing. Raises: OSError."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with aside.open("xb") as file:
            write_workbook(file, tables, made_at=made_at)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def write_workbook(
    target: BinaryIO | IO[bytes], tables: Iterable[Table], *, made_at: datetime | None = None
) -> None:
    """Write the tables, a sheet each, to an open file (seekable or not).

    Args: made_at: the instant in the document's properties; without one the bytes depend on the tables alone.
    """
    workbook = Workbook()
    styles = _Styles(workbook)
    workbook.remove(workbook.worksheets[0])
    with ExitStack() as files:
        bodies = []
        for table in tables:
            aside = files.enter_context(SpooledTemporaryFile(max_size=SPOOL_BYTES))
            bodies.append(_Body(table, styles, aside))
            _dress(workbook.create_sheet(table.title), table, bodies[-1])
        skeleton = BytesIO()
        workbook.save(skeleton)
        stamp = (made_at or EPOCH).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
        with zipfile.ZipFile(skeleton) as source, zipfile.ZipFile(target, "w") as out:
            _fill(source, out, bodies, stamp)


def _fill(source: zipfile.ZipFile, out: zipfile.ZipFile, bodies: Sequence[_Body], stamp: bytes) -> None:
    for name in source.namelist():
        member = zipfile.ZipInfo(name)  # of 1980: no clock in the bytes
        member.compress_type = zipfile.ZIP_DEFLATED
        content = source.read(name)
        if name == "docProps/core.xml":
            content = _STAMPS.sub(rb"\g<1>" + stamp + rb"\g<3>", content)
        found = _SHEET_NAME.fullmatch(name)
        with out.open(member, "w") as file:
            if found is None:
                file.write(content)
            else:
                bodies[int(found[1]) - 1].write_into(file, content)


# --- styles -------------------------------------------------------------------------------------------------

_GRID = Side(style="thin", color="FFBFBFBF")
_BORDER = Border(left=_GRID, right=_GRID, top=_GRID, bottom=_GRID)
_HEAD_FILL = PatternFill("solid", fgColor="FFE8EEF4")
_MARK_FILL = PatternFill("solid", fgColor="FFFFE3E0")


class _Styles:
    """Numbers of the cell styles in the workbook, each made when first asked for."""

    def __init__(self, workbook: Workbook) -> None:
        self._sheet = workbook.create_sheet("styles")
        self._workbook = workbook
        # quoted, whatever they begin with: a school's name stands in titles
        self.title = self._number(quoted=True, font=Font(bold=True, size=16))
        self.line = self._number(quoted=True, font=Font(color="FF595959"))
        self.head = self._number(
            quoted=True,
            font=Font(bold=True),
            fill=_HEAD_FILL,
            border=_BORDER,
            alignment=Alignment(horizontal="center", vertical="center", wrap_text=True),
            number_format=Kind.TEXT.value,
        )
        workbook.remove(self._sheet)
        self._bodies: dict[tuple[str, bool, bool], int] = {}

    def _number(self, *, quoted: bool = False, **properties: object) -> int:
        cell = WriteOnlyCell(self._sheet)
        for name, value in properties.items():
            setattr(cell, name, value)
        cell.quotePrefix = quoted
        return int(cell.style_id)

    def body(self, number_format: str, *, quoted: bool = False, marked: bool = False) -> int:
        """The style of a cell: its format, whether its text stays text when edited, whether it is to be seen."""
        key = (number_format, quoted, marked)
        if key not in self._bodies:
            fill = {"fill": _MARK_FILL} if marked else {}
            wrapped = Alignment(vertical="top", wrap_text=number_format == Kind.TEXT.value)
            self._bodies[key] = self._number(
                quoted=quoted, border=_BORDER, alignment=wrapped, number_format=number_format, **fill
            )
        return self._bodies[key]


# --- cells --------------------------------------------------------------------------------------------------

Cell = Callable[[Given], str]  # value → attributes and content of its <c>, after the reference


def _text_cell(plain: int, quoted: int) -> Cell:
    def cell(value: Given) -> str:
        text = str(value)
        if not text.isprintable():
            text = cell_safe(text)
        elif len(text) > LONGEST_TEXT:
            text = text[:LONGEST_TEXT]
        if not text:
            return f' s="{plain}"/>'
        style = quoted if _FORMULA_LIKE.match(text) else plain
        if "_x" in text:
            text = _ESCAPE_LIKE.sub("_x005F_", text)
        kept = ' xml:space="preserve"' if text != text.strip() or "\n" in text else ""
        return f' s="{style}" t="inlineStr"><is><t{kept}>{escape(text)}</t></is></c>'

    return cell


def _body_text(styles: _Styles, marked: bool) -> Cell:
    return _text_cell(
        styles.body(Kind.TEXT.value, marked=marked), styles.body(Kind.TEXT.value, quoted=True, marked=marked)
    )


def _number_cell(styles: _Styles, marked: bool, number_format: str) -> Cell:
    style = styles.body(number_format, marked=marked)
    return lambda value: f' s="{style}"><v>{value}</v></c>'


def _hundredths_cell(styles: _Styles, marked: bool) -> Cell:
    style = styles.body(Kind.HUNDREDTHS.value, marked=marked)

    def cell(value: Given) -> str:
        assert isinstance(value, int)  # noqa: S101 - the caller's column says so
        sign = "-" if value < 0 else ""
        whole, rest = divmod(abs(value), 100)
        return f' s="{style}"><v>{sign}{whole}.{rest:02}</v></c>'

    return cell


def _decimal_cell(styles: _Styles, marked: bool) -> Cell:
    style = styles.body(Kind.DECIMAL.value, marked=marked)
    return lambda value: f' s="{style}"><v>{value:f}</v></c>'


def _day_cell(styles: _Styles, marked: bool, number_format: str = Kind.DAY.value) -> Cell:
    style = styles.body(number_format, marked=marked)
    return lambda value: f' s="{style}"><v>{to_excel(value)}</v></c>'  # type: ignore[no-untyped-call]


def _any_cell(styles: _Styles, marked: bool) -> Cell:
    text = _body_text(styles, marked)
    number = _number_cell(styles, marked, Kind.ANY.value)
    day = _day_cell(styles, marked)
    instant = _day_cell(styles, marked, "yyyy-mm-dd hh:mm:ss")
    truth = styles.body(Kind.ANY.value, marked=marked)

    def cell(value: Given) -> str:
        if isinstance(value, bool):
            return f' s="{truth}" t="b"><v>{int(value)}</v></c>'
        if isinstance(value, datetime):
            return day(value) if value.time() == datetime.min.time() else instant(value)
        if isinstance(value, date):
            return day(value)
        if isinstance(value, float):
            return number(repr(value)) if value - value == 0 else text(value)  # not nan, not infinite
        return number(value) if isinstance(value, int | Decimal) else text(value)

    return cell


def _cell_writer(kind: Kind, styles: _Styles, *, marked: bool) -> Cell:
    if kind is Kind.TEXT:
        return _body_text(styles, marked)
    if kind is Kind.WHOLE:
        return _number_cell(styles, marked, kind.value)
    if kind is Kind.HUNDREDTHS:
        return _hundredths_cell(styles, marked)
    if kind is Kind.DECIMAL:
        return _decimal_cell(styles, marked)
    return _day_cell(styles, marked) if kind is Kind.DAY else _any_cell(styles, marked)


class _Body:
    """The rows of a sheet, written aside; then it is known how many there are and how wide."""

    def __init__(self, table: Table, styles: _Styles, aside: IO[bytes]) -> None:
        self._file = aside
        self._letters = [get_column_letter(place) for place in range(1, len(table.columns) + 1)]
        self.widths = [_display_width(column.heading) for column in table.columns]
        self.head_row = len(table.lines) + 1
        self.last_row = self.head_row
        for number, line in enumerate(table.lines, 1):
            height = ' ht="27" customHeight="1"' if number == 1 else ""
            style = styles.title if number == 1 else styles.line
            cell = f'<c r="A{number}"{_text_cell(style, style)(line)}'
            self._file.write(f'<row r="{number}"{height}>{cell}</row>'.encode())
        heading = _text_cell(styles.head, styles.head)
        cells = "".join(
            f'<c r="{letter}{self.head_row}"{heading(column.heading)}'
            for letter, column in zip(self._letters, table.columns, strict=True)
        )
        self._file.write(f'<row r="{self.head_row}">{cells}</row>'.encode())
        self._write_rows(table, styles)

    def _write_rows(self, table: Table, styles: _Styles) -> None:
        writers = [_cell_writer(column.kind, styles, marked=False) for column in table.columns]
        marking = [_cell_writer(column.kind, styles, marked=True) for column in table.columns]
        blanks = [f' s="{styles.body(column.kind.value)}"/>' for column in table.columns]
        number = self.head_row
        columns = list(zip(self._letters, writers, blanks, strict=True))
        texts = [
            (place, (column.width or WIDEST) - 1)
            for place, column in enumerate(table.columns)
            if column.kind is Kind.TEXT
        ]
        for number, row in enumerate(table.rows, self.head_row + 1):
            lines = _line_count(row, texts)
            parts = [
                f'<row r="{number}">' if lines == 1 else f'<row r="{number}" ht="{LINE_HEIGHT * lines}">'
            ]
            for place, ((letter, write, blank), value) in enumerate(zip(columns, row, strict=True)):
                if value is None:
                    parts.append(f'<c r="{letter}{number}"{blank}')
                elif isinstance(value, Marked):
                    given = "" if value.value is None else value.value
                    mark = marking[place] if given != "" else _body_text(styles, True)
                    parts.append(f'<c r="{letter}{number}"{mark(given)}')
                else:
                    parts.append(f'<c r="{letter}{number}"{write(value)}')
            parts.append("</row>")
            self._file.write("".join(parts).encode())
            if number - self.head_row <= SAMPLED_ROWS:
                self.widths = [
                    max(width, _shown_width(value)) for width, value in zip(self.widths, row, strict=True)
                ]
        self.last_row = number

    def write_into(self, file: IO[bytes], skeleton: bytes) -> None:
        """The sheet's XML: openpyxl's, with the rows in it."""
        last = f"{self._letters[-1] if self._letters else 'A'}{self.last_row}"
        skeleton = _DIMENSION.sub(f'<dimension ref="A1:{last}"/>'.encode(), skeleton, count=1)
        before, after = _SHEET_DATA.split(skeleton)
        file.write(before + b"<sheetData>")
        self._file.seek(0)
        while chunk := self._file.read(SPOOL_BYTES):
            file.write(chunk)
        file.write(b"</sheetData>" + after)


def _display_width(text: str) -> int:
    lines = text.split("\n") or [""]
    return max(sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line) for line in lines)


def _line_count(row: Sequence[Given | Marked], texts: Sequence[tuple[int, int]]) -> int:
    """How many lines the longest text of a row takes: not every program finds out when it opens the file.

    Args: texts: place and room, in characters, of the columns whose texts are broken into lines.
    """
    most = 1
    for place, room in texts:
        value = row[place]
        if isinstance(value, Marked):
            value = value.value
        if isinstance(value, str) and (2 * len(value) > room or "\n" in value):
            widths = map(_display_width, value.split("\n"))
            most = max(
                most,
                sum(1 if width <= room else math.ceil(width / max(room - RAGGED, 1)) for width in widths),
            )
    return min(most, MOST_LINES)


def _shown_width(value: Given | Marked) -> int:
    if isinstance(value, Marked):
        return _shown_width(value.value)
    if isinstance(value, str):
        return _display_width(value[:WIDEST])
    return 0 if value is None else 10 if isinstance(value, date) else len(str(value))


# --- the sheet around the rows ------------------------------------------------------------------------------


def _dress(sheet: Worksheet, table: Table, body: _Body) -> None:
    head = body.head_row
    last_column = get_column_letter(max(len(table.columns), 1))
    sheet.freeze_panes = f"{get_column_letter(table.frozen_columns + 1)}{head + 1}"
    sheet.auto_filter.ref = f"A{head}:{last_column}{body.last_row}"
    sheet.print_title_rows = f"{head}:{head}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.6, header=0.3, footer=0.3)
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    footer = sheet.oddFooter
    if footer is not None:
        footer.left.text = table.title.replace("&", "&&")
        footer.center.text = "第 &P 页，共 &N 页"
    widths = [
        column.width or min(max(width + 3, 8), WIDEST)
        for column, width in zip(table.columns, body.widths, strict=True)
    ]
    _set_paper(sheet, sum(widths), sum(widths[: table.frozen_columns]))
    if table.frozen_columns and sheet.page_setup.fitToWidth != 1:
        sheet.print_title_cols = f"A:{get_column_letter(table.frozen_columns)}"
    for place, (column, width) in enumerate(zip(table.columns, widths, strict=True), 1):
        letter = get_column_letter(place)
        dimension = sheet.column_dimensions[letter]
        dimension.width = width
        if table.fillable:
            dimension.number_format = column.kind.value
        if column.choices:
            _add_list(sheet, column, f"{letter}{head + 1}:{letter}{LAST_ROW_OF_LIST}")


def _set_paper(sheet: Worksheet, width: int, repeated: int) -> None:
    """A4 where that can be read, else A3, on as many sheets side by side as it takes; each shows what is repeated."""
    setup = sheet.page_setup
    setup.paperSize = A4 if PRINTED_WIDTH[A4] >= width * SMALLEST else A3
    room = PRINTED_WIDTH[setup.paperSize] / SMALLEST
    setup.fitToWidth = 1 if width <= room else math.ceil((width - repeated) / max(room - repeated, room / 2))


def _add_list(sheet: Worksheet, column: Column, cells: str) -> None:
    listed = ",".join(column.choices).replace('"', '""')
    choice = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True)
    choice.showErrorMessage = column.strict
    choice.errorTitle = column.heading
    choice.error = "请从列表中选择。"
    choice.add(cells)
    sheet.add_data_validation(choice)
