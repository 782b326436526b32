"""The texts to complainants: filled from the case, none with an open place goes out, rights are told."""

from __future__ import annotations

import re
from datetime import date

import pytest

from ethics_eval.complaints.rules.machine import CaseAction, Outcome
from ethics_eval.complaints.rules.wording import (
    RIGHTS,
    TEMPLATES,
    Template,
    WordFacts,
    chosen,
    fill,
    filled,
    open_places,
    rights,
)
from ethics_eval.complaints.service import DECLINE_REASONS, TRANSFER_TARGETS
from ethics_eval.text import RuleViolation

FACTS = WordFacts(
    school="明德小学{甲}",
    office="荷塘区教育局",
    upper="市教育局",
    today=date(2026, 4, 10),
    received_on=date(2026, 3, 2),
    ask_by=date(2026, 5, 11),
    reply_due_on=date(2026, 5, 1),
)
EVERY = [(action, text) for action, texts in TEMPLATES.items() for text in texts]
OUTSIDE = {"message", "dispute_answer"}


@pytest.mark.parametrize(("action", "text"), EVERY, ids=lambda value: getattr(value, "key", value))
def test_every_text_is_filled_but_for_what_only_the_officer_knows(action: str, text: Template) -> None:
    said = fill(text, FACTS)
    assert "{" not in said.replace("{甲}", "")
    assert re.sub(r"【请[^】]*】", "", said).count("【") == 0
    assert action in {*CaseAction, *OUTSIDE}
    assert len(said) > 20


def test_a_day_not_known_yet_is_left_open() -> None:
    (text,) = TEMPLATES["extend"]
    assert "2026年5月1日" in fill(text, FACTS)
    unknown = WordFacts("甲校", "乙局", "丙局", date(2026, 4, 10), date(2026, 3, 2), date(2026, 5, 11))
    assert "【请写明日期】" in fill(text, unknown)


def test_there_is_a_text_for_every_outcome_reason_and_target() -> None:
    assert {text.key for text in TEMPLATES["reply"]} == set(Outcome)
    assert {text.key for text in TEMPLATES["decline"]} >= set(DECLINE_REASONS)
    assert {text.key for text in TEMPLATES["transfer"]} >= set(TRANSFER_TARGETS)


def test_rights_follow_the_law() -> None:
    told = rights("reply", FACTS)
    for word in ("30日内", "2026年5月11日", "市教育局复查", "第三十五条"):
        assert word in told
    assert "复核" in rights("uphold", FACTS)
    assert "第三十六条" in rights("finish", FACTS)
    assert "不再受理" in rights("finish", FACTS)
    assert rights("register", FACTS) == ""
    assert rights("answer", FACTS) == told
    assert all("{" not in rights(action, FACTS) for action in RIGHTS)


def test_open_places_are_refused_at_the_field() -> None:
    text = fill(TEMPLATES["reply"][0], FACTS)
    assert list(open_places(text))
    with pytest.raises(RuleViolation) as refused:
        filled(text, "text")
    assert (refused.value.code, refused.value.field) == ("wording.open", "text")
    assert "【请" in str(refused.value)
    assert filled("依照【2026】3号文件办理。", "text") == "依照【2026】3号文件办理。"


def test_the_usual_text_stands_in_for_an_unknown_one() -> None:
    usual = chosen("reply", None)
    assert usual is not None
    assert usual is TEMPLATES["reply"][0] is chosen("reply", "nonsense")
    assert chosen("reply", "PARTLY") is TEMPLATES["reply"][1]
    assert chosen("register", None) is None
