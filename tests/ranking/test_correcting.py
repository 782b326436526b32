"""Corrections as new versions: what changes and what stays, who may, nobody pushed into a list, and what follows."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import AuditEvent
from ethics_eval.accounts.rules import CLOCK, Role
from ethics_eval.complaints.categories import Severity
from ethics_eval.complaints.models import Finding
from ethics_eval.complaints.rules.finding import Measure
from ethics_eval.ranking import verifying
from ethics_eval.ranking.archive import file_of
from ethics_eval.ranking.correcting import Corrected, changes_due, correct, outdated
from ethics_eval.ranking.models import BottomEntry, Ranking
from ethics_eval.ranking.proof import verify
from ethics_eval.ranking.queries.standing import standing
from ethics_eval.ranking.rules.correction import Cause, Change, ChangeKind
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.vault.service import Vault
from tests.ranking.appealing import DECISION, AppealedCity
from tests.support.ranked import DECIDED_AT, SEMESTER, step_at
from tests.support.refusals import refused

DAY = timedelta(days=1)
NEXT = "2025-2026-2"
Settled = Callable[[Step], AppealedCity]


@pytest.fixture
def settled(session: Session, tmp_path: Path) -> Settled:
    """The city, its steps taken up to one."""
    vault = Vault(bytes(range(32)))
    return lambda last: AppealedCity(session, vault, tmp_path, last)


def put_right(
    city: AppealedCity, *changes: Change, cause: Cause = Cause.ERROR, code: str = SEMESTER
) -> list[Corrected]:
    return correct(
        city.session,
        code,
        changes,
        cause=cause,
        reason=DECISION,
        actor=city.chief if cause is Cause.ERROR else city.reviewer,
        at=city.at(Step.PUBLISH) + DAY,
        instance=city.instance,
    )


def dropped(city: AppealedCity) -> Change:
    return Change(ChangeKind.FINDING_DROPPED, (city.teachers[35].number, city.finding.id))


def scored(session: Session, finding: Finding) -> str | None:
    return session.scalar(select(Finding.scored_semester).where(Finding.id == finding.id))


def test_before_publication_the_new_version_takes_the_place_of_the_old(
    session: Session, settled: Settled
) -> None:
    city = settled(Step.ANNOUNCE)
    old, listed = city.ranking, city.listed()
    entry = session.get_one(BottomEntry, (old.id, city.teachers[34].id))
    entry.reason, entry.reason_by_id, entry.reason_at = DECISION, city.chief.id, old.frozen_at
    (made,) = put_right(city, city.raised(35, "school", 999_900), cause=Cause.OBJECTION)
    new = made.new
    assert (made.old.status, new.status, new.version, new.corrects_id) == (
        "superseded",
        "announced",
        2,
        old.id,
    )
    assert (new.announced_at, new.objection_ends_on) == (old.announced_at, old.objection_ends_on)
    assert (new.verified_at, new.verified_by_id) == (city.at(Step.PUBLISH) + DAY, None)
    assert (new.cause, json.loads(new.changes)) == (
        "objection",
        [city.raised(35, "school", 999_900).to_plain()],
    )
    assert city.row(35).school_e4 == 999_900
    assert verify(session, SEMESTER, instance=city.instance).faults == ()
    assert [number for number in city.listed() if number not in listed] == []
    assert session.get_one(BottomEntry, (new.id, city.teachers[34].id)).reason == DECISION
    header = json.loads(file_of(city.instance, new.snapshot_sha256).read_text("utf-8").splitlines()[0])
    assert header["listed_only"] == sorted(listed)
    assert scored(session, city.finding) is None
    assert city.take(Step.PUBLISH)
    assert (city.ranking.id, city.ranking.status) == (new.id, "published")
    assert scored(session, city.finding) == SEMESTER


def test_a_published_one_is_put_right_at_once_and_nobody_moves_into_the_list(
    session: Session, settled: Settled
) -> None:
    city = settled(Step.PUBLISH)
    listed, at = city.listed(), city.at(Step.PUBLISH) + DAY
    assert scored(session, city.finding) == SEMESTER
    before = city.row(35)
    assert before.deduct_e4 == 80_000
    (made,) = put_right(
        city, dropped(city), city.raised(35, "school", 1_000_000), city.raised(35, "peer", 1_000_000)
    )
    assert (made.new.status, made.new.published_at, made.new.published_by_id) == (
        "published",
        at,
        city.chief.id,
    )
    assert made.new.reason == DECISION
    assert city.listed() == [number for number in listed if number != city.teachers[35].number]
    assert json.loads(made.new.counts)["kept_out"] == 1
    after = city.row(35)
    assert (after.deduct_e4, after.score) != (before.deduct_e4, before.score)
    assert scored(session, city.finding) is None
    assert session.scalar(select(func.count()).where(Ranking.status == "published")) == 1


def test_a_frozen_one_waits_for_its_second_person_again(settled: Settled) -> None:
    city = settled(Step.FREEZE)
    city.verify(at=city.at(Step.FREEZE))
    put_right(city, city.raised(20))
    assert city.ranking.verified_at is None
    with refused("ranking.verify_own"):  # the head put it right, so another one verifies
        verifying.verify_ranking(
            city.session, SEMESTER, actor=city.chief, at=city.at(Step.ANNOUNCE), instance=city.instance
        )


def test_an_objection_is_never_answered_with_less(session: Session, settled: Settled) -> None:
    city = settled(Step.ANNOUNCE)
    with refused("correction.worse"):
        put_right(city, city.raised(35, "school", 1_000), cause=Cause.OBJECTION)


@pytest.mark.parametrize("role", ["reviewer", "district", "head"])
def test_only_a_head_corrects_by_hand_and_says_why(settled: Settled, role: str) -> None:
    city = settled(Step.PUBLISH)
    at = city.at(Step.PUBLISH) + DAY
    given: dict[str, Any] = {"cause": Cause.ERROR, "at": at, "instance": city.instance}
    with refused("permission.denied"):
        correct(
            city.session, SEMESTER, [city.raised(35)], reason=DECISION, actor=getattr(city, role), **given
        )
    with refused("reason.short"):
        correct(city.session, SEMESTER, [city.raised(35)], actor=city.chief, **given)
    with refused("correction.none"):
        correct(city.session, SEMESTER, [], reason=DECISION, actor=city.chief, **given)
    with refused("correction.absent"):
        put_right(city, Change(ChangeKind.FINDING_DROPPED, ("T0035", "nothing")))
    assert city.ranking.version == 1


def test_what_the_files_do_not_bear_out_is_not_corrected(settled: Settled) -> None:
    city = settled(Step.ANNOUNCE)
    path = file_of(city.instance, city.ranking.snapshot_sha256)
    path.write_bytes(path.read_bytes().replace(b'"weeks":20', b'"weeks":19', 1))
    with refused("ranking.snapshot"):
        put_right(city, city.raised(35))


# --- later semesters ----------------------------------------------------------------------------------------


def two_semesters(city: AppealedCity) -> Finding:
    """The same teacher again in the next semester: a repeated finding, and the first one's warning still in force."""
    city.session.execute(update(Finding).values(measure=Measure.DEMERIT.value))
    again = city.charge(
        city.teachers[35], "C06", Severity.ORDINARY, measure=Measure.CIRCULATED, at=DECIDED_AT + 150 * DAY
    )
    assert again.repeat
    city.give_all(semester=NEXT, points={35: "90.00"})
    city.lead_to(Step.PUBLISH, semester=NEXT)
    return again


def test_a_revoked_finding_is_put_right_by_the_clock_in_every_semester_it_reached(
    session: Session, settled: Settled
) -> None:
    city = settled(Step.PUBLISH)
    again = two_semesters(city)
    late = step_at(session, Step.PUBLISH, NEXT) + DAY
    second = standing(session, NEXT)
    assert (city.row(35, second).deduct_e4, city.row(35, second).score) == (120_000, 6_999)
    assert outdated(session) == []
    city.finding.revoked_at, city.finding.effective_at = late, None
    session.flush()
    assert outdated(session) == [SEMESTER]
    changes = changes_due(session, SEMESTER, actor=CLOCK, at=late, instance=city.instance)
    assert changes == [dropped(city)]
    made = correct(
        session, SEMESTER, changes, cause=Cause.FINDING, actor=CLOCK, at=late, instance=city.instance
    )
    assert [(pair.new.semester_code, pair.new.cause, pair.new.status) for pair in made] == [
        (SEMESTER, "finding", "published"),
        (NEXT, "earlier", "published"),
    ]
    assert city.row(35).deduct_e4 == 0
    # no repetition any more, so eight points instead of twelve; no warning in force, so no cap
    assert (city.row(35, made[1].new).deduct_e4, city.row(35, made[1].new).score) == (80_000, 8_200)
    kinds = {change["kind"] for change in json.loads(made[1].new.changes)}
    assert kinds == {"finding_changed", "person_set"}
    assert (scored(session, city.finding), scored(session, again)) == (None, NEXT)
    assert outdated(session) == []


def test_a_later_semester_that_stands_is_noted_as_checked(session: Session, settled: Settled) -> None:
    city = settled(Step.PUBLISH)
    city.give_all(semester=NEXT)
    city.lead_to(Step.PUBLISH, semester=NEXT)
    assert len(put_right(city, city.raised(35))) == 1
    noted = session.scalars(select(AuditEvent).where(AuditEvent.action == "ranking.checked")).one()
    assert noted.subject_id == str(standing(session, NEXT).id)
    assert standing(session, NEXT).version == 1


def test_nobody_but_the_bureau_has_a_say(settled: Settled) -> None:
    city = settled(Step.PUBLISH)
    with refused("permission.denied"):
        correct(
            city.session,
            SEMESTER,
            [city.raised(35)],
            cause=Cause.APPEAL,
            actor=city.account(Role.TEACHER, teacher=city.teachers[35]),
            at=city.at(Step.PUBLISH),
            instance=city.instance,
        )
