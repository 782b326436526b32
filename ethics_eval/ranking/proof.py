"""The proof that a ranking stands: computed again from its snapshot alone, it gives the same bytes and rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.evaluation.rules.scheme import Component
from ethics_eval.ranking.archive import file_of
from ethics_eval.ranking.models import BottomEntry, LedgerLine, Ranking, RankingRow
from ethics_eval.ranking.queries.standing import standing
from ethics_eval.ranking.rules.certainty import Certainty, certainty_bytes, certainty_json, certainty_of
from ethics_eval.ranking.rules.computation import measure, outcome_of
from ethics_eval.ranking.rules.outcome import Outcome
from ethics_eval.ranking.rules.snapshot import SnapshotBroken, digest, outcome_bytes, read_snapshot
from ethics_eval.roster import queries as roster_queries


@dataclass(frozen=True)
class Proof:
    """What was checked of a ranking; ``faults`` is empty when every byte agrees."""

    ranking_id: int
    snapshot_sha256: str
    outcome_sha256: str
    certainty_sha256: str
    rows: int
    faults: tuple[str, ...]


def verify(session: Session, code: str, *, instance: Path) -> Proof:
    """Compute a semester's ranking again from its snapshot alone, and compare every byte and every stored row.

    How sure it is (R13) is computed again as well; a ranking kept before that was known has none to compare.
    Raises: RuleViolation ``ranking.none``: it was never frozen.
    """
    ranking = standing(session, code)
    faults: list[str] = []
    rows = 0
    try:
        content = file_of(instance, ranking.snapshot_sha256).read_bytes()
        if digest(content) != ranking.snapshot_sha256:
            faults.append("snapshot: its SHA-256 is another")
        inputs = read_snapshot(content).inputs
        found = measure(inputs)
        outcome = outcome_of(found)
        rows = len(outcome.rows)
        again = outcome_bytes(outcome)
        if digest(again) != ranking.outcome_sha256:
            faults.append("outcome: computed again it differs from the SHA-256 stored")
        if file_of(instance, ranking.outcome_sha256).read_bytes() != again:
            faults.append("outcome: computed again it differs from the stored file")
        faults += _stored_differences(session, ranking, outcome)
        if ranking.certainty_sha256:
            certainty = certainty_of(inputs, found, outcome.bottom, ranking.snapshot_sha256)
            faults += _certainty_differences(session, ranking, certainty, instance)
    except OSError as error:
        faults.append(f"file: {error.strerror}: {Path(str(error.filename)).name}")
    except SnapshotBroken as error:
        faults.append(f"snapshot: {error}")
    return Proof(
        ranking.id,
        ranking.snapshot_sha256,
        ranking.outcome_sha256,
        ranking.certainty_sha256,
        rows,
        tuple(faults),
    )


def _certainty_differences(
    session: Session, ranking: Ranking, certainty: Certainty, instance: Path
) -> list[str]:
    """Where the file, the rows or the figures say something else of how sure the ranking is."""
    again = certainty_bytes(certainty)
    faults = []
    if digest(again) != ranking.certainty_sha256:
        faults.append("certainty: computed again it differs from the SHA-256 stored")
    if file_of(instance, ranking.certainty_sha256).read_bytes() != again:
        faults.append("certainty: computed again it differs from the stored file")
    if ranking.certainty != certainty_json(certainty):
        faults.append("certainty: the figures of the database differ")
    from_teacher = roster_queries.teacher_numbers(session)
    bands = session.execute(
        select(
            RankingRow.teacher_id,
            RankingRow.band_low,
            RankingRow.band_high,
            RankingRow.set_low,
            RankingRow.set_high,
        ).where(RankingRow.ranking_id == ranking.id, RankingRow.band_low.is_not(None))
    )
    entries = session.execute(
        select(
            BottomEntry.teacher_id,
            BottomEntry.separable,
            BottomEntry.chance_permille,
            BottomEntry.weight_sensitive,
        ).where(BottomEntry.ranking_id == ranking.id)
    )
    for kind, stored, computed in (
        (
            "band",
            {(from_teacher[row[0]], *row[1:]) for row in bands},
            {(row.teacher, *row[2:]) for row in certainty.places},
        ),
        (
            "chance",
            {(from_teacher[row[0]], *row[1:]) for row in entries},
            {
                (row.teacher, row.separable == 1, row.chance, row.is_weight_sensitive)
                for row in certainty.lowest
                if row.listed
            },
        ),
    ):
        for row in sorted(stored ^ computed, key=repr)[:10]:
            faults.append(f"{kind}: the database and the certainty differ at {row[0]}")
    return faults


def _stored_differences(session: Session, ranking: Ranking, outcome: Outcome) -> list[str]:
    """Rows, ledger and bottom list of the database that say something else than the outcome."""
    stored = _stored_outcome(session, ranking)
    computed: dict[str, set[tuple[Any, ...]]] = {
        "row": {tuple(row) for row in outcome.rows},
        "ledger": {tuple(row) for row in outcome.ledger},
        "bottom": {(place, *row) for place, row in enumerate(outcome.bottom, start=1)},
    }
    faults = []
    for kind, rows in computed.items():
        for row in sorted(rows ^ stored[kind], key=repr)[:10]:
            faults.append(f"{kind}: the database and the outcome differ at {row[0]} {row[1]}")
    if json.loads(ranking.counts) != outcome.counts():
        faults.append("counts: the database and the outcome differ")
    return faults


def _stored_outcome(session: Session, ranking: Ranking) -> dict[str, set[tuple[Any, ...]]]:
    from_teacher = roster_queries.teacher_numbers(session)
    from_school = roster_queries.school_codes(session)
    table = RankingRow.__table__.c
    rows = session.execute(
        select(
            RankingRow.teacher_id,
            RankingRow.school_id,
            RankingRow.stage,
            RankingRow.status,
            RankingRow.reason,
            *(table[f"{part.value}_e4"] for part in Component),
            RankingRow.base_e4,
            RankingRow.deduct_e4,
            RankingRow.bonus_e4,
            RankingRow.score,
            RankingRow.grade,
            RankingRow.veto,
            RankingRow.provisional,
            RankingRow.place,
            RankingRow.stage_place,
            RankingRow.school_place,
            RankingRow.flags,
        ).where(RankingRow.ranking_id == ranking.id)
    ).all()
    lines = session.execute(
        select(
            LedgerLine.finding_id,
            LedgerLine.teacher_id,
            LedgerLine.line_e4,
            LedgerLine.counted,
            LedgerLine.reason,
        ).where(LedgerLine.ranking_id == ranking.id)
    ).all()
    listed = session.execute(
        select(BottomEntry.position, BottomEntry.teacher_id, BottomEntry.treatment, BottomEntry.basis).where(
            BottomEntry.ranking_id == ranking.id
        )
    ).all()
    parts = slice(5, 10)
    return {
        "row": {
            (
                from_teacher[row[0]],
                from_school[row[1]],
                *row[2:5],
                tuple(row[parts]),
                *row[10:-1],
                tuple(row[-1].split()),
            )
            for row in rows
        },
        "ledger": {(row[0], from_teacher[row[1]], *row[2:]) for row in lines},
        "bottom": {(row[0], from_teacher[row[1]], row[2], tuple(row[3].split())) for row in listed},
    }
