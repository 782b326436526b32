"""Rosters made for tests: small ones by hand, and a city of any size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from ethics_eval.roster.rules.cell import Cell
from ethics_eval.roster.rules.roster import (
    SCHOOL_HEADINGS,
    SCHOOLS,
    TEACHER_HEADINGS,
    TEACHERS,
    RosterPlan,
    plan_roster,
)
from ethics_eval.roster.rules.sheet import SheetRows

Row = Sequence[Cell]

TIANTAI: Row = ("2143000001", "天台小学", "天元区", "小学", "小学", "公办", "天台路 1 号", 1200)
NINE_YEAR: Row = ("3143000002", "渌口镇学校", "渌口区", "九年一贯制", "小学、初中", "公办", "", 800)
KINDERGARTEN: Row = ("1143000003", "天乐幼儿园", "芦淞区", "幼儿园", "幼儿园", "普惠性民办", None, 180)

LI: Row = ("T001", "李敏", "2143000001", "小学", "语文", "一级教师", "教师", "在岗", "2015-09-01", None)
HEAD: Row = ("T002", "张伟", "2143000001", "小学", "数学", "高级教师", "校长", "在岗", "2010/9/1", None)
SECRETARY: Row = ("T003", "王芳", "2143000001", "小学", "", "", "书记", None, "2012年9月1日", None)
SPLIT_PRIMARY: Row = ("T004", "曾静", "3143000002", "小学", "音乐", "", "教师", "在岗", "20180901", None)
SPLIT_JUNIOR: Row = ("T004", "曾静", "3143000002", "初中", "音乐", "", "教师", "在岗", "20180901", None)
CARER: Row = ("T005", "阿依古丽·买买提", "1143000003", "幼儿园", "", "初级教师", "教师", "产假", 45901, None)

SCHOOL_ROWS: tuple[Row, ...] = (TIANTAI, NINE_YEAR, KINDERGARTEN)
TEACHER_ROWS: tuple[Row, ...] = (LI, HEAD, SECRETARY, SPLIT_PRIMARY, SPLIT_JUNIOR, CARER)


def sheets(
    schools: Iterable[Row] = SCHOOL_ROWS,
    teachers: Iterable[Row] = TEACHER_ROWS,
    *,
    school_headings: Sequence[Cell] = tuple(SCHOOL_HEADINGS),
    teacher_headings: Sequence[Cell] = tuple(TEACHER_HEADINGS),
) -> tuple[SheetRows, SheetRows]:
    """The two sheets as a workbook brings them; the rows begin in row 2."""
    return (
        SheetRows(SCHOOLS, tuple(school_headings), list(enumerate(schools, 2))),
        SheetRows(TEACHERS, tuple(teacher_headings), list(enumerate(teachers, 2))),
    )


def plan(schools: Iterable[Row] = SCHOOL_ROWS, teachers: Iterable[Row] = TEACHER_ROWS) -> RosterPlan:
    """The plan of the two sheets."""
    return plan_roster(sheets(schools, teachers))


def changed(row: Row, place: int, value: Cell) -> Row:
    """The row with one cell replaced."""
    return (*row[:place], value, *row[place + 1 :])


DISTRICTS = ("荷塘区", "芦淞区", "石峰区", "天元区", "渌口区", "攸县", "茶陵县", "炎陵县", "醴陵市")
_KINDS = (
    ("11", "幼儿园", "幼儿园", "幼儿园"),
    ("21", "小学", "小学", "小学"),
    ("21", "小学", "小学", "小学"),
    ("31", "九年一贯制", "小学、初中", "学校"),
    ("31", "初级中学", "初中", "中学"),
    ("34", "完全中学", "初中、高中", "中学"),
    ("36", "中等职业学校", "中职", "职业学校"),
    ("51", "特殊教育学校", "特教", "特殊教育学校"),
)
_SURNAMES = "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = "伟芳敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英华玉梅红波辉"
_SUBJECTS = ("语文", "数学", "英语", "物理", "音乐", "体育", "美术")


def city(school_count: int, teacher_count: int) -> tuple[list[Row], list[Row]]:
    """Rows of a city: as many schools, of every kind in turn, and as many teachers, one in ten at two schools."""
    schools: list[Row] = []
    for at in range(school_count):
        head, kind, stages, word = _KINDS[at % len(_KINDS)]
        name = f"{_SURNAMES[at % 40]}家{_GIVEN[at // 40 % 29]}坪第{at + 1}{word}"
        code = f"{head}43{at:06}"
        schools.append((code, name, DISTRICTS[at % 9], kind, stages, "公办", f"{name}路 {at} 号", 100 + at))
    teachers: list[Row] = []
    for at in range(teacher_count):
        school = schools[at % school_count]
        name = _SURNAMES[at % 40] + _GIVEN[at // 40 % 29] + (_GIVEN[at // 1160 % 29] if at % 5 else "")
        stage = str(school[4]).split("、")[at // school_count % len(str(school[4]).split("、"))]
        post = "校长" if at < school_count else "教师"
        start: Cell = date(2000 + at % 20, 9, 1) if at % 2 else f"{2000 + at % 20}/9/1"
        row: Row = (
            f"T{at:06}",
            name,
            school[0],
            stage,
            _SUBJECTS[at % 7],
            "一级教师",
            post,
            "在岗",
            start,
            None,
        )
        teachers.append(row)
        if at % 10 == 0:
            before = changed(changed(row, 9, "2025-10-31"), 7, "调离")
            other = schools[(at + 8) % school_count]
            after = changed(
                changed(changed(row, 2, other[0]), 8, "2025-11-01"), 3, str(other[4]).split("、")[0]
            )
            teachers[-1:] = [before, after]
    return schools, teachers
