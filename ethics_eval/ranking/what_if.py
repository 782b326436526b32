"""A scheme applied to the snapshot of a semester: read from its file, compared, and kept in memory for a while."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.evaluation.rules.scheme import Scheme, scheme_text
from ethics_eval.ranking.archive import kept_inputs
from ethics_eval.ranking.queries.rows import ORDER, lines_of
from ethics_eval.ranking.queries.sight import Sight
from ethics_eval.ranking.queries.versions import RankingView
from ethics_eval.ranking.rules.certainty import weight_seed_of
from ethics_eval.ranking.rules.explanation import ScoreLine
from ethics_eval.ranking.rules.snapshot import SnapshotBroken
from ethics_eval.ranking.rules.what_if import WhatIf, what_if
from ethics_eval.roster.models import Teacher
from ethics_eval.text import N_, RuleViolation

KEPT = 8
_kept: OrderedDict[tuple[str, str], WhatIf] = OrderedDict()
_one_at_a_time = Lock()


@dataclass(frozen=True)
class Trial:
    """A comparison, and the persons it names as the ranking shows them, by their number."""

    found: WhatIf
    lines: Mapping[str, ScoreLine]


def try_scheme(
    session: Session, sight: Sight, ranking: RankingView, scheme: Scheme, *, instance: Path
) -> Trial:
    """What a semester's ranking would have been by another scheme; writes nothing.

    Raises: RuleViolation ``what_if.snapshot``: the snapshot's file is not there, or was altered.
    """
    found = _computed(ranking.snapshot_sha256, scheme, instance)
    ids = session.scalars(select(Teacher.id).where(Teacher.number.in_(found.teachers()))).all()
    lines = lines_of(session, sight, ranking.id, ids, ORDER)
    return Trial(found, {line.row.teacher: line for line in lines})


def _computed(sha256: str, scheme: Scheme, instance: Path) -> WhatIf:
    """The comparison; those asked for last are kept, and one is computed at a time (seconds for a city)."""
    key = (sha256, scheme_text(scheme))
    with _one_at_a_time:
        if key not in _kept:
            _kept[key] = _read_and_compared(sha256, scheme, instance)
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
        _kept.move_to_end(key)
        return _kept[key]


def _read_and_compared(sha256: str, scheme: Scheme, instance: Path) -> WhatIf:
    try:
        return what_if(kept_inputs(instance, sha256), scheme, seed=weight_seed_of(sha256))
    except (OSError, SnapshotBroken) as error:
        raise RuleViolation(
            "what_if.snapshot", N_("这个学期的数据快照文件读不出来或者被改动过，请联系系统管理员。")
        ) from error
