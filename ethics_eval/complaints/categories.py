"""The table of categories: what may be complained about, its basis, points and veto (domain.md §7.1).

Points are whole points of a 100-point scale; school matters (R01–R06) are never scored on a teacher.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType


class Severity(StrEnum):
    """轻微, 一般, 较重, 严重: in rising order."""

    MINOR = "minor"
    ORDINARY = "ordinary"
    SERIOUS = "serious"
    GRAVE = "grave"

    @property
    def order(self) -> int:
        """0 (minor) … 3 (grave)."""
        return list(Severity).index(self)


@dataclass(frozen=True)
class Category:
    """One line of the table. ``points`` lacks a severity that the category does not admit."""

    code: str
    zh: str
    en: str
    basis_school: str
    basis_kindergarten: str
    points: Mapping[Severity, int]
    veto_from: Severity

    def points_of(self, severity: Severity) -> int | None:
        """Points of the severity; None: refused. ``grave`` is always admitted, 0 if the table says no more (R8)."""
        if severity is Severity.GRAVE:
            return self.points.get(severity, 0)
        return self.points.get(severity)

    def is_veto(self, severity: Severity) -> bool:
        """Whether the severity alone is a veto (一票否决)."""
        return severity.order >= self.veto_from.order

    def name(self, locale: str) -> str:
        """The name in the reader's language."""
        return self.en if locale == "en" else self.zh


@dataclass(frozen=True)
class SchoolMatter:
    """A matter of the school, not of a teacher's conduct."""

    code: str
    zh: str
    en: str

    def name(self, locale: str) -> str:
        """The name in the reader's language."""
        return self.en if locale == "en" else self.zh


def _load() -> tuple[Mapping[str, Category], Mapping[str, SchoolMatter]]:
    table = json.loads(Path(__file__).with_name("categories.json").read_text("utf-8"))
    categories = {
        code: Category(
            code=code,
            zh=row["zh"],
            en=row["en"],
            basis_school=row["basis_school"],
            basis_kindergarten=row["basis_kindergarten"],
            points=MappingProxyType({Severity(key): value for key, value in row["points"].items()}),
            veto_from=Severity(row["veto_from"]),
        )
        for code, row in table["categories"].items()
    }
    matters = {
        code: SchoolMatter(code, row["zh"], row["en"]) for code, row in table["school_matters"].items()
    }
    return MappingProxyType(categories), MappingProxyType(matters)


CATEGORIES, SCHOOL_MATTERS = _load()
EVERY_CODE = frozenset(CATEGORIES) | frozenset(SCHOOL_MATTERS)


def named(code: str) -> Category | SchoolMatter:
    """The line of a code. Raises: KeyError."""
    return CATEGORIES[code] if code in CATEGORIES else SCHOOL_MATTERS[code]
