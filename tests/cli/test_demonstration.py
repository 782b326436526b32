"""``ethics-eval demo``: one JSON object, accounts kept for the owner alone, and never over what is there."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from ethics_eval.cli import cli
from ethics_eval.cli.demonstration import TOLD, told
from ethics_eval.complaints.rules.machine import CaseStatus
from ethics_eval.complaints.rules.query_code import normalise
from tests.support.databases import SETTINGS

pytestmark = pytest.mark.xdist_group("demonstration")


def run(app: Flask, *arguments: str) -> Result:
    environment = {
        "ETHICS_EVAL_INSTANCE": str(app.config["INSTANCE"]),
        "DATABASE_URL": app.config["DATABASE_URL"],
        "SECRET_KEY": SETTINGS["SECRET_KEY"],
        "ETHICS_EVAL_MASTER_KEY": SETTINGS["ETHICS_EVAL_MASTER_KEY"],
    }
    return CliRunner().invoke(cli, ["demo", *arguments], env=environment)


def test_an_empty_instance_is_filled_once(app: Flask) -> None:
    done = run(app, "--schools", "12", "--teachers", "150", "--json")
    assert (done.exit_code, done.stderr) == (0, ""), done.output
    made = json.loads(done.stdout)
    assert set(made) == {"semesters", "schools", "accounts", "query_codes", "ballot_codes"}
    assert [(row["code"], row["status"]) for row in made["semesters"]] == [
        ("2025-2026-1", "published"),
        ("2025-2026-2", "open"),
    ]
    assert len(made["schools"]) == 12
    assert all(set(row) == {"code", "name", "district", "mailbox"} for row in made["schools"])
    codes = {row["code"] for row in made["schools"]}
    scopes = {"school", "district", "teacher"}
    for account in made["accounts"]:
        assert set(account) - scopes == {"username", "password", "role"}
        assert len(scopes & set(account)) == (
            0
            if account["role"] in {"bureau_officer", "bureau_head", "custodian", "auditor", "sysadmin"}
            else 1
        )
        assert account.get("school") in {None, *codes}
    assert len({account["role"] for account in made["accounts"]}) == 9
    assert len(made["query_codes"]) >= 120
    assert {row["status"] for row in made["query_codes"]} == set(CaseStatus)
    assert all(normalise(row["code"]) and row["school"] in codes for row in made["query_codes"])

    kept = Path(app.config["INSTANCE"]) / TOLD
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    text = told(kept.parent)
    assert all(f"{row['username']} " in text and row["password"] in text for row in made["accounts"])
    assert made["query_codes"][-1]["code"] in text
    assert "虚构" in text

    again = run(app, "--schools", "12", "--teachers", "150")
    assert (again.exit_code, again.stdout) == (1, "")
    assert again.stderr == "实例里已有学校、账号或案件，演示城市只能装入空的实例。\n"
    unasked = run(app, "--if-empty")
    assert (unasked.exit_code, unasked.output) == (0, "")


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--schools", "9"), 2),
        (("--schools", "60", "--teachers", "400"), 2),
        (("--schools", "12", "--teachers", "150", "--semester", "2031-2032-1"), 1),
    ],
)
def test_what_cannot_be_made(app: Flask, arguments: tuple[str, ...], code: int) -> None:
    done = run(app, *arguments)
    assert (done.exit_code, done.stdout) == (code, "")
    assert told(Path(app.config["INSTANCE"])) == ""
