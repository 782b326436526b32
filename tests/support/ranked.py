"""A semester with rated teachers, made for tests: scores as given, findings decided on the real road, steps taken.

Nothing is committed here: the caller's transaction holds all of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import PUBLIC, Actor, Role
from ethics_eval.accounts.service import actor_of, create_account
from ethics_eval.complaints import service as complaint_service
from ethics_eval.complaints.categories import Severity
from ethics_eval.complaints.mailboxes import open_mailboxes
from ethics_eval.complaints.models import Case, Finding, Mailbox
from ethics_eval.complaints.rules.finding import FindingDraft, Measure
from ethics_eval.complaints.rules.machine import CaseStatus, Desk, Outcome
from ethics_eval.complaints.rules.submission import IdentityMode, RespondentRole, Submission
from ethics_eval.complaints.submitting import submit
from ethics_eval.evaluation.models import Assessment, SemesterScheme
from ethics_eval.evaluation.rules.scheme import Component
from ethics_eval.evaluation.service import import_scheme
from ethics_eval.notices.service import take_step
from ethics_eval.ranking.rules.steps import SemesterStatus, Step
from ethics_eval.ranking.verifying import verify_ranking
from ethics_eval.roster.models import Posting, School, Semester, Teacher
from ethics_eval.roster.rules.semester import semester_name
from ethics_eval.roster.service import load_calendar, load_districts, load_semesters
from ethics_eval.vault.service import Vault

FOUNDER = Actor(id=None, role=None, display_name="tests")
FOUNDED_AT = datetime(2025, 8, 20, 1, 0, tzinfo=UTC)
DECIDED_AT = datetime(2025, 11, 10, 2, 0, tzinfo=UTC)  # effective well before the freeze of 2025-2026-1
SEMESTER = "2025-2026-1"
# What a complainant wrote and what was found out: never in a notice.
WORDS = "孩子回家一直哭，说被老师用戒尺打了手心，邻桌的小雨也看见了。"
GROUNDS = "经向三名学生和班主任核实，并查看走廊录像，反映的情况属实。"

# code, name, district, kind, stages
SCHOOLS = (
    ("2143020001", "天元区白鹤小学", "430211", "小学", "PRI"),
    ("3143020002", "荷塘区向阳初级中学", "430202", "初级中学", "JUN"),
    ("3443020003", "株洲市第二十一中学（建宁实验中学附属高级中学）", "430203", "完全中学", "JUN SEN"),
    ("1143020004", "石峰区田心幼儿园", "430204", "幼儿园", "KG"),
)
KINDERGARTEN = 3
_SURNAMES = "陈刘欧阳黄周吴徐孙胡朱"
_GIVEN = ("思远", "晓梅", "建国", "雨桐", "志强", "慧玲", "文博", "春燕", "立新", "佳怡")


def person_name(number: int) -> str:
    """A full name of its own for each number from 0, a compound surname among them."""
    surnames = [*_SURNAMES.replace("欧阳", ""), "欧阳"]
    return f"{surnames[number % len(surnames)]}{_GIVEN[number // len(surnames) % len(_GIVEN)]}"


def points_e4(points: str) -> int:
    """``58.25`` as units of 0.0001 point."""
    whole, _dot, part = points.partition(".")
    return int(whole) * 10_000 + int((part + "0000")[:4])


def give(
    session: Session, teacher: Teacher, points: str, *, semester: str = SEMESTER, parts: str | None = None
) -> None:
    """Give a teacher these points at the first school, in all five parts or in ``parts`` (``"peer school"``) only."""
    session.execute(
        insert(Assessment),
        [
            {
                "semester_code": semester,
                "teacher_id": teacher.id,
                "school_id": teacher.postings[0].school_id,
                "component": component.value,
                "score_e4": points_e4(points),
                "rater_count": 30,
                "eligible_count": 40,
            }
            for component in Component
            if parts is None or component.value in parts.split()
        ],
    )


def fix_scheme(session: Session, semester: str, changes: Mapping[str, Any]) -> None:
    """Evaluate a semester by the default scheme without shrinkage and with these changes."""
    raw = json.loads(files("ethics_eval.evaluation").joinpath("default_scheme.json").read_text("utf-8"))
    for component in raw["components"].values():
        component["prior"] = 0
    raw |= {"version": "tests-1", "name": "测试方案", **changes}
    import_scheme(session, json.dumps(raw, ensure_ascii=False), actor=FOUNDER, at=FOUNDED_AT)
    if session.get(SemesterScheme, semester) is None:
        session.add(
            SemesterScheme(semester_code=semester, scheme_version=raw["version"], assigned_at=FOUNDED_AT)
        )
        session.flush()


def step_at(session: Session, step: Step, semester: str = SEMESTER) -> datetime:
    """When a step is taken in tests: as the semester plans it, the prior notice the day after the freeze."""
    planned = session.get_one(Semester, semester)
    return {
        Step.OPEN: planned.freeze_at - timedelta(days=90),
        Step.FREEZE: planned.freeze_at,
        Step.ANNOUNCE: planned.freeze_at + timedelta(days=1),
        Step.PUBLISH: planned.publish_at,
    }[step]


class RankedCity:
    """Three schools and a kindergarten, ``teacher_count`` rated teachers and one carer who is never ranked.

    Teacher n (from 0) is given 95.00 − n/2 points in all five parts and has that composite score, so the last are
    the lowest; the scheme is the default one without shrinkage, changed by ``scheme`` (``naming="rank"``).
    Teachers go to the three schools in turn.
    """

    def __init__(
        self,
        session: Session,
        vault: Vault,
        instance: Path,
        *,
        teacher_count: int = 36,
        scheme: Mapping[str, Any] | None = None,
        password_hash: str = "not a password",  # noqa: S107 - nobody signs in with it
    ) -> None:
        self.session, self.vault, self.instance = session, vault, instance
        self._password_hash = password_hash
        self._accounts: dict[str, Actor] = {}
        self._scheme = dict(scheme or {})
        load_districts(session)
        load_calendar(session)
        load_semesters(session)
        self.schools = [self._school(*row) for row in SCHOOLS]
        self.teachers = [
            self.add_teacher(f"T{number:04d}", person_name(number), self.schools[number % KINDERGARTEN])
            for number in range(teacher_count)
        ]
        self.carer = self.add_teacher("T9000", "谭园园", self.schools[KINDERGARTEN])
        open_mailboxes(session, vault, actor=FOUNDER, at=FOUNDED_AT)
        self.officer = self.account(Role.SCHOOL_OFFICER, school=0)
        self.head = self.account(Role.SCHOOL_HEAD, school=0)
        self.district = self.account(Role.DISTRICT_OFFICER, district=SCHOOLS[0][2])
        self.bureau = self.account(Role.BUREAU_OFFICER)
        self.chief = self.account(Role.BUREAU_HEAD)

    # --- people -------------------------------------------------------------------------------------------------

    def _school(self, code: str, name: str, district: str, kind: str, stages: str) -> School:
        ownership = "inclusive" if stages == "KG" else "public"
        school = School(
            code=code, name=name, district_code=district, kind=kind, stages=stages, ownership=ownership
        )
        self.session.add(school)
        self.session.flush()
        return school

    def add_teacher(self, number: str, name: str, school: School, *, status: str = "in_post") -> Teacher:
        """A teacher posted since 2020; a status of the roster (``maternity``) keeps from being rated."""
        posting = Posting(
            school_id=school.id,
            stage=school.stages.split()[0],
            subject="语文",
            position="teacher",
            status=status,
            starts_on=date(2020, 9, 1),
        )
        teacher = Teacher(number=number, name=name, postings=[posting])
        self.session.add(teacher)
        self.session.flush()
        return teacher

    def account(
        self,
        role: Role,
        *,
        school: int | None = None,
        district: str | None = None,
        teacher: Teacher | None = None,
    ) -> Actor:
        """The account of a role and scope, made when asked for first; its name: :meth:`username`."""
        name = self.username(role, school=school, district=district, teacher=teacher)
        if name not in self._accounts:
            made = create_account(
                self.session,
                username=name,
                display_name=f"测试{name}",
                password_hash=self._password_hash,
                role=role,
                actor=FOUNDER,
                at=FOUNDED_AT,
                school_id=None if school is None else self.schools[school].id,
                district_code=district,
                teacher_id=None if teacher is None else teacher.id,
            )
            self._accounts[name] = actor_of(made)
        return self._accounts[name]

    @staticmethod
    def username(
        role: Role, *, school: int | None = None, district: str | None = None, teacher: Teacher | None = None
    ) -> str:
        """``school_officer-0``, ``district_officer-430211``, ``teacher-T0035``, ``bureau_officer``."""
        scopes = (school, district, None if teacher is None else teacher.number)
        return "-".join([role.value, *(str(scope) for scope in scopes if scope is not None)])

    def school_of(self, teacher: Teacher) -> int:
        """The place of a teacher's school in :attr:`schools`."""
        ids = [school.id for school in self.schools]
        return ids.index(teacher.postings[0].school_id)

    # --- what is known of them ----------------------------------------------------------------------------------

    def give(
        self, teacher: Teacher, points: str, *, semester: str = SEMESTER, parts: str | None = None
    ) -> None:
        """Give a teacher these points in all five parts, or in ``parts`` (``"peer school"``) only."""
        give(self.session, teacher, points, semester=semester, parts=parts)

    def give_all(self, *, semester: str = SEMESTER, points: Mapping[int, str] | None = None) -> None:
        """Give every teacher 95.00 − n/2 points, but those in ``points`` theirs; the carer 99."""
        for number, teacher in enumerate(self.teachers):
            usual = 9500 - 50 * number
            self.give(
                teacher,
                (points or {}).get(number, f"{usual // 100}.{usual % 100:02d}"),
                semester=semester,
            )
        self.give(self.carer, "99.00", semester=semester)

    def charge(
        self,
        teacher: Teacher,
        category: str = "C06",
        severity: Severity = Severity.ORDINARY,
        outcome: Outcome = Outcome.SUBSTANTIATED,
        measure: Measure = Measure.CIRCULATED,
        *,
        at: datetime = DECIDED_AT,
        until: CaseStatus = CaseStatus.DECIDED,
    ) -> Finding:
        """A letter on the teacher, led to ``until``: ``decided``, or ``finding_draft`` (a provisional score)."""
        case = self._case(teacher, category, at)
        handler, decider = self._handlers(case, teacher)
        handling = complaint_service.Step(self.session, self.vault, handler, at)
        draft = FindingDraft(teacher.id, category, severity, outcome, GROUNDS, measure=measure)
        complaint_service.register(handling, case)
        complaint_service.accept(handling, case)
        complaint_service.start(handling, case, investigators=["甲某", "乙某"])
        complaint_service.investigate(handling, case, report=GROUNDS)
        finding = complaint_service.propose(handling, case, draft)
        if until is CaseStatus.DECIDED:
            complaint_service.notify(handling, case, facts="拟认定您在课堂上有不当行为，请您陈述申辩。")
            complaint_service.record_statement(handling, case, statement="我当时是想维持课堂秩序，方法不对。")
            deciding = complaint_service.Step(self.session, self.vault, decider, at)
            complaint_service.decide(deciding, case, draft)
        return finding

    def _handlers(self, case: Case, teacher: Teacher) -> tuple[Actor, Actor]:
        """Who investigates and who decides; grave matters lie with the city from the first second."""
        if case.desk == Desk.CITY:
            return self.bureau, self.chief
        school = self.school_of(teacher)
        return (
            self.account(Role.SCHOOL_OFFICER, school=school),
            self.account(Role.DISTRICT_OFFICER, district=self.schools[school].district_code),
        )

    def _case(self, teacher: Teacher, category: str, at: datetime) -> Case:
        mailbox = self.session.scalars(
            select(Mailbox).where(Mailbox.school_id == teacher.postings[0].school_id)
        ).one()
        letter = Submission(
            category=category,
            respondent=teacher.name,
            respondent_role=RespondentRole.TEACHER,
            subject_class="三年级2班 语文",
            happened_on=date(2025, 10, 8),
            place="教学楼二楼教室",
            body=WORDS,
            identity=IdentityMode.ANONYMOUS,
            pledge=True,
        )
        receipt = submit(
            self.session,
            self.vault,
            mailbox,
            letter,
            [],
            idempotency_key=f"letter on {teacher.number} of {category} at {at.isoformat()}",
            source="WEB",
            folder=self.instance / "files",
            actor=PUBLIC,
            at=at - timedelta(days=3),
        )
        return self.session.scalars(select(Case).where(Case.id == receipt.case_id)).one()

    # --- the steps ----------------------------------------------------------------------------------------------

    def take(self, step: Step, *, semester: str = SEMESTER, at: datetime | None = None) -> bool:
        """Take one step as the city officer, with its notices, what is announced verified by the head before; False:
        it was taken before.
        """
        moment = at or step_at(self.session, step, semester)
        if step is Step.OPEN:
            fix_scheme(self.session, semester, self._scheme)
        if step is Step.ANNOUNCE and self.session.get_one(Semester, semester).status == SemesterStatus.FROZEN:
            self.verify(semester=semester, at=moment)
        return take_step(self.session, semester, step, actor=self.bureau, at=moment, instance=self.instance)

    def verify(self, *, semester: str = SEMESTER, at: datetime) -> None:
        """Have the head recompute the frozen ranking."""
        verify_ranking(self.session, semester, actor=self.chief, at=at, instance=self.instance)

    def lead_to(self, last: Step, *, semester: str = SEMESTER) -> None:
        """Take all steps up to and with ``last``; those taken before change nothing."""
        for step in Step:
            self.take(step, semester=semester)
            if step is last:
                return

    def add_semester(self, code: str, *, freeze_at: datetime, publish_at: datetime) -> Semester:
        """Another semester of 20 weeks that ends with the freeze."""
        ends_on = freeze_at.date()
        made = Semester(
            code=code,
            name=semester_name(code),
            starts_on=ends_on - timedelta(days=20 * 7),
            ends_on=ends_on,
            weeks=20,
            freeze_at=freeze_at,
            publish_at=publish_at,
        )
        self.session.add(made)
        self.session.flush()
        return made
