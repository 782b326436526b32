"""When a case may stand still, and the numbers of the documents that other authorities give.

Source: domain.md §7.2 (only for listed reasons, never for convenience; no police matter without its referral number).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from ethics_eval.text import N_, RuleViolation

MAX_NUMBER = 60


class SuspensionReason(StrEnum):
    """What a case waits for."""

    POLICE = "POLICE"
    COURT = "COURT"
    DISCIPLINE = "DISCIPLINE"
    SUPERIOR = "SUPERIOR"
    APPRAISAL = "APPRAISAL"


SUSPENSION_REASONS: Mapping[SuspensionReason, str] = {
    SuspensionReason.POLICE: N_("公安机关已经立案"),
    SuspensionReason.COURT: N_("法院正在审理或者正在仲裁、行政复议"),
    SuspensionReason.DISCIPLINE: N_("纪检监察机关正在审查调查"),
    SuspensionReason.SUPERIOR: N_("同一事项由上级机关办理"),
    SuspensionReason.APPRAISAL: N_("须等待鉴定、检验结论"),
}


def document_number(number: str, field: str) -> str:
    """The number of another authority's document, without blanks around it. Raises: RuleViolation at ``field``."""
    trimmed = number.strip()
    if not trimmed:
        raise RuleViolation("case.number_missing", N_("请填写文书编号。"), field=field)
    if len(trimmed) > MAX_NUMBER:
        raise RuleViolation("case.number_long", N_("最多%(limit)s个字。"), field=field, limit=MAX_NUMBER)
    return trimmed


def check_suspension(reason: str, number: str, *, urgent: bool) -> tuple[SuspensionReason, str]:
    """The reason and the number of its document, which only waiting for an appraisal may lack, and never when urgent.

    Raises: RuleViolation: at ``reason``: not one of the list; at ``number``: missing or too long.
    """
    if reason not in set(SuspensionReason):
        raise RuleViolation("case.suspend_reason", N_("请选择中止的理由。"), field="reason")
    chosen = SuspensionReason(reason)
    if chosen is SuspensionReason.APPRAISAL and not urgent and not number.strip():
        return chosen, ""
    return chosen, document_number(number, "number")
