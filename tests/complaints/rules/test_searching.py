"""Words, and where they stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.complaints.rules.searching import AROUND, Place, find, folded, search_words
from ethics_eval.text import RuleViolation


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("罚站", ["罚站"]),
        ("  罚站   三班 ", ["罚站", "三班"]),
        ("罚站 罚站", ["罚站"]),
        ("QQ群", ["qq群"]),
        ("ABC", ["abc"]),
        ("4302", ["4302"]),
    ],
)
def test_words_are_told_apart(typed: str, words: list[str]) -> None:
    assert search_words(typed) == words


@pytest.mark.parametrize("typed", ["", " ", "罚", "一 " * 7, "字" * 61])
def test_too_little_or_too_much_is_refused(typed: str) -> None:
    with pytest.raises(RuleViolation):
        search_words(typed)


def test_every_word_must_stand_somewhere() -> None:
    places = [(Place.RESPONDENT, "陈思远"), (Place.BODY, "被罚站在教室后面"), (Place.NOTE, "")]
    assert [hit.place for hit in find(places, ["陈思远", "罚站"])] == [Place.RESPONDENT, Place.BODY]
    assert find(places, ["陈思远", "操场"]) == []
    (hit,) = find(places, ["教室"])
    assert (hit.before, hit.word, hit.after) == ("被罚站在", "教室", "后面")


def test_a_hit_shows_the_words_around_it() -> None:
    (hit, *_) = find([(Place.BODY, "前" * 40 + "罚站" + "后" * 40)], ["罚站"])
    assert hit.before == "…" + "前" * AROUND
    assert hit.after == "后" * AROUND + "…"


@given(st.text())
def test_folding_keeps_the_length(text: str) -> None:
    assert len(folded(text)) == len(text)
