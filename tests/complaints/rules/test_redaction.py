"""Where phrases stand, and what is left of a letter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.complaints.rules.redaction import MASK, MAX_PHRASES, find_spans, masked
from ethics_eval.text import RuleViolation

LETTER = {
    "body": "小明说,小明的妈妈住在芦淞路8号。",
    "respondent": "王老师",
    "place": "",
    "subject_class": "三年级2班",
}


def test_every_place_of_every_phrase() -> None:
    spans = find_spans(LETTER, ["小明", " 芦淞路8号 ", "", "三年级2班"])
    assert masked(LETTER, spans) == {
        **LETTER,
        "body": "██说,██的妈妈住在█████。",
        "subject_class": "█████",
    }


@pytest.mark.parametrize(
    ("phrases", "code"),
    [
        ([], "redaction.empty"),
        (["", "　"], "redaction.empty"),
        (["小红"], "redaction.not_found"),
        (["小明", "小红"], "redaction.not_found"),
        ([str(number) for number in range(MAX_PHRASES + 1)], "redaction.many"),
    ],
)
def test_what_cannot_be_masked(phrases: list[str], code: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        find_spans(LETTER, phrases)
    assert (refused.value.code, refused.value.field) == (code, "phrases")


@given(st.text(min_size=1, max_size=60), st.data())
def test_masking_keeps_the_length_and_leaves_nothing_of_the_words(body: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(body) - 1))
    phrase = body[start : data.draw(st.integers(start + 1, len(body)))]
    if not phrase.strip():
        return
    shown = masked({"body": body}, find_spans({"body": body}, [phrase]))["body"]
    assert len(shown) == len(body)
    assert phrase.strip() not in shown or set(phrase.strip()) == {MASK}
