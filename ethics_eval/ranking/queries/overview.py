"""A semester's scores as a whole, within the reader's sight; nobody by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.evaluation.rules.scheme import Component
from ethics_eval.ranking.models import RankingRow
from ethics_eval.ranking.queries.sight import Sight
from ethics_eval.ranking.queries.versions import RankingView, rankings
from ethics_eval.ranking.rules.outcome import RATED
from ethics_eval.ranking.rules.overview import (
    Movement,
    PartSpread,
    Spread,
    histogram,
    movement,
    quarters,
    spreads,
)
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.school import STAGE_LABELS


@dataclass(frozen=True)
class Overview:
    """``histogram``: (whole point, how many); ``since``: the semester compared with, None: there is none."""

    rated: int
    histogram: list[tuple[int, int]]
    stages: list[Spread]
    districts: list[Spread]
    parts: list[PartSpread]
    since: RankingView | None
    movement: Movement | None


def overview(session: Session, sight: Sight, ranking: RankingView) -> Overview:
    """Of the rated teachers of a ranking; compared with the newest earlier semester the reader may see."""
    rows = _rows(session, sight, ranking.id)
    scores = np.array([row.score for row in rows], dtype=np.int64)
    districts = {district.code: district.name for district in roster_queries.districts(session)}
    since = next((one for one in rankings(session, sight) if one.semester_code < ranking.semester_code), None)
    return Overview(
        rated=len(rows),
        histogram=histogram(scores),
        stages=spreads(
            scores, [row.stage for row in rows], {stage.value: name for stage, name in STAGE_LABELS.items()}
        ),
        districts=spreads(scores, [row.district_code for row in rows], districts),
        parts=[_part(component, rows) for component in Component],
        since=since,
        movement=None if since is None else movement(_places(session, sight, since), _by_teacher(rows)),
    )


def _rows(session: Session, sight: Sight, ranking_id: int) -> list[Any]:
    table = RankingRow.__table__.c
    return list(
        session.execute(
            select(
                RankingRow.teacher_id,
                RankingRow.stage,
                RankingRow.district_code,
                RankingRow.score,
                RankingRow.place,
                *(table[f"{part.value}_e4"] for part in Component),
            ).where(RankingRow.ranking_id == ranking_id, RankingRow.status == RATED, sight.rows)
        )
    )


def _by_teacher(rows: list[Any]) -> dict[int, tuple[int, int]]:
    return {row.teacher_id: (row.score, row.place) for row in rows}


def _places(session: Session, sight: Sight, ranking: RankingView) -> dict[int, tuple[int, int]]:
    return _by_teacher(_rows(session, sight, ranking.id))


def _part(component: Component, rows: list[Any]) -> PartSpread:
    name = f"{component.value}_e4"
    values = [value for row in rows if (value := getattr(row, name)) is not None]
    shown = np.array(values, dtype=np.int64)
    return PartSpread(component.value, len(values), len(rows) - len(values), *quarters((shown + 50) // 100))
