"""The teacher's own remedies against a finding: 复核, then 申诉; apart from the complainant's 复查 and 复核.

Source: domain.md §1.5 (申诉规定: 30 days to ask, 30 and 60 (+30) days to decide, execution not stayed, no aggravation),
§7.5 (``sanction_reconsideration``, ``sanction_appeal``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from ethics_eval.accounts.rules import Actor, Role
from ethics_eval.complaints.rules.finding import FindingDraft, check_decision
from ethics_eval.complaints.rules.machine import BURDENING, Desk, plain_name
from ethics_eval.roster.rules.calendar import CITY_TIME, Calendar
from ethics_eval.text import N_, RuleViolation


class RemedyKind(StrEnum):
    """复核 goes to the body that decided, 申诉 one level up."""

    RECONSIDERATION = "reconsideration"
    APPEAL = "appeal"


REMEDY_LABELS: Mapping[RemedyKind, str] = {
    RemedyKind.RECONSIDERATION: N_("复核"),
    RemedyKind.APPEAL: N_("申诉"),
}


class RemedyResult(StrEnum):
    """How a remedy ended: never heavier."""

    UPHELD = "upheld"
    VARIED = "varied"
    REVOKED = "revoked"


REMEDY_RESULT_LABELS: Mapping[RemedyResult, str] = {
    RemedyResult.UPHELD: N_("维持"),
    RemedyResult.VARIED: N_("变更（减轻）"),
    RemedyResult.REVOKED: N_("撤销"),
}


class TrackEvent(StrEnum):
    """Events of the teacher's own track: they move the case nowhere."""

    MEASURE_DECIDE = "measure_decide"
    MEASURE_EXTEND = "measure_extend"
    MEASURE_LIFT = "measure_lift"
    MEASURE_FILE = "measure_file"
    MEASURE_REVOKE = "measure_revoke"
    REMEDY_ASK = "remedy_ask"
    REMEDY_EXTEND = "remedy_extend"
    REMEDY_DECIDE = "remedy_decide"
    CLEARANCE_OFFER = "clearance_offer"
    CLEARANCE_ANSWER = "clearance_answer"
    CLEARANCE_ISSUE = "clearance_issue"


TRACK_LABELS: Mapping[TrackEvent, str] = {
    TrackEvent.MEASURE_DECIDE: N_("作出处理"),
    TrackEvent.MEASURE_EXTEND: N_("延长处理期限"),
    TrackEvent.MEASURE_LIFT: N_("解除处理"),
    TrackEvent.MEASURE_FILE: N_("处理已备案"),
    TrackEvent.MEASURE_REVOKE: N_("撤销处理"),
    TrackEvent.REMEDY_ASK: N_("教师申请复核或申诉"),
    TrackEvent.REMEDY_EXTEND: N_("延长申诉办理期限"),
    TrackEvent.REMEDY_DECIDE: N_("作出复核或申诉决定"),
    TrackEvent.CLEARANCE_OFFER: N_("拟写澄清正名"),
    TrackEvent.CLEARANCE_ANSWER: N_("教师答复澄清正名"),
    TrackEvent.CLEARANCE_ISSUE: N_("发出澄清正名"),
}

ASK_DAYS = 30
DECIDE_DAYS: Mapping[RemedyKind, int] = {RemedyKind.RECONSIDERATION: 30, RemedyKind.APPEAL: 60}
EXTENSION_DAYS = 30


@dataclass(frozen=True)
class RemedyFacts:
    """What was asked so far on a finding. ``window_ends_on``: the last day for 复核; results None while open."""

    window_ends_on: date | None
    reconsidered: bool = False
    reconsideration_result: RemedyResult | None = None
    reconsidered_on: date | None = None
    appealed: bool = False
    appeal_result: RemedyResult | None = None
    revoked: bool = False


def ask_ends(told_on: date, calendar: Calendar) -> date:
    """The last day on which a remedy can be asked for against what was told that day."""
    return calendar.open_ended().due_in_days(told_on, ASK_DAYS)


def decide_due(kind: RemedyKind, asked_on: date, calendar: Calendar, *, extended: bool = False) -> date:
    """The day by which a remedy is decided; an extension counts from the unrolled end (domain.md §7.7, 2)."""
    days = DECIDE_DAYS[kind] + (EXTENSION_DAYS if extended else 0)
    return calendar.open_ended().due_in_days(asked_on, days)


def effective_after(day: date) -> datetime:
    """The instant from which a finding counts: the beginning of the day after, in the city."""
    return datetime.combine(day + timedelta(days=1), time.min, CITY_TIME)


def next_kind(facts: RemedyFacts) -> RemedyKind | None:
    """What the teacher could ask for next; None: both were asked, one is open, or the finding is gone."""
    if facts.revoked or facts.window_ends_on is None or facts.appealed:
        return None
    if not facts.reconsidered:
        return RemedyKind.RECONSIDERATION
    if facts.reconsideration_result in {RemedyResult.UPHELD, RemedyResult.VARIED}:
        return RemedyKind.APPEAL
    return None


def last_day(facts: RemedyFacts, calendar: Calendar) -> date | None:
    """The last day on which :func:`next_kind` can be asked for; None: nothing can."""
    match next_kind(facts):
        case RemedyKind.RECONSIDERATION:
            return facts.window_ends_on
        case RemedyKind.APPEAL if facts.reconsidered_on is not None:
            return ask_ends(facts.reconsidered_on, calendar)
        case _:
            return None


def check_ask(kind: RemedyKind, facts: RemedyFacts, today: date, calendar: Calendar) -> None:
    """Refuse what is out of turn, or late, with the day on which it ended. Raises: RuleViolation."""
    if next_kind(facts) is not kind:
        raise RuleViolation("remedy.out_of_turn", N_("现在不能提出这项申请。"))
    ends = last_day(facts, calendar)
    if ends is None or today > ends:
        raise RuleViolation(
            "remedy.late",
            N_("申请期限已于%(day)s届满。"),
            field="grounds",
            day=ends.isoformat() if ends else "",
        )


def reviewing_desk(kind: RemedyKind, decided_at: Desk) -> Desk | None:
    """Who decides a remedy; None: the level above the city, whose decision the city bureau writes down."""
    if kind is RemedyKind.RECONSIDERATION:
        return decided_at
    return Desk.CITY if decided_at is not Desk.CITY else None


_HOME: Mapping[Role, Desk] = {
    Role.SCHOOL_OFFICER: Desk.SCHOOL,
    Role.SCHOOL_HEAD: Desk.SCHOOL,
    Role.DISTRICT_OFFICER: Desk.DISTRICT,
    Role.BUREAU_OFFICER: Desk.CITY,
    Role.BUREAU_HEAD: Desk.CITY,
}


def home_desk(role: Role | None) -> Desk | None:
    """The level for which a role acts; None: it decides nothing on teachers."""
    return None if role is None else _HOME.get(role)


@dataclass(frozen=True)
class Involved:
    """Who had a hand in what is under review: they do not review it."""

    ids: frozenset[int]
    names: frozenset[str] = frozenset()


def check_reviewer(actor: Actor, kind: RemedyKind, decided_at: Desk, involved: Involved) -> None:
    """Refuse another level, and whoever investigated, proposed or decided before. Raises: RuleViolation."""
    if home_desk(actor.role) is not (reviewing_desk(kind, decided_at) or Desk.CITY):
        raise RuleViolation("remedy.other_desk", N_("这项申请不在您这一级办理。"))
    names = {plain_name(name) for name in involved.names}
    if actor.id in involved.ids or plain_name(actor.display_name) in names:
        raise RuleViolation("remedy.involved", N_("您参与了此案的调查、认定、处理或复核，须由其他人办理。"))


def check_variation(standing: FindingDraft, varied: FindingDraft) -> int:
    """The points of a varied finding: the same facts, nothing heavier, something milder (§1.5: no aggravation).

    Raises: RuleViolation: heavier, unchanged, another category, or no burden left (then it is revoked instead).
    """
    if varied.outcome not in BURDENING:
        raise RuleViolation("remedy.revoke_instead", N_("不再认定属实的，请选择“撤销”。"), field="outcome")
    if varied.category != standing.category:
        raise RuleViolation("remedy.category", N_("变更不能改为其他类别。"), field="category")
    points = check_decision(standing, varied, heard=True)
    if replace(varied, grounds=standing.grounds) == standing:
        raise RuleViolation(
            "remedy.unchanged", N_("变更须减轻至少一项；没有减轻的，请选择“维持”。"), field="severity"
        )
    return points
