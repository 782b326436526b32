"""投票: a code opens its ballot, a draft is kept sealed under the code, and a ballot is counted once.

Whoever votes is nobody here: no account, no audit event, no time. One transaction marks the code used, adds to the
tallies in the order of their keys, seals the reasons and forgets the draft (decision 0031).
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, cast

from sqlalchemy import ClauseElement, Dialect, Integer, Table, bindparam, case, literal_column, select
from sqlalchemy.orm import Session

from ethics_eval.database import Driver, inserting, new_id
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
from ethics_eval.evaluation.rules.scheme import MAX_OPTIONS, Component
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

# The code is used up if it is open and its round runs. The round is kept from being closed until the ballot is stored;
# any number may hold it at once (rounds.round_open).
_USE = (
    _CODE.update()
    .where(
        _CODE.c.code_hash == bindparam("of_code"),
        _CODE.c.state == literal_column("'open'"),
        select(_ROUND.c.semester_code)
        .join(_SEMESTER, _SEMESTER.c.code == _ROUND.c.semester_code)
        .where(
            _ROUND.c.semester_code == bindparam("of_semester"),
            _ROUND.c.opens_at <= bindparam("at"),
            _ROUND.c.closes_at > bindparam("at"),
            _ROUND.c.closed_at.is_(None),
            _SEMESTER.c.status == literal_column("'open'"),
        )
        .with_for_update(read=True, of=_ROUND)
        .exists(),
    )
    .values(state=literal_column("'used'"))
)
# 1 for the option chosen, 0 for the others.
_CHOSEN = {
    f"option_{place}": case(
        (bindparam("of_option", type_=Integer) == literal_column(str(place)), literal_column("1")),
        else_=literal_column("0"),
    )
    for place in range(1, MAX_OPTIONS + 1)
}
_ADD = (
    _TALLY.update()
    .where(
        _TALLY.c.semester_code == bindparam("in_semester"),
        _TALLY.c.teacher_id == bindparam("of_teacher"),
        _TALLY.c.school_id == bindparam("in_school"),
        _TALLY.c.component == bindparam("in_component"),
        _TALLY.c.item == bindparam("of_item"),
    )
    .values({name: _TALLY.c[name] + chosen for name, chosen in _CHOSEN.items()})
)
_FORGET = _DRAFT.delete().where(_DRAFT.c.code_hash == bindparam("of_code"))
_GIVE_REASON = _REASON.insert().values({column.name: bindparam(column.name) for column in _REASON.c})

Rows = Sequence[Mapping[str, Any]]
Answers = Sequence[tuple[Rated, BallotItem, int]]


@dataclass(frozen=True)
class Vote:
    """A ballot filled in, as the statements that store it are given it; it lives until it is stored and no longer."""

    code_hash: bytes
    semester_code: str
    tallies: Rows
    careless: Rows
    reasons: Rows


def fill_in(
    session: Session, vault: Vault, ballot: Ballot, opinions: Opinions, *, mark: str, at: datetime
) -> Vote:
    """Check a ballot and make it ready to be stored, before its transaction begins; reads only.

    Args: mark: :func:`start_mark` of the page it was filled in on. Raises: RuleViolation: incomplete, at its field.
    """
    wrong = problems(ballot.paper, opinions)
    if wrong:
        raise wrong[0]
    answers = list(counted(ballot.paper, opinions))
    return Vote(
        ballot.code_hash,
        ballot.semester_code,
        _tallies(ballot, answers),
        _careless(vault, ballot, answers, mark, at),
        _reasons(session, vault, ballot, answers, opinions),
    )


def cast_ballot(driver: Driver, vote: Vote, *, at: datetime) -> None:
    """Count a ballot: the code is used up, the tallies grow, and nothing tells which answer came with which code.

    Statements alone, inside ``driver_transaction()``. No audit event is left: its time and number would say when a
    ballot came. Raises: RuleViolation: the code is used or the round over.
    """
    code = {"of_code": vote.code_hash}
    used = {**code, "of_semester": vote.semester_code, "at": driver.instant(at)}
    if driver.run(_USE, [used]) != 1:
        raise _closed()
    if driver.run(_ADD, vote.tallies) != len(vote.tallies):
        raise _closed()  # a tally is missing: the group was taken back
    if vote.careless:
        driver.run(_adding_flagged(driver.dialect), vote.tallies)
        driver.run(_adding_flag(driver.dialect), vote.careless)
    driver.run(_GIVE_REASON, vote.reasons)
    driver.run(_FORGET, [code])


def _closed() -> RuleViolation:
    return RuleViolation("ballot.closed", N_("这个评议码已经用过，或者评议已经结束，这一次没有计入。"))


def _key(ballot: Ballot) -> dict[str, Any]:
    return {
        "in_semester": ballot.semester_code,
        "in_school": ballot.school_id,
        "in_component": ballot.paper.component.value,
    }


def _tallies(ballot: Ballot, answers: Answers) -> Rows:
    """A row for each answer, in the order of the tallies' keys: two ballots at once never wait for each other."""
    key = _key(ballot)
    return [
        {**key, "of_teacher": teacher.teacher_id, "of_item": item.code, "of_option": option}
        for teacher, item, option in answers
    ]


def _careless(vault: Vault, ballot: Ballot, answers: Answers, mark: str, at: datetime) -> Rows:
    """A row for each teacher and way in which the ballot looks careless."""
    kinds = {
        "fast": was_fast(vault, ballot, len(answers), mark, at),
        "straight": straight(answers, len(ballot.paper.items)),
    }
    return [
        {**_key(ballot), "of_teacher": teacher_id, "of_kind": kind}
        for teacher_id in dict.fromkeys(teacher.teacher_id for teacher, _item, _option in answers)
        for kind, is_so in kinds.items()
        if is_so
    ]


def _reasons(session: Session, vault: Vault, ballot: Ballot, answers: Answers, opinions: Opinions) -> Rows:
    """The reasons for lowest options, sealed, in the order of their keys, which are chance."""
    found = [
        (teacher.teacher_id, item.code, opinions[teacher.place].reasons[item.code].strip())
        for teacher, item, option in answers
        if item.is_lowest(option)
    ]
    if not found:
        return ()
    cipher = reason_key(session, vault, ballot.semester_code, ballot.school_id)
    rows = []
    for teacher_id, item, text in found:
        reason_id = new_id()
        rows.append(
            {
                "id": reason_id,
                "semester_code": ballot.semester_code,
                "school_id": ballot.school_id,
                "teacher_id": teacher_id,
                "component": ballot.paper.component.value,
                "item": item,
                "sealed": cipher.seal(text.encode(), reason_place(reason_id)),
            }
        )
    return sorted(rows, key=lambda row: str(row["id"]))


@cache
def _adding_flagged(dialect: Dialect) -> ClauseElement:
    """Add the same to what careless ballots said."""
    adding = inserting(dialect, _FLAGGED).values(
        semester_code=bindparam("in_semester"),
        teacher_id=bindparam("of_teacher"),
        school_id=bindparam("in_school"),
        component=bindparam("in_component"),
        item=bindparam("of_item"),
        **_CHOSEN,
    )
    return _or_add(adding, _FLAGGED, _CHOSEN)


@cache
def _adding_flag(dialect: Dialect) -> ClauseElement:
    """Count one more careless ballot on a teacher."""
    adding = inserting(dialect, _FLAG).values(
        semester_code=bindparam("in_semester"),
        school_id=bindparam("in_school"),
        teacher_id=bindparam("of_teacher"),
        component=bindparam("in_component"),
        kind=bindparam("of_kind"),
        count=literal_column("1"),
    )
    return _or_add(adding, _FLAG, ["count"])


def _or_add(adding: Any, table: Table, names: Iterable[str]) -> ClauseElement:
    """The insertion that adds to these columns where the row is there already."""
    added = {name: table.c[name] + adding.excluded[name] for name in names}
    found: ClauseElement = adding.on_conflict_do_update(index_elements=list(table.primary_key), set_=added)
    return found
