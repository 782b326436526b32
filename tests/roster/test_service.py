"""The import on both databases: all or nothing, the same file twice, and what it refuses."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from ethics_eval.roster import queries, reference, service
from ethics_eval.roster.models import CalendarDay, District, Posting, School, Semester, Teacher
from ethics_eval.roster.rules.roster import TEACHER_HEADINGS, RosterPlan, plan_roster
from ethics_eval.roster.rules.sheet import ImportRefused
from ethics_eval.roster.service import Counts, ImportReport
from tests.roster.rosters import (
    LI,
    NINE_YEAR,
    SCHOOL_ROWS,
    TEACHER_ROWS,
    TIANTAI,
    Row,
    changed,
    city,
    plan,
    sheets,
)

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _districts(session: Session) -> None:
    service.load_districts(session)


def run(session: Session, read: RosterPlan) -> ImportReport:
    return service.import_roster(session, read, at=NOW)


def refused(session: Session, read: RosterPlan) -> list[tuple[str, int, str]]:
    with pytest.raises(ImportRefused) as caught:
        run(session, read)
    assert str(caught.value).startswith(f"名册有 {len(caught.value.problems)} 处错误")
    return [(problem.sheet, problem.row, problem.column) for problem in caught.value.problems]


def rows(session: Session) -> tuple[int, int, int]:
    return tuple(
        session.scalar(select(func.count()).select_from(table)) for table in (School, Teacher, Posting)
    )  # type: ignore[return-value]


def contents(session: Session) -> list[list[object]]:
    return [
        sorted(map(tuple, session.execute(select(*table.__table__.columns)).all()), key=repr)
        for table in (School, Teacher, Posting)
    ]


def test_a_first_import(session: Session) -> None:
    report = run(session, plan())
    assert report.counts() == {
        "schools_created": 3,
        "schools_updated": 0,
        "schools_unchanged": 0,
        "teachers_created": 5,
        "teachers_updated": 0,
        "teachers_unchanged": 0,
        "postings_created": 6,
        "postings_updated": 0,
        "postings_unchanged": 0,
    }
    assert report.is_changed
    assert set(report.created_school_ids) == set(session.scalars(select(School.id)))
    school = queries.school_by_code(session, "3143000002")
    assert school is not None
    assert (school.name, school.district.name, school.kind, school.stages, school.ownership) == (
        "渌口镇学校",
        "渌口区",
        "九年一贯制",
        "PRI JUN",
        "public",
    )
    assert school.pinyin == "lu'kou'zhen'xue'xiao"
    assert school.initials == "lkzxx"
    teacher = queries.teacher_by_number(session, "T004")
    assert teacher is not None
    assert [(posting.stage, posting.starts_on, posting.ends_on) for posting in teacher.postings] == [
        ("PRI", date(2018, 9, 1), None),
        ("JUN", date(2018, 9, 1), None),
    ] or [posting.stage for posting in teacher.postings] == ["JUN", "PRI"]


def test_the_same_file_twice_changes_nothing(session: Session) -> None:
    run(session, plan())
    before = contents(session)
    report = run(session, plan())
    assert not report.is_changed
    assert report.created_school_ids == ()
    assert (report.schools, report.teachers, report.postings) == (
        Counts(unchanged=3),
        Counts(unchanged=5),
        Counts(unchanged=6),
    )
    assert contents(session) == before
    assert service.preview_roster(session, plan(), at=NOW) == report


def test_changes_are_told_and_written(session: Session) -> None:
    run(session, plan())
    ids = dict(session.execute(select(School.code, School.id)).all())
    renamed = changed(changed(TIANTAI, 1, "天台实验小学"), 7, 1300)
    left = changed(changed(LI, 9, "2026-08-31"), 7, "调离")
    promoted = [changed(row, 5, "高级教师") if row[0] == "T003" else row for row in TEACHER_ROWS[1:]]
    report = run(session, plan([renamed, *SCHOOL_ROWS[1:]], [left, *promoted]))
    assert report.schools == Counts(updated=1, unchanged=2)
    assert report.teachers == Counts(updated=1, unchanged=4)
    assert report.postings == Counts(updated=1, unchanged=5)
    assert dict(session.execute(select(School.code, School.id)).all()) == ids
    school = queries.school_by_code(session, "2143000001")
    assert school is not None
    assert (school.name, school.pinyin, school.pupil_count) == (
        "天台实验小学",
        "tian'tai'shi'yan'xiao'xue",
        1300,
    )
    assert run(session, plan([renamed, *SCHOOL_ROWS[1:]], [left, *promoted])).is_changed is False


def test_what_the_file_does_not_name_stays(session: Session) -> None:
    run(session, plan())
    fresh: Row = ("2143000009", "栗雨小学", "天元区", "小学", "小学", "公办", "", None)
    report = run(session, plan([fresh], [changed(changed(LI, 0, "T009"), 2, "2143000009")]))
    assert rows(session) == (4, 6, 7)
    assert len(report.created_school_ids) == 1
    report = run(session, plan([], [changed(changed(LI, 0, "T010"), 2, "2143000001")]))
    assert report.teachers == Counts(created=1)
    assert rows(session) == (4, 7, 8)


def test_a_transfer(session: Session) -> None:
    run(session, plan())
    arrival = changed(changed(LI, 2, "3143000002"), 8, "2026-09-01")
    assert refused(session, plan([], [arrival])) == [("教师", 2, "到岗")]
    departure = changed(changed(LI, 9, "2026-08-31"), 7, "调离")
    report = run(session, plan([], [departure, arrival]))
    assert report.postings == Counts(created=1, updated=1)
    assert report.teachers == Counts(unchanged=1)
    both_schools = plan([], [departure, arrival, changed(LI, 8, "2026-10-01")])
    assert run(session, both_schools).postings == Counts(created=1, unchanged=2)


def test_a_posting_prolonged_into_another(session: Session) -> None:
    departure = changed(LI, 9, "2020-08-31")
    arrival = changed(LI, 8, "2020-09-01")
    run(session, plan(SCHOOL_ROWS, [departure, arrival]))
    assert refused(session, plan([], [changed(LI, 9, None)])) == [("教师", 2, "到岗")]


def test_all_or_nothing(session: Session) -> None:
    bad = changed(LI, 8, "昨天")
    assert refused(session, plan(SCHOOL_ROWS, [*TEACHER_ROWS[1:], bad])) == [("教师", 7, "到岗")]
    assert rows(session) == (0, 0, 0)


def test_every_problem_of_file_and_database_at_once(session: Session) -> None:
    run(session, plan())
    schools = [changed(changed(TIANTAI, 0, "2143000099"), 2, "望城区"), changed(NINE_YEAR, 7, "多")]
    teachers = [
        changed(LI, 1, "李明"),
        changed(changed(LI, 0, "T100"), 2, "2143000088"),
        changed(changed(LI, 0, "T101"), 3, "高中"),
        changed(changed(LI, 0, "T102"), 8, "2052-09-01"),
        changed(changed(LI, 0, "T103"), 9, "不知道"),
    ]
    assert refused(session, plan(schools, teachers)) == [
        ("学校", 2, "区县"),
        ("学校", 3, "学生数"),
        ("教师", 2, "姓名"),
        ("教师", 3, "学校标识码"),
        ("教师", 4, "学段"),
        ("教师", 5, "到岗"),
        ("教师", 6, "离岗"),
    ]
    assert rows(session) == (3, 5, 6)
    with pytest.raises(ImportRefused):
        service.preview_roster(session, plan(schools, teachers), at=NOW)


def test_a_bad_school_does_not_make_its_teachers_bad(session: Session) -> None:
    assert refused(session, plan([changed(TIANTAI, 5, "混合")], [LI])) == [("学校", 2, "办别")]


@pytest.mark.parametrize("district", ["天元区", "株洲市天元区", "天元", "430211", 430211])
def test_districts_by_name_and_code(session: Session, district: str | int) -> None:
    run(session, plan([changed(TIANTAI, 2, district)], ()))
    school = queries.school_by_code(session, "2143000001")
    assert school is not None
    assert school.district_code == "430211"


def test_a_former_name_allows_a_new_one(session: Session) -> None:
    run(session, plan())
    renamed: Row = (*changed(LI, 1, "李慧敏"), "李敏")
    read = plan_roster(sheets([], [renamed], teacher_headings=(*TEACHER_HEADINGS, "曾用名")))
    assert run(session, read).teachers == Counts(updated=1)
    teacher = queries.teacher_by_number(session, "T001")
    assert teacher is not None
    assert teacher.name == "李慧敏"
    assert run(session, read).is_changed is False


def test_the_number_of_statements_grows_by_thousands_not_by_rows(session: Session) -> None:
    counted = []
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", lambda *call: counted.append(call[2]))
    ticks: list[tuple[int, int]] = []
    schools, teachers = city(100, 1500)
    report = service.import_roster(
        session, plan(schools, teachers), at=NOW, progress=lambda done, total: ticks.append((done, total))
    )
    assert report.postings == Counts(created=1650)
    assert len(counted) < 30
    assert ticks[-1] == (100 + 1500 + 1650,) * 2
    assert ticks == sorted(ticks)


def test_reference_data_is_loaded_once(session: Session) -> None:
    assert service.load_districts(session) == 0
    assert session.scalar(select(func.count()).select_from(District)) == 9
    assert service.load_calendar(session) == session.scalar(select(func.count()).select_from(CalendarDay))
    assert service.load_calendar(session) == 0
    assert service.load_semesters(session) == 6
    assert service.load_semesters(session) == 0


def test_what_the_bureau_changed_stays(session: Session) -> None:
    service.load_calendar(session)
    service.load_semesters(session)
    day = session.get(CalendarDay, date(2027, 2, 8))
    found = queries.semester(session, "2026-2027-1")
    assert day is not None
    assert found is not None
    day.kind, found.weeks = "workday", 19
    session.add(CalendarDay(day=date(2027, 2, 9), kind="holiday", name="春节"))
    session.flush()
    assert service.load_calendar(session) == service.load_semesters(session) == 0
    session.expire_all()
    assert (day.kind, found.weeks) == ("workday", 19)


def test_default_semesters(session: Session) -> None:
    service.load_semesters(session)
    loaded = queries.semesters(session)
    assert [one.code for one in loaded] == [
        f"{year}-{year + 1}-{part}" for year in (2024, 2025, 2026) for part in (1, 2)
    ]
    for one in loaded:
        assert one.weeks == 20
        assert one.status == "planned"
        assert (one.ends_on - one.starts_on).days + 1 >= 7 * one.weeks
        assert one.freeze_at.astimezone(ZoneInfo("Asia/Shanghai")).date() == one.ends_on
        assert one.freeze_at < one.publish_at
    assert all(first.ends_on < second.starts_on for first, second in zip(loaded, loaded[1:], strict=False))
    winter = session.get(Semester, "2025-2026-1")
    assert winter is not None
    assert (winter.name, winter.ends_on) == ("2025—2026学年度第一学期", date(2026, 1, 30))
    assert winter.freeze_at == datetime(2026, 1, 30, 10, 0, tzinfo=UTC)


def test_prior_notice_fits_between_freeze_and_publication(session: Session) -> None:
    service.load_semesters(session)
    service.load_calendar(session)
    calendar = queries.calendar(session)
    for one in queries.semesters(session):
        assert calendar.due_in_working_days(one.freeze_at.date(), 6) <= one.publish_at.date(), one.code


def test_districts_are_the_nine() -> None:
    assert dict(reference.districts()) == {
        "430202": "荷塘区",
        "430203": "芦淞区",
        "430204": "石峰区",
        "430211": "天元区",
        "430212": "渌口区",
        "430223": "攸县",
        "430224": "茶陵县",
        "430225": "炎陵县",
        "430281": "醴陵市",
    }
