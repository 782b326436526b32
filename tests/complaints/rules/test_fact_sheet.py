"""What the respondent reads holds neither the complainant's words nor the complainant's name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.complaints.rules.fact_sheet import RUN, Sender, check_fact_sheet, copied_run
from ethics_eval.text import RuleViolation

LETTER = "孩子说上课回答错了,被罚站在教室后面整整一节课。\r\n已经不是第一次了,孩子晚上哭着不肯睡。"
SENDER = Sender("赵敏之", "138 0000 1111")
OWN = "经核实,您于3月2日让一名学生在教室后方站立约四十分钟。"


def refused(facts: str, letters: list[str] | None = None, persons: list[Sender] | None = None) -> str:
    with pytest.raises(RuleViolation) as violation:
        check_fact_sheet(facts, letters or [], persons or [])
    assert violation.value.field == "facts"
    return violation.value.code


def test_ones_own_words_pass() -> None:
    check_fact_sheet(OWN, [LETTER], [SENDER])


@pytest.mark.parametrize(
    "facts",
    [
        "反映您" + LETTER[:RUN],
        "反映您上课回答错了,被罚站在教室后面整整一节课。",
        "上课回答错了\n被罚站在 教室后面整整 一节课",
        "上课回答错了,被罚站在教室后面整整一节课",
        LETTER,
        "整整一节课。已经不是第一次了,孩子",
    ],
)
def test_copied_words_do_not(facts: str) -> None:
    assert refused(facts, ["别的来信,与此无关。", LETTER], [SENDER]) == "fact_sheet.copied"


@given(st.integers(0, len("".join(LETTER.split())) - RUN))
def test_every_run_of_fifteen_is_found(at: int) -> None:
    squeezed = "".join(LETTER.split())
    assert copied_run(f"甲{squeezed[at : at + RUN]}乙", LETTER)
    letters = "".join(sign for sign in squeezed if sign.isalnum())
    assert not copied_run(f"甲{letters[at : at + RUN - 1]}乙", LETTER) or at > len(letters) - RUN


@pytest.mark.parametrize(
    "facts", ["据赵敏之反映。", "据赵 敏之反映。", "来电13800001111。", "来电138-0000-1111。"]
)
def test_the_sender_is_not_named(facts: str) -> None:
    assert refused(facts, [LETTER], [SENDER]) == "fact_sheet.person"


def test_nobodys_mobile_number_is_told() -> None:
    assert refused("请与家长联系,电话139 1234 5678。") == "fact_sheet.phone"
    check_fact_sheet("办公电话0731-28680000,文号20260302第13号。", [], [])


def test_an_unknown_sender_hinders_nothing() -> None:
    check_fact_sheet(OWN, [LETTER], [Sender("", ""), Sender("王", "")])
