"""Reads of the roster, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from ethics_eval.roster import queries, service
from ethics_eval.roster.models import CalendarDay, School
from ethics_eval.roster.queries import CITY, Reach
from ethics_eval.roster.rules.calendar import CalendarExhausted
from ethics_eval.roster.rules.roster import RosterPlan
from tests.roster.rosters import (
    HEAD,
    LI,
    SCHOOL_ROWS,
    SECRETARY,
    TEACHER_ROWS,
    TIANTAI,
    Row,
    changed,
    city,
    plan,
)

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)


def load(session: Session, read: RosterPlan) -> None:
    service.load_districts(session)
    service.load_semesters(session)
    service.import_roster(session, read, at=NOW)


def school(session: Session, code: str) -> School:
    found = queries.school_by_code(session, code)
    assert found is not None
    return found


def test_districts_by_code(session: Session) -> None:
    service.load_districts(session)
    assert [district.code for district in queries.districts(session)][:2] == ["430202", "430203"]
    district = queries.district_by_code(session, "430281")
    assert district is not None
    assert district.name == "醴陵市"
    assert queries.district_by_code(session, "430999") is None


@pytest.mark.parametrize(
    ("text", "district", "names"),
    [
        ("天台", None, ["天台小学"]),
        ("株洲市天台小学", None, ["天台小学"]),
        ("ttxx", None, ["天台小学"]),
        ("lvkou", None, ["渌口镇学校"]),
        ("tian", None, ["天乐幼儿园", "天台小学"]),
        ("tian", "430203", ["天乐幼儿园"]),
        ("tian", "430999", []),
        ("", "430203", ["天乐幼儿园"]),
        ("", None, ["渌口镇学校", "天乐幼儿园", "天台小学"]),
        ("%", None, []),
        ("_", None, []),
        ("'; drop table school", None, []),
    ],
)
def test_find_schools(session: Session, text: str, district: str | None, names: list[str]) -> None:
    load(session, plan())
    assert [found.name for found in queries.find_schools(session, text, district)] == names


def test_pages_of_a_list_and_of_a_search(session: Session) -> None:
    load(session, plan(city(50, 0)[0], ()))
    for text in ("", "第"):
        whole = [found.code for found in queries.find_schools(session, text, limit=100)]
        pages = [
            found.code
            for offset in range(0, 60, 20)
            for found in queries.find_schools(session, text, limit=20, offset=offset)
        ]
        assert len(whole) == 50
        assert pages == whole


def test_a_search_is_two_statements_and_brings_the_district(session: Session) -> None:
    load(session, plan())
    session.expunge_all()
    counted: list[str] = []
    event.listen(session.connection(), "before_cursor_execute", lambda *call: counted.append(call[2]))
    found = queries.find_schools(session, "天")
    assert {one.district.name for one in found} == {"天元区", "芦淞区"}
    assert len(counted) == 2


def test_teachers_of_a_school(session: Session) -> None:
    load(session, plan())
    tiantai = school(session, "2143000001")
    rows = queries.teachers_of_school(session, tiantai.id, on=TODAY, reach=CITY)
    assert [(row.name, row.position.value) for row in rows] == [
        ("李敏", "teacher"),
        ("王芳", "secretary"),
        ("张伟", "head"),
    ]
    for text in ("张", "zhangwei", "zw", "zhang", "wei"):
        assert [
            row.name
            for row in queries.teachers_of_school(session, tiantai.id, on=TODAY, reach=CITY, text=text)
        ] == ["张伟"]
    assert queries.teachers_of_school(session, tiantai.id, on=date(2009, 1, 1), reach=CITY) == []


def test_the_reader_sees_persons_within_reach_only(session: Session) -> None:
    load(session, plan())
    tiantai, other = school(session, "2143000001"), school(session, "3143000002")

    def seen(reach: Reach) -> int:
        return len(queries.teachers_of_school(session, tiantai.id, on=TODAY, reach=reach))

    assert seen(Reach(school_id=tiantai.id)) == 3
    assert seen(Reach(school_id=other.id)) == 0
    assert seen(Reach(district_code="430211")) == 3
    assert seen(Reach(district_code="430212")) == 0
    assert seen(Reach(school_id=other.id, district_code="430211")) == 0


def test_choices_join_the_stages_of_a_person(session: Session) -> None:
    load(session, plan())
    other = school(session, "3143000002")
    ((_id, words),) = queries.teacher_choices(session, other.id, TODAY)
    assert words == "曾静 · 初中音乐、小学音乐 · T004"


def test_who_leads_a_school(session: Session) -> None:
    later = changed(changed(HEAD, 0, "T020"), 8, "2026-09-01")
    earlier = changed(changed(HEAD, 9, "2026-08-31"), 7, "退休")
    later = changed(later, 1, "刘洋")
    load(session, plan(SCHOOL_ROWS, [LI, SECRETARY, later, changed(earlier, 7, "在岗")]))
    tiantai = school(session, "2143000001")
    assert queries.head_names(session, tiantai.id, TODAY) == ["刘洋", "王芳"]
    assert queries.head_names(session, tiantai.id, date(2026, 8, 31)) == ["张伟", "王芳"]
    assert len(queries.head_ids(session, tiantai.id, TODAY)) == 2
    assert queries.head_ids(session, tiantai.id, date(2001, 1, 1)) == []


def test_a_head_who_retired_leads_no_more(session: Session) -> None:
    load(session, plan([TIANTAI], [changed(HEAD, 7, "退休")]))
    tiantai = school(session, "2143000001")
    assert queries.head_ids(session, tiantai.id, TODAY) == []
    assert queries.teachers_of_school(session, tiantai.id, on=TODAY, reach=CITY) == []


def test_the_posting_of_a_day(session: Session) -> None:
    load(
        session,
        plan(SCHOOL_ROWS, [changed(LI, 9, "2020-08-31"), changed(LI, 8, "2020-09-01"), *TEACHER_ROWS[1:]]),
    )
    tiantai = school(session, "2143000001")
    teacher = queries.teacher_by_number(session, "T001")
    assert teacher is not None
    for day, begun in ((date(2020, 8, 31), date(2015, 9, 1)), (date(2020, 9, 1), date(2020, 9, 1))):
        posting = queries.posting_on(session, teacher.id, tiantai.id, day)
        assert posting is not None
        assert posting.starts_on == begun
    assert queries.posting_on(session, teacher.id, tiantai.id, date(2015, 8, 31)) is None
    assert queries.posting_on(session, teacher.id, school(session, "3143000002").id, TODAY) is None


def test_postings_of_a_semester(session: Session) -> None:
    moved: list[Row] = [
        changed(changed(LI, 9, "2026-11-08"), 7, "调离"),
        changed(changed(LI, 2, "3143000002"), 8, "2026-11-09"),
    ]
    gone = changed(changed(changed(LI, 0, "T050"), 9, "2026-10-01"), 7, "离职")
    retired = changed(changed(LI, 0, "T051"), 7, "退休")
    brief = changed(changed(LI, 0, "T052"), 9, "2026-09-02")
    before = changed(changed(LI, 0, "T053"), 9, "2026-07-01")
    load(session, plan(SCHOOL_ROWS, [*moved, *TEACHER_ROWS[1:], gone, retired, brief, before]))
    semester = queries.semester(session, "2026-2027-1")
    assert semester is not None
    rows = queries.postings_in_semester(session, semester)
    assert [(row.school_code, row.teacher_number, row.stage, row.weeks, row.held) for row in rows] == [
        ("2143000001", "T001", "PRI", 10, ""),
        ("3143000002", "T001", "PRI", 10, ""),
        ("2143000001", "T002", "PRI", 20, ""),
        ("2143000001", "T003", "PRI", 20, ""),
        ("3143000002", "T004", "JUN", 20, ""),
        ("3143000002", "T004", "PRI", 20, ""),
        ("1143000003", "T005", "KG", 20, "MATERNITY"),
        ("2143000001", "T050", "PRI", 4, "LEFT"),
        ("2143000001", "T051", "PRI", 20, "LEFT"),
    ]
    assert rows[0].district_code == "430211"


def test_leaving_one_of_two_schools_holds_nobody(session: Session) -> None:
    stays = changed(changed(LI, 2, "3143000002"), 8, "2010-09-01")
    undated = changed(LI, 7, "调离")
    load(session, plan(SCHOOL_ROWS, [stays, undated]))
    semester = queries.semester(session, "2026-2027-1")
    assert semester is not None
    assert {row.held for row in queries.postings_in_semester(session, semester)} == {""}


def test_semesters_in_order(session: Session) -> None:
    service.load_semesters(session)
    codes = [one.code for one in queries.semesters(session)]
    assert codes == sorted(codes)
    assert queries.semester(session, "1999-2000-1") is None


def test_the_calendar_of_the_worked_examples(session: Session) -> None:
    """domain.md §7.7, examples 1–3."""
    service.load_calendar(session)
    calendar = queries.calendar(session)
    assert calendar.covered_until == date(2027, 12, 31)
    assert calendar.due_in_days(date(2025, 9, 22), 15) == date(2025, 10, 9)
    assert calendar.due_in_days(date(2025, 9, 24), 60) == date(2025, 11, 24)
    assert calendar.due_in_working_days(date(2025, 9, 26), 5) == date(2025, 10, 10)
    with pytest.raises(CalendarExhausted):
        calendar.due_in_days(date(2027, 12, 1), 60)


def test_a_calendar_without_days_knows_no_deadline(session: Session) -> None:
    with pytest.raises(CalendarExhausted):
        queries.calendar(session).due_in_days(TODAY, 15)
    session.add(CalendarDay(day=date(2026, 10, 1), kind="holiday", name="国庆节"))
    session.flush()
    assert queries.calendar(session).due_in_days(TODAY, 15) == date(2026, 12, 9)
