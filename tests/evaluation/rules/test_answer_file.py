"""Answers of another system, a line each, become tallies; what is wrong is told at its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.evaluation.rules.answer_file import COLUMNS, plan_answers
from ethics_eval.evaluation.rules.scheme import Component, Item

ITEMS = {
    Component.PARENT: (Item("P1", 6000, (100, 85, 70, 55, 0)), Item("P2", 4000, (100, 0))),
    Component.PUPIL: (Item("S1", 10000, (100, 50, 0)),),
}
HEAD = ",".join(COLUMNS)
SCHOOL = "2143020001"


@pytest.mark.parametrize("option", ["0", "6", "0012", "1e1", "-1"])
def test_an_option_the_item_has_not_is_told(option: str) -> None:
    plan = plan_answers([HEAD, f"T01,{SCHOOL},家长,P1,{option}"], ITEMS)
    assert [(one.row, one.column) for one in plan.problems] == [(2, "选项")]


def test_lines_are_counted_by_posting_item_and_option() -> None:
    lines = [
        "\ufeff" + HEAD,
        f"T01,{SCHOOL},家长,P1,1",
        f"T01,{SCHOOL},parent,P1,1",
        f"T01,{SCHOOL},家长,P1,5",
        "",
        f"T02,{SCHOOL},学生,S1, 3",
    ]
    plan = plan_answers(lines, ITEMS)
    assert plan.problems == ()
    assert [(one.row, one.number, one.component, one.item, one.counts) for one in plan.tallies] == [
        (2, "T01", "parent", "P1", (2, 0, 0, 0, 1)),
        (6, "T02", "pupil", "S1", (0, 0, 1)),
    ]
    tabs = [line.replace(",", "\t") for line in lines]
    assert plan_answers(tabs, ITEMS) == plan


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (f"T01,{SCHOOL},家长,P1", ""),
        (f"T 01!,{SCHOOL},家长,P1,1", "教师编码"),
        (f"T01,{SCHOOL},邻居,P1,1", "部分"),
        (f"T01,{SCHOOL},家长,P9,1", "题目"),
        (f"T01,{SCHOOL},自评,Z1,1", "题目"),
        (f"T01,{SCHOOL},家长,P2,3", "选项"),
        (f"T01,{SCHOOL},家长,P2,一", "选项"),
    ],
)
def test_what_is_wrong_is_told_at_its_first_line(line: str, column: str) -> None:
    good = f"T01,{SCHOOL},家长,P1,1"
    plan = plan_answers([HEAD, good, line, good, line], ITEMS)
    assert plan.tallies == ()
    assert [(one.row, one.column) for one in plan.problems] == [(3, column)]


def test_a_file_of_something_else_is_refused() -> None:
    assert plan_answers([], ITEMS).problems[0].row == 1
    assert plan_answers(["a,b,c"], ITEMS).problems[0].row == 1


@given(st.lists(st.tuples(st.sampled_from(["T01", "T02"]), st.integers(1, 5)), max_size=60))
def test_order_means_nothing_and_no_answer_is_lost(answers: list[tuple[str, int]]) -> None:
    lines = [f"{teacher},{SCHOOL},家长,P1,{option}" for teacher, option in answers]
    forwards = plan_answers([HEAD, *lines], ITEMS).tallies
    backwards = plan_answers([HEAD, *reversed(lines)], ITEMS).tallies
    assert {(one.number, one.counts) for one in forwards} == {(one.number, one.counts) for one in backwards}
    assert sum(sum(one.counts) for one in forwards) == len(answers)
