"""Who may open which notice, and what is known of its acknowledgement."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import PUBLIC, Actor, Role
from ethics_eval.notices import queries, service
from ethics_eval.notices.gathering import ranking_facts, view_of
from ethics_eval.notices.models import Notice
from ethics_eval.notices.queries import Progress
from ethics_eval.ranking.rules.steps import Step
from tests.support.ranked import SEMESTER, RankedCity
from tests.support.refusals import refused

READ_AT = datetime(2026, 2, 14, 1, 0, tzinfo=UTC)
TODAY = date(2026, 2, 14)


@pytest.fixture
def published(city: RankedCity) -> RankedCity:
    """The city with its semester published."""
    city.lead_to(Step.PUBLISH)
    return city


def found(session: Session, kind: str, city: RankedCity, number: int | None = None) -> str:
    """The id of the circular, or of a letter to a teacher."""
    query = select(Notice.id).where(Notice.kind == kind)
    if number is not None:
        query = query.where(Notice.teacher_id == city.teachers[number].id)
    return session.scalars(query).one()


def kinds(session: Session, reader: Actor) -> list[str]:
    rows, total = queries.notices(session, reader)
    assert len(rows) == total
    assert all(queries.open_notice(session, reader, row.notice.id, on=TODAY) for row in rows)
    return [row.notice.kind for row in rows]


def test_each_reader_has_an_inbox_of_their_own(session: Session, published: RankedCity) -> None:
    city = published
    # of the five listed, 30 is at the first school, 31 and 34 at the second, 32 and 35 at the third
    assert kinds(session, city.officer) == ["circular"]
    assert kinds(session, city.head) == ["circular", "individual", "prior"]
    assert kinds(session, city.account(Role.SCHOOL_OFFICER, school=3)) == ["circular"]
    assert kinds(session, city.account(Role.SCHOOL_HEAD, school=3)) == ["circular"]
    assert (
        kinds(session, city.account(Role.SCHOOL_HEAD, school=1))
        == ["circular"] + ["individual"] * 2 + ["prior"] * 2
    )
    assert kinds(session, city.district) == ["circular"]
    assert kinds(session, city.account(Role.TEACHER, teacher=city.teachers[35])) == ["individual", "prior"]
    assert kinds(session, city.account(Role.TEACHER, teacher=city.teachers[0])) == []
    for role in (Role.BUREAU_OFFICER, Role.BUREAU_HEAD):
        assert kinds(session, city.account(role)) == ["circular"] + ["individual"] * 5 + ["prior"] * 5
    for nobody in (PUBLIC, city.account(Role.AUDITOR), city.account(Role.SYSADMIN)):
        assert kinds(session, nobody) == []


def test_what_was_not_sent_to_the_reader_is_as_if_absent(session: Session, published: RankedCity) -> None:
    city = published
    letter = found(session, "individual", city, 30)
    for reader in (
        city.officer,  # the same school, but not its head
        city.account(Role.SCHOOL_HEAD, school=1),
        city.district,
        city.account(Role.TEACHER, teacher=city.teachers[31]),
        city.account(Role.TEACHER, teacher=city.teachers[0]),
    ):
        assert queries.open_notice(session, reader, letter, on=TODAY) is None
        assert queries.own_delivery(session, reader, letter) is None
        assert queries.progress(session, reader, [letter]) == {}
        assert queries.letter_recipients(session, reader, letter) == []
    opened = queries.open_notice(session, city.head, letter, on=TODAY)
    assert opened is not None
    assert opened.row.teacher == city.teachers[30].name
    circular = found(session, "circular", city)
    teacher = city.account(Role.TEACHER, teacher=city.teachers[35])
    assert queries.open_notice(session, teacher, circular, on=TODAY) is None
    assert queries.open_notice(session, city.bureau, "0" * 32, on=TODAY) is None


def test_an_account_without_a_scope_reads_nothing(session: Session, published: RankedCity) -> None:
    """Rows without a school are not those of a reader without one."""
    for role in (Role.SCHOOL_HEAD, Role.DISTRICT_OFFICER, Role.TEACHER):
        assert queries.notices(session, Actor(1, role))[1] == 0


def test_lists_narrow_to_a_kind_and_carry_number_and_semester(
    session: Session, published: RankedCity
) -> None:
    rows, total = queries.notices(session, published.bureau, kind="circular")
    assert total == 1
    assert (rows[0].number, rows[0].semester) == ("株教通〔2026〕1号", "2025—2026学年度第一学期")
    rows, total = queries.notices(session, published.bureau, kind="prior")
    assert (total, {row.number for row in rows}) == (5, {""})
    assert queries.notices(session, published.bureau, page=2)[0] == []


def test_the_bureau_sees_how_far_the_acknowledgements_are(session: Session, published: RankedCity) -> None:
    city = published
    circular = found(session, "circular", city)
    assert queries.progress(session, city.bureau, [circular]) == {circular: Progress(13, 0)}
    assert queries.progress(session, city.district, [circular]) == {circular: Progress(2, 0)}
    for reader in (city.officer, city.district):
        delivery = queries.own_delivery(session, reader, circular)
        assert delivery is not None
        service.acknowledge(session, delivery, actor=reader, at=READ_AT)
    session.expire_all()
    assert queries.progress(session, city.bureau, [circular]) == {circular: Progress(13, 2)}
    rows = {row.name: row for row in queries.district_progress(session, city.bureau, circular)}
    assert len(rows) == 9
    assert rows["天元区"].schools == Progress(1, 1)
    assert rows["荷塘区"].schools == Progress(1, 0)
    assert rows["攸县"].schools == Progress(0, 0)
    assert {name for name, row in rows.items() if row.bureau and row.bureau.acknowledged_at} == {"天元区"}
    (own,) = queries.district_progress(session, city.district, circular)
    assert own.name == "天元区"
    opened = queries.open_notice(session, city.head, circular, on=TODAY)
    assert opened is not None
    assert opened.signer == "测试school_officer-0"


def test_who_is_missing_is_listed_by_district_and_page(session: Session, published: RankedCity) -> None:
    city = published
    circular = found(session, "circular", city)
    rows, total = queries.missing_schools(session, city.bureau, circular)
    assert total == 4
    assert [row.district_code for row in rows] == ["430202", "430203", "430204", "430211"]
    rows, total = queries.missing_schools(session, city.bureau, circular, district_code="430203")
    assert ([row.id for row in rows], total) == ([city.schools[2].id], 1)
    rows, total = queries.missing_schools(session, city.bureau, circular, page=2)
    assert (rows, total) == ([], 4)
    rows, total = queries.missing_schools(session, city.district, circular, district_code="430203")
    assert (rows, total) == ([], 0)  # another district's
    assert queries.missing_schools(session, city.officer, circular) == ([], 0)


def test_the_bureau_sees_who_got_a_letter(session: Session, published: RankedCity) -> None:
    city = published
    letter = found(session, "individual", city, 35)
    rows = queries.letter_recipients(session, city.bureau, letter)
    assert [(row.is_teacher, row.name) for row in rows] == [
        (True, city.teachers[35].name),
        (False, city.schools[2].name),
    ]


def test_a_circular_is_to_be_acknowledged_within_five_working_days(
    session: Session, published: RankedCity
) -> None:
    delivery = queries.own_delivery(session, published.officer, found(session, "circular", published))
    assert delivery is not None
    # Friday 13 February, then the Spring Festival: the fifth working day is after it
    assert queries.acknowledge_due(session, delivery) == date(2026, 2, 27)
    letter = queries.own_delivery(session, published.head, found(session, "individual", published, 30))
    assert letter is not None
    assert queries.acknowledge_due(session, letter) is None
    delivery.delivered_at = datetime(2031, 1, 6, tzinfo=UTC)
    assert queries.acknowledge_due(session, delivery) is None


def test_the_preview_is_the_circular_without_its_number(session: Session, city: RankedCity) -> None:
    with refused("ranking.none"):
        queries.preview(session, SEMESTER, word="株教通")
    city.lead_to(Step.FREEZE)
    shown = queries.preview(session, SEMESTER, word="株教通").text()
    assert shown.startswith("株洲市教育局文件\n株教通〔2026〕__号\n")
    city.lead_to(Step.PUBLISH)
    issued = queries.circular_of(session, SEMESTER)
    assert issued is not None
    opened = queries.open_notice(session, city.bureau, issued.id, on=TODAY)
    assert opened is not None
    assert opened.document is not None
    assert opened.document.text() == shown.replace("__号", "1号")


def test_facts_are_the_rankings_own(session: Session, city: RankedCity) -> None:
    mother = city.add_teacher("T7001", "高产假", city.schools[0], status="maternity")
    city.give(mother, "90.00")
    for number in range(2):
        city.give(city.add_teacher(f"T800{number}", "高缺评", city.schools[0]), "90.00", parts="self peer")
    city.lead_to(Step.FREEZE)
    facts = ranking_facts(session, view_of(session, SEMESTER))
    assert facts.not_rated == (("有效评价不足", 2), ("幼儿园教师不参加排名", 1), ("产假", 1))
    assert (facts.rated_count, facts.provisional_count) == (36, 1)
    assert (facts.dropped_count, facts.passed_over_count) == (0, 1)
    veto, charged, *private = facts.listed
    assert [person.treatment for person in facts.listed] == ["named"] * 2 + ["private"] * 3
    assert (veto.score, veto.place, veto.veto, veto.grade) == (5_999, 36, True, "不合格")
    assert veto.measures == ("记过",)
    assert (charged.base_e4, charged.deduct_e4, charged.score) == (775_000, 80_000, 6_950)
    assert charged.components[0] == ("自评", 775_000)
    (line,) = charged.charges
    assert (line.category, line.line_e4, line.decided_on) == ("C06", 80_000, date(2025, 11, 10))
    assert not line.kindergarten
    assert [person.charges for person in private] == [()] * 3
