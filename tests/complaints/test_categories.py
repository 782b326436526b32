"""The table of categories is the agreed one."""

from __future__ import annotations

import json

import pytest

from ethics_eval.complaints import categories
from ethics_eval.complaints.categories import CATEGORIES, SCHOOL_MATTERS, Severity, named
from tests.support.shared import shared
from tests.support.tree import PACKAGE


def test_the_package_ships_the_agreed_table() -> None:
    ours = json.loads((PACKAGE / "complaints" / "categories.json").read_text("utf-8"))
    agreed = json.loads(shared("categories.json").read_text("utf-8"))
    for part in ("categories", "school_matters"):
        assert ours[part] == agreed[part]


def test_codes_are_names_in_both_languages() -> None:
    for code in categories.EVERY_CODE:
        line = named(code)
        assert line.code == code
        assert line.name("zh") == line.zh != line.en == line.name("en")


def test_an_unknown_code_has_no_line() -> None:
    with pytest.raises(KeyError):
        named("C00")


def test_points_rise_with_severity_and_stay_within_the_scale() -> None:
    for category in CATEGORIES.values():
        given = [category.points[severity] for severity in Severity if severity in category.points]
        assert given == sorted(given)
        assert all(0 <= points <= 100 for points in given)
    assert not set(CATEGORIES) & set(SCHOOL_MATTERS)
