"""发文字号: 机关代字, the year in six-corner brackets, a bare serial (GB/T 9704; domain.md §5); and 一、(一)."""

from __future__ import annotations

_DIGITS = "零一二三四五六七八九"


def chinese_number(number: int) -> str:
    """1 … 99 in Chinese numerals: 五, 十二, 四十六."""
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _DIGITS[ones]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + ("" if ones == 0 else _DIGITS[ones])


def document_number(word: str, year: int, serial: int) -> str:
    """株教通〔2026〕8号. Raises: ValueError: a serial below 1."""
    if serial < 1:
        raise ValueError("a serial begins at 1")
    return f"{word}〔{year}〕{serial}号"


def number_to_come(word: str, year: int) -> str:
    """株教通〔2026〕__号: of a draft, since a number is given at publication only."""
    return f"{word}〔{year}〕__号"


def next_serial(last: int | None) -> int:
    """The serial after the last one given to this word and year; withdrawn numbers are never used again."""
    return (last or 0) + 1
