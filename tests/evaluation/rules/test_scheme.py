"""Schemes: the canonical text, and every fault with its path."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from ethics_eval.evaluation.rules.scheme import Component, SchemeRefused, parse_scheme, scheme_text
from tests.support.shared import shared

DEFAULT = files("ethics_eval.evaluation").joinpath("default_scheme.json").read_text("utf-8")


def changed(path: str, value: Any) -> str:
    """The default scheme with the value at a dotted path replaced, or taken out where it is ``...``."""
    raw = json.loads(DEFAULT)
    *parents, last = path.split(".")
    place = raw
    for name in parents:
        place = place[int(name) if isinstance(place, list) else name]
    key: Any = int(last) if isinstance(place, list) else last
    if value is ...:
        del place[key]
    else:
        place[key] = value
    return json.dumps(raw)


def test_the_shipped_scheme_is_the_one_of_the_method() -> None:
    scheme = parse_scheme(DEFAULT)
    assert scheme.version == "2025-1"
    assert [scheme.components[part].weight for part in Component] == [1000, 2000, 2000, 2000, 3000]
    assert [scheme.components[part].prior for part in Component] == [0, 4, 16, 16, 0]
    assert scheme.items[Component.PARENT][0].points == (100, 85, 70, 55, 0)
    assert (scheme.min_list, scheme.bottom, scheme.tie_rule, scheme.naming) == (30, 5, "none", "evidence")


def test_the_canonical_text_reads_back_the_same() -> None:
    scheme = parse_scheme(DEFAULT)
    assert parse_scheme(scheme_text(scheme)) == scheme
    assert scheme_text(parse_scheme(json.dumps(json.loads(DEFAULT), indent=8))) == scheme_text(scheme)


def test_the_worked_example_is_read() -> None:
    scheme = parse_scheme(shared("examples/ranking/scheme.json").read_text("utf-8"))
    assert [item.weight for item in scheme.items[Component.PUPIL]] == [5000, 3333, 1667]


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("components.peer.trim_percent", 60, "components.peer.trim_percent: 60 must be below 50"),
        ("components.peer.trim_percent", 50, "components.peer.trim_percent: 50 must be below 50"),
        ("components.peer.trim_percent", -1, "components.peer.trim_percent: -1 must be at least 0"),
        ("components.peer.trim_percent", 1.5, "components.peer.trim_percent: 1.5 must be a whole number"),
        ("components.peer.trim_percent", True, "components.peer.trim_percent: true must be a whole number"),
        ("components.peer.trim_percent", "10", 'components.peer.trim_percent: "10" must be a whole number'),
        ("components.peer.trim", 3, "components.peer.trim: unknown key"),
        ("components.peer.prior", ..., "components.peer.prior: missing"),
        ("components.peer", ..., "components.peer: missing"),
        ("components.peer", 3, "components.peer: 3 must be an object"),
        ("components.dean", {}, "components.dean: unknown key"),
        ("components.school.weight", 3001, "components: weights sum to 10001, must sum to 10000"),
        (
            "components.pupil.min_turnout_percent",
            101,
            "components.pupil.min_turnout_percent: 101 must be below 101",
        ),
        ("components.self.min_raters", 0, "components.self.min_raters: 0 must be at least 1"),
        ("items.parent.0.weight", 9999, "items.parent: weights sum to 9999, must sum to 10000"),
        ("items.parent.0.points", [100, 101], "items.parent[0].points[1]: 101 must be below 101"),
        ("items.parent.0.points", [100], "items.parent[0].points: must be a list of 2 to 10 options"),
        ("items.parent.0.points", [1] * 11, "items.parent[0].points: must be a list of 2 to 10 options"),
        ("items.parent.0.code", "", 'items.parent[0].code: "" must be a text of 1 to 10 characters'),
        ("items.parent.0.text", "?", "items.parent[0].text: unknown key"),
        ("items.parent", [], "items.parent: must be a list of at least one item"),
        ("items.boss", [], "items.boss: unknown key"),
        ("items", 5, "items: 5 must be an object"),
        ("ranked_stages", [], "ranked_stages: must be a list of at least one stage"),
        ("ranked_stages", ["KG"], "ranked_stages[0]: kindergarten staff are never ranked"),
        ("ranked_stages", ["PRI", "PRI"], 'ranked_stages[1]: "PRI" stands twice'),
        ("ranked_stages", ["UNI"], 'ranked_stages[0]: "UNI" must be one of PRI, JUN, SEN, VOC, SPE'),
        ("tie_rule", "coin", 'tie_rule: "coin" must be one of none, all'),
        ("naming", "everyone", 'naming: "everyone" must be one of evidence, rank'),
        ("semester_weeks", 0, "semester_weeks: 0 must be at least 1"),
        ("bottom", ..., "bottom: missing"),
        ("min_list", None, "min_list: null must be a whole number"),
        ("colour", "red", "colour: unknown key"),
        ("version", "1/2", "version: \"1/2\" must be 1 to 40 letters, digits, '.', '_' or '-'"),
        ("name", " ", 'name: " " must be a text of 1 to 80 characters'),
    ],
)
def test_every_fault_is_told_with_its_path(path: str, value: Any, fault: str) -> None:
    with pytest.raises(SchemeRefused) as refused:
        parse_scheme(changed(path, value))
    assert fault in refused.value.faults


def test_all_faults_are_told_at_once() -> None:
    text = changed("components.peer.trim_percent", 60).replace('"min_list": 30', '"min_list": 0')
    with pytest.raises(SchemeRefused) as refused:
        parse_scheme(text)
    assert refused.value.faults == (
        "components.peer.trim_percent: 60 must be below 50",
        "min_list: 0 must be at least 1",
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "(file): not JSON"),
        ("[" * 100_000, "(file): not JSON"),
        ("[1]", "(file): [1] must be an object"),
        ('{"version": "1", "version": "2"}', "version: stands twice"),
    ],
)
def test_what_is_no_scheme_at_all_is_refused(text: str, fault: str) -> None:
    with pytest.raises(SchemeRefused) as refused:
        parse_scheme(text)
    assert refused.value.faults[0].startswith(fault)


def test_two_items_of_one_code_are_refused() -> None:
    item = {"code": "P1", "weight": 5000, "points": [100, 0]}
    with pytest.raises(SchemeRefused) as refused:
        parse_scheme(changed("items.parent", [item, item]))
    assert refused.value.faults == ('items.parent[1].code: "P1" stands twice',)
