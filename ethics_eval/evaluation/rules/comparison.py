"""What differs between two schemes, value by value, in words a head can decide on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from ethics_eval.evaluation.rules.editing import CHOICES, COMPONENT_FIELDS, NUMBERS
from ethics_eval.evaluation.rules.form import Forms, Variant, variants_of
from ethics_eval.evaluation.rules.scheme import Component, Item, Scheme
from ethics_eval.text import N_

FIELD_LABELS: Mapping[str, str] = {
    "version": N_("版本"),
    "name": N_("名称"),
    "weight": N_("权重"),
    "trim_percent": N_("两端各去掉的评价"),
    "min_raters": N_("最少评价人数"),
    "min_turnout_percent": N_("最低参评率"),
    "enough_raters": N_("人数足够，不看参评率"),
    "prior": N_("向学段平均靠拢的强度"),
    "self_cap_over_school": N_("自评最多高出学校评"),
    "deduction_cap": N_("扣分封顶"),
    "bonus_cap": N_("加分封顶"),
    "min_valid_weight": N_("有效部分的最低权重"),
    "semester_weeks": N_("学期周数"),
    "ranked_stages": N_("参加排名的学段"),
    "min_list": N_("多少人以上才列名单"),
    "bottom": N_("名单人数"),
    "tie_rule": N_("界线上同分"),
    "naming": N_("点名通报的条件"),
    "naming_min_deduct": N_("点名通报的最低扣分"),
    "components": N_("五个部分"),
    "item": N_("题目"),
    "code": N_("题号"),
    "points": N_("各选项分值"),
    "title": N_("题目名称"),
    "question": N_("题目文字"),
    "options": N_("选项文字"),
}
TIE_LABELS: Mapping[str, str] = {"none": N_("整组不列"), "all": N_("整组列入")}
NAMING_LABELS: Mapping[str, str] = {
    "evidence": N_("要有一票否决、一般以上的认定或足够的扣分"),
    "rank": N_("名单上的人全部点名"),
}


class Unit(StrEnum):
    """How a value is written."""

    PLAIN = ""
    SHARE = "share"
    PERCENT = "percent"
    POINTS = "points"
    PEOPLE = "people"
    WEEKS = "weeks"
    STAGES = "stages"
    TIE = "tie"
    NAMING = "naming"


UNITS: Mapping[str, Unit] = {
    "weight": Unit.SHARE,
    "min_valid_weight": Unit.SHARE,
    "trim_percent": Unit.PERCENT,
    "min_turnout_percent": Unit.PERCENT,
    "min_raters": Unit.PEOPLE,
    "enough_raters": Unit.PEOPLE,
    "min_list": Unit.PEOPLE,
    "bottom": Unit.PEOPLE,
    "self_cap_over_school": Unit.POINTS,
    "deduction_cap": Unit.POINTS,
    "bonus_cap": Unit.POINTS,
    "naming_min_deduct": Unit.POINTS,
    "semester_weeks": Unit.WEEKS,
    "ranked_stages": Unit.STAGES,
    "tie_rule": Unit.TIE,
    "naming": Unit.NAMING,
}


class Change(NamedTuple):
    """A value that differs. ``component``, ``item`` (its code) and ``variant`` say where; None as a value: not there.

    ``field`` is a key of ``FIELD_LABELS``; ``old`` and ``new`` are as in the scheme, lists joined by a blank.
    """

    component: Component | None
    item: str
    variant: Variant | None
    field: str
    old: str | None
    new: str | None


def changes(old: Scheme, old_forms: Forms, new: Scheme, new_forms: Forms) -> list[Change]:
    """Everything that differs but the version, in the order of the scheme file; words as the ballots show them."""
    found = [Change(None, "", None, "name", old.name, new.name)]
    for component in Component:
        before, after = old.components[component], new.components[component]
        found += [
            Change(component, "", None, name, str(getattr(before, name)), str(getattr(after, name)))
            for name in COMPONENT_FIELDS
        ]
        found += _items(component, old, old_forms, new, new_forms)
    found += [
        Change(None, "", None, name, str(getattr(old, name)), str(getattr(new, name)))
        for name in (*NUMBERS, *CHOICES)
    ]
    found.append(
        Change(None, "", None, "ranked_stages", " ".join(old.ranked_stages), " ".join(new.ranked_stages))
    )
    return [change for change in found if change.old != change.new]


def _items(
    component: Component, old: Scheme, old_forms: Forms, new: Scheme, new_forms: Forms
) -> Iterator[Change]:
    before = {item.code: item for item in old.items.get(component, ())}
    after = {item.code: item for item in new.items.get(component, ())}
    for code in [*before, *(code for code in after if code not in before)]:
        was, now = before.get(code), after.get(code)
        if was is None or now is None:
            told = _titles(component, was, old_forms), _titles(component, now, new_forms)
            yield Change(component, code, None, "item", *told)
            continue
        yield Change(component, code, None, "weight", str(was.weight), str(now.weight))
        yield Change(component, code, None, "points", _joined(was.points), _joined(now.points))
        for variant in variants_of(component):
            said, says = (
                old_forms.question(component, variant, was),
                new_forms.question(component, variant, now),
            )
            yield Change(component, code, variant, "title", said.title, says.title)
            yield Change(component, code, variant, "question", said.question, says.question)
            yield Change(component, code, variant, "options", _joined(said.options), _joined(says.options))


def _titles(component: Component, item: Item | None, forms: Forms) -> str | None:
    return None if item is None else forms.question(component, Variant.SCHOOL, item).title


def _joined(values: tuple[object, ...]) -> str:
    return " / ".join(map(str, values))
