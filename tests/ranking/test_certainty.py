"""How sure a ranking is, kept beside it: rows, list, figures, the file; flagged ballots are frozen with the rest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Role
from ethics_eval.evaluation.models import FlaggedTally
from ethics_eval.ranking import queries
from ethics_eval.ranking.archive import file_of
from ethics_eval.ranking.models import BottomEntry, RankingRow
from ethics_eval.ranking.proof import verify
from ethics_eval.ranking.queries import WHOLE_CITY, sight_of
from ethics_eval.ranking.queries.standing import standing
from ethics_eval.ranking.rules.snapshot import digest, read_snapshot
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.vault.service import Vault
from tests.ranking.doubtful import CHARGED, DoubtfulCity
from tests.support.ranked import SEMESTER


@pytest.fixture
def town(session: Session, tmp_path: Path) -> DoubtfulCity:
    """Open, with three ballots on the last teacher that looked careless, and some on nobody's tally."""
    made = DoubtfulCity(session, Vault(bytes(range(32))), tmp_path)
    last = made.teachers[-1]
    key = {"semester_code": SEMESTER, "school_id": last.postings[0].school_id, "item": "S1"}
    session.execute(
        insert(FlaggedTally),
        [
            {**key, "teacher_id": last.id, "component": "pupil", "option_3": 30},
            {**key, "teacher_id": last.id, "component": "parent", "option_3": 3},
            {**key, "teacher_id": made.carer.id, "component": "pupil", "option_3": 3},
        ],
    )
    made.lead_to(Step.OPEN)
    return made


def test_it_is_kept_with_the_ranking_and_proved(town: DoubtfulCity) -> None:
    session = town.session
    town.take(Step.FREEZE)
    ranking = standing(session, SEMESTER)
    content = file_of(town.instance, ranking.certainty_sha256).read_bytes()
    assert digest(content) == ranking.certainty_sha256
    places = [line for line in map(json.loads, content.decode().splitlines()) if line["kind"] == "place"]
    rows = session.execute(
        select(
            RankingRow.place,
            RankingRow.band_low,
            RankingRow.band_high,
            RankingRow.set_low,
            RankingRow.set_high,
        ).where(RankingRow.ranking_id == ranking.id, RankingRow.place.is_not(None))
    ).all()
    assert len(rows) == len(places) == 40
    assert sorted([*row.band, *row.set] for row in map(_Row, places)) == sorted(
        [list(row[1:]) for row in rows]
    )
    assert all(row.band_low <= row.place <= row.band_high for row in rows)
    unrated = session.scalars(
        select(RankingRow.band_low).where(RankingRow.ranking_id == ranking.id, RankingRow.place.is_(None))
    ).all()
    assert unrated == [None]
    entries = session.scalars(select(BottomEntry).where(BottomEntry.ranking_id == ranking.id)).all()
    assert all(entry.separable is not None and entry.chance_permille is not None for entry in entries)
    assert verify(session, SEMESTER, instance=town.instance).faults == ()


class _Row:
    """The two ranges of a line of the file."""

    def __init__(self, line: dict[str, list[int]]) -> None:
        self.band, self.set = line["band"], line["set"]


def test_flagged_ballots_of_counted_tallies_are_frozen(town: DoubtfulCity) -> None:
    """Not those on what does not count; and the page says who would come and go without them."""
    town.take(Step.FREEZE)
    ranking = standing(town.session, SEMESTER)
    flagged = list(read_snapshot(file_of(town.instance, ranking.snapshot_sha256).read_bytes()).inputs.flagged)
    assert [(row.teacher, row.component, row.counts) for row in flagged] == [
        ("T0039", "pupil", (0, 0, 30, 0, 0))
    ]
    view = queries.certainty_view(town.session, WHOLE_CITY, ranking.id)
    assert view is not None
    change = next(change for change in view.changes if change.code == "unflagged")
    assert [person.number for person in change.left] == ["T0039"]


def test_the_view_is_for_those_who_may_see_the_list(town: DoubtfulCity) -> None:
    town.take(Step.FREEZE)
    session, ranking = town.session, standing(town.session, SEMESTER)
    view = queries.certainty_view(session, sight_of(session, town.bureau), ranking.id)
    assert view is not None
    assert (view.figures.rated, view.figures.measured, view.figures.listed) == (40, 40, 5)
    assert [line.row.place for line in view.last][0] == max(line.row.place or 0 for line in view.last)
    assert len(view.last) == 30
    assert {line.person.number for line in view.lowest if line.low.listed} == {
        line.number for line in queries.bottom_lines(session, WHOLE_CITY, ranking.id)
    }
    for actor in (town.district, town.officer, town.head):
        assert queries.certainty_view(session, sight_of(session, actor), ranking.id) is None


def test_a_listed_teacher_knows_the_own_chance_and_nobody_elses(town: DoubtfulCity) -> None:
    charged = town.account(Role.TEACHER, teacher=town.charged)
    fine = town.account(Role.TEACHER, teacher=town.teachers[0])
    town.lead_to(Step.ANNOUNCE)
    entry = town.session.get_one(BottomEntry, (standing(town.session, SEMESTER).id, town.charged.id))
    entry.withheld = True
    town.session.flush()
    town.take(Step.PUBLISH)
    (own,) = queries.own_scores(town.session, charged)
    assert own.sure is not None
    assert own.sure.chance_permille == entry.chance_permille
    (other,) = queries.own_scores(town.session, fine)
    assert other.sure is None
    assert other.line.band_low == 1
    for actor, sees in ((town.bureau, True), (town.head, False), (town.district, False)):
        sight = sight_of(town.session, actor)
        ranking = queries.ranking_of(town.session, sight, SEMESTER)
        assert ranking is not None
        score = queries.teacher_score(town.session, sight, actor, ranking, f"T{CHARGED:04d}")
        assert score is not None
        assert (score.sure is not None) is sees
