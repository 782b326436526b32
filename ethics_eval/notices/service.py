"""The steps of a semester with their notices, and acknowledgements."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor
from ethics_eval.ranking import service as ranking_service
from ethics_eval.ranking.rules.steps import Step


def take_step(
    session: Session, semester_code: str, step: Step, *, actor: Actor, at: datetime, instance: Path
) -> bool:
    """Take a semester's step with the notices it brings, all in the caller's transaction; False: taken before."""
    match step:
        case Step.OPEN:
            return ranking_service.open_semester(session, semester_code, actor=actor, at=at)
        case Step.FREEZE:
            frozen = ranking_service.freeze(session, semester_code, actor=actor, at=at, instance=instance)
            return frozen is not None
        case Step.ANNOUNCE:
            return ranking_service.announce(session, semester_code, actor=actor, at=at) is not None
        case Step.PUBLISH:
            return ranking_service.publish(session, semester_code, actor=actor, at=at) is not None
