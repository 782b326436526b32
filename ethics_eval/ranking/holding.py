"""暂停 and 恢复: a semester's steps wait, for a reason that everybody in the office can read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor, Permission, require
from ethics_eval.accounts.service import record
from ethics_eval.complaints.rules.finding import written
from ethics_eval.ranking.models import SemesterHold
from ethics_eval.ranking.queries.holds import open_hold
from ethics_eval.ranking.rules.steps import SemesterStatus
from ethics_eval.roster.models import Semester
from ethics_eval.text import N_, RuleViolation


def hold(session: Session, code: str, *, reason: str, actor: Actor, at: datetime) -> SemesterHold:
    """Keep the clock and people from taking the semester's next steps.

    Raises: RuleViolation: no right, no such semester, published already, held already, or no reason.
    """
    require(actor, Permission.SEMESTER_HOLD)
    semester = _locked(session, code)
    if semester.status == SemesterStatus.PUBLISHED:
        raise RuleViolation("semester.nothing_to_hold", N_("本学期已经发布，没有可以暂停的步骤。"))
    if open_hold(session, code) is not None:
        raise RuleViolation("semester.held_already", N_("本学期已经暂停。"))
    made = SemesterHold(semester_code=code, reason=written(reason, "reason"), held_at=at, held_by_id=actor.id)
    session.add(made)
    session.flush()
    record(session, actor, at, "semester.held", "semester", code, hold=made.id)
    return made


def release(session: Session, code: str, *, reason: str, actor: Actor, at: datetime) -> SemesterHold:
    """Let the semester's steps go on. Raises: RuleViolation: no right, not held, or no reason."""
    require(actor, Permission.SEMESTER_HOLD)
    _locked(session, code)
    held = open_hold(session, code)
    if held is None:
        raise RuleViolation("semester.not_held", N_("本学期没有暂停。"))
    held.release_reason = written(reason, "reason")
    held.released_at = at
    held.released_by_id = actor.id
    record(session, actor, at, "semester.released", "semester", code, hold=held.id)
    session.flush()
    return held


def _locked(session: Session, code: str) -> Semester:
    found = session.get(Semester, code, with_for_update=True)
    if found is None:
        raise RuleViolation("semester.unknown", N_("没有这个学期：%(semester)s"), semester=code)
    return found
