"""评议码: issued, taken back, issued anew, and read again for the sheets.

A code is derived from the vault by group, issue and number, so that its sheet can be printed again; the table keeps a
keyed hash alone. Making codes makes the tallies they will be counted in, all zero, with how many may vote: a ballot
then only ever adds (decision 0031).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, delete, func, insert, select, update
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor
from ethics_eval.accounts.service import record
from ethics_eval.evaluation import queries
from ethics_eval.evaluation.grouping import check_plannable, own_school, unknown_group
from ethics_eval.evaluation.models import (
    Assessment,
    BallotCode,
    BallotDraft,
    BallotGroup,
    BallotGroupTeacher,
    Tally,
)
from ethics_eval.evaluation.rules import ballot_code
from ethics_eval.evaluation.rules.ballot import MAX_SEATS, PART_ORDER, PERSONAL
from ethics_eval.evaluation.rules.scheme import COMPONENT_LABELS, MAX_OPTIONS, Component, Scheme
from ethics_eval.roster.comparing import batches
from ethics_eval.roster.models import School, Teacher
from ethics_eval.tasks import service as task_service
from ethics_eval.tasks.rules import TaskKind
from ethics_eval.text import N_, Conflict, RuleViolation
from ethics_eval.vault.cipher import Cipher
from ethics_eval.vault.service import CITY_UNIT, CONTENT, KeyMissing, Vault

_UNSEEN: dict[str, Any] = {"synchronize_session": False}


# --- codes, their hashes, and the key of reasons ------------------------------------------------------------


def code_of(vault: Vault, group_id: str, batch: int, serial: int) -> str:
    """The code of a number (from 1) of an issue of a group."""
    return ballot_code.encode(vault.digest("ballot-code", group_id, str(batch), str(serial)))


def code_hash(vault: Vault, code: str) -> bytes:
    """What the table knows of a code."""
    return vault.digest("ballot-hash", code)


def reason_subject(semester_code: str, school_id: int) -> str:
    """Whose key seals the reasons of a school's ballots of a semester; the city alone can open it."""
    return f"ballots:{semester_code}:{school_id}"


def reason_place(reason_id: str) -> str:
    """Where a sealed reason belongs."""
    return f"ballot_reason:sealed:{reason_id}"


def reason_key(session: Session, vault: Vault, semester_code: str, school_id: int) -> Cipher:
    """The key of a school's reasons. Raises: KeyMissing: no codes were issued, or it was shredded."""
    return vault.open_key(session, reason_subject(semester_code, school_id), CONTENT, [CITY_UNIT])


def _have_reason_key(session: Session, vault: Vault, semester_code: str, school_id: int) -> None:
    try:
        reason_key(session, vault, semester_code, school_id)
    except KeyMissing:
        vault.make_key(session, reason_subject(semester_code, school_id), CONTENT, [CITY_UNIT])
        session.flush()


# --- issuing ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Skipped:
    """A group that got no codes, and why."""

    label: str
    component: Component
    why: RuleViolation


@dataclass(frozen=True)
class Issued:
    """What was issued: codes in so many groups; and the groups that were passed over."""

    code_count: int
    group_count: int
    skipped: tuple[Skipped, ...] = ()


def issue_codes(
    session: Session,
    vault: Vault,
    semester_code: str,
    group_id: str | None = None,
    *,
    actor: Actor,
    at: datetime,
) -> Issued:
    """Issue the codes of one of the school's groups, or of all that have none yet.

    Of a single group a refusal is raised; of many, those that cannot get codes are passed over and told.
    Raises: RuleViolation: not now, no such group, the scheme has no questions for it, or paper results are there.
    """
    check_plannable(session, semester_code)
    school = own_school(session, actor)
    _lock(session, school.id)
    scheme = _scheme(session, semester_code)
    query = select(BallotGroup).where(
        BallotGroup.semester_code == semester_code, BallotGroup.school_id == school.id
    )
    if group_id is not None:
        query = query.where(BallotGroup.id == group_id)
    found = session.scalars(query.order_by(BallotGroup.id).execution_options(populate_existing=True)).all()
    if group_id is not None and not found:
        raise unknown_group()
    made = 0
    done: list[BallotGroup] = []
    skipped: list[Skipped] = []
    _have_reason_key(session, vault, semester_code, school.id)
    for group in found:
        if group.issued_at is not None:
            continue
        try:
            _check_issuable(session, group, scheme)
        except RuleViolation as violation:
            if group_id is not None:
                raise
            skipped.append(Skipped(group.label, Component(group.component), violation))
            continue
        made += _make(session, vault, group, group.seats, at=at)
        done.append(group)
    _refresh_tallies(session, semester_code, school.id, {group.component for group in done}, scheme)
    if done:
        record(session, actor, at, "ballot_codes.issued", "school", school.code, groups=len(done), codes=made)
    return Issued(made, len(done), tuple(skipped))


def reissue_codes(
    session: Session,
    vault: Vault,
    semester_code: str,
    group_id: str,
    *,
    seats: int | None,
    batch: int,
    actor: Actor,
    at: datetime,
) -> int:
    """Void a group's open codes and issue new ones for those who have not voted; how many.

    Used codes stay used. Args: seats: how many raters the group now has (None: as before); batch: the issue the
    reader saw. Raises: RuleViolation: not now, nothing issued, or nobody is left; Conflict: issued anew meanwhile.
    """
    check_plannable(session, semester_code)
    school = own_school(session, actor)
    _lock(session, school.id)
    scheme = _scheme(session, semester_code)
    group = _issued_group(session, school.id, semester_code, group_id, batch)
    used = _void(session, group)
    if seats is not None and Component(group.component) not in PERSONAL:
        if not 1 <= seats <= MAX_SEATS:
            raise RuleViolation(
                "ballot.seats", N_("人数须在 1 到 %(most)s 之间。"), field="seats", most=MAX_SEATS
            )
        group.seats = seats
    left = group.seats - used
    if left < 1:
        raise RuleViolation(
            "ballot.all_used", N_("已有%(used)s个评议码用过，没有人还要发码。"), field="seats", used=used
        )
    made = _make(session, vault, group, left, at=at)
    _refresh_tallies(session, semester_code, school.id, {group.component}, scheme)
    record(
        session, actor, at, "ballot_codes.reissued", "ballot_group", group.id, batch=group.batch, codes=made
    )
    return made


def take_back_codes(
    session: Session, semester_code: str, group_id: str, *, batch: int, actor: Actor, at: datetime
) -> None:
    """Void all codes of a group of which none was used, so that its list can be changed.

    Raises: RuleViolation: not now, nothing issued, or somebody has voted; Conflict: issued anew meanwhile.
    """
    check_plannable(session, semester_code)
    school = own_school(session, actor)
    _lock(session, school.id)
    group = _issued_group(session, school.id, semester_code, group_id, batch)
    if _void(session, group):
        raise RuleViolation("ballot.has_votes", N_("已经有人评议，评议码不能收回。"))
    group.issued_at = None
    session.flush()
    _refresh_tallies(session, semester_code, school.id, {group.component}, _scheme(session, semester_code))
    record(session, actor, at, "ballot_codes.taken_back", "ballot_group", group.id, batch=group.batch)


def _lock(session: Session, school_id: int) -> None:
    """One at a time issues for a school; ballots go on, which only look that the school is there."""
    session.execute(select(School.id).where(School.id == school_id).with_for_update(key_share=True))


def _scheme(session: Session, semester_code: str) -> Scheme:
    scheme = queries.scheme_of_semester(session, semester_code)
    if scheme is None:
        raise RuleViolation("ballot.no_semester", N_("现在没有正在考评的学期。"))
    return scheme


def _issued_group(
    session: Session, school_id: int, semester_code: str, group_id: str, batch: int
) -> BallotGroup:
    group = session.scalars(
        select(BallotGroup)
        .where(
            BallotGroup.id == group_id,
            BallotGroup.school_id == school_id,
            BallotGroup.semester_code == semester_code,
        )
        .execution_options(populate_existing=True)
    ).one_or_none()
    if group is None or group.issued_at is None:
        raise unknown_group()
    if group.batch != batch:
        raise Conflict("ballot.reissued", N_("这个组的评议码刚刚换发过，请刷新页面再看。"))
    return group


def _check_issuable(session: Session, group: BallotGroup, scheme: Scheme) -> None:
    component = Component(group.component)
    if component not in scheme.items:
        raise RuleViolation(
            "ballot.no_items",
            N_("本学期的方案没有“%(part)s”的题目，这一部分不在网上评，由学校评后导入成绩。"),
            part=COMPONENT_LABELS[component],
        )
    teachers = select(BallotGroupTeacher.teacher_id).where(BallotGroupTeacher.group_id == group.id)
    models: tuple[type[Assessment | Tally], ...] = (Assessment, Tally)
    for model in models:
        query = select(func.count(func.distinct(model.teacher_id))).where(
            model.semester_code == group.semester_code,
            model.school_id == group.school_id,
            model.component == group.component,
            model.teacher_id.in_(teachers),
        )
        if model is Tally:
            query = query.where(Tally.source == "paper")
        count = session.scalar(query)
        if count:
            raise RuleViolation(
                "ballot.paper",
                N_("名单里有%(count)s位教师的“%(part)s”已经导入了线下结果；同一部分只能用一种办法。"),
                count=count,
                part=COMPONENT_LABELS[component],
            )


def _void(session: Session, group: BallotGroup) -> int:
    """Void the open codes with their drafts; how many were used."""
    opened = select(BallotCode.code_hash).where(BallotCode.group_id == group.id, BallotCode.state == "open")
    voided = session.scalars(opened.with_for_update()).all()
    for batch in batches(voided):
        session.execute(
            update(BallotCode)
            .where(BallotCode.code_hash.in_(batch), BallotCode.state == "open")
            .values(state="void")
            .execution_options(**_UNSEEN)
        )
        session.execute(
            delete(BallotDraft).where(BallotDraft.code_hash.in_(batch)).execution_options(**_UNSEEN)
        )
    used = session.scalar(
        select(func.count()).where(BallotCode.group_id == group.id, BallotCode.state == "used")
    )
    return used or 0


def _make(session: Session, vault: Vault, group: BallotGroup, count: int, *, at: datetime) -> int:
    """Make the codes of a group's next issue; how many."""
    group.batch += 1
    group.issued_at = at
    session.flush()
    if Component(group.component) in PERSONAL:
        served = set(
            session.scalars(
                select(BallotCode.holder_teacher_id).where(
                    BallotCode.group_id == group.id, BallotCode.state == "used"
                )
            )
        )
        holders: list[tuple[int, int | None]] = [
            (place, teacher_id)
            for place, teacher_id in session.execute(
                select(BallotGroupTeacher.place, BallotGroupTeacher.teacher_id)
                .where(BallotGroupTeacher.group_id == group.id)
                .order_by(BallotGroupTeacher.place)
            )
            if teacher_id not in served
        ]
    else:
        holders = [(serial, None) for serial in range(1, count + 1)]
    rows: list[dict[str, Any]] = [
        {
            "code_hash": code_hash(vault, code_of(vault, group.id, group.batch, serial)),
            "group_id": group.id,
            "state": "open",
            "holder_teacher_id": holder,
        }
        for serial, holder in holders
    ]
    session.execute(insert(cast(Table, BallotCode.__table__)), sorted(rows, key=lambda row: row["code_hash"]))
    return len(rows)


# --- the tallies the codes are counted in -------------------------------------------------------------------


def _refresh_tallies(
    session: Session, semester_code: str, school_id: int, components: Iterable[str], scheme: Scheme
) -> None:
    """Have a tally for each teacher who may be voted on, with how many may; drop those nobody can vote on any more."""
    for component in sorted(components):
        wanted = _eligible(session, semester_code, school_id, Component(component))
        part = {"semester_code": semester_code, "school_id": school_id, "component": component}
        present = {
            (row.teacher_id, row.item): row
            for row in session.execute(
                select(Tally.__table__).where(
                    Tally.semester_code == semester_code,
                    Tally.school_id == school_id,
                    Tally.component == component,
                    Tally.source == "ballot",
                )
            )
        }
        items = [item.code for item in scheme.items.get(Component(component), ())]
        zeros = {f"option_{place}": 0 for place in range(1, MAX_OPTIONS + 1)}
        fresh = [
            {
                **part,
                **zeros,
                "teacher_id": teacher,
                "item": item,
                "source": "ballot",
                "eligible_count": count,
            }
            for teacher, count in wanted.items()
            for item in items
            if (teacher, item) not in present
        ]
        changed = [
            (row.id, wanted[teacher])
            for (teacher, _item), row in sorted(present.items())
            if teacher in wanted and row.eligible_count != wanted[teacher]
        ]
        idle = [
            row.id
            for (teacher, _item), row in sorted(present.items())
            if teacher not in wanted and not any(getattr(row, name) for name in zeros)
        ]
        table = cast(Table, Tally.__table__)
        for batch in batches(sorted(fresh, key=lambda row: (row["teacher_id"], row["item"]))):
            session.execute(insert(table), batch)
        for row_id, count in changed:
            session.execute(table.update().where(table.c.id == row_id).values(eligible_count=count))
        for batch in batches(idle):
            session.execute(table.delete().where(table.c.id.in_(batch)))
        session.expire_all()


def _eligible(session: Session, semester_code: str, school_id: int, component: Component) -> dict[int, int]:
    """Teacher id → how many good codes may vote on them."""
    there = (
        BallotGroup.semester_code == semester_code,
        BallotGroup.school_id == school_id,
        BallotGroup.component == component.value,
        BallotGroup.issued_at.is_not(None),
    )
    codes = session.execute(
        select(BallotCode.group_id, BallotCode.holder_teacher_id, func.count())
        .join(BallotGroup, BallotGroup.id == BallotCode.group_id)
        .where(*there, BallotCode.state != "void")
        .group_by(BallotCode.group_id, BallotCode.holder_teacher_id)
    ).all()
    whole: dict[str, int] = {}
    own: dict[tuple[str, int | None], int] = {}
    for group_id, holder, count in codes:
        whole[group_id] = whole.get(group_id, 0) + count
        own[group_id, holder] = count
    found: dict[int, int] = {}
    for group_id, teacher_id in session.execute(
        select(BallotGroupTeacher.group_id, BallotGroupTeacher.teacher_id)
        .join(BallotGroup, BallotGroup.id == BallotGroupTeacher.group_id)
        .where(*there)
    ):
        mine = own.get((group_id, teacher_id), 0)
        count = (
            mine
            if component is Component.SELF
            else whole.get(group_id, 0) - mine * (component is Component.PEER)
        )
        found[teacher_id] = found.get(teacher_id, 0) + count
    return found


# --- the sheets ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Slip:
    """A code for the hand of a rater. ``name``: of the one person it is for, else empty; ``serial`` from 1."""

    serial: int
    code: str
    name: str


@dataclass(frozen=True)
class SlipGroup:
    """The slips of a group's present issue."""

    component: Component
    label: str
    slips: Sequence[Slip]


def ask_sheets(
    session: Session,
    kind: TaskKind,
    semester_code: str,
    group_id: str | None = None,
    *,
    actor: Actor,
    at: datetime,
) -> str:
    """Ask the worker for the sheets (``BALLOT_SHEETS``) or the list (``BALLOT_CODES``) of codes; the task's id.

    Each time is recorded: who holds the sheets could vote. Raises: RuleViolation: nothing is issued there.
    """
    school = own_school(session, actor)
    query = select(BallotGroup.id).where(
        BallotGroup.semester_code == semester_code,
        BallotGroup.school_id == school.id,
        BallotGroup.issued_at.is_not(None),
    )
    if group_id is not None:
        query = query.where(BallotGroup.id == group_id)
    groups = session.scalars(query).all()
    if not groups:
        raise RuleViolation("ballot.nothing_issued", N_("还没有发出评议码，没有可以打印的。"))
    record(
        session, actor, at, f"{kind.value}.asked", "school", school.code, group=group_id, groups=len(groups)
    )
    return task_service.ask(
        session,
        kind,
        {"semester": semester_code, "school": school.code, "group": group_id},
        actor=actor,
        at=at,
    )


def slips(
    session: Session, vault: Vault, semester_code: str, school_code: str, group_id: str | None
) -> tuple[str, list[SlipGroup]]:
    """The school's name, and the good codes of the present issues, used or not: what is used is nobody's to know.

    For the worker, after :func:`ask_sheets`. Raises: RuleViolation: nothing is issued any more.
    """
    query = (
        select(BallotGroup, School.name)
        .join(School, School.id == BallotGroup.school_id)
        .where(
            BallotGroup.semester_code == semester_code,
            School.code == school_code,
            BallotGroup.issued_at.is_not(None),
        )
    )
    if group_id is not None:
        query = query.where(BallotGroup.id == group_id)
    rows = session.execute(query).all()
    if not rows:
        raise RuleViolation("ballot.nothing_issued", N_("还没有发出评议码，没有可以打印的。"))
    found = [
        SlipGroup(Component(group.component), group.label, list(_slips_of(session, vault, group)))
        for group, _school in sorted(rows, key=lambda row: _printed_order(row[0]))
    ]
    return rows[0][1], found


def _printed_order(group: BallotGroup) -> tuple[object, ...]:
    return group.grade or 0, len(group.label), group.label, PART_ORDER.index(Component(group.component))


def _slips_of(session: Session, vault: Vault, group: BallotGroup) -> Iterator[Slip]:
    names = {
        holder: name
        for holder, name in session.execute(
            select(Teacher.id, Teacher.name)
            .join(BallotGroupTeacher, BallotGroupTeacher.teacher_id == Teacher.id)
            .where(BallotGroupTeacher.group_id == group.id)
        )
    }
    good = {
        row.code_hash: row.holder_teacher_id
        for row in session.execute(
            select(BallotCode.code_hash, BallotCode.holder_teacher_id).where(
                BallotCode.group_id == group.id, BallotCode.state != "void"
            )
        )
    }
    for serial in range(1, group.seats + 1):
        code = code_of(vault, group.id, group.batch, serial)
        hashed = code_hash(vault, code)
        if hashed in good:
            holder = good[hashed]
            yield Slip(serial, code, names.get(holder, "") if holder is not None else "")
