"""Suggesting a category from the words of a letter: counted, weighted, told. The person decides.

Each category has word patterns with a whole-number weight; a pattern counts at most twice, so that a long letter does
not win by repeating. No other knowledge goes in: the words that spoke are given back, and that is the whole reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ethics_eval.complaints.rules.submission import MAX_BODY

AT_MOST = 3
COUNTED_TWICE = 2
LEAST_SCORE = 3
SHOWN_WORDS = 4

Lexicon = Mapping[str, Mapping[re.Pattern[str], int]]


@dataclass(frozen=True)
class Suggestion:
    """A category that the words speak for. ``score`` in weights; ``words``: what was found, as it was written."""

    code: str
    score: int
    words: tuple[str, ...]

    @property
    def school_matter(self) -> bool:
        """Whether it is a matter of the school (R01–R06), which is nobody's fault and never scored."""
        return self.code.startswith("R")


def lexicon_of(table: Mapping[str, Mapping[str, int]]) -> Lexicon:
    """The patterns of a table, compiled. Raises: ValueError: a weight that is not positive; re.error."""
    if any(weight <= 0 for patterns in table.values() for weight in patterns.values()):
        raise ValueError("a weight must be positive")
    return {
        code: {re.compile(pattern): weight for pattern, weight in patterns.items()}
        for code, patterns in table.items()
    }


def suggest(text: str, lexicon: Lexicon) -> list[Suggestion]:
    """At most three categories, the one spoken for most first; equal scores in the order of the codes.

    Those with less than half the best score are left out, and all below the least score: no suggestion is
    better than one that guesses. Blanks are ignored; only the first 5,000 characters are read.
    """
    plain = re.sub(r"\s+", "", text)[:MAX_BODY]
    found = [_weighed(code, plain, patterns) for code, patterns in lexicon.items()]
    best = max((one.score for one in found), default=0)
    kept = [one for one in found if one.score >= LEAST_SCORE and one.score * 2 >= best]
    return sorted(kept, key=lambda one: (-one.score, one.code))[:AT_MOST]


def _weighed(code: str, text: str, patterns: Mapping[re.Pattern[str], int]) -> Suggestion:
    score = 0
    words: list[str] = []
    for pattern, weight in patterns.items():
        hits = [match[0] for match in pattern.finditer(text)]
        score += weight * min(len(hits), COUNTED_TWICE)
        words += hits
    return Suggestion(code, score, tuple(dict.fromkeys(words))[:SHOWN_WORDS])
