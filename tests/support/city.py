"""A small city: three schools, teachers, an account of every role, letters with a photo: one new, two decided."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO

from flask import Flask, current_app
from flask_security.utils import hash_password
from lxml import html
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account
from ethics_eval.accounts.rules import CLOCK, Actor, Role
from ethics_eval.accounts.service import actor_of, create_account
from ethics_eval.complaints import posters as poster_service
from ethics_eval.complaints import service as complaint_service
from ethics_eval.complaints.categories import Severity
from ethics_eval.complaints.mailboxes import open_mailboxes
from ethics_eval.complaints.models import Case, Mailbox
from ethics_eval.complaints.posters import PaperSize
from ethics_eval.complaints.rules.clearance import Audience as ClearedBefore
from ethics_eval.complaints.rules.finding import FindingDraft, Measure
from ethics_eval.complaints.rules.machine import CaseStatus, Outcome
from ethics_eval.complaints.rules.remedy import RemedyKind
from ethics_eval.database import db, transaction
from ethics_eval.ethics_file.queries import person_of
from ethics_eval.ethics_file.service import issue_certificate, open_file
from ethics_eval.evaluation.drafting import TEN_NORMS, draft_scheme
from ethics_eval.notices.service import take_step
from ethics_eval.ranking.objecting import file_objection
from ethics_eval.ranking.rules.objection import ObjectionKind, Topic
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.roster.models import District, Posting, School, Teacher
from tests.support.forms import submit
from tests.support.ranked import SEMESTER, fix_scheme, give, step_at

FOUNDER = Actor(id=None, role=None, display_name="tests")
FOUNDED_AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
FOUND = "经向三名学生和班主任核实,并查看了当天的课表。"
PASSWORD = "株洲的春天-42"

SCHOOLS = (
    ("3143020001", "荷塘区明德小学", "430202", "小学", "PRI"),
    ("3143020002", "荷塘区向阳中学", "430202", "初级中学", "JUN"),
    ("3143028101", "醴陵市渌江学校", "430281", "九年一贯制学校", "PRI JUN"),
)
LETTER = {
    "category": "C06",
    "respondent": "陈思远",
    "respondent_role": "teacher",
    "subject_class": "三年级2班 语文",
    "happened_on": "2025-12-10",
    "place": "教室",
    "body": "孩子说上课回答错了，被罚站在教室后面整整一节课，已经不是第一次了。",
    "identity": "anonymous",
    "pledge": "y",
}
TEACHERS = (("T0001", "陈思远", "3143020001", "PRI"), ("T0002", "刘晓梅", "3143020002", "JUN"))


def found(app: Flask) -> None:
    """Settle the city in the application's database, which ``db upgrade`` has prepared."""
    with app.app_context():
        password_hash = hash_password(PASSWORD)
        with transaction() as session:
            _settle(session)
            for role in Role:
                _account(session, role, password_hash)


def file_letter(app: Flask) -> str:
    """A parent's letter about the first teacher, by the public form; the query code."""
    with app.app_context():
        mailbox = mailbox_code(db.session())
    client = app.test_client()
    picture = BytesIO()
    Image.new("RGB", (64, 48), "#6fa8dc").save(picture, "JPEG")
    picture.seek(0)
    answer = submit(client, f"/m/{mailbox}", {**LETTER, "evidence": (picture, "教室.jpg")})
    assert answer.status_code == 303, answer.text
    (code,) = html.fromstring(client.get(answer.location).text).xpath("//*[@data-receipt]/@data-receipt")
    return str(code)


def decide_cases(app: Flask) -> None:
    """Two more letters, decided: one substantiated, with a warning and an open 复核; one cleared, and issued."""
    for outcome in (Outcome.SUBSTANTIATED, Outcome.UNSUBSTANTIATED):
        file_letter(app)
        with app.app_context(), transaction() as session:
            case = session.scalars(
                select(Case)
                .where(Case.status == CaseStatus.SUBMITTED.value)
                .order_by(Case.received_at.desc())
            ).first()
            assert case is not None
            _decide(session, case, outcome)


def _decide(session: Session, case: Case, outcome: Outcome) -> None:
    vault, at = current_app.extensions["vault"], case.received_at
    accounts = {Role(row.role): actor_of(row) for row in session.scalars(select(Account))}
    teacher = session.scalars(select(Teacher).where(Teacher.number == TEACHERS[0][0])).one()

    def by(role: Role) -> complaint_service.Step:
        return complaint_service.Step(session, vault, accounts[role], at)

    is_burden = outcome is Outcome.SUBSTANTIATED
    measure = Measure.WARNING if is_burden else Measure.NONE
    draft = FindingDraft(teacher.id, "C06", Severity.ORDINARY, outcome, FOUND, measure=measure)
    complaint_service.register(by(Role.SCHOOL_OFFICER), case)
    complaint_service.accept(by(Role.SCHOOL_OFFICER), case)
    complaint_service.start(by(Role.SCHOOL_OFFICER), case, investigators=["甲某", "乙某"])
    complaint_service.investigate(by(Role.SCHOOL_OFFICER), case, report=FOUND)
    complaint_service.propose(by(Role.SCHOOL_OFFICER), case, draft)
    if is_burden:
        complaint_service.notify(by(Role.SCHOOL_OFFICER), case, facts=FOUND)
        complaint_service.state(by(Role.TEACHER), case, statement="我当时是想让他集中注意力。")
    complaint_service.decide(by(Role.BUREAU_OFFICER), case, draft)
    if is_burden:
        complaint_service.decide_measure(by(Role.DISTRICT_OFFICER), case, measure=measure)
        complaint_service.ask_remedy(
            by(Role.TEACHER), case, kind=RemedyKind.RECONSIDERATION, grounds="请重新核对当天的课堂录像。"
        )
        return
    clearance = complaint_service.offer_clearance(
        by(Role.BUREAU_OFFICER),
        case,
        text="经调查核实,有关情况不属实。",
        audience=ClearedBefore.SCHOOL,
        bureau_name="株洲市教育局",
    )
    complaint_service.answer_clearance(by(Role.TEACHER), case, clearance, consent=True)
    complaint_service.issue_clearance(by(Role.BUREAU_OFFICER), case, clearance)


def ask_posters(app: Flask) -> str:
    """A bureau officer has asked for posters; the id of the task, which waits."""
    with app.app_context(), transaction() as session:
        officer = session.scalars(select(Account).where(Account.role == Role.BUREAU_OFFICER.value)).one()
        return poster_service.ask_posters(
            session,
            district=None,
            school=None,
            size=PaperSize.A4,
            actor=actor_of(officer),
            at=FOUNDED_AT,
        )


def publish_semester(app: Flask) -> None:
    """A semester published: both teachers are rated and, as few as they are, listed; so each has a letter. The first
    one has appealed.
    """
    with app.app_context(), transaction() as session:
        fix_scheme(session, SEMESTER, {"min_list": 2})
        for teacher, points in zip(
            session.scalars(select(Teacher).order_by(Teacher.number)), ("86.50", "91.25"), strict=True
        ):
            give(session, teacher, points)
        for step in Step:
            take_step(
                session,
                SEMESTER,
                step,
                actor=CLOCK,
                at=step_at(session, step),
                instance=app.config["INSTANCE"],
            )
        owner = session.scalars(select(Account).where(Account.role == Role.TEACHER.value)).one()
        file_objection(
            session,
            app.extensions["vault"],
            SEMESTER,
            kind=ObjectionKind.APPEAL,
            topic=Topic.SCORE,
            grounds="家长评的应评人数登记错了，请核对班级名册。",
            actor=actor_of(owner),
            at=step_at(session, Step.PUBLISH),
        )


def draft_next_scheme(app: Flask) -> None:
    """A draft of the next scheme, by the officer, from the ten norms."""
    with app.app_context(), transaction() as session:
        officer = session.scalars(select(Account).where(Account.role == Role.BUREAU_OFFICER)).one()
        draft_scheme(
            session,
            version="next",
            name="十项准则方案",
            base=TEN_NORMS,
            actor=actor_of(officer),
            at=FOUNDED_AT,
        )


def certify(app: Flask) -> None:
    """The first teacher, about whom nothing is decided yet, has a certificate of standing."""
    with app.app_context(), transaction() as session:
        officer = actor_of(
            session.scalars(select(Account).where(Account.role == Role.BUREAU_OFFICER.value)).one()
        )
        person = person_of(session, officer, TEACHERS[0][0], at=FOUNDED_AT)
        assert person is not None
        reason = "本年度中小学教师职称评审材料审核"
        open_file(session, person, purpose="title", reason=reason, actor=officer, at=FOUNDED_AT)
        vault, issuer = current_app.extensions["vault"], current_app.config["BUREAU_NAME"]
        issue_certificate(session, vault, person, issuer=issuer, actor=officer, at=FOUNDED_AT)


def mailbox_code(session: Session) -> str:
    """The first school's open mailbox."""
    return session.scalars(
        select(Mailbox.code)
        .join(School, School.id == Mailbox.school_id)
        .where(School.code == SCHOOLS[0][0], Mailbox.revoked_at.is_(None))
    ).one()


def _settle(session: Session) -> None:
    present = set(session.scalars(select(District.code)))
    session.add_all(
        District(code=code, name=name)
        for code, name in (("430202", "荷塘区"), ("430281", "醴陵市"))
        if code not in present
    )
    schools = {
        code: School(
            code=code, name=name, district_code=district, kind=kind, stages=stages, ownership="public"
        )
        for code, name, district, kind, stages in SCHOOLS
    }
    session.add_all(schools.values())
    session.flush()
    for number, name, school, stage in TEACHERS:
        posting = Posting(
            school_id=schools[school].id,
            stage=stage,
            subject="语文",
            position="teacher",
            status="in_post",
            starts_on=date(2020, 9, 1),
        )
        session.add(Teacher(number=number, name=name, postings=[posting]))
    session.flush()
    open_mailboxes(session, current_app.extensions["vault"], actor=FOUNDER, at=FOUNDED_AT)


def _account(session: Session, role: Role, password_hash: str) -> None:
    school = session.scalars(select(School.id).where(School.code == SCHOOLS[0][0])).one()
    teacher = session.scalars(select(Teacher.id).where(Teacher.number == TEACHERS[0][0])).one()
    create_account(
        session,
        username=role.value,
        display_name=f"测试{role.value}",
        password_hash=password_hash,
        role=role,
        actor=FOUNDER,
        at=FOUNDED_AT,
        school_id=school if role in {Role.SCHOOL_OFFICER, Role.SCHOOL_HEAD} else None,
        district_code=SCHOOLS[0][2] if role is Role.DISTRICT_OFFICER else None,
        teacher_id=teacher if role is Role.TEACHER else None,
    )
