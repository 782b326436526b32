"""异议 and 申诉 against a score: who may file one and when, by when it is decided, and by whom it may not be.

Source: domain.md §7.4, 8 (objection within the prior notice, answered before publishing), §1.5 (教师法 39: the
education bureau decides a teacher's 申诉 in 30 days; 申诉规定 11: a grade may be appealed), ranking.md R11.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ethics_eval.accounts.rules import Actor
from ethics_eval.complaints.rules.finding import written
from ethics_eval.complaints.rules.reminding import warn_on
from ethics_eval.ranking.rules.steps import SemesterStatus
from ethics_eval.roster.rules.calendar import Calendar
from ethics_eval.text import N_, RuleViolation

MAX_GROUNDS = 5000
DECIDE_WORKING_DAYS = 5
APPEAL_DAYS = 30


class ObjectionKind(StrEnum):
    """异议 before publication, 申诉 after it."""

    OBJECTION = "objection"
    APPEAL = "appeal"


KIND_LABELS: Mapping[ObjectionKind, str] = {
    ObjectionKind.OBJECTION: N_("得分异议"),
    ObjectionKind.APPEAL: N_("得分申诉"),
}


class Topic(StrEnum):
    """What it is about."""

    STATUS = "status"
    SCORE = "score"
    FINDING = "finding"
    HONOUR = "honour"
    OTHER = "other"


TOPIC_LABELS: Mapping[Topic, str] = {
    Topic.STATUS: N_("任职、周数或参评资格不对"),
    Topic.SCORE: N_("某一部分的评分或票数不对"),
    Topic.FINDING: N_("某一项认定不该扣分，或者扣多了"),
    Topic.HONOUR: N_("荣誉加分漏了或错了"),
    Topic.OTHER: N_("其他"),
}


class ObjectionStatus(StrEnum):
    """Where it stands."""

    OPEN = "open"
    UPHELD = "upheld"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


OBJECTION_STATUS_LABELS: Mapping[ObjectionStatus, str] = {
    ObjectionStatus.OPEN: N_("办理中"),
    ObjectionStatus.UPHELD: N_("成立"),
    ObjectionStatus.REJECTED: N_("不成立"),
    ObjectionStatus.WITHDRAWN: N_("已撤回"),
}


@dataclass(frozen=True)
class FilingFacts:
    """What decides whether a teacher may file now.

    ``status`` of the ranking; ``listed``: told of the list; ``window_ends_on``: the objection window's last day;
    ``published_on``: since when the score stands as it is; ``has_open``: one of this kind is open.
    """

    status: str
    listed: bool
    window_ends_on: date | None
    published_on: date | None
    has_open: bool = False


def last_day(kind: ObjectionKind, facts: FilingFacts, calendar: Calendar) -> date | None:
    """The last day on which it can be filed; None: it is not the time for this kind, or not for this person."""
    match kind:
        case ObjectionKind.OBJECTION:
            is_time = facts.status == SemesterStatus.ANNOUNCED and facts.listed
            return facts.window_ends_on if is_time else None
        case ObjectionKind.APPEAL:
            if facts.status != SemesterStatus.PUBLISHED or facts.published_on is None:
                return None
            return calendar.open_ended().due_in_days(facts.published_on, APPEAL_DAYS)


def kind_now(facts: FilingFacts) -> ObjectionKind:
    """Which of the two the time of the ranking would allow."""
    return ObjectionKind.APPEAL if facts.status == SemesterStatus.PUBLISHED else ObjectionKind.OBJECTION


def check_file(kind: ObjectionKind, facts: FilingFacts, today: date, calendar: Calendar) -> None:
    """Refuse what is out of time, not one's own, or a second one while one is open. Raises: RuleViolation."""
    ends = last_day(kind, facts, calendar)
    if ends is None:
        raise RuleViolation(
            "objection.out_of_turn",
            N_("现在不能提出。异议在事先告知之后、发布之前由名单上的教师提出；申诉在发布之后提出。"),
        )
    if today > ends:
        raise RuleViolation(
            "objection.late", N_("提出的期限已于%(day)s届满。"), field="grounds", day=ends.isoformat()
        )
    if facts.has_open:
        raise RuleViolation(
            "objection.open", N_("您已经提出了一件，正在办理。办结之后，期限没有过的，可以再提。")
        )


def checked_grounds(text: str) -> str:
    """The grounds, written and not too long. Raises: RuleViolation at ``grounds``."""
    if len(text) > MAX_GROUNDS:
        raise RuleViolation(
            "objection.long",
            N_("最多写%(count)s个字，现在有%(length)s个字。"),
            field="grounds",
            count=MAX_GROUNDS,
            length=len(text),
        )
    return written(text, "grounds")


def decide_due(kind: ObjectionKind, filed_on: date, calendar: Calendar) -> date:
    """The day by which it is decided: 5 working days for an objection, 30 days for an appeal (教师法 39)."""
    known = calendar.open_ended()
    if kind is ObjectionKind.OBJECTION:
        return known.due_in_working_days(filed_on, DECIDE_WORKING_DAYS)
    return known.due_in_days(filed_on, APPEAL_DAYS)


class Hand(StrEnum):
    """What hand somebody had in what is under review."""

    OWN = "own"
    FROZE = "froze"
    VERIFIED = "verified"
    PUBLISHED = "published"
    FINDING = "finding"


_REFUSALS: Mapping[Hand, str] = {
    Hand.OWN: N_("这是您本人的得分，须由其他人办理。"),
    Hand.FROZE: N_("您冻结了这个榜单，须由其他人办理。"),
    Hand.VERIFIED: N_("您复核了这个榜单，须由其他人办理。"),
    Hand.PUBLISHED: N_("您发布了这个榜单，须由其他人办理。"),
    Hand.FINDING: N_("您参与了对这位教师的认定，须由其他人办理。"),
}


def check_reviewer(actor: Actor, teacher_id: int, hands: Mapping[Hand, frozenset[int]]) -> None:
    """Refuse whoever had a hand in what is under review, with what it was (domain.md §1.5: 回避).

    Args: teacher_id: who filed it; hands: account ids of each hand. Raises: RuleViolation ``objection.<hand>``.
    """
    if actor.teacher_id is not None and actor.teacher_id == teacher_id:
        raise RuleViolation(f"objection.{Hand.OWN}", _REFUSALS[Hand.OWN])
    for hand in Hand:
        if actor.id is not None and actor.id in hands.get(hand, frozenset()):
            raise RuleViolation(f"objection.{hand}", _REFUSALS[hand])


def check_open(status: str) -> None:
    """Refuse to touch what has ended. Raises: RuleViolation ``objection.ended``."""
    if status != ObjectionStatus.OPEN:
        raise RuleViolation("objection.ended", N_("这件异议或申诉已经办结。"))


class Reminder(StrEnum):
    """What reviewers are reminded of."""

    NEAR = "near"
    OVERDUE = "overdue"


def reminder_due(filed_on: date, due_on: date, today: date) -> Reminder | None:
    """The reminder whose day has come: 80 % of the time has passed, or all of it."""
    if today > due_on:
        return Reminder.OVERDUE
    return Reminder.NEAR if warn_on(filed_on, due_on) <= today else None
