"""73,421 real ratings of 1,128 lecturers, as tallies through ``ranking try``: every score again in exact fractions."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from fractions import Fraction
from importlib.resources import files
from pathlib import Path

from click.testing import CliRunner

from ethics_eval.cli import cli
from ethics_eval.workbooks.writing import Column, Kind, Table, save_workbook
from tests.support.shared import shared
from tests.support.sheets import records_of

SCHOOL = "3143000001"
OPTIONS = (100, 85, 70, 55, 0)
PRIOR = 16
VOTES = ("教师编码", "学校标识码", "部分", "题目", "选项", "票数", "应评人数")
TEACHERS = ("教师编码", "姓名", "学校标识码", "学段", "周数", "暂缓原因", "未决", "警告")


def ratings() -> dict[str, Counter[int]]:
    """Lecturer → option (1 the best) → how many; y = 5 is the best mark."""
    found: dict[str, Counter[int]] = defaultdict(Counter)
    with shared("data/ballots_insteval.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[f"D{int(row['d']):05}"][6 - int(row["y"])] += 1
    return found


def scheme() -> str:
    """The default scheme with the pupils' part alone: the data have no other raters."""
    raw = json.loads(files("ethics_eval.evaluation").joinpath("default_scheme.json").read_text("utf-8"))
    for name, rule in raw["components"].items():
        rule["weight"] = 10_000 if name == "pupil" else 0
    return json.dumps(raw)


def half_up(value: Fraction) -> int:
    return int(value + Fraction(1, 2))


def trimmed(counts: Counter[int]) -> tuple[int, int]:
    ballots = sorted(OPTIONS[option - 1] for option, count in counts.items() for _ in range(count))
    cut = len(ballots) // 10
    left = ballots[cut : len(ballots) - cut]
    return half_up(Fraction(sum(left) * 10_000, len(left))), len(ballots)


def by_hand(counts: dict[str, Counter[int]]) -> dict[str, int]:
    """Lecturer → score in hundredths, of those with at least ten ratings (turnout is not known)."""
    valid = {name: trimmed(row) for name, row in counts.items() if row.total() >= 10}
    mean = half_up(Fraction(sum(s * n for s, n in valid.values()), sum(n for _s, n in valid.values())))
    pulled = {name: half_up(Fraction(n * s + PRIOR * mean, n + PRIOR)) for name, (s, n) in valid.items()}
    return {name: half_up(Fraction(score, 100)) for name, score in pulled.items()}


def test_every_real_rating_is_counted_and_every_score_is_exact(tmp_path: Path) -> None:
    counts = ratings()
    assert (len(counts), sum(row.total() for row in counts.values())) == (1128, 73_421)
    inputs, out, scheme_file = tmp_path / "in.xlsx", tmp_path / "out.xlsx", tmp_path / "scheme.json"
    scheme_file.write_text(scheme(), "utf-8")
    save_workbook(
        inputs,
        [
            Table(
                "教师",
                [Column(name, Kind.ANY) for name in TEACHERS],
                [(name, name, SCHOOL, "JUN", 20, None, None, None) for name in counts],
            ),
            Table(
                "票数",
                [Column(name, Kind.ANY) for name in VOTES],
                [
                    (name, SCHOOL, "pupil", "S1", option, count, None)
                    for name, row in counts.items()
                    for option, count in row.items()
                ],
            ),
        ],
    )
    arguments = ["ranking", "try", "--scheme", str(scheme_file), "--inputs", str(inputs), "-o", str(out)]
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 0, done.output
    rows = records_of(out, "排名", "教师编码")
    wanted = by_hand(counts)
    assert {name: round(row["综合得分"] * 100) for name, row in rows.items()} == wanted
    ordered = sorted(wanted.values(), reverse=True)
    assert {name: row["名次"] for name, row in rows.items()} == {
        name: ordered.index(value) + 1 for name, value in wanted.items()
    }
    assert len(rows) == 1128  # all have at least ten ratings
