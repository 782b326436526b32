"""A province on DuckDB says what the embedded engine says, to the last digit."""

from __future__ import annotations

from pathlib import Path

import pytest

from ethics_eval.province.ranking import rank_province
from ethics_eval.text import RuleViolation
from tests.province.provinces import check_equal, province, written


@pytest.mark.parametrize("seed", range(6))
def test_random_provinces_equal_the_embedded_engine(seed: int, tmp_path: Path) -> None:
    parts = province(seed)
    found = rank_province(written(parts, tmp_path))
    check_equal(found, parts)
    assert found.listed
    assert found.rated > 10


def test_cities_by_different_schemes_are_refused(tmp_path: Path) -> None:
    first, second = province(1)["430200"], province(2)["430200"]
    folder = written({"a": first, "b": second}, tmp_path)
    with pytest.raises(RuleViolation, match="考评方案不同"):
        rank_province(folder)


def test_an_empty_folder_and_an_unknown_engine_are_told(tmp_path: Path) -> None:
    with pytest.raises(RuleViolation, match="没有城市快照"):
        rank_province(tmp_path)
    with pytest.raises(RuleViolation, match="没有这个计算引擎"):
        rank_province(written(province(1), tmp_path), address="abacus")
