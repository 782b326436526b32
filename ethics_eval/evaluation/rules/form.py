"""评议表: the words of a scheme's items, as a JSON file of its own; what has no words gets them from the built-in bank.

The file: component → variant (``school`` or ``kindergarten``) → code of the item → ``title``, ``question`` and
``options`` (a label for each option, in the order of the item's points).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from ethics_eval.evaluation.rules.document import DocumentRefused, Fault, Reader, Reason, shown
from ethics_eval.evaluation.rules.scheme import MAX_OPTIONS, Component, Item, Scheme
from ethics_eval.text import N_

TITLE_LENGTH = 20
QUESTION_LENGTH = 150
LABEL_LENGTH = 20


class Variant(StrEnum):
    """Whose ballots the words are for: the teachers of schools, or the staff of kindergartens."""

    SCHOOL = "school"
    KINDERGARTEN = "kindergarten"


VARIANT_LABELS: Mapping[Variant, str] = {
    Variant.SCHOOL: N_("中小学"),
    Variant.KINDERGARTEN: N_("幼儿园"),
}


def variants_of(component: Component) -> tuple[Variant, ...]:
    """The variants of a component's ballots: children of kindergartens do not vote."""
    return (Variant.SCHOOL,) if component is Component.PUPIL else tuple(Variant)


def variant_of(stage: str) -> Variant:
    """The variant of the ballots of a stage (``KG`` … ``SPE``)."""
    return Variant.KINDERGARTEN if stage == "KG" else Variant.SCHOOL


@dataclass(frozen=True)
class Norm:
    """十项准则: an item of a set of norms. The number alone means nothing, the two sets differ at 5 to 7."""

    set_name: str
    number: int
    title: str


@dataclass(frozen=True)
class Question:
    """An item in words. ``options``: the label of each option; ``norm``: the one it asks about, if it is one."""

    title: str
    question: str
    options: tuple[str, ...]
    norm: Norm | None = field(default=None, compare=False)


@dataclass(frozen=True)
class BankItem:
    """The built-in words of an item; ``scale`` names the labels that answer it."""

    title: str
    question: str
    scale: str
    norm: Norm | None = None


Place = tuple[Component, Variant, str]
"""Component, variant and code of an item."""


@dataclass(frozen=True)
class Bank:
    """The built-in words: items by place, one question for any other, and labels by scale and number of options."""

    items: Mapping[Place, BankItem]
    overall: Mapping[tuple[Component, Variant], BankItem]
    scales: Mapping[str, Mapping[int, tuple[str, ...]]]

    def labels(self, scale: str, points: Sequence[int]) -> tuple[str, ...]:
        """A label for each option, the best for the most points; 第1档, 第2档 … where the scale has not so many."""
        words = self.scales[scale].get(len(points)) or tuple(
            f"第{place + 1}档" for place in range(len(points))
        )
        order = sorted(range(len(points)), key=lambda place: (-points[place], place))
        return tuple(words[order.index(place)] for place in range(len(points)))

    def question(self, component: Component, variant: Variant, item: Item) -> Question:
        """The built-in words of an item; the general question of its component where its code is unknown."""
        found = self.items.get((component, variant, item.code)) or self.overall[component, variant]
        return Question(found.title, found.question, self.labels(found.scale, item.points), found.norm)


@dataclass(frozen=True)
class Forms:
    """The words of a scheme's items: its own, and the bank behind them."""

    own: Mapping[Place, Question]
    bank: Bank = field(compare=False, repr=False)

    def question(self, component: Component, variant: Variant, item: Item) -> Question:
        """The words of an item, always with as many labels as it has options.

        Own words first; those of the other variant next (they say what the code means here); then the bank's.
        """
        known = self.bank.question(component, variant, item)
        other = next(each for each in Variant if each is not variant)
        for place in ((component, variant, item.code), (component, other, item.code)):
            found = self.own.get(place)
            if found is not None:
                fits = len(found.options) == len(item.points)
                labels = found.options if fits else self.bank.labels("overall", item.points)
                return Question(found.title, found.question, labels, known.norm)
        return known


class FormsRefused(DocumentRefused):
    """The forms cannot be used."""

    def __init__(self, found: Sequence[Fault]) -> None:
        super().__init__("forms.refused", N_("评议表有误：%(faults)s"), found)


def parse_forms(text: str, bank: Bank, scheme: Scheme | None = None) -> Forms:
    """The forms of a JSON text; with a scheme, also whether they are words for its items.

    Raises: FormsRefused: with every fault found, each with its path.
    """
    reader = _Reader()
    raw = reader.parse(text)
    forms = Forms({} if reader.faults else reader.forms(raw), bank)
    if scheme is not None and not reader.faults:
        reader.faults += misfits(forms, scheme)
    if reader.faults:
        raise FormsRefused(reader.faults)
    return forms


def misfits(forms: Forms, scheme: Scheme) -> list[Fault]:
    """Words for items the scheme lacks, and labels that are not as many as the item's options."""
    found: list[Fault] = []
    for (component, variant, code), question in forms.own.items():
        path = f"{component}.{variant}.{code}"
        item = next((item for item in scheme.items.get(component, ()) if item.code == code), None)
        if item is None:
            found.append(Fault(path, Reason.NO_ITEM))
        elif len(item.points) != len(question.options):
            values = {"given": len(question.options), "wanted": len(item.points)}
            found.append(Fault(f"{path}.options", Reason.LABELS, values))
    return found


def forms_text(forms: Forms) -> str:
    """The canonical JSON of the forms' own words: components and variants in their order, codes sorted, no blanks."""
    raw: dict[str, dict[str, dict[str, object]]] = {}
    for component, variant, code in sorted(forms.own, key=_order):
        words = forms.own[component, variant, code]
        raw.setdefault(component.value, {}).setdefault(variant.value, {})[code] = {
            "title": words.title,
            "question": words.question,
            "options": list(words.options),
        }
    return json.dumps(raw, ensure_ascii=False, separators=(",", ":"))


def whole_forms(scheme: Scheme, forms: Forms) -> Forms:
    """The words of every item of the scheme on each ballot it stands on, those of the bank written out."""
    return Forms(
        {
            (component, variant, item.code): forms.question(component, variant, item)
            for component in Component
            for variant in variants_of(component)
            for item in scheme.items.get(component, ())
        },
        forms.bank,
    )


def fingerprint(document: str, forms: str) -> str:
    """What tells one state of a scheme and its forms from another: SHA-256 of both texts, in hexadecimal."""
    return hashlib.sha256(json.dumps([document, forms]).encode()).hexdigest()


def _order(place: Place) -> tuple[int, int, str]:
    component, variant, code = place
    return list(Component).index(component), list(Variant).index(variant), code


class _Reader(Reader):
    """Reads raw forms."""

    def question(self, raw: object, path: str) -> Question:
        given = self.fields(raw, path, ("title", "question", "options"))
        options: tuple[str, ...] = ()
        if "options" in given:
            labels = given["options"]
            if not isinstance(labels, list) or not 1 < len(labels) <= MAX_OPTIONS:
                self.fault(f"{path}.options", Reason.OPTIONS, most=MAX_OPTIONS)
            else:
                options = tuple(
                    self.text(label, f"{path}.options[{place}]", LABEL_LENGTH)
                    for place, label in enumerate(labels)
                )
                for place, label in enumerate(options):
                    if label and label in options[:place]:
                        self.fault(f"{path}.options[{place}]", Reason.GIVEN_TWICE, given=shown(label))
        title = self.text(given["title"], f"{path}.title", TITLE_LENGTH) if "title" in given else ""
        asked = (
            self.text(given["question"], f"{path}.question", QUESTION_LENGTH) if "question" in given else ""
        )
        return Question(title, asked, options)

    def forms(self, raw: object) -> dict[Place, Question]:
        found: dict[Place, Question] = {}
        for component, variants in self.some_fields(raw, "", [each.value for each in Component]).items():
            names = [each.value for each in Variant]
            for variant, items in self.some_fields(variants, component, names).items():
                path = f"{component}.{variant}"
                if not isinstance(items, dict):
                    self.fault(path, Reason.OBJECT, given=shown(items))
                    continue
                for code, words in items.items():
                    place = (Component(component), Variant(variant), self.text(code, f"{path}.{code}", 10))
                    found[place] = self.question(words, f"{path}.{code}")
        return found
