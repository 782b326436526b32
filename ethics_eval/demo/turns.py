"""What happens to a case beside its road, each through the real services by its proper actor."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import PUBLIC, Actor
from ethics_eval.complaints import service
from ethics_eval.complaints.models import (
    Case,
    Clearance,
    Complaint,
    IdentityRequest,
    MeasureDecision,
    Message,
)
from ethics_eval.complaints.queries import standing_finding
from ethics_eval.complaints.rules.clearance import Audience
from ethics_eval.complaints.rules.remedy import RemedyKind, RemedyResult
from ethics_eval.complaints.rules.suspension import SuspensionReason
from ethics_eval.complaints.service.custody import ask_custody, authorise_custody, refuse_custody
from ethics_eval.complaints.service.redaction import mask
from ethics_eval.complaints.service.supervision import supervise
from ethics_eval.demo.letters import handling
from ethics_eval.demo.plans import BY_COMPLAINANT, CasePlan, Handlers, Turn
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.vault.service import Vault

_CITY_BUREAU = "市教育局"
_GRADES = {Turn.RATE_CONTENT: 3, Turn.RATE_FAIR: 2, Turn.RATE_POOR: 1}


class Turns:
    """Takes turns in one session. Args: cases: by the number of their plan, growing as letters come."""

    def __init__(
        self, session: Session, vault: Vault, folder: Path, handlers: Handlers, cases: Mapping[int, Case]
    ) -> None:
        self._session, self._vault, self._folder = session, vault, folder
        self._handlers, self._cases = handlers, cases

    def take(self, turn: Turn, plan: CasePlan, case: Case, class_name: str, at: datetime) -> None:
        """Let it happen. Raises: RuleViolation: the plan is wrong."""
        step = service.Step(self._session, self._vault, self._actor(turn, plan, case), at)
        text = _text(turn, plan)
        if turn in BY_COMPLAINANT:
            self._from_complainant(turn, step, case, text)
        elif turn in _TEACHERS:
            self._on_teacher(turn, step, case, text)
        elif turn in _WORDS:
            self._words(turn, step, case, text, class_name)
        else:
            self._aside(turn, plan, step, case, text)

    def _actor(self, turn: Turn, plan: CasePlan, case: Case) -> Actor:
        if turn in BY_COMPLAINANT:
            return PUBLIC
        handlers = self._handlers
        match turn:
            case Turn.TELL | Turn.NOTE:
                actor = handlers.home(plan, case)
            case Turn.EXTEND | Turn.SUSPEND | Turn.SUPERVISE:
                actor = handlers.superior(case)
            case Turn.UPHOLD | Turn.FINISH | Turn.ANSWER_DISPUTE | Turn.DECIDE_REMEDY:
                actor = handlers.chief
            case Turn.REFUSE_IDENTITY | Turn.AUTHORISE_IDENTITY:
                actor = handlers.custodian
            case Turn.ASK_REMEDY | Turn.CONSENT_CLEARANCE:
                actor = handlers.teachers[-1 if plan.teacher is None else plan.teacher]
            case Turn.LIFT_MEASURE:
                actor = handlers.decider(plan, case)
            case _:
                actor = handlers.above(case)
        return actor

    # --- the complainant ----------------------------------------------------------------------------------------

    def _from_complainant(self, turn: Turn, step: service.Step, case: Case, text: str) -> None:
        complaint = self._complaint(case)
        match turn:
            case Turn.WITHDRAW:
                service.withdraw(step, complaint, reason=text)
            case Turn.ASK_REVIEW:
                service.ask_review(step, complaint, grounds=text)
            case Turn.ASK_FINAL_REVIEW:
                service.ask_final_review(step, complaint, grounds=text)
            case Turn.WRITE:
                service.write_from_complainant(step, complaint, text, folder=self._folder)
            case Turn.READ:
                service.mark_read(step, complaint, seen_id=self._last_message(complaint))
            case Turn.DISPUTE:
                service.dispute(step, complaint, text)
            case _:
                service.rate(step, complaint, _GRADES[turn])

    def _complaint(self, case: Case) -> Complaint:
        return self._session.scalars(select(Complaint).where(Complaint.case_id == case.id)).one()

    def _last_message(self, complaint: Complaint) -> str | None:
        return self._session.scalars(
            select(Message.id).where(Message.complaint_id == complaint.id).order_by(Message.sent_at.desc())
        ).first()

    # --- words, and who may read them ---------------------------------------------------------------------------

    def _words(self, turn: Turn, step: service.Step, case: Case, text: str, class_name: str) -> None:
        complaint = self._complaint(case)
        match turn:
            case Turn.TELL:
                seen = self._last_message(complaint)
                service.write_to_complainant(step, complaint, text, seen_id=seen)
            case Turn.NOTE:
                service.note(step, case, text)
            case Turn.ANSWER_DISPUTE:
                service.answer_dispute(step, case, text)
            case Turn.MASK:
                mask(step, complaint, [class_name])
            case Turn.ASK_IDENTITY:
                ask_custody(step, complaint, reason=text)
            case Turn.REFUSE_IDENTITY:
                refuse_custody(step, self._asked(complaint), reason=text)
            case _:
                authorise_custody(step, self._asked(complaint))

    def _asked(self, complaint: Complaint) -> IdentityRequest:
        return self._session.scalars(
            select(IdentityRequest).where(IdentityRequest.complaint_id == complaint.id)
        ).one()

    # --- the handling -------------------------------------------------------------------------------------------

    def _aside(self, turn: Turn, plan: CasePlan, step: service.Step, case: Case, text: str) -> None:
        number = f"〔{local_day(step.at).year}〕{100 + plan.number}号"
        match turn:
            case Turn.EXTEND:
                service.extend(step, case, explanation=text)
            case Turn.SUSPEND:
                reason, document = SuspensionReason.POLICE.value, f"公（治）受案字{number}"
                service.suspend(step, case, reason=reason, number=document, explanation=text)
            case Turn.REFER:
                service.refer(step, case, number=f"教移字{number}", explanation=text)
            case Turn.MERGE:
                service.merge(step, case, target=self._other(plan), reason=text)
            case Turn.LINK:
                service.link(step, case, self._other(plan))
            case Turn.UPHOLD:
                service.uphold(step, case, explanation=text, document=f"教复查字{number}")
            case Turn.FINISH:
                service.finish(step, case, explanation=text, document=f"湘教复核字{number}")
            case Turn.SUPERVISE:
                supervise(step, case, reason=text)
            case _:
                raise ValueError(turn)

    def _other(self, plan: CasePlan) -> Case:
        return self._cases[0 if plan.other is None else plan.other]

    # --- the teacher's track ------------------------------------------------------------------------------------

    def _on_teacher(self, turn: Turn, step: service.Step, case: Case, text: str) -> None:
        match turn:
            case Turn.FILE_MEASURE:
                service.record_filing(step, case, self._measure(case), filed_on=local_day(step.at))
            case Turn.LIFT_MEASURE:
                service.lift_measure(step, case, self._measure(case), reason=text)
            case Turn.ASK_REMEDY:
                service.ask_remedy(step, case, kind=RemedyKind.RECONSIDERATION, grounds=text)
            case Turn.DECIDE_REMEDY:
                (remedy,) = [row for finding in case.findings for row in finding.remedies]
                service.decide_remedy(step, remedy, result=RemedyResult.UPHELD, reasons=text)
            case Turn.OFFER_CLEARANCE:
                service.offer_clearance(
                    step, case, text=text, audience=Audience.SCHOOL, bureau_name=_CITY_BUREAU
                )
            case Turn.CONSENT_CLEARANCE:
                service.answer_clearance(step, case, self._clearance(case), consent=True)
            case _:
                service.issue_clearance(step, case, self._clearance(case))

    def _measure(self, case: Case) -> MeasureDecision:
        finding = standing_finding(case)
        if finding is None:
            raise ValueError("no finding")
        return finding.measures[0]

    def _clearance(self, case: Case) -> Clearance:
        return self._session.scalars(select(Clearance).where(Clearance.case_id == case.id)).one()


_TEACHERS = frozenset(
    {
        Turn.FILE_MEASURE,
        Turn.LIFT_MEASURE,
        Turn.ASK_REMEDY,
        Turn.DECIDE_REMEDY,
        Turn.OFFER_CLEARANCE,
        Turn.CONSENT_CLEARANCE,
        Turn.ISSUE_CLEARANCE,
    }
)
_WORDS = frozenset(
    {
        Turn.TELL,
        Turn.NOTE,
        Turn.ANSWER_DISPUTE,
        Turn.MASK,
        Turn.ASK_IDENTITY,
        Turn.REFUSE_IDENTITY,
        Turn.AUTHORISE_IDENTITY,
    }
)


def _text(turn: Turn, plan: CasePlan) -> str:
    texts: list[str] = handling()["turns"].get(turn.value, [""])
    return texts[plan.number % len(texts)]
