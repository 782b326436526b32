"""The workbook in which a school names its classes: headings, an example, the school's teachers, and notes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ethics_eval.evaluation.grouping import Member
from ethics_eval.evaluation.rules.ballot_sheet import CLASSES
from ethics_eval.roster.rules.school import STAGE_LABELS, Stage
from ethics_eval.roster.rules.sheet import EXAMPLE
from ethics_eval.workbooks.writing import Column, Kind, Table

_NOTES = (
    (f"一个班填一行。以“{EXAMPLE}”开头的行不会导入。不要改表名和第一行的表头。",),
    ("班级：学生和家长认得的叫法，例如“三年级2班”“初一(3)班”。",),
    ("年级：例如“三年级”“初一”“高二”。幼儿园可以空着。",),
    ("学生数：学生和家长各发这么多个评议码。三年级以下、幼儿园和特教的学生不评，只发家长的。",),
    (
        "教师编码：这个班的任课教师，写编码；本校没有同名的，写姓名也可以。几位教师之间用顿号隔开，也可以一位教师一行。",
    ),
    ("同一个文件可以重复导入：同名的班以这次为准，表里没有的班不变。已经发出评议码的班不能再改。",),
)


def class_template(members: Sequence[Member]) -> Iterable[Table]:
    """The sheets 班级, 本校教师 (to copy from) and 说明."""
    numbers = "、".join(member.number for member in members[:3])
    yield Table(
        CLASSES,
        [
            Column("班级", width=18),
            Column("年级", width=10),
            Column("学生数", Kind.WHOLE, width=10),
            Column("教师编码", width=50),
        ],
        [(f"{EXAMPLE}三年级2班", "三年级", 45, numbers or "20250001")],
        frozen_columns=1,
        fillable=True,
    )
    yield Table(
        "本校教师",
        [
            Column("教师编码", width=18),
            Column("姓名", width=14),
            Column("学段", width=10),
            Column("学科", width=16),
        ],
        [(one.number, one.name, STAGE_LABELS[Stage(one.stage)], one.subject) for one in members],
        frozen_columns=2,
    )
    yield Table("说明", (Column("说明", width=100),), _NOTES)
