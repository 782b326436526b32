"""The empty workbook of a roster: headings, lists to choose from, an example row, and how to fill it in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ethics_eval.roster.reference import districts
from ethics_eval.roster.rules.roster import SCHOOL_HEADINGS, SCHOOLS, TEACHER_HEADINGS, TEACHERS
from ethics_eval.roster.rules.school import OWNERSHIP_LABELS, STAGE_LABELS, SchoolKind
from ethics_eval.roster.rules.sheet import EXAMPLE
from ethics_eval.roster.rules.teacher import POSITION_LABELS, POSTING_STATUS_LABELS, TITLE_LABELS
from ethics_eval.workbooks.writing import Column, Kind, Table

NOTES = "说明"

# heading → what it holds, what to choose from, whether only that, how to fill it in
_SCHOOLS: dict[str, Column] = {
    "学校标识码": Column("学校标识码", width=14),
    "名称": Column("名称", width=28),
    "区县": Column("区县", width=12, choices=[name for _code, name in districts()]),
    "类型": Column("类型", width=16, choices=list(SchoolKind)),
    "学段": Column("学段", width=20, choices=list(STAGE_LABELS.values()), strict=False),  # may be several
    "办别": Column("办别", width=12, choices=list(OWNERSHIP_LABELS.values())),
    "地址": Column("地址", width=36),
    "学生数": Column("学生数", Kind.WHOLE, width=10),
}
_TEACHERS: dict[str, Column] = {
    "教师编码": Column("教师编码", width=18),
    "姓名": Column("姓名", width=14),
    "学校标识码": Column("学校标识码", width=14),
    "学段": Column("学段", width=10, choices=list(STAGE_LABELS.values())),
    "学科": Column("学科", width=12),
    "职称": Column(
        "职称", width=14, choices=list(TITLE_LABELS.values()), strict=False
    ),  # older names are known
    "岗位": Column("岗位", width=16, choices=list(POSITION_LABELS.values()), strict=False),
    "状态": Column("状态", width=10, choices=list(POSTING_STATUS_LABELS.values()), strict=False),
    "到岗": Column("到岗", Kind.DAY, width=13),
    "离岗": Column("离岗", Kind.DAY, width=13),
}
_SCHOOL_EXAMPLE = (
    f"{EXAMPLE}2143000001",
    "天元区示范小学",
    "天元区",
    "小学",
    "小学",
    "公办",
    "示范路 1 号",
    1200,
)
_TEACHER_EXAMPLE = (
    f"{EXAMPLE}20250001",
    "张三",
    "2143000001",
    "小学",
    "语文",
    "一级教师",
    "教师",
    "在岗",
    date(2025, 9, 1),
    None,
)
_NOTES = (
    ("全部", f"以“{EXAMPLE}”开头的行不会导入，可以留着对照，也可以删掉。不要改表名和第一行的表头。"),
    (
        "全部",
        "同一个文件可以重复导入，没有变化的行不会改动。名册里没有列出的学校和教师保持原样，不会被删除。",
    ),
    ("全部", "只要有一行有错，就一行也不导入；错误会逐行列出，改好后重新导入即可。"),
    ("学校·学校标识码", "10 位数字，以文本格式填写。导入后以它认定是同一所学校，改名不影响。"),
    (
        "学校·学段",
        f"一所学校有几个学段就写几个，用顿号隔开，如“小学、初中”。可写：{'、'.join(STAGE_LABELS.values())}。",
    ),
    ("学校·办别", "普惠性民办只用于幼儿园。"),
    ("教师·教师编码", "全市唯一，以文本格式填写，前面的 0 不能丢。不要使用身份证号。"),
    ("教师·学校标识码", "教师任职的学校。一位教师在几所学校或几个学段任教，就分几行填写。"),
    ("教师·状态", "空着就是“在岗”。借调、支教、产假、病假等请选相应的状态，这会影响是否参加排名。"),
    ("教师·到岗、离岗", "写成 2025-09-01。学期中调动的，原学校一行填离岗日期，新学校另起一行填到岗日期。"),
    ("教师·改名", "教师改了姓名，在右边加一列“曾用名”，填写系统里原来的姓名。"),
)


def roster_template() -> Iterable[Table]:
    """The sheets 学校 and 教师, each with an example row that is never imported, and 说明."""
    return (
        Table(
            SCHOOLS,
            [_SCHOOLS[name] for name in SCHOOL_HEADINGS],
            [_SCHOOL_EXAMPLE],
            frozen_columns=2,
            fillable=True,
        ),
        Table(
            TEACHERS,
            [_TEACHERS[name] for name in TEACHER_HEADINGS],
            [_TEACHER_EXAMPLE],
            frozen_columns=2,
            fillable=True,
        ),
        Table(NOTES, (Column("栏目", width=20), Column("说明", width=90)), _NOTES),
    )
