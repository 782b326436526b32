"""异议 and 申诉: filed and withdrawn by the teacher, decided by somebody who had no hand in it.

While an objection is open the ranking is not published; while an appeal is open the deduction is suspended (R11).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account
from ethics_eval.accounts.notifying import News, notify, notify_all
from ethics_eval.accounts.queries import accounts_of_teacher
from ethics_eval.accounts.rules import PERMISSIONS, Actor, Permission, require
from ethics_eval.accounts.service import actor_of, record
from ethics_eval.complaints.rules.finding import written
from ethics_eval.database import new_id
from ethics_eval.ranking.models import Objection, Ranking
from ethics_eval.ranking.queries.objections import OPEN, filing_facts, hands_on, subject_of
from ethics_eval.ranking.queries.standing import standing
from ethics_eval.ranking.rules.correction import Change, changes_text
from ethics_eval.ranking.rules.objection import (
    ObjectionKind,
    ObjectionStatus,
    Reminder,
    Topic,
    check_file,
    check_open,
    check_reviewer,
    checked_grounds,
    decide_due,
    reminder_due,
)
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.models import Semester
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import N_, RuleViolation
from ethics_eval.vault.service import CITY_UNIT, CONTENT, Vault

Correct = Callable[[Sequence[Change]], Ranking]


def file_objection(
    session: Session,
    vault: Vault,
    semester_code: str,
    *,
    kind: ObjectionKind,
    topic: Topic,
    grounds: str,
    actor: Actor,
    at: datetime,
) -> Objection:
    """提出异议 (until the window ends, by the listed) or 申诉 (within 30 days of publication, by anyone ranked).

    Raises: RuleViolation: not in this ranking, out of time, one is open already, or no grounds.
    """
    require(actor, Permission.OBJECTION_FILE)
    # publication and a filing: one after the other
    session.get(Semester, semester_code, with_for_update=True)
    teacher_id = actor.teacher_id
    facts = None if teacher_id is None else filing_facts(session, semester_code, teacher_id)
    if teacher_id is None or facts is None:
        raise RuleViolation("permission.denied", N_("您没有办理此事的权限。"))
    calendar, today = roster_queries.calendar(session), local_day(at)
    check_file(kind, facts, today, calendar)
    text = checked_grounds(grounds)
    objection_id = new_id()
    cipher = vault.make_key(session, subject_of(objection_id), CONTENT, [CITY_UNIT])
    objection = Objection(
        id=objection_id,
        kind=kind.value,
        semester_code=semester_code,
        ranking_id=standing(session, semester_code).id,
        teacher_id=teacher_id,
        topic=topic.value,
        grounds=cipher.seal_json({"text": text}, f"objection:grounds:{objection_id}"),
        status=OPEN,
        filed_at=at,
        due_on=decide_due(kind, today, calendar),
    )
    session.add(objection)
    session.flush()
    _record(session, objection, "objection.filed", actor, at)
    notify(session, reviewers(session, objection), _news(objection, "objection.filed"), at=at)
    return objection


def withdraw(session: Session, objection: Objection, *, actor: Actor, at: datetime) -> None:
    """撤回 one's own while it is open. Raises: RuleViolation."""
    require(actor, Permission.OBJECTION_FILE)
    if objection.teacher_id != actor.teacher_id:
        raise RuleViolation("permission.denied", N_("您没有办理此事的权限。"))
    check_open(objection.status)
    objection.status = ObjectionStatus.WITHDRAWN.value
    _record(session, objection, "objection.withdrawn", actor, at)
    session.flush()


def reject(
    session: Session, vault: Vault, objection: Objection, *, decision: str, actor: Actor, at: datetime
) -> None:
    """不成立, with the reason the teacher reads. Raises: RuleViolation: not open, not by this person, no reason."""
    check_may_decide(session, objection, actor)
    _decide(session, vault, objection, ObjectionStatus.REJECTED, decision, actor, at)


def uphold(
    session: Session,
    vault: Vault,
    objection: Objection,
    *,
    decision: str,
    changes: Sequence[Change],
    correct: Correct,
    actor: Actor,
    at: datetime,
) -> Ranking:
    """成立: what is to be put right is put right by ``correct`` in the same transaction; gives the new version.

    Raises: RuleViolation: not open, not by this person, no reason, nothing to change, or a change that cannot be.
    """
    check_may_decide(session, objection, actor)
    if not changes:
        raise RuleViolation(
            "objection.no_change",
            N_("成立的，请在下面改正至少一处数据；没有要改的，请选择“不成立”。"),
            field="result",
        )
    _decide(session, vault, objection, ObjectionStatus.UPHELD, decision, actor, at)
    objection.changes = changes_text(changes)
    corrected = correct(changes)
    objection.corrected_id = corrected.id
    session.flush()
    return corrected


def check_may_decide(session: Session, objection: Objection, actor: Actor) -> None:
    """Refuse without the right, when it has ended, and whoever had a hand in it, by name of the reason."""
    require(actor, Permission.OBJECTION_DECIDE)
    check_open(objection.status)
    check_reviewer(actor, objection.teacher_id, hands_on(session, objection))


def _decide(
    session: Session,
    vault: Vault,
    objection: Objection,
    status: ObjectionStatus,
    decision: str,
    actor: Actor,
    at: datetime,
) -> None:
    text = written(decision, "decision")
    cipher = vault.open_key(session, subject_of(objection.id), CONTENT, [CITY_UNIT])
    objection.status = status.value
    objection.decision = cipher.seal_json({"text": text}, f"objection:decision:{objection.id}")
    objection.decided_at = at
    objection.reviewer_id = actor.id
    objection.is_late = local_day(at) > objection.due_on
    session.flush()
    _record(session, objection, f"objection.{status}", actor, at)
    people = accounts_of_teacher(session, objection.teacher_id)
    notify(session, people, _news(objection, "objection.decided"), at=at)


def reviewers(session: Session, objection: Objection) -> list[int]:
    """The accounts that may decide it."""
    roles = [role.value for role in PERMISSIONS[Permission.OBJECTION_DECIDE]]
    hands = hands_on(session, objection)
    found = []
    for account in session.scalars(
        select(Account).where(Account.role.in_(roles), Account.active).order_by(Account.id)
    ):
        try:
            check_reviewer(actor_of(account), objection.teacher_id, hands)
        except RuleViolation:
            continue
        found.append(account.id)
    return found


def remind(session: Session, at: datetime) -> int:
    """Remind who may decide at 80 % of the time, and when it is over, each once; how many notices are new."""
    told: list[tuple[int, News]] = []
    for objection in session.scalars(
        select(Objection).where(Objection.status == OPEN).order_by(Objection.due_on, Objection.id)
    ):
        level = reminder_due(local_day(objection.filed_at), objection.due_on, local_day(at))
        for reached in Reminder:
            news = _news(objection, f"objection.{reached}")
            if level is Reminder.OVERDUE or level is reached:
                told += [(account_id, news) for account_id in reviewers(session, objection)]
    return notify_all(session, told, at=at) if told else 0


def _news(objection: Objection, kind: str) -> News:
    return News(
        kind=kind,
        subject_kind="objection",
        subject_id=objection.id,
        key=f"{kind}:{objection.id}",
        detail={"kind": objection.kind, "due": objection.due_on.isoformat()},
    )


def _record(session: Session, objection: Objection, action: str, actor: Actor, at: datetime) -> None:
    record(
        session,
        actor,
        at,
        action,
        "objection",
        objection.id,
        kind=objection.kind,
        topic=objection.topic,
        semester=objection.semester_code,
    )
