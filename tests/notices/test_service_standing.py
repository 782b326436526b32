"""What becomes of a notice: withdrawn, corrected, its words changed later, its term over; numbers never come again."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import AuditEvent
from ethics_eval.accounts.rules import CLOCK, Actor, Role
from ethics_eval.complaints.models import Finding, MeasureDecision
from ethics_eval.complaints.rules.finding import Measure
from ethics_eval.notices import queries, service
from ethics_eval.notices.correcting import correct_by_clock
from ethics_eval.notices.document import from_json
from ethics_eval.notices.models import Delivery, Notice
from ethics_eval.notices.queries import number_of
from ethics_eval.notices.rules.template import default_texts
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.roster.rules.calendar import local_day
from tests.support.ranked import SEMESTER, RankedCity, step_at
from tests.support.refusals import refused

DAY = timedelta(days=1)
REASON = "通报所依据的一项认定已被撤销，程序有误。"


@pytest.fixture
def published(city: RankedCity) -> RankedCity:
    """The city with its semester published."""
    city.lead_to(Step.PUBLISH)
    return city


def numbered(session: Session) -> list[Notice]:
    return list(session.scalars(select(Notice).where(Notice.serial.is_not(None)).order_by(Notice.serial)))


def letter(session: Session, city: RankedCity, number: int) -> Notice:
    return session.scalars(
        select(Notice)
        .where(Notice.kind == "individual", Notice.teacher_id == city.teachers[number].id)
        .order_by(Notice.issued_at.desc())
    ).all()[0]


def text_of(notice: Notice) -> str:
    return from_json(notice.document).text()


# --- withdrawing --------------------------------------------------------------------------------------------


def test_a_circular_is_withdrawn_by_a_notice_to_all_and_to_those_it_listed(
    session: Session, published: RankedCity
) -> None:
    city = published
    (circular,) = numbered(session)
    at = circular.issued_at + 3 * DAY
    made = service.withdraw(session, circular, reason=REASON, actor=city.chief, at=at)
    assert (circular.status, made.kind, made.cites_id) == ("withdrawn", "withdrawal", circular.id)
    assert [number_of(notice) for notice in numbered(session)] == ["株教通〔2026〕1号", "株教通〔2026〕2号"]
    assert "株教通〔2026〕1号" in text_of(made)
    assert REASON in text_of(made)
    inboxes = session.execute(
        select(Delivery.school_id, Delivery.district_code, Delivery.teacher_id).where(
            Delivery.notice_id == made.id
        )
    ).all()
    assert sum(row.school_id is not None for row in inboxes) == 4
    assert sum(row.district_code is not None for row in inboxes) == 9
    assert {row.teacher_id for row in inboxes} - {None} == {
        city.teachers[number].id for number in (30, 31, 32, 34, 35)
    }
    # what was withdrawn stays readable, marked, with links both ways; the letters say so too
    opened = queries.open_notice(session, city.officer, circular.id, on=local_day(at))
    assert opened is not None
    assert opened.document is not None
    assert opened.mark is not None
    assert opened.mark.word == "已撤销"
    assert "株教通〔2026〕2号" in opened.mark.line
    assert opened.cited_by == (made.id, "株教通〔2026〕2号")
    teacher = city.account(Role.TEACHER, teacher=city.teachers[35])
    own = queries.open_notice(session, teacher, letter(session, city, 35).id, on=local_day(at))
    assert own is not None
    assert own.mark is not None
    assert own.cited_by == (made.id, "株教通〔2026〕2号")
    newer = queries.open_notice(session, teacher, made.id, on=local_day(at))
    assert newer is not None
    assert newer.cites is None  # the circular was not sent to the teacher
    schools = queries.open_notice(session, city.officer, made.id, on=local_day(at))
    assert schools is not None
    assert schools.cites == (circular.id, "株教通〔2026〕1号")
    assert queries.notice_in_force(session, SEMESTER) is None


def test_only_a_head_withdraws_once_with_a_reason(session: Session, published: RankedCity) -> None:
    city = published
    (circular,) = numbered(session)
    for actor in (city.bureau, city.district, city.officer, CLOCK):
        with refused("permission.denied"):
            service.withdraw(session, circular, reason=REASON, actor=actor, at=circular.issued_at)
    with refused("reason.short"):
        service.withdraw(session, circular, reason="有误", actor=city.chief, at=circular.issued_at)
    with refused("notice.reason_long"):
        service.withdraw(session, circular, reason="长" * 1001, actor=city.chief, at=circular.issued_at)
    with refused("notice.not_in_force"):
        service.withdraw(
            session, letter(session, city, 35), reason=REASON, actor=city.chief, at=circular.issued_at
        )
    made = service.withdraw(session, circular, reason=REASON, actor=city.chief, at=circular.issued_at)
    for notice in (circular, made):
        with refused("notice.not_in_force"):
            service.withdraw(session, notice, reason=REASON, actor=city.chief, at=circular.issued_at)
    assert len(numbered(session)) == 2


# --- correcting ---------------------------------------------------------------------------------------------


def revoke(session: Session, city: RankedCity, number: int, instance: Path) -> None:
    """The finding on a teacher falls, and the clock puts the ranking right."""
    finding = session.scalars(select(Finding).where(Finding.teacher_id == city.teachers[number].id)).one()
    at = numbered(session)[-1].issued_at + 20 * DAY
    finding.revoked_at, finding.effective_at = at, None
    session.flush()
    assert correct_by_clock(session, SEMESTER, actor=CLOCK, at=at, instance=instance)


def test_corrections_follow_one_another_each_citing_the_one_in_force(
    session: Session, published: RankedCity
) -> None:
    city = published
    old = letter(session, city, 35)
    revoke(session, city, 35, city.instance)
    revoke(session, city, 34, city.instance)
    circular, first, second = numbered(session)
    assert [notice.status for notice in (circular, first, second)] == ["corrected", "corrected", "in_force"]
    assert (first.cites_id, second.cites_id) == (circular.id, first.id)
    assert queries.notice_in_force(session, SEMESTER) is second
    assert "撤销对荷塘区" in text_of(second)
    assert "更正后本学期无点名通报对象" in text_of(second)
    for notice in (first, second):
        assert city.teachers[35].name not in text_of(notice)
    # the letters hang together as well, and each tells what became of the one before
    new = session.scalars(
        select(Notice).where(Notice.cites_id == old.id, Notice.teacher_id == city.teachers[35].id)
    ).one()
    assert old.status == "corrected"
    assert "株教通〔2026〕2号" in text_of(new)
    teacher = city.account(Role.TEACHER, teacher=city.teachers[35])
    opened = queries.open_notice(session, teacher, old.id, on=date(2026, 3, 10))
    assert opened is not None
    assert opened.mark is not None
    assert opened.cited_by == (new.id, new.title)


def test_whoever_was_untouched_gets_no_letter(session: Session, published: RankedCity) -> None:
    city = published
    revoke(session, city, 35, city.instance)
    told = set(
        session.scalars(
            select(Notice.teacher_id).where(
                Notice.kind == "individual", Notice.cites_id.is_not(None), Notice.teacher_id.is_not(None)
            )
        )
    )
    assert city.teachers[35].id in told
    assert city.teachers[0].id not in told


# --- terms --------------------------------------------------------------------------------------------------


def test_after_its_term_the_bureau_alone_reads_it(session: Session, published: RankedCity) -> None:
    city = published
    (circular,) = numbered(session)
    # the named: 34 got a demerit that runs longer, 35 none with a term
    assert circular.take_down_on == date(2026, 8, 13)
    last, over = date(2026, 8, 12), date(2026, 8, 13)
    own = letter(session, city, 35)
    teacher = city.account(Role.TEACHER, teacher=city.teachers[35])
    head = city.account(Role.SCHOOL_HEAD, school=2)

    def reads(actor: Actor, notice: Notice, on: date) -> bool:
        opened = queries.open_notice(session, actor, notice.id, on=on)
        assert opened is not None  # that it existed, and its number, is seen for ever
        return opened.document is not None

    for actor in (city.officer, city.head, city.district):
        assert reads(actor, circular, last)
        assert not reads(actor, circular, over)
    assert reads(city.bureau, circular, over)
    assert reads(head, own, last)
    assert not reads(head, own, over)
    assert reads(teacher, own, over)  # what concerns oneself


def test_the_longest_measure_of_those_named_ends_the_term(session: Session, city: RankedCity) -> None:
    finding = session.scalars(select(Finding).where(Finding.teacher_id == city.teachers[35].id)).one()
    session.add(
        MeasureDecision(
            id="m" * 32,
            finding_id=finding.id,
            teacher_id=city.teachers[35].id,
            measure=Measure.WARNING.value,
            decided_by="district",
            starts_on=date(2025, 11, 10),
            ends_on=date(2026, 5, 10),
            decided_at=finding.decided_at,
            decided_by_id=finding.decided_by_id,
        )
    )
    session.flush()
    city.lead_to(Step.PUBLISH)
    (circular,) = numbered(session)
    assert circular.take_down_on == date(2026, 5, 10)
    assert letter(session, city, 30).take_down_on == date(2026, 8, 13)


# --- words --------------------------------------------------------------------------------------------------


def test_words_hold_from_then_on_and_what_was_issued_stays(session: Session, city: RankedCity) -> None:
    when = step_time(city)
    texts = default_texts("circular") | {"closing": "特此通报，请遵照执行。"}
    assert service.save_template(session, "circular", texts, actor=city.bureau, at=when) == 1
    assert service.save_template(session, "circular", texts, actor=city.bureau, at=when) == 1  # nothing new
    city.lead_to(Step.PUBLISH)
    (circular,) = numbered(session)
    assert "特此通报，请遵照执行。" in text_of(circular)
    before = circular.document
    assert (
        service.save_template(session, "circular", default_texts("circular"), actor=city.chief, at=when) == 2
    )
    session.expire_all()
    assert circular.document == before
    assert [one.version for one in queries.template_versions(session, "circular")] == [2, 1]
    assert (queries.template_texts(session, "circular", 1) or {})["closing"] == "特此通报，请遵照执行。"
    assert queries.template_texts(session, "circular", 9) is None
    events = session.scalars(select(AuditEvent).where(AuditEvent.action == "template.saved")).all()
    assert len(events) == 2


def step_time(city: RankedCity) -> datetime:
    """A moment before the freeze."""
    return step_at(city.session, Step.FREEZE) - DAY


@pytest.mark.parametrize(
    ("role", "texts", "code"),
    [
        (Role.SCHOOL_HEAD, {}, "permission.denied"),
        (Role.BUREAU_OFFICER, {"rights": ""}, "template.legal"),
        (Role.BUREAU_HEAD, {"opening": "{学期}{电话}"}, "template.place"),
    ],
)
def test_words_are_kept_by_the_bureau_without_faults(
    session: Session, city: RankedCity, role: Role, texts: dict[str, str], code: str
) -> None:
    actor = city.account(role, school=0) if role is Role.SCHOOL_HEAD else city.account(role)
    with refused(code):
        service.save_template(
            session, "circular", default_texts("circular") | texts, actor=actor, at=step_time(city)
        )


@pytest.mark.parametrize("kind", ["circular", "prior", "individual", "correction", "withdrawal"])
def test_words_are_tried_on_the_last_ranking_or_an_invented_one(
    session: Session, city: RankedCity, kind: str
) -> None:
    shown = queries.template_preview(session, kind, default_texts(kind), word="株教通").text()
    assert "示例" in shown
    city.lead_to(Step.FREEZE)
    shown = queries.template_preview(session, kind, default_texts(kind), word="株教通").text()
    if kind in {"prior", "individual"}:
        assert city.teachers[34].name in shown
