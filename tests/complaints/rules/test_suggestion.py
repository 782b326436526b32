"""The suggestion: what speaks for what, how ties stand, and that it claims no more than it found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.complaints.categories import EVERY_CODE
from ethics_eval.complaints.rules.suggestion import AT_MOST, LEAST_SCORE, lexicon_of, suggest
from ethics_eval.complaints.suggesting import LEXICON, suggestions


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("班主任上课罚站一节课,还用戒尺打手心。", "C06"),
        ("老师当着全班骂孩子,还挖苦他。", "C07"),
        ("数学老师在家里补课,每人每月八百元,在职老师办班。", "C15"),
        ("班主任把学生介绍到培训机构,从中提成。", "C16"),
        ("教师节前暗示家长送礼,收了购物卡和红包。", "C13"),
        ("体育老师摸女生,这是猥亵。", "C11"),
        ("孩子被老师打伤,骨折住院了。", "C08"),
        ("上课玩手机,作业不批改,还经常旷课。", "C04"),
        ("投诉以后老师打击报复孩子。", "C20"),
        ("学校乱收费,收了班费又收试卷费。", "R01"),
        ("孩子的学籍转不过来,学校不让转学。", "R02"),
        ("作业太多,写到十一点,请减负。", "R03"),
        ("食堂饭菜里有虫子。", "R04"),
        ("孩子在学校被同学欺负,是校园欺凌。", "R05"),
        ("学校周末补课,全校都要参加,交补课费。", "R06"),
    ],
)
def test_the_first_suggestion_of_a_plain_letter(text: str, code: str) -> None:
    made = suggestions(text)
    assert made[0].code == code
    assert all(word in "".join(text.split()) for word in made[0].words)


def test_words_that_say_nothing_suggest_nothing() -> None:
    assert suggestions("请问今年什么时候放榜,谢谢。") == []
    assert suggestions("") == []


def test_every_code_of_the_words_is_a_category() -> None:
    assert set(LEXICON) <= set(EVERY_CODE)


def test_equal_scores_stand_in_the_order_of_the_codes_and_the_weak_fall_out() -> None:
    lexicon = lexicon_of({"R01": {"甲": 4}, "C15": {"乙": 4}, "C04": {"丙": 1}})
    assert [(one.code, one.score) for one in suggest("甲乙丙", lexicon)] == [("C15", 4), ("R01", 4)]


def test_a_word_counts_twice_at_most() -> None:
    lexicon = lexicon_of({"C04": {"甲": 3}})
    assert suggest("甲" * 50, lexicon)[0].score == 6


def test_a_weight_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        lexicon_of({"C04": {"甲": 0}})


@given(st.text(max_size=300))
def test_it_never_claims_more_than_it_found(text: str) -> None:
    made = suggestions(text)
    assert len(made) <= AT_MOST
    assert all(one.score >= LEAST_SCORE and one.words for one in made)
    assert [one.score for one in made] == sorted((one.score for one in made), reverse=True)
