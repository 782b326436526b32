"""Rows of a workbook of results: exact scores, merged votes, and every bad row with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.evaluation.rules.assessment import (
    HONOUR_HEADINGS,
    HONOURS,
    SCORE_HEADINGS,
    SCORES,
    VOTE_HEADINGS,
    VOTES,
    AssessmentPlan,
    HonourRow,
    Level,
    ScoreRow,
    TallyRow,
    component,
    level,
    plan_assessments,
    score_e4,
)
from ethics_eval.evaluation.rules.scheme import Component, Item
from ethics_eval.roster.rules.cell import Cell
from ethics_eval.roster.rules.sheet import SheetRows
from ethics_eval.text import RuleViolation

ITEMS = {
    Component.PUPIL: (Item("S1", 5000, (100, 85, 70, 55, 0)), Item("S2", 5000, (100, 50, 0))),
    Component.PARENT: (Item("P1", 10000, (100, 85, 70, 55, 0)),),
}
Row = Sequence[Cell]
GIVEN: Row = ("T001", "2143000001", "school", 90, 1, None)
VOTE: Row = ("T001", "2143000001", "pupil", "S1", 1, 10, 20)


def sheet(title: str, headings: Sequence[str], rows: Sequence[Row]) -> SheetRows:
    return SheetRows(title, tuple(headings), list(enumerate(rows, 2)))


def plan(
    scores: Sequence[Row] = (), votes: Sequence[Row] = (), honours: Sequence[Row] = ()
) -> AssessmentPlan:
    sheets = (
        sheet(SCORES, tuple(SCORE_HEADINGS), scores),
        sheet(VOTES, tuple(VOTE_HEADINGS), votes),
        sheet(HONOURS, (*HONOUR_HEADINGS, "名称", "日期"), honours),
    )
    return plan_assessments(sheets, ITEMS)


def changed(row: Row, place: int, value: Cell) -> Row:
    return (*row[:place], value, *row[place + 1 :])


def places(read: AssessmentPlan) -> list[tuple[str, int, str]]:
    return [(one.sheet, one.row, one.column) for one in read.problems]


def test_a_clean_workbook() -> None:
    read = plan(
        [GIVEN, ("T002", "2143000001", "家长", "87.25", "32", 40)],
        [VOTE, changed(changed(VOTE, 4, 5), 5, 3), ("T001", "2143000001", "学生", "S2", "3", 4, None)],
        [("T001", "city", None, None), ("T002", "省级", "优秀教师", "2025年9月10日")],
    )
    assert read.problems == ()
    assert read.scores == (
        ScoreRow(2, "T001", "2143000001", "school", 900_000, 1, None),
        ScoreRow(3, "T002", "2143000001", "parent", 872_500, 32, 40),
    )
    assert read.tallies == (
        TallyRow(2, "T001", "2143000001", "pupil", "S1", (10, 0, 0, 0, 3), 20),
        TallyRow(4, "T001", "2143000001", "pupil", "S2", (0, 0, 4), None),
    )
    assert read.honours == (
        HonourRow(2, "T001", "city", "", None),
        HonourRow(3, "T002", "province", "优秀教师", date(2025, 9, 10)),
    )


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (0, 0),
        (100, 1_000_000),
        (100.0, 1_000_000),
        ("100", 1_000_000),
        (87.3, 873_000),
        (0.1 + 0.2, 3_000),  # Excel shows 0.3
        (41.1234, 411_234),
        ("41.1234", 411_234),
        ("４１．５", 415_000),
        (" 90 ", 900_000),
        ("90.0000000", 900_000),
        ("-0", 0),
        (1e-4, 1),
    ],
)
def test_scores_are_read_exactly(value: Cell, wanted: int) -> None:
    assert score_e4(value) == wanted


@given(st.integers(0, 1_000_000))
def test_a_score_survives_number_and_text_cells(units: int) -> None:
    exact = Decimal(units) / 10_000
    assert score_e4(float(exact)) == score_e4(str(exact)) == score_e4(f"{exact:.4f}") == units


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "roster.missing"),
        ("  ", "roster.missing"),
        (100.0001, "assessment.score_range"),
        (-1, "assessment.score_range"),
        ("1e99", "assessment.score_range"),
        (85.33333, "assessment.score_decimals"),
        (85 + 1 / 3, "assessment.score_decimals"),
        ("0.00001", "assessment.score_decimals"),
        ("优秀", "roster.number"),
        ("87%", "roster.number"),
        (True, "roster.number"),
        (float("nan"), "roster.number"),
        (float("inf"), "roster.number"),
        (date(2025, 9, 1), "roster.number"),
        (datetime(2025, 9, 1), "roster.number"),  # noqa: DTZ001 - what Excel gives
        ("=90", "roster.number"),
    ],
)
def test_what_is_no_score(value: Cell, code: str) -> None:
    with pytest.raises(RuleViolation) as caught:
        score_e4(value)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (("self", "自评", "Self", " 自 评 "), Component.SELF),
        (("peer", "互评", "同行互评"), Component.PEER),
        (("pupil", "学生", "学生评价"), Component.PUPIL),
        (("parent", "家长", "家长评价"), Component.PARENT),
        (("school", "学校", "组织", "学校/组织", "学校／组织"), Component.SCHOOL),
    ],
)
def test_components_by_code_and_name(names: Sequence[str], wanted: Component) -> None:
    assert {component(name) for name in names} == {wanted}


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (("school", "校级"), Level.SCHOOL),
        (("county", "县级", "区级", "县(区)级", "县（区）级"), Level.COUNTY),
        (("city", "市级", "CITY"), Level.CITY),
        (("province", "省级"), Level.PROVINCE),
        (("nation", "国家级", "全国"), Level.NATION),
        (("rescue", "见义勇为", "抢险救人", "见义勇为/抢险救人"), Level.RESCUE),
    ],
)
def test_levels_by_code_and_name(names: Sequence[str], wanted: Level) -> None:
    assert {level(name) for name in names} == {wanted}


@pytest.mark.parametrize("rule", [component, level])
def test_names_that_are_not_listed(rule: object) -> None:
    assert callable(rule)
    with pytest.raises(RuleViolation, match="没有“街道”这个"):
        rule("街道")
    with pytest.raises(RuleViolation, match="不能为空"):
        rule(None)


@pytest.mark.parametrize(
    ("place", "value", "column"),
    [
        (0, None, "教师编码"),
        (0, 20250001, "教师编码"),
        (0, "2.14E+09", "教师编码"),
        (1, 2143000001, "学校标识码"),
        (2, "同事", "部分"),
        (3, 101, "分数"),
        (4, -1, "人数"),
        (4, 2.5, "人数"),
        (5, "很多", "应评人数"),
    ],
)
def test_bad_cells_of_scores(place: int, value: Cell, column: str) -> None:
    read = plan([GIVEN, changed(changed(GIVEN, 0, "T002"), place, value)])
    assert places(read) == [(SCORES, 3, column)]
    assert len(read.scores) == 1


@pytest.mark.parametrize(
    ("place", "value", "column"),
    [
        (2, "school", "题目"),  # the scheme counts nothing there
        (3, "S9", "题目"),
        (4, 0, "选项"),
        (4, 6, "选项"),
        (4, None, "选项"),
        (5, -3, "票数"),
        (5, None, "票数"),
        (5, 1.5, "票数"),
        (6, -1, "应评人数"),
    ],
)
def test_bad_cells_of_votes(place: int, value: Cell, column: str) -> None:
    read = plan([], [VOTE, changed(changed(VOTE, 0, "T002"), place, value)])
    assert places(read) == [(VOTES, 3, column)]
    assert len(read.tallies) == 1


def test_options_are_those_of_the_item() -> None:
    row = changed(changed(VOTE, 3, "S2"), 4, 4)
    (problem,) = plan([], [row]).problems
    assert problem.reason == "这道题的选项是 1 到 3。"


def test_every_problem_of_a_row_is_told() -> None:
    read = plan([("", 1, "?", "?", "?", "?")], [("", 1, "?", "?", "?", "?", "?")], [("", "?", "", "?")])
    assert places(read) == [
        *((SCORES, 2, column) for column in sorted(SCORE_HEADINGS)),
        # item and option mean nothing without the component
        *((VOTES, 2, column) for column in sorted(set(VOTE_HEADINGS) - {"题目", "选项"})),
        *((HONOURS, 2, column) for column in sorted(("教师编码", "级别", "日期"))),
    ]


def test_doubled_rows() -> None:
    other_school = changed(GIVEN, 1, "2143000002")
    read = plan([GIVEN, other_school, changed(GIVEN, 2, "学校")], [VOTE, changed(VOTE, 5, 3)])
    assert [str(problem) for problem in read.problems] == [
        "评分 第 4 行 部分：与第 2 行重复。",
        "票数 第 3 行 选项：与第 2 行重复。",
    ]
    assert len(read.scores) == 2
    assert read.tallies[0].counts == (10, 0, 0, 0, 0)


def test_honours_named_twice() -> None:
    read = plan(honours=[("T001", "city", None, None), ("T001", "市级", "", None)])
    assert (len(read.honours), read.problems) == (1, ())
    read = plan(honours=[("T001", "city", "a", "2025-09-01"), ("T001", "city", "a", "2025-09-02")])
    assert places(read) == [(HONOURS, 3, "日期")]


def test_given_and_counted_for_one_posting() -> None:
    given_pupil = changed(GIVEN, 2, "pupil")
    read = plan([given_pupil, changed(given_pupil, 1, "2143000002")], [VOTE])
    (problem,) = read.problems
    assert str(problem) == ("评分 第 2 行 部分：这位教师的“学生”在“票数”第 2 行也有，评分和票数只能填一种。")


def test_the_largest_eligible_count_holds() -> None:
    rows = [changed(changed(VOTE, 4, option), 6, value) for option, value in ((1, None), (2, 30), (3, 25))]
    assert plan([], rows).tallies[0].eligible_count == 30


def test_sheets_and_headings() -> None:
    assert places(plan_assessments([SheetRows("Sheet1", (), [])], ITEMS)) == [(SCORES, 1, "")]
    assert plan_assessments([sheet(SCORES, tuple(SCORE_HEADINGS), [GIVEN])], ITEMS).problems == ()
    read = plan_assessments(
        [
            sheet(
                SCORES, ("*教职工号", "学校（机构）标识码", "部分\n(必填)", "分 数", "人数", "人数"), [GIVEN]
            )
        ],
        ITEMS,
    )
    assert places(read) == [(SCORES, 1, "人数"), (SCORES, 1, "应评人数")]


def test_examples_and_empty_rows_are_passed_over() -> None:
    read = plan([("示例0001", *GIVEN[1:]), (None, "", None), GIVEN])
    assert (len(read.scores), read.problems) == (1, ())


@given(st.permutations([VOTE, *(changed(VOTE, 4, option) for option in (2, 3, 4, 5))]))
def test_the_order_of_votes_means_nothing(rows: list[Row]) -> None:
    (tally,) = plan([], rows).tallies
    assert (tally.counts, tally.eligible_count) == ((10,) * 5, 20)
