"""The ranking as tables of a workbook: the sheets 排名, 后五名 and 说明 of ranking.md.

``ranking try`` writes the codes and the columns of the contract alone; the workbook people download has words, the
roster's columns beside, and lines above that say what it is. Both are made here, so that they stay the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ethics_eval.evaluation.rules.scheme import Scheme
from ethics_eval.ranking.rules.explanation import BottomLine, ScoreLine
from ethics_eval.ranking.rules.outcome import RATED
from ethics_eval.ranking.rules.reasons import (
    BASIS_LABELS,
    FLAG_LABELS,
    NOT_RATED_LABELS,
    TREATMENT_LABELS,
)
from ethics_eval.roster.rules.school import STAGE_LABELS, Stage
from ethics_eval.workbooks.writing import Column, Given, Kind, Table

RANKING, BOTTOM, NOTES = "排名", "后五名", "说明"
_STATUS_WORDS: Mapping[str, str] = {"rated": "参加排名", "provisional": "暂定", "not_rated": "不参加排名"}
_SCORE = Kind.HUNDREDTHS
_COUNT = Kind.WHOLE

_IDENTITY = (
    Column("名次", _COUNT, 8),
    Column("参评人数", _COUNT, 10),
    Column("教师编码"),
    Column("姓名"),
    Column("学校标识码"),
    Column("学段", width=8),
)
_SCORES = (
    Column("自评", _SCORE),
    Column("互评", _SCORE),
    Column("学生", _SCORE),
    Column("家长", _SCORE),
    Column("学校", _SCORE),
    Column("基础分", _SCORE),
    Column("扣分", _SCORE),
    Column("加分", _SCORE),
    Column("综合得分", _SCORE, 11),
    Column("等次", width=10),
    Column("一票否决", Kind.ANY, 10),
    Column("学段名次", _COUNT, 10),
    Column("校内名次", _COUNT, 10),
    Column("名次下限", _COUNT, 10),
    Column("名次上限", _COUNT, 10),
    Column("状态"),
    Column("原因"),
    Column("标记"),
    Column("暂定", Kind.ANY, 8),
)
_ROSTER = (Column("县市区"), Column("学校名称"), Column("学科"), Column("查实件数", _COUNT, 10))


Note = tuple[str, str | int]
BAND_NOTE = (
    "名次只是估计：名次大致在下限与上限之间，100次里约90次如此。两人的区间有重叠，就很难说谁先谁后。"
    "评价人数越少，区间越宽。得分全部由学校直接填报的教师，看不出误差，下限和上限只反映别人的变动。"
)


def outcome_notes(scheme: Scheme, snapshot_sha256: str, counts: Mapping[str, int]) -> list[Note]:
    """What the sheet 说明 says of any ranking. ``counts``: as :meth:`Outcome.counts` gives them."""
    return [
        ("方案", scheme.name),
        ("方案版本", scheme.version),
        ("数据快照 SHA-256", snapshot_sha256),
        ("教师人数", counts["teachers"]),
        ("参评人数", counts["rated"]),
        ("不参加排名人数", counts["teachers"] - counts["rated"]),
        ("暂定人数", counts["provisional"]),
        ("列入后五名人数", counts["listed"]),
        ("点名通报人数", counts["named"]),
        ("单独告知人数", counts["private"]),
        ("同分整组未列人数", counts["dropped"]),
        ("因暂定越过人数", counts["passed_over"]),
        ("名次下限、名次上限", BAND_NOTE),
    ]


def hundredths(value_e4: int | None) -> int | None:
    """Units of 0.0001 point (0 or more) as hundredths, half up."""
    return None if value_e4 is None else (value_e4 + 50) // 100


def ranking_tables(
    lines: Iterable[ScoreLine],
    *,
    rated_count: int,
    bottom: Sequence[BottomLine] | None,
    notes: Sequence[Note],
    head: Sequence[str] = (),
    in_words: bool = False,
) -> list[Table]:
    """The sheets, in order; ``lines`` is walked once, so it may be a generator.

    Args: bottom: None where the reader may not see the list (no such sheet); head: lines above the headings, the
          first a title; in_words: words for people instead of codes, and the columns of the roster.
    """
    tables = [
        Table(
            RANKING,
            (*_IDENTITY, *(_ROSTER if in_words else ()), *_SCORES),
            (_cells(line, rated_count, in_words=in_words) for line in lines),
            lines=head,
            frozen_columns=4,
        )
    ]
    if bottom is not None:
        tables.append(_bottom_table(bottom, head, in_words=in_words))
        if in_words:
            notes = [*notes, *(_sureness(line) for line in bottom if line.band_low is not None)]
    content = Column("内容", Kind.ANY, 80)
    tables.append(Table(NOTES, (Column("项目", width=24), content), notes))
    return tables


def _cells(line: ScoreLine, rated_count: int, *, in_words: bool) -> list[Given]:
    row = line.row
    is_rated = row.status == RATED
    stage = STAGE_LABELS[Stage(row.stage)] if in_words else row.stage
    identity: list[Given] = [row.place, rated_count, row.teacher, line.name, row.school, stage]
    if in_words:
        identity += [line.district, line.school, line.subject, line.finding_count]
    yes: Given = "是" if in_words else 1
    return [
        *identity,
        *(hundredths(part) for part in row.components),
        hundredths(row.base),
        hundredths(row.deduct),
        hundredths(row.bonus),
        row.score,
        row.grade,
        yes if row.veto else None,
        row.stage_place,
        row.school_place,
        line.band_low,
        line.band_high,
        _STATUS_WORDS[line.rating] if in_words else row.status,
        _worded(NOT_RATED_LABELS, [row.reason] if row.reason else [], in_words),
        _worded(FLAG_LABELS, row.flags, in_words),
        yes if row.provisional and is_rated else None,
    ]


def _worded(labels: Mapping[str, str], codes: Sequence[str], in_words: bool) -> str:
    return "、".join(labels[code] for code in codes) if in_words else " ".join(codes)


def _bottom_table(bottom: Sequence[BottomLine], head: Sequence[str], *, in_words: bool) -> Table:
    columns = (
        Column("教师编码"),
        Column("姓名"),
        Column("综合得分", _SCORE, 11),
        Column("名次", _COUNT, 8),
        Column("处理"),
        Column("依据"),
    )
    rows = [
        (
            line.number,
            line.name,
            line.score,
            line.place,
            TREATMENT_LABELS[line.treatment] if in_words else line.treatment,
            _worded(BASIS_LABELS, line.basis, in_words),
        )
        for line in bottom
    ]
    lines = (f"{head[0]}：{BOTTOM}", *head[1:]) if head else ()
    return Table(BOTTOM, columns, rows, lines=lines, frozen_columns=2)


def _sureness(line: BottomLine) -> Note:
    """How sure the place of a listed person is, as the sheet 说明 says it."""
    words = [f"名次大致在第{line.band_low}—{line.band_high}名之间"]
    sure = line.sure
    if sure is not None and sure.chance_permille is not None:
        words += [
            f"若换一批同样多的评价者，100次里约{(sure.chance_permille + 5) // 10}次会进入后五名",
            "与名单外的人分得出先后" if sure.separable else "与名单外的人不可区分",
        ]
        if sure.weight_sensitive:
            words.append("把各部分的权重上下调整25%，常常不在名单上")
    return f"{line.name}（{line.number}）", "；".join(words)
