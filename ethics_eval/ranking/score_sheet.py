"""本人得分表: one teacher's score as a workbook, each number with the sum it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from ethics_eval.complaints.categories import Severity, named
from ethics_eval.complaints.rules.finding import SEVERITY_LABELS
from ethics_eval.complaints.rules.machine import OUTCOME_LABELS, Outcome
from ethics_eval.evaluation.rules.assessment import LEVEL_LABELS, Level
from ethics_eval.evaluation.rules.scheme import COMPONENT_LABELS
from ethics_eval.ranking.queries import TeacherScore, Why
from ethics_eval.ranking.rules.derivation import FEW, TURNOUT, ComponentStep, Derivation, share
from ethics_eval.ranking.rules.reasons import LEDGER_REASON_LABELS, NOT_RATED_LABELS
from ethics_eval.roster.rules.calendar import CITY_TIME
from ethics_eval.roster.rules.school import STAGE_LABELS, Stage
from ethics_eval.workbooks.writing import Column, Given, Kind, Table

_FAULTS = {"": "计入", FEW: "评价人数不足，不计入", TURNOUT: "应评人数的比例不足，不计入"}
_HIDDEN = "人数少，不显示"
Row = tuple[Given, ...]


def score_sheet_name(score: TeacherScore) -> str:
    """The file's name."""
    return f"本人得分表_{score.ranking.semester_code}_{score.line.row.teacher}.xlsx"


def score_sheet(score: TeacherScore, why: Why, *, at: datetime) -> list[Table]:
    """The sheets 得分, 评价, 票数 and 扣分; without steps the first alone."""
    row, ranking = score.line.row, score.ranking
    head = (
        f"本人得分表：{ranking.semester}",
        f"{score.line.name}（{row.teacher}） {score.line.school} {STAGE_LABELS[Stage(row.stage)]}",
        f"方案 {ranking.scheme_version}；数据快照 SHA-256 {ranking.snapshot_sha256}",
        f"生成时间 {at.astimezone(CITY_TIME):%Y-%m-%d %H:%M}；分数写到小数点后4位，每个算式只在最后四舍五入一次。",
    )
    columns = (
        Column("步骤", width=14),
        Column("项目", width=16),
        Column("数值", Kind.ANY, 12),  # scores with their decimals, places without
        Column("怎么算的", width=90),
    )
    tables = [Table("得分", columns, list(_score_rows(score, why.steps)), lines=head, frozen_columns=2)]
    if why.steps is not None:
        tables += [_ratings(why.steps, why), _ballots(why.steps, why), _ledger(score, why.steps)]
    return tables


def _points(value_e4: int | None) -> Decimal | None:
    return None if value_e4 is None else Decimal(value_e4).scaleb(-4)


def _score_rows(score: TeacherScore, steps: Derivation | None) -> Iterator[Row]:
    row = score.line.row
    if steps is not None:
        for part in steps.base.parts:
            how = part.formula if part.is_shown else "按任教周数平均"
            if part.cap_e4 is not None:
                how = f"{how} 自评最多比学校评高{score.ranking.scheme.self_cap_over_school}分".strip()
            if part.score_e4 is None:
                how = "有效评价不足" if part.level_e4 is not None else "全市都没有，不计"
            yield "部分", COMPONENT_LABELS[part.component], _points(part.score_e4), how
            yield (
                "平均",
                COMPONENT_LABELS[part.component],
                _points(part.level_e4),
                f"权重 {share(part.weight)}",
            )
        yield "基础分", "基础分", _points(steps.base.base_e4), steps.base.formula
        yield "扣分", "扣分合计", _points(steps.deduct_e4), steps.charge_formula
        bonus = steps.bonus
        levels = "、".join(LEVEL_LABELS[Level(level)] for level in bonus.levels)
        barred = "有较重或严重的认定，不加分" if bonus.is_barred else f"合计最多加{bonus.cap_points}分"
        yield "加分", "加分", _points(bonus.bonus_e4), f"{levels} {barred}".strip()
    if row.score is None:
        yield "结果", "不参加排名", None, NOT_RATED_LABELS[row.reason]
        return
    if steps is not None and steps.final is not None:
        yield "综合得分", "封顶前", _points(steps.final.value_e4), steps.final.formula
        if steps.final.cap_e4 is not None:
            why = "有一票否决的认定" if steps.final.veto else "本学期在警告（或更重处分）期内"
            yield "综合得分", "封顶", _points(steps.final.cap_e4), why
    yield "综合得分", "综合得分", Decimal(row.score).scaleb(-2), "保留两位小数"
    yield "等次", row.grade, None, ""
    for name, place, count in (
        ("全市名次", row.place, score.around.city),
        ("学段名次", row.stage_place, score.around.stage),
        ("校内名次", row.school_place, score.around.school),
    ):
        yield "名次", name, place, f"共{count}名"


def _ratings(steps: Derivation, why: Why) -> Table:
    columns = (
        Column("学校", width=30),
        Column("学段", width=8),
        Column("周数", Kind.WHOLE, 8),
        Column("部分", width=8),
        Column("评价人数", Kind.WHOLE, 10),
        Column("应评人数", Kind.WHOLE, 10),
        Column("是否计入", width=26),
        Column("评价得分", Kind.DECIMAL, 12),
        Column("同学段平均", Kind.DECIMAL, 12),
        Column("系数", Kind.WHOLE, 8),
        Column("采用得分", Kind.DECIMAL, 12),
        Column("怎么算的", width=70),
    )
    rows: list[Row] = []
    for posting in steps.postings:
        where = (why.schools[posting.school], STAGE_LABELS[Stage(posting.stage)], posting.weeks)
        for step in posting.components:
            rows.append((*where, COMPONENT_LABELS[step.component], *_rating(step)))
    return Table("评价", columns, rows, lines=("各部分的评价",), frozen_columns=4)


def _rating(step: ComponentStep) -> Row:
    if not step.is_shown:
        return None, None, _HIDDEN, None, None, None, None, ""
    return (
        step.raters,
        step.eligible,
        _FAULTS[step.fault],
        _points(step.score_e4),
        _points(step.mean_e4),
        step.rule.prior,
        _points(step.pulled_e4),
        step.formula,
    )


def _ballots(steps: Derivation, why: Why) -> Table:
    columns = (
        Column("学校", width=30),
        Column("部分", width=8),
        Column("题目", width=10),
        Column("选项分值", Kind.WHOLE, 10),
        Column("票数", Kind.WHOLE, 8),
        Column("去掉两头后", Kind.WHOLE, 12),
    )
    rows = [
        (why.schools[posting.school], COMPONENT_LABELS[step.component], item.code, points, count, kept)
        for posting in steps.postings
        for step in posting.components
        if step.is_shown
        for item in step.items
        if item.raters
        for points, count, kept in zip(item.points, item.counts, item.kept, strict=True)
    ]
    return Table("票数", columns, rows, lines=("票数：人数少的不显示",))


def _ledger(score: TeacherScore, steps: Derivation) -> Table:
    columns = (
        Column("类别", width=26),
        Column("程度", width=8),
        Column("结论", width=10),
        Column("扣分", Kind.DECIMAL, 10),
        Column("怎么算的", width=40),
        Column("拟定", width=14),
        Column("审定", width=14),
    )
    rows: list[Row] = []
    for line in score.ledger:
        step = steps.charge(line.finding_id)
        how = LEDGER_REASON_LABELS[line.reason] if line.reason else (step.formula if step else "")
        rows.append(
            (
                named(line.category).zh,
                SEVERITY_LABELS[Severity(line.severity)],
                OUTCOME_LABELS[Outcome(line.outcome)],
                _points(line.line_e4 if line.counted else 0),
                how,
                line.proposed_by,
                line.decided_by,
            )
        )
    return Table("扣分", columns, rows, lines=("扣分台账",))
