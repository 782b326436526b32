"""The complainant's way back: the query code opens exactly one complaint, slowly and silently otherwise.

Source: security.md §1 (6 characters select, 10 verify; five misses rest a selector for 15 minutes).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from argon2.exceptions import VerifyMismatchError
from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import PUBLIC
from ethics_eval.complaints.models import Case, Complaint, QueryMiss
from ethics_eval.complaints.queries import (
    MessageView,
    complainant_choices,
    content_cipher,
    desk_of,
    due_of,
    lead_of,
    own_messages,
)
from ethics_eval.complaints.rules import clocks, query_code
from ethics_eval.complaints.rules.correspondence import (
    WordEvent,
    disclosure_choices,
    dispute_ends,
    dispute_refusal,
    rating_ends,
    rating_refusal,
)
from ethics_eval.complaints.rules.machine import CaseAction, CaseStatus
from ethics_eval.complaints.rules.submission import IdentityMode
from ethics_eval.complaints.submitting import HASHER, code_verifier
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.calendar import Calendar, local_day
from ethics_eval.text import RuleViolation
from ethics_eval.vault.service import Vault

# What the complainant is shown of a case; the rest is the handlers' own work.
PUBLIC_STEPS = frozenset(
    {
        "submit",
        CaseAction.REGISTER,
        CaseAction.ACCEPT,
        CaseAction.DECLINE,
        CaseAction.TRANSFER,
        CaseAction.ASSIGN,
        CaseAction.START,
        CaseAction.DECIDE,
        CaseAction.REPLY,
        CaseAction.ANSWER,
        CaseAction.CLOSE,
        CaseAction.EXTEND,
        CaseAction.SUSPEND,
        CaseAction.RESUME,
        CaseAction.REFER,
        CaseAction.REOPEN,
        CaseAction.MERGE,
        CaseAction.CONTINUE,
        CaseAction.WITHDRAW,
        CaseAction.ASK_REVIEW,
        CaseAction.ASK_FINAL_REVIEW,
        CaseAction.UPHOLD,
        CaseAction.QUASH,
        CaseAction.FINISH,
        WordEvent.DISPUTE,
        WordEvent.ANSWER_DISPUTE,
        WordEvent.DISCLOSE,
    }
)
# Of these each sender of a case sees the own alone.
_OWN_ONLY = frozenset({WordEvent.DISPUTE, WordEvent.ANSWER_DISPUTE, WordEvent.DISCLOSE, CaseAction.WITHDRAW})
# Answers of the case a complaint was merged into are told whenever they were given.
_ANSWERS = frozenset({CaseAction.REPLY, CaseAction.ANSWER, CaseAction.UPHOLD, CaseAction.FINISH})
_DUMMY_VERIFIER = HASHER.hash("no complaint has this verifier")


def open_by_code(session: Session, vault: Vault, typed: str, *, at: datetime) -> Complaint | None:
    """The complaint of a typed code; None: wrong, unknown or resting — the same answer and the same time for all.

    Writes the count of misses, so it runs in a transaction.
    """
    code = query_code.normalise(typed)
    selector = (code or "")[: query_code.SELECTOR]
    complaint = session.scalars(select(Complaint).where(Complaint.selector == selector)).first()
    attempt = Attempt(session, vault, selector, at)
    verifier = complaint.verifier if complaint else _DUMMY_VERIFIER
    try:
        HASHER.verify(verifier, code_verifier(vault, code or ""))
    except VerifyMismatchError:
        complaint = None
    if complaint is not None and not attempt.is_resting:
        attempt.hit()
        return complaint
    if code is not None:
        attempt.missed()
    return None


class Attempt:
    """A try at a selector, whether it exists or not: five misses within 15 minutes rest it for 15 more."""

    def __init__(self, session: Session, vault: Vault, selector: str, at: datetime) -> None:
        self._session, self._at = session, at
        self._hash = vault.digest("query-selector", selector)
        self._miss = session.get(QueryMiss, self._hash, with_for_update=True)

    @property
    def is_resting(self) -> bool:
        """Whether even the right code is refused for now."""
        rest_until = self._miss.rest_until if self._miss else None
        return rest_until is not None and rest_until > self._at

    def hit(self) -> None:
        """The code was right: the misses are forgotten."""
        if self._miss is not None:
            self._session.delete(self._miss)

    def missed(self) -> None:
        """The code was wrong: count it, unless the selector rests."""
        if self.is_resting:
            return
        rest, miss = timedelta(minutes=query_code.REST_MINUTES), self._miss
        if miss is None:
            self._session.add(QueryMiss(selector_hash=self._hash, count=1, last_at=self._at))
            return
        miss.count = 1 if self._at - miss.last_at > rest else miss.count + 1
        miss.last_at = self._at
        miss.rest_until = self._at + rest if miss.count >= query_code.MAX_MISSES else None


@dataclass(frozen=True)
class PublicStep:
    """A step in the complainant's timeline.

    ``desk``: the level that took it, empty for the complainant's own; ``text`` and ``rights``: what the handlers
    wrote to the complainant; ``until``: the day that was promised with it; ``to``: the level it was handed to.
    """

    at: datetime
    action: str
    text: str
    desk: str = ""
    rights: str = ""
    until: date | None = None
    to: str = ""


@dataclass(frozen=True)
class Choice:
    """Something the complainant may do, or why not; ``until``: the last day for it, where there is one."""

    action: str
    why: RuleViolation | None
    until: date | None = None


@dataclass(frozen=True)
class Progress:
    """A complaint as its sender sees it; once merged, the case it went into is what is told."""

    school: str
    case_number: str
    status: str
    desk: str
    outcome: str | None
    category: str
    steps: list[PublicStep]
    due: clocks.Due | None
    reply_due_on: date | None
    district: str = ""
    identity_mode: str = ""
    is_urgent: bool = False
    is_merged: bool = False
    file_count: int = 0
    satisfaction: int | None = None
    dispute_due_on: date | None = None
    messages: list[MessageView] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)

    @property
    def unread(self) -> int:
        """How many messages to the complainant were not read yet."""
        return sum(1 for message in self.messages if message.desk and message.read_at is None)

    @property
    def last_message_id(self) -> str:
        """The newest message the page shows."""
        return self.messages[-1].id if self.messages else ""

    def choice(self, action: str) -> Choice | None:
        """What is to be said of an action now; None: it does not arise."""
        return next((row for row in self.choices if row.action == action), None)


def own_complaint(session: Session, complaint_id: str) -> Complaint | None:
    """The complaint of an opened code for a change in this transaction; its case is locked."""
    complaint = session.get(Complaint, complaint_id)
    if complaint is not None:
        lead = lead_of(session, complaint.case)
        session.execute(select(Case.id).where(Case.id == lead.id).with_for_update())
    return complaint


def progress(session: Session, vault: Vault, complaint_id: str, *, at: datetime) -> Progress | None:
    """How far the complaint is, in steps fit for its sender; None: no such complaint."""
    complaint = session.get(Complaint, complaint_id)
    if complaint is None:
        return None
    own = complaint.case
    case = lead_of(session, own)
    steps = _steps(session, vault, own, complaint_id)
    if case is not own:
        merged_at = next((step.at for step in reversed(steps) if step.action == CaseAction.MERGE), None)
        steps += [
            step
            for step in _steps(session, vault, case, complaint_id)
            if step.action in _ANSWERS or (merged_at is not None and step.at >= merged_at)
        ]
        steps.sort(key=lambda step: step.at)
    return Progress(
        school=case.school.name,
        case_number=own.number,
        status=case.status,
        desk=case.desk,
        outcome=case.outcome,
        category=complaint.category,
        steps=steps,
        due=due_of(case, local_day(at)),
        reply_due_on=case.reply_due_on,
        district=case.school.district.name,
        identity_mode=complaint.identity_mode,
        is_urgent=case.urgent,
        is_merged=case is not own,
        file_count=len(complaint.evidence),
        satisfaction=complaint.satisfaction,
        dispute_due_on=case.dispute_due_on if case.dispute_answered_on is None else None,
        messages=own_messages(session, vault, complaint),
        choices=_choices(session, vault, complaint, case, at),
    )


def _steps(session: Session, vault: Vault, case: Case, complaint_id: str) -> list[PublicStep]:
    cipher = content_cipher(session, vault, case)
    calendar = roster_queries.calendar(session)
    steps = []
    for row in case.events:
        if row.action not in PUBLIC_STEPS:
            continue
        detail: dict[str, Any] = {}
        if row.detail is not None:
            detail = cipher.unseal_json(row.detail, f"case_event:detail:{row.id}")
        if row.action in _OWN_ONLY and detail.get("complaint", complaint_id) != complaint_id:
            continue
        steps.append(
            PublicStep(
                row.at,
                row.action,
                str(detail.get("public", "")),
                desk="" if row.actor_kind == PUBLIC.kind else desk_of(row.actor_kind),
                rights=str(detail.get("rights", "")),
                until=_promised(case, row.action, local_day(row.at), calendar),
                to=str(detail.get("desk", "")) if row.action == CaseAction.ASSIGN else "",
            )
        )
    return steps


def _promised(  # noqa: PLR0911 - one line a step
    case: Case, action: str, day: date, calendar: Calendar
) -> date | None:
    """The day that a step let the complainant expect, as it was counted then."""
    match action:
        case "submit":
            return case.register_due_on
        case CaseAction.REGISTER:
            return case.accept_due_on
        case CaseAction.ACCEPT:
            return clocks.reply_due(day, calendar)
        case CaseAction.EXTEND | CaseAction.RESUME:
            return case.reply_due_on
        case CaseAction.ASK_REVIEW | CaseAction.ASK_FINAL_REVIEW:
            return clocks.review_due(day, calendar)
        case WordEvent.DISPUTE:
            return case.dispute_due_on
        case _:
            return None


def _choices(session: Session, vault: Vault, complaint: Complaint, case: Case, at: datetime) -> list[Choice]:
    today = local_day(at)
    status = CaseStatus(case.status)
    calendar = roster_queries.calendar(session)
    rated_on = local_day(complaint.rated_at) if complaint.rated_at else None
    found = [
        Choice("rate", rating_refusal(status, rated_on, today), rating_ends(rated_on) if rated_on else None),
        Choice(
            "dispute",
            dispute_refusal(status, case.replied_on, case.disputed_on, today),
            dispute_ends(case.replied_on) if case.replied_on else None,
        ),
    ]
    review_until = clocks.review_ask_ends(case.review_base_on, calendar) if case.review_base_on else None
    reviews = {CaseAction.ASK_REVIEW, CaseAction.ASK_FINAL_REVIEW}
    allowed = complainant_choices(session, vault, complaint, at)
    for action, why in allowed:
        # of the two reviews only the one whose turn it is
        if action in reviews and why is not None and any(a in reviews and w is None for a, w in allowed):
            continue
        if why is not None and why.code == "review.round":
            continue
        found.append(Choice(action.value, why, review_until if action in reviews else None))
    if disclosure_choices(IdentityMode(complaint.identity_mode)):
        found.append(Choice("disclose", None))
    return found
