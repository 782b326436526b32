"""The handlers of the demonstration: each complaint is sent and led through the real services by its proper actors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import PUBLIC, Actor
from ethics_eval.complaints import service
from ethics_eval.complaints.categories import CATEGORIES, Severity
from ethics_eval.complaints.evidence import prepare
from ethics_eval.complaints.models import Case, Mailbox
from ethics_eval.complaints.rules.finding import FindingDraft, Measure
from ethics_eval.complaints.rules.machine import CaseAction, Desk, Outcome
from ethics_eval.complaints.rules.submission import RespondentRole
from ethics_eval.complaints.submitting import submit
from ethics_eval.demo.chance import stream
from ethics_eval.demo.letters import Subject, Template, handling, write
from ethics_eval.demo.roads import ASSIGNED_TO, Road
from ethics_eval.roster.rules.school import Stage
from ethics_eval.vault.service import Vault


@dataclass(frozen=True)
class CasePlan:
    """A complaint to be. ``school``, ``teacher``: places in the city's lists; ``moments``: one for each action."""

    number: int
    template: Template
    school: int
    teacher: int | None
    about: Subject
    received_at: datetime
    road: Road
    actions: tuple[CaseAction, ...]
    moments: tuple[datetime, ...]
    outcome: Outcome
    severity: Severity = Severity.MINOR
    measure: Measure = Measure.NONE
    reason: str = ""


@dataclass
class Sent:
    """A complaint that was sent: its plan, its case, and the query code the parent was given."""

    plan: CasePlan
    case: Case
    query_code: str


@dataclass(frozen=True)
class Handlers:
    """Who works where. ``colleagues``: the second investigator by actor id; ``schools`` by place."""

    schools: Mapping[int, Actor]
    districts: Mapping[str, Actor]
    bureau: Actor
    chief: Actor
    teachers: Mapping[int, Actor]
    colleagues: Mapping[int | None, str]


class Office:
    """Sends letters and does the handlers' work, in one session."""

    def __init__(
        self,
        session: Session,
        vault: Vault,
        folder: Path,
        handlers: Handlers,
        *,
        school_ids: Sequence[int],
        teacher_ids: Sequence[int],
        seed: int,
    ) -> None:
        self._session, self._vault, self._folder, self._handlers = session, vault, folder, handlers
        self._school_ids, self._teacher_ids, self._seed = school_ids, teacher_ids, seed
        self.sent: list[Sent] = []

    def lead(self, plan: CasePlan) -> Iterator[datetime]:
        """Yield the instant of each thing before it is done; resumed, it is done."""
        yield plan.received_at
        case, class_name = self._receive(plan)
        for action, at in zip(plan.actions, plan.moments, strict=True):
            yield at
            self._act(plan, case, class_name, action, at)

    def _receive(self, plan: CasePlan) -> tuple[Case, str]:
        written = write(
            plan.template, plan.about, plan.received_at, stream(self._seed, f"letter {plan.number}")
        )
        files, refused = prepare(written.uploads)
        if refused:
            raise refused[0]
        mailbox = self._session.scalars(
            select(Mailbox).where(
                Mailbox.school_id == self._school_ids[plan.school], Mailbox.revoked_at.is_(None)
            )
        ).one()
        receipt = submit(
            self._session,
            self._vault,
            mailbox,
            written.submission,
            files,
            idempotency_key=f"demonstration {self._seed} {plan.number}",
            source="QR" if plan.number % 3 else "WEB",
            folder=self._folder,
            actor=PUBLIC,
            at=plan.received_at,
        )
        case = self._session.get_one(Case, receipt.case_id)
        self.sent.append(Sent(plan, case, receipt.query_code))
        return case, written.class_name

    # --- who ----------------------------------------------------------------------------------------------------

    def _home(self, plan: CasePlan, case: Case) -> Actor:
        match Desk(case.desk):
            case Desk.SCHOOL if plan.school in self._handlers.schools:
                return self._handlers.schools[plan.school]
            case Desk.CITY:
                return self._handlers.bureau
            case _:
                return self._handlers.districts[case.district_code]

    def _above(self, case: Case) -> Actor:
        if case.desk == Desk.CITY.value:
            return self._handlers.bureau
        return self._handlers.districts[case.district_code]

    def _decider(self, plan: CasePlan, case: Case) -> Actor:
        match Desk(case.desk):
            case Desk.CITY:
                return self._handlers.chief
            case Desk.SCHOOL if plan.outcome is not Outcome.MALICIOUS:
                return self._handlers.districts[case.district_code]
            case _:
                return self._handlers.bureau

    def _actor(self, plan: CasePlan, case: Case, action: CaseAction) -> Actor:
        match action:
            case CaseAction.DECIDE | CaseAction.SEND_BACK:
                return self._decider(plan, case)
            case CaseAction.ASSIGN | CaseAction.DECLINE | CaseAction.TRANSFER:
                return self._above(case)
            case CaseAction.REGISTER | CaseAction.ACCEPT if plan.road in {Road.HANDED, Road.OBJECTED}:
                return self._above(case)
            case _:
                return self._home(plan, case)

    # --- what ---------------------------------------------------------------------------------------------------

    def _act(self, plan: CasePlan, case: Case, class_name: str, action: CaseAction, at: datetime) -> None:
        texts = _Texts(plan, class_name, stream(self._seed, f"handling {plan.number}").randrange(1000))
        step = service.Step(self._session, self._vault, self._actor(plan, case, action), at)
        match action:
            case CaseAction.REGISTER:
                service.register(step, case)
            case CaseAction.ACCEPT:
                service.accept(step, case)
            case CaseAction.DECLINE:
                service.decline(
                    step, case, reason=plan.reason, explanation=handling()["declines"][plan.reason]
                )
            case CaseAction.TRANSFER:
                service.transfer(
                    step, case, target=plan.reason, explanation=handling()["transfers"][plan.reason]
                )
            case CaseAction.ASSIGN:
                service.assign(step, case, desk=self._desk(plan), instruction=texts.one("instructions"))
            case CaseAction.OBJECT:
                service.object_to(step, case, reason=texts.one("objections"))
            case CaseAction.RECUSE:
                service.recuse(step, case, reason=texts.one("recusals"))
            case CaseAction.START:
                people = [step.actor.display_name, self._handlers.colleagues[step.actor.id]]
                service.start(step, case, investigators=people)
            case CaseAction.INVESTIGATE:
                service.investigate(step, case, report=texts.of_category("investigation"))
            case _:
                self._conclude(plan, case, action, step, texts)

    def _conclude(
        self, plan: CasePlan, case: Case, action: CaseAction, step: service.Step, texts: _Texts
    ) -> None:
        match action:
            case CaseAction.PROPOSE:
                service.propose(step, case, self._draft(plan, texts))
            case CaseAction.SEND_BACK:
                service.send_back(step, case, reason=texts.one("send_backs"))
            case CaseAction.NOTIFY:
                service.notify(step, case, facts=texts.fact_sheet())
            case CaseAction.STATE:
                self._state(plan, case, step, texts)
            case CaseAction.DECIDE:
                service.decide(step, case, self._draft(plan, texts))
            case CaseAction.REPLY:
                service.reply(step, case, text=texts.one("replies", plan.outcome.value))
            case CaseAction.ANSWER:
                service.answer(step, case, text=handling()["answers"][plan.template.category])
            case CaseAction.CLOSE:
                service.close(step, case)
            case _:
                raise ValueError(action)

    def _desk(self, plan: CasePlan) -> Desk:
        wanted = ASSIGNED_TO[plan.road]
        return (
            Desk.DISTRICT if wanted is Desk.SCHOOL and plan.school not in self._handlers.schools else wanted
        )

    def _state(self, plan: CasePlan, case: Case, step: service.Step, texts: _Texts) -> None:
        words = texts.of_category("denial" if plan.number % 3 == 0 else "statement")
        teacher = self._handlers.teachers.get(-1 if plan.teacher is None else plan.teacher)
        if teacher is None:
            service.record_statement(step, case, statement=words)
        else:
            own = service.Step(step.session, step.vault, teacher, step.at)
            service.state(own, case, statement=words)

    def _draft(self, plan: CasePlan, texts: _Texts) -> FindingDraft:
        if plan.teacher is None:
            raise ValueError("a finding is on a teacher")
        return FindingDraft(
            teacher_id=self._teacher_ids[plan.teacher],
            category=plan.template.category,
            severity=plan.severity,
            outcome=plan.outcome,
            grounds=texts.grounds(),
            measure=plan.measure,
        )


@dataclass(frozen=True)
class _Texts:
    """What is written in a case; ``turn`` chooses among like texts."""

    plan: CasePlan
    class_name: str
    turn: int

    def one(self, *keys: str) -> str:
        found: Any = handling()
        for key in keys:
            found = found[key]
        text: str = found[self.turn % len(found)]
        return text

    def of_category(self, key: str) -> str:
        kind = "heads" if self.plan.template.role is RespondentRole.HEAD else "categories"
        text: str = handling()[kind][self.plan.template.category][key]
        return text.format(
            name=self.plan.about.name,
            **{"class": self.class_name},
            subject=self.plan.template.subject or self.plan.about.subject or "所任",
        )

    def fact_sheet(self) -> str:
        text: str = handling()["fact_sheet"]
        return text.format(
            facts=self.of_category("facts"), category=CATEGORIES[self.plan.template.category].zh
        )

    def grounds(self) -> str:
        category = CATEGORIES[self.plan.template.category]
        in_kindergarten = self.plan.about.stage is Stage.KINDERGARTEN
        return self.one("grounds", self.plan.outcome.value).format(
            facts=self.of_category("facts"),
            unproven=self.of_category("unproven"),
            basis=category.basis_kindergarten if in_kindergarten else category.basis_school,
        )
