"""遮盖: words of a letter that readers below the bureau see as blocks, so that nobody is known by what was told.

Masked words can be shown again; burnt ones are gone from the letter for good. The search sees what the reader sees.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ethics_eval.text import N_, RuleViolation

MASK = "█"
# Of a letter's sealed parts those that are read as text.
FIELDS = ("body", "respondent", "subject_class", "place")
MAX_PHRASES = 50


class Span(NamedTuple):
    """A run of characters of one part of a letter, from ``start`` up to ``end``."""

    field: str
    start: int
    end: int


def find_spans(content: Mapping[str, str], phrases: Iterable[str]) -> list[Span]:
    """Wherever the phrases stand in a letter. Raises: RuleViolation at ``phrases``: none, too many, one not found."""
    wanted = list(dict.fromkeys(phrase.strip() for phrase in phrases if phrase.strip()))
    if not wanted:
        raise RuleViolation("redaction.empty", N_("请写要遮盖的文字，每行一段。"), field="phrases")
    if len(wanted) > MAX_PHRASES:
        raise RuleViolation("redaction.many", N_("一次最多%(limit)s段。"), field="phrases", limit=MAX_PHRASES)
    spans: list[Span] = []
    for phrase in wanted:
        here = [
            Span(name, at, at + len(phrase))
            for name in FIELDS
            for at in _places(content.get(name, ""), phrase)
        ]
        if not here:
            raise RuleViolation(
                "redaction.not_found",
                N_("投诉里没有“%(phrase)s”，请与原文核对，一字不差。"),
                field="phrases",
                phrase=phrase[:20],
            )
        spans += here
    return spans


def _places(text: str, phrase: str) -> Iterable[int]:
    at = text.find(phrase)
    while at >= 0:
        yield at
        at = text.find(phrase, at + len(phrase))


def masked(content: Mapping[str, str], spans: Iterable[Span]) -> dict[str, str]:
    """The letter with every span as blocks; its length stays."""
    shown = dict(content)
    for name, start, end in spans:
        text = shown.get(name, "")
        shown[name] = text[:start] + MASK * len(text[start:end]) + text[end:]
    return shown
