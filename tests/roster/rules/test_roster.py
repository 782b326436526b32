"""Rows of a roster: every bad one is listed, with sheet, row, column and reason."""

from __future__ import annotations

from datetime import date

import pytest

from ethics_eval.roster.rules.cell import Cell
from ethics_eval.roster.rules.roster import (
    SCHOOL_HEADINGS,
    SCHOOLS,
    TEACHER_HEADINGS,
    TEACHERS,
    plan_roster,
)
from ethics_eval.roster.rules.sheet import Problem, SheetRows
from tests.roster.rosters import (
    CARER,
    KINDERGARTEN,
    LI,
    SCHOOL_ROWS,
    SPLIT_JUNIOR,
    SPLIT_PRIMARY,
    TEACHER_ROWS,
    TIANTAI,
    Row,
    changed,
    plan,
    sheets,
)


def test_a_clean_roster() -> None:
    read = plan()
    assert read.problems == ()
    assert [
        (row.row, row.code, row.kind, row.stages, row.ownership, row.pupil_count) for row in read.schools
    ] == [
        (2, "2143000001", "小学", "PRI", "public", 1200),
        (3, "3143000002", "九年一贯制", "PRI JUN", "public", 800),
        (4, "1143000003", "幼儿园", "KG", "inclusive", 180),
    ]
    assert {row.starts_on for row in read.postings} == {
        date(2015, 9, 1),
        date(2010, 9, 1),
        date(2012, 9, 1),
        date(2018, 9, 1),
        date(2025, 9, 1),
    }
    assert [row.position for row in read.postings[:3]] == ["teacher", "head", "secretary"]
    assert read.postings[2].status == "in_post"
    assert read.postings[5].status == "maternity"


def test_headings_with_dirt_in_any_order_and_columns_of_others() -> None:
    headings = ["备注", *reversed([f"*{name}\n(必填)" for name in SCHOOL_HEADINGS]), None]
    rows: list[Row] = [(None, *reversed(row), "x") for row in SCHOOL_ROWS]
    other = [name + "\t" for name in TEACHER_HEADINGS]
    read = plan_roster(sheets(rows, school_headings=headings, teacher_headings=other))
    assert read.problems == ()
    assert read.schools == plan().schools


def test_other_names_of_headings() -> None:
    school = [
        "学校（机构）标识码",
        "学校名称",
        "县市区",
        "学校类型",
        "学段s",
        "学校办别",
        "学校地址",
        "在校生数",
    ]
    teacher = [
        "*教职工号",
        "教师姓名",
        "学校代码",
        "任教学段",
        "任教学科",
        "教师职称",
        "岗位类别",
        "人员状态",
        "到岗日期(yyyy-MM-dd)",
        "离岗日期",
    ]
    assert plan_roster(sheets(school_headings=school, teacher_headings=teacher)).problems == ()


def test_missing_and_doubled_headings_and_sheets() -> None:
    doubled = [*SCHOOL_HEADINGS, "学校名称"]
    missing = [name for name in TEACHER_HEADINGS if name not in {"岗位", "到岗"}]
    read = plan_roster(sheets(school_headings=doubled, teacher_headings=missing))
    assert [(problem.sheet, problem.row, problem.column) for problem in read.problems] == [
        (SCHOOLS, 1, "名称"),
        (TEACHERS, 1, "到岗"),
        (TEACHERS, 1, "岗位"),
    ]
    read = plan_roster([SheetRows("Sheet1", ("学校标识码",), [])])
    assert [problem.sheet for problem in read.problems] == [SCHOOLS, TEACHERS]


def test_empty_rows_short_rows_and_the_example_are_passed_over() -> None:
    example = changed(TIANTAI, 0, "示例 2143000000")
    rows: list[Row] = [(), (None, None), ("  ", ""), example, TIANTAI[:6]]
    read = plan(rows, ())
    assert read.problems == ()
    assert [(row.row, row.address, row.pupil_count) for row in read.schools] == [(6, "", None)]


DIRTY_SCHOOLS: list[tuple[int, Cell, str, str]] = [
    (0, 2143000001, "学校标识码", "存成了数字"),
    (0, 2.143e9, "学校标识码", "存成了数字"),
    (0, "2.143E+09", "学校标识码", "科学计数法"),
    (0, "21430000", "学校标识码", "10 位"),
    (0, None, "学校标识码", "不能为空"),
    (1, " \t", "名称", "不能为空"),
    (1, "长" * 101, "名称", "太长"),
    (2, "", "区县", "不能为空"),
    (3, "大学", "类型", "没有“大学”"),
    (4, "本科", "学段", "没有“本科”"),
    (4, "小学、初中", "学段", "“小学”的学段应为"),
    (5, "普惠性民办", "办别", "只有幼儿园"),
    (6, "路" * 201, "地址", "太长"),
    (7, "很多", "学生数", "整数"),
]


@pytest.mark.parametrize(("place", "value", "column", "reason"), DIRTY_SCHOOLS)
def test_dirty_schools(place: int, value: Cell, column: str, reason: str) -> None:
    read = plan([KINDERGARTEN, changed(TIANTAI, place, value)], ())
    assert [(problem.sheet, problem.row, problem.column) for problem in read.problems] == [
        (SCHOOLS, 3, column)
    ]
    assert reason in read.problems[0].reason
    assert [row.code for row in read.schools] == ["1143000003"]


DIRTY_TEACHERS: list[tuple[int, Cell, str, str]] = [
    (0, 12, "教师编码", "存成了数字"),
    (0, "4.30E+17", "教师编码", "科学计数法"),
    (0, "T 1", "教师编码", "字母和数字"),
    (1, "李敏2", "姓名", "数字或符号"),
    (1, None, "姓名", "不能为空"),
    (2, "天台小学", "学校标识码", "字母和数字"),
    (3, "小学、初中", "学段", "分行填写"),
    (4, "语" * 41, "学科", "太长"),
    (5, "超级", "职称", "没有“超级”这个职称"),
    (6, "", "岗位", "不能为空"),
    (6, "董事长", "岗位", "没有“董事长”这个岗位"),
    (7, "失联", "状态", "没有“失联”这个状态"),
    (8, None, "到岗", "不能为空"),
    (8, "2025-02-30", "到岗", "没有这一天"),
    (8, "2025年9月", "到岗", "缺少“日”"),
    (9, "2014-01-01", "离岗", "早于到岗"),
]


@pytest.mark.parametrize(("place", "value", "column", "reason"), DIRTY_TEACHERS)
def test_dirty_teachers(place: int, value: Cell, column: str, reason: str) -> None:
    read = plan(SCHOOL_ROWS, [CARER, changed(LI, place, value)])
    assert [(problem.sheet, problem.row, problem.column) for problem in read.problems] == [
        (TEACHERS, 3, column)
    ]
    assert reason in read.problems[0].reason
    assert [row.number for row in read.postings] == ["T005"]


def test_every_bad_cell_of_every_bad_row_is_listed() -> None:
    schools = [changed(TIANTAI, place, value) for place, value, *_ in DIRTY_SCHOOLS]
    bad_twice = changed(changed(LI, 0, 7), 8, "昨天")
    read = plan(schools, [bad_twice])
    listed = {(problem.sheet, problem.row, problem.column) for problem in read.problems}
    assert {(SCHOOLS, row, column) for row, (*_, column, _why) in enumerate(DIRTY_SCHOOLS, 2)} <= listed
    assert {(TEACHERS, 2, "教师编码"), (TEACHERS, 2, "到岗")} <= listed
    assert "%" not in "".join(problem.reason for problem in read.problems)
    assert str(read.problems[0]).startswith("学校 第 2 行 学校标识码：")


def problems(schools: list[Row], teachers: list[Row]) -> list[Problem]:
    return list(plan(schools, teachers).problems)


def test_a_school_twice() -> None:
    (found,) = problems([TIANTAI, TIANTAI], [])
    assert (found.row, found.column, found.reason) == (3, "学校标识码", "与第 2 行重复。")
    (found,) = problems([TIANTAI, changed(TIANTAI, 1, "天台第二小学")], [])
    assert (found.row, found.column) == (3, "名称")


def test_a_teacher_under_two_names_or_titles() -> None:
    (found,) = problems([], [SPLIT_PRIMARY, changed(SPLIT_JUNIOR, 1, "曾敬")])
    assert (found.row, found.column) == (3, "姓名")
    (found,) = problems([], [changed(SPLIT_PRIMARY, 5, "一级教师"), changed(SPLIT_JUNIOR, 5, "高级教师")])
    assert (found.row, found.column) == (3, "职称")
    assert not problems([], [SPLIT_PRIMARY, changed(SPLIT_JUNIOR, 5, "高级教师")])


def test_a_posting_twice_or_overlapping() -> None:
    (found,) = problems([], [LI, LI])
    assert found.reason == "与第 2 行重复。"
    (found,) = problems([], [LI, changed(LI, 8, "2020-09-01")])
    assert found.column == "到岗"
    assert not problems([], [changed(LI, 9, "2020-08-31"), changed(LI, 8, "2020-09-01")])


def test_rows_out_of_order_give_the_same_plan() -> None:
    forward = plan(SCHOOL_ROWS, TEACHER_ROWS)
    backward = plan(SCHOOL_ROWS[::-1], TEACHER_ROWS[::-1])
    assert {row.code for row in forward.schools} == {row.code for row in backward.schools}
    assert len(backward.postings) == len(forward.postings)
