"""Results on both databases: all or nothing, the same workbook twice, and what it refuses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import AuditEvent
from ethics_eval.accounts.rules import Actor
from ethics_eval.evaluation.importing import (
    ImportReport,
    import_assessments,
    preview_assessments,
)
from ethics_eval.evaluation.models import Assessment, Honour, Tally
from ethics_eval.evaluation.rules.assessment import (
    HONOUR_HEADINGS,
    HONOURS,
    SCORE_HEADINGS,
    SCORES,
    VOTE_HEADINGS,
    VOTES,
    AssessmentPlan,
    plan_assessments,
)
from ethics_eval.evaluation.rules.scheme import Component, Item
from ethics_eval.roster import service as roster_service
from ethics_eval.roster.models import School, Semester, Teacher
from ethics_eval.roster.rules.cell import Cell
from ethics_eval.roster.rules.sheet import ImportRefused, SheetRows
from ethics_eval.roster.service import Counts
from ethics_eval.text import RuleViolation
from tests.roster.rosters import LI, SCHOOL_ROWS, TEACHER_ROWS, changed, city
from tests.roster.rosters import plan as roster_plan

NOW = datetime(2025, 11, 24, 4, 0, tzinfo=UTC)
ACTOR = Actor(id=None, role=None, display_name="tests")
SEMESTER = "2025-2026-1"
ITEMS = {Component.PUPIL: (Item("S1", 5000, (100, 85, 70, 55, 0)), Item("S2", 5000, (100, 50, 0)))}
Row = Sequence[Cell]

SCORE: Row = ("T001", "2143000001", "school", 91.25, 1, None)
PARENT: Row = ("T002", "2143000001", "家长", "88", 32, 40)
VOTE: Row = ("T001", "2143000001", "pupil", "S1", 2, 17, 45)
HONOUR: Row = ("T001", "city", "优秀教师", "2025-09-10")


@pytest.fixture(autouse=True)
def _opened(session: Session) -> None:
    roster_service.load_districts(session)
    roster_service.load_semesters(session)
    roster_service.import_roster(session, roster_plan(SCHOOL_ROWS, TEACHER_ROWS), at=NOW)
    semester(session).status = "open"
    session.flush()


def semester(session: Session) -> Semester:
    return session.get_one(Semester, SEMESTER)


def plan(
    scores: Sequence[Row] = (), votes: Sequence[Row] = (), honours: Sequence[Row] = ()
) -> AssessmentPlan:
    return plan_assessments(
        [
            SheetRows(SCORES, tuple(SCORE_HEADINGS), list(enumerate(scores, 2))),
            SheetRows(VOTES, tuple(VOTE_HEADINGS), list(enumerate(votes, 2))),
            SheetRows(HONOURS, (*HONOUR_HEADINGS, "名称", "日期"), list(enumerate(honours, 2))),
        ],
        ITEMS,
    )


def run(session: Session, read: AssessmentPlan, code: str = SEMESTER) -> ImportReport:
    return import_assessments(session, read, code, actor=ACTOR, at=NOW)


def refused(session: Session, read: AssessmentPlan) -> list[str]:
    with pytest.raises(ImportRefused) as caught:
        run(session, read)
    assert str(caught.value).startswith(f"考评结果有 {len(caught.value.problems)} 处错误")
    return [str(problem) for problem in caught.value.problems]


def contents(session: Session) -> list[list[object]]:
    return [
        sorted(map(tuple, session.execute(select(*table.__table__.columns)).all()), key=repr)
        for table in (Assessment, Tally, Honour)
    ]


WHOLE = plan([SCORE, PARENT], [VOTE, changed(VOTE, 4, 1)], [HONOUR])


def test_a_first_import(session: Session) -> None:
    report = run(session, WHOLE)
    assert report.counts() == {
        "scores_created": 2,
        "scores_updated": 0,
        "scores_unchanged": 0,
        "tallies_created": 1,
        "tallies_updated": 0,
        "tallies_unchanged": 0,
        "honours_created": 1,
        "honours_updated": 0,
        "honours_unchanged": 0,
    }
    given = session.scalars(select(Assessment).where(Assessment.component == "school")).one()
    assert (given.semester_code, given.score_e4, given.rater_count, given.eligible_count) == (
        SEMESTER,
        912_500,
        1,
        None,
    )
    tally = session.scalars(select(Tally)).one()
    counts = [getattr(tally, f"option_{place}") for place in range(1, 11)]
    assert (tally.component, tally.item, tally.eligible_count, counts) == (
        "pupil",
        "S1",
        45,
        [17, 17, *[0] * 8],
    )
    honour = session.scalars(select(Honour)).one()
    assert (honour.level, honour.title, honour.awarded_on) == ("city", "优秀教师", date(2025, 9, 10))
    audit = session.scalars(select(AuditEvent).where(AuditEvent.action == "assessment.imported")).one()
    assert (audit.subject_kind, audit.subject_id) == ("semester", SEMESTER)


def test_the_same_workbook_twice_changes_nothing(session: Session) -> None:
    assert preview_assessments(session, WHOLE, SEMESTER).scores == Counts(created=2)
    assert contents(session) == [[], [], []]
    run(session, WHOLE)
    before = contents(session)
    report = run(session, WHOLE)
    assert not report.is_changed
    assert report == ImportReport(Counts(unchanged=2), Counts(unchanged=1), Counts(unchanged=1))
    assert contents(session) == before
    events = select(func.count()).select_from(AuditEvent).where(AuditEvent.action == "assessment.imported")
    assert session.scalar(events) == 1


def test_what_changed_is_written_and_what_is_not_named_stays(session: Session) -> None:
    run(session, WHOLE)
    report = run(
        session,
        plan(
            [changed(SCORE, 3, 92), changed(SCORE, 2, "self")],
            [changed(VOTE, 5, 20)],
            [changed(HONOUR, 3, "2025-09-11")],
        ),
    )
    assert report == ImportReport(Counts(created=1, updated=1), Counts(updated=1), Counts(updated=1))
    scores = session.execute(select(Assessment.component, Assessment.score_e4)).all()
    assert sorted(map(tuple, scores)) == [("parent", 880_000), ("school", 920_000), ("self", 912_500)]
    tally = session.scalars(select(Tally)).one()
    assert (tally.option_1, tally.option_2) == (0, 20)  # an item's votes are replaced as a whole


@pytest.mark.parametrize("status", ["planned", "frozen", "announced", "published"])
def test_only_an_open_semester_takes_results(session: Session, status: str) -> None:
    semester(session).status = status
    session.flush()
    with pytest.raises(RuleViolation, match="现在不接收考评结果") as caught:
        run(session, WHOLE)
    assert caught.value.code == "semester.not_open"
    with pytest.raises(RuleViolation, match="现在不接收考评结果"):
        preview_assessments(session, WHOLE, SEMESTER)
    assert contents(session) == [[], [], []]


def test_a_semester_nobody_knows(session: Session) -> None:
    with pytest.raises(RuleViolation, match="没有学期 2031-2032-1"):
        run(session, WHOLE, "2031-2032-1")


def test_who_is_not_there(session: Session) -> None:
    read = plan(
        [SCORE, changed(SCORE, 0, "T999"), changed(SCORE, 1, "3143000002"), changed(SCORE, 3, "好")],
        [changed(VOTE, 0, "T998"), changed(VOTE, 1, "9999999999")],
        [changed(HONOUR, 0, "T997")],
    )
    assert refused(session, read) == [
        "评分 第 3 行 教师编码：系统里没有这个教师编码。",
        "评分 第 4 行 学校标识码：这位教师这个学期不在标识码为 3143000002 的学校任职。",
        "评分 第 5 行 分数：请填写数字。",
        "票数 第 2 行 教师编码：系统里没有这个教师编码。",
        "票数 第 3 行 学校标识码：这位教师这个学期不在标识码为 9999999999 的学校任职。",
        "荣誉 第 2 行 教师编码：系统里没有这个教师编码。",
    ]
    assert contents(session) == [[], [], []]


def test_postings_of_the_semester_count_and_no_others(session: Session) -> None:
    departure = changed(LI, 9, "2025-10-31")
    arrival = changed(changed(LI, 2, "3143000002"), 8, "2025-11-01")
    early = changed(changed(changed(LI, 0, "T100"), 8, "2015-09-01"), 9, "2025-06-30")
    late = changed(changed(LI, 0, "T101"), 8, "2026-03-01")
    moved = roster_plan((), [departure, arrival, early, late])
    roster_service.import_roster(session, moved, at=NOW)
    run(session, plan([SCORE, changed(SCORE, 1, "3143000002")]))
    assert refused(session, plan([changed(SCORE, 0, "T100"), changed(SCORE, 0, "T101")])) == [
        "评分 第 2 行 学校标识码：这位教师这个学期不在标识码为 2143000001 的学校任职。",
        "评分 第 3 行 学校标识码：这位教师这个学期不在标识码为 2143000001 的学校任职。",
    ]
    assert refused(session, plan(honours=[changed(HONOUR, 0, "T100")])) == [
        "荣誉 第 2 行 教师编码：这位教师这个学期没有任职。"
    ]


def test_a_part_given_is_not_counted_and_the_other_way_round(session: Session) -> None:
    run(session, plan([changed(PARENT, 2, "pupil")], [VOTE]))
    assert refused(session, plan([changed(SCORE, 2, "pupil")], [changed(VOTE, 0, "T002")])) == [
        "评分 第 2 行 部分：系统里已有这位教师这一部分的票数，不能再导入评分。",
        "票数 第 2 行 部分：系统里已有这位教师这一部分的评分，不能再导入票数。",
    ]


def test_problems_of_the_workbook_come_with_those_of_the_database(session: Session) -> None:
    read = plan([changed(SCORE, 3, 101), changed(SCORE, 0, "T999")])
    assert [text.partition("：")[0] for text in refused(session, read)] == [
        "评分 第 2 行 分数",
        "评分 第 3 行 教师编码",
    ]


def test_another_semester_is_another_matter(session: Session) -> None:
    run(session, WHOLE)
    session.get_one(Semester, "2025-2026-2").status = "open"
    session.flush()
    assert run(session, WHOLE, "2025-2026-2").scores == Counts(created=2)
    assert session.scalar(select(func.count()).select_from(Assessment)) == 4


def test_the_number_of_statements_grows_by_thousands_not_by_rows(session: Session) -> None:
    schools, teachers = city(100, 1500)
    roster_service.import_roster(session, roster_plan(schools, teachers), at=NOW)
    rows = [(row[0], row[2], part, 80, 5, 9) for row in teachers[::2] for part in ("self", "peer", "parent")]
    unique = list({row[:3]: row for row in rows}.values())
    read = plan([row for row in unique if row[0] not in {other[0] for other in teachers if other[9]}])
    counted: list[str] = []
    ticks: list[tuple[int, int]] = []
    listener = lambda *call: counted.append(call[2])  # noqa: E731 - to be removed again
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", listener)
    report = import_assessments(
        session,
        read,
        SEMESTER,
        actor=ACTOR,
        at=NOW,
        progress=lambda done, total: ticks.append((done, total)),
    )
    event.remove(connection, "before_cursor_execute", listener)
    assert report.scores.created == len(read.scores) > 1800
    assert len(counted) < 20
    assert ticks[-1] == (len(read.scores),) * 2


def balloted(session: Session, number: str, component: str) -> None:
    """Codes were issued for a component of a teacher at the first school."""
    teacher = session.scalars(select(Teacher).where(Teacher.number == number)).one()
    school = session.scalars(select(School).where(School.code == "2143000001")).one()
    session.add(
        Tally(
            semester_code=SEMESTER,
            teacher_id=teacher.id,
            school_id=school.id,
            component=component,
            item="S1",
            source="ballot",
            eligible_count=40,
            option_1=7,
        )
    )
    session.flush()


def test_what_ballots_count_comes_from_no_workbook(session: Session) -> None:
    balloted(session, "T001", "pupil")
    score: Row = ("T001", "2143000001", "学生", "88", 32, 40)
    message = "这位教师的这一部分正在用本系统的评议码评，不能再导入。"
    assert refused(session, plan([SCORE], [VOTE])) == [f"票数 第 2 行 部分：{message}"]
    assert refused(session, plan([score, SCORE])) == [f"评分 第 2 行 部分：{message}"]
    run(session, plan([SCORE, PARENT]))  # other components of the posting are free
    assert session.scalars(select(Tally)).one().option_1 == 7


def test_a_school_brings_its_own_results_only(session: Session) -> None:
    foreign: Row = ("T002", "2143000002", "家长", "88", 32, 40)
    nobody: Row = ("T777", "2143000002", "家长", "88", 32, 40)
    honour: Row = ("T777", "city", "优秀教师", "2025-09-10")
    school_honour = changed(HONOUR, 1, "校级")
    own = plan([SCORE], [VOTE], [school_honour])
    report = preview_assessments(session, own, SEMESTER, own_school="2143000001")
    assert (report.scores, report.honours) == (Counts(created=1), Counts(created=1))
    with pytest.raises(ImportRefused) as caught:
        import_assessments(
            session,
            plan([SCORE, foreign, nobody], [], [honour, HONOUR]),
            SEMESTER,
            actor=ACTOR,
            at=NOW,
            own_school="2143000001",
        )
    assert [str(problem) for problem in caught.value.problems] == [
        "评分 第 3 行 学校标识码：只能导入本校的结果。",
        "评分 第 4 行 学校标识码：只能导入本校的结果。",
        "荣誉 第 2 行 教师编码：这位教师这个学期不在本校任职。",
        "荣誉 第 3 行 级别：学校只能导入校级荣誉，县级以上和见义勇为由市教育局核实后导入。",
    ]
