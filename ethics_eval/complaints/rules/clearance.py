"""澄清正名: when a teacher about whom nothing was found may be cleared, and before whom.

Source: domain.md §3.1 (mistaken and false reports: clear the name in a set circle), 人事管理条例 art. 42.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from ethics_eval.complaints.rules.machine import Outcome
from ethics_eval.text import N_, RuleViolation


class Audience(StrEnum):
    """Who is shown a clearance."""

    PERSON = "person"
    SCHOOL = "school"
    SYSTEM = "system"


AUDIENCE_LABELS: Mapping[Audience, str] = {
    Audience.PERSON: N_("只交教师本人"),
    Audience.SCHOOL: N_("本校"),
    Audience.SYSTEM: N_("全市教育系统"),
}


class ClearanceState(StrEnum):
    """Offered, answered by the teacher, issued only with consent."""

    OFFERED = "offered"
    CONSENTED = "consented"
    DECLINED = "declined"
    ISSUED = "issued"


CLEARANCE_STATE_LABELS: Mapping[ClearanceState, str] = {
    ClearanceState.OFFERED: N_("等待教师答复"),
    ClearanceState.CONSENTED: N_("教师已同意"),
    ClearanceState.DECLINED: N_("教师不同意"),
    ClearanceState.ISSUED: N_("已发出"),
}

CLEARING = frozenset({Outcome.UNSUBSTANTIATED, Outcome.MALICIOUS, Outcome.LAWFUL_DISCIPLINE})
MAX_TEXT = 2000


def may_clear(outcome: str, *, revoked: bool, standing: bool) -> bool:
    """Whether a decided finding clears: nothing was found (无法查实 is not that), or a remedy ``revoked`` it.

    ``standing``: it was not revoked in any way; a finding quashed for a new investigation clears nobody yet.
    """
    return revoked or (standing and outcome in CLEARING)


def check_offer(*, clearable: bool, waiting: bool, recused: bool, audience: Audience, text: str) -> None:
    """Refuse an offer that has no ground, comes beside another, tells a school kept out, or is too long.

    Raises: RuleViolation.
    """
    if not clearable:
        raise RuleViolation(
            "clearance.outcome", N_("只有不属实、正当惩戒、诬告或者认定已被撤销的，才能澄清正名。")
        )
    if waiting:
        raise RuleViolation("clearance.waiting", N_("已有一份澄清正名在办理，或者已经发出。"))
    if recused and audience is not Audience.PERSON:
        raise RuleViolation("clearance.recused", N_("学校回避的案件，澄清只交教师本人。"), field="audience")
    if len(text) > MAX_TEXT:
        raise RuleViolation("clearance.long", N_("最多%(limit)s个字。"), field="text", limit=MAX_TEXT)


def check_state(state: ClearanceState, wanted: ClearanceState) -> None:
    """Refuse a step out of order. Raises: RuleViolation."""
    if state is wanted:
        return
    if wanted is ClearanceState.CONSENTED:
        raise RuleViolation("clearance.consent", N_("教师同意之后才能发出。"))
    raise RuleViolation("clearance.answered", N_("您已经答复过了。"))
