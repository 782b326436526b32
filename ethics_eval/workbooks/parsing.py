"""The cells of an .xlsx, read by openpyxl under caps; runs in a process of its own (``python -m`` this module).

What arrives may be built to cost us dear: 1 MB of it can ask for 2 GB (security.md §8). So the archive is measured
before it is opened, rows and columns are counted as they come, and the process has an end to its memory and time.
Formulas are read as the values last shown; macros and links to other workbooks are never looked at.

The file comes on standard input; how many bytes the process may use beyond those of its start is its argument.
Standard output has JSON Lines: ``{}`` when ready, ``{"sheet": title}``, ``[row, [values]]`` (a day is
``{"t": ISO-8601}``), and ``{"end": null}`` or ``{"end": code of the refusal}``.
"""

from __future__ import annotations

import json
import sys
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import BinaryIO

from openpyxl import load_workbook

from ethics_eval.workbooks.sheet import Value

MIB = 1024 * 1024
MOST_BYTES = 50 * MIB  # of all members together, unpacked
MOST_MEMBERS = 200
MOST_ROWS = 200_000  # below the headings of a sheet
MOST_COLUMNS = 200
MOST_CELLS = 5_000_000  # of the workbook, gaps between cells counted
MOST_CHARACTERS = 100_000_000  # of the workbook: one shared text may stand in every cell
LAST_ROW = 1_048_576  # of any spreadsheet
CPU_SECONDS = 240

NOT_XLSX = "workbook.not_xlsx"
ENCRYPTED = "workbook.encrypted"
DAMAGED = "workbook.damaged"
TOO_LARGE = "workbook.too_large"
TOO_MANY_ROWS = "workbook.too_many_rows"
TOO_MANY_COLUMNS = "workbook.too_many_columns"
TOO_COSTLY = "workbook.too_costly"

Row = tuple[int, tuple[Value, ...]]


class Unreadable(Exception):
    """The workbook is refused. ``code``: one of those above."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def measure(file: BinaryIO) -> None:
    """Look at the archive's table of contents. Raises: Unreadable: no workbook, locked, too large to be opened."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Unreadable(DAMAGED) from error
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_BYTES:
        raise Unreadable(TOO_LARGE)
    if any(member.flag_bits & 1 for member in members):
        raise Unreadable(ENCRYPTED)
    names = {member.filename for member in members}
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise Unreadable(NOT_XLSX)


def _value(value: object) -> Value:
    if value is None or isinstance(value, bool | int | float | datetime):
        return value
    if isinstance(value, str):
        # a text that looks like an escape is escaped itself; openpyxl undoes this for shared texts only
        return value.replace("_x005F_", "_") or None
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a cell has no zone
    return str(value) if isinstance(value, time | timedelta) else None


def parse(file: BinaryIO) -> Iterator[str | Row]:
    """Each sheet's title, followed by its rows that hold anything. Raises: Unreadable."""
    measure(file)
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that we do not look at
            yield from _sheets(file)
    except (Unreadable, MemoryError, GeneratorExit):
        raise
    except Exception as error:  # whatever a broken part makes the library raise
        raise Unreadable(DAMAGED) from error


def _sheets(file: BinaryIO) -> Iterator[str | Row]:
    workbook = load_workbook(file, read_only=True, data_only=True, keep_links=False, keep_vba=False)
    cells = characters = 0
    for sheet in workbook.worksheets:
        yield sheet.title.strip()
        sheet.reset_dimensions()  # many programs write them wrongly
        count = 0
        for number, raw in enumerate(sheet.iter_rows(values_only=True), 1):
            if number > LAST_ROW:
                raise Unreadable(DAMAGED)
            width = len(raw)
            while width and raw[width - 1] is None:
                width -= 1
            values = tuple(map(_value, raw[:width]))
            if not any(value is not None for value in values):
                continue
            count += number > 1
            cells += width
            characters += sum(len(value) for value in values if isinstance(value, str))
            if width > MOST_COLUMNS:
                raise Unreadable(TOO_MANY_COLUMNS)
            if count > MOST_ROWS:
                raise Unreadable(TOO_MANY_ROWS)
            if cells > MOST_CELLS or characters > MOST_CHARACTERS:
                raise Unreadable(TOO_LARGE)
            yield number, values


def _limit_process(memory_bytes: int) -> None:
    try:
        import resource  # noqa: PLC0415 - not on every platform; then the measured archive must do
    except ImportError:
        return
    present = 0
    with suppress(OSError, ValueError), open("/proc/self/statm", encoding="ascii") as statm:
        present = int(statm.read().split()[0]) * resource.getpagesize()
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (present + memory_bytes, resource.RLIM_INFINITY))
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, resource.RLIM_INFINITY))


def _encoded(value: object) -> dict[str, str]:
    assert isinstance(value, datetime)  # noqa: S101 - parse() gives nothing else that JSON does not know
    return {"t": value.isoformat()}


def main() -> None:
    """Read standard input, write standard output."""
    write = sys.stdout.write
    write("{}\n")
    sys.stdout.flush()
    _limit_process(int(sys.argv[1]))
    code = None
    try:
        for found in parse(sys.stdin.buffer):
            line = {"sheet": found} if isinstance(found, str) else found
            write(json.dumps(line, ensure_ascii=False, default=_encoded) + "\n")
    except Unreadable as refusal:
        code = refusal.code
    except MemoryError:
        code = TOO_COSTLY
    write(json.dumps({"end": code}) + "\n")


if __name__ == "__main__":
    main()
