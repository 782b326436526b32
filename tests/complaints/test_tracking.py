"""The way back by the code: one complaint for the right code, the same silence for every other."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from sqlalchemy import select

from ethics_eval.complaints import service
from ethics_eval.complaints.models import QueryMiss
from ethics_eval.complaints.rules.machine import CaseStatus, Outcome
from ethics_eval.complaints.rules.query_code import ALPHABET, grouped
from ethics_eval.complaints.tracking import open_by_code, progress
from tests.complaints.town import GROUNDS, LETTER, NAMED, Town

UNKNOWN = "0000-0000-0000-0000"
REASON = "这里写清楚了为什么要这样办。"


def opened(town: Town, code: str) -> str | None:
    complaint = open_by_code(town.session, town.vault, code, at=town.at)
    town.session.commit()
    return complaint.id if complaint else None


def wrong(code: str) -> str:
    """The same selector, another last character."""
    return code[:-1] + ALPHABET[(ALPHABET.index(code[-1]) + 1) % 32]


def test_the_right_code_opens_however_it_is_typed(town: Town) -> None:
    code = town.send().query_code
    found = opened(town, code)
    assert found is not None
    for typed in (
        grouped(code),
        grouped(code).lower(),
        f" {code} ",
        code.replace("0", "O").replace("1", "l"),
    ):
        assert opened(town, typed) == found


def test_each_code_opens_its_own(town: Town) -> None:
    codes = [town.send(key=f"key number {at} of three").query_code for at in range(3)]
    assert len({opened(town, code) for code in codes} - {None}) == 3


def test_other_codes_open_nothing(town: Town) -> None:
    code = town.send().query_code
    for typed in (wrong(code), UNKNOWN, "", "查询码", code[:-1], code + "0", code[::-1]):
        assert opened(town, typed) is None
    assert opened(town, code) is not None, "four misses are forgiven"


def test_five_misses_rest_a_selector_for_a_quarter_of_an_hour(town: Town) -> None:
    code = town.send().query_code
    for _ in range(5):
        assert opened(town, wrong(code)) is None
    assert opened(town, code) is None, "the right code gets the same answer while it rests"
    town.later(minutes=14)
    assert opened(town, code) is None
    town.later(minutes=2)
    assert opened(town, code) is not None
    assert town.session.scalars(select(QueryMiss)).all() == []


def test_misses_far_apart_do_not_add_up(town: Town) -> None:
    code = town.send().query_code
    for _ in range(9):
        assert opened(town, wrong(code)) is None
        town.later(minutes=16)
    assert opened(town, code) is not None


def test_a_rest_holds_for_unknown_selectors_too(town: Town) -> None:
    for _ in range(7):
        assert opened(town, UNKNOWN) is None
    (miss,) = town.session.scalars(select(QueryMiss)).all()
    assert miss.count == 5
    assert miss.rest_until is not None
    assert UNKNOWN[:6].encode() not in miss.selector_hash


def test_other_complaints_stay_open_while_one_rests(town: Town) -> None:
    first = town.send().query_code
    second = town.send(key="another key of sixteen").query_code
    for _ in range(6):
        opened(town, wrong(first))
    assert opened(town, second) is not None


def test_wrong_and_unknown_take_the_same_time(town: Town) -> None:
    code = town.send().query_code

    def quickest(typed: str) -> float:
        times = []
        for _ in range(4):
            began = time.process_time()  # what others do on this machine is not counted
            opened(town, typed)
            times.append(time.process_time() - began)
        return min(times)

    slow, unknown, resting = quickest(wrong(code)), quickest(UNKNOWN), quickest(wrong(code))
    assert 0.4 < slow / unknown < 2.5
    assert 0.4 < slow / resting < 2.5


# --- what is shown ------------------------------------------------------------------------------------------


def seen(town: Town, code: str) -> object:
    found = opened(town, code)
    assert found is not None
    return progress(town.session, town.vault, found, at=town.at)


def test_the_complainant_sees_the_steps_and_the_reply(town: Town) -> None:
    receipt = town.send(NAMED)
    case = town.case_of(receipt)
    town.lead(case, CaseStatus.CLOSED)
    found = opened(town, receipt.query_code)
    assert found is not None
    shown = progress(town.session, town.vault, found, at=town.at)
    assert shown is not None
    assert [step.action for step in shown.steps] == [
        "submit",
        "register",
        "accept",
        "start",
        "decide",
        "reply",
        "close",
    ]
    assert [step.text for step in shown.steps if step.text] == ["经查,情况属实,已处理。"]
    assert (shown.status, shown.outcome, shown.school, shown.due) == (
        "closed",
        "SUBSTANTIATED",
        "明德小学",
        None,
    )


def test_the_complainant_never_sees_the_handlers_own_work(town: Town) -> None:
    receipt = town.send()
    case = town.case_of(receipt)
    town.lead(case, CaseStatus.HEARING)
    service.send_back(town.by(town.district), case, reason="请补充课堂监控的情况说明。")
    town.lead(case, CaseStatus.DECIDED)
    shown = str(seen(town, receipt.query_code))
    for secret in (GROUNDS, "监控", "集中注意力", "询问了三名学生", "甲某", "王芳", "罗成"):
        assert secret not in shown


@pytest.mark.parametrize("way", ["decline", "transfer"])
def test_where_to_go_instead_is_told(town: Town, way: str) -> None:
    receipt = town.send()
    case = town.case_of(receipt)
    town.lead(case, CaseStatus.REGISTERED)
    if way == "decline":
        service.decline(town.by(town.district), case, reason="NOT_EDU_DUTY", explanation=REASON)
    else:
        service.transfer(town.by(town.district), case, target="POLICE", explanation=REASON)
    assert REASON in str(seen(town, receipt.query_code))


def test_recusal_shows_nothing_new_to_the_complainant(town: Town) -> None:
    receipt = town.send(replace(LETTER, respondent="李国华校长"))
    found = opened(town, receipt.query_code)
    assert found is not None
    shown = progress(town.session, town.vault, found, at=town.at)
    assert shown is not None
    assert (shown.desk, shown.status) == ("district", "submitted")


def test_a_complaint_that_is_gone_shows_nothing(town: Town) -> None:
    assert progress(town.session, town.vault, "0" * 32, at=town.at) is None


def test_an_acquittal_is_told_as_what_it_is(town: Town) -> None:
    receipt = town.send()
    case = town.case_of(receipt)
    town.lead(case, CaseStatus.REPLIED, draft=town.draft(outcome=Outcome.LAWFUL_DISCIPLINE))
    assert "LAWFUL_DISCIPLINE" in str(seen(town, receipt.query_code))
