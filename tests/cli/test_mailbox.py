"""``ethics-eval mailbox posters``: one PDF, or one line that says why not."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from ethics_eval.accounts.models import AuditEvent
from ethics_eval.database import db
from tests.cli.running import on
from tests.support.city import SCHOOLS

pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    ("arguments", "schools"),
    [
        ([], [0, 1, 2]),
        (["--district", "430202"], [0, 1]),
        (["--school", SCHOOLS[2][0], "--size", "A5"], [2]),
    ],
)
def test_a_page_for_each_school(
    city: Flask, tmp_path: Path, arguments: list[str], schools: list[int]
) -> None:
    out = tmp_path / "海报.pdf"
    done = on(city, "mailbox", "posters", "-o", out, *arguments)
    assert (done.exit_code, done.stdout) == (0, f"{out}\n"), done.output
    texts = [page.extract_text().replace("\n", "") for page in PdfReader(out).pages]
    assert len(texts) == len(schools)
    for text, place in zip(texts, schools, strict=True):
        assert SCHOOLS[place][1] in text
    assert [path.name for path in tmp_path.glob("*.pdf*")] == [out.name]
    with city.app_context():
        assert "mailbox.posters_printed" in db.session.scalars(select(AuditEvent.action)).all()


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("out.pdf", ["--district", "999999"], 1),
        ("out.pdf", ["--school", "nothing"], 1),
        ("out.html", [], 2),
        ("out.pdf", ["--size", "A3"], 2),
        ("missing/out.pdf", [], 1),
    ],
)
def test_a_refusal_leaves_nothing(
    city: Flask, tmp_path: Path, name: str, arguments: list[str], code: int
) -> None:
    done = on(city, "mailbox", "posters", "-o", tmp_path / name, *arguments)
    assert done.exit_code == code, done.output
    assert not (tmp_path / name).exists()
    if code == 1:
        assert done.stderr.count("\n") == 1
