"""Who is named in the end."""

from __future__ import annotations

import pytest

from ethics_eval.ranking.rules.naming import (
    GRAVE_ENOUGH,
    check_reasons,
    effective_treatment,
    needs_reason,
)
from tests.support.refusals import refused


@pytest.mark.parametrize(
    ("treatment", "separable", "has_serious", "needed"),
    [
        ("named", False, False, True),
        ("named", None, False, True),
        ("named", True, False, False),
        ("named", False, True, False),
        ("private", False, False, False),
    ],
)
def test_a_reason_is_asked_of_whoever_only_the_place_would_name(
    treatment: str, separable: bool | None, has_serious: bool, needed: bool
) -> None:
    assert needs_reason(treatment, separable=separable, has_serious=has_serious) is needed


def test_who_is_withheld_is_told_privately() -> None:
    assert effective_treatment("named", withheld=True) == "private"
    assert effective_treatment("named", withheld=False) == "named"
    assert effective_treatment("private", withheld=False) == "private"
    assert GRAVE_ENOUGH == ("serious", "grave")


def test_publishing_waits_for_the_reasons() -> None:
    check_reasons([])
    with refused("bottom.reason_missing"):
        check_reasons(["王晓梅", "李建国"])
