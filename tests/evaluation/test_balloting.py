"""A ballot from the code to the tallies: opened, kept, counted once, and joined to nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ethics_eval.evaluation import balloting, issuing
from ethics_eval.evaluation.balloting import (
    CodeState,
    open_ballot,
    save_draft,
    start_mark,
    was_fast,
)
from ethics_eval.evaluation.grouping import adopt_proposal
from ethics_eval.evaluation.models import (
    BallotCode,
    BallotDraft,
    BallotFlag,
    BallotReason,
    FlaggedTally,
    Tally,
)
from ethics_eval.evaluation.rules.ballot import Opinion, answered
from ethics_eval.evaluation.rules.scheme import Component
from ethics_eval.roster.models import School, Semester
from ethics_eval.text import RuleViolation
from ethics_eval.vault.cipher import SealBroken
from ethics_eval.vault.service import Vault
from tests.support.ballots import (
    AT,
    CLOSED_AT,
    OPENED_AT,
    PREPARED_AT,
    REASON,
    add_class,
    codes,
    entry,
    officer_of,
    open_round,
    opened,
    opinions,
    send,
    teacher_ids,
    vote,
)
from tests.support.ranked import SEMESTER, RankedCity

CLASS = "三年级2班"
PUPILS = 6


@pytest.fixture
def vault() -> Vault:
    return Vault(bytes(range(32)))


@pytest.fixture
def school(session: Session, tmp_path: Path, vault: Vault) -> School:
    """A school with a class of six pupils and three teachers, whose codes are out, and an open round."""
    city = RankedCity(session, vault, tmp_path, teacher_count=12)
    open_round(session)
    made = city.schools[0]
    add_class(session, made, CLASS, PUPILS, teacher_ids(session, made)[:3])
    issuing.issue_codes(session, vault, SEMESTER, actor=officer_of(made), at=PREPARED_AT)
    session.commit()
    return made


def counts(session: Session, school: School, component: str = "pupil") -> dict[tuple[int, str], list[int]]:
    rows = session.scalars(
        select(Tally).where(Tally.school_id == school.id, Tally.component == component)
    ).all()
    return {
        (row.teacher_id, row.item): [row.option_1, row.option_2, row.option_3, row.option_4, row.option_5]
        for row in rows
    }


def states(session: Session) -> dict[str, int]:
    rows = session.execute(select(BallotCode.state, func.count()).group_by(BallotCode.state))
    return {state: count for state, count in rows}


def test_a_ballot_is_counted_once(session: Session, vault: Vault, school: School) -> None:
    first, second, *_rest = codes(session, vault, school, CLASS)
    ids = teacher_ids(session, school)[:3]
    ballot = opened(session, vault, first)
    assert [teacher.teacher_id for teacher in ballot.paper.teachers] == ids
    assert [item.code for item in ballot.paper.items] == ["Q1", "Q2"]
    vote(session, vault, first, lambda place, item: place if item == 0 else 1)
    assert counts(session, school) == {
        (ids[0], "Q1"): [1, 0, 0, 0, 0],
        (ids[1], "Q1"): [0, 1, 0, 0, 0],
        (ids[2], "Q1"): [0, 0, 1, 0, 0],
        **{(teacher, "Q2"): [1, 0, 0, 0, 0] for teacher in ids},
    }
    assert open_ballot(session, vault, first, at=AT).state is CodeState.USED
    said = opinions(ballot, lambda _place, _item: 1)
    with pytest.raises(RuleViolation) as refused:
        send(session, vault, ballot, said, mark=start_mark(vault, ballot, 0, at=AT), at=AT)
    assert refused.value.code == "ballot.closed"
    vote(session, vault, second, without=[2])
    assert sum(counts(session, school)[ids[1], "Q1"]) == 1  # not known: counts nothing
    assert sum(counts(session, school)[ids[0], "Q1"]) == 2
    assert states(session) == {"used": 2, "open": 2 * PUPILS - 2}


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ("typed", CodeState.OPEN),
        ("other", CodeState.UNKNOWN),
        ("short", CodeState.UNKNOWN),
        ("early", CodeState.EARLY),
        ("late", CodeState.OVER),
        ("frozen", CodeState.OVER),
        ("reissued", CodeState.UNKNOWN),
    ],
)
def test_what_a_code_is_good_for(
    session: Session, vault: Vault, school: School, change: str, state: CodeState
) -> None:
    code, at = codes(session, vault, school, CLASS)[0], AT
    if change == "typed":
        code = f" {code[:4].lower()}-{code[4:8]} {code[8:].lower()} ".replace("0", "o").replace("1", "l")
    elif change == "other":
        code = "0000" + code[4:]
    elif change == "short":
        code = code[:-1]
    elif change == "early":
        at = OPENED_AT - timedelta(seconds=1)
    elif change == "late":
        at = CLOSED_AT
    elif change == "frozen":
        session.get_one(Semester, SEMESTER).status = "frozen"
        session.flush()
    else:
        group = entry(session, school, CLASS).first
        issuing.reissue_codes(
            session, vault, SEMESTER, group.id, seats=None, batch=group.batch, actor=officer_of(school), at=AT
        )
    found = open_ballot(session, vault, code, at=at)
    assert found.state is state
    assert (found.ballot is not None) is (state is CodeState.OPEN)


def test_a_ballot_that_comes_too_late_counts_nothing(session: Session, vault: Vault, school: School) -> None:
    ballot = opened(session, vault, codes(session, vault, school, CLASS)[0])
    said = opinions(ballot, lambda _place, _item: 1)
    with pytest.raises(RuleViolation):
        send(session, vault, ballot, said, mark="", at=CLOSED_AT)
    with pytest.raises(RuleViolation):
        save_draft(session, vault, ballot, said, at=CLOSED_AT)
    assert states(session) == {"open": 2 * PUPILS}
    assert not any(sum(options) for options in counts(session, school).values())


def test_the_lowest_option_asks_for_a_reason_only_the_city_reads(
    session: Session, vault: Vault, school: School
) -> None:
    ballot = opened(session, vault, codes(session, vault, school, CLASS)[0])
    said = opinions(ballot, lambda _place, _item: 1)
    said[2] = replace(said[2], options={"Q1": 1, "Q2": 5})
    said[2] = replace(said[2], reasons={"Q2": " 不好 "})
    mark = start_mark(vault, ballot, 0, at=AT - timedelta(minutes=2))
    with pytest.raises(RuleViolation) as refused:
        send(session, vault, ballot, said, mark=mark, at=AT)
    assert (refused.value.code, refused.value.field) == ("ballot.reason", "t2-q2-reason")
    said[2] = replace(said[2], reasons={"Q2": REASON, "Q1": "写在最好一档上的话不留"})
    send(session, vault, ballot, said, mark=mark, at=AT)
    (kept,) = session.scalars(select(BallotReason))
    assert (kept.teacher_id, kept.item) == (teacher_ids(session, school)[1], "Q2")
    assert REASON.encode() not in kept.sealed
    key = issuing.reason_key(session, vault, SEMESTER, school.id)
    assert key.unseal(kept.sealed, issuing.reason_place(kept.id)).decode() == REASON


def test_a_draft_is_read_with_the_code_alone_and_gone_when_sent(
    session: Session, vault: Vault, school: School
) -> None:
    first, second, *_rest = codes(session, vault, school, CLASS)
    ballot, other = opened(session, vault, first), opened(session, vault, second)
    half = {1: Opinion(options={"Q1": 5}, reasons={"Q1": REASON}), 2: Opinion(abstains=True)}
    save_draft(session, vault, ballot, {1: Opinion(options={"Q1": 1})}, at=AT)
    save_draft(session, vault, ballot, half, at=AT)
    assert balloting.read_draft(session, vault, ballot) == half
    assert balloting.read_draft(session, vault, other) == {}
    (row,) = session.scalars(select(BallotDraft))
    assert REASON.encode() not in row.sealed
    cipher, place = balloting._draft_cipher(vault, replace(other, code_hash=ballot.code_hash))
    with pytest.raises(SealBroken):  # the key is made of the code: another code's opens nothing
        cipher.unseal(row.sealed, place)
    vote(session, vault, first)
    assert session.scalars(select(BallotDraft)).all() == []


@pytest.mark.parametrize(
    ("option", "seconds", "kinds"),
    [(1, 120, []), (1, 5, ["fast"]), (3, 120, ["straight"]), (3, 5, ["fast", "straight"])],
)
def test_careless_ballots_count_and_are_flagged(
    session: Session, vault: Vault, school: School, option: int, seconds: int, kinds: list[str]
) -> None:
    code = codes(session, vault, school, CLASS)[0]
    vote(session, vault, code, lambda _place, _item: option, seconds=seconds)
    assert all(options[option - 1] == 1 for options in counts(session, school).values())
    flags = session.execute(select(BallotFlag.teacher_id, BallotFlag.kind, BallotFlag.count)).all()
    assert sorted(flags) == sorted((t, kind, 1) for t in teacher_ids(session, school)[:3] for kind in kinds)
    flagged = session.scalars(select(FlaggedTally)).all()
    assert len(flagged) == (6 if kinds else 0)
    assert all(getattr(row, f"option_{option}") == 1 for row in flagged)


def test_what_was_in_the_draft_is_not_fast(session: Session, vault: Vault, school: School) -> None:
    ballot = opened(session, vault, codes(session, vault, school, CLASS)[0])
    said = opinions(ballot, lambda place, item: 1 + (place + item) % 2)
    total = answered(ballot.paper, said)
    later = AT + timedelta(seconds=1), AT + timedelta(seconds=5)
    assert not was_fast(vault, ballot, total, start_mark(vault, ballot, 5, at=AT), later[0])
    assert was_fast(vault, ballot, total, start_mark(vault, ballot, 0, at=AT), later[1])
    for forged in ("", "1.0.abc", "x"):
        assert was_fast(vault, ballot, total, forged, AT)


def test_colleagues_rate_each_other_and_everyone_themself(
    session: Session, vault: Vault, school: School
) -> None:
    ids = teacher_ids(session, school)
    assert adopt_proposal(session, SEMESTER, actor=officer_of(school), at=PREPARED_AT) == 3
    assert adopt_proposal(session, SEMESTER, actor=officer_of(school), at=PREPARED_AT) == 0
    issuing.issue_codes(session, vault, SEMESTER, actor=officer_of(school), at=PREPARED_AT)
    for place, code in enumerate(codes(session, vault, school, "同事", Component.PEER)):
        assert [one.teacher_id for one in opened(session, vault, code).paper.teachers] == [
            teacher for teacher in ids if teacher != ids[place]
        ]
    for place, code in enumerate(codes(session, vault, school, "全体教师", Component.SELF)):
        assert [one.teacher_id for one in opened(session, vault, code).paper.teachers] == [ids[place]]
    eligible = {
        row.component: row.eligible_count
        for row in session.scalars(select(Tally).where(Tally.teacher_id == ids[0]))
    }
    assert eligible == {"pupil": PUPILS, "parent": PUPILS, "peer": len(ids) - 1, "self": 1, "school": 7}
