"""Objections and appeals on the database: filed, blocked by, decided by another, and what an open one suspends."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import AuditEvent, StaffNotice
from ethics_eval.accounts.rules import CLOCK, Actor, Role
from ethics_eval.notices.service import take_step
from ethics_eval.ranking import objecting, queries
from ethics_eval.ranking.models import Objection, Ranking
from ethics_eval.ranking.queries.objections import (
    count_open,
    filings,
    find_objection,
    objection_queue,
    objection_view,
    open_appeals,
    own_objections,
)
from ethics_eval.ranking.rules.objection import ObjectionKind, Topic
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import RuleViolation
from ethics_eval.vault.service import Vault
from tests.ranking.appealing import DECISION, GROUNDS, AppealedCity
from tests.support.ranked import SEMESTER
from tests.support.refusals import refused

DAY = timedelta(days=1)
NEXT = "2025-2026-2"
OBJECTION, APPEAL = ObjectionKind.OBJECTION, ObjectionKind.APPEAL


@pytest.fixture
def vault() -> Vault:
    """A vault of its own."""
    return Vault(bytes(range(32)))


@pytest.fixture
def settled(session: Session, tmp_path: Path, vault: Vault) -> Callable[[Step], AppealedCity]:
    """The city, its steps taken up to one."""
    return lambda last: AppealedCity(session, vault, tmp_path, last)


def filed(city: AppealedCity, number: int, kind: ObjectionKind = OBJECTION, after: int = 1) -> Objection:
    step = Step.ANNOUNCE if kind is OBJECTION else Step.PUBLISH
    return objecting.file_objection(
        city.session,
        city.vault,
        SEMESTER,
        kind=kind,
        topic=Topic.SCORE,
        grounds=GROUNDS,
        actor=city.who(number),
        at=city.at(step) + after * DAY,
    )


def told(session: Session, kind: str) -> set[int]:
    return set(session.scalars(select(StaffNotice.account_id).where(StaffNotice.kind == kind)))


def test_an_objection_keeps_the_ranking_from_being_published_until_it_is_answered(
    session: Session, settled: Callable[[Step], AppealedCity]
) -> None:
    city = settled(Step.ANNOUNCE)
    assert [row.kind for row in filings(session, city.who(35), local_day(city.at(Step.ANNOUNCE)))] == [
        OBJECTION
    ]
    assert filings(session, city.who(3), local_day(city.at(Step.ANNOUNCE))) == []
    objection = filed(city, 35)
    assert GROUNDS.encode() not in objection.grounds
    assert told(session, "objection.filed") == {city.reviewer.id, city.second.id}  # who stepped is not told
    assert (count_open(session, SEMESTER), open_appeals(session)) == (1, set())
    with refused("semester.objection_undecided"):
        city.take(Step.PUBLISH)
    with refused("objection.open"):
        filed(city, 35)
    objecting.reject(
        session, city.vault, objection, decision=DECISION, actor=city.reviewer, at=objection.filed_at + DAY
    )
    assert (objection.status, objection.is_late, objection.reviewer_id) == (
        "rejected",
        False,
        city.reviewer.id,
    )
    assert told(session, "objection.decided") == {city.who(35).id}
    with refused("objection.ended"):
        objecting.withdraw(session, objection, actor=city.who(35), at=objection.filed_at + DAY)
    assert city.take(Step.PUBLISH)
    details = session.scalars(select(AuditEvent.detail).where(AuditEvent.subject_kind == "objection"))
    assert all(GROUNDS not in text and DECISION not in text for text in details)


def test_who_is_not_listed_objects_to_nothing_and_nobody_after_the_window(
    settled: Callable[[Step], AppealedCity],
) -> None:
    city = settled(Step.ANNOUNCE)
    with refused("objection.out_of_turn"):
        filed(city, 3)
    with refused("objection.out_of_turn"):
        filed(city, 35, APPEAL, after=-10)
    with refused("objection.late"):
        filed(city, 35, after=30)
    with refused("permission.denied"):
        objecting.file_objection(
            city.session,
            city.vault,
            SEMESTER,
            kind=OBJECTION,
            topic=Topic.SCORE,
            grounds=GROUNDS,
            actor=city.account(Role.TEACHER, teacher=city.add_teacher("T9100", "新人", city.schools[0])),
            at=city.at(Step.ANNOUNCE),
        )


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("bureau", "objection.froze"),
        ("chief", "objection.verified"),
        ("district", "permission.denied"),
        ("head", "permission.denied"),
    ],
)
def test_whoever_had_a_hand_in_it_decides_nothing(
    settled: Callable[[Step], AppealedCity], who: str, code: str
) -> None:
    city = settled(Step.ANNOUNCE)
    objection = filed(city, 35)
    with refused(code):
        objecting.reject(
            city.session,
            city.vault,
            objection,
            decision=DECISION,
            actor=getattr(city, who),
            at=objection.filed_at,
        )
    assert objection.status == "open"


def test_who_decided_the_finding_does_not_decide_on_the_score(
    settled: Callable[[Step], AppealedCity],
) -> None:
    city = settled(Step.ANNOUNCE)
    city.finding.decided_by_id = city.reviewer.id
    city.session.flush()
    objection = filed(city, 35)
    with refused("objection.finding"):
        objecting.check_may_decide(city.session, objection, city.reviewer)
    objecting.check_may_decide(city.session, objection, city.second)


def test_anyone_ranked_appeals_within_thirty_days_and_the_deduction_is_suspended(
    session: Session, settled: Callable[[Step], AppealedCity]
) -> None:
    city = settled(Step.PUBLISH)
    published = city.at(Step.PUBLISH)
    with refused("objection.late"):
        filed(city, 3, APPEAL, after=40)
    appeal = filed(city, 35, APPEAL, after=2)
    assert appeal.due_on >= local_day(published + 32 * DAY)
    teacher = city.teachers[35].id
    assert open_appeals(session, [teacher, 1]) == open_appeals(session) == {teacher}
    # the next freeze makes the score provisional (R11)
    city.give_all(semester=NEXT)
    city.lead_to(Step.FREEZE, semester=NEXT)
    sight = queries.sight_of(session, city.bureau)
    ranking = queries.ranking_of(session, sight, NEXT)
    assert ranking is not None
    score = queries.teacher_score(session, sight, city.bureau, ranking, city.teachers[35].number)
    assert score is not None
    assert score.line.rating == "provisional"


def test_reminders_go_once_to_those_who_may_decide_and_a_late_verdict_stays(
    session: Session, settled: Callable[[Step], AppealedCity]
) -> None:
    city = settled(Step.PUBLISH)
    appeal = filed(city, 35, APPEAL)
    filed_at = appeal.filed_at
    assert objecting.remind(session, filed_at + 10 * DAY) == 0
    assert objecting.remind(session, filed_at + 25 * DAY) == 2
    assert objecting.remind(session, filed_at + 26 * DAY) == 0
    assert objecting.remind(session, filed_at + 60 * DAY) == 2
    assert told(session, "objection.overdue") == {city.reviewer.id, city.second.id}
    rows = objection_queue(session, city.reviewer, local_day(filed_at + 60 * DAY))
    assert [(row.id, row.due.lateness) for row in rows] == [(appeal.id, "overdue")]
    objecting.reject(
        session, city.vault, appeal, decision=DECISION, actor=city.reviewer, at=filed_at + 60 * DAY
    )
    assert appeal.is_late is True
    assert objecting.remind(session, filed_at + 90 * DAY) == 0
    view = objection_view(session, city.vault, appeal, city.who(35))
    assert (view.grounds, view.decision) == (GROUNDS, DECISION)
    assert find_objection(session, city.who(34), appeal.id) is None
    assert [row.id for row in own_objections(session, city.who(35), local_day(filed_at))] == [appeal.id]
    assert own_objections(session, city.who(34), local_day(filed_at)) == []


def test_nothing_to_put_right_is_not_upheld_and_what_fails_to_be_put_right_undoes_nothing(
    session: Session, settled: Callable[[Step], AppealedCity]
) -> None:
    city = settled(Step.ANNOUNCE)
    objection = filed(city, 35)

    def fail(_changes: object) -> Ranking:
        raise RuleViolation("correction.absent", "no")

    deciding: dict[str, Any] = {"decision": DECISION, "actor": city.reviewer, "at": objection.filed_at}
    with refused("objection.no_change"):
        objecting.uphold(session, city.vault, objection, changes=[], correct=fail, **deciding)
    before = session.begin_nested()
    with refused("correction.absent"):
        objecting.uphold(session, city.vault, objection, changes=[city.raised(35)], correct=fail, **deciding)
    before.rollback()
    session.refresh(objection)
    assert (objection.status, objection.decision) == ("open", None)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_tried_in_any_order_no_forbidden_state_is_reached(
    session: Session, settled: Callable[[Step], AppealedCity], seed: int
) -> None:
    city = settled(Step.ANNOUNCE)
    chance = random.Random(seed)
    people: list[Actor] = [city.bureau, city.chief, city.reviewer, city.second, city.district, city.who(35)]
    at = city.at(Step.ANNOUNCE)
    for _try in range(40):
        at += timedelta(hours=chance.choice((1, 20)))
        known = list(session.scalars(select(Objection)))
        action, one, person = chance.randrange(5), chance.choice([*known, None]), chance.choice(people)
        try:
            if action == 0:
                objecting.file_objection(
                    session,
                    city.vault,
                    SEMESTER,
                    kind=chance.choice((OBJECTION, APPEAL)),
                    topic=Topic.OTHER,
                    grounds=GROUNDS,
                    actor=chance.choice((city.who(35), city.who(34), city.who(3))),
                    at=at,
                )
            elif action == 1 and one is not None:
                objecting.withdraw(session, one, actor=person, at=at)
            elif action == 2 and one is not None:
                objecting.reject(session, city.vault, one, decision=DECISION, actor=person, at=at)
            elif action == 3 and one is not None:
                objecting.uphold(
                    session,
                    city.vault,
                    one,
                    decision=DECISION,
                    changes=[city.raised(35)],
                    correct=lambda _changes: city.ranking,
                    actor=person,
                    at=at,
                )
            elif action == 4:
                take_step(session, SEMESTER, Step.PUBLISH, actor=CLOCK, at=at, instance=city.instance)
        except RuleViolation:
            session.expire_all()
        _check(session, city)


def _check(session: Session, city: AppealedCity) -> None:
    published = city.ranking.status == "published"
    own = {city.bureau.id, city.chief.id}
    for row in session.scalars(select(Objection)):
        ended = row.status in {"upheld", "rejected"}
        assert (row.decision is not None) is ended
        assert (row.is_late is not None) is ended
        assert (row.corrected_id is not None) is (row.status == "upheld")
        assert row.reviewer_id is None or row.reviewer_id not in own
        assert not (published and row.kind == OBJECTION and row.status == "open")
        assert row.kind == OBJECTION or published
    open_ones = session.execute(
        select(func.count()).where(Objection.status == "open").group_by(Objection.teacher_id, Objection.kind)
    )
    assert all(count == 1 for (count,) in open_ones)
