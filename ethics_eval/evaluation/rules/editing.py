"""A scheme and its forms as the fields of a page, and the fields as the two files again.

Nothing is judged here: what was typed goes into the files as it is, and reading them finds the faults. A field is
named by its path in the scheme file (``components.peer.weight``, ``items.peer[0].points``), the words of an item below
it by variant (``items.peer[0].school.title``), so that a fault finds its field by its path.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from ethics_eval.evaluation.rules.document import Fault
from ethics_eval.evaluation.rules.form import Forms, variants_of
from ethics_eval.evaluation.rules.scheme import STAGES, Component, ComponentRule, Item, Scheme

FORMS = "forms."
"""Before the path of a fault of the forms, where both files are read together."""
COMPONENT_FIELDS = tuple(each.name for each in fields(ComponentRule))
CHOICES = ("tie_rule", "naming")
NUMBERS = (
    "self_cap_over_school",
    "deduction_cap",
    "bonus_cap",
    "min_valid_weight",
    "semester_weeks",
    "min_list",
    "bottom",
    "naming_min_deduct",
)
WORDS = ("title", "question", "options")
_ITEM = re.compile(
    r"items\.(\w+)\[(\d{1,4})\]\.(code|weight|points|(?:school|kindergarten)\.(?:title|question|options))"
)
_WORD = re.compile(r"forms\.(\w+)\.(\w+)\.(.*?)(?:\.(title|question|options)(?:\[\d+\])?)?")
_PLACE = re.compile(r"(.*)\[\d+\]")
_WHOLE = re.compile(r"-?\d{1,12}")


@dataclass
class EditedItem:
    """An item as typed; ``words`` by ``school.title`` …, labels one a line."""

    code: str = ""
    weight: str = ""
    points: str = ""
    words: dict[str, str] = field(default_factory=dict)


@dataclass
class Edited:
    """A scheme as typed: single fields by their path, stages ticked, items in order."""

    values: dict[str, str] = field(default_factory=dict)
    stages: tuple[str, ...] = ()
    items: dict[Component, list[EditedItem]] = field(default_factory=dict)

    def documents(self, version: str) -> tuple[str, str]:
        """The scheme file and the file of the forms that say what was typed; empty fields are left out."""
        return self._scheme(version), self._forms()

    def _scheme(self, version: str) -> str:
        raw: dict[str, Any] = {"version": version, "components": {}, "items": {}}
        raw |= {name: self.values[name].strip() for name in ("name", *CHOICES) if self.values.get(name)}
        raw |= {name: _number(self.values[name]) for name in NUMBERS if _typed(self.values, name)}
        for component in Component:
            raw["components"][component] = {
                name: _number(self.values[f"components.{component}.{name}"])
                for name in COMPONENT_FIELDS
                if _typed(self.values, f"components.{component}.{name}")
            }
            if self.items.get(component):
                raw["items"][component] = [_raw_item(item) for item in self.items[component]]
        return json.dumps(raw | {"ranked_stages": list(self.stages)}, ensure_ascii=False)

    def _forms(self) -> str:
        raw: dict[str, Any] = {}
        for component, items in self.items.items():
            for item in items:
                for variant in variants_of(component):
                    typed = {name: item.words.get(f"{variant}.{name}", "").strip() for name in WORDS}
                    if any(typed.values()) and item.code.strip():
                        words: dict[str, Any] = {
                            name: " ".join(text.split()) for name, text in typed.items() if text
                        }
                        if "options" in words:
                            words["options"] = [
                                line.strip() for line in typed["options"].splitlines() if line.strip()
                            ]
                        raw.setdefault(component, {}).setdefault(variant, {})[item.code.strip()] = words
        return json.dumps(raw, ensure_ascii=False)

    def field_of(self, fault: Fault) -> str:
        """The field, or the part of the page, where a fault is shown; ``name`` … ``items.peer`` … ``components``."""
        path = fault.path
        word = _WORD.fullmatch(path)
        if word and word[1] in set(Component):
            component = Component(word[1])
            for place, item in enumerate(self.items.get(component, ())):
                if item.code.strip() == word[3]:
                    return f"items.{component}[{place}].{word[2]}.{word[4] or 'title'}"
            return f"items.{component}"
        if path.startswith("ranked_stages"):
            return "ranked_stages"
        inner = _PLACE.fullmatch(path)
        return inner[1] if inner and inner[1].endswith(".points") else path

    def add(self, component: Component) -> None:
        """Another item, with the points of the one before."""
        items = self.items.setdefault(component, [])
        items.append(EditedItem(points=items[-1].points if items else "100 85 70 55 0"))

    def remove(self, path: str) -> None:
        """Take out the item at ``items.peer[0]``; another path changes nothing."""
        for component, items in self.items.items():
            for place in range(len(items)):
                if path == f"items.{component}[{place}]":
                    del items[place]
                    return


def edited(scheme: Scheme, forms: Forms) -> Edited:
    """A scheme as the fields of a page, each item with the words its ballots would show."""
    values = {name: str(getattr(scheme, name)) for name in ("name", *CHOICES, *NUMBERS)}
    items = {}
    for component in Component:
        for name in COMPONENT_FIELDS:
            values[f"components.{component}.{name}"] = str(getattr(scheme.components[component], name))
        items[component] = [_edited_item(component, item, forms) for item in scheme.items.get(component, ())]
    return Edited(values, scheme.ranked_stages, items)


def _edited_item(component: Component, item: Item, forms: Forms) -> EditedItem:
    words = {}
    for variant in variants_of(component):
        shown = forms.question(component, variant, item)
        words[f"{variant}.title"] = shown.title
        words[f"{variant}.question"] = shown.question
        words[f"{variant}.options"] = "\n".join(shown.options)
    return EditedItem(item.code, str(item.weight), " ".join(map(str, item.points)), words)


def typed(sent: Mapping[str, str], stages: Iterable[str]) -> Edited:
    """What was typed into the page's fields; unknown names are left out, items stand in the order of their places."""
    found: dict[Component, dict[int, EditedItem]] = {component: {} for component in Component}
    for name, text in sent.items():
        match = _ITEM.fullmatch(name)
        if match and match[1] in set(Component):
            item = found[Component(match[1])].setdefault(int(match[2]), EditedItem())
            if match[3] in {"code", "weight", "points"}:
                setattr(item, match[3], text)
            else:
                item.words[match[3]] = text
    names = ["name", *CHOICES, *NUMBERS]
    names += [f"components.{component}.{name}" for component in Component for name in COMPONENT_FIELDS]
    return Edited(
        {name: sent.get(name, "") for name in names},
        tuple(stage for stage in STAGES if stage in set(stages)),
        {component: [items[place] for place in sorted(items)] for component, items in found.items()},
    )


def _typed(values: Mapping[str, str], name: str) -> bool:
    return bool(values.get(name, "").strip())


def _number(text: str) -> int | str:
    """The whole number of a text, also in full-width digits; what is none stays what it is."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return int(plain) if _WHOLE.fullmatch(plain) else text.strip()


def _raw_item(item: EditedItem) -> dict[str, Any]:
    raw: dict[str, Any] = {}
    if item.code.strip():
        raw["code"] = item.code.strip()
    if item.weight.strip():
        raw["weight"] = _number(item.weight)
    return raw | {"points": [_number(part) for part in re.split(r"[\s,，、;；/]+", item.points) if part]}
