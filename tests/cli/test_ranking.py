"""``ethics-eval ranking``: what-if on files met exactly, refusals on one stream with their codes, and the proof."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from ethics_eval.accounts.rules import CLOCK
from ethics_eval.database import transaction
from ethics_eval.ranking import service
from ethics_eval.workbooks.writing import Column, Kind, Table, save_workbook
from tests.cli.running import on, run
from tests.ranking.rules.worked import expected
from tests.ranking.semesters import AT, SEMESTER, town
from tests.support.shared import shared
from tests.support.sheets import records_of, rows_of


def example(name: str) -> Path:
    return shared(f"examples/ranking/{name}")


def test_the_worked_example_is_written_as_the_method_says(tmp_path: Path) -> None:
    out = tmp_path / "结果.xlsx"
    done = run(
        "ranking", "try", "--scheme", example("scheme.json"), "--inputs", example("inputs.xlsx"), "-o", out
    )
    assert done.exit_code == 0, done.output
    assert "rated=78" in done.stdout
    wanted = expected()
    found = records_of(out, "排名", "教师编码")
    assert len(found) == len(wanted["people"])
    for who in wanted["people"]:
        row = found[who["no"]]
        score = who.get("score")
        assert row["综合得分"] == (None if score is None else pytest.approx(score / 100, abs=1e-9))
        assert row["名次"] == who.get("rank")
        assert row["学段名次"] == who.get("stage_rank")
        assert row["校内名次"] == who.get("school_rank")
        assert (row["状态"], row["原因"], row["等次"]) == (who["status"], who["reason"], who.get("grade"))
        assert (row["标记"] or "").split() == who["flags"]
        assert (row["学校标识码"], row["学段"]) == (who["school"], who["stage"])
        if row["名次"] is None:
            assert (row["名次下限"], row["名次上限"]) == (None, None)
        else:
            assert 1 <= row["名次下限"] <= row["名次"] <= row["名次上限"] <= 78
    bottom = rows_of(out, "后五名")[1:]
    assert [[row[0], row[4]] for row in bottom] == wanted["bottom"]
    notes = records_of(out, "说明", "项目")
    assert notes["同分整组未列人数"]["内容"] == wanted["dropped"]


def test_a_scheme_with_faults_is_refused_with_their_paths(tmp_path: Path) -> None:
    scheme = tmp_path / "scheme.json"
    text = example("scheme.json").read_text("utf-8").replace('"trim_percent": 10', '"trim_percent": 60', 1)
    scheme.write_text(text, "utf-8")
    out = tmp_path / "out.xlsx"
    done = run("ranking", "try", "--scheme", scheme, "--inputs", example("inputs.xlsx"), "-o", out)
    assert done.exit_code == 1
    assert done.stderr == "components.peer.trim_percent: 60 must be below 50\n"
    assert not out.exists()


def test_rows_that_cannot_be_taken_are_each_told(tmp_path: Path) -> None:
    inputs = tmp_path / "in.xlsx"
    headings = ("教师编码", "姓名", "学校标识码", "学段", "周数", "暂缓原因", "未决", "警告")
    rows = [
        ("T1", "张三", "2143000001", "PRI", 0, None, None, None),
        ("T2", "李四", "", "PRI", 20, None, None, 7),
    ]
    save_workbook(inputs, [Table("教师", [Column(name, Kind.ANY) for name in headings], rows)])
    scheme = tmp_path / "scheme.json"
    scheme.write_text(run("scheme", "show", instance=_upgraded(tmp_path)).stdout, "utf-8")
    done = run("ranking", "try", "--scheme", scheme, "--inputs", inputs, "-o", tmp_path / "out.xlsx")
    assert done.exit_code == 1
    assert [line.split("：")[0] for line in done.stderr.splitlines()] == [
        "教师 第 2 行 周数",
        "教师 第 3 行 学校标识码",
        "教师 第 3 行 警告",
    ]


def test_wrong_use_is_exit_code_two(tmp_path: Path) -> None:
    assert run("ranking", "try", "--scheme", tmp_path / "none.json", "-o", tmp_path / "x").exit_code == 2
    assert run("ranking").exit_code == 2


def _upgraded(folder: Path) -> Path:
    instance = folder / "instance"
    done = run("db", "upgrade", instance=instance)
    assert done.exit_code == 0, done.output
    return instance


@pytest.fixture
def frozen(app: Flask) -> Iterator[Flask]:
    """A town whose semester is frozen."""
    with app.app_context():
        with transaction() as session:
            town(session)
            service.open_semester(session, SEMESTER, actor=CLOCK, at=AT)
            service.freeze(session, SEMESTER, actor=CLOCK, at=AT, instance=Path(app.config["INSTANCE"]))
        yield app


def test_a_ranking_is_proven_and_exported(frozen: Flask, tmp_path: Path) -> None:
    proof = on(frozen, "ranking", "verify", SEMESTER)
    assert (proof.exit_code, proof.stdout.splitlines()[-1]) == (0, "ok"), proof.output
    out = tmp_path / "榜单.xlsx"
    done = on(frozen, "ranking", "export", SEMESTER, "-o", out)
    assert done.exit_code == 0, done.output
    assert len(rows_of(out, "排名")) > 40
    for path in (Path(frozen.config["INSTANCE"]) / "snapshots").iterdir():
        path.write_bytes(path.read_bytes().replace(b"T00", b"T99"))
    broken = on(frozen, "ranking", "verify", SEMESTER)
    assert broken.exit_code == 1
    assert "snapshot: its SHA-256 is another" in broken.stderr


def test_a_semester_without_ranking_is_refused(frozen: Flask, tmp_path: Path) -> None:
    for command in (("verify", "2025-2026-2"), ("export", "2025-2026-2", "-o", tmp_path / "x.xlsx")):
        done = on(frozen, "ranking", *command)
        assert (done.exit_code, done.stderr) == (1, "学期 2025-2026-2 还没有冻结的榜单。\n")
    unknown = on(frozen, "ranking", "export", SEMESTER, "--school", "9", "-o", tmp_path / "x.xlsx")
    assert unknown.exit_code == 1
    assert not (tmp_path / "x.xlsx").exists()


def test_the_steps_and_the_clock_on_the_command_line(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        town(session)
    early = on(app, "semester", "freeze", SEMESTER)
    assert (early.exit_code, early.stderr) == (1, "学期目前为“未开始”，还不能冻结数据并计算。\n")
    assert on(app, "semester", "open", "2099-2100-1").exit_code == 1
    assert on(app, "semester", "open", SEMESTER).stdout == f"{SEMESTER}: open\n"
    assert "nothing changed" in on(app, "semester", "open", SEMESTER).stdout
    assert on(app, "jobs", "tick", "--at", "2026-01-30T17:59").stdout == ""
    at_freeze = on(app, "jobs", "tick", "--at", "2026-01-30T18:00")
    assert at_freeze.stdout == f"{SEMESTER} freeze\n", at_freeze.output
    assert on(app, "jobs", "tick", "--at", "2026-01-30T18:00").stdout == ""
    week = on(app, "jobs", "tick", "--at", (AT + timedelta(days=40)).isoformat())
    assert week.stdout == f"{SEMESTER} announce\n"
    last = on(app, "jobs", "tick", "--at", (AT + timedelta(days=60)).isoformat())
    assert last.stdout == f"{SEMESTER} publish\n"
    assert on(app, "jobs", "tick", "--at", "tomorrow").exit_code == 2


def test_a_scheme_is_imported_once_and_shown(tmp_path: Path) -> None:
    instance = _upgraded(tmp_path)
    shown = run("scheme", "show", instance=instance)
    file = tmp_path / "next.json"
    file.write_text(shown.stdout.replace('"2025-1"', '"2026-1"'), "utf-8")
    assert run("scheme", "import", file, instance=instance).stdout.startswith("2026-1")
    assert '"2026-1"' in run("scheme", "show", instance=instance).stdout
    assert '"2025-1"' in run("scheme", "show", "2025-1", instance=instance).stdout
    assert run("scheme", "show", "1999-1", instance=instance).exit_code == 1
    file.write_text(file.read_text("utf-8").replace('"min_list": 30', '"min_list": 31'), "utf-8")
    edited = run("scheme", "import", file, instance=instance)
    assert edited.exit_code == 1
    assert edited.stderr.startswith("version: ")
