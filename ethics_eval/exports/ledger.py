"""扣分台账 as a sheet: every line of the point ledger within the reader's sight, with its article and two approvers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor
from ethics_eval.complaints.categories import CATEGORIES, Severity
from ethics_eval.complaints.rules.finding import SEVERITY_LABELS
from ethics_eval.complaints.rules.machine import OUTCOME_LABELS, Outcome
from ethics_eval.notices.rules.articles import articles
from ethics_eval.ranking.exporting import Extent
from ethics_eval.ranking.queries import RankingView, Sight, ledger_lines
from ethics_eval.ranking.rules.reasons import LEDGER_REASON_LABELS
from ethics_eval.ranking.sheets import hundredths
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.workbooks.writing import Column, Given, Kind, Table

COLUMNS = (
    Column("教师编码"),
    Column("姓名"),
    Column("县市区"),
    Column("学校名称"),
    Column("类别编码", width=10),
    Column("类别"),
    Column("程度", width=8),
    Column("结论", width=10),
    Column("依据", width=36),
    Column("分值", Kind.WHOLE, 8),
    Column("重复", Kind.ANY, 8),
    Column("一票否决", Kind.ANY, 10),
    Column("扣分", Kind.HUNDREDTHS, 8),
    Column("是否计入", Kind.ANY, 10),
    Column("不计入的原因", width=24),
    Column("认定日期", Kind.DAY, 12),
    Column("生效日期", Kind.DAY, 12),
    Column("拟定人"),
    Column("审定人"),
    Column("案件编号", width=24),
)


def ledger_table(
    session: Session,
    sight: Sight,
    actor: Actor,
    ranking: RankingView,
    extent: Extent,
    *,
    name: Callable[[str], str],
) -> Table:
    """By teacher number. Args: name: how a teacher's name is written."""
    head = [
        f"{ranking.semester}师德师风扣分台账（{extent.name}）",
        f"方案：{ranking.scheme_name}（{ranking.scheme_version}）　榜单第{ranking.version}版",
        f"数据快照 SHA-256：{ranking.snapshot_sha256}",
    ]
    return Table(
        "扣分台账", COLUMNS, _rows(session, sight, actor, ranking, extent, name), lines=head, frozen_columns=2
    )


def _rows(
    session: Session,
    sight: Sight,
    actor: Actor,
    ranking: RankingView,
    extent: Extent,
    name: Callable[[str], str],
) -> Iterator[tuple[Given, ...]]:
    for who, line in ledger_lines(
        session,
        sight,
        actor,
        ranking.id,
        district_code=extent.district_code,
        school_id=extent.school_id,
        stage=extent.stage,
    ):
        yield (
            who.number,
            name(who.name),
            who.district,
            who.school,
            line.category,
            CATEGORIES[line.category].zh,
            SEVERITY_LABELS[Severity(line.severity)],
            OUTCOME_LABELS[Outcome(line.outcome)],
            "、".join(articles(line.category, kindergarten=False)),
            line.points,
            "是" if line.repeat else None,
            "是" if line.veto else None,
            hundredths(line.line_e4),
            "是" if line.counted else "否",
            LEDGER_REASON_LABELS[line.reason] if line.reason else "",
            None if line.decided_at is None else local_day(line.decided_at),
            None if line.effective_at is None else local_day(line.effective_at),
            line.proposed_by,
            line.decided_by,
            line.case_number,
        )
