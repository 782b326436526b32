"""Who may be cleared, and before whom."""

from __future__ import annotations

import pytest

from ethics_eval.complaints.rules.clearance import (
    CLEARING,
    Audience,
    ClearanceState,
    check_offer,
    check_state,
    may_clear,
)
from ethics_eval.complaints.rules.machine import Outcome
from ethics_eval.text import RuleViolation


@pytest.mark.parametrize("outcome", Outcome)
def test_only_what_was_not_so_clears(outcome: Outcome) -> None:
    assert may_clear(outcome, revoked=False, standing=True) is (outcome in CLEARING)
    assert not may_clear(outcome, revoked=False, standing=False)
    assert may_clear(outcome, revoked=True, standing=False)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, None),
        ({"clearable": False}, "clearance.outcome"),
        ({"waiting": True}, "clearance.waiting"),
        ({"recused": True}, "clearance.recused"),
        ({"recused": True, "audience": Audience.PERSON}, None),
        ({"text": "字" * 2001}, "clearance.long"),
    ],
)
def test_an_offer(change: dict[str, object], code: str | None) -> None:
    facts = {
        "clearable": True,
        "waiting": False,
        "recused": False,
        "audience": Audience.SCHOOL,
        "text": "经查,反映的问题不属实。",
        **change,
    }
    if code is None:
        check_offer(**facts)  # type: ignore[arg-type]
        return
    with pytest.raises(RuleViolation) as refused:
        check_offer(**facts)  # type: ignore[arg-type]
    assert refused.value.code == code


@pytest.mark.parametrize("state", ClearanceState)
def test_in_order(state: ClearanceState) -> None:
    for wanted, code in (
        (ClearanceState.OFFERED, "clearance.answered"),
        (ClearanceState.CONSENTED, "clearance.consent"),
    ):
        if state is wanted:
            check_state(state, wanted)
            continue
        with pytest.raises(RuleViolation) as refused:
            check_state(state, wanted)
        assert refused.value.code == code
