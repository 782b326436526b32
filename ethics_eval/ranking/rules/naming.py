"""Who of the bottom list is named in the end: nobody without evidence, a difference, or a written reason (R13).

``naming`` (R12) says whom the evidence names. Whoever is neither told apart from those outside the list nor has a
finding that is serious, grave or a veto is named only where a person writes why, and is else told privately.
"""

from __future__ import annotations

from collections.abc import Sequence

from ethics_eval.complaints.categories import Severity
from ethics_eval.ranking.rules.outcome import NAMED, PRIVATE
from ethics_eval.text import N_, RuleViolation

GRAVE_ENOUGH = tuple(severity.value for severity in Severity if severity.order >= Severity.SERIOUS.order)


def effective_treatment(treatment: str, *, withheld: bool) -> str:
    """How a listed person is treated: ``named`` or ``private``; who was withheld is told privately."""
    return PRIVATE if withheld else treatment


def needs_reason(treatment: str, *, separable: bool | None, has_serious: bool) -> bool:
    """Whether naming this listed person asks for a written reason.

    Args: separable: None where nobody computed it, which is as if not; has_serious: a counting finding that is
    ``serious`` or ``grave``, or a veto.
    """
    return treatment == NAMED and not separable and not has_serious


def check_reasons(missing: Sequence[str]) -> None:
    """Refuse to publish while somebody who is to be named lacks a reason. Args: missing: their names."""
    if missing:
        raise RuleViolation(
            "bottom.reason_missing",
            N_(
                "还有%(count)s人要写明点名的理由，或者改为只告知本人：%(names)s。他们与名单外的人分不出先后，"
                "也没有较重以上的认定。"
            ),
            count=len(missing),
            names="、".join(missing),
        )
