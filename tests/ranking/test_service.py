"""The steps of a semester on the database: frozen, computed, announced, published."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account, AuditEvent
from ethics_eval.accounts.rules import CLOCK, Actor, Role
from ethics_eval.accounts.service import actor_of
from ethics_eval.complaints.models import Finding
from ethics_eval.evaluation.models import Assessment, SchemeVersion
from ethics_eval.evaluation.service import import_scheme, load_default_scheme
from ethics_eval.ranking import service
from ethics_eval.ranking.archive import file_of
from ethics_eval.ranking.models import BottomEntry, LedgerLine, Ranking, RankingRow
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.ranking.verifying import verify_ranking
from ethics_eval.roster.models import CalendarDay, Semester
from tests.ranking.semesters import AT, NEXT, SEMESTER, Town, frozen, opened, town
from tests.support.refusals import refused

OFFICER = Actor(id=None, role=Role.BUREAU_OFFICER, display_name="officer")


@pytest.fixture
def here(session: Session) -> Town:
    """Forty teachers with given scores, a few findings, in a semester not yet begun."""
    return town(session)


def clerk(session: Session) -> Actor:
    """An officer with an account."""
    return actor_of(session.scalars(select(Account)).one())


def row(session: Session, here: Town, number: str) -> RankingRow:
    return session.scalars(select(RankingRow).where(RankingRow.teacher_id == here.teachers[number])).one()


def test_a_frozen_semester_is_kept_as_rows_and_files(session: Session, here: Town, tmp_path: Path) -> None:
    ranking = frozen(session, tmp_path)
    counts = json.loads(ranking.counts)
    assert counts["teachers"] == len(here.teachers)
    assert counts["listed"] == session.scalar(select(func.count()).select_from(BottomEntry)) == 5
    assert session.scalar(select(func.count()).select_from(RankingRow)) == counts["teachers"]
    for digest in (ranking.snapshot_sha256, ranking.outcome_sha256):
        assert file_of(tmp_path, digest).is_file()
    assert session.get_one(Semester, SEMESTER).status == "frozen"
    assert session.scalar(select(AuditEvent.action).order_by(AuditEvent.id.desc())) == "ranking.frozen"


def test_findings_count_when_they_are_effective(session: Session, here: Town, tmp_path: Path) -> None:
    frozen(session, tmp_path)
    effective, pending = row(session, here, "T00"), row(session, here, "T01")
    assert (effective.deduct_e4, effective.provisional) == (80_000, False)
    assert (pending.deduct_e4, pending.provisional) == (0, True)
    reasons = {row[0]: row[1] for row in session.execute(select(LedgerLine.teacher_id, LedgerLine.reason))}
    assert reasons[here.teachers["T00"]] == ""
    assert reasons[here.teachers["T01"]] == "NOT_EFFECTIVE"
    listed = set(session.scalars(select(BottomEntry.teacher_id)))
    assert here.teachers["T00"] in listed
    assert here.teachers["T01"] not in listed


def test_a_case_still_open_makes_provisional_and_a_revoked_finding_is_gone(
    session: Session, here: Town, tmp_path: Path
) -> None:
    frozen(session, tmp_path)
    assert row(session, here, "T02").provisional is True
    assert row(session, here, "T03").deduct_e4 == 0
    assert row(session, here, "T03").provisional is False


def test_a_warning_in_force_caps_the_score(session: Session, here: Town, tmp_path: Path) -> None:
    frozen(session, tmp_path)
    assert (row(session, here, "T04").score, row(session, here, "T04").grade) == (6999, "基本合格")


@pytest.mark.parametrize(
    ("measure", "capped"),
    [("DISQUALIFY", False), ("DEMOTION", True), ("DISMISSAL", True), ("CERT_REVOKE", True)],
)
def test_whatever_is_heavier_than_a_warning_caps_as_well(
    session: Session, here: Town, tmp_path: Path, measure: str, capped: bool
) -> None:
    session.execute(update(Finding).where(Finding.teacher_id == here.teachers["T04"]).values(measure=measure))
    frozen(session, tmp_path)
    assert (row(session, here, "T04").grade == "基本合格") is capped


def test_a_decided_finding_under_an_open_remedy_makes_provisional(
    session: Session, here: Town, tmp_path: Path
) -> None:
    session.execute(
        update(Finding).where(Finding.teacher_id == here.teachers["T00"]).values(effective_at=None)
    )
    frozen(session, tmp_path)
    suspended = row(session, here, "T00")
    assert (suspended.deduct_e4, suspended.provisional) == (0, True)
    assert here.teachers["T00"] not in set(session.scalars(select(BottomEntry.teacher_id)))


def test_steps_are_taken_in_order_and_once(session: Session, here: Town, tmp_path: Path) -> None:
    with refused("semester.step_order"):
        service.freeze(session, SEMESTER, actor=CLOCK, at=AT, instance=tmp_path)
    opened(session)
    assert service.open_semester(session, SEMESTER, actor=CLOCK, at=AT) is False
    with refused("semester.step_order"):
        service.publish(session, SEMESTER, actor=CLOCK, at=AT)
    assert service.freeze(session, SEMESTER, actor=CLOCK, at=AT, instance=tmp_path) is not None
    assert service.freeze(session, SEMESTER, actor=CLOCK, at=AT, instance=tmp_path) is None
    assert session.scalar(select(func.count()).select_from(Ranking)) == 1
    with refused("semester.unknown"):
        service.open_semester(session, "1999-2000-1", actor=CLOCK, at=AT)


def test_publication_waits_for_the_objections_and_marks_what_it_scored(
    session: Session, here: Town, tmp_path: Path
) -> None:
    frozen(session, tmp_path)
    with refused("semester.unverified"):
        service.announce(session, SEMESTER, actor=OFFICER, at=AT, instance=tmp_path)
    verify_ranking(session, SEMESTER, actor=clerk(session), at=AT, instance=tmp_path)
    announced = service.announce(session, SEMESTER, actor=OFFICER, at=AT, instance=tmp_path)
    assert announced is not None
    assert announced.objection_ends_on is not None
    with refused("semester.objection_open"):
        service.publish(session, SEMESTER, actor=OFFICER, at=AT)
    later = AT + timedelta(days=20)
    published = service.publish(session, SEMESTER, actor=OFFICER, at=later)
    assert published is not None
    assert published.published_at == later
    scored = {row[0]: row[1] for row in session.execute(select(Finding.teacher_id, Finding.scored_semester))}
    assert scored[here.teachers["T00"]] == SEMESTER
    assert scored[here.teachers["T01"]] is None


def test_a_finding_is_scored_in_one_semester_only(session: Session, here: Town, tmp_path: Path) -> None:
    frozen(session, tmp_path)
    service.announce(session, SEMESTER, actor=CLOCK, at=AT, instance=tmp_path)
    service.publish(session, SEMESTER, actor=CLOCK, at=AT + timedelta(days=20))
    later = AT + timedelta(days=180)
    here.score(session, NEXT)
    service.open_semester(session, NEXT, actor=CLOCK, at=later)
    service.freeze(session, NEXT, actor=CLOCK, at=later, instance=tmp_path)
    rows = session.execute(
        select(RankingRow.teacher_id, RankingRow.deduct_e4)
        .join(Ranking, Ranking.id == RankingRow.ranking_id)
        .where(Ranking.semester_code == NEXT, RankingRow.deduct_e4 > 0)
    ).all()
    # the finding whose window had still been open at the first freeze falls into this semester
    assert [tuple(found) for found in rows] == [(here.teachers["T01"], 80_000)]


def test_one_semester_waits_for_the_other(session: Session, here: Town, tmp_path: Path) -> None:
    frozen(session, tmp_path)
    here.score(session, NEXT)
    service.open_semester(session, NEXT, actor=CLOCK, at=AT)
    with refused("semester.earlier_unpublished"):
        service.freeze(session, NEXT, actor=CLOCK, at=AT, instance=tmp_path)


def test_a_component_both_given_and_counted_is_refused(session: Session, here: Town, tmp_path: Path) -> None:
    here.count_ballots(session, "T05", "peer", "E1")
    opened(session)
    with refused("ranking.both"):
        service.freeze(session, SEMESTER, actor=CLOCK, at=AT, instance=tmp_path)


def test_a_scheme_for_other_weeks_is_refused(session: Session, here: Town) -> None:
    session.execute(update(Semester).where(Semester.code == SEMESTER).values(weeks=19))
    session.expire_all()
    with refused("semester.weeks"):
        opened(session)


def test_a_version_of_a_scheme_is_never_edited(session: Session) -> None:
    load_default_scheme(session, actor=CLOCK, at=AT)
    text = session.scalar(select(func.max(SchemeVersion.document)))
    assert text is not None
    assert import_scheme(session, text, actor=CLOCK, at=AT).version == "2025-1"
    with refused("scheme.version_taken"):
        import_scheme(session, text.replace('"min_list":30', '"min_list":40'), actor=CLOCK, at=AT)


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in {Role.BUREAU_OFFICER, Role.BUREAU_HEAD}]
)
def test_nobody_else_takes_a_step(session: Session, here: Town, role: Role) -> None:
    with refused("permission.denied"):
        service.open_semester(session, SEMESTER, actor=Actor(id=None, role=role), at=AT)


def test_the_files_that_cannot_be_written_leave_nothing(session: Session, here: Town, tmp_path: Path) -> None:
    opened(session)
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder should be")
    with pytest.raises(OSError, match="blocked"):
        service.freeze(session, SEMESTER, actor=CLOCK, at=AT, instance=blocked)
    assert session.scalar(select(func.count()).select_from(Ranking)) == 0


# --- the clock ------------------------------------------------------------------------------------------------


def test_the_clock_owes_each_step_at_its_time(session: Session, here: Town, tmp_path: Path) -> None:
    def due(at: datetime) -> list[tuple[str, Step]]:
        return service.steps_due(session, at)

    semester = session.get_one(Semester, SEMESTER)
    long_after = datetime(2027, 1, 1, tzinfo=UTC)
    assert due(long_after) == []  # a person opens a semester
    opened(session)
    moment = timedelta(seconds=1)
    assert due(semester.freeze_at - moment) == []
    assert due(semester.freeze_at) == [(SEMESTER, Step.FREEZE)]
    service.freeze(session, SEMESTER, actor=CLOCK, at=semester.freeze_at, instance=tmp_path)
    assert due(semester.freeze_at) == []
    assert due(semester.publish_at) == [(SEMESTER, Step.ANNOUNCE)]
    service.announce(session, SEMESTER, actor=CLOCK, at=semester.publish_at, instance=tmp_path)
    assert due(semester.publish_at) == []  # announced late: the window must run all the same
    assert due(semester.publish_at + timedelta(days=20)) == [(SEMESTER, Step.PUBLISH)]
    service.publish(session, SEMESTER, actor=CLOCK, at=semester.publish_at + timedelta(days=20))
    assert due(long_after) == []


def test_a_calendar_that_ran_out_refuses_the_notice_and_nothing_else(
    session: Session, here: Town, tmp_path: Path
) -> None:
    """The clock owes the notice all the same, so that the refusal is told; other semesters are not kept waiting."""
    frozen(session, tmp_path)
    publish_at = session.get_one(Semester, SEMESTER).publish_at
    session.execute(delete(CalendarDay).where(CalendarDay.day >= date(publish_at.year, 1, 1)))
    assert service.steps_due(session, publish_at) == [(SEMESTER, Step.ANNOUNCE)]
    with refused("calendar.exhausted"):
        service.announce(session, SEMESTER, actor=CLOCK, at=publish_at, instance=tmp_path)


def test_assessments_of_a_posting_outside_the_semester_are_left_out(
    session: Session, here: Town, tmp_path: Path
) -> None:
    stray = here.stray_assessment(session)
    ranking = frozen(session, tmp_path)
    assert session.get_one(Assessment, stray).semester_code == SEMESTER
    content = file_of(tmp_path, ranking.snapshot_sha256).read_text("utf-8")
    assert "2143999999" not in content
