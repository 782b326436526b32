"""How well the words suggest a category, on the real letters; the figures of docs/developers/suggestion.md.

``letter_kinds.json`` holds what a person made of 250 of the letters (by their place in the file): T a teacher's
conduct, S a matter of the school (R01–R06), O neither. The first 150 were read while the words were written down,
the other 100 only afterwards. Run with ``-s`` to see the figures.
"""

from __future__ import annotations

import csv
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from ethics_eval.complaints.rules.suggestion import Suggestion
from ethics_eval.complaints.suggesting import LEXICON, suggestions
from tests.support.shared import shared

FOLDS = 5
# What a topic of the subject line admits; the subject itself is not shown to the method.
TOPICS: Mapping[str, frozenset[str]] = {
    "有偿补课/违规补课": frozenset({"C15", "C16", "R06"}),
    "乱收费": frozenset({"R01", "R04", "C14"}),
    "教师态度/师德/失职": frozenset({"C04", "C07", "C09", "C10", "C19"}),
    "收礼/红包/回扣": frozenset({"C13", "C14"}),
    "体罚/殴打": frozenset({"C06", "C08"}),
    "辱骂/歧视": frozenset({"C07"}),
    "教辅/作业/用品": frozenset({"C14", "R01", "R03", "R04"}),
    "性侵害/猥亵/不正当关系": frozenset({"C11", "C02"}),
}

Row = Mapping[str, str]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    with shared("data/letters_education.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def kinds(of: str) -> dict[int, str]:
    table = json.loads(Path(__file__).with_name("letter_kinds.json").read_text("utf-8"))
    return {int(place): kind for place, kind in table[of].items()}


def kind_of(made: Sequence[Suggestion]) -> str:
    return "O" if not made else "S" if made[0].school_matter else "T"


def by_subject(rows: Sequence[Row]) -> list[tuple[Row, frozenset[str]]]:
    """The letters whose subject line tells the topic, but for those read while the words were written."""
    read = kinds("written_with")
    found = []
    for place, row in enumerate(rows):
        admitted = [TOPICS[topic] for topic in row["topic_by_subject"].split(";") if topic in TOPICS]
        if admitted and place not in read:
            found.append((row, frozenset[str]().union(*admitted)))
    return found


def test_the_category_of_letters_whose_subject_tells_it(rows: list[Row]) -> None:
    letters = by_subject(rows)
    made = [(suggestions(row["body"]), admitted) for row, admitted in letters]
    first = sum(bool(found) and found[0].code in admitted for found, admitted in made) / len(made)
    among = sum(any(one.code in admitted for one in found) for found, admitted in made) / len(made)
    print(f"\n{len(made)} letters: first {first:.3f}, among three {among:.3f}")
    assert len(made) >= 240
    assert first >= 0.70
    assert among >= 0.77


@pytest.mark.parametrize(
    ("of", "least_conduct", "least_school"), [("written_with", 0.8, 0.85), ("held_out", 0.4, 0.7)]
)
def test_a_teacher_or_the_school(rows: list[Row], of: str, least_conduct: float, least_school: float) -> None:
    table = Counter((kind, kind_of(suggestions(rows[place]["body"]))) for place, kind in kinds(of).items())
    for kind in "TSO":
        print(f"\n{of} {kind}: {[table[kind, told] for told in 'TSO']}", end="")
    conduct = sum(table["T", told] for told in "TSO")
    school = sum(table["S", told] for told in "TSO")
    assert table["T", "T"] / conduct >= least_conduct
    assert table["S", "S"] / school >= least_school


def test_weights_learnt_from_other_letters_are_not_better_by_much(rows: list[Row]) -> None:
    """Cross-validated: the same words with weights learnt (naive Bayes) on four fifths, tried on the last fifth."""
    letters = by_subject(rows)
    hits = []
    for fold in range(FOLDS):
        train = [pair for place, pair in enumerate(letters) if place % FOLDS != fold]
        tried = [pair for place, pair in enumerate(letters) if place % FOLDS == fold]
        model = learnt(train)
        hits.append(sum(best(model, row["body"]) in admitted for row, admitted in tried) / len(tried))
    mean = sum(hits) / FOLDS
    shipped = sum(
        bool(made := suggestions(row["body"])) and made[0].code in admitted for row, admitted in letters
    ) / len(letters)
    print(f"\nlearnt {mean:.3f} (folds {min(hits):.3f} to {max(hits):.3f}), shipped {shipped:.3f}")
    assert shipped >= mean - 0.15


PATTERNS = [pattern for patterns in LEXICON.values() for pattern in patterns]
Model = tuple[dict[frozenset[str], float], dict[frozenset[str], list[tuple[float, float]]]]


def seen(text: str) -> list[bool]:
    plain = "".join(text.split())
    return [pattern.search(plain) is not None for pattern in PATTERNS]


def learnt(letters: Sequence[tuple[Row, frozenset[str]]]) -> Model:
    """Bernoulli naive Bayes over the patterns, one added to each count."""
    groups: dict[frozenset[str], list[list[bool]]] = {}
    for row, admitted in letters:
        groups.setdefault(admitted, []).append(seen(row["body"]))
    prior = {group: math.log(len(rows) / len(letters)) for group, rows in groups.items()}
    words = {}
    for group, rows in groups.items():
        counts = [sum(row[place] for row in rows) for place in range(len(PATTERNS))]
        words[group] = [
            (math.log((count + 1) / (len(rows) + 2)), math.log((len(rows) - count + 1) / (len(rows) + 2)))
            for count in counts
        ]
    return prior, words


def best(model: Model, text: str) -> str:
    """A category of the likeliest group."""
    prior, words = model
    there = seen(text)
    score = {
        group: prior[group] + sum(yes if hit else no for hit, (yes, no) in zip(there, rows, strict=True))
        for group, rows in words.items()
    }
    likeliest: frozenset[str] = max(score, key=score.__getitem__)
    return min(likeliest)
