"""A scheme on the snapshot of a semester: read from its file, kept for a while, refused where the file was altered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from ethics_eval.ranking import what_if
from ethics_eval.ranking.archive import file_of
from ethics_eval.ranking.queries import WHOLE_CITY, rankings
from ethics_eval.ranking.what_if import KEPT, try_scheme
from ethics_eval.text import RuleViolation
from tests.ranking.semesters import frozen, town


def test_a_trial_names_people_as_the_ranking_does_and_is_computed_once(
    session: Session, tmp_path: Path
) -> None:
    town(session)
    frozen(session, tmp_path)
    (ranking,) = rankings(session, WHOLE_CITY)
    draft = replace(ranking.scheme, version="draft", bottom=3)
    trial = try_scheme(session, WHOLE_CITY, ranking, draft, instance=tmp_path)
    assert trial.found.counts == ranking.counts
    assert trial.found.new_counts["listed"] == 3
    assert trial.lines.keys() == trial.found.teachers()
    assert all(line.name.startswith("教师") for line in trial.lines.values())

    file_of(tmp_path, ranking.snapshot_sha256).write_bytes(b"altered")
    assert try_scheme(session, WHOLE_CITY, ranking, draft, instance=tmp_path).found is trial.found
    for count in range(KEPT + 1):
        with pytest.raises(RuleViolation) as refused:
            try_scheme(session, WHOLE_CITY, ranking, replace(draft, min_list=count + 1), instance=tmp_path)
        assert refused.value.code == "what_if.snapshot"
    assert len(what_if._kept) <= KEPT
