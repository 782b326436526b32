"""Rules of what passes beside the machine: lengths, times, one way."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ethics_eval.complaints.rules.correspondence import (
    ANSWERED,
    MAX_MESSAGE,
    MAX_WAITING,
    check_disclosure,
    check_waiting,
    disclosure_choices,
    dispute_refusal,
    message_text,
    rating_refusal,
)
from ethics_eval.complaints.rules.machine import CaseStatus
from ethics_eval.complaints.rules.submission import IdentityMode
from ethics_eval.text import RuleViolation

DAY = date(2026, 4, 10)
A, H, R = IdentityMode.ANONYMOUS, IdentityMode.REAL_NAME_HIDDEN, IdentityMode.REAL_NAME


def test_a_message_is_trimmed_and_measured_as_the_browser_counts() -> None:
    assert message_text(" 字 ") == "字"
    assert message_text("字\r\n" * 999 + "字")
    assert len(message_text("字" * MAX_MESSAGE)) == MAX_MESSAGE
    for wrong in ("", " \n\t", "字" * (MAX_MESSAGE + 1)):
        with pytest.raises(RuleViolation) as refused:
            message_text(wrong, "words")
        assert refused.value.field == "words"


def test_so_many_wait_and_no_more() -> None:
    check_waiting(MAX_WAITING - 1)
    with pytest.raises(RuleViolation):
        check_waiting(MAX_WAITING)


@pytest.mark.parametrize("status", list(CaseStatus))
def test_only_what_was_answered_is_rated_and_disputed(status: CaseStatus) -> None:
    assert (rating_refusal(status, None, DAY) is None) is (status in ANSWERED)
    open_to_dispute = status in {CaseStatus.REPLIED, CaseStatus.CLOSED}
    assert (dispute_refusal(status, DAY, None, DAY) is None) is open_to_dispute


@pytest.mark.parametrize(("days", "late"), [(0, False), (30, False), (31, True)])
def test_thirty_days(days: int, late: bool) -> None:
    today = DAY + timedelta(days=days)
    assert (rating_refusal(CaseStatus.CLOSED, DAY, today) is not None) is late
    assert (dispute_refusal(CaseStatus.CLOSED, DAY, None, today) is not None) is late


def test_one_dispute_a_case() -> None:
    refused = dispute_refusal(CaseStatus.REPLIED, DAY, DAY, DAY)
    assert refused is not None
    assert refused.code == "dispute.once"


def test_disclosure_goes_forward_only() -> None:
    assert disclosure_choices(A) == (H, R)
    assert disclosure_choices(H) == (R,)
    assert disclosure_choices(R) == ()
    for before in (A, H, R):
        for after in (A, H, R):
            if after in disclosure_choices(before):
                check_disclosure(before, after)
            else:
                with pytest.raises(RuleViolation):
                    check_disclosure(before, after)
