"""A school with its ballots: groups, codes, an open round; and how a rater answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor, Role
from ethics_eval.database import Driver
from ethics_eval.evaluation import grouping, issuing
from ethics_eval.evaluation.balloting import Ballot, cast_ballot, fill_in, open_ballot, start_mark
from ethics_eval.evaluation.grouping import ClassDraft, Entry
from ethics_eval.evaluation.models import BallotRound, SemesterScheme
from ethics_eval.evaluation.rules.ballot import Opinion
from ethics_eval.evaluation.rules.scheme import Component
from ethics_eval.evaluation.service import import_scheme
from ethics_eval.roster.models import School, Semester
from ethics_eval.vault.service import Vault
from tests.support.ranked import FOUNDED_AT, FOUNDER, SEMESTER

OPENED_AT = datetime(2025, 11, 20, 0, 0, tzinfo=UTC)
PREPARED_AT = OPENED_AT - timedelta(days=10)
AT = OPENED_AT + timedelta(days=2)
CLOSED_AT = OPENED_AT + timedelta(days=14)
REASON = "他上课常常讽刺同学。"
POINTS = [100, 85, 70, 55, 0]


def scheme_text(items: int = 2, version: str = "ballots-1") -> str:
    """The default scheme with so many questions in every component."""
    raw = json.loads(files("ethics_eval.evaluation").joinpath("default_scheme.json").read_text("utf-8"))
    weights = [10_000 // items] * (items - 1)
    weights.append(10_000 - sum(weights))
    raw["version"] = version
    raw["items"] = {
        component.value: [
            {"code": f"Q{place}", "weight": weight, "points": POINTS}
            for place, weight in enumerate(weights, 1)
        ]
        for component in Component
    }
    return json.dumps(raw, ensure_ascii=False)


def open_round(session: Session, *, items: int = 2, semester: str = SEMESTER) -> None:
    """The semester is open, its scheme has ``items`` questions a component, its round runs around :data:`AT`."""
    scheme = import_scheme(session, scheme_text(items), actor=FOUNDER, at=FOUNDED_AT)
    session.add(SemesterScheme(semester_code=semester, scheme_version=scheme.version, assigned_at=FOUNDED_AT))
    session.get_one(Semester, semester).status = "open"
    session.add(
        BallotRound(semester_code=semester, opens_at=OPENED_AT, closes_at=CLOSED_AT, changed_at=PREPARED_AT)
    )
    session.flush()


def officer_of(school: School) -> Actor:
    """Someone who prepares a school's ballots."""
    return Actor(id=None, role=Role.SCHOOL_OFFICER, school_id=school.id)


def add_class(
    session: Session, school: School, label: str, pupils: int, teachers: Iterable[int], grade: int = 3
) -> Entry:
    """A class of the school with its pupils and parents, without codes."""
    draft = ClassDraft(label, school.stages.split()[0], grade, pupils, tuple(teachers))
    grouping.save_class(session, SEMESTER, draft, None, actor=officer_of(school), at=PREPARED_AT)
    return entry(session, school, label)


def entry(session: Session, school: School, label: str) -> Entry:
    """The entry of this label."""
    found = grouping.entries(grouping.groups_of_school(session, school.id, SEMESTER))
    return next(one for one in found if one.first.label == label)


def codes(
    session: Session, vault: Vault, school: School, label: str, component: Component = Component.PUPIL
) -> list[str]:
    """The codes of a group's sheets, in their order."""
    _name, groups = issuing.slips(session, vault, SEMESTER, school.code, None)
    return [
        slip.code
        for group in groups
        if (group.label, group.component) == (label, component)
        for slip in group.slips
    ]


def opened(session: Session, vault: Vault, code: str, at: datetime = AT) -> Ballot:
    """The ballot a code opens."""
    ballot = open_ballot(session, vault, code, at=at).ballot
    assert ballot is not None
    return ballot


def opinions(ballot: Ballot, choose: Callable[[int, int], int]) -> dict[int, Opinion]:
    """An answer on every teacher: ``choose(place, item)`` gives the option (from 1); the lowest with a reason."""
    found = {}
    for teacher in ballot.paper.teachers:
        options = {item.code: choose(teacher.place, place) for place, item in enumerate(ballot.paper.items)}
        reasons = {item.code: REASON for item in ballot.paper.items if item.is_lowest(options[item.code])}
        found[teacher.place] = Opinion(options=options, reasons=reasons)
    return found


def vote(
    session: Session,
    vault: Vault,
    code: str,
    choose: Callable[[int, int], int] = lambda place, item: 1 + (place + item) % 2,
    *,
    seconds: int = 120,
    at: datetime = AT,
    without: Iterable[int] = (),
) -> None:
    """Vote with a code, ``seconds`` after its page was opened; teachers at the places ``without`` are unknown."""
    ballot = opened(session, vault, code, at)
    said = opinions(ballot, choose)
    for place in without:
        said[place] = replace(said[place], abstains=True)
    send(
        session,
        vault,
        ballot,
        said,
        mark=start_mark(vault, ballot, 0, at=at - timedelta(seconds=seconds)),
        at=at,
    )


def send(
    session: Session, vault: Vault, ballot: Ballot, said: Mapping[int, Opinion], *, mark: str, at: datetime
) -> None:
    """Send a ballot inside the session's transaction."""
    vote = fill_in(session, vault, ballot, said, mark=mark, at=at)
    cast_ballot(Driver.of(session.connection()), vote, at=at)


def teacher_ids(session: Session, school: School) -> list[int]:
    """Of the school's teachers, in the order of their lists."""
    return [member.teacher_id for member in grouping.members(session, school.id, AT.date())]


def school_of(session: Session, code: str) -> School:
    """By its code."""
    return session.scalars(select(School).where(School.code == code)).one()
