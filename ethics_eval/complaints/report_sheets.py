"""The monthly work report as tables of a workbook: the same figures as the page, hidden where the page hides them."""

from __future__ import annotations

from collections.abc import Mapping

from ethics_eval.complaints.categories import named
from ethics_eval.complaints.queries.report import Report, Totals
from ethics_eval.complaints.rules.report import FLAG_LABELS, LEAST, SEVERAL_STAGES, TOTAL_LABELS
from ethics_eval.complaints.rules.source import SOURCE_LABELS, Source
from ethics_eval.roster.rules.school import STAGE_LABELS, Stage
from ethics_eval.workbooks.writing import Column, Given, Kind, Table

HIDDEN = f"少于{LEAST}"
_COUNTS = (Column("件数", Kind.ANY, 12),)


def report_tables(report: Report, *, by: str, made_on: str) -> list[Table]:
    """The sheets 汇总, 分类, 学段, 来源, 县市区, 各月, 需要关注. Args: by: who downloads; made_on: the day, as text."""
    title = f"{report.year}年{report.month}月师德师风投诉调度通报" + (
        f"({report.district})" if report.district else ""
    )
    head = (title, f"小于{LEAST}的数不显示。下载人：{by}，{made_on}。内部使用，不得外传。")
    tables = [
        Table(
            "汇总",
            (Column("项目", width=20), Column("本月", Kind.ANY, 12), Column("上月", Kind.ANY, 12)),
            _sums(report),
            head,
        ),
        _counts("分类", "类别", {named(code).zh: count for code, count in report.by_category.items()}, head),
        _counts("学段", "学段", {stage_word(stage): count for stage, count in report.by_stage.items()}, head),
        _counts(
            "来源", "来源", {source_word(source): count for source, count in report.by_source.items()}, head
        ),
    ]
    if not report.district:
        tables.append(_counts("县市区", "县市区", report.by_district, head))
    tables.append(
        Table(
            "各月",
            (Column("月份", width=12), Column("收到", Kind.ANY, 12), Column("答复", Kind.ANY, 12)),
            [(month, told(received), told(replied)) for month, received, replied in report.trend],
            head,
        )
    )
    tables.append(
        Table(
            "需要关注",
            (
                Column("县市区", width=12),
                Column("学校标识码"),
                Column("学校", width=34),
                Column("提示", width=50),
            ),
            [
                (line.district, line.code, line.name, ";".join(FLAG_LABELS[flag] for flag in line.flags))
                for line in report.schools
            ],
            (*head, "按县市区和校名排列，不是名次。投诉少不代表办得好。"),
        )
    )
    return tables


def file_name(report: Report) -> str:
    """The name under which the workbook is downloaded."""
    return f"{report.year}年{report.month}月师德师风投诉调度通报{report.district}.xlsx"


def told(count: int | None) -> Given:
    """A count as a cell says it."""
    return HIDDEN if count is None else count


def stage_word(stages: str) -> str:
    """The stage of a school in words; several are one line of their own."""
    return "多学段" if stages == SEVERAL_STAGES else STAGE_LABELS[Stage(stages)]


def source_word(source: str) -> str:
    """The channel in words."""
    return SOURCE_LABELS[Source(source)]


def _counts(name: str, heading: str, counts: Mapping[str, int | None], head: tuple[str, str]) -> Table:
    rows = [(key, told(count)) for key, count in counts.items()]
    return Table(name, (Column(heading, width=30), *_COUNTS), rows, head)


def _sums(report: Report) -> list[tuple[Given, ...]]:
    rows: list[tuple[Given, ...]] = [
        (word, told(getattr(report.totals, name)), told(getattr(report.before, name)))
        for name, word in TOTAL_LABELS.items()
    ]
    return [*rows, ("受理到答复的中位天数", _days(report.totals), _days(report.before))]


def _days(totals: Totals) -> str:
    tenths = totals.median_tenths
    return HIDDEN + "件" if tenths is None else f"{tenths // 10}.{tenths % 10}"
