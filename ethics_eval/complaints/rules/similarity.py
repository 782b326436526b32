"""How alike two letters are, in a number and in the words they share.

Letters are compared as bare text (width, case, blanks and signs do not matter). First the runs of three characters
both have; only where enough are shared, the longest common sequence as well, whole against whole and the shorter one
against its best place in the longer. Measured on real letters: docs/developers/duplicates.md.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from ethics_eval.complaints.rules.machine import plain_name

RUN = 3
# From here on two letters may be about the same matter; from there on hardly anything else is possible.
LIKELY_PERCENT = 50
NEARLY_EQUAL_PERCENT = 85
_WORTH_A_LOOK_PERCENT = 25
# A letter of fewer characters is too short to be found inside another.
_PARTIAL_FROM = 60
# Looking for the best place costs length times length; in longer letters the shared runs tell as much.
_PARTIAL_UNTIL = 400_000
_PHRASE_FROM = 6
_PHRASES = 3
_PHRASE_SHOWN = 30


@dataclass(frozen=True)
class Compared:
    """A letter made ready for comparing: its bare text, the runs in it, and whom it names."""

    text: str
    runs: frozenset[str]
    respondent: str = ""


@dataclass(frozen=True)
class Likeness:
    """How alike two letters are. ``percent``: 0 to 100; ``phrases``: the longest passages both have, longest first."""

    percent: int
    same_respondent: bool = False
    phrases: tuple[str, ...] = field(default=())

    @property
    def is_likely(self) -> bool:
        """Whether they may be about the same matter."""
        return self.percent >= LIKELY_PERCENT

    @property
    def is_nearly_equal(self) -> bool:
        """Whether one is all but a copy of the other."""
        return self.percent >= NEARLY_EQUAL_PERCENT


def bare(text: str) -> str:
    """A text without width, case, blanks and signs."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def compared(body: str, respondent: str = "") -> Compared:
    """A letter made ready for comparing."""
    text = bare(body)
    runs = frozenset(text[at : at + RUN] for at in range(max(1, len(text) - RUN + 1)))
    return Compared(text, runs, plain_name(respondent))


def likeness(one: Compared, other: Compared) -> Likeness:
    """How alike two letters are; without phrases, which :func:`explained` adds."""
    same = bool(one.respondent) and one.respondent == other.respondent
    if not one.text or not other.text:
        return Likeness(0, same)
    shared = len(one.runs & other.runs)
    smaller = min(len(one.runs), len(other.runs))
    percent = 100 * shared // len(one.runs | other.runs)
    if 100 * shared >= _WORTH_A_LOOK_PERCENT * smaller:
        percent = max(percent, int(fuzz.ratio(one.text, other.text, score_cutoff=LIKELY_PERCENT)))
        if min(len(one.text), len(other.text)) >= _PARTIAL_FROM:
            percent = max(percent, _inside(one, other, 100 * shared // smaller))
    return Likeness(percent, same)


def _inside(one: Compared, other: Compared, shared_percent: int) -> int:
    if len(one.text) * len(other.text) > _PARTIAL_UNTIL:
        return shared_percent
    return int(fuzz.partial_ratio(one.text, other.text, score_cutoff=LIKELY_PERCENT))


def explained(one: Compared, other: Compared) -> Likeness:
    """The same with the longest passages both have, as the first letter writes them."""
    found = likeness(one, other)
    return Likeness(found.percent, found.same_respondent, tuple(_phrases(one, other)))


def _phrases(one: Compared, other: Compared) -> Iterable[str]:
    passages: set[str] = set()
    start = 0
    while start < len(one.text):
        end = start
        while end + RUN <= len(one.text) and one.text[end : end + RUN] in other.runs:
            end += 1
        passage = one.text[start : end + RUN - 1] if end > start else ""
        # runs that follow one another here may stand apart there
        while len(passage) >= _PHRASE_FROM and passage not in other.text:
            passage = passage[:-1]
        if len(passage) >= _PHRASE_FROM:
            passages.add(passage)
        start += max(1, len(passage) - RUN + 1 if len(passage) >= _PHRASE_FROM else 1)
    longest = sorted(passages, key=lambda passage: (-len(passage), passage))
    shown: list[str] = []
    for passage in longest:
        if len(shown) < _PHRASES and not any(passage in longer for longer in shown):
            shown.append(passage)
    for passage in shown:
        yield passage if len(passage) <= _PHRASE_SHOWN else passage[:_PHRASE_SHOWN] + "…"
