"""What a workbook cell may hold: plain text, identifiers that must be text, days in every shape Excel brings.

Every refusal is a :class:`RuleViolation` whose Chinese text stands in the error workbook.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal

from ethics_eval.text import N_, RuleViolation

Cell = str | int | float | bool | date | datetime | None

EARLIEST_DAY = date(1950, 1, 1)
LATEST_DAY = date(2099, 12, 31)
SERIAL_EPOCH = date(1899, 12, 30)  # Excel's day 0, its false 1900-02-29 taken into account from day 61
FIRST_TRUE_SERIAL = 61
IDENTIFIER = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}")
SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{1,3}")
NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,20})?(?:[eE][+-]?[0-9]{1,2})?")
SEPARATORS = re.compile(r"[\s、,;/|+]+")
_DAY = re.compile(
    r"(?P<year>\d{4})(?:"
    r"(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})"
    r"|年(?P<month_cn>\d{1,2})月(?P<day_cn>\d{1,2})日?"
    r"|(?P<month_two>\d{2})(?P<day_two>\d{2})"
    r")(?:[T ]00:00(?::00(?:\.0+)?)?)?"
)
_MONTH = re.compile(r"\d{4}[-/.年]\d{1,2}月?")
_SERIAL = re.compile(r"\d{4,5}")


def cell_text(value: Cell) -> str:
    """The cell as one line of text: control and zero-width characters dropped, blanks made one, ends trimmed.

    A whole number written by Excel as ``3.0`` reads ``3``.
    """
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value)
    if text.isprintable():  # the common case; blank is the only space that is printable
        return " ".join(text.split())
    kept = "".join(
        " " if char.isspace() else char
        for char in text
        if char.isspace() or unicodedata.category(char) not in {"Cc", "Cf"}
    )
    return " ".join(kept.split())


def plain(text: str) -> str:
    """Full-width digits, letters and punctuation as their ordinary forms (NFKC): for codes, dates and lists.

    Never for names: NFKC would replace rare characters by others.
    """
    return unicodedata.normalize("NFKC", text)


def heading_key(value: Cell) -> str:
    """A heading without stars, blanks, tabs, line breaks and a note in brackets at its end."""
    text = re.sub(r"[\s*※]+", "", plain(cell_text(value)))
    return re.sub(r"(?<=.)\([^()]*\)$", "", text).rstrip(":")


def list_parts(value: Cell) -> list[str]:
    """The parts of a cell with several values, parted by 、 , ; / | + or blanks, full-width or not."""
    return [part for part in SEPARATORS.split(plain(cell_text(value))) if part]


def required(value: Cell) -> Cell:
    """The value itself. Raises: RuleViolation ``roster.missing``: the cell is empty."""
    if not cell_text(value):
        raise RuleViolation("roster.missing", N_("不能为空。"))
    return value


def limited(value: Cell, length: int) -> str:
    """The cell's text. Raises: RuleViolation ``roster.too_long``: more than ``length`` characters."""
    text = cell_text(value)
    if len(text) > length:
        raise RuleViolation("roster.too_long", N_("太长，最多 %(length)s 个字。"), length=length)
    return text


def identifier(value: Cell) -> str:
    """A code or number that must stay text: 1–40 letters, digits, ``-``, ``_`` or ``.``.

    Raises: RuleViolation ``roster.number_cell``: Excel made a number of it, so leading zeros or digits past
    the fifteenth may be lost; ``roster.scientific``: it came as ``2.14E+09``; ``roster.identifier``: other
    characters.
    """
    required(value)
    if isinstance(value, bool | date):
        raise RuleViolation("roster.identifier", N_("编码只能由字母和数字组成。"))
    if isinstance(value, int | float):
        raise RuleViolation(
            "roster.number_cell",
            N_("被表格软件存成了数字，前面的 0 或后面几位可能已经丢失。请把这一列设为“文本”格式后重新填写。"),
        )
    text = plain(cell_text(value)).lstrip("'").strip()
    if SCIENTIFIC.fullmatch(text) and ("." in text or "+" in text):
        raise RuleViolation(
            "roster.scientific",
            N_("被表格软件变成了科学计数法，原来的数字已经丢失。请把这一列设为“文本”格式后重新填写。"),
        )
    if not IDENTIFIER.fullmatch(text):
        raise RuleViolation("roster.identifier", N_("编码只能由字母和数字组成，最多 40 位。"))
    return text


def count(value: Cell) -> int | None:
    """A number of people, 0 … 100 000; None where empty. Raises: RuleViolation ``roster.count``."""
    text = plain(cell_text(value)).replace(",", "").removesuffix("人").strip()
    if not text:
        return None
    if isinstance(value, bool | date) or not re.fullmatch(r"[0-9]{1,6}", text) or int(text) > 100_000:
        raise RuleViolation("roster.count", N_("请填写 0 到 100000 之间的整数。"))
    return int(text)


def number(value: Cell) -> Decimal | None:
    """A number, exactly as written; None where empty.

    Of a number cell, the fifteen digits a spreadsheet shows: sums of its own (``0.1+0.2``) leave a trace in
    the digits after them that nobody typed. Raises: RuleViolation ``roster.number``.
    """
    text = format(value, ".15g") if isinstance(value, float) else plain(cell_text(value)).replace(",", "")
    if not text:
        return None
    if isinstance(value, bool | date) or not NUMBER.fullmatch(text):
        raise RuleViolation("roster.number", N_("请填写数字。"))
    return Decimal(text)


def _checked(year: int, month: int, day: int) -> date:
    try:
        made = date(year, month, day)
    except ValueError:
        raise RuleViolation("roster.day", N_("日历上没有这一天。")) from None
    if not EARLIEST_DAY <= made <= LATEST_DAY:
        raise RuleViolation("roster.day_range", N_("日期须在 1950 年到 2099 年之间。"))
    return made


def _from_serial(serial: float) -> date:
    if not serial.is_integer() or not FIRST_TRUE_SERIAL <= serial <= 100_000:
        raise RuleViolation("roster.day_shape", N_("看不懂这个日期，请写成 2025-09-01。"))
    made = SERIAL_EPOCH + timedelta(days=int(serial))
    return _checked(made.year, made.month, made.day)


def day(value: Cell) -> date | None:
    """A day; None where empty.

    Shapes: a date cell, ``2025-09-01``, ``2025/9/1``, ``2025.9.1``, ``2025年9月1日``, ``20250901``, or a
    serial number of Excel's 1900 system (45901). A time of day other than midnight is refused.

    Raises: RuleViolation ``roster.day``: no such day; ``roster.day_of_month``: only year and month;
    ``roster.day_range``: outside 1950 … 2099; ``roster.day_shape``: anything else.
    """
    if isinstance(value, datetime):
        if value.time() != datetime.min.time():
            raise RuleViolation("roster.day_shape", N_("只填日期，不要带时间。"))
        return _checked(value.year, value.month, value.day)
    if isinstance(value, date):
        return _checked(value.year, value.month, value.day)
    text = plain(cell_text(value))
    text = re.sub(r"\s*([-/.年月日])\s*", r"\1", text)
    if not text:
        return None
    if isinstance(value, bool):
        raise RuleViolation("roster.day_shape", N_("看不懂这个日期，请写成 2025-09-01。"))
    if _SERIAL.fullmatch(text) and not (len(text) == 4 and text[:2] in {"19", "20"}):
        return _from_serial(float(text))
    match = _DAY.fullmatch(text)
    if match:
        found = match.groupdict()
        month = found["month"] or found["month_cn"] or found["month_two"]
        number = found["day"] or found["day_cn"] or found["day_two"]
        return _checked(int(found["year"]), int(month), int(number))
    if _MONTH.fullmatch(text):
        raise RuleViolation("roster.day_of_month", N_("缺少“日”，请写成 2025-09-01。"))
    raise RuleViolation("roster.day_shape", N_("看不懂这个日期，请写成 2025-09-01。"))
