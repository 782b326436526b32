"""The version of a semester's ranking that stands: the newest, whatever its state."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.ranking.models import Ranking
from ethics_eval.text import N_, RuleViolation


def newest(session: Session, semester_code: str) -> Ranking | None:
    """The newest version of a semester's ranking; None: it was never frozen."""
    return session.scalars(
        select(Ranking)
        .where(Ranking.semester_code == semester_code)
        .order_by(Ranking.version.desc())
        .limit(1)
    ).first()


def standing(session: Session, code: str) -> Ranking:
    """The ranking of a semester past its freeze. Raises: RuleViolation ``ranking.none``: it was never frozen."""
    ranking = newest(session, code)
    if ranking is None:
        raise RuleViolation("ranking.none", N_("学期 %(semester)s 还没有冻结的榜单。"), semester=code)
    return ranking
