"""发文字号: 机关代字, the year in six-corner brackets, a bare serial (GB/T 9704; domain.md §5)."""

from __future__ import annotations


def document_number(word: str, year: int, serial: int) -> str:
    """株教通〔2026〕8号. Raises: ValueError: a serial below 1."""
    if serial < 1:
        raise ValueError("a serial begins at 1")
    return f"{word}〔{year}〕{serial}号"


def next_serial(last: int | None) -> int:
    """The serial after the last one given to this word and year; withdrawn numbers are never used again."""
    return (last or 0) + 1
