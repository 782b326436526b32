"""The plain question in words: the way past the proof of work without JavaScript or without encryption."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ethics_eval.text import N_

NUMBERS: Sequence[str] = (
    N_("零"),
    N_("一"),
    N_("二"),
    N_("三"),
    N_("四"),
    N_("五"),
    N_("六"),
    N_("七"),
    N_("八"),
    N_("九"),
)
_CHINESE = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_TENS = re.compile(r"([一二三四五六七八九]?)十([一二三四五六七八九]?)")


def addends(digest: bytes) -> tuple[int, int]:
    """Two numbers from 1 to 9, drawn from a digest."""
    return digest[0] % 9 + 1, digest[1] % 9 + 1


def number_of(typed: str) -> int | None:
    """The number somebody typed, in digits of any width or in Chinese (十二); None: not a number."""
    text = re.sub(r"[\s。.,,]", "", unicodedata.normalize("NFKC", typed))
    if text.isdecimal() and len(text) < 5:
        return int(text)
    if text in _CHINESE:
        return _CHINESE[text]
    found = _TENS.fullmatch(text)
    if found is None:
        return None
    return 10 * (_CHINESE[found[1]] if found[1] else 1) + (_CHINESE[found[2]] if found[2] else 0)
