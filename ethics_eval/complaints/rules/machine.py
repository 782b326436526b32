"""The case machine as a table: (status, action) → where it leads, who may, and what must hold.

Source: domain.md §7.2 (recommended machine; 信访工作条例 arts. 22–36, 处理办法 art. 5).
A row that is not here cannot happen; the same table serves the pages, the service and the tests. Most rows lead to
one status; where it depends on the case (back to where it stood) the row holds a function of the facts instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ethics_eval.accounts.rules import PUBLIC, Actor, Permission, Role, Scope, scope_of
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

# The handlers are at work on it, and nothing is decided; in this order.
WORKING = (
    CaseStatus.SUBMITTED,
    CaseStatus.REGISTERED,
    CaseStatus.ACCEPTED,
    CaseStatus.ASSIGNED,
    CaseStatus.INVESTIGATING,
    CaseStatus.FINDING_DRAFT,
    CaseStatus.HEARING,
)

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


_LEVELS: Mapping[Role, Desk] = {
    Role.SCHOOL_OFFICER: Desk.SCHOOL,
    Role.SCHOOL_HEAD: Desk.SCHOOL,
    Role.DISTRICT_OFFICER: Desk.DISTRICT,
    Role.BUREAU_OFFICER: Desk.CITY,
    Role.BUREAU_HEAD: Desk.CITY,
}


def level_of(role: str | None) -> Desk | None:
    """The desk at which a role works; None: at none (the public, the clock, a teacher)."""
    return _LEVELS.get(Role(role)) if role in set(Role) else None


def height(desk: Desk) -> int:
    """0 for the school, 2 for the city."""
    return list(Desk).index(desk)


def desk_above(desk: Desk) -> Desk:
    """The next desk above; above the city there is none in this house."""
    return list(Desk)[min(height(desk) + 1, len(Desk) - 1)]


class Party(StrEnum):
    """Who takes a step from outside the desks."""

    COMPLAINANT = "complainant"
    RESPONDENT = "respondent"


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
    EXTEND = "extend"
    SUSPEND = "suspend"
    RESUME = "resume"
    REFER = "refer"
    REOPEN = "reopen"
    MERGE = "merge"
    CONTINUE = "continue"
    HOLD_HEARING = "hold_hearing"
    UPHOLD = "uphold"
    QUASH = "quash"
    FINISH = "finish"
    ASK_HEARING = "ask_hearing"
    WITHDRAW = "withdraw"
    ASK_REVIEW = "ask_review"
    ASK_FINAL_REVIEW = "ask_final_review"


ACTION_LABELS: Mapping[CaseAction, str] = {
    CaseAction.REGISTER: N_("登记"),
    CaseAction.ACCEPT: N_("受理"),
    CaseAction.DECLINE: N_("决定不予受理"),
    CaseAction.TRANSFER: N_("转送其他部门"),
    CaseAction.ASSIGN: N_("交办"),
    CaseAction.OBJECT: N_("提出不属本单位办理"),
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
    CaseAction.EXTEND: N_("批准延期"),
    CaseAction.SUSPEND: N_("中止办理"),
    CaseAction.RESUME: N_("恢复办理"),
    CaseAction.REFER: N_("移送公安机关"),
    CaseAction.REOPEN: N_("重新登记"),
    CaseAction.MERGE: N_("并入另一案件"),
    CaseAction.CONTINUE: N_("依职权继续办理"),
    CaseAction.HOLD_HEARING: N_("记录听证"),
    CaseAction.UPHOLD: N_("维持原答复"),
    CaseAction.QUASH: N_("撤销原答复，重新办理"),
    CaseAction.FINISH: N_("作出复核意见"),
    CaseAction.ASK_HEARING: N_("申请听证"),
    CaseAction.WITHDRAW: N_("撤回投诉"),
    CaseAction.ASK_REVIEW: N_("请求复查"),
    CaseAction.ASK_FINAL_REVIEW: N_("请求复核"),
}


def plain_name(text: str) -> str:
    """A name as compared: width, case, blanks and middle dots do not matter."""
    return re.sub(r"[\s·•・.]", "", unicodedata.normalize("NFKC", text)).casefold()


@dataclass(frozen=True)
class CaseFacts:
    """What the rules need to know of a case, free of the database.

    ``investigator_ids``, ``investigator_names``: who ever investigated or proposed; ``handler_ids``,
    ``handler_names``: these, and who decided, replied or reviewed; ``barred_ids``, ``barred_names``: whose work was
    quashed. ``defence_open``: the teacher has neither stated nor let the time for it (5 working days) pass;
    ``objection_open``: "not mine" is still in time. ``left_at``: the last status of :data:`WORKING` it stood in.
    ``ex_officio``: the bureau goes on whatever the complainant wishes; ``standing``: complainants who have not
    withdrawn. ``declined_at``: the level that declined; ``new_facts``: the complainant wrote after that.
    ``answered_at``: the highest level that decided, replied or reviewed so far; ``review_open``: there is still
    time to ask for the next review. ``heavy_measure``: one that gives the teacher a right to a hearing.
    """

    status: CaseStatus
    desk: Desk
    school_id: int
    district_code: str
    recused: bool = False
    urgent: bool = False
    school_matter: bool = False
    investigator_ids: frozenset[int] = field(default_factory=frozenset)
    investigator_names: frozenset[str] = field(default_factory=frozenset)
    handler_ids: frozenset[int] = field(default_factory=frozenset)
    handler_names: frozenset[str] = field(default_factory=frozenset)
    barred_ids: frozenset[int] = field(default_factory=frozenset)
    barred_names: frozenset[str] = field(default_factory=frozenset)
    investigated: bool = False
    proposed_outcome: Outcome | None = None
    heavy_measure: bool = False
    hearing_asked: bool = False
    hearing_held: bool = False
    defence_open: bool = False
    respondent_account_ids: frozenset[int] = field(default_factory=frozenset)
    respondent_teacher_id: int | None = None
    objection_open: bool = True
    extended: bool = False
    reply_overdue: bool = False
    left_at: CaseStatus = CaseStatus.SUBMITTED
    ex_officio: bool = False
    standing: int = 1
    declined_at: Desk = Desk.SCHOOL
    new_facts: bool = False
    answered_at: Desk = Desk.SCHOOL
    review_round: int = 0
    review_open: bool = False
    dispute_open: bool = False
    unread: bool = False


Guard = Callable[[CaseFacts, Actor], RuleViolation | None]


def _investigated(case: CaseFacts, _actor: Actor) -> RuleViolation | None:
    if case.investigated:
        return None
    return RuleViolation("case.not_investigated", N_("请先记录调查情况，再拟定认定。"))


def _teacher_conduct(case: CaseFacts, _actor: Actor) -> RuleViolation | None:
    if not case.school_matter:
        return None
    return RuleViolation("case.school_matter", N_("这是学校事务，不能对教师作出认定。"))


def _school_matter(case: CaseFacts, _actor: Actor) -> RuleViolation | None:
    if case.school_matter:
        return None
    return RuleViolation("case.teacher_conduct", N_("涉及教师行为的投诉须经调查认定，不能直接答复。"))


def _burdening(case: CaseFacts, _actor: Actor) -> RuleViolation | None:
    if case.proposed_outcome in BURDENING:
        return None
    return RuleViolation("case.nothing_to_defend", N_("拟认定对教师没有不利，无须告知陈述申辩。"))


def _defence_heard(case: CaseFacts, _actor: Actor) -> RuleViolation | None:
    if not case.defence_open:
        return None
    return RuleViolation("case.defence_open", N_("教师尚未陈述申辩，且5个工作日的期限未满，不能认定。"))


def _no_burden(case: CaseFacts, _actor: Actor) -> RuleViolation | None:
    if case.proposed_outcome is not None and case.proposed_outcome not in BURDENING:
        return None
    return RuleViolation("case.defence_missing", N_("拟认定属实或部分属实的，须先告知教师并听取陈述申辩。"))


def _second_person(case: CaseFacts, actor: Actor) -> RuleViolation | None:
    if not _among(actor, case.investigator_ids, case.investigator_names):
        return None
    return RuleViolation("case.decider_investigated", N_("您参与了调查或拟定，认定须由其他人作出。"))


def _not_by_investigator(case: CaseFacts, actor: Actor) -> RuleViolation | None:
    if not _among(actor, case.investigator_ids, case.investigator_names):
        return None
    return RuleViolation("case.investigator_approves", N_("您参与了调查或拟定，此事须由其他人批准或主持。"))


def _new_hands(case: CaseFacts, actor: Actor) -> RuleViolation | None:
    if not _among(actor, case.barred_ids, case.barred_names):
        return None
    return RuleViolation("case.earlier_hands", N_("原答复已被撤销，重新办理须由未经办过的人进行。"))


def _reviewer(case: CaseFacts, actor: Actor) -> RuleViolation | None:
    # What the city itself answered is reviewed by the province; the bureau's head records its result.
    recorded = case.answered_at is Desk.CITY and actor.role is Role.BUREAU_HEAD
    if recorded or not _among(actor, case.handler_ids, case.handler_names):
        return None
    return RuleViolation("case.reviews_own_work", N_("您经办过这个案件，复查、复核须由其他人办理。"))


def _among(actor: Actor, ids: frozenset[int], names: frozenset[str]) -> bool:
    return actor.id in ids or plain_name(actor.display_name) in {plain_name(name) for name in names}


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


def _urgent_to_police(case: CaseFacts, _actor: Actor) -> RuleViolation | None:
    if case.urgent:
        return None
    return RuleViolation("case.not_registered", N_("请先登记；只有紧急案件可以不经登记直接移送公安机关。"))


def _extendable(case: CaseFacts, _actor: Actor) -> RuleViolation | None:
    if case.extended:
        return RuleViolation("case.extended", N_("每件只能延期一次，这件已经延期。"))
    if case.reply_overdue:
        return RuleViolation("case.extension_late", N_("答复期限已过，不能再延期。"))
    return None


def _reopenable(case: CaseFacts, actor: Actor) -> RuleViolation | None:
    level = level_of(actor.role)
    if case.new_facts or (level is not None and height(level) > height(case.declined_at)):
        return None
    return RuleViolation("case.no_new_facts", N_("投诉人补充新的情况后，或者由上级决定，才能重新登记。"))


def _heavy(case: CaseFacts, _actor: Actor) -> RuleViolation | None:
    if not case.heavy_measure:
        return RuleViolation("hearing.light", N_("拟给予降低岗位等级及以上处理的，才可以申请听证。"))
    if case.hearing_asked:
        return RuleViolation("hearing.asked", N_("已经申请过听证。"))
    return None


def _hearing_due(case: CaseFacts, _actor: Actor) -> RuleViolation | None:
    if case.hearing_asked and not case.hearing_held:
        return None
    return RuleViolation("hearing.none", N_("没有等待举行的听证。"))


def _hearing_held(case: CaseFacts, _actor: Actor) -> RuleViolation | None:
    if case.hearing_held or not case.hearing_asked:
        return None
    return RuleViolation("hearing.owed", N_("教师已申请听证，举行听证之前不能认定。"))


def _review_in_time(case: CaseFacts, _actor: Actor) -> RuleViolation | None:
    if case.review_open:
        return None
    return RuleViolation("review.late", N_("须在收到答复或复查意见之日起30日内提出，现在已经过期。"))


def _round(number: int) -> Guard:
    def guard(case: CaseFacts, _actor: Actor) -> RuleViolation | None:
        if case.review_round == number:
            return None
        return RuleViolation("review.round", N_("复查只有一次；对复查意见不服的，请求复核。"))

    return guard


def _nothing_open(case: CaseFacts, _actor: Actor) -> RuleViolation | None:
    if case.dispute_open:
        return RuleViolation("case.dispute_open", N_("投诉人的异议还没有答复，不能办结。"))
    if case.unread:
        return RuleViolation("case.unread", N_("投诉人有留言还没有看，请先看过再办结。"))
    return None


Target = CaseStatus | Callable[[CaseFacts], CaseStatus]


def _where_it_stood(case: CaseFacts) -> CaseStatus:
    return case.left_at


def _at_work_again(case: CaseFacts) -> CaseStatus:
    # A draft falls with the withdrawal: what was found out is looked at afresh.
    return min(case.left_at, CaseStatus.INVESTIGATING, key=WORKING.index)


def _withdrawn(case: CaseFacts) -> CaseStatus:
    return case.status if case.ex_officio or case.standing > 1 else CaseStatus.WITHDRAWN


def _redone(case: CaseFacts) -> CaseStatus:
    return CaseStatus.ACCEPTED if case.school_matter else CaseStatus.INVESTIGATING


@dataclass(frozen=True)
class Transition:
    """One row of the machine: by permission at a desk, or by a party of the case.

    ``any_desk``: may be done from above the desk where the case lies too.
    """

    to: Target
    permission: Permission | None
    guards: tuple[Guard, ...] = ()
    any_desk: bool = False
    party: Party | None = None

    def target(self, case: CaseFacts) -> CaseStatus:
        """The status this row leads to from here."""
        return self.to if isinstance(self.to, CaseStatus) else self.to(case)


S, A, P = CaseStatus, CaseAction, Permission
_CLOCKED = (S.ACCEPTED, S.ASSIGNED, S.INVESTIGATING, S.FINDING_DRAFT, S.HEARING)
_REFERABLE = (*WORKING, S.SUSPENDED, S.DECIDED, S.REPLIED, S.CLOSED, S.REVIEW, S.FINAL_REVIEW, S.WITHDRAWN)

TRANSITIONS: Mapping[tuple[CaseStatus, CaseAction], Transition] = {
    (S.SUBMITTED, A.RECUSE): Transition(S.SUBMITTED, P.CASE_RECUSE, (_at_school,), any_desk=True),
    (S.REGISTERED, A.RECUSE): Transition(S.REGISTERED, P.CASE_RECUSE, (_at_school,), any_desk=True),
    (S.SUBMITTED, A.REGISTER): Transition(S.REGISTERED, P.CASE_REGISTER, any_desk=True),
    (S.SUBMITTED, A.TRANSFER): Transition(
        S.TRANSFERRED, P.CASE_TRANSFER, (_urgent_to_police,), any_desk=True
    ),
    (S.REGISTERED, A.ACCEPT): Transition(S.ACCEPTED, P.CASE_ACCEPT, any_desk=True),
    (S.REGISTERED, A.DECLINE): Transition(S.DECLINED, P.CASE_DECLINE, any_desk=True),
    (S.REGISTERED, A.TRANSFER): Transition(S.TRANSFERRED, P.CASE_TRANSFER, any_desk=True),
    (S.DECLINED, A.REOPEN): Transition(S.REGISTERED, P.CASE_REOPEN, (_reopenable,), any_desk=True),
    (S.TRANSFERRED, A.REOPEN): Transition(S.REGISTERED, P.CASE_REOPEN, any_desk=True),
    (S.ACCEPTED, A.ASSIGN): Transition(S.ASSIGNED, P.CASE_ASSIGN, any_desk=True),
    (S.ASSIGNED, A.ASSIGN): Transition(S.ASSIGNED, P.CASE_ASSIGN, any_desk=True),
    (S.INVESTIGATING, A.ASSIGN): Transition(S.ASSIGNED, P.CASE_ASSIGN, any_desk=True),
    (S.ACCEPTED, A.START): Transition(S.INVESTIGATING, P.CASE_INVESTIGATE, (_teacher_conduct, _new_hands)),
    (S.ACCEPTED, A.ANSWER): Transition(S.REPLIED, P.CASE_REPLY, (_school_matter, _new_hands)),
    (S.ASSIGNED, A.OBJECT): Transition(S.ACCEPTED, P.CASE_OBJECT, (_objection_in_time,)),
    (S.ASSIGNED, A.START): Transition(S.INVESTIGATING, P.CASE_INVESTIGATE, (_teacher_conduct, _new_hands)),
    (S.ASSIGNED, A.ANSWER): Transition(S.REPLIED, P.CASE_REPLY, (_school_matter, _new_hands)),
    **{
        (status, A.RECUSE): Transition(S.ACCEPTED, P.CASE_RECUSE, (_at_school,), any_desk=True)
        for status in _CLOCKED
    },
    (S.INVESTIGATING, A.INVESTIGATE): Transition(S.INVESTIGATING, P.CASE_INVESTIGATE, (_new_hands,)),
    (S.INVESTIGATING, A.PROPOSE): Transition(
        S.FINDING_DRAFT, P.CASE_PROPOSE, (_teacher_conduct, _investigated, _new_hands)
    ),
    (S.FINDING_DRAFT, A.NOTIFY): Transition(S.HEARING, P.CASE_HEAR, (_burdening,), any_desk=True),
    (S.FINDING_DRAFT, A.SEND_BACK): Transition(S.INVESTIGATING, P.CASE_SEND_BACK, any_desk=True),
    (S.FINDING_DRAFT, A.DECIDE): Transition(
        S.DECIDED, P.CASE_DECIDE, (_no_burden, _second_person, _new_hands, _city_for_malice), any_desk=True
    ),
    (S.HEARING, A.STATE): Transition(S.HEARING, P.CASE_HEAR, any_desk=True, party=Party.RESPONDENT),
    (S.HEARING, A.ASK_HEARING): Transition(
        S.HEARING, P.CASE_HEAR, (_heavy,), any_desk=True, party=Party.RESPONDENT
    ),
    (S.HEARING, A.HOLD_HEARING): Transition(
        S.HEARING, P.CASE_HEAR, (_hearing_due, _not_by_investigator), any_desk=True
    ),
    (S.HEARING, A.SEND_BACK): Transition(S.INVESTIGATING, P.CASE_SEND_BACK, any_desk=True),
    (S.HEARING, A.DECIDE): Transition(
        S.DECIDED,
        P.CASE_DECIDE,
        (_defence_heard, _hearing_held, _second_person, _new_hands, _city_for_malice),
        any_desk=True,
    ),
    (S.DECIDED, A.REPLY): Transition(S.REPLIED, P.CASE_REPLY, any_desk=True),
    (S.REPLIED, A.CLOSE): Transition(S.CLOSED, P.CASE_CLOSE, (_nothing_open,), any_desk=True),
    **{
        (status, A.EXTEND): Transition(
            status, P.CASE_EXTEND, (_extendable, _not_by_investigator), any_desk=True
        )
        for status in _CLOCKED
    },
    **{
        (status, A.SUSPEND): Transition(S.SUSPENDED, P.CASE_SUSPEND, (_not_by_investigator,), any_desk=True)
        for status in _CLOCKED
    },
    (S.SUSPENDED, A.RESUME): Transition(_where_it_stood, P.CASE_SUSPEND, any_desk=True),
    **{(status, A.REFER): Transition(status, P.CASE_REFER, any_desk=True) for status in _REFERABLE},
    **{(status, A.MERGE): Transition(S.MERGED, P.CASE_MERGE, any_desk=True) for status in WORKING},
    **{
        (status, A.WITHDRAW): Transition(_withdrawn, None, party=Party.COMPLAINANT)
        for status in (*WORKING, S.SUSPENDED)
    },
    (S.WITHDRAWN, A.CONTINUE): Transition(_at_work_again, P.CASE_REOPEN, any_desk=True),
    **{
        (status, A.ASK_REVIEW): Transition(
            S.REVIEW, None, (_round(0), _review_in_time), party=Party.COMPLAINANT
        )
        for status in (S.REPLIED, S.CLOSED)
    },
    **{
        (status, A.ASK_FINAL_REVIEW): Transition(
            S.FINAL_REVIEW, None, (_round(1), _review_in_time), party=Party.COMPLAINANT
        )
        for status in (S.REPLIED, S.CLOSED)
    },
    (S.REVIEW, A.UPHOLD): Transition(S.REPLIED, P.CASE_REVIEW, (_reviewer,)),
    (S.FINAL_REVIEW, A.FINISH): Transition(S.FINAL, P.CASE_REVIEW, (_reviewer,)),
    (S.REVIEW, A.QUASH): Transition(_redone, P.CASE_REVIEW, (_reviewer,)),
    (S.FINAL_REVIEW, A.QUASH): Transition(_redone, P.CASE_REVIEW, (_reviewer,)),
}

_HOME: Mapping[Desk, frozenset[Role]] = {
    Desk.SCHOOL: frozenset({Role.SCHOOL_OFFICER, Role.SCHOOL_HEAD}),
    Desk.DISTRICT: frozenset({Role.DISTRICT_OFFICER}),
    Desk.CITY: frozenset({Role.BUREAU_OFFICER, Role.BUREAU_HEAD}),
}


def _works_at(actor: Actor, desk: Desk, *, or_above: bool) -> bool:
    desks = list(Desk)
    return any(actor.role in _HOME[there] for there in (desks[desks.index(desk) :] if or_above else [desk]))


def within(actor: Actor, permission: Permission, case: CaseFacts) -> bool:
    """Whether the case lies in the actor's scope for this permission.

    The school sees what lies at its own desk, so a recused or urgent case never; one who is complained about sees no
    case of this kind, whatever the role.
    """
    if actor.id is not None and actor.id in case.respondent_account_ids:
        return False
    match scope_of(actor, permission):
        case Scope.OWN_SCHOOL:
            at_school = case.desk is Desk.SCHOOL and not case.recused and not case.urgent
            return actor.school_id == case.school_id and at_school
        case Scope.OWN_DISTRICT:
            return actor.district_code == case.district_code
        case Scope.CITY:
            return True
        case _:
            return False


def is_party(actor: Actor, party: Party | None, case: CaseFacts) -> bool:
    """Whether the actor is this party of the case: whoever holds the query code, or the teacher who was told."""
    if party is Party.COMPLAINANT:
        return actor == PUBLIC
    return (
        party is Party.RESPONDENT
        and actor.teacher_id is not None
        and actor.teacher_id == case.respondent_teacher_id
        and scope_of(actor, Permission.STATEMENT_WRITE) is Scope.OWN_PERSON
    )


def _reaches(row: Transition, actor: Actor, case: CaseFacts) -> bool:
    if is_party(actor, row.party, case):
        return True
    return row.permission is not None and within(actor, row.permission, case)


def refusal(case: CaseFacts, action: CaseAction, actor: Actor) -> RuleViolation | None:
    """Why the actor may not do this now; None: allowed."""
    row = TRANSITIONS.get((case.status, action))
    if row is None:
        return RuleViolation("case.wrong_status", N_("案件目前的状态不能办理此事。"))
    if not _reaches(row, actor, case):
        return RuleViolation("permission.denied", N_("您没有办理此事的权限。"))
    if not is_party(actor, row.party, case) and not _works_at(actor, case.desk, or_above=row.any_desk):
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
        if status is case.status and _reaches(TRANSITIONS[status, action], actor, case):
            rows.append((action, refusal(case, action, actor)))
    return rows


def check_assignment(case: CaseFacts, desk: Desk, actor: Actor) -> None:
    """Whether the case may be handed to this desk. Raises: RuleViolation at ``desk``: the school is to have no part
    in it (recusal, urgent harm), or it is at work there already, or the actor's own desk hands it to itself.
    """
    if desk is Desk.SCHOOL and case.recused:
        raise RuleViolation("case.recused", N_("须回避学校的案件不能交学校办理。"), field="desk")
    if desk is Desk.SCHOOL and case.urgent:
        raise RuleViolation("case.urgent", N_("紧急案件由教育局办理，不能交学校。"), field="desk")
    if desk is case.desk and (case.status is not CaseStatus.ACCEPTED or desk is level_of(actor.role)):
        raise RuleViolation("case.same_desk", N_("案件已在这一级，请直接办理或交给另一级。"), field="desk")


def check_merge(case: CaseFacts, target: CaseFacts) -> None:
    """Whether a case may go into this other one. Raises: RuleViolation at ``target``.

    What the school must not see never joins what it sees, and nothing urgent is put into what is not.
    """
    refused = ""
    if target.status not in WORKING:
        refused = N_("只能并入正在办理、还没有作出认定的案件。")
    elif target.school_id != case.school_id:
        refused = N_("只能并入同一学校的案件。")
    elif target.school_matter != case.school_matter:
        refused = N_("教师行为和学校事务不能并案，可以互相关联。")
    elif case.recused != target.recused:
        refused = N_("一件须回避学校、另一件不须回避，不能并案，可以互相关联。")
    elif case.urgent and not target.urgent:
        refused = N_("紧急案件不能并入不紧急的案件，请反过来并案。")
    elif height(target.desk) < height(case.desk):
        refused = N_("只能并入同一级或者上一级办理的案件，请反过来并案。")
    if refused:
        raise RuleViolation("case.merge", refused, field="target")


def check_new_investigators(names: Iterable[str], earlier: Iterable[str]) -> None:
    """After a reply was quashed others investigate. Raises: RuleViolation at ``investigators``."""
    barred = {plain_name(name) for name in earlier}
    again = [name for name in names if plain_name(name) in barred]
    if again:
        raise RuleViolation(
            "case.earlier_investigators",
            N_("原答复已被撤销，调查人员须全部更换：%(name)s曾经办此案。"),
            field="investigators",
            name=again[0],
        )
