"""Random provinces of two cities, and what the embedded engine makes of them as one."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from ethics_eval.evaluation.rules.scheme import Component, Item, Scheme, parse_scheme
from ethics_eval.province.parquet import write_city
from ethics_eval.province.ranking import ProvinceRanking
from ethics_eval.ranking.rules.computation import compute
from ethics_eval.ranking.rules.inputs import (
    FindingInput,
    GivenScore,
    HonourInput,
    Inputs,
    PersonInput,
    PostingInput,
    TallyInput,
    penalty,
)

DEFAULT = parse_scheme(files("ethics_eval.evaluation").joinpath("default_scheme.json").read_text("utf-8"))
OUTCOMES = ("SUBSTANTIATED", "SUBSTANTIATED", "PARTLY", "UNSUBSTANTIATED")
FINDINGS = (("C15", "ordinary"), ("C06", "serious"), ("C07", "minor"), ("C11", "grave"), ("C19", "minor"))


def _scheme(chance: random.Random) -> Scheme:
    """The default with other items: several, one whose options do not fall."""
    items = {
        Component.PUPIL: (
            Item("S1", 6000, (100, 85, 70, 55, 0)),
            Item("S2", 4000, (0, 100, 50)),
        ),
        Component.PARENT: (Item("P1", 10_000, (100, 85, 70, 55, 0)),),
        Component.PEER: (Item("E1", 10_000, (100, 60, 0)),),
    }
    return replace(
        DEFAULT,
        items=items,
        tie_rule=chance.choice(("none", "all")),
        min_list=10,
        version=f"t{chance.random()}",
    )


def province(seed: int) -> Mapping[str, Inputs]:
    """City → inputs; teachers of one city share their numbers with the other's."""
    chance = random.Random(seed)
    scheme = _scheme(chance)
    return {city: _city(chance, scheme, count) for city, count in (("430200", 60), ("430300", 25))}


def _city(chance: random.Random, scheme: Scheme, count: int) -> Inputs:
    rows: dict[str, list[Any]] = {
        name: [] for name in ("postings", "given", "tallies", "findings", "honours")
    }
    persons = []
    for place in range(count):
        number = f"T{place:03}"
        persons.append(PersonInput(number, chance.random() < 0.1, chance.random() < 0.1))
        for school in chance.sample(range(4), chance.choice((1, 1, 1, 2))):
            stage = chance.choice(("PRI", "PRI", "JUN", "SEN", "KG"))
            held = chance.choice(("",) * 12 + ("MATERNITY", "SECONDED_OUT"))
            post = PostingInput(number, f"214300000{school}", stage, chance.randint(3, 20), held)
            rows["postings"].append(post)
            _rate(chance, scheme, post, rows)
        for category, severity in FINDINGS:
            if chance.random() < 0.06:
                rows["findings"].append(_finding(chance, number, category, severity))
        if place % 20 == 19:  # now and then a person stands for three, so that ties lie across the cut
            for copy in range(2):
                _repeat(rows, number, f"{number}-{copy}")
                persons.append(persons[-1]._replace(teacher=f"{number}-{copy}"))
        if chance.random() < 0.2:
            rows["honours"].append(HonourInput(number, chance.choice(("school", "city", "nation", "rescue"))))
    return Inputs(
        scheme,
        persons,
        rows["postings"],
        rows["given"],
        rows["tallies"],
        rows["findings"],
        rows["honours"],
    )


def _repeat(rows: dict[str, list[Any]], number: str, copy: str) -> None:
    for kind in ("postings", "given", "tallies"):
        rows[kind] += [row._replace(teacher=copy) for row in rows[kind] if row.teacher == number]


def _rate(chance: random.Random, scheme: Scheme, post: PostingInput, rows: dict[str, list[Any]]) -> None:
    for component in Component:
        kind = chance.choice(("none", "given", "given", "counted", "counted"))
        if kind == "counted" and component in scheme.items:
            eligible = chance.choice((None, 12, 40))
            # now and then an item without a row: the component has no ballots then
            for item in scheme.items[component][: chance.choice((1, 2, 2, 2))]:
                counts = tuple(chance.choice((0, 1, 3, 9)) for _option in item.points)
                rows["tallies"].append(
                    TallyInput(post.teacher, post.school, component.value, item.code, counts, eligible)
                )
        elif kind != "none":
            # few values, so that ties are common
            score = chance.choice((600_000, 750_000, 900_000, chance.randrange(1_000_001)))
            raters = chance.choice((None, 1, 6, 25))
            given = GivenScore(
                post.teacher, post.school, component.value, score, raters, chance.choice((None, 30))
            )
            rows["given"].append(given)


def _finding(chance: random.Random, teacher: str, category: str, severity: str) -> FindingInput:
    points, veto = penalty(category, severity, None, own_veto=False)
    return FindingInput(
        key=f"{teacher}-{category}",
        teacher=teacher,
        category=category,
        severity=severity,
        outcome=chance.choice(OUTCOMES),
        points_e4=points,
        veto=veto,
        repeat=chance.random() < 0.3,
        effective=chance.random() < 0.8,
        facts=chance.choice(("", "同一事实")),
    )


def written(parts: Mapping[str, Inputs], folder: Path) -> Path:
    """The cities' snapshots as Parquet; the folder."""
    for city, inputs in parts.items():
        write_city(folder, city, inputs)
    return folder


def _joined(parts: Mapping[str, Inputs]) -> Inputs:
    """The cities as one, numbers and codes told apart by the city before them."""
    scheme = next(iter(parts.values())).scheme

    def told_apart(city: str, row: Any) -> Any:
        names = {
            name: f"{city}:{getattr(row, name)}"
            for name in ("teacher", "school", "key")
            if hasattr(row, name)
        }
        return row._replace(**names)

    def together(kind: str) -> list[Any]:
        return [told_apart(city, row) for city, inputs in parts.items() for row in getattr(inputs, kind)]

    kinds = ("persons", "postings", "given", "tallies", "findings", "honours")
    persons, postings, given, tallies, findings, honours = map(together, kinds)
    return Inputs(scheme, persons, postings, given, tallies, findings, honours)


def check_equal(found: ProvinceRanking, parts: Mapping[str, Inputs]) -> None:
    """Every value of every teacher, the list and its counts. Raises: AssertionError."""
    outcome = compute(_joined(parts))
    by_teacher = {f"{row['city']}:{row['teacher']}": row for row in found.rows.to_pylist()}
    assert len(by_teacher) == len(outcome.rows)
    for row in outcome.rows:
        got = by_teacher[row.teacher]
        parts_got = tuple(got[f"{part.value}_part"] for part in Component)
        assert (
            f"{got['city']}:{got['school']}",
            got["stage"],
            got["reason"],
            parts_got,
            got["base"],
            got["deduct"],
            got["bonus"],
            got["score"],
            got["grade"],
            got["veto"],
            got["pending"],
            got["place"],
            got["stage_place"],
            got["school_place"],
        ) == (
            row.school,
            row.stage,
            row.reason,
            row.components,
            row.base,
            row.deduct,
            row.bonus,
            row.score,
            row.grade,
            row.veto,
            row.provisional,
            row.place,
            row.stage_place,
            row.school_place,
        ), row.teacher
    listed = [(f"{entry.city}:{entry.teacher}", entry.treatment, entry.basis) for entry in found.listed]
    assert listed == [tuple(entry) for entry in outcome.bottom]
    counts = outcome.counts()
    assert (found.rated, found.dropped, found.passed_over) == (
        counts["rated"],
        counts["dropped"],
        counts["passed_over"],
    )
