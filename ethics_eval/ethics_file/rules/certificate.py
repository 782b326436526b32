"""师德证明: its number, its term, its words, and when it holds no more. An official document: Chinese only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from ethics_eval.complaints.rules.finding import MEASURE_LABELS, Measure, written
from ethics_eval.complaints.rules.measure import DISQUALIFY_KIND_LABELS, DisqualifyKind
from ethics_eval.ethics_file.rules.need import LOOK_BACK_MONTHS, MAX_REASON, PURPOSE_LABELS, Purpose
from ethics_eval.ethics_file.rules.standing import Ground, Standing, Verdict
from ethics_eval.notices.rules.facts import written_day
from ethics_eval.text import N_, RuleViolation

WORD = "师证"
USUAL_DAYS = 90
LEAST_DAYS, MOST_DAYS = 7, 365
CHANGED = "出具以后情况有变化，原来的结论不再成立。"

ISSUED_KIND, WITHDRAWN_KIND = "certificate.issued", "certificate.withdrawn"
CERTIFICATE_KIND_LABELS: Mapping[str, str] = {
    ISSUED_KIND: N_("教育局为您出具了师德证明"),
    WITHDRAWN_KIND: N_("一份师德证明已撤销，不能再用"),
}


class CertificateState(StrEnum):
    """Whether a certificate holds."""

    VALID = "valid"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


CERTIFICATE_STATE_LABELS: Mapping[CertificateState, str] = {
    CertificateState.VALID: N_("有效"),
    CertificateState.EXPIRED: N_("已过有效期"),
    CertificateState.WITHDRAWN: N_("已撤销"),
}


def state_on(expires_on: date, *, withdrawn: bool, today: date) -> CertificateState:
    """Whether it holds on a day; its last day is part of its term."""
    if withdrawn:
        return CertificateState.WITHDRAWN
    return CertificateState.EXPIRED if today > expires_on else CertificateState.VALID


def file_name(number: str) -> str:
    """The name of the PDF."""
    return f"师德证明_{number}.pdf"


def last_day(issued_on: date, days: int) -> date:
    """The last day of the term. Raises: RuleViolation at ``days``."""
    if not LEAST_DAYS <= days <= MOST_DAYS:
        raise RuleViolation(
            "certificate.days",
            N_("有效期为%(least)s至%(most)s天。"),
            field="days",
            least=LEAST_DAYS,
            most=MOST_DAYS,
        )
    return issued_on + timedelta(days=days)


def check_withdrawal(state: CertificateState, reason: str) -> str:
    """The reason of a withdrawal. Raises: RuleViolation: it holds no more, or the reason says nothing."""
    if state is not CertificateState.VALID:
        raise RuleViolation("certificate.over", N_("这份证明已经撤销或者过期，不用再撤销。"))
    if len(reason) > MAX_REASON:
        raise RuleViolation("file.reason_long", N_("最多%(limit)s个字。"), field="reason", limit=MAX_REASON)
    return written(reason, "reason")


def outlived(certified: Standing, basis: frozenset[str], now: Verdict, keys: frozenset[str]) -> bool:
    """Whether a certificate says what is no longer so: the standing is graver, or something it rests on is gone.

    Args: basis: the keys of its grounds; keys: those that stand now. A term that ran out is no change: the
    certificate states it.
    """
    return now.standing.weight > certified.weight or not basis <= keys


@dataclass(frozen=True)
class CertificateFacts:
    """What a certificate says. ``school``: the name on the day it was issued."""

    number: str
    issuer: str
    teacher: str
    teacher_number: str
    school: str
    purpose: Purpose
    verdict: Verdict
    issued_on: date
    expires_on: date


@dataclass(frozen=True)
class CertificateText:
    """The words of the paper, in order."""

    opening: str
    finding: str
    items: tuple[str, ...]
    closing: str


def compose(facts: CertificateFacts) -> CertificateText:
    """The words. What was done is not told: only that it bars, since when, until when (domain.md §4.1: by need)."""
    purpose = "" if facts.purpose is Purpose.OTHER else PURPOSE_LABELS[facts.purpose]
    use = f"因{purpose}需要，" if purpose else ""
    months = LOOK_BACK_MONTHS[facts.purpose]
    match facts.verdict.standing:
        case Standing.CLEAR:
            finding = (
                f"截至{written_day(facts.issued_on)}，该教师近{months}个月内没有生效的师德一票否决认定，"
                "师德考评没有不合格，也没有正在执行、影响此事项的处分或者取消资格处理。"
            )
        case Standing.RESTRICTED:
            finding = (
                f"截至{written_day(facts.issued_on)}，该教师有下列正在执行的处理，期满以前按规定受到限制："
            )
        case Standing.VETOED:
            finding = f"截至{written_day(facts.issued_on)}，该教师有下列情形，按师德一票否决的规定办理："
    return CertificateText(
        opening=f"{use}经查询师德档案，现就{facts.school}教师{facts.teacher}（教师编码：{facts.teacher_number}）的师德情况证明如下：",
        finding=finding,
        items=tuple(_ground(ground) for ground in facts.verdict.grounds),
        closing=(
            f"本证明{f'仅用于{purpose}，' if purpose else ''}有效期至{written_day(facts.expires_on)}。"
            "有效期内情况有变化的，以核验页面显示的结果为准。"
        ),
    )


def _ground(ground: Ground) -> str:
    if ground.kind == "veto":
        return f"有一票否决的认定，{written_day(ground.starts_on)}生效"
    if ground.kind == "grade":
        return f"{ground.semester}师德考评等次为不合格"
    name = MEASURE_LABELS[Measure(ground.measure)]
    if ground.disqualifies:
        name = f"{name}（{DISQUALIFY_KIND_LABELS[DisqualifyKind(ground.disqualifies)]}）"
    until = f"，至{written_day(ground.ends_on)}止" if ground.ends_on else ""
    return f"{name}，自{written_day(ground.starts_on)}起{until}"
