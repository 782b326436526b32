"""The round of ballots of a semester: its window, opened with the semester, changed by the bureau, closed by the clock.

Closing makes unused codes void, deletes what was not sent, and writes codes and reasons anew in the order of their
keys, so that nothing in the database's files tells which were written together.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, text, update
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import CLOCK, Actor, Permission, require
from ethics_eval.accounts.service import record
from ethics_eval.evaluation.models import BallotCode, BallotDraft, BallotGroup, BallotReason, BallotRound
from ethics_eval.evaluation.rules.round import (
    OPEN,
    Frame,
    Window,
    check_changeable,
    check_window,
    default_window,
)
from ethics_eval.roster.models import Semester
from ethics_eval.text import N_, RuleViolation

BATCH = 50  # groups whose codes are made void in one transaction: the write lock is held for a moment only


def window_of(session: Session, semester_code: str) -> Window | None:
    """The window of a semester; None: none is set."""
    found = session.get(BallotRound, semester_code)
    return None if found is None else Window(found.opens_at, found.closes_at)


def usual_window(semester: Semester, at: datetime) -> Window | None:
    """The window a semester is given by itself; None: it is too late for any."""
    return default_window(_frame(semester), at)


def is_closed(session: Session, semester_code: str) -> bool:
    """Whether what was left of a semester's round is sealed off."""
    found = session.get(BallotRound, semester_code)
    return found is not None and found.closed_at is not None


def current_semester(session: Session) -> str | None:
    """The semester whose evaluation is open, the latest of several; None: none is."""
    return session.scalar(
        select(Semester.code).where(Semester.status == OPEN).order_by(Semester.code.desc()).limit(1)
    )


def round_open(session: Session, semester_code: str, at: datetime) -> bool:
    """Whether codes of a semester can be used at an instant: inside the window, open, not frozen, not closed."""
    query = (
        select(BallotRound.opens_at, BallotRound.closes_at)
        .join(Semester, Semester.code == BallotRound.semester_code)
        .where(
            BallotRound.semester_code == semester_code,
            BallotRound.closed_at.is_(None),
            Semester.status == OPEN,
        )
    )
    found = session.execute(query).one_or_none()
    return found is not None and Window(*found).holds(at)


def open_round(session: Session, semester: Semester, *, actor: Actor, at: datetime) -> Window | None:
    """Give a semester that begins its default window, unless one is set; None: it is too late for any."""
    known = window_of(session, semester.code)
    if known is not None:
        return known
    window = usual_window(semester, at)
    if window is not None:
        _keep(session, semester.code, window, actor, at)
    return window


def plan_round(
    session: Session,
    semester_code: str,
    *,
    opens_at: datetime | None,
    closes_at: datetime,
    actor: Actor,
    at: datetime,
) -> Window:
    """Set or change a semester's window. Args: opens_at: None keeps what is set.

    Raises: RuleViolation: no right, no such semester, frozen, over, or a window that makes no sense (at its field).
    """
    require(actor, Permission.BALLOT_PLAN)
    semester = session.get(Semester, semester_code, with_for_update=True)
    if semester is None:
        raise RuleViolation("semester.unknown", N_("没有这个学期：%(semester)s"), semester=semester_code)
    found = session.get(BallotRound, semester_code, with_for_update=True)
    before = None if found is None else Window(found.opens_at, found.closes_at)
    check_changeable(
        semester.status, before, is_closed=found is not None and found.closed_at is not None, at=at
    )
    begins_at = opens_at or (before.opens_at if before else None)
    if begins_at is None:
        raise RuleViolation("round.missing", N_("请填写开始时间。"), field="opens_at")
    window = Window(begins_at, closes_at)
    check_window(window, before, _frame(semester), at)
    if window != before:
        _keep(session, semester_code, window, actor, at)
    return window


def _frame(semester: Semester) -> Frame:
    return Frame(semester.starts_on, semester.ends_on, semester.freeze_at)


def _keep(session: Session, semester_code: str, window: Window, actor: Actor, at: datetime) -> None:
    row = session.get(BallotRound, semester_code)
    if row is None:
        row = BallotRound(semester_code=semester_code)
        session.add(row)
    row.opens_at, row.closes_at = window.opens_at, window.closes_at
    row.changed_at, row.changed_by_id = at, actor.id
    session.flush()
    record(
        session,
        actor,
        at,
        "round.planned",
        "semester",
        semester_code,
        opens_at=window.opens_at.isoformat(),
        closes_at=window.closes_at.isoformat(),
    )


# --- closing ------------------------------------------------------------------------------------------------


def rounds_to_close(session: Session, at: datetime) -> list[str]:
    """The semesters whose round is over by an instant, by its window or by the freeze, and not closed yet."""
    rows = session.scalars(
        select(BallotRound.semester_code)
        .join(Semester, Semester.code == BallotRound.semester_code)
        .where(
            BallotRound.closed_at.is_(None),
            (BallotRound.closes_at <= at) | Semester.status.not_in(["planned", OPEN]),
        )
        .order_by(BallotRound.semester_code)
    )
    return list(rows)


def void_codes(session: Session, semester_code: str, after: str = "", *, at: datetime) -> str | None:
    """Make the unused codes of the next ``BATCH`` groups of a round that is over void, drafts deleted.

    The id of the last of these groups, to go on after; None: there was none left, or the round is not over.
    """
    # a locking read first: a vote that is still on its way is waited for
    session.get(BallotRound, semester_code, with_for_update=True)
    if semester_code not in rounds_to_close(session, at):
        return None
    groups = session.scalars(
        select(BallotGroup.id)
        .where(BallotGroup.semester_code == semester_code, BallotGroup.id > after)
        .order_by(BallotGroup.id)
        .limit(BATCH)
    ).all()
    _void(session, BallotCode.group_id.in_(groups))
    return groups[-1] if groups else None


def _void(session: Session, there: ColumnElement[bool]) -> None:
    opened = select(BallotCode.code_hash).where(there, BallotCode.state == "open")
    for statement in (
        delete(BallotDraft).where(BallotDraft.code_hash.in_(opened)),
        update(BallotCode).where(there, BallotCode.state == "open").values(state="void"),
    ):
        session.execute(statement.execution_options(synchronize_session=False))


def close_round(session: Session, semester_code: str, *, at: datetime, actor: Actor = CLOCK) -> bool:
    """Seal off what is left of a round that is over; False: it was closed before, or is not over.

    What :func:`void_codes` has left is made void here. Codes and reasons are then written anew in one transaction in
    the order of their keys: PostgreSQL keeps with each row the transaction that wrote it, and old rows until they are
    swept, so the tables are emptied and filled again; SQLite keeps these rows in the order of their keys alone.
    """
    round_ = session.get(BallotRound, semester_code, with_for_update=True)
    if round_ is None or round_.closed_at is not None or semester_code not in rounds_to_close(session, at):
        return False
    groups = select(BallotGroup.id).where(BallotGroup.semester_code == semester_code)
    _void(session, BallotCode.group_id.in_(groups))
    ours = (
        select(BallotCode.code_hash)
        .join(BallotGroup, BallotGroup.id == BallotCode.group_id)
        .where(BallotCode.code_hash == BallotDraft.code_hash, BallotGroup.semester_code == semester_code)
    )
    session.execute(delete(BallotDraft).where(ours.exists()).execution_options(synchronize_session=False))
    session.flush()
    if session.get_bind().dialect.name != "sqlite":
        _write_anew(session)
    round_.closed_at = at
    session.flush()
    session.expire_all()
    record(session, actor, at, "round.closed", "semester", semester_code)
    return True


_ANEW = ((BallotCode, "code_hash"), (BallotDraft, "code_hash"), (BallotReason, "id"))


def _write_anew(session: Session) -> None:
    """Fill the tables again from copies of themselves, each in the order of its key."""
    names = [(model.__tablename__, key) for model, key in _ANEW]
    for name, _key in names:
        session.execute(text(f"CREATE TEMPORARY TABLE anew_{name} ON COMMIT DROP AS TABLE {name}"))
    session.execute(text(f"TRUNCATE {', '.join(name for name, _key in names)}"))
    for name, key in names:
        session.execute(text(f"INSERT INTO {name} SELECT * FROM anew_{name} ORDER BY {key}"))  # noqa: S608
        session.execute(text(f"DROP TABLE anew_{name}"))
