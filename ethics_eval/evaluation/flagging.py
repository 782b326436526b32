"""Ballots that looked careless, and the reasons of the lowest option: counted for the bureau, opened one by one.

Nothing of it before the round is over, so that nobody sees it grow with each ballot; nothing where a teacher's
component has fewer raters than the scheme asks for, or than five (rules.disclosure).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import Subquery

from ethics_eval.accounts.rules import Actor, Permission, require
from ethics_eval.accounts.service import record
from ethics_eval.evaluation import queries
from ethics_eval.evaluation.issuing import reason_key, reason_place
from ethics_eval.evaluation.models import BallotFlag, BallotReason, BallotRound, FlaggedTally, Tally
from ethics_eval.evaluation.rules.disclosure import LEAST
from ethics_eval.evaluation.rules.form import variant_of
from ethics_eval.evaluation.rules.scheme import MAX_OPTIONS, Component, Scheme
from ethics_eval.roster.models import District, School, Semester, Teacher
from ethics_eval.text import N_, RuleViolation
from ethics_eval.vault.service import KeyMissing, Vault

PAGE_SIZE = 50
_POSTING = ("teacher_id", "school_id", "component")


@dataclass(frozen=True)
class Narrowing:
    """What a list is narrowed to. ``text``: in the school's name, or the teacher's name or number."""

    district: str = ""
    component: str = ""
    text: str = ""
    page: int = 1


@dataclass(frozen=True)
class Rated:
    """A component of a teacher at a school, with its number of ballots."""

    school_code: str
    school: str
    district: str
    number: str
    name: str
    component: str
    ballots: int


@dataclass(frozen=True)
class FlagLine:
    """How many of the ballots looked careless: in all, by one option throughout, by impossible speed."""

    rated: Rated
    flagged: int
    straight: int
    fast: int

    @property
    def permille(self) -> int:
        """The share of careless ballots, of one thousand, rounded down."""
        return self.flagged * 1000 // self.rated.ballots


@dataclass(frozen=True)
class ReasonLine:
    """How many reasons there are to read."""

    rated: Rated
    reasons: int


def is_readable(session: Session, semester_code: str, at: datetime) -> bool:
    """Whether the round is over, by its window or by the freeze."""
    found = session.execute(
        select(BallotRound.closes_at, Semester.status)
        .join(Semester, Semester.code == BallotRound.semester_code)
        .where(BallotRound.semester_code == semester_code)
    ).one_or_none()
    return found is not None and (found.closes_at <= at or found.status not in {"planned", "open"})


# --- what is counted ----------------------------------------------------------------------------------------


def _ballots(model: type[Tally | FlaggedTally], semester_code: str) -> Subquery:
    """The ballots of each posting's component: the fewest of its items (R3)."""
    of_item = sum(
        (getattr(model, f"option_{place}") for place in range(2, MAX_OPTIONS + 1)), start=model.option_1
    )
    query = select(
        model.teacher_id, model.school_id, model.component, func.min(of_item).label("ballots")
    ).where(model.semester_code == semester_code)
    if model is Tally:
        query = query.where(Tally.source == "ballot")
    return query.group_by(model.teacher_id, model.school_id, model.component).subquery()


def _enough(ballots: ColumnElement[int], component: Any, scheme: Scheme) -> ColumnElement[bool]:
    """The condition that so many ballots may be spoken of."""
    return or_(
        *(
            and_(component == part.value, ballots >= max(LEAST, rule.min_raters))
            for part, rule in scheme.components.items()
        )
    )


def _same(left: Any, right: Any) -> ColumnElement[bool]:
    return and_(*(getattr(left, name) == getattr(right, name) for name in _POSTING))


def _narrowed(wanted: Narrowing, component: Any) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.district:
        found.append(School.district_code == wanted.district)
    if wanted.component:
        found.append(component == wanted.component)
    if wanted.text:
        found.append(
            or_(
                School.name.contains(wanted.text, autoescape=True),
                Teacher.name.contains(wanted.text, autoescape=True),
                Teacher.number == wanted.text,
            )
        )
    return found


_NAMES = (School.code, School.name, District.name, Teacher.number, Teacher.name)


def flag_lines(
    session: Session, semester_code: str, wanted: Narrowing, *, at: datetime
) -> tuple[list[FlagLine], int]:
    """A page of 50 components with careless ballots, the largest share first, and how many there are."""
    scheme = queries.scheme_of_semester(session, semester_code)
    if scheme is None or not is_readable(session, semester_code, at):
        return [], 0
    voted, careless = _ballots(Tally, semester_code), _ballots(FlaggedTally, semester_code)
    kinds = (
        select(
            BallotFlag.teacher_id,
            BallotFlag.school_id,
            BallotFlag.component,
            *(
                func.sum(case((BallotFlag.kind == kind, BallotFlag.count), else_=0)).label(kind)
                for kind in ("straight", "fast")
            ),
        )
        .where(BallotFlag.semester_code == semester_code)
        .group_by(BallotFlag.teacher_id, BallotFlag.school_id, BallotFlag.component)
        .subquery()
    )
    query = (
        select(
            *_NAMES,
            voted.c.component,
            voted.c.ballots,
            careless.c.ballots.label("flagged"),
            func.coalesce(kinds.c.straight, 0),
            func.coalesce(kinds.c.fast, 0),
        )
        .join_from(careless, voted, _same(careless.c, voted.c))
        .outerjoin(kinds, _same(careless.c, kinds.c))
        .join(School, School.id == careless.c.school_id)
        .join(District, District.code == School.district_code)
        .join(Teacher, Teacher.id == careless.c.teacher_id)
        .where(
            careless.c.ballots > 0,
            _enough(voted.c.ballots, voted.c.component, scheme),
            *_narrowed(wanted, careless.c.component),
        )
    )
    share = careless.c.ballots * 1000 / voted.c.ballots
    rows, total = _page(
        session, query, (share.desc(), School.code, Teacher.number, voted.c.component), wanted.page
    )
    return [FlagLine(Rated(*row[:7]), *row[7:10]) for row in rows], total


def reason_lines(
    session: Session, semester_code: str, wanted: Narrowing, *, at: datetime
) -> tuple[list[ReasonLine], int]:
    """A page of 50 components of which there are reasons to read, by district, school and teacher; and how many."""
    scheme = queries.scheme_of_semester(session, semester_code)
    if scheme is None or not is_readable(session, semester_code, at):
        return [], 0
    voted = _ballots(Tally, semester_code)
    said = (
        select(
            BallotReason.teacher_id, BallotReason.school_id, BallotReason.component, func.count().label("n")
        )
        .where(BallotReason.semester_code == semester_code)
        .group_by(BallotReason.teacher_id, BallotReason.school_id, BallotReason.component)
        .subquery()
    )
    query = (
        select(*_NAMES, voted.c.component, voted.c.ballots, said.c.n)
        .join_from(said, voted, _same(said.c, voted.c))
        .join(School, School.id == said.c.school_id)
        .join(District, District.code == School.district_code)
        .join(Teacher, Teacher.id == said.c.teacher_id)
        .where(_enough(voted.c.ballots, voted.c.component, scheme), *_narrowed(wanted, said.c.component))
    )
    order = (District.code, School.code, Teacher.number, voted.c.component)
    rows, total = _page(session, query, order, wanted.page)
    return [ReasonLine(Rated(*row[:7]), row[7]) for row in rows], total


def _page(session: Session, query: Any, order: Sequence[Any], page: int) -> tuple[Sequence[Any], int]:
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = session.execute(query.order_by(*order).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all()
    return rows, total


# --- what was written ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenedReasons:
    """The reasons of a component of a teacher, in the order of chance; ``said``: title of the item, text."""

    rated: Rated
    said: tuple[tuple[str, str], ...]


def open_reasons(
    session: Session,
    vault: Vault,
    semester_code: str,
    *,
    school_code: str,
    number: str,
    component: str,
    actor: Actor,
    at: datetime,
) -> OpenedReasons:
    """Unseal the reasons of one component of a teacher; leaves an audit event.

    Raises: RuleViolation: no right, ``reasons.early``: the round runs, ``reasons.none``: there are none, or too few
    raters to show any, ``reasons.gone``: their key was shredded.
    """
    require(actor, Permission.BALLOT_REASON_READ)
    if not is_readable(session, semester_code, at):
        raise RuleViolation("reasons.early", N_("评议还没有结束，结束之后才能查看理由。"))
    rated, stages, teacher_id, school_id = _rated(session, semester_code, school_code, number, component)
    try:
        cipher = reason_key(session, vault, semester_code, school_id)
    except KeyMissing as error:
        raise RuleViolation("reasons.gone", N_("这些理由已过保存期，不能再查看。")) from error
    rows = session.execute(
        select(BallotReason.id, BallotReason.item, BallotReason.sealed)
        .where(
            BallotReason.semester_code == semester_code,
            BallotReason.school_id == school_id,
            BallotReason.teacher_id == teacher_id,
            BallotReason.component == component,
        )
        .order_by(BallotReason.id)
    ).all()
    titles = _titles(session, semester_code, Component(component), stages)
    said = tuple(
        (titles.get(item, item), cipher.unseal(sealed, reason_place(reason_id)).decode())
        for reason_id, item, sealed in rows
    )
    record(
        session,
        actor,
        at,
        "ballot_reasons.opened",
        "teacher",
        teacher_id,
        semester=semester_code,
        school=school_code,
        component=component,
        count=len(said),
    )
    return OpenedReasons(rated, said)


def _rated(
    session: Session, semester_code: str, school_code: str, number: str, component: str
) -> tuple[Rated, str, int, int]:
    scheme = queries.scheme_of_semester(session, semester_code)
    voted = _ballots(Tally, semester_code)
    there = and_(
        BallotReason.semester_code == semester_code,
        BallotReason.school_id == voted.c.school_id,
        BallotReason.teacher_id == voted.c.teacher_id,
        BallotReason.component == voted.c.component,
    )
    row = None
    if scheme is not None:
        row = session.execute(
            select(*_NAMES, voted.c.component, voted.c.ballots, School.stages, Teacher.id, School.id)
            .join_from(voted, School, School.id == voted.c.school_id)
            .join(District, District.code == School.district_code)
            .join(Teacher, Teacher.id == voted.c.teacher_id)
            .where(
                School.code == school_code,
                Teacher.number == number,
                voted.c.component == component,
                _enough(voted.c.ballots, voted.c.component, scheme),
                select(BallotReason.id).where(there).exists(),
            )
        ).one_or_none()
    if row is None:
        raise RuleViolation("reasons.none", N_("这里没有可以查看的理由。"))
    return Rated(*row[:7]), row[7], row[8], row[9]


def _titles(session: Session, semester_code: str, component: Component, stages: str) -> dict[str, str]:
    """Item code → its title on the ballot of a school with these stages."""
    scheme = queries.scheme_of_semester(session, semester_code)
    forms = queries.forms_of_semester(session, semester_code)
    variant = variant_of(stages.split(maxsplit=1)[0])
    items = () if scheme is None else scheme.items.get(component, ())
    return {item.code: forms.question(component, variant, item).title for item in items}
