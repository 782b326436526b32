"""Telling people in the application what happened to a case: whom, by its desk and their scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from ethics_eval.accounts.notifying import News, notify
from ethics_eval.complaints.models import Case, CaseEvent
from ethics_eval.complaints.queries.finding import open_finding
from ethics_eval.complaints.queries.handlers import Directory, place_of, respondent_accounts
from ethics_eval.complaints.rules.announcing import FOR_OWNER, FOR_TEACHER, Kind, audience
from ethics_eval.complaints.rules.machine import BURDENING

# What a step of the machine means to those who go on.
_STEPS: Mapping[str, tuple[Kind, ...]] = {
    "send_back": (Kind.CASE_RETURNED,),
    "quash": (Kind.CASE_RETURNED,),
    "propose": (Kind.CASE_PROPOSED,),
    "notify": (Kind.HEARING_NOTIFIED,),
    "state": (Kind.CASE_STATED,),
    "ask_hearing": (Kind.HEARING_ASKED,),
    "decide": (Kind.CASE_DECIDED, Kind.FINDING_DECIDED),
    "withdraw": (Kind.CASE_WITHDRAWN,),
    "ask_review": (Kind.REVIEW_ASKED,),
    "ask_final_review": (Kind.REVIEW_ASKED,),
}


def announce(
    session: Session,
    case: Case,
    kind: Kind,
    at: datetime,
    *,
    by: int | None = None,
    to: Iterable[int] | None = None,
    ref: str = "",
) -> int:
    """Tell those whom it concerns; how many were told now and not before.

    Args: by: the account that did it, which needs not be told; to: the accounts, where the kind does not say whom;
    ref: what happened, by an id or a number, so that it is told once (default: the instant).
    """
    if to is not None:
        people = list(to)
    elif kind in FOR_TEACHER:
        people = respondent_accounts(session, case)
    else:
        place = place_of(case)
        directory = Directory(session, [place])
        people = directory.find(place, audience(kind, place.standing), for_owner=kind in FOR_OWNER)
    news = News(
        kind=kind.value,
        subject_kind="case",
        subject_id=case.id,
        key=f"{kind}:{case.id}:{ref or at.isoformat()}",
    )
    return notify(session, [account_id for account_id in people if account_id != by], news, at=at)


def announce_step(session: Session, case: Case, event: CaseEvent) -> None:
    """Tell what a step of the machine means to those who go on."""
    for kind in _STEPS.get(event.action, ()):
        draft = open_finding(case)
        # a burdening draft waits for the teacher first, and one never told of it is not told of its end either
        if kind is Kind.CASE_PROPOSED and draft is not None and draft.outcome in BURDENING:
            continue
        if kind is Kind.FINDING_DECIDED and case.notified_on is None:
            continue
        announce(session, case, kind, event.at, by=event.actor_id, ref=str(event.seq))
