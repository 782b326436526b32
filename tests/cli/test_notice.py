"""``ethics-eval notice export``: one file with all it needs inside, and one line for what is not offered."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from lxml import html

from ethics_eval.cli import cli
from ethics_eval.database import transaction
from ethics_eval.printing import Printer
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.text import RuleViolation
from tests.support.databases import SETTINGS
from tests.support.ranked import SEMESTER, RankedCity


def run(app: Flask, *arguments: str | Path) -> Result:
    environment = {
        "ETHICS_EVAL_INSTANCE": str(app.config["INSTANCE"]),
        "DATABASE_URL": str(app.config["DATABASE_URL"]),
        "SECRET_KEY": SETTINGS["SECRET_KEY"],
        "ETHICS_EVAL_MASTER_KEY": SETTINGS["ETHICS_EVAL_MASTER_KEY"],
    }
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], env=environment)


@pytest.fixture
def published(app: Flask) -> Flask:
    """The application with a published semester."""
    with app.app_context(), transaction() as session:
        city = RankedCity(session, app.extensions["vault"], app.config["INSTANCE"])
        city.give_all()
        city.charge(city.teachers[35])
        city.lead_to(Step.PUBLISH)
    return app


def test_the_circular_is_one_file_that_loads_nothing(published: Flask, tmp_path: Path) -> None:
    out = tmp_path / "通报.html"
    done = run(published, "notice", "export", SEMESTER, "-o", out)
    assert (done.exit_code, done.stdout) == (0, f"{out}\n"), done.output
    text = out.read_text("utf-8")
    tree = html.fromstring(text)
    assert tree.xpath("//title/text()") == [
        "株洲市教育局关于2025—2026学年度第一学期教师师德师风考评情况的通报 株教通〔2026〕1号"
    ]
    said = tree.xpath("string(//article)")
    assert "特此通报。" in said
    assert "抄送：" in said
    (styles,) = tree.xpath("//style/text()")
    assert '"FangSong_GB2312"' in styles  # quotes as they are, not escaped
    assert "@page document" in styles
    assert not tree.xpath("//link | //script | //img | //*[@src] | //*[@style]")
    assert "url(" not in styles


@pytest.mark.parametrize(("name", "begins"), [("通报.pdf", b"%PDF-"), ("通报.docx", b"PK")])
def test_the_circular_is_to_be_had_as_pdf_and_word(
    published: Flask, tmp_path: Path, name: str, begins: bytes
) -> None:
    done = run(published, "notice", "export", SEMESTER, "-o", tmp_path / name)
    assert (done.exit_code, done.stdout) == (0, f"{tmp_path / name}\n"), done.output
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_without_pango_one_line_says_what_to_install(
    published: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Printer, *_arguments: object, **_more: object) -> None:
        raise RuleViolation("printing.unavailable", "apt-get install libpangoft2-1.0-0")

    monkeypatch.setattr(Printer, "__init__", refuse)
    done = run(published, "notice", "export", SEMESTER, "-o", tmp_path / "out.pdf")
    assert (done.exit_code, done.stderr) == (1, "apt-get install libpangoft2-1.0-0\n")
    assert not (tmp_path / "out.pdf").exists()


def test_other_formats_are_refused_in_one_line(published: Flask, tmp_path: Path) -> None:
    done = run(published, "notice", "export", SEMESTER, "-o", tmp_path / "通报")
    assert done.exit_code == 2
    assert done.stderr.count("\n") == 1
    assert "the name must end in .pdf, .docx or .html" in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "通报").exists()


def test_a_semester_without_circular_is_refused(published: Flask, tmp_path: Path) -> None:
    done = run(published, "notice", "export", "2025-2026-2", "-o", tmp_path / "out.html")
    assert (done.exit_code, done.stderr) == (1, "no circular was issued for 2025-2026-2\n")
    assert not (tmp_path / "out.html").exists()


def test_a_file_that_cannot_be_written_is_told(published: Flask, tmp_path: Path) -> None:
    done = run(published, "notice", "export", SEMESTER, "-o", tmp_path / "missing" / "out.html")
    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1
    assert "No such file or directory" in done.stderr
