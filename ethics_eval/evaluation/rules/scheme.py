"""方案: what is weighed how, as the JSON file of ranking.md ("Scheme file"); every fault is told with its path.

Faults read as the contract writes them: ``components.peer.trim_percent: 60 must be below 50``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from ethics_eval.evaluation.rules.document import DocumentRefused, Fault, Reader, Reason, shown
from ethics_eval.text import N_


class Component(StrEnum):
    """The five parts of a score, in the order in which they are always shown (ranking.md R1)."""

    SELF = "self"
    PEER = "peer"
    PUPIL = "pupil"
    PARENT = "parent"
    SCHOOL = "school"


COMPONENT_LABELS: Mapping[Component, str] = {
    Component.SELF: N_("自评"),
    Component.PEER: N_("互评"),
    Component.PUPIL: N_("学生"),
    Component.PARENT: N_("家长"),
    Component.SCHOOL: N_("学校"),
}

BASIS_POINTS = 10_000
MAX_OPTIONS = 10
_MOST = 1_000_001  # nobody counts a million raters or teachers
STAGES = ("KG", "PRI", "JUN", "SEN", "VOC", "SPE")
TIE_RULES = ("none", "all")
NAMINGS = ("evidence", "rank")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}")


@dataclass(frozen=True)
class ComponentRule:
    """How one part counts: ``weight`` in basis points, ``prior`` the strength k of R5, the rest as in R2 and R4."""

    weight: int
    trim_percent: int
    min_raters: int
    min_turnout_percent: int
    enough_raters: int
    prior: int


@dataclass(frozen=True)
class Item:
    """A question: ``weight`` in basis points of its component, ``points`` (0–100) of each option in order."""

    code: str
    weight: int
    points: tuple[int, ...]


@dataclass(frozen=True)
class Scheme:
    """A whole scheme. Caps, bonus and ``naming_min_deduct`` in whole points; ``min_valid_weight`` in basis points."""

    version: str
    name: str
    components: Mapping[Component, ComponentRule]
    items: Mapping[Component, tuple[Item, ...]]
    self_cap_over_school: int
    deduction_cap: int
    bonus_cap: int
    min_valid_weight: int
    semester_weeks: int
    ranked_stages: tuple[str, ...]
    min_list: int
    bottom: int
    tie_rule: str
    naming: str
    naming_min_deduct: int


class SchemeRefused(DocumentRefused):
    """The scheme cannot be used."""

    def __init__(self, found: Sequence[Fault]) -> None:
        super().__init__("scheme.refused", N_("方案有误：%(faults)s"), found)


def parse_scheme(text: str) -> Scheme:
    """The scheme of a JSON text. Raises: SchemeRefused: with every fault found, each with its path."""
    reader = _Reader()
    raw = reader.parse(text)
    scheme = None if reader.faults else reader.scheme(raw)
    if scheme is None:
        raise SchemeRefused(reader.faults)
    return scheme


def scheme_text(scheme: Scheme) -> str:
    """The canonical JSON of a scheme: fields in the order of ranking.md, no blanks; parsing it gives the same."""
    raw = {field.name: getattr(scheme, field.name) for field in fields(scheme)}
    raw["components"] = {name.value: asdict(scheme.components[name]) for name in Component}
    raw["items"] = {
        name.value: [asdict(item) for item in scheme.items[name]]
        for name in Component
        if name in scheme.items
    }
    return json.dumps(raw, ensure_ascii=False, separators=(",", ":"))


class _Reader(Reader):
    """Reads a raw scheme."""

    def component(self, raw: object, path: str) -> ComponentRule:
        limits: dict[str, tuple[int, int]] = {
            "weight": (0, BASIS_POINTS + 1),
            "trim_percent": (0, 50),
            "min_raters": (1, _MOST),
            "min_turnout_percent": (0, 101),
            "enough_raters": (1, _MOST),
            "prior": (0, _MOST),
        }
        given = self.fields(raw, path, limits)
        return ComponentRule(
            **{
                name: self.number(given[name], f"{path}.{name}", *limit) if name in given else limit[0]
                for name, limit in limits.items()
            }
        )

    def components(self, raw: object) -> dict[Component, ComponentRule]:
        given = self.fields(raw, "components", [name.value for name in Component])
        before = len(self.faults)
        found = {
            Component(name): self.component(value, f"components.{name}") for name, value in given.items()
        }
        total = sum(rule.weight for rule in found.values())
        if len(self.faults) == before and len(found) == len(Component) and total != BASIS_POINTS:
            self.fault("components", Reason.SUM, sum=total, wanted=BASIS_POINTS)
        return found

    def item(self, raw: object, path: str) -> Item:
        given = self.fields(raw, path, ("code", "weight", "points"))
        points: tuple[int, ...] = ()
        if "points" in given:
            options = given["points"]
            if not isinstance(options, list) or not 1 < len(options) <= MAX_OPTIONS:
                self.fault(f"{path}.points", Reason.OPTIONS, most=MAX_OPTIONS)
            else:
                points = tuple(
                    self.number(value, f"{path}.points[{place}]", 0, 101)
                    for place, value in enumerate(options)
                )
        return Item(
            self.text(given["code"], f"{path}.code", 10) if "code" in given else "",
            self.number(given["weight"], f"{path}.weight", 1, BASIS_POINTS + 1) if "weight" in given else 1,
            points,
        )

    def items_of(self, raw: object, path: str) -> tuple[Item, ...]:
        if not isinstance(raw, list) or not raw:
            self.fault(path, Reason.ITEMS)
            return ()
        before = len(self.faults)
        found = tuple(self.item(value, f"{path}[{place}]") for place, value in enumerate(raw))
        if len(self.faults) > before:
            return found
        codes = [item.code for item in found]
        for place, code in enumerate(codes):
            if code in codes[:place]:
                self.fault(f"{path}[{place}].code", Reason.GIVEN_TWICE, given=shown(code))
        total = sum(item.weight for item in found)
        if total != BASIS_POINTS:
            self.fault(path, Reason.SUM, sum=total, wanted=BASIS_POINTS)
        return found

    def items(self, raw: object) -> dict[Component, tuple[Item, ...]]:
        if not isinstance(raw, dict):
            self.fault("items", Reason.OBJECT, given=shown(raw))
            return {}
        for name in raw:
            if name not in set(Component):
                self.fault(f"items.{name}", Reason.UNKNOWN)
        return {
            name: self.items_of(raw[name.value], f"items.{name}") for name in Component if name.value in raw
        }

    def stages(self, raw: object) -> tuple[str, ...]:
        if not isinstance(raw, list) or not raw:
            self.fault("ranked_stages", Reason.STAGES)
            return ()
        found: list[str] = []
        for place, value in enumerate(raw):
            path = f"ranked_stages[{place}]"
            if value == "KG":  # the source ranks 中小学教师 only (design.md §3)
                self.fault(path, Reason.KINDERGARTEN)
            elif value in found:
                self.fault(path, Reason.GIVEN_TWICE, given=shown(value))
            else:
                found.append(self.one_of(value, path, STAGES[1:]))
        return tuple(found)

    def scheme(self, raw: object) -> Scheme | None:
        whole: dict[str, tuple[int, int]] = {
            "self_cap_over_school": (0, 101),
            "deduction_cap": (0, 101),
            "bonus_cap": (0, 101),
            "min_valid_weight": (0, BASIS_POINTS + 1),
            "semester_weeks": (1, 31),
            "min_list": (1, _MOST),
            "bottom": (1, _MOST),
            "naming_min_deduct": (0, 101),
        }
        readers: dict[str, Callable[[object], Any]] = {
            "version": self.version,
            "name": lambda value: self.text(value, "name", 80),
            "components": self.components,
            "items": self.items,
            "ranked_stages": self.stages,
            "tie_rule": lambda value: self.one_of(value, "tie_rule", TIE_RULES),
            "naming": lambda value: self.one_of(value, "naming", NAMINGS),
        }
        given = self.fields(raw, "", [*readers, *whole])
        found = {name: read(given[name]) for name, read in readers.items() if name in given}
        found |= {name: self.number(given[name], name, *whole[name]) for name in whole if name in given}
        if self.faults:
            return None
        return Scheme(**found)

    def version(self, raw: object) -> str:
        if isinstance(raw, str) and _VERSION.fullmatch(raw):
            return raw
        self.fault("version", Reason.VERSION, given=shown(raw))
        return ""
