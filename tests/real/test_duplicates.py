"""Near duplicates among the real letters: how many are found, and how many of those found are wrong.

Truth is taken by another way than the measure's: two letters are the same when half of the shorter one's sentences
stand in the other word for word, or when their subjects are the same. Method and figures:
docs/developers/duplicates.md.
"""

from __future__ import annotations

import csv
import random
import re
from collections import Counter, defaultdict
from itertools import combinations

import pytest

from ethics_eval.complaints.rules.similarity import Compared, bare, compared, likeness
from ethics_eval.complaints.rules.submission import MAX_BODY
from tests.support.shared import shared

COMMON = 40  # runs in more letters than this tell nothing
RARE = 5  # so many rare runs in common, or two letters are not looked at
SENTENCE = 8
SAME_PERCENT = 50

Pair = tuple[int, int]


@pytest.fixture(scope="module")
def letters() -> list[dict[str, str]]:
    """The letters, as long as our form takes them."""
    with shared("data/letters_education.csv").open(encoding="utf-8-sig", newline="") as file:
        return [{**row, "body": row["body"][:MAX_BODY]} for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def ready(letters: list[dict[str, str]]) -> list[Compared]:
    """The letters made ready for comparing."""
    return [compared(letter["body"]) for letter in letters]


@pytest.fixture(scope="module")
def pairs(ready: list[Compared]) -> list[Pair]:
    """Pairs that share enough rare runs to be worth a look."""
    holders: dict[str, list[int]] = defaultdict(list)
    for at, letter in enumerate(ready):
        for run in letter.runs:
            holders[run].append(at)
    shared_runs: Counter[Pair] = Counter()
    for places in holders.values():
        if len(places) <= COMMON:
            shared_runs.update(combinations(places, 2))
    return [pair for pair, count in shared_runs.items() if count >= RARE]


def sentences(body: str) -> list[str]:
    """The sentences of a letter, bare, those of a few characters left out."""
    parts = (bare(part) for part in re.split(r"[。！？；;!?\n]", body))
    return [part for part in parts if len(part) >= SENTENCE]


def word_for_word(letters: list[dict[str, str]], ready: list[Compared], pair: Pair) -> int:
    """How much of the shorter letter's sentences stands in the other word for word, in percent."""
    short, long = sorted(pair, key=lambda at: len(ready[at].text))
    parts = sentences(letters[short]["body"])
    whole = sum(map(len, parts))
    kept = sum(len(part) for part in parts if part in ready[long].text)
    return 100 * kept // whole if whole else 0


def test_the_same_letters_are_found(
    letters: list[dict[str, str]], ready: list[Compared], pairs: list[Pair]
) -> None:
    named = {pair for pair in pairs if likeness(ready[pair[0]], ready[pair[1]]).is_likely}
    truth = {
        pair
        for pair in pairs
        if word_for_word(letters, ready, pair) >= SAME_PERCENT
        or bare(letters[pair[0]]["subject"]) == bare(letters[pair[1]]["subject"])
    }
    found = named & truth
    print(f"{len(truth)} pairs are the same, {len(found)} of them found, {len(named)} named in all")
    assert len(found) >= 0.9 * len(truth)
    # 41 of the 45 named when this was written were the same matter, read by hand
    assert len(named) <= 50


def test_a_letter_changed_on_the_way_is_found(letters: list[dict[str, str]], ready: list[Compared]) -> None:
    chance = random.Random(1)
    found = tried = 0
    for letter, original in zip(letters, ready, strict=True):
        if len(original.text) < 40:
            continue
        parts = [part for part in re.split(r"(?<=[。！？；，,])", letter["body"]) if chance.random() > 0.25]
        if chance.random() < 0.3:
            chance.shuffle(parts)
        tried += 1
        found += likeness(compared("".join(parts)), original).is_likely
    print(f"{found} of {tried} letters with a quarter left out, a third of them in another order, are found")
    assert found >= 0.93 * tried


def test_letters_with_nothing_in_common_are_never_named(ready: list[Compared]) -> None:
    chance = random.Random(2)
    wrong = 0
    for _ in range(20_000):
        one, other = chance.sample(range(len(ready)), 2)
        wrong += likeness(ready[one], ready[other]).is_likely
    print(f"{wrong} of 20000 pairs taken by chance are named")
    assert wrong <= 2
