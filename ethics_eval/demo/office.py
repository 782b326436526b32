"""The handlers of the demonstration: each complaint is sent and led through the real services by its proper actors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import PUBLIC, Actor
from ethics_eval.complaints import mailbox_counts, service
from ethics_eval.complaints.categories import CATEGORIES, SCHOOL_MATTERS
from ethics_eval.complaints.evidence import prepare
from ethics_eval.complaints.filing import claim, file_for
from ethics_eval.complaints.models import Case, Mailbox
from ethics_eval.complaints.rules.finding import FindingDraft, Measure
from ethics_eval.complaints.rules.machine import BURDENING, CaseAction, Desk
from ethics_eval.complaints.rules.measure import DisqualifyKind, deciders
from ethics_eval.complaints.rules.remedy import home_desk
from ethics_eval.complaints.rules.source import Source
from ethics_eval.complaints.rules.submission import IdentityMode, RespondentRole, Submission
from ethics_eval.complaints.submitting import submit
from ethics_eval.demo.chance import stream
from ethics_eval.demo.letters import handling, write
from ethics_eval.demo.names import person_name
from ethics_eval.demo.plans import CasePlan, Handlers, Sent
from ethics_eval.demo.roads import ASSIGNED_TO, Road
from ethics_eval.demo.turns import Turns
from ethics_eval.roster.rules.school import Stage
from ethics_eval.vault.service import Vault


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
        self._cases: dict[int, Case] = {}
        self._halves: dict[int, tuple[str, str]] = {}  # of the codes of what staff took down
        self._turns = Turns(session, vault, folder, handlers, self._cases)
        self.sent: list[Sent] = []

    def lead(self, plan: CasePlan) -> Iterator[datetime]:
        """Yield the instant of each thing before it is done; resumed, it is done."""
        yield plan.received_at
        case, class_name = self._receive(plan)
        if plan.sender.claims:
            claimed_at = plan.received_at + timedelta(minutes=7)
            yield claimed_at
            self._claim(plan, case, claimed_at)
        for action, at in zip(plan.actions, plan.moments, strict=True):
            yield at
            self._act(plan, case, class_name, action, at)
        for turn, at in plan.turns:
            yield at
            self._turns.take(turn, plan, case, class_name, at)

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
        submission = self._signed(plan, written.submission)
        key = f"demonstration {self._seed} {plan.number}"
        if plan.sender.filing is not None:
            return self._file(plan, mailbox, submission, key), written.class_name
        mailbox_counts.note(
            self._session, mailbox.id, at=plan.received_at, opened=1 + plan.number % 3, began=1, sent=1
        )
        receipt = submit(
            self._session,
            self._vault,
            mailbox,
            submission,
            files,
            idempotency_key=key,
            source="QR" if plan.number % 3 else "WEB",
            folder=self._folder,
            actor=PUBLIC,
            at=plan.received_at,
        )
        case = self._session.get_one(Case, receipt.case_id)
        self._cases[plan.number] = case
        self.sent.append(Sent(plan, case, receipt.query_code))
        return case, written.class_name

    def _signed(self, plan: CasePlan, submission: Submission) -> Submission:
        """The letter with the sender as planned."""
        sender = plan.sender
        chance = stream(self._seed, f"sender {plan.number}")
        if sender.identity is IdentityMode.ANONYMOUS:
            submission = replace(submission, identity=sender.identity, name="", phone="", relation="")
        elif sender.identity is not None:
            submission = replace(
                submission,
                identity=sender.identity,
                name=person_name(chance),
                phone=f"138 0000 {chance.randrange(10_000):04}",
                relation="家长",
            )
        signers = "\n".join(person_name(chance) for _number in range(sender.signers))
        return replace(submission, injured=sender.injured, signers=signers)

    def _file(self, plan: CasePlan, mailbox: Mailbox, submission: Submission, key: str) -> Case:
        """Taken down by staff, who are told the first half of the code."""
        filing = plan.sender.filing
        if filing is None:
            raise ValueError("nothing to file")
        by_district = filing.source is Source.PHONE
        clerk = (
            self._handlers.districts[mailbox.school.district_code] if by_district else self._handlers.bureau
        )
        filed = file_for(
            service.Step(self._session, self._vault, clerk, plan.received_at),
            mailbox,
            submission,
            (),
            filing,
            idempotency_key=key,
            folder=self._folder,
        )
        case = self._session.scalars(select(Case).where(Case.number == filed.case_number)).one()
        self._cases[plan.number] = case
        self._halves[plan.number] = filed.first_half, submission.phone[-4:]
        return case

    def _claim(self, plan: CasePlan, case: Case, at: datetime) -> None:
        first_half, last_four = self._halves[plan.number]
        claimed = claim(self._session, self._vault, first_half, last_four, at=at)
        if claimed is not None:
            self.sent.append(Sent(plan, case, claimed.query_code))

    # --- who ----------------------------------------------------------------------------------------------------

    def _actor(self, plan: CasePlan, case: Case, action: CaseAction) -> Actor:
        match action:
            case CaseAction.DECIDE | CaseAction.SEND_BACK:
                return self._handlers.decider(plan, case)
            case CaseAction.ASSIGN if self._desk(plan).value == case.desk:
                return self._handlers.bureau  # it lies there already: only from above is it handed on
            case CaseAction.ASSIGN | CaseAction.DECLINE | CaseAction.TRANSFER:
                return self._handlers.above(case)
            case CaseAction.REGISTER | CaseAction.ACCEPT if plan.road in {Road.HANDED, Road.OBJECTED}:
                return self._handlers.above(case)
            case _:
                return self._handlers.home(plan, case)

    # --- what ---------------------------------------------------------------------------------------------------

    def _act(self, plan: CasePlan, case: Case, class_name: str, action: CaseAction, at: datetime) -> None:
        texts = _Texts(plan, class_name, stream(self._seed, f"handling {plan.number}").randrange(1000))
        step = service.Step(self._session, self._vault, self._actor(plan, case, action), at)
        match action:
            case CaseAction.REGISTER:
                service.register(step, case, petition_type=_petition_type(plan))
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
                if plan.number % 2:
                    service.own(step, case, step.actor.id)
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
                self._decide_measure(plan, case, step)
            case CaseAction.REPLY:
                service.reply(step, case, text=texts.one("replies", plan.outcome.value))
            case CaseAction.ANSWER:
                service.answer(step, case, text=handling()["answers"][plan.template.category])
            case CaseAction.CLOSE:
                service.close(step, case)
            case _:
                raise ValueError(action)

    def _decide_measure(self, plan: CasePlan, case: Case, step: service.Step) -> None:
        """What the finding says is decided with it, where this body may."""
        if plan.outcome not in BURDENING or plan.measure is Measure.NONE:
            return
        may = deciders(plan.measure, case.school.ownership, at_school=case.desk == Desk.SCHOOL.value)
        if home_desk(step.actor.role) in may:
            kind = DisqualifyKind.AWARD if plan.measure is Measure.DISQUALIFY else ""
            service.decide_measure(step, case, measure=plan.measure, kind=kind)

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


def _petition_type(plan: CasePlan) -> str:
    """Matters of the school are asked for, proposed or asked after; of people most are complained of."""
    if plan.template.category in SCHOOL_MATTERS:
        return ("APPEAL", "SUGGESTION", "ENQUIRY")[plan.number % 3]
    return "APPEAL" if plan.number % 5 == 0 else "REPORT"


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
