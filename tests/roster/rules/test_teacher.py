"""Names, titles, positions and statuses of teachers."""

from __future__ import annotations

from datetime import date

import pytest

from ethics_eval.roster.rules.cell import Cell
from ethics_eval.roster.rules.teacher import (
    LEADERS,
    POSITION_LABELS,
    POSTING_STATUS_LABELS,
    TITLE_LABELS,
    Position,
    PostingStatus,
    Title,
    check_period,
    not_rated_reason,
    person_name,
    position,
    posting_status,
    title,
)
from ethics_eval.text import RuleViolation


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("张三", "张三"),
        ("张　三", "张三"),
        (" 王 小 明 ", "王小明"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽 ・ 买买提", "阿依古丽·买买提"),
        ("买买提．艾力", "买买提·艾力"),
        ("李㛃𬭚", "李㛃𬭚"),
        ("\ue123某", "\ue123某"),
        ("凞\ufa10", "凞\ufa10"),
        ("刘洋（女）", "刘洋(女)"),
        ("Mary  O'Neil".replace("'", "’"), "Mary O’Neil"),
    ],
)
def test_names(value: str, wanted: str) -> None:
    assert person_name(value) == wanted


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "roster.missing"),
        ("张三1", "teacher.name"),
        ("13800000000", "teacher.name"),
        (123, "teacher.name"),
        ("=cmd|1", "teacher.name"),
        ("——", "teacher.name"),
        ("·", "teacher.name"),
        ("张" * 61, "roster.too_long"),
    ],
)
def test_what_is_no_name(value: Cell, code: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        person_name(value)
    assert refused.value.code == code


def test_every_label_is_read_back() -> None:
    assert {title(label): name for name, label in TITLE_LABELS.items()} == {name: name for name in Title}
    assert {position(label) for label in POSITION_LABELS.values()} == set(Position)
    assert {posting_status(label) for label in POSTING_STATUS_LABELS.values()} == set(PostingStatus)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, None),
        ("一级", Title.FIRST),
        ("小教高级", Title.FIRST),
        ("中学高级教师", Title.SENIOR),
        ("正高级", Title.PROFESSORIAL),
        ("高级讲师", Title.SENIOR_LECTURER),
        ("会计师", Title.OTHER),
        ("高级工", Title.OTHER),
        ("无", Title.NONE),
    ],
)
def test_titles(value: Cell, wanted: Title | None) -> None:
    assert title(value) is wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("班主任", Position.TEACHER),
        ("园长", Position.HEAD),
        ("校长", Position.HEAD),
        ("书记、校长", Position.HEAD),
        ("副园长", Position.DEPUTY_HEAD),
        ("党支部书记", Position.SECRETARY),
        ("工勤", Position.SUPPORT),
        ("保育员", Position.ASSISTANT),
    ],
)
def test_positions(value: str, wanted: Position) -> None:
    assert position(value) is wanted


def test_unknown_words_are_refused_with_the_list() -> None:
    for rule in (title, position, posting_status):
        with pytest.raises(RuleViolation, match="没有“外星人”这个.+应为：.+、"):
            rule("外星人")


@pytest.mark.parametrize(
    ("value", "wanted", "reason"),
    [
        (None, PostingStatus.IN_POST, None),
        ("在岗", PostingStatus.IN_POST, None),
        (100, PostingStatus.IN_POST, None),
        ("借出到机关", PostingStatus.SECONDED, "SECONDED_OUT"),
        ("借调", PostingStatus.SECONDED, "SECONDED_OUT"),
        ("支教", PostingStatus.SUPPORT_TEACHING, "SUPPORT_TEACHING"),
        ("交流", PostingStatus.EXCHANGE, None),
        ("病假", PostingStatus.SICK_LEAVE, "LONG_LEAVE"),
        ("产假", PostingStatus.MATERNITY, "MATERNITY"),
        ("进修", PostingStatus.STUDY, "LONG_LEAVE"),
        ("待岗", PostingStatus.AWAY, "LONG_LEAVE"),
        ("停职", PostingStatus.SUSPENDED, "SUSPENDED"),
        ("退休", PostingStatus.RETIRED, "LEFT"),
        ("调离", PostingStatus.LEFT, "LEFT"),
    ],
)
def test_statuses_and_why_they_hold(value: Cell, wanted: PostingStatus, reason: str | None) -> None:
    assert posting_status(value) is wanted
    assert not_rated_reason(wanted) == reason


def test_who_moved_on_is_not_held_for_having_left() -> None:
    assert not_rated_reason(PostingStatus.LEFT, moved_on=True) is None
    assert not_rated_reason(PostingStatus.SUSPENDED, moved_on=True) == "SUSPENDED"


def test_the_secretary_leads_too() -> None:
    assert {Position.HEAD, Position.SECRETARY} == LEADERS


def test_a_period_does_not_end_before_it_starts() -> None:
    check_period(date(2025, 9, 1), date(2025, 9, 1))
    check_period(date(2025, 9, 1), None)
    with pytest.raises(RuleViolation):
        check_period(date(2025, 9, 1), date(2025, 8, 31))
