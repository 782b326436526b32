"""Corrections with the notices they bring, all in the caller's transaction: nothing is put right in silence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from ethics_eval.accounts.notifying import News, notify
from ethics_eval.accounts.queries import accounts_of_roles
from ethics_eval.accounts.rules import Actor, Role
from ethics_eval.notices.service import issue_correction
from ethics_eval.ranking import correcting, objecting
from ethics_eval.ranking.correcting import Corrected
from ethics_eval.ranking.models import Objection, Ranking
from ethics_eval.ranking.rules.correction import Cause, Change
from ethics_eval.ranking.rules.news import CORRECTED
from ethics_eval.ranking.rules.steps import SemesterStatus
from ethics_eval.vault.service import Vault


def take_correction(
    session: Session,
    semester_code: str,
    changes: Sequence[Change],
    *,
    cause: Cause,
    reason: str = "",
    actor: Actor,
    at: datetime,
    instance: Path,
) -> list[Corrected]:
    """Put a ranking right, and later ones that rested on it, and tell everyone who was told before.

    Raises: as ``ranking.correcting.correct``.
    """
    made = correcting.correct(
        session,
        semester_code,
        changes,
        cause=cause,
        reason=reason,
        actor=actor,
        at=at,
        instance=instance,
    )
    bureau = accounts_of_roles(session, Role.BUREAU_OFFICER, Role.BUREAU_HEAD)
    for pair in made:
        if pair.new.status != SemesterStatus.FROZEN:  # nobody outside has been told yet
            issue_correction(session, pair.old, pair.new, actor=actor, at=at)
        news = News(
            kind=CORRECTED,
            subject_kind="semester",
            subject_id=pair.new.semester_code,
            key=f"{CORRECTED}:{pair.new.id}",
            detail={"version": pair.new.version, "cause": pair.new.cause},
        )
        notify(session, bureau, news, at=at)
    return made


def uphold_objection(
    session: Session,
    vault: Vault,
    objection: Objection,
    *,
    decision: str,
    changes: Sequence[Change],
    actor: Actor,
    at: datetime,
    instance: Path,
) -> Ranking:
    """An objection or appeal is right: decided, put right and told; gives the new version.

    Raises: as ``ranking.objecting.uphold`` and :func:`take_correction`.
    """

    def correct(wanted: Sequence[Change]) -> Ranking:
        made = take_correction(
            session,
            objection.semester_code,
            wanted,
            cause=Cause(objection.kind),
            actor=actor,
            at=at,
            instance=instance,
        )
        return made[0].new

    return objecting.uphold(
        session,
        vault,
        objection,
        decision=decision,
        changes=changes,
        correct=correct,
        actor=actor,
        at=at,
    )


def correct_by_clock(
    session: Session, semester_code: str, *, actor: Actor, at: datetime, instance: Path
) -> list[Corrected]:
    """What a revoked or varied finding asks for in a semester of ``ranking.correcting.outdated``; none: it stands."""
    changes = correcting.changes_due(session, semester_code, actor=actor, at=at, instance=instance)
    if not changes:
        return []
    return take_correction(
        session, semester_code, changes, cause=Cause.FINDING, actor=actor, at=at, instance=instance
    )
