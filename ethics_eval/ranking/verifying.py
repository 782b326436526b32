"""复核: a frozen ranking is computed again from its snapshot alone before anybody is told of it.

In the browser by another person than the one who froze; the clock and the command line have the machine do it.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor, Permission, require
from ethics_eval.accounts.service import record
from ethics_eval.ranking.models import Ranking
from ethics_eval.ranking.proof import Proof, verify
from ethics_eval.ranking.queries.standing import standing
from ethics_eval.ranking.rules.steps import SemesterStatus, Verification, check_verifier
from ethics_eval.text import N_, RuleViolation


def verification_of(ranking: Ranking) -> Verification:
    """Who froze and who recomputed a ranking, as the rules see it."""
    return Verification(ranking.verified_at is not None, ranking.verified_by_id, ranking.frozen_by_id)


def verify_ranking(session: Session, code: str, *, actor: Actor, at: datetime, instance: Path) -> Proof:
    """Recompute a semester's frozen ranking from its snapshot alone, and note by whom; with faults it stays unverified.

    Raises: RuleViolation: never frozen, announced already, no right, or by the person who froze it.
    """
    ranking = standing(session, code)
    if actor.role is not None:
        require(actor, Permission.RANKING_VERIFY)
        check_verifier(actor.id, ranking.frozen_by_id)
        if ranking.status != SemesterStatus.FROZEN:
            raise RuleViolation("ranking.verify_late", N_("榜单已经事先告知，不用再复核。"))
    proof = verify(session, code, instance=instance)
    if proof.faults:
        record(
            session,
            actor,
            at,
            "ranking.verify_failed",
            "ranking",
            ranking.id,
            semester=code,
            faults=len(proof.faults),
        )
        return proof
    ranking.verified_at = at
    ranking.verified_by_id = actor.id
    record(
        session,
        actor,
        at,
        "ranking.verified",
        "ranking",
        ranking.id,
        semester=code,
        version=ranking.version,
        sha256=ranking.snapshot_sha256,
    )
    session.flush()
    return proof


def verify_by_machine(session: Session, code: str, *, actor: Actor, at: datetime, instance: Path) -> None:
    """Recompute and refuse to go on with a ranking that is not reproduced; once verified it is not done again.

    Raises: RuleViolation ``ranking.not_reproduced``, with the first fault.
    """
    if standing(session, code).verified_at is not None:
        return
    check_reproduced(verify_ranking(session, code, actor=actor, at=at, instance=instance))


def check_reproduced(proof: Proof) -> None:
    """Refuse what was not reproduced. Raises: RuleViolation ``ranking.not_reproduced``: the first fault."""
    if proof.faults:
        raise RuleViolation(
            "ranking.not_reproduced",
            N_("从数据快照重算的结果与榜单不一致，不能继续：%(fault)s"),
            fault=proof.faults[0],
        )
