"""Who rates whom, what a complete ballot is, which ballots look careless, and how classes are read from a workbook."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.evaluation.rules import ballot_code
from ethics_eval.evaluation.rules.ballot import (
    BallotItem,
    GroupDraft,
    Opinion,
    Paper,
    Rated,
    answered,
    check_group,
    counted,
    grade_of,
    is_straight,
    problems,
    seats_of,
    slices,
    stage_of,
    straight,
)
from ethics_eval.evaluation.rules.ballot_sheet import HEADINGS, Staff, plan_classes
from ethics_eval.evaluation.rules.scheme import Component
from ethics_eval.roster.rules.sheet import SheetRows
from ethics_eval.text import RuleViolation

POINTS = (100, 85, 70, 55, 0)
LABELS = ("很满意", "满意", "基本满意", "不太满意", "不满意")


def paper(teachers: int = 3, items: int = 2, component: Component = Component.PARENT) -> Paper:
    return Paper(
        component,
        tuple(Rated(place, 900 - place, f"教师{place}") for place in range(1, teachers + 1)),
        tuple(BallotItem(f"Q{place}", POINTS, f"第{place}题", "?", LABELS) for place in range(1, items + 1)),
    )


def draft(component: Component = Component.PUPIL, **changes: Any) -> GroupDraft:
    usual = {"label": "三年级2班", "stage": "PRI", "grade": 3, "seats": 45, "teacher_ids": (1, 2)}
    return GroupDraft(component, **{**usual, **changes})


@pytest.mark.parametrize(
    ("made", "field"),
    [
        (draft(), None),
        (draft(grade=2), "grade"),
        (draft(grade=None), "grade"),
        (draft(stage="KG", grade=None), "grade"),
        (draft(stage="SPE", grade=9), "grade"),
        (draft(Component.PARENT, grade=1), None),
        (draft(Component.PARENT, stage="KG", grade=None), None),
        (draft(label=" "), "label"),
        (draft(label="班" * 41), "label"),
        (draft(stage="UNI"), "stage"),
        (draft(grade=13), "grade"),
        (draft(seats=0), "seats"),
        (draft(seats=2001), "seats"),
        (draft(Component.PEER, seats=0), None),
        (draft(Component.PEER, teacher_ids=(1,)), "teachers"),
        (draft(Component.SELF, teacher_ids=(1,), seats=0), None),
        (draft(teacher_ids=()), "teachers"),
        (draft(teacher_ids=(1, 1)), "teachers"),
        (draft(Component.SCHOOL, seats=0, grade=None), "seats"),
    ],
)
def test_who_may_be_in_a_group(made: GroupDraft, field: str | None) -> None:
    if field is None:
        check_group(made)
        return
    with pytest.raises(RuleViolation) as refused:
        check_group(made)
    assert refused.value.field == field


def test_personal_groups_have_a_code_for_each() -> None:
    assert seats_of(draft(Component.PEER, seats=0, teacher_ids=(1, 2, 3))) == 3
    assert seats_of(draft(seats=45)) == 45


@pytest.mark.parametrize(
    ("text", "stage", "grade"),
    [
        ("三年级", "", 3),
        ("3", "PRI", 3),
        ("八年级(1)班", "JUN", 8),
        ("初三5班", "", 9),
        ("高二", "SEN", 11),
        ("2", "SEN", 11),
        ("12", "SEN", 12),
        ("职高一", "VOC", 10),
        ("一年级", "VOC", 10),
        ("高六", "SEN", None),
        ("大二班", "KG", None),
        ("小一班", "KG", None),
        ("", "", None),
    ],
)
def test_grades_as_people_write_them(text: str, stage: str, grade: int | None) -> None:
    assert grade_of(text, stage) == grade


def test_stages_follow_from_grades() -> None:
    assert stage_of(6, ["PRI", "JUN"]) == "PRI"
    assert stage_of(11, ["SEN", "VOC"]) == "SEN"
    assert stage_of(4, ["SPE"]) == "SPE"
    assert stage_of(None, ["PRI"]) is None
    assert stage_of(None, ["KG", "PRI"]) == "KG"


@given(st.integers(0, 400), st.integers(1, 30))
def test_slices_are_even_and_whole(count: int, most: int) -> None:
    parts = slices(count, most)
    assert [place for part in parts for place in part] == list(range(count))
    assert max(map(len, parts)) <= most
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@given(st.binary(min_size=8, max_size=32), st.randoms(use_true_random=False))
def test_a_code_is_read_however_it_is_typed(raw: bytes, chance: Any) -> None:
    code = ballot_code.encode(raw)
    typed = "".join(
        chance.choice([char, char.lower(), {"0": "O", "1": chance.choice("ILil")}.get(char, char)])
        + chance.choice(["", "", " ", "-", "—"])
        for char in code
    )
    assert ballot_code.normalise(typed) == code
    assert ballot_code.normalise(ballot_code.grouped(code)) == code
    assert ballot_code.normalise(code[1:]) is None


def test_a_ballot_is_complete_or_says_what_is_missing() -> None:
    asked = paper()
    full = Opinion(options={"Q1": 1, "Q2": 2})
    assert problems(asked, {1: full, 2: full, 3: Opinion(abstains=True)}) == []
    found = problems(
        asked,
        {
            1: Opinion(options={"Q1": 6, "Q2": 1}),
            2: Opinion(options={"Q1": 5, "Q2": 5}, reasons={"Q1": "常常迟到早退", "Q2": "不 好 啊 "}),
        },
    )
    assert [one.field for one in found] == ["t1-q1", "t2-q2-reason", "t3-q1", "t3-q2"]
    nobody = {place: Opinion(abstains=True) for place in (1, 2, 3)}
    assert [one.code for one in problems(asked, nobody)] == ["ballot.empty"]
    alone = paper(1, component=Component.SELF)
    assert len(problems(alone, {1: Opinion(abstains=True)})) == 2  # nobody is unknown to themself


def test_answers_come_in_the_order_of_the_tallies() -> None:
    full = Opinion(options={"Q2": 2, "Q1": 1})
    found = [
        (teacher.teacher_id, item.code, option)
        for teacher, item, option in counted(paper(), {1: full, 2: Opinion(abstains=True), 3: full})
    ]
    assert found == [(897, "Q1", 1), (897, "Q2", 2), (899, "Q1", 1), (899, "Q2", 2)]
    assert answered(paper(), {1: Opinion(options={"Q1": 1})}) == 1


@pytest.mark.parametrize(
    ("teachers", "items", "option", "is_flagged"),
    [
        (3, 2, 3, True),
        (3, 2, 1, False),  # all of the best: the honest answer of whoever is content
        (3, 1, 3, False),
        (2, 2, 3, False),
        (8, 1, 3, True),
        (2, 4, 5, True),
        (1, 7, 2, False),
    ],
)
def test_straight_lines(teachers: int, items: int, option: int, is_flagged: bool) -> None:
    asked = paper(teachers, items)
    said = Opinion(options={item.code: option for item in asked.items}, reasons={})
    given = {teacher.place: said for teacher in asked.teachers}
    assert straight(list(counted(asked, given)), items) is is_flagged


def test_one_other_answer_is_no_straight_line() -> None:
    assert not is_straight([3] * 20 + [2], [False] * 21, teachers=7, items=3)
    assert is_straight([1] * 8, [True] * 7 + [False], teachers=8, items=1)


STAFF = Staff({"T01": 1, "T02": 2, "T03": 3}, {"陈思远": [1], "刘晓梅": [2, 3]})


def plan(
    rows: list[tuple[Any, ...]], stages: list[str] | None = None, head: tuple[str, ...] = tuple(HEADINGS)
) -> Any:
    sheet = SheetRows("班级", head, [(place, row) for place, row in enumerate(rows, start=2)])
    return plan_classes([sheet], STAFF, stages or ["PRI"])


def test_classes_of_a_workbook() -> None:
    found = plan(
        [
            ("示例班", "三年级", 45, "T01"),
            ("三年级2班", "三年级", 45, "T01、T02"),
            ("一年级1班", None, "40人", "陈思远"),
            ("三年级2班", "三年级", None, "T03"),
        ]
    )
    assert found.problems == ()
    assert [(one.label, one.stage, one.grade, one.pupils, one.teacher_ids) for one in found.classes] == [
        ("三年级2班", "PRI", 3, 45, (1, 2, 3)),
        ("一年级1班", "PRI", 1, 40, (1,)),
    ]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (("", "三年级", 45, "T01"), "班级"),
        (("三年级2班", "三年级", 45, "T99"), "教师编码"),
        (("三年级2班", "三年级", 45, "刘晓梅"), "教师编码"),
        (("三年级2班", "三年级", 45, ""), "教师编码"),
        (("三年级2班", "三年级", None, "T01"), "学生数"),
        (("三年级2班", "三年级", 3000, "T01"), "学生数"),
        (("二班", "", 45, "T01"), "年级"),
        (("三年级2班", "初三", 45, "T01"), "年级"),
    ],
)
def test_what_is_wrong_with_a_class(row: tuple[Any, ...], column: str) -> None:
    if row[0] == "":
        row = (None, *row[1:])
    found = plan([row])
    assert len(found.classes) == (row[3] == "")  # a class alone is read, only nobody can be rated in it
    assert [(one.row, one.column) for one in found.problems] == [(2, column)]


def test_two_rows_of_a_class_agree() -> None:
    found = plan([("三年级2班", "三年级", 45, "T01"), ("三年级2班", "三年级", 44, "T02")])
    assert [(one.row, one.column) for one in found.problems] == [(3, "班级")]
    assert plan([], head=("班级", "年级", "学生数")).problems[0].column == "教师编码"
    assert plan_classes([], STAFF, ["PRI"]).problems[0].row == 1
