"""投票: a code opens its ballot, a draft is kept sealed under the code, and a ballot is counted once.

Whoever votes is nobody here: no account, no audit event, no time. One transaction marks the code used, adds to the
tallies in the order of their keys, seals the reasons and forgets the draft (decision 0031).
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, cast

from sqlalchemy import Connection, Delete, Dialect, Table, Update, bindparam, insert, select, update
from sqlalchemy.orm import Session

from ethics_eval.database import inserting, new_id
from ethics_eval.evaluation import queries, rounds
from ethics_eval.evaluation.issuing import code_hash, reason_key, reason_place
from ethics_eval.evaluation.models import (
    BallotCode,
    BallotDraft,
    BallotFlag,
    BallotGroup,
    BallotGroupTeacher,
    BallotReason,
    BallotRound,
    FlaggedTally,
    Tally,
)
from ethics_eval.evaluation.rules import ballot_code
from ethics_eval.evaluation.rules.ballot import (
    BallotItem,
    Opinion,
    Opinions,
    Paper,
    Rated,
    counted,
    is_fast,
    problems,
    straight,
)
from ethics_eval.evaluation.rules.form import Variant, variant_of
from ethics_eval.evaluation.rules.round import Window
from ethics_eval.evaluation.rules.scheme import Component
from ethics_eval.roster.models import Posting, School, Semester, Teacher
from ethics_eval.text import N_, RuleViolation
from ethics_eval.vault.cipher import Cipher, SealBroken
from ethics_eval.vault.service import Vault

_CODE = cast(Table, BallotCode.__table__)
_TALLY = cast(Table, Tally.__table__)
_DRAFT = cast(Table, BallotDraft.__table__)
_REASON = cast(Table, BallotReason.__table__)
_FLAG = cast(Table, BallotFlag.__table__)
_FLAGGED = cast(Table, FlaggedTally.__table__)
_ROUND = cast(Table, BallotRound.__table__)
_SEMESTER = cast(Table, Semester.__table__)


class CodeState(StrEnum):
    """What a code is good for at an instant."""

    OPEN = "open"
    UNKNOWN = "unknown"  # never issued, or void because it was issued anew
    USED = "used"
    EARLY = "early"
    OVER = "over"


@dataclass(frozen=True)
class Ballot:
    """A code that opens a ballot now, and what the ballot asks."""

    code: str
    code_hash: bytes
    semester_code: str
    school_id: int
    school: str
    label: str
    paper: Paper


@dataclass(frozen=True)
class Answer:
    """What was found under a code. ``ballot`` if it is open; the window where it helps to know it."""

    state: CodeState
    ballot: Ballot | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None


# --- opening ------------------------------------------------------------------------------------------------


def open_ballot(session: Session, vault: Vault, typed: str, *, at: datetime) -> Answer:
    """What a code, as it was typed, is good for; reads only.

    A code that never was takes as long as one that is: both are looked for by their keyed hash.
    """
    code = ballot_code.normalise(typed)
    hashed = code_hash(vault, code or typed[:80])
    row = session.execute(
        select(
            BallotCode.state,
            BallotCode.holder_teacher_id,
            BallotGroup.id,
            BallotGroup.component,
            BallotGroup.label,
            BallotGroup.stage,
            BallotGroup.semester_code,
            BallotGroup.school_id,
            School.name,
            Semester.status,
            BallotRound.opens_at,
            BallotRound.closes_at,
            BallotRound.closed_at,
        )
        .join(BallotGroup, BallotGroup.id == BallotCode.group_id)
        .join(School, School.id == BallotGroup.school_id)
        .join(Semester, Semester.code == BallotGroup.semester_code)
        .outerjoin(BallotRound, BallotRound.semester_code == BallotGroup.semester_code)
        .where(BallotCode.code_hash == hashed)
    ).one_or_none()
    if code is None or row is None:
        return Answer(CodeState.UNKNOWN)
    if row.state == "used":
        return Answer(CodeState.USED)
    is_over = row.status != "open" or (
        row.opens_at is not None and (row.closed_at is not None or at >= row.closes_at)
    )
    if is_over:
        return Answer(CodeState.OVER, closes_at=row.closes_at)
    if row.state == "void":
        return Answer(CodeState.UNKNOWN)
    if row.opens_at is None or at < row.opens_at:
        return Answer(CodeState.EARLY, opens_at=row.opens_at, closes_at=row.closes_at)
    component = Component(row.component)
    paper = Paper(
        component,
        _teachers(session, row.id, row.school_id, component, row.holder_teacher_id),
        items_of(session, row.semester_code, component, variant_of(row.stage)),
    )
    ballot = Ballot(code, hashed, row.semester_code, row.school_id, row.name, row.label, paper)
    return Answer(CodeState.OPEN, ballot, row.opens_at, row.closes_at)


def items_of(
    session: Session, semester_code: str, component: Component, variant: Variant
) -> tuple[BallotItem, ...]:
    """The questions of a component's ballots of a semester, in the words of a variant."""
    scheme = queries.scheme_of_semester(session, semester_code)
    forms = queries.forms_of_semester(session, semester_code)
    items = () if scheme is None else scheme.items.get(component, ())
    worded = ((item, forms.question(component, variant, item)) for item in items)
    return tuple(
        BallotItem(item.code, item.points, words.title, words.question, words.options)
        for item, words in worded
    )


def _teachers(
    session: Session, group_id: str, school_id: int, component: Component, holder: int | None
) -> tuple[Rated, ...]:
    rows = session.execute(
        select(BallotGroupTeacher.place, Teacher.id, Teacher.name, Posting.subject, Posting.starts_on)
        .join(Teacher, Teacher.id == BallotGroupTeacher.teacher_id)
        .outerjoin(Posting, (Posting.teacher_id == Teacher.id) & (Posting.school_id == school_id))
        .where(BallotGroupTeacher.group_id == group_id)
        .order_by(BallotGroupTeacher.place, Posting.starts_on, Posting.id)
    )
    found: dict[int, Rated] = {}
    for place, teacher_id, name, subject, _starts_on in rows:
        is_own = teacher_id == holder
        if is_own if component is Component.SELF else not is_own:
            found[place] = Rated(
                place, teacher_id, name, subject or ""
            )  # the posting begun last has the word
    return tuple(found.values())


# --- the page's mark of when it was opened ------------------------------------------------------------------


def start_mark(vault: Vault, ballot: Ballot, answers: int, *, at: datetime) -> str:
    """What a page carries back: when it was opened and with how many answers, signed. Nothing of it is stored."""
    text = f"{int(at.timestamp())}.{answers}"
    return f"{text}.{_signature(vault, ballot, text)}"


def _signature(vault: Vault, ballot: Ballot, text: str) -> str:
    return vault.digest("ballot-start", ballot.code_hash, text).hex()[:24]


def _read_mark(vault: Vault, ballot: Ballot, mark: str) -> tuple[datetime, int] | None:
    text, _dot, signature = mark.rpartition(".")
    if not hmac.compare_digest(_signature(vault, ballot, text).encode(), signature.encode()):
        return None
    began, _dot, answers = text.partition(".")
    return datetime.fromtimestamp(int(began), UTC), int(answers)


def was_fast(vault: Vault, ballot: Ballot, total: int, mark: str, at: datetime) -> bool:
    """Whether the answers given since the page was opened, of ``total``, came faster than they can be read."""
    found = _read_mark(vault, ballot, mark)
    if found is None:
        return is_fast(total, None)
    began, before = found
    return is_fast(total - before, max(0, (at - began) // timedelta(seconds=1)))


# --- drafts -------------------------------------------------------------------------------------------------


def _draft_cipher(vault: Vault, ballot: Ballot) -> tuple[Cipher, str]:
    return Cipher(vault.digest("ballot-draft", ballot.code)), f"ballot_draft:sealed:{ballot.code_hash.hex()}"


def save_draft(session: Session, vault: Vault, ballot: Ballot, opinions: Opinions, *, at: datetime) -> None:
    """Keep answers until they are sent, under a key made of the code. Raises: RuleViolation: no longer open."""
    held = session.execute(
        select(_CODE.c.state).where(_CODE.c.code_hash == ballot.code_hash).with_for_update()
    ).scalar_one_or_none()
    if held != "open" or not rounds.round_open(session, ballot.semester_code, at):
        raise _closed()
    cipher, place = _draft_cipher(vault, ballot)
    kept = {str(number): asdict(opinion) for number, opinion in sorted(opinions.items())}
    sealed = cipher.seal(json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode(), place)
    adding = inserting(session, _DRAFT).values(code_hash=ballot.code_hash, sealed=sealed)
    session.execute(adding.on_conflict_do_update(index_elements=["code_hash"], set_={"sealed": sealed}))


def read_draft(session: Session, vault: Vault, ballot: Ballot) -> dict[int, Opinion]:
    """The answers kept under the code; none where there are none, or they cannot be opened any more."""
    sealed = session.execute(
        select(_DRAFT.c.sealed).where(_DRAFT.c.code_hash == ballot.code_hash)
    ).scalar_one_or_none()
    if sealed is None:
        return {}
    cipher, place = _draft_cipher(vault, ballot)
    try:
        kept: Mapping[str, Any] = json.loads(cipher.unseal(sealed, place))
    except SealBroken:
        return {}
    return {int(number): Opinion(**opinion) for number, opinion in kept.items()}


# --- sending ------------------------------------------------------------------------------------------------

# The round is kept from being closed until the ballot is stored; any number may hold it at once (rounds.round_open).
_HOLD_ROUND = (
    select(_ROUND.c.opens_at, _ROUND.c.closes_at)
    .join(_SEMESTER, _SEMESTER.c.code == _ROUND.c.semester_code)
    .where(
        _ROUND.c.semester_code == bindparam("of_semester"),
        _ROUND.c.closed_at.is_(None),
        _SEMESTER.c.status == "open",
    )
    .with_for_update(read=True, of=_ROUND)
)
_USE = (
    update(_CODE)
    .where(_CODE.c.code_hash == bindparam("of_code"), _CODE.c.state == "open")
    .values(state="used")
)
_FORGET = _DRAFT.delete().where(_DRAFT.c.code_hash == bindparam("of_code"))


def _closed() -> RuleViolation:
    return RuleViolation("ballot.closed", N_("这个评议码已经用过,或者评议已经结束,这一次没有计入。"))


def cast_ballot(
    connection: Connection, vault: Vault, ballot: Ballot, opinions: Opinions, *, mark: str, at: datetime
) -> None:
    """Count a ballot: the code is used up, the tallies grow, and nothing tells which answer came with which code.

    Statements alone, inside ``core_transaction()`` or a session's connection. No audit event is left: its time and
    number would say when a ballot came. Args: mark: :func:`start_mark` of the page it was filled in on.
    Raises: RuleViolation: incomplete, at its field; the code is used or the round over.
    """
    wrong = problems(ballot.paper, opinions)
    if wrong:
        raise wrong[0]
    window = connection.execute(_HOLD_ROUND, {"of_semester": ballot.semester_code}).one_or_none()
    if window is None or not Window(*window).holds(at):
        raise _closed()
    if _run(connection, _USE, [{"of_code": ballot.code_hash}]) != 1:
        raise _closed()
    answers = list(counted(ballot.paper, opinions))
    rows = _added(ballot, answers)
    if _run(connection, _adding(_width(ballot)), rows) not in {len(rows), -1}:  # -1: the driver does not say
        raise _closed()  # a tally is missing: the group was taken back
    _count_flags(connection, vault, ballot, answers, rows, mark, at)
    _seal_reasons(connection, vault, ballot, answers, opinions)
    _run(connection, _FORGET, [{"of_code": ballot.code_hash}])


Answers = Sequence[tuple[Rated, BallotItem, int]]


@cache
def _prepared(statement: Update | Delete, dialect: Dialect) -> tuple[str, tuple[str, ...], dict[str, Any]]:
    """A statement as the driver takes it, the names of its parameters in order (none: by name), and its constants."""
    compiled = statement.compile(dialect=dialect)
    constants = {name: value for name, value in compiled.params.items() if value is not None}
    return str(compiled), tuple(getattr(compiled, "positiontup", None) or ()), constants


def _run(connection: Connection, statement: Update | Delete, rows: list[dict[str, Any]]) -> int:
    """Run a statement, compiled once, for each of the rows; how many rows of the table it changed."""
    sql, names, constants = _prepared(statement, connection.dialect)
    given: list[Any] = [{**constants, **row} for row in rows] if constants else list(rows)
    if names:
        given = [tuple([row[name] for name in names]) for row in given]
    return int(connection.exec_driver_sql(sql, given if len(given) > 1 else given[0]).rowcount)


def _key(ballot: Ballot) -> dict[str, Any]:
    return {
        "semester_code": ballot.semester_code,
        "school_id": ballot.school_id,
        "component": ballot.paper.component.value,
    }


def _width(ballot: Ballot) -> int:
    return max(len(item.points) for item in ballot.paper.items)


def _added(ballot: Ballot, answers: Answers) -> list[dict[str, Any]]:
    """A row for each answer, in the order of the tallies' keys: two ballots at once never wait for each other."""
    width = _width(ballot)
    usual = {f"in_{name}": value for name, value in _key(ballot).items()}
    usual |= {f"add_{place}": 0 for place in range(1, width + 1)}
    return [
        {**usual, "of_teacher": teacher.teacher_id, "of_item": item.code, f"add_{option}": 1}
        for teacher, item, option in answers
    ]


@cache
def _adding(width: int) -> Update:
    """The statement that adds to a tally, for options up to ``width``."""
    return (
        _TALLY.update()
        .where(
            _TALLY.c.semester_code == bindparam("in_semester_code"),
            _TALLY.c.teacher_id == bindparam("of_teacher"),
            _TALLY.c.school_id == bindparam("in_school_id"),
            _TALLY.c.component == bindparam("in_component"),
            _TALLY.c.item == bindparam("of_item"),
        )
        .values(
            {
                f"option_{place}": _TALLY.c[f"option_{place}"] + bindparam(f"add_{place}")
                for place in range(1, width + 1)
            }
        )
    )


def _count_flags(
    connection: Connection,
    vault: Vault,
    ballot: Ballot,
    answers: Answers,
    rows: list[dict[str, Any]],
    mark: str,
    at: datetime,
) -> None:
    kinds = [
        kind
        for kind, is_so in (
            ("fast", was_fast(vault, ballot, len(answers), mark, at)),
            ("straight", straight(answers, len(ballot.paper.items))),
        )
        if is_so
    ]
    if not kinds:
        return
    key = _key(ballot)
    for row in rows:
        options = {
            f"option_{name.removeprefix('add_')}": value
            for name, value in row.items()
            if name.startswith("add_")
        }
        adding = inserting(connection, _FLAGGED).values(
            **key, teacher_id=row["of_teacher"], item=row["of_item"], **options
        )
        connection.execute(
            adding.on_conflict_do_update(
                index_elements=["semester_code", "teacher_id", "school_id", "component", "item"],
                set_={name: _FLAGGED.c[name] + value for name, value in options.items() if value},
            )
        )
    for teacher_id in dict.fromkeys(row["of_teacher"] for row in rows):
        for kind in kinds:
            adding = inserting(connection, _FLAG).values(**key, teacher_id=teacher_id, kind=kind, count=1)
            connection.execute(
                adding.on_conflict_do_update(
                    index_elements=["semester_code", "school_id", "teacher_id", "component", "kind"],
                    set_={"count": _FLAG.c.count + 1},
                )
            )


def _seal_reasons(
    connection: Connection, vault: Vault, ballot: Ballot, answers: Answers, opinions: Opinions
) -> None:
    found = [
        (teacher.teacher_id, item.code, opinions[teacher.place].reasons[item.code].strip())
        for teacher, item, option in answers
        if item.is_lowest(option)
    ]
    if not found:
        return
    with Session(connection, join_transaction_mode="rollback_only") as reading:
        cipher = reason_key(reading, vault, ballot.semester_code, ballot.school_id)
    rows = []
    for teacher_id, item, text in found:
        reason_id = new_id()
        sealed = cipher.seal(text.encode(), reason_place(reason_id))
        rows.append(
            {**_key(ballot), "id": reason_id, "teacher_id": teacher_id, "item": item, "sealed": sealed}
        )
    connection.execute(insert(_REASON), sorted(rows, key=lambda row: str(row["id"])))
