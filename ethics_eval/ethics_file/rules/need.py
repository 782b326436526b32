"""What a teacher's file may be opened for, and for how long: by need.

Source: 个保法 art. 6 and 51, domain.md §2.3 (use of results), §4.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from ethics_eval.complaints.rules.finding import written
from ethics_eval.text import N_, RuleViolation

OPEN_HOURS = 24
OPEN_FOR = timedelta(hours=OPEN_HOURS)
MAX_REASON = 200


class Purpose(StrEnum):
    """The uses of a teacher's standing (2013 意见, 2019 意见: 一票否决 in each of them)."""

    TITLE = "title"
    POST = "post"
    TRANSFER = "transfer"
    AWARD = "award"
    REGISTRATION = "registration"
    OTHER = "other"


PURPOSE_LABELS: Mapping[Purpose, str] = {
    Purpose.TITLE: N_("职称评审"),
    Purpose.POST: N_("岗位聘用"),
    Purpose.TRANSFER: N_("调动"),
    Purpose.AWARD: N_("评奖评优"),
    Purpose.REGISTRATION: N_("教师资格定期注册"),
    Purpose.OTHER: N_("其他"),
}

# How far back an effective veto or an unqualified grade weighs. 24 months is the least term of 取消资格 (处理办法
# art. 3); the certificate is registered anew every five years.
LOOK_BACK_MONTHS: Mapping[Purpose, int] = {
    Purpose.TITLE: 24,
    Purpose.POST: 24,
    Purpose.TRANSFER: 24,
    Purpose.AWARD: 24,
    Purpose.REGISTRATION: 60,
    Purpose.OTHER: 24,
}


def check_need(purpose: str, reason: str) -> tuple[Purpose, str]:
    """The purpose and the reason for opening a file. Raises: RuleViolation at ``purpose`` or ``reason``."""
    if purpose not in set(Purpose):
        raise RuleViolation("file.purpose", N_("请选择查看的用途。"), field="purpose")
    if len(reason) > MAX_REASON:
        raise RuleViolation("file.reason_long", N_("最多%(limit)s个字。"), field="reason", limit=MAX_REASON)
    return Purpose(purpose), written(reason, "reason")
