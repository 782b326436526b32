"""What the form must hold, who is recused, and where a case starts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.complaints.categories import EVERY_CODE
from ethics_eval.complaints.rules.machine import Desk
from ethics_eval.complaints.rules.submission import (
    IDENTITY_LABELS,
    MAX_BODY,
    MAX_LINE,
    RESPONDENT_LABELS,
    IdentityMode,
    RespondentRole,
    Submission,
    body_length,
    first_desk,
    is_recused,
    person_problems,
    problems,
)

TODAY = date(2026, 3, 20)
GOOD = Submission(
    category="C06",
    respondent="陈思远",
    respondent_role=RespondentRole.TEACHER,
    subject_class="三年级2班",
    happened_on=date(2026, 3, 2),
    place="教室",
    body="孩子被罚站了整整一节课。",
    identity=IdentityMode.ANONYMOUS,
    pledge=True,
)
NAMED = replace(GOOD, identity=IdentityMode.REAL_NAME_HIDDEN, name="赵敏", phone="138 0000 0000")


def fields(draft: Submission) -> list[str | None]:
    return [found.field for found in problems(draft, categories=EVERY_CODE, today=TODAY)]


def test_a_good_one_is_taken() -> None:
    assert not fields(GOOD)
    assert not fields(NAMED)
    assert not fields(replace(GOOD, happened_on=None, respondent="", subject_class="", place=""))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"category": ""}, "category"),
        ({"category": "C00"}, "category"),
        ({"category": "c06"}, "category"),
        ({"body": ""}, "body"),
        ({"body": "一二三四五六七八九"}, "body"),
        ({"body": " " * 40 + "一二三"}, "body"),
        ({"body": "字" * (MAX_BODY + 1)}, "body"),
        ({"respondent": "名" * (MAX_LINE + 1)}, "respondent"),
        ({"subject_class": "班" * (MAX_LINE + 1)}, "subject_class"),
        ({"place": "处" * (MAX_LINE + 1)}, "place"),
        ({"relation": "亲" * (MAX_LINE + 1)}, "relation"),
        ({"happened_on": date(2026, 3, 21)}, "happened_on"),
        ({"happened_on": date(2005, 12, 31)}, "happened_on"),
        ({"pledge": False}, "pledge"),
    ],
)
def test_each_field_is_refused_by_itself(change: dict[str, object], field: str) -> None:
    assert fields(replace(GOOD, **change)) == [field]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " \u3000"}, "name"),
        ({"name": "名" * (MAX_LINE + 1)}, "name"),
        ({"phone": ""}, "phone"),
        ({"phone": "12345"}, "phone"),
        ({"phone": "一三八"}, "phone"),
        ({"phone": "138" * 10}, "phone"),
        ({"phone": "13800000000; drop"}, "phone"),
    ],
)
@pytest.mark.parametrize("identity", [IdentityMode.REAL_NAME, IdentityMode.REAL_NAME_HIDDEN])
def test_a_named_writer_gives_name_and_phone(
    change: dict[str, object], field: str, identity: IdentityMode
) -> None:
    assert fields(replace(NAMED, identity=identity, **change)) == [field]  # type: ignore[arg-type]
    assert field == "name" or not fields(replace(GOOD, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "phone",
    ["13800000000", "138 0000 0000", "138-0000-0000", "+86 13800000000", "0731-28682868", "（0731）28682868"]
    + ["１３８００００００００", " 13800000000 "],
)
def test_phones_as_people_write_them(phone: str) -> None:
    assert not fields(replace(NAMED, phone=phone))


def test_everything_wrong_is_told_at_once() -> None:
    draft = replace(
        NAMED, category="", body="", name="", phone="", pledge=False, happened_on=date(2030, 1, 1)
    )
    assert fields(draft) == ["category", "body", "happened_on", "name", "phone", "pledge"]


def test_the_limits_are_inclusive() -> None:
    assert not fields(replace(GOOD, body="一二三四五六七八九十"))
    assert not fields(replace(GOOD, body="字" * MAX_BODY))
    assert not fields(replace(GOOD, place="处" * MAX_LINE, happened_on=TODAY))
    assert not fields(replace(GOOD, happened_on=date(2006, 1, 1)))


def test_a_line_end_counts_once_whatever_the_browser_sends() -> None:
    lines = "\n".join(["字" * 99] * 50)  # 4,999 characters in the browser's counter
    assert body_length(lines.replace("\n", "\r\n")) == len(lines) == 4999
    assert not fields(replace(GOOD, body=lines.replace("\n", "\r\n")))


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=20), st.sampled_from(IdentityMode))
def test_any_text_is_judged_never_broken(body: str, name: str, phone: str, identity: IdentityMode) -> None:
    draft = replace(GOOD, body=body, name=name, phone=phone, identity=identity)
    found = problems(draft, categories=EVERY_CODE, today=TODAY)
    assert all(str(violation) and violation.field for violation in found)
    assert ("body" in fields(draft)) is (len(body.strip()) < 10)
    assert draft.content()["body"] == body
    assert (draft.person() is None) is (identity is IdentityMode.ANONYMOUS)


def test_an_anonymous_letter_keeps_no_name_even_if_one_was_typed() -> None:
    typed = replace(NAMED, identity=IdentityMode.ANONYMOUS)
    assert typed.person() is None
    assert "赵敏" not in str(typed.content())


INSIDERS = ["李国华", "王 芳", "阿依古丽·买买提", "Anna Smith", ""]


@pytest.mark.parametrize(
    ("respondent", "recused"),
    [
        ("陈思远", False),
        ("", False),
        ("王老师", False),
        ("李国华", True),
        ("李 国 华", True),
        ("李国华校长", True),
        ("教务处李国华老师", True),
        ("王芳", True),
        ("王　芳", True),
        ("阿依古丽•买买提", True),
        ("阿依古丽买买提", True),
        ("anna smith", True),
        ("ＡＮＮＡ ＳＭＩＴＨ", True),
        ("校长", True),
        ("张副校长", True),
        ("园 长", True),
        ("李书记", True),
        ("学校领导", True),
    ],
)
def test_head_and_handlers_are_recognised_by_name_and_title(respondent: str, recused: bool) -> None:
    assert is_recused(RespondentRole.TEACHER, respondent, INSIDERS) is recused


def test_the_role_alone_recuses() -> None:
    assert is_recused(RespondentRole.HEAD, "", [])
    assert not any(is_recused(role, "", []) for role in RespondentRole if role is not RespondentRole.HEAD)


@given(st.text(), st.lists(st.text(min_size=1), max_size=5), st.sampled_from(RespondentRole))
def test_an_insider_named_is_always_recused(around: str, insiders: list[str], role: RespondentRole) -> None:
    for insider in insiders:
        named = f"{around}{insider}"
        if any(char.isalnum() for char in insider):
            assert is_recused(role, named, insiders)


@pytest.mark.parametrize(
    ("category", "recused", "desk"),
    [
        ("C06", False, Desk.SCHOOL),
        ("C06", True, Desk.DISTRICT),
        ("C08", False, Desk.CITY),
        ("C08", True, Desk.CITY),
        ("C11", False, Desk.CITY),
        ("C20", False, Desk.CITY),
        ("R01", False, Desk.SCHOOL),
        ("R01", True, Desk.DISTRICT),
        ("C99", False, Desk.SCHOOL),
    ],
)
def test_the_first_desk(category: str, recused: bool, desk: Desk) -> None:
    assert first_desk(category, recused=recused) is desk


def test_a_recused_case_never_starts_at_the_school() -> None:
    assert all(first_desk(code, recused=True) is not Desk.SCHOOL for code in EVERY_CODE)


def test_every_word_is_there() -> None:
    assert set(IDENTITY_LABELS) == set(IdentityMode)
    assert set(RESPONDENT_LABELS) == set(RespondentRole)


# --- joint complaints ---------------------------------------------------------------------------------------


def test_joint_names_count_each_once_and_never_when_anonymous() -> None:
    joint = replace(NAMED, signers=f" 钱一 \r\n\r\n孙二\n钱一\n{NAMED.name}\n")
    assert joint.signer_names() == ["钱一", "孙二"]
    assert joint.signer_count() == 3
    person = joint.person()
    assert person is not None
    assert person["signers"] == "钱一\n孙二"
    assert "signers" not in (NAMED.person() or {})
    assert replace(joint, identity=IdentityMode.ANONYMOUS).signer_count() == 1


@pytest.mark.parametrize(
    "signers", ["\n".join(f"联名人{number}" for number in range(101)), "长" * 61], ids=["many", "long"]
)
def test_joint_names_have_limits(signers: str) -> None:
    assert [row.field for row in person_problems("赵敏之", "13800001111", signers)] == ["signers"]
    assert person_problems("赵敏之", "13800001111", "\n".join(f"联名人{n}" for n in range(100))) == []
