"""The written reason for a name that only the place would give (R13)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import AuditEvent
from ethics_eval.accounts.rules import CLOCK
from ethics_eval.notices.gathering import ranking_facts, view_of
from ethics_eval.notices.service import take_step
from ethics_eval.ranking import queries
from ethics_eval.ranking.models import BottomEntry, Ranking
from ethics_eval.ranking.naming import answer_for, give_reason, settle_names, withhold_unexplained
from ethics_eval.ranking.queries import WHOLE_CITY, Candidate
from ethics_eval.ranking.queries.bottom import unexplained
from ethics_eval.ranking.queries.standing import standing
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.vault.service import Vault
from tests.ranking.doubtful import CHARGED, DoubtfulCity
from tests.support.ranked import SEMESTER, step_at
from tests.support.refusals import refused

AT = datetime(2026, 2, 2, 2, 0, tzinfo=UTC)
REASON = "本学期经查实在课堂上体罚学生，本人承认，家长要求公开处理。"
NUMBER = f"T{CHARGED:04d}"


@pytest.fixture
def town(session: Session, tmp_path: Path) -> DoubtfulCity:
    """Announced."""
    made = DoubtfulCity(session, Vault(bytes(range(32))), tmp_path)
    made.lead_to(Step.ANNOUNCE)
    return made


def candidate(town: DoubtfulCity) -> Candidate:
    ranking = queries.ranking_of(town.session, WHOLE_CITY, SEMESTER)
    assert ranking is not None
    return next(
        one for one in queries.lowest(town.session, WHOLE_CITY, ranking) if one.line.row.teacher == NUMBER
    )


def answer(town: DoubtfulCity, **said: Any) -> BottomEntry:
    return give_reason(
        town.session,
        standing(town.session, SEMESTER),
        town.charged.id,
        **{"actor": town.chief, "at": AT, **said},
    )


def publish_by_person(town: DoubtfulCity) -> bool:
    return town.take(Step.PUBLISH)


def publish_by_clock(town: DoubtfulCity) -> bool:
    at = step_at(town.session, Step.PUBLISH)
    return take_step(town.session, SEMESTER, Step.PUBLISH, actor=CLOCK, at=at, instance=town.instance)


def test_whom_only_the_place_would_name_is_asked_for_a_reason(town: DoubtfulCity) -> None:
    found = candidate(town)
    assert (found.fate, found.asks_reason, found.is_answered) == ("named", True, False)
    assert found.sure is not None
    assert found.sure.separable is False
    assert 0 < (found.sure.chance_permille or 0) < 1000
    others = [entry for entry, _name in unexplained(town.session, standing(town.session, SEMESTER).id)]
    assert [entry.teacher_id for entry in others] == [town.charged.id]


def test_a_person_does_not_publish_before_the_reason_is_written(town: DoubtfulCity) -> None:
    with refused("bottom.reason_missing"):
        publish_by_person(town)
    answer(town, reason=REASON)
    assert publish_by_person(town)
    facts = ranking_facts(town.session, view_of(town.session, SEMESTER))
    assert [person.number for person in facts.named] == [NUMBER]
    assert candidate(town).reason_by == f"测试{town.username(town.chief.role)}"  # type: ignore[arg-type]


@pytest.mark.parametrize("withhold", [publish_by_clock, None])
def test_without_a_reason_the_person_is_told_privately(
    town: DoubtfulCity, withhold: Callable[[DoubtfulCity], bool] | None
) -> None:
    """The clock withholds of itself, a person says so; the list, the notices and the counts agree."""
    if withhold is None:
        answer(town, withheld=True)
        assert publish_by_person(town)
    else:
        assert withhold(town)
    found = candidate(town)
    assert (found.fate, found.withheld, found.is_answered) == ("private", True, True)
    view = view_of(town.session, SEMESTER)
    facts = ranking_facts(town.session, view)
    assert (facts.named, facts.withheld_count) == ((), 1)
    assert (view.counts["named"], view.counts["private"]) == (0, 5)
    line = next(
        row for row in queries.bottom_lines(town.session, WHOLE_CITY, view.id) if row.number == NUMBER
    )
    assert line.treatment == "private"
    events = town.session.scalars(select(AuditEvent.action).where(AuditEvent.action.like("bottom.%"))).all()
    assert events == ["bottom.withheld"]


def test_the_last_word_counts_until_publication(town: DoubtfulCity) -> None:
    entry = answer(town, withheld=True)
    assert (entry.withheld, entry.reason, entry.reason_by_id) == (True, "", town.chief.id)
    entry = answer_for(
        town.session, SEMESTER, NUMBER, reason=f" {REASON} ", withheld=False, actor=town.bureau, at=AT
    )
    assert (entry.withheld, entry.reason, entry.reason_by_id) == (False, REASON, town.bureau.id)
    publish_by_person(town)
    with refused("bottom.published"):
        answer(town, withheld=True)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"reason": "太短"}, "reason.short"),
        ({"reason": "字" * 1001}, "bottom.reason_long"),
        ({"reason": ""}, "reason.short"),
    ],
)
def test_a_reason_says_something(town: DoubtfulCity, said: dict[str, str], code: str) -> None:
    with refused(code):
        answer(town, **said)


def test_only_the_office_and_only_where_it_is_asked(town: DoubtfulCity) -> None:
    for actor in (town.district, town.head):
        with refused("permission.denied"):
            answer(town, reason=REASON, actor=actor)
    listed = town.session.scalars(
        select(BottomEntry.teacher_id).where(BottomEntry.teacher_id != town.charged.id)
    ).first()
    assert listed is not None
    for teacher_id in (listed, town.teachers[0].id):
        with refused("bottom.not_asked"):
            give_reason(
                town.session,
                standing(town.session, SEMESTER),
                teacher_id,
                reason=REASON,
                actor=town.chief,
                at=AT,
            )
    with refused("bottom.not_asked"):
        answer_for(town.session, SEMESTER, "T7777", reason=REASON, withheld=False, actor=town.chief, at=AT)


def test_nothing_is_withheld_twice_nor_asked_after_an_answer(town: DoubtfulCity) -> None:
    ranking = standing(town.session, SEMESTER)
    answer(town, reason=REASON)
    settle_names(town.session, ranking, actor=town.chief, at=AT)
    withhold_unexplained(town.session, ranking, actor=CLOCK, at=AT)
    assert candidate(town).fate == "named"


def test_a_ranking_without_certainty_asks_too(town: DoubtfulCity) -> None:
    """Kept by a program that did not compute it: not told apart is what nobody computed."""
    entry = town.session.get_one(BottomEntry, (standing(town.session, SEMESTER).id, town.charged.id))
    entry.separable = None
    town.session.get_one(Ranking, entry.ranking_id).certainty = "{}"
    town.session.flush()
    assert candidate(town).asks_reason
    assert queries.certainty_view(town.session, WHOLE_CITY, entry.ranking_id) is None
