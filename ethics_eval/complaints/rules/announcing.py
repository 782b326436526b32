"""Who hears at once of what happens to a case: the desk it lies at, those who decide, the teacher in person.

A notice says only what kind of thing happened. It never goes where the case may not be seen (rules.reminding).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from ethics_eval.accounts.rules import Role
from ethics_eval.complaints.rules.machine import Desk
from ethics_eval.complaints.rules.reminding import BUREAU, HEADS, OFFICERS, Clock, Standing, hearing_desk
from ethics_eval.text import N_


class Kind(StrEnum):
    """What somebody is told about a case."""

    CASE_NEW = "case.new"
    CASE_ASSIGNED = "case.assigned"
    CASE_OWNED = "case.owned"
    CASE_RETURNED = "case.returned"
    CASE_PROPOSED = "case.proposed"
    CASE_STATED = "case.stated"
    CASE_DECIDED = "case.decided"
    CASE_WITHDRAWN = "case.withdrawn"
    CASE_SUPERVISED = "case.supervised"
    MESSAGE_NEW = "message.new"
    EVIDENCE_NEW = "evidence.new"
    REVIEW_ASKED = "review.asked"
    DISPUTE_OPENED = "dispute.opened"
    REMEDY_ASKED = "remedy.asked"
    HEARING_ASKED = "hearing.asked"
    IDENTITY_ASKED = "identity.asked"
    IDENTITY_AUTHORISED = "identity.authorised"
    IDENTITY_ANSWERED = "identity.answered"
    HEARING_NOTIFIED = "hearing.notified"
    FINDING_DECIDED = "finding.decided"
    REMEDY_DECIDED = "remedy.decided"
    MEASURE_CHANGED = "measure.changed"
    CLEARANCE_OFFERED = "clearance.offered"
    CLEARANCE_ANSWERED = "clearance.answered"


KIND_LABELS: Mapping[str, str] = {
    Kind.CASE_NEW: N_("收到一件新投诉"),
    Kind.CASE_ASSIGNED: N_("一件案件交给您这里办理"),
    Kind.CASE_OWNED: N_("您成为一件案件的经办人"),
    Kind.CASE_RETURNED: N_("一件案件被退回，需要补充调查"),
    Kind.CASE_PROPOSED: N_("一件案件已拟定认定，等待审定"),
    Kind.CASE_STATED: N_("教师已经陈述申辩，请审阅"),
    Kind.CASE_DECIDED: N_("一件案件已作出认定，请答复投诉人"),
    Kind.CASE_WITHDRAWN: N_("投诉人撤回了一件投诉"),
    Kind.CASE_SUPERVISED: N_("一件案件被上级督办，请抓紧办理"),
    Kind.MESSAGE_NEW: N_("投诉人有新的留言"),
    Kind.EVIDENCE_NEW: N_("投诉人补充了材料"),
    Kind.REVIEW_ASKED: N_("投诉人请求复查或复核"),
    Kind.DISPUTE_OPENED: N_("投诉人对答复有异议"),
    Kind.REMEDY_ASKED: N_("教师申请复核或提出申诉"),
    Kind.HEARING_ASKED: N_("教师要求听证"),
    Kind.IDENTITY_ASKED: N_("有人申请查看封存的身份，请审查"),
    Kind.IDENTITY_AUTHORISED: N_("一项查看身份的申请等待您批准"),
    Kind.IDENTITY_ANSWERED: N_("您查看身份的申请已有答复"),
    Kind.HEARING_NOTIFIED: N_("您有一件事项需要陈述申辩，期限为5个工作日"),
    Kind.FINDING_DECIDED: N_("与您有关的一件案件已作出认定"),
    Kind.REMEDY_DECIDED: N_("您的复核或申诉已有结果"),
    Kind.MEASURE_CHANGED: N_("与您有关的一项处理有变化"),
    Kind.CLEARANCE_OFFERED: N_("有一份澄清说明请您确认是否同意发出"),
    Kind.CLEARANCE_ANSWERED: N_("教师已答复是否同意澄清"),
}

# Told to the owner alone where a case has one; to the whole desk where it has none.
FOR_OWNER = frozenset(
    {
        Kind.CASE_RETURNED,
        Kind.CASE_STATED,
        Kind.CASE_DECIDED,
        Kind.CASE_WITHDRAWN,
        Kind.MESSAGE_NEW,
        Kind.EVIDENCE_NEW,
        Kind.HEARING_ASKED,
        Kind.CLEARANCE_ANSWERED,
    }
)
# Told to the teacher in person, whose own page shows it.
FOR_TEACHER = frozenset(
    {
        Kind.HEARING_NOTIFIED,
        Kind.FINDING_DECIDED,
        Kind.REMEDY_DECIDED,
        Kind.MEASURE_CHANGED,
        Kind.CLEARANCE_OFFERED,
    }
)
# Told to one person whom the caller names.
FOR_ONE = frozenset({Kind.CASE_OWNED, Kind.IDENTITY_ANSWERED})


_OTHERS: Mapping[Kind, frozenset[Role]] = {
    Kind.IDENTITY_ASKED: frozenset({Role.CUSTODIAN}),
    Kind.IDENTITY_AUTHORISED: frozenset({Role.BUREAU_HEAD}),
}
_ABOVE = {Kind.REVIEW_ASKED: Clock.REVIEW, Kind.DISPUTE_OPENED: Clock.DISPUTE}
_DECIDERS_ONLY = frozenset({Kind.CASE_PROPOSED, Kind.REMEDY_ASKED})
_DECIDERS_TOO = frozenset({Kind.CASE_STATED, Kind.HEARING_ASKED})


def audience(kind: Kind, case: Standing) -> frozenset[Role]:
    """The roles that are told (of the case's own school and district); empty for what is told to one person."""
    if kind in FOR_TEACHER | FOR_ONE:
        return frozenset()
    if kind in _OTHERS:
        return _OTHERS[kind]
    desk = hearing_desk(case, _ABOVE.get(kind))
    deciders = BUREAU if desk is Desk.CITY else OFFICERS[Desk.DISTRICT]
    if kind in _DECIDERS_ONLY:
        return deciders
    also: frozenset[Role] = frozenset()
    if kind in _DECIDERS_TOO:
        also = deciders
    elif kind is Kind.CASE_SUPERVISED:
        also = HEADS[desk]
    elif kind is Kind.CASE_NEW and case.urgent:
        also = BUREAU
    return OFFICERS[desk] | also
