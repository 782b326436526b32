"""The case machine as a table: (status, action) → where it leads, who may, and what must hold.

Source: domain.md §7.2 (recommended machine; 信访工作条例 arts. 22–36, 处理办法 art. 5).
A row that is not here cannot happen; the same table serves the pages, the service and the tests.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ethics_eval.accounts.rules import Actor, Permission, Role, Scope, scope_of
from ethics_eval.text import N_, RuleViolation


class CaseStatus(StrEnum):
    """Where a case stands. Outcome and lateness are told elsewhere."""

    SUBMITTED = "submitted"
    REGISTERED = "registered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TRANSFERRED = "transferred"
    ASSIGNED = "assigned"
    INVESTIGATING = "investigating"
    FINDING_DRAFT = "finding_draft"
    HEARING = "hearing"
    DECIDED = "decided"
    REPLIED = "replied"
    CLOSED = "closed"
    SUSPENDED = "suspended"
    REVIEW = "review"
    FINAL_REVIEW = "final_review"
    FINAL = "final"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


STATUS_LABELS: Mapping[CaseStatus, str] = {
    CaseStatus.SUBMITTED: N_("已提交"),
    CaseStatus.REGISTERED: N_("已登记"),
    CaseStatus.ACCEPTED: N_("已受理"),
    CaseStatus.DECLINED: N_("不予受理"),
    CaseStatus.TRANSFERRED: N_("已转送"),
    CaseStatus.ASSIGNED: N_("已交办"),
    CaseStatus.INVESTIGATING: N_("调查中"),
    CaseStatus.FINDING_DRAFT: N_("拟认定"),
    CaseStatus.HEARING: N_("陈述申辩"),
    CaseStatus.DECIDED: N_("已认定"),
    CaseStatus.REPLIED: N_("已答复"),
    CaseStatus.CLOSED: N_("已办结"),
    CaseStatus.SUSPENDED: N_("中止"),
    CaseStatus.REVIEW: N_("复查中"),
    CaseStatus.FINAL_REVIEW: N_("复核中"),
    CaseStatus.FINAL: N_("终结"),
    CaseStatus.WITHDRAWN: N_("已撤回"),
    CaseStatus.MERGED: N_("已并案"),
}

# Nothing more is owed by the handlers in these.
ENDED = frozenset(
    {
        CaseStatus.DECLINED,
        CaseStatus.TRANSFERRED,
        CaseStatus.REPLIED,
        CaseStatus.CLOSED,
        CaseStatus.FINAL,
        CaseStatus.WITHDRAWN,
        CaseStatus.MERGED,
    }
)


class Desk(StrEnum):
    """The level at which a case lies, from below to above."""

    SCHOOL = "school"
    DISTRICT = "district"
    CITY = "city"


DESK_LABELS: Mapping[Desk, str] = {
    Desk.SCHOOL: N_("学校"),
    Desk.DISTRICT: N_("区县教育局"),
    Desk.CITY: N_("市教育局"),
}


class Outcome(StrEnum):
    """认定结论 (domain.md §7.6). Values as ranking.md writes them, since files carry them."""

    SUBSTANTIATED = "SUBSTANTIATED"
    PARTLY = "PARTLY"
    UNSUBSTANTIATED = "UNSUBSTANTIATED"
    UNVERIFIABLE = "UNVERIFIABLE"
    LAWFUL_DISCIPLINE = "LAWFUL_DISCIPLINE"
    MALICIOUS = "MALICIOUS"


OUTCOME_LABELS: Mapping[Outcome, str] = {
    Outcome.SUBSTANTIATED: N_("属实"),
    Outcome.PARTLY: N_("部分属实"),
    Outcome.UNSUBSTANTIATED: N_("不属实"),
    Outcome.UNVERIFIABLE: N_("无法查实"),
    Outcome.LAWFUL_DISCIPLINE: N_("正当惩戒"),
    Outcome.MALICIOUS: N_("诬告"),
}

BURDENING = frozenset({Outcome.SUBSTANTIATED, Outcome.PARTLY})


class CaseAction(StrEnum):
    """What can be done with a case."""

    REGISTER = "register"
    ACCEPT = "accept"
    DECLINE = "decline"
    TRANSFER = "transfer"
    ASSIGN = "assign"
    OBJECT = "object"
    START = "start"
    INVESTIGATE = "investigate"
    PROPOSE = "propose"
    NOTIFY = "notify"
    STATE = "state"
    RECUSE = "recuse"
    SEND_BACK = "send_back"
    DECIDE = "decide"
    ANSWER = "answer"
    REPLY = "reply"
    CLOSE = "close"


ACTION_LABELS: Mapping[CaseAction, str] = {
    CaseAction.REGISTER: N_("登记"),
    CaseAction.ACCEPT: N_("受理"),
    CaseAction.DECLINE: N_("决定不予受理"),
    CaseAction.TRANSFER: N_("转送其他部门"),
    CaseAction.ASSIGN: N_("交办"),
    CaseAction.OBJECT: N_("提出不属本校办理"),
    CaseAction.START: N_("开始调查"),
    CaseAction.INVESTIGATE: N_("记录调查情况"),
    CaseAction.PROPOSE: N_("拟定认定"),
    CaseAction.NOTIFY: N_("告知教师"),
    CaseAction.STATE: N_("记录陈述申辩"),
    CaseAction.RECUSE: N_("回避并移交区县教育局"),
    CaseAction.SEND_BACK: N_("退回补充调查"),
    CaseAction.DECIDE: N_("作出认定"),
    CaseAction.ANSWER: N_("答复学校事务"),
    CaseAction.REPLY: N_("答复投诉人"),
    CaseAction.CLOSE: N_("办结"),
}


def plain_name(text: str) -> str:
    """A name as compared: width, case, blanks and middle dots do not matter."""
    return re.sub(r"[\s·•・.]", "", unicodedata.normalize("NFKC", text)).casefold()


@dataclass(frozen=True)
class CaseFacts:
    """What the rules need to know of a case, free of the database.

    ``investigator_ids``, ``investigator_names``: who investigated or proposed; ``defence_open``: the teacher has
    neither stated nor let the time for it (5 working days) pass; ``objection_open``: "not mine" is still in time.
    """

    status: CaseStatus
    desk: Desk
    school_id: int
    district_code: str
    school_matter: bool = False
    investigator_ids: frozenset[int] = field(default_factory=frozenset)
    investigator_names: frozenset[str] = field(default_factory=frozenset)
    investigated: bool = False
    proposed_outcome: Outcome | None = None
    defence_open: bool = False
    respondent_account_ids: frozenset[int] = field(default_factory=frozenset)
    objection_open: bool = True


Guard = Callable[[CaseFacts, Actor], RuleViolation | None]


def _investigated(case: CaseFacts, _actor: Actor) -> RuleViolation | None:
    if case.investigated:
        return None
    return RuleViolation("case.not_investigated", N_("请先记录调查情况,再拟定认定。"))


def _teacher_conduct(case: CaseFacts, _actor: Actor) -> RuleViolation | None:
    if not case.school_matter:
        return None
    return RuleViolation("case.school_matter", N_("这是学校事务,不能对教师作出认定。"))


def _school_matter(case: CaseFacts, _actor: Actor) -> RuleViolation | None:
    if case.school_matter:
        return None
    return RuleViolation("case.teacher_conduct", N_("涉及教师行为的投诉须经调查认定,不能直接答复。"))


def _burdening(case: CaseFacts, _actor: Actor) -> RuleViolation | None:
    if case.proposed_outcome in BURDENING:
        return None
    return RuleViolation("case.nothing_to_defend", N_("拟认定对教师没有不利,无须告知陈述申辩。"))


def _defence_heard(case: CaseFacts, _actor: Actor) -> RuleViolation | None:
    if not case.defence_open:
        return None
    return RuleViolation("case.defence_open", N_("教师尚未陈述申辩,且5个工作日的期限未满,不能认定。"))


def _no_burden(case: CaseFacts, _actor: Actor) -> RuleViolation | None:
    if case.proposed_outcome is not None and case.proposed_outcome not in BURDENING:
        return None
    return RuleViolation("case.defence_missing", N_("拟认定属实或部分属实的,须先告知教师并听取陈述申辩。"))


def _second_person(case: CaseFacts, actor: Actor) -> RuleViolation | None:
    names = {plain_name(name) for name in case.investigator_names}
    if actor.id not in case.investigator_ids and plain_name(actor.display_name) not in names:
        return None
    return RuleViolation("case.decider_investigated", N_("您参与了调查或拟定,认定须由其他人作出。"))


def _city_for_malice(case: CaseFacts, actor: Actor) -> RuleViolation | None:
    if case.proposed_outcome is not Outcome.MALICIOUS or actor.role in {
        Role.BUREAU_OFFICER,
        Role.BUREAU_HEAD,
    }:
        return None
    return RuleViolation("case.malice_needs_city", N_("认定诬告须由市教育局作出。"))


def _at_school(case: CaseFacts, _actor: Actor) -> RuleViolation | None:
    if case.desk is Desk.SCHOOL:
        return None
    return RuleViolation("case.not_at_school", N_("案件已不在学校办理。"))


def _objection_in_time(case: CaseFacts, _actor: Actor) -> RuleViolation | None:
    if case.objection_open:
        return None
    return RuleViolation("case.objection_late", N_("提出异议须在交办后5个工作日内。"))


@dataclass(frozen=True)
class Transition:
    """One row of the machine. ``any_desk``: may be done from above the desk where the case lies too."""

    to: CaseStatus
    permission: Permission
    guards: tuple[Guard, ...] = ()
    any_desk: bool = False


S, A, P = CaseStatus, CaseAction, Permission

TRANSITIONS: Mapping[tuple[CaseStatus, CaseAction], Transition] = {
    (S.SUBMITTED, A.RECUSE): Transition(S.SUBMITTED, P.CASE_RECUSE, (_at_school,), any_desk=True),
    (S.REGISTERED, A.RECUSE): Transition(S.REGISTERED, P.CASE_RECUSE, (_at_school,), any_desk=True),
    (S.SUBMITTED, A.REGISTER): Transition(S.REGISTERED, P.CASE_REGISTER, any_desk=True),
    (S.REGISTERED, A.ACCEPT): Transition(S.ACCEPTED, P.CASE_ACCEPT, any_desk=True),
    (S.REGISTERED, A.DECLINE): Transition(S.DECLINED, P.CASE_DECLINE, any_desk=True),
    (S.REGISTERED, A.TRANSFER): Transition(S.TRANSFERRED, P.CASE_TRANSFER, any_desk=True),
    (S.ACCEPTED, A.ASSIGN): Transition(S.ASSIGNED, P.CASE_ASSIGN, any_desk=True),
    (S.ACCEPTED, A.START): Transition(S.INVESTIGATING, P.CASE_INVESTIGATE, (_teacher_conduct,)),
    (S.ACCEPTED, A.ANSWER): Transition(S.REPLIED, P.CASE_REPLY, (_school_matter,)),
    (S.ASSIGNED, A.OBJECT): Transition(S.ACCEPTED, P.CASE_OBJECT, (_objection_in_time,)),
    (S.ASSIGNED, A.START): Transition(S.INVESTIGATING, P.CASE_INVESTIGATE, (_teacher_conduct,)),
    (S.ASSIGNED, A.ANSWER): Transition(S.REPLIED, P.CASE_REPLY, (_school_matter,)),
    (S.ACCEPTED, A.RECUSE): Transition(S.ACCEPTED, P.CASE_RECUSE, (_at_school,), any_desk=True),
    (S.ASSIGNED, A.RECUSE): Transition(S.ACCEPTED, P.CASE_RECUSE, (_at_school,), any_desk=True),
    (S.INVESTIGATING, A.RECUSE): Transition(S.ACCEPTED, P.CASE_RECUSE, (_at_school,), any_desk=True),
    (S.INVESTIGATING, A.INVESTIGATE): Transition(S.INVESTIGATING, P.CASE_INVESTIGATE),
    (S.INVESTIGATING, A.PROPOSE): Transition(
        S.FINDING_DRAFT, P.CASE_PROPOSE, (_teacher_conduct, _investigated)
    ),
    (S.FINDING_DRAFT, A.NOTIFY): Transition(S.HEARING, P.CASE_HEAR, (_burdening,), any_desk=True),
    (S.FINDING_DRAFT, A.SEND_BACK): Transition(S.INVESTIGATING, P.CASE_SEND_BACK, any_desk=True),
    (S.FINDING_DRAFT, A.DECIDE): Transition(
        S.DECIDED, P.CASE_DECIDE, (_no_burden, _second_person, _city_for_malice), any_desk=True
    ),
    (S.HEARING, A.STATE): Transition(S.HEARING, P.CASE_HEAR, any_desk=True),
    (S.HEARING, A.SEND_BACK): Transition(S.INVESTIGATING, P.CASE_SEND_BACK, any_desk=True),
    (S.HEARING, A.DECIDE): Transition(
        S.DECIDED, P.CASE_DECIDE, (_defence_heard, _second_person, _city_for_malice), any_desk=True
    ),
    (S.DECIDED, A.REPLY): Transition(S.REPLIED, P.CASE_REPLY, any_desk=True),
    (S.REPLIED, A.CLOSE): Transition(S.CLOSED, P.CASE_CLOSE, any_desk=True),
}

_HOME: Mapping[Desk, frozenset[Role]] = {
    Desk.SCHOOL: frozenset({Role.SCHOOL_OFFICER}),
    Desk.DISTRICT: frozenset({Role.DISTRICT_OFFICER}),
    Desk.CITY: frozenset({Role.BUREAU_OFFICER, Role.BUREAU_HEAD}),
}


def _works_at(actor: Actor, desk: Desk, *, or_above: bool) -> bool:
    desks = list(Desk)
    return any(actor.role in _HOME[there] for there in (desks[desks.index(desk) :] if or_above else [desk]))


def within(actor: Actor, permission: Permission, case: CaseFacts) -> bool:
    """Whether the case lies in the actor's scope for this permission.

    The school sees what lies at its own desk, so a recused case never; one who is complained about sees no case
    of this kind, whatever the role.
    """
    if actor.id is not None and actor.id in case.respondent_account_ids:
        return False
    match scope_of(actor, permission):
        case Scope.OWN_SCHOOL:
            return actor.school_id == case.school_id and case.desk is Desk.SCHOOL
        case Scope.OWN_DISTRICT:
            return actor.district_code == case.district_code
        case Scope.CITY:
            return True
        case _:
            return False


def refusal(case: CaseFacts, action: CaseAction, actor: Actor) -> RuleViolation | None:
    """Why the actor may not do this now; None: allowed."""
    row = TRANSITIONS.get((case.status, action))
    if row is None:
        return RuleViolation("case.wrong_status", N_("案件目前的状态不能办理此事。"))
    if not within(actor, row.permission, case):
        return RuleViolation("permission.denied", N_("您没有办理此事的权限。"))
    if not _works_at(actor, case.desk, or_above=row.any_desk):
        return RuleViolation("case.other_desk", N_("案件目前不在您这一级办理。"))
    for guard in row.guards:
        violation = guard(case, actor)
        if violation is not None:
            return violation
    return None


def check(case: CaseFacts, action: CaseAction, actor: Actor) -> Transition:
    """The row to follow. Raises: RuleViolation: not from this status, not by this person, or a guard refuses."""
    violation = refusal(case, action, actor)
    if violation is not None:
        raise violation
    return TRANSITIONS[case.status, action]


def choices(case: CaseFacts, actor: Actor) -> list[tuple[CaseAction, RuleViolation | None]]:
    """The actions that start here and the actor's role can ever do, each with why not (None: allowed now)."""
    rows = []
    for status, action in TRANSITIONS:
        if status is case.status and within(actor, TRANSITIONS[status, action].permission, case):
            rows.append((action, refusal(case, action, actor)))
    return rows
