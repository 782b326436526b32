"""One teacher's lines are found in a snapshot without reading the rest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from ethics_eval.ranking.archive import file_of, snapshot_means, teacher_inputs, write_file
from ethics_eval.ranking.rules.computation import measure
from ethics_eval.ranking.rules.derivation import round_means
from ethics_eval.ranking.rules.inputs import FlaggedInput, Inputs
from ethics_eval.ranking.rules.snapshot import SnapshotBroken, digest, snapshot_bytes
from tests.ranking.rules.test_computation import EXAMPLE, cities, person
from tests.ranking.rules.test_derivation import of_one


def canonical(inputs: Inputs) -> bytes:
    return snapshot_bytes(inputs, semester="2025-2026-1", code_version="1")


@given(cities())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_each_teacher_is_found_whole(tmp_path: Path, city: Inputs) -> None:
    flagged = [
        FlaggedInput(row.teacher, row.school, row.component, row.item, row.counts) for row in city.tallies
    ]
    city = replace(city, flagged=flagged[::2])
    content = canonical(city)
    write_file(tmp_path, content)
    sha = digest(content)
    for teacher in sorted({row.teacher for row in city.postings}):
        keys = [row.key for row in city.findings if row.teacher == teacher]
        found = teacher_inputs(tmp_path, sha, teacher, keys)
        assert canonical(found) == canonical(of_one(city, teacher))
    for nobody in ("T", "T99"):
        with pytest.raises(SnapshotBroken):
            teacher_inputs(tmp_path, sha, nobody, [])
    assert snapshot_means(file_of(tmp_path, sha)) == round_means(measure(city))


def test_a_damaged_or_missing_file_is_told(tmp_path: Path) -> None:
    content = canonical(person("T1", EXAMPLE))
    with pytest.raises(OSError, match="No such file"):
        teacher_inputs(tmp_path, digest(content), "T1", [])
    write_file(tmp_path, content)
    file_of(tmp_path, digest(content)).write_bytes(content.replace(b'"posting"', b'"pasting"'))
    with pytest.raises(SnapshotBroken):
        teacher_inputs(tmp_path, digest(content), "T1", [])
