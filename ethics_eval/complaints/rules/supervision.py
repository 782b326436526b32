"""督办 by hand: the body above presses for a case that is late. Source: 信访工作条例 arts. 36, 42; domain.md §7.2."""

from __future__ import annotations

from collections.abc import Mapping

from ethics_eval.accounts.rules import Role
from ethics_eval.complaints.rules.machine import Desk
from ethics_eval.text import N_, RuleViolation

SUPERVISE = "supervise"
SUPERVISE_LABEL = N_("督办")

# From where a role may press: its own desk only the head of the bureau does.
_BELOW: Mapping[Role, frozenset[Desk]] = {
    Role.DISTRICT_OFFICER: frozenset({Desk.SCHOOL}),
    Role.BUREAU_OFFICER: frozenset({Desk.SCHOOL, Desk.DISTRICT}),
    Role.BUREAU_HEAD: frozenset(Desk),
}


def supervision_refusal(role: Role | None, desk: Desk, *, is_overdue: bool) -> RuleViolation | None:
    """Why the case cannot be pressed for by this role now; None: it can."""
    if not is_overdue:
        return RuleViolation("supervise.not_overdue", N_("案件没有逾期，不需要督办。"))
    if role is None or desk not in _BELOW.get(role, frozenset()):
        return RuleViolation("supervise.own_desk", N_("案件由您这一级办理，请直接办理。"))
    return None
