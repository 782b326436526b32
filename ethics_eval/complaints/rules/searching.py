"""What a search looks for, where it finds it, and the words around it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ethics_eval.text import N_, RuleViolation

MIN_LETTERS = 2
MAX_WORDS = 6
MAX_LENGTH = 60
AROUND = 16
MAX_SHOWN = 3


class Place(StrEnum):
    """Where in a case something stands."""

    NUMBER = "number"
    SCHOOL = "school"
    RESPONDENT = "respondent"
    WHERE = "where"
    BODY = "body"
    TEACHER = "teacher"
    MESSAGE = "message"
    NOTE = "note"


PLACE_LABELS: Mapping[Place, str] = {
    Place.NUMBER: N_("编号"),
    Place.SCHOOL: N_("学校"),
    Place.RESPONDENT: N_("反映的人"),
    Place.WHERE: N_("地点"),
    Place.BODY: N_("投诉内容"),
    Place.TEACHER: N_("认定的教师"),
    Place.MESSAGE: N_("留言"),
    Place.NOTE: N_("办理记录"),
}


@dataclass(frozen=True)
class Hit:
    """A word where it stands: the text before it, itself, and after it."""

    place: Place
    before: str
    word: str
    after: str


def folded(text: str) -> str:
    """A text as compared: width and case do not matter; as long as it was, character by character."""
    whole = unicodedata.normalize("NFKC", text).casefold()
    if len(whole) == len(text):
        return whole
    plain = []
    for sign in text:
        same = unicodedata.normalize("NFKC", sign).casefold()
        plain.append(same if len(same) == 1 else sign)
    return "".join(plain)


def search_words(typed: str) -> list[str]:
    """The words of what was typed, each to be found. Raises: RuleViolation: too short or too long."""
    words = folded(" ".join(typed.split())).split()
    if sum(map(len, words)) < MIN_LETTERS:
        raise RuleViolation("search.short", N_("请至少写2个字，例如教师姓名、地点或编号。"), field="words")
    if len(words) > MAX_WORDS or len(typed) > MAX_LENGTH:
        raise RuleViolation("search.long", N_("请只写几个关键的词，用空格隔开。"), field="words")
    return list(dict.fromkeys(words))


def find(places: Iterable[tuple[Place, str]], words: Sequence[str]) -> list[Hit]:
    """Where the words stand, at most three places; empty unless each word stands somewhere in the case."""
    missing = set(words)
    hits: list[Hit] = []
    for place, text in places:
        compared = folded(text)
        for word in words:
            at = compared.find(word)
            if at < 0:
                continue
            if word in missing or len(hits) < MAX_SHOWN:
                hits.append(_hit(place, text, at, len(word)))
            missing.discard(word)
    return [] if missing else hits[: max(MAX_SHOWN, len(words))]


def _hit(place: Place, text: str, at: int, length: int) -> Hit:
    start, end = max(0, at - AROUND), at + length + AROUND
    return Hit(
        place,
        ("…" if start else "") + text[start:at],
        text[at : at + length],
        text[at + length : end] + ("…" if end < len(text) else ""),
    )
