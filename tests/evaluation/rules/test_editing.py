"""A scheme as fields and back: nothing is lost, what is wrong stays as typed, and each fault finds its field."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from ethics_eval.evaluation.bank import item_bank
from ethics_eval.evaluation.rules.document import Fault, Reason
from ethics_eval.evaluation.rules.editing import Edited, EditedItem, edited, typed
from ethics_eval.evaluation.rules.form import Forms, parse_forms, whole_forms
from ethics_eval.evaluation.rules.scheme import Component, Scheme, SchemeRefused, parse_scheme

BUILT_IN = ("default_scheme.json", "ten_norms_scheme.json")


def scheme(name: str) -> Scheme:
    return parse_scheme(files("ethics_eval.evaluation").joinpath(name).read_text("utf-8"))


def sent(fields: Edited) -> dict[str, str]:
    """What a browser sends of a page with these fields."""
    found = dict(fields.values)
    for component, items in fields.items.items():
        for place, item in enumerate(items):
            path = f"items.{component}[{place}]"
            found |= {
                f"{path}.code": item.code,
                f"{path}.weight": item.weight,
                f"{path}.points": item.points,
            }
            found |= {f"{path}.{name}": text.replace("\n", "\r\n") for name, text in item.words.items()}
    return found


@pytest.mark.parametrize("name", BUILT_IN)
def test_what_the_page_shows_is_what_it_sends_back(name: str) -> None:
    known, none = scheme(name), Forms({}, item_bank())
    fields = edited(known, none)
    text, words = typed(sent(fields), fields.stages).documents(known.version)
    assert parse_scheme(text) == known
    assert parse_forms(words, item_bank(), known) == whole_forms(known, none)


def test_what_cannot_be_read_stays_as_it_was_typed() -> None:
    fields = edited(scheme(BUILT_IN[0]), Forms({}, item_bank()))
    fields.values |= {"components.peer.weight": " 两千 ", "bottom": "", "min_list": "３０", "naming": "all"}
    fields.items[Component.PEER][0].points = "100、85,70 ，x"
    again = typed(sent(fields), ["SEN", "PRI", "UNI"])
    assert again.values["components.peer.weight"] == " 两千 "
    assert again.stages == ("PRI", "SEN")
    text, _words = again.documents("2026-1")
    assert json.loads(text)["min_list"] == 30
    with pytest.raises(SchemeRefused) as refused:
        parse_scheme(text)
    assert set(refused.value.faults) == {
        'components.peer.weight: "两千" must be a whole number',
        "bottom: missing",
        'naming: "all" must be one of evidence, rank',
        'items.peer[0].points[3]: "x" must be a whole number',
    }
    assert {again.field_of(fault) for fault in refused.value.found} == {
        "components.peer.weight",
        "bottom",
        "naming",
        "items.peer[0].points",
    }


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("components", "components"),
        ("items.peer", "items.peer"),
        ("items.peer[1].points", "items.peer[1].points"),
        ("items.peer[1].points[0]", "items.peer[1].points"),
        ("items.peer[1].code", "items.peer[1].code"),
        ("ranked_stages[2]", "ranked_stages"),
        ("forms.peer.school.B.2.options[3]", "items.peer[1].school.options"),
        ("forms.peer.kindergarten.A.title", "items.peer[0].kindergarten.title"),
        ("forms.peer.school.A", "items.peer[0].school.title"),
        ("forms.peer.school.C.title", "items.peer"),
    ],
)
def test_a_fault_finds_its_field(path: str, field: str) -> None:
    fields = Edited(items={Component.PEER: [EditedItem("A"), EditedItem("B.2")]})
    assert fields.field_of(Fault(path, Reason.MISSING)) == field


def test_items_are_added_and_removed_in_their_place() -> None:
    fields = typed({"items.peer[7].code": "B", "items.peer[2].code": "A", "items.dean[0].code": "X"}, [])
    assert [item.code for item in fields.items[Component.PEER]] == ["A", "B"]
    fields.add(Component.PEER)
    fields.remove("items.peer[0]")
    fields.remove("items.peer[9]")
    fields.remove("nothing")
    fields.add(Component.SELF)
    assert [item.code for item in fields.items[Component.PEER]] == ["B", ""]
    assert fields.items[Component.SELF][0].points == "100 85 70 55 0"
