"""Lines made of whole columns are the lines that a JSON encoder makes row by row."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ethics_eval.evaluation.rules.tally import ABSENT
from ethics_eval.ranking.rules.lines import arrays, lines, numbers, one_below_another, texts

NUMBERS = st.integers(ABSENT, 9) | st.integers(ABSENT, 2**62)
ROWS = st.lists(
    st.tuples(st.text(st.characters(codec="utf-8")), NUMBERS, NUMBERS, st.booleans()), max_size=30
)


def known(value: int) -> int | None:
    return None if value == ABSENT else value


@given(ROWS)
@settings(max_examples=100)
def test_any_rows_in_any_order(rows: list[tuple[str, int, int, bool]]) -> None:
    order = np.arange(len(rows))[::-1]
    ints = np.array([row[1:3] for row in rows], dtype=np.int64).reshape(-1, 2).T
    found = lines(
        "row",
        {
            "text": texts([row[0] for row in rows]),
            "number": numbers(ints[0]),
            "both": arrays(ints),
            "flag": numbers(np.array([row[3] for row in rows], dtype=np.bool_)),
        },
        order,
    )
    wanted = [
        {
            "kind": "row",
            "text": text,
            "number": known(one),
            "both": [known(one), known(two)],
            "flag": int(flag),
        }
        for text, one, two, flag in rows[::-1]
    ]
    dumped = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in wanted]
    assert found == "".join(dumped).encode()


def test_more_lines_than_are_laid_out_at_once() -> None:
    found = lines("n", {"n": numbers(np.arange(40_000))})
    assert [json.loads(line)["n"] for line in found.splitlines()] == list(range(40_000))


def test_blocks_of_different_widths_are_one_field() -> None:
    blocks = [arrays(np.array([[7, 800]])), arrays(np.array([[1], [2]]))]
    assert lines("n", {"n": one_below_another(blocks)}).split() == [
        b'{"kind":"n","n":[7]}',
        b'{"kind":"n","n":[800]}',
        b'{"kind":"n","n":[1,2]}',
    ]


def test_a_negative_number_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        numbers(np.array([3, -2]))
