"""A ranking computed again from its files: the same bytes, and whatever was changed afterwards is found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from ethics_eval.ranking.archive import file_of
from ethics_eval.ranking.models import BottomEntry, LedgerLine, Ranking, RankingRow
from ethics_eval.ranking.proof import verify
from tests.ranking.semesters import NEXT, SEMESTER, Town, frozen, town
from tests.support.refusals import refused


@pytest.fixture
def here(session: Session) -> Town:
    """Forty teachers with given scores, a few findings, in a semester not yet begun."""
    return town(session)


def test_computing_again_gives_the_same_bytes(session: Session, here: Town, tmp_path: Path) -> None:
    frozen(session, tmp_path)
    assert verify(session, SEMESTER, instance=tmp_path).faults == ()
    with refused("ranking.none"):
        verify(session, NEXT, instance=tmp_path)


def test_a_ranking_of_a_program_that_knew_no_certainty_stands(
    session: Session, here: Town, tmp_path: Path
) -> None:
    ranking = frozen(session, tmp_path)
    bands = {"band_low": None, "band_high": None, "set_low": None, "set_high": None}
    session.execute(update(RankingRow).values(bands))
    session.execute(update(Ranking).values(certainty_sha256="", certainty="{}"))
    session.expire_all()
    proof = verify(session, SEMESTER, instance=tmp_path)
    assert (proof.ranking_id, proof.certainty_sha256, proof.faults) == (ranking.id, "", ())


Spoil = Callable[[Session, Ranking, Path], object]


def _raise_a_score(session: Session, ranking: Ranking, instance: Path) -> None:
    session.execute(update(RankingRow).where(RankingRow.place == 3).values(score=RankingRow.score + 1))


def _move_a_person(session: Session, ranking: Ranking, instance: Path) -> None:
    session.execute(
        update(BottomEntry).where(BottomEntry.position == 1).values(treatment="named", basis="veto")
    )


def _forgive_a_line(session: Session, ranking: Ranking, instance: Path) -> None:
    session.execute(
        update(LedgerLine).where(LedgerLine.counted).values(counted=False, reason="NOT_EFFECTIVE")
    )


def _edit_the_snapshot(session: Session, ranking: Ranking, instance: Path) -> None:
    path = file_of(instance, ranking.snapshot_sha256)
    path.write_bytes(path.read_bytes().replace(b'"weeks":20', b'"weeks":19', 1))


def _edit_the_outcome(session: Session, ranking: Ranking, instance: Path) -> None:
    file_of(instance, ranking.outcome_sha256).write_bytes(b"{}\n")


def _edit_the_certainty(session: Session, ranking: Ranking, instance: Path) -> None:
    file_of(instance, ranking.certainty_sha256).write_bytes(b"{}\n")


def _surer_than_it_is(session: Session, ranking: Ranking, instance: Path) -> None:
    session.execute(update(RankingRow).where(RankingRow.place == 3).values(band_high=99))


def _better_odds(session: Session, ranking: Ranking, instance: Path) -> None:
    session.execute(update(BottomEntry).where(BottomEntry.position == 1).values(chance_permille=1))


def _finer_figures(session: Session, ranking: Ranking, instance: Path) -> None:
    session.execute(update(Ranking).values(certainty="{}"))


def _lose_the_snapshot(session: Session, ranking: Ranking, instance: Path) -> None:
    file_of(instance, ranking.snapshot_sha256).unlink()


def _break_the_snapshot(session: Session, ranking: Ranking, instance: Path) -> None:
    file_of(instance, ranking.snapshot_sha256).write_bytes(b"not one")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_raise_a_score, "row: the database and the outcome differ"),
        (_move_a_person, "bottom: the database and the outcome differ"),
        (_forgive_a_line, "ledger: the database and the outcome differ"),
        (_edit_the_snapshot, "snapshot: its SHA-256 is another"),
        (_edit_the_outcome, "outcome: computed again it differs from the stored file"),
        (_edit_the_certainty, "certainty: computed again it differs from the stored file"),
        (_surer_than_it_is, "band: the database and the certainty differ at T"),
        (_better_odds, "chance: the database and the certainty differ at T"),
        (_finer_figures, "certainty: the figures of the database differ"),
        (_lose_the_snapshot, "file: No such file or directory"),
        (_break_the_snapshot, "snapshot: "),
    ],
)
def test_whatever_was_changed_afterwards_is_found(
    session: Session, here: Town, tmp_path: Path, spoil: Spoil, told: str
) -> None:
    ranking = frozen(session, tmp_path)
    spoil(session, ranking, tmp_path)
    session.expire_all()
    faults = verify(session, SEMESTER, instance=tmp_path).faults
    assert any(fault.startswith(told) for fault in faults), faults
