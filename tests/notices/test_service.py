"""Notices come with their step, once, whole or not at all; numbers are never given twice; inboxes are acknowledged."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import AuditEvent
from ethics_eval.accounts.rules import CLOCK, Role
from ethics_eval.complaints.categories import Severity
from ethics_eval.database import new_id, transaction
from ethics_eval.jobs.tick import tick
from ethics_eval.notices import queries, service
from ethics_eval.notices.document import from_json
from ethics_eval.notices.models import Delivery, Notice
from ethics_eval.notices.queries import number_of
from ethics_eval.ranking.models import BottomEntry, Ranking
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.roster.models import Semester
from ethics_eval.vault.service import Vault
from tests.support.ranked import GROUNDS, SCHOOLS, SEMESTER, WORDS, RankedCity
from tests.support.refusals import refused

SECOND, THIRD = "2025-2026-2", "2026-2027-1"
READ_AT = datetime(2026, 2, 14, 1, 0, tzinfo=UTC)
TODAY = date(2026, 2, 14)


def issued(session: Session, kind: str, semester: str = SEMESTER) -> list[Notice]:
    return list(
        session.scalars(
            select(Notice)
            .where(Notice.kind == kind, Notice.semester_code == semester)
            .order_by(Notice.teacher_id)
        )
    )


def circular(session: Session, semester: str = SEMESTER) -> Notice:
    (found,) = issued(session, "circular", semester)
    return found


def text_of(notice: Notice) -> str:
    return from_json(notice.document).text()


def count(session: Session, table: type[Notice | Delivery | AuditEvent]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


# --- what goes out, and to whom -----------------------------------------------------------------------------


def test_before_publication_each_listed_teacher_and_the_head_is_told(
    session: Session, city: RankedCity
) -> None:
    city.lead_to(Step.ANNOUNCE)
    letters = issued(session, "prior")
    listed = [city.teachers[number] for number in (30, 31, 32, 34, 35)]
    assert [letter.teacher_id for letter in letters] == [teacher.id for teacher in listed]
    assert issued(session, "circular") == []
    for letter, teacher in zip(letters, listed, strict=True):
        assert {(row.teacher_id, row.school_id) for row in letter.deliveries} == {
            (teacher.id, None),
            (None, teacher.postings[0].school_id),
        }
        assert f"{teacher.name}老师" in text_of(letter)
        assert "2026年2月6日（含当日）前" in text_of(letter)


def test_publication_issues_the_circular_to_every_school_and_district(
    session: Session, city: RankedCity
) -> None:
    city.lead_to(Step.PUBLISH)
    notice = circular(session)
    assert number_of(notice) == "株教通〔2026〕1号"
    schools = sorted(row.school_id for row in notice.deliveries if row.school_id is not None)
    districts = [row.district_code for row in notice.deliveries if row.district_code is not None]
    assert schools == sorted(school.id for school in city.schools)  # the kindergarten too
    assert len(set(districts)) == len(districts) == 9
    assert len(notice.deliveries) == len(SCHOOLS) + 9
    assert {row.acknowledged_at for row in notice.deliveries} == {None}
    assert [letter.teacher_id for letter in issued(session, "individual")] == [
        city.teachers[number].id for number in (30, 31, 32, 34, 35)
    ]
    events = session.scalars(select(AuditEvent.action).where(AuditEvent.subject_kind == "notice")).all()
    assert events == ["notice.issued"] * 11


def test_the_circular_names_masked_and_tells_the_rest_in_numbers(session: Session, city: RankedCity) -> None:
    city.lead_to(Step.PUBLISH)
    text = text_of(circular(session))
    assert "株教通〔2026〕1号" in text
    assert "本学期参评教师36名" in text
    assert "幼儿园教师不参加排名1人" in text
    assert "列入名单5名，其中点名通报2名，单独告知3名" in text
    assert "得分暂定而不列入1名" in text
    assert "体罚或变相体罚问题属实，程度一般" in text
    assert "综合得分69.50分，在36名参评教师中列第35名，合计扣8.00分" in text
    assert "综合得分59.99分，在36名参评教师中列第36名，师德一票否决，师德考核等次为不合格" in text
    for number in range(30, 36):
        assert city.teachers[number].name not in text
    for private in ("79.00", "79.50", "80.00"):  # scores of those told privately only
        assert private not in text
    for part in (*WORDS.split("，"), *GROUNDS.split("，"), "小雨", "戒尺"):
        assert part not in text


def test_where_a_child_could_be_known_by_the_school_it_is_not_told(
    session: Session, city: RankedCity
) -> None:
    city.lead_to(Step.PUBLISH)
    text = text_of(circular(session))
    shielded, charged = (city.schools[city.school_of(city.teachers[number])] for number in (34, 35))
    assert f"{shielded.district.name}某学校教师" in text
    assert shielded.name not in text
    assert f"{charged.name}教师{city.teachers[35].name[0]}" in text


def test_the_letter_tells_whether_the_circular_names(session: Session, city: RankedCity) -> None:
    city.lead_to(Step.PUBLISH)
    letters = {letter.teacher_id: text_of(letter) for letter in issued(session, "individual")}
    assert "您已列入株教通〔2026〕1号通报的点名对象" in letters[city.teachers[35].id]
    assert "株教通〔2026〕1号通报没有点您的姓名" in letters[city.teachers[32].id]
    assert "综合得分为79.00分" in letters[city.teachers[32].id]
    for number in (34, 35):
        assert WORDS not in letters[city.teachers[number].id]
        assert GROUNDS not in letters[city.teachers[number].id]


def test_a_group_equal_across_the_cut_is_left_out_as_a_whole(
    session: Session, tmp_path: Path, vault: Vault
) -> None:
    city = RankedCity(session, vault, tmp_path)
    city.give_all(points={number: "60.00" for number in range(30, 36)})
    city.lead_to(Step.PUBLISH)
    text = text_of(circular(session))
    assert "因得分完全相同未列入6名" in text
    assert "本学期没有教师列入名单，无点名通报对象。" in text
    assert issued(session, "individual") == issued(session, "prior") == []


def test_a_list_of_nobody_is_a_circular_all_the_same(session: Session, tmp_path: Path, vault: Vault) -> None:
    city = RankedCity(session, vault, tmp_path, teacher_count=29)
    city.give_all()
    city.charge(city.teachers[28], "C11", Severity.GRAVE)
    city.lead_to(Step.PUBLISH)
    notice = circular(session)
    assert "参评教师29名，不足30名，不产生名单" in text_of(notice)
    assert len(notice.deliveries) == len(SCHOOLS) + 9
    assert count(session, Notice) == 1


def test_naming_by_rank_names_all_masked(session: Session, tmp_path: Path, vault: Vault) -> None:
    city = RankedCity(session, vault, tmp_path, scheme={"naming": "rank"})
    city.give_all()
    city.lead_to(Step.PUBLISH)
    text = text_of(circular(session))
    assert "其中点名通报5名，单独告知0名" in text
    assert "该教师本学期没有经查实的违反职业道德行为，因综合得分列入。" in text
    assert not [teacher.name for teacher in city.teachers if teacher.name in text]


def test_a_notice_stays_as_it_was_issued(session: Session, city: RankedCity) -> None:
    city.lead_to(Step.PUBLISH)
    before = {notice.id: notice.document for notice in session.scalars(select(Notice))}
    city.teachers[35].name, city.schools[0].name = "改名", "改名学校"
    session.execute(update(BottomEntry).values(treatment="private"))
    session.flush()
    session.expire_all()
    opened = queries.open_notice(session, city.bureau, circular(session).id, on=TODAY)
    assert opened is not None
    assert opened.document is not None
    assert opened.document.text() == from_json(before[opened.row.notice.id]).text()
    assert "改名" not in opened.document.text()


# --- once, and whole ----------------------------------------------------------------------------------------


def test_a_step_taken_twice_issues_nothing_twice(session: Session, city: RankedCity) -> None:
    city.lead_to(Step.PUBLISH)
    before = [count(session, table) for table in (Notice, Delivery, AuditEvent)]
    for step in Step:
        assert city.take(step) is False
    assert [count(session, table) for table in (Notice, Delivery, AuditEvent)] == before


def test_what_fails_in_the_middle_leaves_nothing(session: Session, city: RankedCity) -> None:
    city.lead_to(Step.ANNOUNCE)
    ranking = session.scalars(select(Ranking)).one()
    letter = issued(session, "prior")[-1]
    in_the_way = Notice(
        id=new_id(),
        kind="individual",
        ranking_id=ranking.id,
        semester_code=SEMESTER,
        teacher_id=city.teachers[30].id,  # the last of the list
        title=letter.title,
        document=letter.document,
        issued_at=letter.issued_at,
    )
    session.add(in_the_way)
    session.commit()
    before = [count(session, table) for table in (Notice, Delivery, AuditEvent)]
    with pytest.raises(IntegrityError):
        city.take(Step.PUBLISH)
    session.rollback()
    assert [count(session, table) for table in (Notice, Delivery, AuditEvent)] == before
    assert session.get_one(Semester, SEMESTER).status == "announced"
    session.delete(in_the_way)
    session.commit()
    assert city.take(Step.PUBLISH)
    assert number_of(circular(session)) == "株教通〔2026〕1号"


def test_numbers_go_on_within_a_year_and_begin_anew_with_the_next(
    session: Session, tmp_path: Path, vault: Vault
) -> None:
    city = RankedCity(session, vault, tmp_path)
    for semester in (SEMESTER, SECOND, THIRD):
        city.give_all(semester=semester)
        city.lead_to(Step.PUBLISH, semester=semester)
    numbers = [number_of(circular(session, semester)) for semester in (SEMESTER, SECOND, THIRD)]
    assert numbers == ["株教通〔2026〕1号", "株教通〔2026〕2号", "株教通〔2027〕1号"]


def test_the_database_refuses_a_number_given_twice(session: Session, city: RankedCity) -> None:
    city.lead_to(Step.PUBLISH)
    first = circular(session)
    session.add(
        Notice(
            id=new_id(),
            kind="circular",
            ranking_id=first.ranking_id,
            semester_code=SEMESTER,
            word=first.word,
            year=first.year,
            serial=first.serial,
            title=first.title,
            document=first.document,
            issued_at=first.issued_at,
        )
    )
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_the_clock_takes_the_steps_with_their_notices(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        with transaction() as session:
            city = RankedCity(session, app.extensions["vault"], tmp_path)
            city.give_all()
            city.take(Step.OPEN)
        done = tick(transaction, at=datetime(2026, 3, 1, tzinfo=UTC), instance=tmp_path)
        # announced so late, the objection window must run out first
        assert [line for line in done if "round" not in line] == [
            f"{SEMESTER} freeze",
            f"{SEMESTER} announce",
        ]
        done = tick(transaction, at=datetime(2026, 3, 20, tzinfo=UTC), instance=tmp_path)
        assert done == [f"{SEMESTER} publish"]
        with transaction() as session:
            assert circular(session).issued_by_id is None
            assert len(issued(session, "individual")) == 5


# --- two at once --------------------------------------------------------------------------------------------


@dataclass
class Race:
    """Two threads; the second begins while the first has done its work and not yet committed."""

    app: Flask
    instance: Path
    taken: dict[str, bool] = field(default_factory=dict)

    def run(self, first: str, second: str) -> None:
        """Publish both semesters (the same one, perhaps) at the same time."""
        is_done, may_commit = threading.Event(), threading.Event()

        def linger() -> None:
            is_done.set()
            may_commit.wait(0.5)

        def lead() -> None:
            self._publish("first", first, after=linger)

        def follow() -> None:
            is_done.wait(10)
            self._publish("second", second)

        threads = [threading.Thread(target=lead), threading.Thread(target=follow)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)

    def _publish(self, name: str, semester: str, after: Callable[[], object] = lambda: None) -> None:
        with self.app.app_context(), transaction() as session:
            at = session.get_one(Semester, semester).publish_at
            self.taken[name] = service.take_step(
                session, semester, Step.PUBLISH, actor=CLOCK, at=at, instance=self.instance
            )
            after()


@pytest.fixture
def race(app: Flask, tmp_path: Path) -> Race:
    """Two semesters of one year, both ready to be published."""
    with app.app_context(), transaction() as session:
        city = RankedCity(session, app.extensions["vault"], tmp_path)
        for semester in (SEMESTER, SECOND):
            city.give_all(semester=semester)
            city.lead_to(Step.ANNOUNCE, semester=semester)
            session.get_one(Semester, semester).status = "published"  # or the other could not be frozen
            session.flush()
        session.execute(
            update(Semester).where(Semester.code.in_([SEMESTER, SECOND])).values(status="announced")
        )
    return Race(app, tmp_path)


def test_two_publications_at_once_get_two_numbers(race: Race) -> None:
    race.run(SEMESTER, SECOND)
    assert race.taken == {"first": True, "second": True}
    with race.app.app_context(), transaction() as session:
        numbers = [number_of(circular(session, semester)) for semester in (SEMESTER, SECOND)]
    assert numbers == ["株教通〔2026〕1号", "株教通〔2026〕2号"]


def test_one_publication_taken_twice_at_once_happens_once(race: Race) -> None:
    race.run(SEMESTER, SEMESTER)
    assert race.taken == {"first": True, "second": False}
    with race.app.app_context(), transaction() as session:
        assert len(issued(session, "circular")) == 1


# --- acknowledging ------------------------------------------------------------------------------------------


def acknowledgements(session: Session) -> int:
    return (
        session.scalar(
            select(func.count()).select_from(AuditEvent).where(AuditEvent.action == "notice.acknowledged")
        )
        or 0
    )


def test_a_school_acknowledges_once_whoever_of_its_people_it_is(session: Session, city: RankedCity) -> None:
    city.lead_to(Step.PUBLISH)
    delivery = queries.own_delivery(session, city.officer, circular(session).id)
    assert delivery is not None
    assert service.acknowledge(session, delivery, actor=city.officer, at=READ_AT) is True
    later = READ_AT + timedelta(days=1)
    assert service.acknowledge(session, delivery, actor=city.head, at=later) is False
    session.expire_all()
    assert (delivery.acknowledged_at, delivery.acknowledged_by_id) == (READ_AT, city.officer.id)
    assert acknowledgements(session) == 1


def test_district_and_teacher_acknowledge_their_own(session: Session, city: RankedCity) -> None:
    city.lead_to(Step.PUBLISH)
    teacher = city.account(Role.TEACHER, teacher=city.teachers[35])
    letter = next(row for row in issued(session, "individual") if row.teacher_id == city.teachers[35].id)
    for reader, notice in ((city.district, circular(session)), (teacher, letter)):
        delivery = queries.own_delivery(session, reader, notice.id)
        assert delivery is not None
        assert service.acknowledge(session, delivery, actor=reader, at=READ_AT)
    assert acknowledgements(session) == 2


def test_nobody_acknowledges_for_another(session: Session, city: RankedCity) -> None:
    city.lead_to(Step.PUBLISH)
    delivery = queries.own_delivery(session, city.officer, circular(session).id)
    assert delivery is not None
    letter = next(row for row in issued(session, "individual") if row.teacher_id == city.teachers[30].id)
    to_head = next(row for row in letter.deliveries if row.school_id is not None)
    assert to_head.school_id == city.head.school_id
    for actor, target in (
        (city.account(Role.SCHOOL_OFFICER, school=1), delivery),
        (city.district, delivery),
        (city.bureau, delivery),
        (CLOCK, delivery),
        (city.officer, to_head),  # only the head opens letters
    ):
        with refused("permission.denied"):
            service.acknowledge(session, target, actor=actor, at=READ_AT)
    assert acknowledgements(session) == 0
