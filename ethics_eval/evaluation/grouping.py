"""评议组: which raters a school has, and whom each of them rates; planned by the school before codes are issued.

Reads take the reader's school from the actor; another school's group is as if it were not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor, Permission, require
from ethics_eval.accounts.service import record
from ethics_eval.database import new_id
from ethics_eval.evaluation.models import BallotCode, BallotGroup, BallotGroupTeacher
from ethics_eval.evaluation.queries import scheme_of_semester
from ethics_eval.evaluation.rounds import is_closed
from ethics_eval.evaluation.rules.ballot import (
    CLASS_PARTS,
    PART_ORDER,
    PERSONAL,
    GroupDraft,
    check_group,
    may_rate,
    seats_of,
    slices,
)
from ethics_eval.evaluation.rules.ballot_sheet import CLASSES, ClassPlan, ClassRow, Staff
from ethics_eval.evaluation.rules.disclosure import shown
from ethics_eval.evaluation.rules.scheme import STAGES, Component
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.models import School, Semester, Teacher
from ethics_eval.roster.queries import Reach
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.roster.rules.sheet import ImportRefused, Problem
from ethics_eval.roster.rules.teacher import not_rated_reason
from ethics_eval.text import N_, RuleViolation

PROPOSED_LABELS: Mapping[Component, str] = {
    Component.SELF: N_("全体教师"),
    Component.PEER: N_("同事"),
    Component.SCHOOL: N_("学校考评组"),
}
SCHOOL_GROUP_SEATS = 7


# --- reads --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Member:
    """A teacher of the school, as lists show them."""

    teacher_id: int
    number: str
    name: str
    stage: str
    subject: str


@dataclass(frozen=True)
class GroupView:
    """A group of raters. ``used_count`` of ``code_count`` codes that are good were used; ``teachers``: by place."""

    id: str
    component: Component
    label: str
    stage: str
    grade: int | None
    seats: int
    batch: int
    issued_at: datetime | None
    teachers: tuple[tuple[int, str], ...]
    code_count: int
    used_count: int

    @property
    def is_issued(self) -> bool:
        """Whether its codes are out: then its raters and teachers stay as they are."""
        return self.issued_at is not None

    @property
    def told_used_count(self) -> int | None:
        """How many codes were used, as pages may tell it; None: of fewer than five raters (R4)."""
        return self.used_count if shown(self.code_count) else None


@dataclass(frozen=True)
class Entry:
    """What the school sees as one: a class with its pupils and parents, or another group."""

    groups: tuple[GroupView, ...]

    @property
    def first(self) -> GroupView:
        """The group that stands for the entry."""
        return self.groups[0]

    @property
    def is_class(self) -> bool:
        """Whether it is a class."""
        return self.first.component in CLASS_PARTS

    @property
    def is_issued(self) -> bool:
        """Whether any of its codes are out."""
        return any(group.is_issued for group in self.groups)


def own_school(session: Session, actor: Actor) -> School:
    """The school whose ballots the actor prepares. Raises: RuleViolation ``permission.denied``."""
    require(actor, Permission.BALLOT_ISSUE)
    return session.get_one(School, actor.school_id)


def members(session: Session, school_id: int, on: date) -> list[Member]:
    """The school's teachers on a day who are rated, by stage, subject and number; each once, with the first stage."""
    rows = roster_queries.teachers_of_school(session, school_id, on=on, reach=Reach(school_id=school_id))
    found: dict[int, Member] = {}
    for row in sorted(rows, key=lambda one: (STAGES.index(one.stage), one.subject, one.number)):
        if not_rated_reason(row.status) is None:
            member = Member(row.teacher_id, row.number, row.name, row.stage.value, row.subject)
            found.setdefault(row.teacher_id, member)
    return list(found.values())


def staff_of(found: Iterable[Member]) -> Staff:
    """The members as the reading of a workbook takes them."""
    numbers: dict[str, int] = {}
    names: dict[str, list[int]] = {}
    for member in found:
        numbers[member.number] = member.teacher_id
        names.setdefault(member.name, []).append(member.teacher_id)
    return Staff(numbers, names)


def groups_of_school(session: Session, school_id: int, semester_code: str) -> list[GroupView]:
    """The groups of a school: pupils and parents by stage, grade and class, then colleagues, self, school's group."""
    groups = session.scalars(
        select(BallotGroup).where(
            BallotGroup.semester_code == semester_code, BallotGroup.school_id == school_id
        )
    ).all()
    ids = select(BallotGroup.id).where(
        BallotGroup.semester_code == semester_code, BallotGroup.school_id == school_id
    )
    teachers: dict[str, list[tuple[int, str]]] = {}
    for group_id, teacher_id, name in session.execute(
        select(BallotGroupTeacher.group_id, Teacher.id, Teacher.name)
        .join(Teacher, Teacher.id == BallotGroupTeacher.teacher_id)
        .where(BallotGroupTeacher.group_id.in_(ids))
        .order_by(BallotGroupTeacher.group_id, BallotGroupTeacher.place)
    ):
        teachers.setdefault(group_id, []).append((teacher_id, name))
    counts: dict[tuple[str, str], int] = {
        (group_id, state): number
        for group_id, state, number in session.execute(
            select(BallotCode.group_id, BallotCode.state, func.count())
            .where(BallotCode.group_id.in_(ids))
            .group_by(BallotCode.group_id, BallotCode.state)
        )
    }
    found = [
        GroupView(
            group.id,
            Component(group.component),
            group.label,
            group.stage,
            group.grade,
            group.seats,
            group.batch,
            group.issued_at,
            tuple(teachers.get(group.id, ())),
            code_count=counts.get((group.id, "open"), 0) + counts.get((group.id, "used"), 0),
            used_count=counts.get((group.id, "used"), 0),
        )
        for group in groups
    ]
    return sorted(
        found,
        key=lambda one: (
            one.component not in CLASS_PARTS,
            STAGES.index(one.stage) if one.component in CLASS_PARTS else PART_ORDER.index(one.component),
            one.grade or 0,
            len(one.label),
            one.label,
            PART_ORDER.index(one.component),
        ),
    )


def entries(groups: Iterable[GroupView]) -> list[Entry]:
    """The groups, pupils and parents of a class together, in the order in which they came."""
    found: dict[tuple[str, ...], list[GroupView]] = {}
    for group in groups:
        key = ("class", group.label) if group.component in CLASS_PARTS else (group.id,)
        found.setdefault(key, []).append(group)
    return [Entry(tuple(parts)) for parts in found.values()]


# --- writes -------------------------------------------------------------------------------------------------


def check_plannable(session: Session, semester_code: str) -> Semester:
    """The semester, if its groups and codes can still be made.

    Raises: RuleViolation ``ballot.no_semester``: not open; ``ballot.round_over``: the round is closed.
    """
    semester = session.get(Semester, semester_code)
    if semester is None or semester.status != "open":
        raise RuleViolation("ballot.no_semester", N_("现在没有正在考评的学期。"))
    if is_closed(session, semester_code):
        raise RuleViolation("ballot.round_over", N_("本学期的评议已经结束，不能再改。"))
    return semester


@dataclass(frozen=True)
class ClassDraft:
    """A class as it is planned: its pupils from grade 3 on rate, and one parent of each pupil."""

    label: str
    stage: str
    grade: int | None
    pupils: int
    teacher_ids: tuple[int, ...]

    def groups(self) -> tuple[GroupDraft, ...]:
        """The groups of raters in it."""
        return tuple(
            GroupDraft(part, self.label.strip(), self.stage, self.grade, self.pupils, self.teacher_ids)
            for part in CLASS_PARTS
            if may_rate(part, self.stage, self.grade)
        )


def save_class(
    session: Session,
    semester_code: str,
    draft: ClassDraft,
    entry: Entry | None,
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Keep a new class, or one (``entry``) changed, with its groups of pupils and of parents.

    Raises: RuleViolation: not now, at a field, a class of this name is there, or its codes are out.
    """
    groups = draft.groups()
    for group in groups or [GroupDraft(Component.PARENT, draft.label, draft.stage, draft.grade, 0, ())]:
        check_group(group)
    _save(session, semester_code, groups, entry, actor=actor, at=at)


def save_group(
    session: Session,
    semester_code: str,
    draft: GroupDraft,
    entry: Entry | None,
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Keep a new group of colleagues, of self-ratings or of the school, or one (``entry``) changed.

    Raises: RuleViolation: as :func:`save_class`, or a teacher is in another such group.
    """
    check_group(draft)
    _save(session, semester_code, (draft,), entry, actor=actor, at=at)


def remove_entry(session: Session, semester_code: str, entry: Entry, *, actor: Actor, at: datetime) -> None:
    """Take a class or group away. Raises: RuleViolation: not now, not the school's, or its codes are out."""
    check_plannable(session, semester_code)
    _remove(session, own_school(session, actor).id, semester_code, entry)
    record(session, actor, at, "ballot_group.removed", "ballot_group", entry.first.id)


def unknown_group() -> RuleViolation:
    """The school has no such group, or has it no more."""
    return RuleViolation("ballot.no_group", N_("没有这个评议组。"))


def _remove(session: Session, school_id: int, semester_code: str, entry: Entry) -> None:
    ids = [group.id for group in entry.groups]
    own = (
        BallotGroup.id.in_(ids),
        BallotGroup.school_id == school_id,
        BallotGroup.semester_code == semester_code,
    )
    held = select(BallotGroup).where(*own).with_for_update().execution_options(populate_existing=True)
    fresh = session.scalars(held).all()  # as they are now, whatever was read of them before
    if len(fresh) < len(ids):
        raise unknown_group()
    if any(group.issued_at is not None for group in fresh):
        raise _issued()
    # codes of an earlier issue that was taken back: all void, none was used
    session.execute(delete(BallotCode).where(BallotCode.group_id.in_(ids)))
    session.execute(delete(BallotGroupTeacher).where(BallotGroupTeacher.group_id.in_(ids)))
    session.execute(delete(BallotGroup).where(BallotGroup.id.in_(ids)))


def _issued() -> RuleViolation:
    return RuleViolation(
        "ballot.issued", N_("评议码已经发出，不能再改名单。还没有人评议的，可以先收回评议码再改。")
    )


def _save(
    session: Session,
    semester_code: str,
    drafts: Sequence[GroupDraft],
    entry: Entry | None,
    *,
    actor: Actor,
    at: datetime,
) -> None:
    check_plannable(session, semester_code)
    school = own_school(session, actor)
    present = {
        teacher_id for teacher_id, _name in roster_queries.teacher_choices(session, school.id, local_day(at))
    }
    if not set(chain.from_iterable(draft.teacher_ids for draft in drafts)) <= present:
        raise RuleViolation("ballot.teachers", N_("名单里有不在本校的教师，请重新勾选。"), field="teachers")
    if drafts[0].stage not in school.stages.split():
        raise RuleViolation("ballot.stage", N_("本校没有这个学段。"), field="stage")
    if entry is not None:
        _remove(session, school.id, semester_code, entry)
    others = groups_of_school(session, school.id, semester_code)
    for draft in drafts:
        _check_apart(draft, others)
    for draft in drafts:
        _add(session, school.id, semester_code, draft)
    session.flush()
    first = drafts[0]
    record(
        session,
        actor,
        at,
        "ballot_group.saved",
        "school",
        school.code,
        component=first.component.value,
        seats=seats_of(first),
        teachers=len(first.teacher_ids),
    )


def _check_apart(draft: GroupDraft, others: Iterable[GroupView]) -> None:
    for other in others:
        alike = other.component is draft.component
        both_classes = {other.component, draft.component} <= set(CLASS_PARTS)
        if (alike or both_classes) and other.label == draft.label:
            raise RuleViolation(
                "ballot.label_taken", N_("已经有“%(label)s”了。"), field="label", label=draft.label
            )
        if alike and draft.component in PERSONAL:
            names = [name for teacher, name in other.teachers if teacher in draft.teacher_ids]
            if names:
                raise RuleViolation(
                    "ballot.in_two",
                    N_("%(name)s已经在“%(label)s”里，一位教师只能在一个组。"),
                    field="teachers",
                    name=names[0],
                    label=other.label,
                )


def _add(session: Session, school_id: int, semester_code: str, draft: GroupDraft) -> None:
    group_id = new_id()
    session.add(
        BallotGroup(
            id=group_id,
            semester_code=semester_code,
            school_id=school_id,
            component=draft.component.value,
            label=draft.label.strip(),
            stage=draft.stage,
            grade=draft.grade,
            seats=seats_of(draft),
        )
    )
    session.flush()
    session.add_all(
        BallotGroupTeacher(group_id=group_id, teacher_id=teacher_id, place=place)
        for place, teacher_id in enumerate(draft.teacher_ids, start=1)
    )


# --- a proposal from the roster -----------------------------------------------------------------------------


def proposal(
    found: Sequence[Member],
    stages: Sequence[str],
    present: Iterable[GroupView],
    asked: Iterable[Component] = tuple(Component),
) -> list[GroupDraft]:
    """What a school needs beside its classes and has not yet: self-ratings, colleagues in even parts, its own group.

    Colleagues are put together by stage and subject, at most twenty of them, so that a ballot stays short.

    Args: asked: the components the scheme has questions for; the others are rated on paper.
    """
    has = {group.component for group in present} | (set(Component) - set(asked))
    everyone = tuple(member.teacher_id for member in found)
    stage = stages[0]
    drafts: list[GroupDraft] = []
    if not everyone:
        return drafts
    if Component.PEER not in has and len(everyone) > 1:
        parts = slices(len(everyone))
        for number, part in enumerate(parts, start=1):
            label = PROPOSED_LABELS[Component.PEER] + (f"第{number}组" if len(parts) > 1 else "")
            chosen = tuple(everyone[place] for place in part)
            drafts.append(GroupDraft(Component.PEER, label, found[part[0]].stage, None, 0, chosen))
    if Component.SELF not in has:
        drafts.append(GroupDraft(Component.SELF, PROPOSED_LABELS[Component.SELF], stage, None, 0, everyone))
    if Component.SCHOOL not in has:
        label = PROPOSED_LABELS[Component.SCHOOL]
        drafts.append(GroupDraft(Component.SCHOOL, label, stage, None, SCHOOL_GROUP_SEATS, everyone))
    return drafts


def asked_components(session: Session, semester_code: str) -> frozenset[Component]:
    """The components the semester's scheme has questions for; all of them while no scheme is fixed."""
    scheme = scheme_of_semester(session, semester_code)
    return frozenset(Component if scheme is None else scheme.items)


def adopt_proposal(session: Session, semester_code: str, *, actor: Actor, at: datetime) -> int:
    """Keep what :func:`proposal` proposes at this instant; how many groups. Raises: RuleViolation."""
    school = own_school(session, actor)
    present = groups_of_school(session, school.id, semester_code)
    drafts = proposal(
        members(session, school.id, local_day(at)),
        school.stages.split(),
        present,
        asked_components(session, semester_code),
    )
    for draft in drafts:
        save_group(session, semester_code, draft, None, actor=actor, at=at)
    return len(drafts)


# --- classes from a workbook --------------------------------------------------------------------------------


@dataclass(frozen=True)
class ClassReport:
    """What an upload of classes did."""

    created: int
    updated: int
    unchanged: int


def import_classes(
    session: Session, plan: ClassPlan, semester_code: str, *, actor: Actor, at: datetime
) -> ClassReport:
    """Keep the classes of a workbook, all or none: new ones are added, those of the same name changed.

    What the workbook does not name stays. Raises: RuleViolation: not now; ImportRefused: with every problem.
    """
    check_plannable(session, semester_code)
    school = own_school(session, actor)
    known = {
        entry.first.label: entry
        for entry in entries(groups_of_school(session, school.id, semester_code))
        if entry.is_class
    }
    changed = [row for row in plan.classes if not _is_same(row, known.get(row.label))]
    problems = [*plan.problems, *_out(changed, known)]
    if problems:
        message = N_("班级表有 %(count)s 处错误，没有保存任何内容。第一处：%(first)s")
        raise ImportRefused("classes.refused", message, sorted(problems))
    updated = [row for row in changed if row.label in known]
    for row in updated:
        _remove(session, school.id, semester_code, known[row.label])
    for row in changed:
        draft = ClassDraft(row.label, row.stage, row.grade, row.pupils, row.teacher_ids)
        for group in draft.groups():
            check_group(group)
            _add(session, school.id, semester_code, group)
    session.flush()
    report = ClassReport(len(changed) - len(updated), len(updated), len(plan.classes) - len(changed))
    if changed:
        record(
            session,
            actor,
            at,
            "ballot_group.imported",
            "school",
            school.code,
            created=report.created,
            updated=report.updated,
        )
    return report


def _is_same(row: ClassRow, entry: Entry | None) -> bool:
    if entry is None:
        return False
    draft = ClassDraft(row.label, row.stage, row.grade, row.pupils, row.teacher_ids)
    wanted = {(one.component, one.stage, one.grade, one.seats, one.teacher_ids) for one in draft.groups()}
    have = {
        (one.component, one.stage, one.grade, one.seats, tuple(teacher for teacher, _name in one.teachers))
        for one in entry.groups
    }
    return wanted == have


def _out(rows: Iterable[ClassRow], known: Mapping[str, Entry]) -> Iterable[Problem]:
    for row in rows:
        entry = known.get(row.label)
        if entry is not None and entry.is_issued:
            yield Problem(CLASSES, row.row, "班级", str(_issued()))
