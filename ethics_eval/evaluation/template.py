"""The empty workbook of results collected on paper: headings, lists to choose from, example rows, and notes."""

from __future__ import annotations

from collections.abc import Iterable

from ethics_eval.evaluation.rules.assessment import (
    HONOUR_HEADINGS,
    HONOURS,
    LEVEL_LABELS,
    OPTIONAL,
    SCORE_HEADINGS,
    SCORES,
    VOTE_HEADINGS,
    VOTES,
)
from ethics_eval.evaluation.rules.scheme import COMPONENT_LABELS
from ethics_eval.roster.rules.sheet import EXAMPLE, Headings
from ethics_eval.workbooks.writing import Column, Given, Kind, Table

NOTES = "说明"

_COLUMNS: dict[str, Column] = {
    "教师编码": Column("教师编码", width=18),
    "学校标识码": Column("学校标识码", width=14),
    "部分": Column("部分", width=10, choices=list(COMPONENT_LABELS.values()), strict=False),
    "分数": Column("分数", Kind.ANY, width=10),
    "人数": Column("人数", Kind.WHOLE, width=10),
    "应评人数": Column("应评人数", Kind.WHOLE, width=10),
    "题目": Column("题目", width=10),
    "选项": Column("选项", Kind.WHOLE, width=8),
    "票数": Column("票数", Kind.WHOLE, width=8),
    "级别": Column("级别", width=20, choices=list(LEVEL_LABELS.values()), strict=False),
    "名称": Column("名称", width=36),
    "日期": Column("日期", Kind.DAY, width=13),
}
_NUMBER = f"{EXAMPLE}20250001"
_SCHOOL = "2143000001"
_NOTES = (
    ("全部", f"以“{EXAMPLE}”开头的行不会导入，可以留着对照，也可以删掉。不要改表名和第一行的表头。"),
    ("全部", "三张表用到哪张填哪张。同一个文件可以重复导入；改了分数再导入，以最后一次为准。"),
    ("全部", "只要有一行有错，就一行也不导入；错误会逐行列出，改好后重新导入即可。"),
    ("评分", "已经算好的分数：一位教师在一所学校的一个部分填一行。部分：自评、互评、学生、家长、学校。"),
    ("评分·分数", "0 到 100，最多四位小数。没有评的部分不要填 0，整行不填即可。"),
    ("评分·人数、应评人数", "实际参评的人数，和应当参评的人数；不清楚可以空着。"),
    ("票数", "还没有算成分数的选票：每道题的每个选项填一行，选项从 1 数起。题目编号见考评方案。"),
    ("票数", "同一位教师的同一部分，评分和票数只能填一种。"),
    ("荣誉", "本学期获得的荣誉。级别：" + "、".join(LEVEL_LABELS.values()) + "。"),
)


def _table(title: str, headings: Headings, examples: Iterable[tuple[Given, ...]]) -> Table:
    names = (*headings, *OPTIONAL[title])
    return Table(title, [_COLUMNS[name] for name in names], examples, frozen_columns=1, fillable=True)


def assessment_template() -> Iterable[Table]:
    """The sheets 评分, 票数 and 荣誉, each with example rows that are never imported, and 说明."""
    return (
        _table(
            SCORES,
            SCORE_HEADINGS,
            [(_NUMBER, _SCHOOL, "学校", 92, 1, None), (_NUMBER, _SCHOOL, "家长", 88, 32, 40)],
        ),
        _table(VOTES, VOTE_HEADINGS, [(_NUMBER, _SCHOOL, "学生", "S1", 1, 30, 45)]),
        _table(HONOURS, HONOUR_HEADINGS, [(_NUMBER, "市级", "优秀教师", None)]),
        Table(NOTES, (Column("栏目", width=20), Column("说明", width=90)), _NOTES),
    )
