"""Who finds whose file, and what is in it for them; on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from ethics_eval.accounts.rules import CLOCK, Actor, Role
from ethics_eval.complaints import service as complaint_service
from ethics_eval.complaints.models import Case
from ethics_eval.complaints.rules.finding import Measure
from ethics_eval.complaints.rules.remedy import RemedyKind, RemedyResult
from ethics_eval.ethics_file import queries
from ethics_eval.ethics_file.queries import EthicsFile
from ethics_eval.ethics_file.queries.contents import SemesterPart
from ethics_eval.evaluation.models import Honour
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.roster.models import Teacher
from tests.ethics_file.conftest import AT, NEED, FileCity
from tests.support.ranked import DECIDED_AT, SEMESTER


def file_of(city: FileCity, teacher: Teacher, actor: Actor) -> EthicsFile:
    return queries.contents(city.session, actor, teacher.id, at=AT)


def part(found: EthicsFile, code: str = SEMESTER) -> SemesterPart:
    return next(row for row in found.semesters if row.code == code)


def test_teachers_are_found_within_reach_and_nothing_is_told(city: FileCity) -> None:
    first = city.teachers[0]
    elsewhere = city.account(Role.DISTRICT_OFFICER, district="430202")
    for actor, is_found in (
        (city.bureau, True),
        (city.chief, True),
        (city.district, True),
        (elsewhere, False),
        (city.head, True),
        (city.account(Role.SCHOOL_HEAD, school=1), False),
        (city.account(Role.TEACHER, teacher=first), True),
        (city.account(Role.TEACHER, teacher=city.teachers[1]), False),
        (city.officer, False),
        (city.account(Role.AUDITOR), False),
        (CLOCK, False),
    ):
        person = queries.person_of(city.session, actor, first.number, at=AT)
        assert (person is not None) is is_found
        assert bool(queries.find_people(city.session, actor, first.name, at=AT)) is is_found
    assert queries.find_people(city.session, city.bureau, "T", at=AT) == []
    assert [row.number for row in queries.staff_of_school(city.session, city.head, at=AT)]
    assert queries.staff_of_school(city.session, city.bureau, at=AT) == []


def test_a_head_reads_no_more_when_the_teacher_has_moved(city: FileCity) -> None:
    teacher = city.teachers[0]
    teacher.postings[0].ends_on = date(2026, 3, 9)
    city.session.flush()
    assert queries.person_of(city.session, city.head, teacher.number, at=AT) is None
    assert queries.person_of(city.session, city.district, teacher.number, at=AT) is None
    assert queries.person_of(city.session, city.bureau, teacher.number, at=AT) is not None


def test_the_file_holds_scores_findings_measures_and_honours_by_semester(city: FileCity) -> None:
    city.give_all()
    teacher = city.teachers[0]
    city.charge(teacher)
    city.session.add(Honour(semester_code=SEMESTER, teacher_id=teacher.id, level="city", title="师德标兵"))
    city.lead_to(Step.PUBLISH)
    own = city.account(Role.TEACHER, teacher=teacher)
    for actor in (own, city.head, city.bureau):
        found = part(file_of(city, teacher, actor))
        (score,) = found.scores
        assert (score.score, score.place, score.rated_count, score.was) == (9000, 6, 6, None)
        (finding,) = found.findings
        assert (finding.category, finding.effective_on) == ("C06", date(2025, 12, 11))
        assert bool(finding.case_number) is True
        assert [row.title for row in found.honours] == ["师德标兵"]
    assert file_of(city, city.teachers[1], city.bureau).in_force == []


def test_what_is_not_effective_is_not_in_it(city: FileCity) -> None:
    teacher = city.teachers[0]
    city.charge(teacher, at=AT - timedelta(days=5))
    for actor in (city.account(Role.TEACHER, teacher=teacher), city.head, city.bureau):
        assert file_of(city, teacher, actor).semesters == []


@pytest.mark.parametrize(
    ("measure", "is_known"), [(Measure.WARNING, True), (Measure.CRITIQUE, False)], ids=str
)
def test_of_a_kept_case_a_head_knows_the_measure_in_force_and_nothing_before(
    city: FileCity, measure: Measure, is_known: bool
) -> None:
    teacher = city.teachers[0]
    finding = city.charge(teacher, measure=Measure.WARNING)
    decider = city.account(Role.DISTRICT_OFFICER, district=city.schools[0].district_code)
    day = DECIDED_AT + timedelta(days=1)
    complaint_service.decide_measure(
        complaint_service.Step(city.session, city.vault, decider, day), finding.case, measure=measure
    )
    city.session.execute(update(Case).where(Case.id == finding.case_id).values(recused=True, desk="city"))
    city.session.expire_all()
    before = queries.contents(city.session, city.head, teacher.id, at=day + timedelta(days=2))
    assert before.semesters == []
    found = file_of(city, teacher, city.head)
    assert [row.by_bureau for row in found.in_force] == ([True] if is_known else [])
    assert [row.findings for row in found.semesters] == ([[]] if is_known else [])
    assert part(file_of(city, teacher, city.bureau)).findings


def test_a_revoked_finding_is_none_and_only_the_teacher_reads_that_it_was(city: FileCity) -> None:
    teacher = city.teachers[0]
    finding = city.charge(teacher)
    own = city.account(Role.TEACHER, teacher=teacher)
    step = complaint_service.Step(city.session, city.vault, own, DECIDED_AT + timedelta(days=3))
    remedy = complaint_service.ask_remedy(
        step, finding.case, kind=RemedyKind.RECONSIDERATION, grounds="请重新核对当天的课堂录像。"
    )
    other = city.account(Role.BUREAU_OFFICER)
    second = city.account(
        Role.DISTRICT_OFFICER, district=city.schools[0].district_code, teacher=city.teachers[2]
    )
    decide = complaint_service.Step(city.session, city.vault, second, DECIDED_AT + timedelta(days=5))
    complaint_service.decide_remedy(
        decide, remedy, result=RemedyResult.REVOKED, reasons="录像显示当时没有体罚,原认定依据不足。"
    )
    assert file_of(city, teacher, other).semesters == []
    assert file_of(city, teacher, city.head).semesters == []
    (revoked,) = part(file_of(city, teacher, own)).revoked
    assert revoked.kind == "reconsideration"


def test_the_teacher_reads_who_looked_and_why(city: FileCity) -> None:
    teacher = city.teachers[0]
    city.open(teacher)
    city.open(teacher, purpose="award", actor=city.district, at=AT + timedelta(hours=1))
    rows = queries.openings_of_teacher(city.session, teacher.id)
    assert [(row.role, row.purpose, row.reason) for row in rows] == [
        ("district_officer", "award", NEED),
        ("bureau_officer", "title", NEED),
    ]
    assert [row.number for row in queries.own_openings(city.session, city.bureau)] == [teacher.number]
    assert queries.own_openings(city.session, city.chief) == []


def test_certificates_are_seen_by_their_teacher_and_the_bureau(city: FileCity) -> None:
    teacher = city.teachers[0]
    number = city.certify(teacher).number
    for actor, is_seen in (
        (city.account(Role.TEACHER, teacher=teacher), True),
        (city.account(Role.TEACHER, teacher=city.teachers[1]), False),
        (city.bureau, True),
        (city.chief, True),
        (city.district, False),
        (city.head, False),
    ):
        seen = queries.certificate_of(city.session, actor, number, at=AT)
        assert (seen is not None) is is_seen
    assert [row.number for row in queries.recent_certificates(city.session, city.bureau, at=AT)] == [number]
    assert queries.recent_certificates(city.session, city.district, at=AT) == []
    assert part(file_of(city, teacher, city.bureau), "2025-2026-2").certificates
    assert file_of(city, teacher, city.head).semesters == []
