"""The ballots of the demonstration's open semester: classes, colleagues, codes, and what has come back so far.

At some schools of the showcase voting is well under way; at others the codes are out and nobody has voted yet.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import accumulate
from random import Random
from typing import Any, cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor
from ethics_eval.accounts.service import record
from ethics_eval.database import new_id
from ethics_eval.demo.chance import apportion, stream
from ethics_eval.demo.moments import at_hour
from ethics_eval.demo.schools import PlannedSchool
from ethics_eval.demo.settling import write
from ethics_eval.evaluation.grouping import Member, import_classes, members, proposal, save_group
from ethics_eval.evaluation.issuing import code_hash, code_of, issue_codes, reason_key, reason_place
from ethics_eval.evaluation.models import (
    BallotCode,
    BallotFlag,
    BallotGroup,
    BallotGroupTeacher,
    BallotReason,
    BallotRound,
    FlaggedTally,
    Tally,
)
from ethics_eval.evaluation.queries import scheme_of_semester
from ethics_eval.evaluation.rules import ballot_code
from ethics_eval.evaluation.rules.ballot import PERSONAL, STRAIGHT_ANSWERS
from ethics_eval.evaluation.rules.ballot_sheet import ClassPlan, ClassRow
from ethics_eval.evaluation.rules.round import OPENING_TIME
from ethics_eval.evaluation.rules.scheme import MAX_OPTIONS, Component, Scheme
from ethics_eval.roster.models import Semester
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.roster.rules.school import Stage
from ethics_eval.vault.service import Vault

_BEGUN_DAYS, _LEFT_DAYS, _CLOSES = 6, 8, time(20)
_CLASS_SIZE, _CLASS_TEACHERS = 44, 6
_SIGNS = "一二三四五六七八九"
_GRADES: Mapping[str, tuple[int | None, ...]] = {
    Stage.KINDERGARTEN: (None,),
    Stage.PRIMARY: (1, 2, 3, 4, 5, 6),
    Stage.JUNIOR: (7, 8, 9),
    Stage.SENIOR: (10, 11, 12),
    Stage.VOCATIONAL: (10, 11, 12),
    Stage.SPECIAL: (1, 2, 3, 4, 5, 6, 7, 8, 9),
}
# How many of a hundred have voted, from–to; of one group in so many hardly anybody has.
_CAME_BACK: Mapping[Component, tuple[int, int]] = {
    Component.PUPIL: (72, 98),
    Component.PARENT: (48, 90),
    Component.PEER: (55, 95),
}
_SLOW_EVERY, _SLOW = 6, (4, 30)
_UNKNOWING = 5  # of a hundred answers: does not know this teacher
_CARELESS = 12  # of a thousand ballots
# The share of each option, from the best to the lowest, and how it changes up to the best teacher.
_SHARES = ((0.30, 0.55), (0.45, -0.35), (0.18, -0.15), (0.066, -0.047), (0.004, -0.003))
_WORST, _RANGE = 7500, 2500  # hundredths of a point: see scores.qualities
_REASONS: Mapping[Component, tuple[str, ...]] = {
    Component.PUPIL: (
        "上课经常接电话，有几次整节课都让我们自习。",
        "当着全班说过让同学很难受的话。",
        "作业交上去以后很少批改，也不讲评。",
        "有同学答错了，罚全班站着听课。",
    ),
    Component.PARENT: (
        "在家长群里点名批评孩子，孩子好几天不愿去学校。",
        "打过几次电话都没有接，留言也不回复。",
        "开学时建议过家长参加校外指定的辅导班。",
        "问孩子学习情况时很不耐烦。",
    ),
    Component.PEER: (
        "备课组活动多次缺席，事先也不说明。",
        "当着学生的面与同事争吵，影响不好。",
        "监考时长时间看手机，提醒过也没有改。",
    ),
}


@dataclass(frozen=True)
class VoteCode:
    """A code of the open semester that nobody has used. ``school``: its code; ``note``: whom it is for, or empty."""

    code: str
    school: str
    component: str
    label: str
    note: str = ""


@dataclass(frozen=True)
class Polls:
    """The schools with ballots, by place in the list of schools."""

    voting: Sequence[int]
    waiting: Sequence[int]

    @property
    def all(self) -> frozenset[int]:
        """Where colleagues, pupils and parents are asked here and nowhere else."""
        return frozenset((*self.voting, *self.waiting))


def polls_of(shown: Sequence[int]) -> Polls:
    """Of the showcase: primary, junior and complete secondary vote; nine-year and vocational wait."""
    return Polls(shown[:3], shown[4:6])


@dataclass
class _Counts:
    """What is added up over the ballots of a school; keys: (teacher id, component, item)."""

    votes: dict[tuple[int, str, str], list[int]] = field(default_factory=dict)
    flagged: dict[tuple[int, str, str], list[int]] = field(default_factory=dict)
    kinds: Counter[tuple[int, str, str]] = field(default_factory=Counter)
    lowest: list[tuple[int, Component, str]] = field(default_factory=list)


class Voting:
    """The round of ballots of the open semester, as a story. ``codes``: some that are left, once it is told."""

    def __init__(
        self,
        session: Session,
        vault: Vault,
        semester: Semester,
        schools: Sequence[PlannedSchool],
        school_ids: Sequence[int],
        qualities: Mapping[int, int],
        officers: Mapping[int, Actor],
        *,
        people: Mapping[int, str],
        seed: int,
    ) -> None:
        """Args: qualities, people: by teacher id; officers: by place of the school."""
        self._session, self._vault, self._semester = session, vault, semester
        self._schools, self._school_ids, self._officers = schools, school_ids, officers
        self._qualities, self._people = qualities, people
        self._chance = stream(seed, "ballots")
        self.codes: list[VoteCode] = []

    def story(self, polls: Polls, bureau: Actor, begun_at: datetime, at: datetime) -> Iterator[datetime]:
        """Args: begun_at: the semester's evaluation is open; at: the present, inside the window."""
        opens_at = at_hour(local_day(at) - timedelta(days=_BEGUN_DAYS), OPENING_TIME)
        if opens_at < begun_at + timedelta(days=1):
            opens_at = begun_at + (at - begun_at) / 2
        ahead = min(timedelta(days=3), opens_at - begun_at)
        planned_at = opens_at - ahead * 3 / 4
        yield planned_at
        self._plan(opens_at, at, bureau, planned_at)
        for number, place in enumerate(sorted(polls.all), 1):
            issued_at = planned_at + ahead / 2 * number / len(polls.all)
            yield issued_at
            self._issue(place, issued_at)
        voted_at = at - timedelta(minutes=50)
        yield voted_at
        for place in polls.voting:
            self._vote(place)

    def _plan(self, opens_at: datetime, at: datetime, actor: Actor, planned_at: datetime) -> None:
        # Not by rounds.plan_round: in the demonstration it may be long after the semester's last day.
        code = self._semester.code
        row = self._session.get(BallotRound, code)
        if row is None:
            row = BallotRound(semester_code=code)
            self._session.add(row)
        row.opens_at = opens_at
        row.closes_at = at_hour(local_day(at) + timedelta(days=_LEFT_DAYS), _CLOSES)
        row.changed_at, row.changed_by_id = planned_at, actor.id
        self._session.flush()
        record(
            self._session, actor, planned_at, "round.planned", "semester", code,
            opens_at=row.opens_at.isoformat(), closes_at=row.closes_at.isoformat(),
        )  # fmt: skip

    def _issue(self, place: int, at: datetime) -> None:
        session, code, actor = self._session, self._semester.code, self._officers[place]
        found = members(session, self._school_ids[place], local_day(at))
        classes = tuple(_classes(self._schools[place], found))
        import_classes(session, ClassPlan(classes, ()), code, actor=actor, at=at)
        for draft in proposal(found, self._schools[place].stages, ()):
            if draft.component is Component.PEER:
                save_group(session, code, draft, None, actor=actor, at=at)
        issue_codes(session, self._vault, code, actor=actor, at=at)

    # --- what came back -------------------------------------------------------------------------------------

    def _vote(self, place: int) -> None:
        session, school_id = self._session, self._school_ids[place]
        scheme = scheme_of_semester(session, self._semester.code)
        groups = session.scalars(
            select(BallotGroup).where(
                BallotGroup.semester_code == self._semester.code,
                BallotGroup.school_id == school_id,
                BallotGroup.issued_at.is_not(None),
            )
        ).all()
        rated: dict[str, list[int]] = {}
        for group_id, teacher_id in session.execute(
            select(BallotGroupTeacher.group_id, BallotGroupTeacher.teacher_id)
            .where(BallotGroupTeacher.group_id.in_([group.id for group in groups]))
            .order_by(BallotGroupTeacher.group_id, BallotGroupTeacher.place)
        ):
            rated.setdefault(group_id, []).append(teacher_id)
        if scheme is None:
            return
        counts, used, told = _Counts(), [], set()
        for group in sorted(groups, key=lambda one: (one.component, len(one.label), one.label)):
            kept: Collection[int] = ()
            if group.component not in told:
                told.add(group.component)
                kept = self._keep_one(group, rated[group.id], place)
            serials = self._came_back(group, kept)
            used += [self._hash(group, serial) for serial in serials]
            self._count(group, rated[group.id], serials, scheme, counts)
        table = cast(Table, BallotCode.__table__)
        session.execute(
            table.update().where(table.c.code_hash == bindparam("of_code")).values(state="used"),
            [{"of_code": one} for one in sorted(used)],
        )
        self._write(school_id, counts)

    def _hash(self, group: BallotGroup, serial: int) -> bytes:
        return code_hash(self._vault, code_of(self._vault, group.id, group.batch, serial))

    def _keep_one(self, group: BallotGroup, rated: Sequence[int], place: int) -> Collection[int]:
        """Keep a code of the group for visitors to vote with, for somebody with an account where it is a person's."""
        serial, note = group.seats, ""
        if Component(group.component) in PERSONAL:
            own = [number for number, teacher_id in enumerate(rated, 1) if teacher_id in self._people]
            serial = own[0] if own else serial
            note = self._people.get(rated[serial - 1], "")
        code = ballot_code.grouped(code_of(self._vault, group.id, group.batch, serial))
        self.codes.append(VoteCode(code, self._schools[place].code, group.component, group.label, note))
        return (serial,)

    def _came_back(self, group: BallotGroup, kept: Collection[int]) -> list[int]:
        """The numbers of the codes that were used."""
        is_slow = self._chance.randrange(_SLOW_EVERY) == 0
        low, high = _SLOW if is_slow else _CAME_BACK[Component(group.component)]
        count = group.seats * self._chance.randint(low, high) // 100
        free = [serial for serial in range(1, group.seats + 1) if serial not in kept]
        return self._chance.sample(free, min(count, len(free)))

    def _count(
        self,
        group: BallotGroup,
        rated: Sequence[int],
        serials: Sequence[int],
        scheme: Scheme,
        counts: _Counts,
    ) -> None:
        component, chance = Component(group.component), self._chance
        scales = {teacher_id: _scale(self._qualities.get(teacher_id, 8700)) for teacher_id in rated}
        for serial in serials:
            holder = rated[serial - 1] if component in PERSONAL else None
            others = [teacher_id for teacher_id in rated if teacher_id != holder]
            kind = _careless(len(others), chance)
            for teacher_id in others:
                if kind is None and len(others) > 1 and chance.randrange(100) < _UNKNOWING:
                    continue
                for item in scheme.items[component]:
                    drawn = 1 if kind == "straight" else bisect(scales[teacher_id], chance.random())
                    option = min(drawn, len(item.points) - 1)
                    key = (teacher_id, component.value, item.code)
                    counts.votes.setdefault(key, [0] * MAX_OPTIONS)[option] += 1
                    if kind is not None:
                        counts.flagged.setdefault(key, [0] * MAX_OPTIONS)[option] += 1
                    if item.points[option] == min(item.points):
                        counts.lowest.append((teacher_id, component, item.code))
                if kind is not None:
                    counts.kinds[teacher_id, component.value, kind] += 1

    def _write(self, school_id: int, counts: _Counts) -> None:
        """In order of the keys, and without a time."""
        session, semester = self._session, {"semester_code": self._semester.code, "school_id": school_id}
        tally = cast(Table, Tally.__table__)
        options = [f"option_{place}" for place in range(1, MAX_OPTIONS + 1)]
        session.execute(
            tally.update()
            .where(
                tally.c.semester_code == self._semester.code,
                tally.c.school_id == school_id,
                tally.c.teacher_id == bindparam("of_teacher"),
                tally.c.component == bindparam("of_component"),
                tally.c.item == bindparam("of_item"),
            )
            .values({name: bindparam(f"to_{name}") for name in options}),
            [
                {"of_teacher": key[0], "of_component": key[1], "of_item": key[2]}
                | {f"to_{name}": count for name, count in zip(options, votes, strict=True)}
                for key, votes in sorted(counts.votes.items())
            ],
        )
        write(
            session,
            FlaggedTally,
            [
                {**semester, **_key(key), **dict(zip(options, votes, strict=True))}
                for key, votes in sorted(counts.flagged.items())
            ],
        )
        write(
            session,
            BallotFlag,
            [
                {**semester, "teacher_id": key[0], "component": key[1], "kind": key[2], "count": count}
                for key, count in sorted(counts.kinds.items())
            ],
        )
        cipher = reason_key(session, self._vault, self._semester.code, school_id)
        rows: list[dict[str, Any]] = []
        for teacher_id, component, item in counts.lowest:
            reason_id, text = new_id(), self._chance.choice(_REASONS[component])
            sealed = cipher.seal(text.encode(), reason_place(reason_id))
            rows.append(
                {**semester, **_key((teacher_id, component.value, item)), "id": reason_id, "sealed": sealed}
            )
        write(session, BallotReason, sorted(rows, key=lambda row: str(row["id"])))
        session.expire_all()


def _key(key: tuple[int, str, str]) -> dict[str, Any]:
    return {"teacher_id": key[0], "component": key[1], "item": key[2]}


def _scale(quality: int) -> list[float]:
    """The chances of the options of a teacher, added up."""
    good = min(max((quality - _WORST) / _RANGE, 0.0), 1.0)
    return list(accumulate(share + slope * good for share, slope in _SHARES))[:-1]


def _careless(answers: int, chance: Random) -> str | None:
    """How a ballot is careless, if it is: the same option throughout where there are many, else in no time."""
    if chance.randrange(1000) >= _CARELESS:
        return None
    return "straight" if answers >= STRAIGHT_ANSWERS and chance.randrange(2) else "fast"


def _classes(school: PlannedSchool, found: Sequence[Member]) -> Iterator[ClassRow]:
    """The classes of a school; every teacher of a stage has one at least."""
    by_stage: dict[str, list[int]] = {}
    for member in found:
        by_stage.setdefault(member.stage, []).append(member.teacher_id)
    stages = [stage for stage in school.stages if by_stage.get(stage)]
    for stage, pupils in zip(
        stages, apportion(school.pupils, [len(by_stage[stage]) for stage in stages]), strict=True
    ):
        staff, grades = by_stage[stage], _GRADES[stage]
        count = max(len(grades), -(-pupils // _CLASS_SIZE))
        taught = max(min(_CLASS_TEACHERS, len(staff)), -(-len(staff) // count))
        for number, seats in enumerate(apportion(max(pupils, count), [1] * count, 1)):
            grade, place = grades[number % len(grades)], number // len(grades) + 1
            yield ClassRow(
                row=number + 2,
                label=_label(stage, grade, place),
                stage=stage,
                grade=grade,
                pupils=seats,
                teacher_ids=tuple(
                    dict.fromkeys(staff[(number * taught + turn) % len(staff)] for turn in range(taught))
                ),
            )


def _label(stage: str, grade: int | None, number: int) -> str:
    """三年级(2)班, 初二(1)班, 高一(3)班."""
    if grade is None:
        return f"{number}班"
    match stage:
        case Stage.JUNIOR:
            name = f"初{_SIGNS[grade - 7]}"
        case Stage.SENIOR | Stage.VOCATIONAL:
            name = f"{'高' if stage == Stage.SENIOR else '职高'}{_SIGNS[grade - 10]}"
        case _:
            name = f"{_SIGNS[grade - 1]}年级"
    return f"{name}({number})班"
