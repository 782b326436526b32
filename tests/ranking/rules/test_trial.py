"""The workbook of ``ranking try``: rows to inputs, and every reason why not."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import pytest

from ethics_eval.evaluation.rules.scheme import parse_scheme
from ethics_eval.ranking.rules.computation import compute
from ethics_eval.ranking.rules.inputs import GivenScore, PersonInput, PostingInput
from ethics_eval.ranking.rules.snapshot import snapshot_bytes
from ethics_eval.ranking.rules.trial import FINDING_HEADINGS, TEACHER_HEADINGS, Trial, plan_trial
from ethics_eval.roster.rules.cell import Cell
from ethics_eval.roster.rules.sheet import SheetRows

SCHEME = parse_scheme(files("ethics_eval.evaluation").joinpath("default_scheme.json").read_text("utf-8"))
SCORE_HEADINGS = ("教师编码", "学校标识码", "部分", "分数", "人数", "应评人数")
CODE = "2143000001"
TEACHER = ("T1", "张三", CODE, "PRI", 20, None, None, None)
FINDING = ("T1", "C15", "ordinary", "SUBSTANTIATED", None, None, None, 1, None)


def sheet(title: str, headings: Any, *rows: tuple[Cell, ...]) -> SheetRows:
    return SheetRows(title, tuple(headings), [(number, row) for number, row in enumerate(rows, start=2)])


def plan(*teachers: tuple[Cell, ...], **others: Sequence[tuple[Cell, ...]]) -> Trial:
    sheets = [sheet("教师", TEACHER_HEADINGS, *(teachers or (TEACHER,)))]
    if "findings" in others:
        sheets.append(sheet("认定", FINDING_HEADINGS, *others["findings"]))
    if "scores" in others:
        sheets.append(sheet("评分", SCORE_HEADINGS, *others["scores"]))
    return plan_trial(sheets, SCHEME)


def faults(trial: Trial) -> list[tuple[str, int, str]]:
    return [(one.sheet, one.row, one.column) for one in trial.problems]


def test_rows_become_inputs_and_flags_hold_for_the_person() -> None:
    trial = plan(
        TEACHER,
        ("T1", "张三", "2143000002", "JUN", 4, "MATERNITY", 1, "是"),
        scores=[("T1", CODE, "学校", 90.5, 1, None)],
    )
    assert trial.problems == ()
    assert list(trial.inputs.persons) == [PersonInput("T1", True, True)]
    assert trial.inputs.postings[1] == PostingInput("T1", "2143000002", "JUN", 4, "MATERNITY")
    assert list(trial.inputs.given) == [GivenScore("T1", CODE, "school", 905_000, 1, None)]
    assert trial.names == {"T1": "张三"}


def test_findings_are_keyed_by_what_they_say_not_where_they_stand() -> None:
    other = ("T1", "C06", "serious", "PARTLY", 2.5, 1, 1, None, "A")
    one = plan(findings=[FINDING, other]).inputs
    two = plan(findings=[other, FINDING]).inputs
    assert snapshot_bytes(one, semester="", code_version="") == snapshot_bytes(
        two, semester="", code_version=""
    )
    assert compute(one) == compute(two)
    assert {(row.points_e4, row.veto) for row in one.findings} == {(80_000, False), (25_000, True)}


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (("", "张三", CODE, "PRI", 20, None, None, None), "教师编码"),
        (("T1", "张三", "", "PRI", 20, None, None, None), "学校标识码"),
        (("T1", "张三", CODE, "大学", 20, None, None, None), "学段"),
        (("T1", "张三", CODE, "PRI", 0, None, None, None), "周数"),
        (("T1", "张三", CODE, "PRI", 1.5, None, None, None), "周数"),
        (("T1", "张三", CODE, "PRI", None, None, None, None), "周数"),
        (("T1", "张三", CODE, "PRI", 20, "病了", None, None), "暂缓原因"),
        (("T1", "张三", CODE, "PRI", 20, None, "maybe", None), "未决"),
        (("T1", "张三", CODE, "PRI", 20, None, None, 2), "警告"),
    ],
)
def test_a_teacher_row_that_cannot_be_taken_is_told_at_its_cell(row: tuple[Cell, ...], column: str) -> None:
    assert faults(plan(row)) == [("教师", 2, column)]


@pytest.mark.parametrize(
    ("place", "value", "column"),
    [
        (0, "T9", "教师编码"),
        (1, "X1", "类别"),
        (1, "R01", "类别"),
        (2, "huge", "程度"),
        (3, "TRUE", "结论"),
        (4, 101, "分值"),
        (4, 1.00001, "分值"),
        (5, "x", "一票否决"),
        (7, "x", "生效"),
    ],
)
def test_a_finding_that_cannot_be_taken_is_told_at_its_cell(place: int, value: Cell, column: str) -> None:
    row = (*FINDING[:place], value, *FINDING[place + 1 :])
    assert faults(plan(findings=[row])) == [("认定", 2, column)]


def test_a_severity_the_category_lacks_is_refused_but_grave_is_admitted() -> None:
    lacking = ("T1", "C01", "minor", *FINDING[3:])
    assert faults(plan(findings=[lacking])) == [("认定", 2, "程度")]
    assert plan(findings=[("T1", "C01", "grave", *FINDING[3:])]).problems == ()


def test_rows_must_agree_with_each_other() -> None:
    assert faults(plan(TEACHER, TEACHER)) == [("教师", 3, "教师编码")]
    renamed = ("T1", "李四", "2143000002", "PRI", 1, None, None, None)
    assert faults(plan(TEACHER, renamed)) == [("教师", 3, "姓名")]
    elsewhere = [("T1", "2143000009", "self", 90, 1, None), ("T9", CODE, "self", 90, 1, None)]
    assert faults(plan(scores=elsewhere)) == [("评分", 2, "教师编码"), ("评分", 3, "教师编码")]


def test_without_teachers_there_is_nothing_to_rank() -> None:
    assert faults(plan_trial([], SCHEME)) == [("教师", 1, "")]
    headless = SheetRows("教师", tuple(TEACHER_HEADINGS)[1:], [])
    assert faults(plan_trial([headless], SCHEME)) == [("教师", 1, "教师编码")]
