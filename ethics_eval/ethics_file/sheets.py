"""师德档案 as a workbook: what the page shows, a row an entry."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from ethics_eval.complaints.categories import CATEGORIES, Severity
from ethics_eval.complaints.rules.clearance import AUDIENCE_LABELS, Audience
from ethics_eval.complaints.rules.finding import MEASURE_LABELS, SEVERITY_LABELS, Measure
from ethics_eval.complaints.rules.machine import OUTCOME_LABELS, Outcome
from ethics_eval.complaints.rules.measure import MEASURE_STATE_LABELS, MeasureState
from ethics_eval.complaints.rules.remedy import REMEDY_LABELS, REMEDY_RESULT_LABELS, RemedyKind, RemedyResult
from ethics_eval.ethics_file.queries.contents import (
    EthicsFile,
    FindingEntry,
    MeasureEntry,
    ScoreEntry,
    SemesterPart,
)
from ethics_eval.ethics_file.rules.need import PURPOSE_LABELS, Purpose
from ethics_eval.ethics_file.rules.standing import STANDING_LABELS, Standing
from ethics_eval.evaluation.rules.assessment import LEVEL_LABELS, Level
from ethics_eval.ranking.rules.reasons import NOT_RATED_LABELS
from ethics_eval.roster.rules.calendar import CITY_TIME
from ethics_eval.workbooks.writing import Column, Given, Kind, Table

COLUMNS = (
    Column("学期", width=28),
    Column("项目", width=12),
    Column("内容", width=60),
    Column("综合得分", Kind.HUNDREDTHS, 11),
    Column("等次", width=10),
    Column("名次", Kind.WHOLE, 8),
    Column("日期", Kind.DAY, 12),
    Column("截止", Kind.DAY, 12),
)
Row = tuple[Given, ...]


def file_name(number: str) -> str:
    """What the workbook is called on a disk. Args: number: the teacher's."""
    return f"师德档案_{number}.xlsx"


def file_table(contents: EthicsFile, who: str, *, by: str, at: datetime) -> Table:
    """The file, the latest semester first. Args: who: name and number of the teacher; by: who downloads."""
    rows = [(part.name or "更早", *row) for part in contents.semesters for row in _rows(part)]
    head = [
        f"师德档案：{who}",
        f"下载人：{by}　下载时间：{at.astimezone(CITY_TIME):%Y-%m-%d %H:%M}",
        "含个人信息，只能用于查看时写明的用途，不得转发、张贴或公开。",
    ]
    return Table("师德档案", COLUMNS, rows, lines=head, frozen_columns=2)


def _rows(part: SemesterPart) -> Iterator[Row]:
    for score in part.scores:
        yield _score(score)
    for finding in part.findings:
        yield _entry("认定", _finding(finding), finding.decided_on)
    for revoked in part.revoked:
        kind = REMEDY_LABELS[RemedyKind(revoked.kind)]
        yield _entry("认定已撤销", f"经{kind}撤销，不再计入档案", revoked.decided_on)
    for measure in part.measures:
        yield _entry("处理", _measure(measure), measure.starts_on, measure.ends_on)
    for clearance in part.clearances:
        yield _entry("澄清正名", AUDIENCE_LABELS[Audience(clearance.audience)], clearance.issued_on)
    for honour in part.honours:
        words = "　".join(filter(None, (LEVEL_LABELS[Level(honour.level)], honour.title)))
        yield _entry("荣誉", words, honour.awarded_on)
    for certificate in part.certificates:
        purpose, standing = Purpose(certificate.purpose), Standing(certificate.standing)
        words = f"{certificate.number}　{PURPOSE_LABELS[purpose]}　{STANDING_LABELS[standing]}"
        yield _entry("师德证明", words, certificate.issued_on, certificate.expires_on)


def _entry(kind: str, words: str, day: date | None, until: date | None = None) -> Row:
    return (kind, words, None, None, None, day, until)


def _score(score: ScoreEntry) -> Row:
    if score.score is None:
        reason = NOT_RATED_LABELS[score.reason]
        return _entry("师德考评", f"{score.school}　不参加排名：{reason}", score.published_on)
    words = f"{score.school}　共{score.rated_count}名参评"
    if score.band_low is not None:
        words += f"　名次大致在第{score.band_low}—{score.band_high}名"
    return ("师德考评", words, score.score, score.grade, score.place, score.published_on, None)


def _finding(finding: FindingEntry) -> str:
    words = [
        CATEGORIES[finding.category].zh,
        SEVERITY_LABELS[Severity(finding.severity)],
        OUTCOME_LABELS[Outcome(finding.outcome)],
        f"扣{finding.points}分" if finding.points else "",
        "一票否决" if finding.veto else "",
        finding.school,
        *(
            f"{REMEDY_LABELS[RemedyKind(row.kind)]}：{REMEDY_RESULT_LABELS[RemedyResult(row.result)]}"
            for row in finding.remedies
        ),
    ]
    return "　".join(filter(None, words))


def _measure(measure: MeasureEntry) -> str:
    state = MEASURE_STATE_LABELS[MeasureState(measure.state)]
    return f"{MEASURE_LABELS[Measure(measure.measure)]}　{state}"
