"""代为登记: a complaint taken down by staff, for those who call, come, write on paper, or went to another office first.

Source: domain.md §3.2 (an order of the hotline has its own number and limit), §7.2 (submitted by a clerk), §7.6.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from ethics_eval.complaints.rules.source import Source
from ethics_eval.text import N_, RuleViolation

# What staff take down; the others come by the complainant's own hand.
FILED_SOURCES = tuple(source for source in Source if source not in {Source.WEB, Source.QR})
# These come with a number of their own, which their office asks after.
NUMBERED = frozenset({Source.HOTLINE_12345, Source.PETITION_FORWARD, Source.SUPERIOR_ASSIGN})
MAX_REFERENCE = 40
RECEIVED_AT_MOST_DAYS_AGO = 30
LIMIT_AT_MOST = timedelta(days=366)


@dataclass(frozen=True)
class Filing:
    """How it came: channel, the other office's number and limit, the day it reached the office."""

    source: Source
    reference: str
    received_on: date
    source_due_on: date | None = None


def filing_problems(filing: Filing, *, today: date) -> list[RuleViolation]:
    """Everything wrong with how it came, each at its field."""
    found: list[RuleViolation] = []
    if filing.source not in FILED_SOURCES:
        found.append(RuleViolation("filing.source", N_("请选择来源。"), field="source"))
    if filing.source in NUMBERED and not filing.reference.strip():
        found.append(
            RuleViolation("filing.reference", N_("请填写来件单位的编号或工单号。"), field="reference")
        )
    if len(filing.reference) > MAX_REFERENCE:
        found.append(
            RuleViolation(
                "filing.reference", N_("最多%(limit)s个字。"), field="reference", limit=MAX_REFERENCE
            )
        )
    earliest = today - timedelta(days=RECEIVED_AT_MOST_DAYS_AGO)
    if not earliest <= filing.received_on <= today:
        found.append(
            RuleViolation(
                "filing.received_on",
                N_("收到日期须在今天之前30天以内，不能在今天之后。"),
                field="received_on",
            )
        )
    due = filing.source_due_on
    if due is not None and not filing.received_on <= due <= today + LIMIT_AT_MOST:
        found.append(
            RuleViolation("filing.source_due_on", N_("请核对来件单位要求的办结日期。"), field="source_due_on")
        )
    return found


def check_not_about_own(*, is_recused: bool, at_school: bool) -> None:
    """A school takes down nothing about its own head or handlers. Raises: RuleViolation at ``respondent``.

    Source: 信访工作条例 art. 30 (never to the one complained about).
    """
    if is_recused and at_school:
        raise RuleViolation(
            "filing.own",
            N_("反映本校负责人或经办人的，学校不能代为登记。请告诉投诉人自己扫码提交，或到区县教育局登记。"),
            field="respondent",
        )


def phone_matches(last_four: str, phones: Collection[str]) -> bool:
    """Whether the last four figures typed are those of a number left; where none was left nothing is asked."""
    figures = ["".join(char for char in phone if char.isdigit()) for phone in phones]
    known = [number[-4:] for number in figures if number]
    typed = "".join(char for char in last_four if char.isdigit())
    return not known or typed in known
