"""5,820 real questionnaires of one university, half of them straight-lined: what the careless-ballot rule finds there.

Method, figures and limits: docs/developers/careless.md. The data have no times, so speed is not tried here.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np
import pytest

from ethics_eval.evaluation.rules.ballot import is_straight
from ethics_eval.evaluation.rules.tally import component_scores, item_sums, mean_score
from tests.support.shared import shared

ITEMS = 28
POINTS = (100, 85, 70, 55, 0)  # a mark of 5 is the first option
E4 = 10_000


@dataclass(frozen=True)
class Questionnaire:
    """A pupil's 28 answers on one instructor; ``options`` from 1, the best."""

    instructor: str
    course: str
    options: tuple[int, ...]

    @property
    def is_flat(self) -> bool:
        return len(set(self.options)) == 1

    @property
    def is_flagged(self) -> bool:
        return is_straight(self.options, [one == 1 for one in self.options], teachers=1, items=ITEMS)


@pytest.fixture(scope="module")
def questionnaires() -> list[Questionnaire]:
    with shared("data/ballots_turkiye.csv").open(encoding="utf-8", newline="") as file:
        _heading, *rows = csv.reader(file)
    # a row begins with its number; then instructor, class, repeats, attendance, difficulty, 28 marks
    return [Questionnaire(row[1], row[2], tuple(6 - int(mark) for mark in row[6:])) for row in rows]


def score(ballots: list[Questionnaire]) -> float:
    """The component's score in points, as ranking.md R2 and R3 have it, all items alike."""
    weights = [E4 // ITEMS] * (ITEMS - 1)
    weights.append(E4 - sum(weights))
    scores, numbers = [], []
    for item in range(ITEMS):
        votes = Counter(ballot.options[item] for ballot in ballots)
        counts = np.array([[votes[option] for option in range(1, 6)]], dtype=np.int64)
        sums = item_sums(counts, POINTS, 10)
        scores.append(mean_score(sums))
        numbers.append(sums.ballots)
    result, _n = component_scores(np.stack(scores, axis=1), np.stack(numbers, axis=1), weights)
    return int(result[0]) / E4


def test_what_is_flagged(questionnaires: list[Questionnaire]) -> None:
    flat = [one for one in questionnaires if one.is_flat]
    flagged = [one for one in questionnaires if one.is_flagged]
    assert (len(questionnaires), len(flat), len(flagged)) == (5820, 2985, 2397)
    assert {*flagged} <= {*flat}
    # all of the best option is never flagged: 588 of the flat ones, a fifth
    assert Counter(one.options[0] for one in flat) == {1: 588, 2: 747, 3: 916, 4: 184, 5: 550}
    assert len(flat) - len(flagged) == 588
    # an answer or two beside the line, and it is not straight any more
    nearly = [one for one in questionnaires if 26 <= max(Counter(one.options).values()) < ITEMS]
    assert len(nearly) == 424
    assert not any(one.is_flagged for one in nearly)


def test_doubled_questionnaires_are_nearly_all_flat(questionnaires: list[Questionnaire]) -> None:
    with shared("data/ballots_turkiye.csv").open(encoding="utf-8", newline="") as file:
        _heading, *rows = csv.reader(file)
    marks = Counter(tuple(row[1:]) for row in rows)
    copies = {row: count - 1 for row, count in marks.items() if count > 1}
    assert sum(copies.values()) == 1843
    assert sum(count for row, count in copies.items() if len(set(row[5:])) == 1) == 1830


def moved(
    questionnaires: list[Questionnaire], by: str, left_out: str
) -> dict[tuple[str, str], tuple[float, float]]:
    """Instructor (and course) → score of all, and what leaving ballots out adds to it."""
    groups: defaultdict[tuple[str, str], list[Questionnaire]] = defaultdict(list)
    for one in questionnaires:
        groups[one.instructor, one.course if by == "course" else ""].append(one)
    found = {}
    for key, ballots in groups.items():
        rest = [one for one in ballots if not getattr(one, left_out)]
        found[key] = (round(score(ballots), 2), round(score(rest) - score(ballots), 2))
    return found


def test_without_flagged_ballots_everyone_rises(questionnaires: list[Questionnaire]) -> None:
    instructors = moved(questionnaires, "instructor", "is_flagged")
    assert instructors == {
        ("1", ""): (74.93, 9.23),
        ("2", ""): (76.75, 5.26),
        ("3", ""): (67.56, 7.29),
    }
    courses = moved(questionnaires, "course", "is_flagged")
    assert len(courses) == 14
    added = sorted(more for _score, more in courses.values())
    assert (added[0], added[-1]) == (-0.80, 18.04)
    by_all = sorted(courses, key=lambda key: courses[key][0])
    by_rest = sorted(courses, key=lambda key: sum(courses[key]))
    assert max(abs(by_all.index(key) - by_rest.index(key)) for key in courses) == 7


def test_without_all_flat_ballots_little_changes(questionnaires: list[Questionnaire]) -> None:
    instructors = moved(questionnaires, "instructor", "is_flat")
    assert [instructors[key][1] for key in sorted(instructors)] == [-0.02, -0.59, 1.50]
    added = sorted(more for _score, more in moved(questionnaires, "course", "is_flat").values())
    assert (added[0], added[-1]) == (-3.11, 12.26)
