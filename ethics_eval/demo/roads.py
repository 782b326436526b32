"""The roads a complaint takes in the demonstration, as the actions of the case machine in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from ethics_eval.complaints.rules.machine import (
    BURDENING,
    TRANSITIONS,
    CaseAction,
    CaseStatus,
    Desk,
    Outcome,
)

A, S = CaseAction, CaseStatus


class Road(StrEnum):
    """Who does what: at the school, handed down to it, by the district, by the city, and turns on the way."""

    SCHOOL = "school"
    HANDED = "handed"
    SENT_BACK = "sent_back"
    OBJECTED = "objected"
    RECUSED = "recused"
    DISTRICT = "district"
    CITY = "city"
    CITY_DOWN = "city_down"
    MATTER = "matter"
    DECLINED = "declined"
    TRANSFERRED = "transferred"


_TAKEN_IN = (A.REGISTER, A.ACCEPT)
_WORK = (A.START, A.INVESTIGATE, A.PROPOSE)
_BEFORE_DECISION: Mapping[Road, Sequence[CaseAction]] = {
    Road.SCHOOL: (*_TAKEN_IN, *_WORK),
    Road.HANDED: (*_TAKEN_IN, A.ASSIGN, *_WORK),
    Road.SENT_BACK: (*_TAKEN_IN, *_WORK, A.SEND_BACK, A.INVESTIGATE, A.PROPOSE),
    Road.OBJECTED: (*_TAKEN_IN, A.ASSIGN, A.OBJECT, *_WORK),
    Road.RECUSED: (*_TAKEN_IN, A.START, A.INVESTIGATE, A.RECUSE, *_WORK),
    Road.DISTRICT: (*_TAKEN_IN, A.ASSIGN, *_WORK),
    Road.CITY: (*_TAKEN_IN, *_WORK),
    Road.CITY_DOWN: (*_TAKEN_IN, A.ASSIGN, *_WORK),
}
_WHOLE: Mapping[Road, Sequence[CaseAction]] = {
    Road.MATTER: (*_TAKEN_IN, A.ASSIGN, A.ANSWER, A.CLOSE),
    Road.DECLINED: (A.REGISTER, A.DECLINE),
    Road.TRANSFERRED: (A.REGISTER, A.TRANSFER),
}
# Where an assigned case goes.
ASSIGNED_TO: Mapping[Road, Desk] = {
    Road.HANDED: Desk.SCHOOL,
    Road.OBJECTED: Desk.SCHOOL,
    Road.MATTER: Desk.SCHOOL,
    Road.DISTRICT: Desk.DISTRICT,
    Road.CITY_DOWN: Desk.DISTRICT,
}


def actions(road: Road, outcome: Outcome, until: CaseStatus, *, stated: bool = True) -> list[CaseAction]:
    """The actions that lead a case along a road to the last time it has the status ``until``.

    Args: stated: whether the teacher's statement is recorded where the road ends in the hearing.
    Raises: ValueError: the road never comes there.
    """
    if road in _WHOLE:
        whole = list(_WHOLE[road])
    else:
        heard = (A.NOTIFY, A.STATE) if outcome in BURDENING else ()
        whole = [*_BEFORE_DECISION[road], *heard, A.DECIDE, A.REPLY, A.CLOSE]
    status = S.SUBMITTED
    length = 0 if until is status else None
    for number, action in enumerate(whole, 1):
        to = TRANSITIONS[status, action].to
        status = to if isinstance(to, CaseStatus) else status
        if status is until and (action is not A.STATE or stated):
            length = number
    if length is None:
        raise ValueError(f"{road} never comes to {until}")
    return whole[:length]
