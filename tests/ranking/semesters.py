"""A town of forty scored teachers, a few of them with findings in every state, for tests of the steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account
from ethics_eval.accounts.rules import CLOCK
from ethics_eval.complaints.models import Case, Finding
from ethics_eval.evaluation.models import Assessment, Tally
from ethics_eval.evaluation.rules.scheme import Component
from ethics_eval.evaluation.service import load_default_scheme
from ethics_eval.ranking import service
from ethics_eval.ranking.models import Ranking
from ethics_eval.roster.models import Posting, School, Teacher
from ethics_eval.roster.service import load_calendar, load_districts, load_semesters

SEMESTER, NEXT = "2025-2026-1", "2025-2026-2"
AT = datetime(2026, 1, 30, 10, 0, tzinfo=UTC)
COUNT = 40


@dataclass
class Town:
    """Teacher numbers → ids, and the one school."""

    school_id: int
    teachers: dict[str, int] = field(default_factory=dict)

    def score(self, session: Session, semester: str) -> None:
        """Give every teacher all five parts; the lower the number, the lower the score."""
        for place, teacher_id in enumerate(self.teachers.values()):
            for part in Component:
                session.add(
                    Assessment(
                        semester_code=semester,
                        teacher_id=teacher_id,
                        school_id=self.school_id,
                        component=part.value,
                        score_e4=800_000 + 2_000 * place,
                        rater_count=1 if part in {Component.SELF, Component.SCHOOL} else 40,
                        eligible_count=None,
                    )
                )
        session.flush()

    def count_ballots(self, session: Session, number: str, component: str, item: str) -> None:
        """Ballots beside the score that is there."""
        session.add(
            Tally(
                semester_code=SEMESTER,
                teacher_id=self.teachers[number],
                school_id=self.school_id,
                component=component,
                item=item,
                eligible_count=40,
                option_1=40,
            )
        )
        session.flush()

    def stray_assessment(self, session: Session) -> int:
        """A score of a teacher at a school where the teacher is not posted; its id."""
        school = School(
            code="2143999999",
            name="别处小学",
            district_code="430202",
            kind="小学",
            stages="PRI",
            ownership="public",
        )
        session.add(school)
        session.flush()
        stray = Assessment(
            semester_code=SEMESTER,
            teacher_id=self.teachers["T09"],
            school_id=school.id,
            component="self",
            score_e4=0,
            rater_count=1,
            eligible_count=None,
        )
        session.add(stray)
        session.flush()
        return stray.id


def town(session: Session) -> Town:
    """The town, in a semester that is planned."""
    load_districts(session)
    load_calendar(session)
    load_semesters(session)
    load_default_scheme(session, actor=CLOCK, at=AT)
    school = School(
        code="2143000001",
        name="明德小学",
        district_code="430202",
        kind="小学",
        stages="PRI",
        ownership="public",
    )
    session.add(school)
    session.flush()
    made = Town(school.id)
    for place in range(COUNT):
        posting = Posting(
            school_id=school.id,
            stage="PRI",
            position="teacher",
            status="in_post",
            starts_on=date(2020, 9, 1),
        )
        teacher = Teacher(number=f"T{place:02}", name=f"教师{place}", postings=[posting])
        session.add(teacher)
        session.flush()
        made.teachers[teacher.number] = teacher.id
    made.score(session, SEMESTER)
    _accuse(session, made)
    return made


def _accuse(session: Session, made: Town) -> None:
    """T00 effective, T01 decided but in its window, T02 proposed, T03 revoked, T04 warned."""
    decider = Account(
        username="decider",
        display_name="决定人",
        password="-",
        active=True,
        fs_uniquifier="decider",
        role="bureau_officer",
        created_at=AT,
    )
    session.add(decider)
    session.flush()
    long_ago, lately = AT - timedelta(days=60), AT - timedelta(days=5)
    for number, decided_at, changes in (
        ("T00", long_ago, {}),
        ("T01", lately, {}),
        ("T02", None, {}),
        ("T03", long_ago, {"revoked_at": lately}),
        ("T04", long_ago, {"measure": "WARNING", "severity": "minor", "category": "C19", "points": 0}),
    ):
        place = int(number[1:])
        case = Case(
            id=f"{place:032x}",
            number=f"43020220251201{place:05}",
            school_id=made.school_id,
            district_code="430202",
            status="decided" if decided_at else "hearing",
            desk="city",
            category="C15",
            outcome="SUBSTANTIATED" if decided_at else None,
            received_at=AT - timedelta(days=90),
            register_due_on=date(2025, 12, 2),
            accept_due_on=date(2025, 12, 16),
        )
        session.add(case)
        session.flush()
        fields = {"category": "C15", "severity": "ordinary", "points": 8, "measure": "", **changes}
        session.add(
            Finding(
                id=f"{place:032x}",
                case_id=case.id,
                teacher_id=made.teachers[number],
                school_id=made.school_id,
                outcome="SUBSTANTIATED",
                facts=case.number,
                grounds=b"sealed",
                proposed_at=AT - timedelta(days=70),
                proposed_by_id=decider.id,
                decided_at=decided_at,
                decided_by_id=decider.id if decided_at else None,
                effective_at=decided_at + timedelta(days=31) if decided_at else None,
                **fields,
            )
        )
    session.flush()


def opened(session: Session) -> None:
    """Begin the evaluation of the semester."""
    service.open_semester(session, SEMESTER, actor=CLOCK, at=AT)


def frozen(session: Session, instance: Path, at: datetime = AT) -> Ranking:
    """Begin and freeze it; the files go into ``instance``."""
    opened(session)
    ranking = service.freeze(session, SEMESTER, actor=CLOCK, at=at, instance=instance)
    assert ranking is not None
    return ranking
