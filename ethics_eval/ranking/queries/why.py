"""为什么是这个分: one teacher's score worked out again from the frozen file, as far as the reader may see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.ranking.archive import file_of, snapshot_means, teacher_inputs
from ethics_eval.ranking.models import Ranking
from ethics_eval.ranking.queries.corrections import school_names
from ethics_eval.ranking.queries.ledger import finding_ids
from ethics_eval.ranking.queries.scores import TeacherScore
from ethics_eval.ranking.rules.derivation import Derivation, derive, read_means, seen
from ethics_eval.ranking.rules.snapshot import SnapshotBroken


@dataclass(frozen=True)
class Why:
    """The steps, and the names of the schools in them by code. ``steps`` None: the frozen file cannot be read, or it
    does not come to what the ranking says.
    """

    steps: Derivation | None
    schools: Mapping[str, str]


def why(session: Session, instance: Path, score: TeacherScore) -> Why:
    """How a score came about, step by step. Findings that are not in the reader's ledger are one sum."""
    row = score.line.row
    keys = finding_ids(session, score.ranking.id, row.teacher)
    kept = session.scalars(select(Ranking.means).where(Ranking.id == score.ranking.id)).one()
    sha256 = score.ranking.snapshot_sha256
    try:
        inputs = teacher_inputs(instance, sha256, row.teacher, keys)
        steps = derive(inputs, read_means(kept) or snapshot_means(file_of(instance, sha256)))
    except (OSError, SnapshotBroken, ValueError):
        return Why(None, {})
    if not steps.agrees(row.components, row.base, row.score):
        return Why(None, {})
    codes = {posting.school for posting in steps.postings}
    own = {line.finding_id for line in score.ledger}
    return Why(seen(steps, own), school_names(session, codes))
