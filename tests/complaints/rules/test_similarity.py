"""How alike two letters are, in numbers and in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.complaints.rules.similarity import bare, compared, explained, likeness

LETTER = (
    "我的孩子在三年级二班。上周三数学课上,他因为没有带作业本,被老师罚站在教室后面整整一节课,"
    "还当着全班同学的面说他以后不会有出息。孩子回家以后一直哭,不愿意再去上学。希望学校认真处理。"
)
OTHER = "食堂最近的饭菜是凉的,价格又涨了三元,很多家长都有意见。请查一查承包的公司,公布每天的菜价。"


def test_equal_letters_are_wholly_alike() -> None:
    assert likeness(compared(LETTER), compared(LETTER)).percent == 100
    assert likeness(compared(LETTER), compared(LETTER.replace("。", " ! ").replace(",", "，"))).percent == 100


@pytest.mark.parametrize(
    "changed",
    [
        "尊敬的领导,您好!" + LETTER + "谢谢。",
        LETTER.replace("我的孩子", "我家小孩").replace("整整一节课", "一整节课"),
        LETTER[40:],
        LETTER[50:] + LETTER[:50],
    ],
)
def test_a_letter_changed_a_little_is_likely_the_same(changed: str) -> None:
    assert likeness(compared(LETTER), compared(changed)).is_likely


def test_other_matters_are_not_alike() -> None:
    found = explained(compared(LETTER, "陈 思远"), compared(OTHER, "陈思远"))
    assert not found.is_likely
    assert found.same_respondent, "the same person, another matter"
    assert not likeness(compared(LETTER, "甲"), compared(LETTER, "乙")).same_respondent
    assert not likeness(compared(LETTER), compared(LETTER)).same_respondent, "nobody is named"


def test_the_shared_passages_are_shown_longest_first() -> None:
    found = explained(compared(LETTER), compared("您好。" + LETTER[30:60] + "其他的话另说。" + LETTER[70:80]))
    assert found.phrases
    lengths = [len(phrase) for phrase in found.phrases]
    assert lengths == sorted(lengths, reverse=True)
    assert all(bare(phrase.rstrip("…")) in bare(LETTER) for phrase in found.phrases)


def test_letters_without_words_are_alike_to_nothing() -> None:
    assert likeness(compared(""), compared("")).percent == 0
    assert likeness(compared("!?。"), compared(LETTER)).percent == 0


@given(st.text(max_size=80), st.text(max_size=80))
def test_likeness_is_between_nothing_and_all_and_the_same_both_ways(one: str, other: str) -> None:
    first, second = compared(one), compared(other)
    found = likeness(first, second)
    assert 0 <= found.percent <= 100
    assert abs(found.percent - likeness(second, first).percent) <= 1
    explained(first, second)
