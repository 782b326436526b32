"""点名的理由: why someone is named whom the figures cannot tell from those outside the list, or is not (R13).

Until it is published a person may write the reason, change it, or withhold the name; what is published stays.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor, Permission, require
from ethics_eval.accounts.service import record
from ethics_eval.complaints.rules.finding import written
from ethics_eval.ranking.models import BottomEntry, Ranking
from ethics_eval.ranking.queries.bottom import asks_reason, unexplained, with_serious
from ethics_eval.ranking.queries.standing import standing
from ethics_eval.ranking.rules.naming import check_reasons
from ethics_eval.ranking.rules.steps import SemesterStatus
from ethics_eval.roster.models import Semester, Teacher
from ethics_eval.text import N_, RuleViolation

MOST_REASON = 1000
_BEFORE = frozenset({SemesterStatus.FROZEN, SemesterStatus.ANNOUNCED})


def give_reason(
    session: Session,
    ranking: Ranking,
    teacher_id: int,
    *,
    reason: str = "",
    withheld: bool = False,
    actor: Actor,
    at: datetime,
) -> BottomEntry:
    """Keep why a listed teacher is named, or that the teacher is withheld and told privately; the last word counts.

    Args: reason: at least ten characters, unless withheld, where it is not kept.
    Raises: RuleViolation: no right, published already, not on the list, nothing asked, or no reason.
    """
    require(actor, Permission.SEMESTER_STEP)
    session.get(Semester, ranking.semester_code, with_for_update=True)  # not while it is being published
    session.refresh(ranking)
    if ranking.status not in _BEFORE:
        raise RuleViolation("bottom.published", N_("榜单已经发布，不能再改。"))
    entry = session.get(BottomEntry, (ranking.id, teacher_id))
    if entry is None or not asks_reason(entry, with_serious(session, ranking.id)):
        raise RuleViolation("bottom.not_asked", N_("这名教师不需要写明点名的理由。"))
    text = "" if withheld else written(reason.strip(), "reason")
    if len(text) > MOST_REASON:
        raise RuleViolation(
            "bottom.reason_long", N_("理由最多%(most)s个字。"), field="reason", most=MOST_REASON
        )
    entry.reason, entry.withheld = text, withheld
    entry.reason_by_id, entry.reason_at = actor.id, at
    _note(session, ranking, entry, actor, at)
    session.flush()
    return entry


def answer_for(
    session: Session,
    code: str,
    teacher_number: str,
    *,
    reason: str,
    withheld: bool,
    actor: Actor,
    at: datetime,
) -> BottomEntry:
    """:func:`give_reason` in the standing ranking of a semester, by the teacher's number.

    Raises: RuleViolation: as there, and where there is no such ranking or teacher.
    """
    teacher_id = session.scalar(select(Teacher.id).where(Teacher.number == teacher_number))
    return give_reason(
        session,
        standing(session, code),
        -1 if teacher_id is None else teacher_id,
        reason=reason,
        withheld=withheld,
        actor=actor,
        at=at,
    )


def settle_names(session: Session, ranking: Ranking, *, actor: Actor, at: datetime) -> None:
    """See before publication that nobody is named without what R13 asks: a person is refused until every reason is
    there; the clock and the command line withhold whoever lacks one.

    Raises: RuleViolation ``bottom.reason_missing``.
    """
    if actor.role is not None:
        check_reasons([name for _entry, name in unexplained(session, ranking.id)])
    else:
        withhold_unexplained(session, ranking, actor=actor, at=at)


def withhold_unexplained(session: Session, ranking: Ranking, *, actor: Actor, at: datetime) -> None:
    """Withhold the names of those who lack a reason that R13 asks; they are told privately instead."""
    for entry, _name in unexplained(session, ranking.id):
        entry.withheld = True
        entry.reason_at = at
        _note(session, ranking, entry, actor, at)
    session.flush()


def _note(session: Session, ranking: Ranking, entry: BottomEntry, actor: Actor, at: datetime) -> None:
    action = "bottom.withheld" if entry.withheld else "bottom.reason_given"
    code = ranking.semester_code
    record(session, actor, at, action, "ranking", ranking.id, semester=code, position=entry.position)
