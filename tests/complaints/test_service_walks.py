"""Random walks over the services: whatever people try in whatever order, a case stays lawful and loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from ethics_eval.accounts.rules import PUBLIC, Actor
from ethics_eval.complaints import queries, service
from ethics_eval.complaints.models import Case
from ethics_eval.complaints.rules.finding import Measure
from ethics_eval.complaints.rules.machine import (
    WORKING,
    CaseAction,
    CaseStatus,
    Desk,
    Outcome,
    choices,
)
from ethics_eval.complaints.service import Step
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import RuleViolation
from tests.complaints.town import LETTER, Town

A, S = CaseAction, CaseStatus
TEXT = "这里写清楚了为什么要这样办。"
STEPS = 28

# column → the steps that may write it
VERDICTS = {
    "registered_in_time": {A.REGISTER, A.TRANSFER, A.MERGE},
    "accepted_in_time": {A.ACCEPT, A.DECLINE, A.TRANSFER},
    "replied_in_time": {A.REPLY, A.ANSWER},
    "reviewed_in_time": {A.UPHOLD, A.FINISH, A.QUASH},
    "urgent_in_time": {A.REGISTER, A.TRANSFER, A.REFER, A.MERGE},
}
LETTERS = (
    LETTER,
    replace(LETTER, category="C04"),
    replace(LETTER, category="C04", respondent="李国华"),
    replace(LETTER, injured=True),
    replace(LETTER, category="R04"),
    replace(LETTER, category="C20"),
)


def attempt(
    town: Town, rng: Random, step: Step, case: Case, cases: list[Case]
) -> dict[CaseAction, Callable[[], Any]]:
    """What each action does here, filled in soundly."""
    told = {"explanation": TEXT}
    names = rng.sample(["甲某", "乙某", "丙某", "丁某", "戊某", "己某"], 2)
    outcome, measure = rng.choice(
        [
            (Outcome.SUBSTANTIATED, Measure.WARNING),
            (Outcome.SUBSTANTIATED, Measure.DEMOTION),
            (Outcome.UNSUBSTANTIATED, Measure.NONE),
        ]
    )
    draft = town.draft(outcome=outcome, measure=measure)
    open_draft = next((row for row in case.findings if row.decided_at is None and not row.replaced_at), None)
    final = service.draft_of(open_draft, TEXT) if open_draft else draft
    document = {"document": "湘教复1号"}
    return {
        A.REGISTER: lambda: service.register(step, case),
        A.ACCEPT: lambda: service.accept(step, case),
        A.DECLINE: lambda: service.decline(step, case, reason="NOT_EDU_DUTY", **told),
        A.TRANSFER: lambda: service.transfer(step, case, target="POLICE", **told),
        A.ASSIGN: lambda: service.assign(step, case, desk=rng.choice(list(Desk)), instruction=TEXT),
        A.OBJECT: lambda: service.object_to(step, case, reason=TEXT),
        A.START: lambda: service.start(step, case, investigators=names),
        A.INVESTIGATE: lambda: service.investigate(step, case, report=TEXT),
        A.PROPOSE: lambda: service.propose(step, case, draft),
        A.NOTIFY: lambda: service.notify(step, case, facts=TEXT),
        A.STATE: lambda: service.record_statement(step, case, statement=TEXT),
        A.RECUSE: lambda: service.recuse(step, case, reason=TEXT),
        A.SEND_BACK: lambda: service.send_back(step, case, reason=TEXT),
        A.DECIDE: lambda: service.decide(step, case, final),
        A.ANSWER: lambda: service.answer(step, case, text=TEXT),
        A.REPLY: lambda: service.reply(step, case, text=TEXT),
        A.CLOSE: lambda: service.close(step, case),
        A.EXTEND: lambda: service.extend(step, case, **told),
        A.SUSPEND: lambda: service.suspend(step, case, reason="POLICE", number="1", **told),
        A.RESUME: lambda: service.resume(step, case, **told),
        A.REFER: lambda: service.refer(step, case, number="1", **told),
        A.REOPEN: lambda: service.reopen(step, case, reason=TEXT),
        A.MERGE: lambda: service.merge(step, case, target=rng.choice(cases), reason=TEXT),
        A.CONTINUE: lambda: service.carry_on(step, case, reason=TEXT),
        A.ASK_HEARING: lambda: service.ask_hearing(step, case, grounds=TEXT),
        A.HOLD_HEARING: lambda: service.hold_hearing(step, case, record=TEXT),
        A.UPHOLD: lambda: service.uphold(step, case, **told, **document),
        A.FINISH: lambda: service.finish(step, case, **told, **document),
        A.QUASH: lambda: service.quash(step, case, investigators=names, **told, **document),
        A.WITHDRAW: lambda: service.withdraw(step, case.complaints[0], reason=""),
        A.ASK_REVIEW: lambda: service.ask_review(step, case.complaints[0], grounds=TEXT),
        A.ASK_FINAL_REVIEW: lambda: service.ask_final_review(step, case.complaints[0], grounds=TEXT),
    }


def reply_day_by_hand(town: Town, case: Case) -> date:
    """Sixty days from acceptance or quashing, thirty more once, and the days that stood still; then rolled."""
    base, days, still = date.min, 60, None
    for event in case.events:
        day = local_day(event.at)
        if event.action in {A.ACCEPT, A.QUASH}:
            base, days = day, 60
        elif event.action == A.EXTEND:
            days += 30
        elif event.to_status in {S.SUSPENDED, S.WITHDRAWN} and still is None:
            still = day
        elif event.action in {A.RESUME, A.CONTINUE}:
            days += (day - (still or day)).days
            still = None
    calendar = roster_queries.calendar(town.session)
    end = base + timedelta(days=days)
    while not calendar.is_working_day(end):
        end += timedelta(days=1)
    return end


def lawful(town: Town, case: Case) -> None:
    """What is true of every case at every moment."""
    events, status = case.events, CaseStatus(case.status)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert [event.from_status for event in events[1:]] == [event.to_status for event in events[:-1]]
    assert events[-1].to_status == status
    assert not (case.desk == Desk.SCHOOL and (case.recused or case.urgent))
    if case.desk != Desk.SCHOOL:
        assert queries.find_case(town.session, town.officer, case.number) is None
    assert (status is S.SUSPENDED) == (case.suspended_on is not None)
    assert (status is S.MERGED) == (case.merged_into_id is not None)
    due = queries.due_of(case, local_day(town.at))
    if status is S.SUSPENDED:
        assert due is None
    if status in {*WORKING[2:], S.DECIDED}:
        assert case.reply_due_on == reply_day_by_hand(town, case)
        assert due is not None
        assert due.on == case.reply_due_on
    if status in {S.REVIEW, S.FINAL_REVIEW}:
        assert due is not None
        assert due.on == case.review_due_on
    if status in {S.DECLINED, S.REPLIED, S.CLOSED, S.FINAL, S.WITHDRAWN, S.MERGED}:
        assert due is None
    decided = [row for row in case.findings if row.decided_at is not None and row.revoked_at is None]
    assert bool(decided) == (case.outcome is not None)
    for row in decided:
        assert row.decided_by_id != row.proposed_by_id
        assert not case.school_matter
    actions = [event.action for event in events]
    assert actions.count(A.EXTEND) == int(case.extended) <= 1
    if status is S.CLOSED:
        assert {A.REPLY, A.ANSWER} & set(actions)
    if S.FINAL in [event.to_status for event in events]:
        assert status is S.FINAL


def snapshot(case: Case) -> tuple[Any, ...]:
    columns = {name: getattr(case, name) for name in Case.__table__.columns.keys()}  # noqa: SIM118
    return columns, [(event.id, event.action, event.to_status) for event in case.events]


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_tried_in_whatever_order(town: Town, seed: int) -> None:
    rng = Random(seed)
    cases = [town.case(letter, key=f"letter number {at:03}") for at, letter in enumerate(LETTERS)]
    people: list[Actor] = [
        town.officer,
        town.head,
        town.neighbour,
        town.district,
        town.second,
        town.bureau,
        town.chief,
        town.teacher,
        town.custodian,
        PUBLIC,
    ]
    taken: set[str] = set()
    for _ in range(STEPS * len(cases)):
        case = rng.choice(cases)
        town.later(hours=rng.choice([0, 1, 6, 30, 24 * 4]))
        facts = queries.case_facts(town.session, town.vault, case, at=town.at)
        offered = [
            (actor, action) for actor in people for action, why in choices(facts, actor) if why is None
        ]
        # mostly what is allowed, the ways aside more seldom; now and then anything by anybody
        if offered and rng.random() < 0.8:
            aside = {
                A.STATE,
                A.WITHDRAW,
                A.MERGE,
                A.RECUSE,
                A.SUSPEND,
                A.REFER,
                A.DECLINE,
                A.TRANSFER,
                A.SEND_BACK,
            }
            weights = [
                1 if action in aside else 12 if action is A.HOLD_HEARING else 6 for _, action in offered
            ]
            ((actor, action),) = rng.choices(offered, weights)
        else:
            actor, action = rng.choice(people), rng.choice(list(CaseAction))
        before, events = snapshot(case)
        try:
            attempt(town, rng, town.by(actor), case, cases)[action]()
        except RuleViolation:
            town.session.rollback()
            town.session.expire_all()
            assert snapshot(case) == (before, events), f"{action} was refused and left a trace"
            continue
        town.session.commit()
        town.session.expire_all()
        taken.add(action.value)
        after, told = snapshot(case)
        moved = case if len(told) > len(events) else None
        if moved is None:  # the sender of a merged letter acts on the case it went into
            assert before["merged_into_id"] is not None
        else:
            assert told[: len(events)] == events, "no event is lost or changed"
            assert len(told) == len(events) + 1
            assert told[-1][1] == action.value
        for column, writers in VERDICTS.items():
            if before[column] != after[column]:
                assert action in writers, f"{column} by {action}"
                assert before[column] is not False, f"{column}: lateness is never taken back"
        for one in (case, queries.lead_of(town.session, case)):
            lawful(town, one)
    for one in cases:
        lawful(town, one)
    assert len(taken) > 12, "the walk went somewhere"
