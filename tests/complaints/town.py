"""A town made for tests of the complaint road: three schools, their people, letters, and a case led on by steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import PUBLIC, Actor, Role
from ethics_eval.accounts.service import actor_of, create_account
from ethics_eval.complaints import service
from ethics_eval.complaints.categories import Severity
from ethics_eval.complaints.evidence import PreparedFile
from ethics_eval.complaints.mailboxes import open_mailboxes
from ethics_eval.complaints.models import Case, Finding, Mailbox
from ethics_eval.complaints.rules.finding import FindingDraft
from ethics_eval.complaints.rules.machine import CaseStatus, Outcome
from ethics_eval.complaints.rules.submission import IdentityMode, RespondentRole, Submission
from ethics_eval.complaints.service import Step
from ethics_eval.complaints.submitting import Receipt, submit
from ethics_eval.roster.models import Posting, School, Teacher
from ethics_eval.roster.service import load_calendar, load_districts
from ethics_eval.vault.service import Vault

FOUNDER = Actor(id=None, role=None, display_name="tests")
NOW = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)  # a Friday morning
WORDS = "孩子说上课回答错了,被罚站在教室后面整整一节课。\r\n已经不是第一次了。<b>请查</b>"
GROUNDS = "经向学生和班主任核实,反映的情况属实。"

LETTER = Submission(
    category="C06",
    respondent="陈思远",
    respondent_role=RespondentRole.TEACHER,
    subject_class="三年级2班 语文",
    happened_on=date(2026, 3, 2),
    place="教学楼二楼教室",
    body=WORDS,
    identity=IdentityMode.ANONYMOUS,
    pledge=True,
)
NAMED = replace(
    LETTER, identity=IdentityMode.REAL_NAME, name="赵敏之", phone="13800001111", relation="学生的母亲"
)

SCHOOLS = (("明德小学", "430202"), ("向阳中学", "430202"), ("渌江学校", "430281"))
# name, school, position
PEOPLE = (
    ("陈思远", 0, "teacher"),
    ("王芳", 0, "teacher"),  # the mailbox officer teaches as well
    ("李国华", 0, "head"),
    ("刘晓梅", 1, "teacher"),
    ("周正", 0, "teacher"),
)


class Town:
    """The people, and what they do."""

    def __init__(self, session: Session, folder: Path, vault: Vault) -> None:
        self.session, self.folder, self.vault, self.at = session, folder, vault, NOW
        load_districts(session)
        load_calendar(session)
        self.schools = [self._school(at, name, district) for at, (name, district) in enumerate(SCHOOLS)]
        self.teachers = {name: self._teacher(name, self.schools[at], post) for name, at, post in PEOPLE}
        open_mailboxes(session, vault, actor=FOUNDER, at=NOW)
        self.officer = self._account("officer", Role.SCHOOL_OFFICER, "王芳", school=0, teacher="王芳")
        self.head = self._account("head", Role.SCHOOL_HEAD, "李国华", school=0)
        self.neighbour = self._account("neighbour", Role.SCHOOL_OFFICER, "胡月", school=1)
        self.district = self._account("district", Role.DISTRICT_OFFICER, "罗成", district="430202")
        self.second = self._account("second", Role.DISTRICT_OFFICER, "谢安", district="430202")
        self.other_district = self._account("other", Role.DISTRICT_OFFICER, "易平", district="430281")
        self.bureau = self._account("bureau", Role.BUREAU_OFFICER, "唐宁")
        self.chief = self._account("chief", Role.BUREAU_HEAD, "何局")
        self.custodian = self._account("custodian", Role.CUSTODIAN, "保管员")
        self.teacher = self._account("teacher", Role.TEACHER, "陈思远", teacher="陈思远")
        session.commit()

    def _school(self, at: int, name: str, district: str) -> School:
        school = School(
            code=f"314302000{at}",
            name=name,
            district_code=district,
            kind="小学",
            stages="PRI",
            ownership="public",
        )
        self.session.add(school)
        self.session.flush()
        return school

    def _teacher(self, name: str, school: School, position: str) -> Teacher:
        posting = Posting(
            school_id=school.id, stage="PRI", position=position, status="active", starts_on=date(2020, 9, 1)
        )
        teacher = Teacher(number=f"T-{name}", name=name, postings=[posting])
        self.session.add(teacher)
        self.session.flush()
        return teacher

    def _account(
        self,
        username: str,
        role: Role,
        name: str,
        *,
        school: int | None = None,
        district: str | None = None,
        teacher: str | None = None,
    ) -> Actor:
        account = create_account(
            self.session,
            username=username,
            display_name=name,
            password_hash="not a password",
            role=role,
            actor=FOUNDER,
            at=NOW,
            school_id=None if school is None else self.schools[school].id,
            district_code=district,
            teacher_id=self.teachers[teacher].id if teacher else None,
        )
        return actor_of(account)

    # --- letters ------------------------------------------------------------------------------------------------

    def mailbox(self, school: int = 0) -> Mailbox:
        """The open mailbox of a school."""
        return self.session.scalars(
            select(Mailbox).where(Mailbox.school_id == self.schools[school].id, Mailbox.revoked_at.is_(None))
        ).one()

    def send(
        self,
        letter: Submission = LETTER,
        files: Sequence[PreparedFile] = (),
        *,
        key: str = "a key of sixteen characters",
        school: int = 0,
    ) -> Receipt:
        """Send a letter, as the public form does."""
        receipt = submit(
            self.session,
            self.vault,
            self.mailbox(school),
            letter,
            files,
            idempotency_key=key,
            source="WEB",
            folder=self.folder,
            actor=PUBLIC,
            at=self.at,
        )
        self.session.commit()
        return receipt

    def case(self, letter: Submission = LETTER, *, key: str = "a key of sixteen characters") -> Case:
        """A new case of a letter."""
        return self.case_of(self.send(letter, key=key))

    def case_of(self, receipt: Receipt) -> Case:
        """The case of a receipt."""
        return self.session.scalars(select(Case).where(Case.id == receipt.case_id)).one()

    # --- steps --------------------------------------------------------------------------------------------------

    def by(self, actor: Actor) -> Step:
        """The tools of a step of this person, now."""
        return Step(self.session, self.vault, actor, self.at)

    def later(self, **time: int) -> None:
        """Let time pass."""
        self.at += timedelta(**time)

    def draft(self, name: str = "陈思远", **changes: Any) -> FindingDraft:
        """A finding: corporal punishment, ordinary, substantiated."""
        drawn = FindingDraft(self.teachers[name].id, "C06", Severity.ORDINARY, Outcome.SUBSTANTIATED, GROUNDS)
        return replace(drawn, **changes)

    def lead(
        self,
        case: Case,
        status: CaseStatus,
        *,
        handler: Actor | None = None,
        decider: Actor | None = None,
        draft: FindingDraft | None = None,
    ) -> Finding | None:
        """Lead a case on the main path from where it stands to ``status``; the finding, once there is one."""
        worker = handler or self.officer
        judge = decider or self.district
        proposed = draft or self.draft()
        burdening = proposed.outcome in {Outcome.SUBSTANTIATED, Outcome.PARTLY}
        steps: list[tuple[CaseStatus, Callable[[], object]]] = [
            (CaseStatus.REGISTERED, lambda: service.register(self.by(worker), case)),
            (CaseStatus.ACCEPTED, lambda: service.accept(self.by(worker), case)),
            (
                CaseStatus.INVESTIGATING,
                lambda: service.start(self.by(worker), case, investigators=["甲某", "乙某"]),
            ),
            (CaseStatus.FINDING_DRAFT, lambda: self._propose(worker, case, proposed)),
            *([(CaseStatus.HEARING, lambda: self._hear(worker, case))] if burdening else []),
            (CaseStatus.DECIDED, lambda: service.decide(self.by(judge), case, proposed)),
            (CaseStatus.REPLIED, lambda: service.reply(self.by(judge), case, text="经查,情况属实,已处理。")),
            (CaseStatus.CLOSED, lambda: service.close(self.by(judge), case)),
        ]
        order = [CaseStatus.SUBMITTED, *(to for to, _do in steps)]
        for to, do in steps[order.index(CaseStatus(case.status)) : order.index(status)]:
            do()
            assert case.status == to
        self.session.commit()
        return next((finding for finding in case.findings if finding.replaced_at is None), None)

    def _propose(self, worker: Actor, case: Case, draft: FindingDraft) -> None:
        service.investigate(self.by(worker), case, report="询问了三名学生和班主任,查看了课表。")
        service.propose(self.by(worker), case, draft)

    def _hear(self, worker: Actor, case: Case) -> None:
        service.notify(self.by(worker), case, facts="拟认定您在课堂上罚站学生一节课。")
        service.record_statement(self.by(worker), case, statement="我当时是想让他集中注意力。")
