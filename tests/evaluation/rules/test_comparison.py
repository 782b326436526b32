"""What differs between two schemes: every value once, in the order of the file, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

from ethics_eval.evaluation.bank import item_bank
from ethics_eval.evaluation.rules.comparison import FIELD_LABELS, Change, changes
from ethics_eval.evaluation.rules.form import Forms, Question, Variant, whole_forms
from ethics_eval.evaluation.rules.scheme import Component, Item, parse_scheme

DEFAULT = parse_scheme(files("ethics_eval.evaluation").joinpath("default_scheme.json").read_text("utf-8"))
NONE = Forms({}, item_bank())


def test_the_same_scheme_in_another_version_differs_in_nothing() -> None:
    assert changes(DEFAULT, NONE, replace(DEFAULT, version="2"), whole_forms(DEFAULT, NONE)) == []


def test_every_change_is_told_with_its_place() -> None:
    peer = replace(DEFAULT.components[Component.PEER], weight=2500, prior=8)
    parent = Item("P1", 6000, (100, 50, 0)), Item("P4", 4000, (100, 0))
    new = replace(
        DEFAULT,
        name="新方案",
        components={**DEFAULT.components, Component.PEER: peer},
        items={**DEFAULT.items, Component.PARENT: parent, Component.PUPIL: ()},
        ranked_stages=("PRI", "JUN"),
        naming="rank",
        bottom=3,
    )
    words = Question("品行", "这位同事品行如何？", ("一", "二", "三", "四", "五"))
    forms = Forms({(Component.PEER, Variant.SCHOOL, "E1"): words}, item_bank())
    found = changes(DEFAULT, NONE, new, forms)
    assert {change.field for change in found} <= FIELD_LABELS.keys()
    assert found[:3] == [
        Change(None, "", None, "name", "默认方案", "新方案"),
        Change(Component.PEER, "", None, "weight", "2000", "2500"),
        Change(Component.PEER, "", None, "prior", "4", "8"),
    ]
    assert Change(Component.PEER, "E1", Variant.KINDERGARTEN, "title", "总体评价", "品行") in found
    assert Change(Component.PUPIL, "S1", None, "item", "总的感觉", None) in found
    assert Change(Component.PARENT, "P4", None, "item", None, "打骂和歧视") in found
    assert Change(Component.PARENT, "P1", None, "points", "100 / 85 / 70 / 55 / 0", "100 / 50 / 0") in found
    assert [change[3:] for change in found[-3:]] == [
        ("bottom", "5", "3"),
        ("naming", "evidence", "rank"),
        ("ranked_stages", "PRI JUN SEN VOC SPE", "PRI JUN"),
    ]
