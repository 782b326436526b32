"""Who may ask for which workbook."""

from __future__ import annotations

import pytest

from ethics_eval.accounts.rules import Actor, Role
from ethics_eval.exports.rules import Export, Wanted, allowed, check_allowed, wanted_of
from ethics_eval.text import RuleViolation

WITHOUT_NAMES = [Export.RANKING, Export.LEDGER, Export.TURNOUT]


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.BUREAU_OFFICER, list(Export)),
        (Role.BUREAU_HEAD, list(Export)),
        (Role.DISTRICT_OFFICER, WITHOUT_NAMES),
        (Role.SCHOOL_HEAD, WITHOUT_NAMES),
        (Role.SCHOOL_OFFICER, WITHOUT_NAMES),
        (Role.TEACHER, []),
        (Role.AUDITOR, []),
        (Role.SYSADMIN, []),
    ],
)
def test_the_list_with_full_names_is_the_citys_alone(role: Role, expected: list[Export]) -> None:
    who = Actor(1, role)
    assert allowed(who) == expected
    for what in set(Export) - set(expected):
        with pytest.raises(RuleViolation):
            check_allowed(who, what)


def test_a_task_keeps_what_was_asked() -> None:
    wanted = Wanted(Export.LEDGER, "2025-2026-1", district="430202", stage="PRI", masked=True)
    assert wanted_of(wanted.params()) == wanted
