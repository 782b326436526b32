"""What the respondent reads holds neither the complainant's words nor who the complainant is.

Source: 信访工作条例 art. 30 (the material is never passed to the person reported), domain.md §7.2 "Forbidden".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from ethics_eval.text import N_, RuleViolation

RUN = 15
_MIN_NAME = 2
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


class Sender(NamedTuple):
    """Who sent a letter, as far as the writer of the sheet may know it; empty: not known."""

    name: str
    phone: str


def _squeezed(text: str) -> str:
    """The text without blanks, its width and case levelled."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def _letters(text: str) -> str:
    """Letters and figures only: commas moved about make no other words."""
    return "".join(sign for sign in text if sign.isalnum())


def copied_run(text: str, source: str, run: int = RUN) -> str:
    """The first passage of at least ``run`` characters that stands in both, blanks aside; empty: none."""
    for shape in (_squeezed, lambda words: _letters(_squeezed(words))):
        ours, theirs = shape(text), shape(source)
        pieces = {theirs[at : at + run] for at in range(len(theirs) - run + 1)}
        for at in range(len(ours) - run + 1):
            if ours[at : at + run] in pieces:
                return ours[at : at + run]
    return ""


def check_fact_sheet(
    facts: str, letters: Iterable[str], persons: Iterable[Sender], *, field: str = "facts"
) -> None:
    """Refuse words copied from a letter, the sender's name, and any mobile number. Raises: RuleViolation at ``field``.

    ``persons``: those the writer may know. A sealed name is not compared: a refusal would confirm a guess at it.
    """
    for letter in letters:
        passage = copied_run(facts, letter)
        if passage:
            raise RuleViolation(
                "fact_sheet.copied",
                N_("教师会看到这段文字，其中“%(passage)s…”抄自投诉内容。请改用自己的话写查明的事实。"),
                field=field,
                passage=passage,
            )
    squeezed = _squeezed(facts)
    figures = re.sub(r"[-‐–—+()]", "", squeezed)
    for person in persons:
        name, phone = _squeezed(person.name), re.sub(r"\D", "", person.phone)
        if (len(name) >= _MIN_NAME and name in squeezed) or (phone and phone in figures):
            raise RuleViolation(
                "fact_sheet.person",
                N_("教师会看到这段文字，请不要写投诉人的姓名或电话。"),
                field=field,
            )
    if _MOBILE.search(figures):
        raise RuleViolation(
            "fact_sheet.phone", N_("教师会看到这段文字，请不要写任何人的手机号码。"), field=field
        )
