"""The circular of a semester as a file."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ethics_eval.cli.running import application, refuse, refusing
from ethics_eval.database import db
from ethics_eval.notices.document import from_json
from ethics_eval.notices.paper import FileKind, Press
from ethics_eval.notices.queries import circular_of, mark_of_notice

WRONG_USE = 2


@click.group("notice")
def group() -> None:
    """Notices that were issued."""


@group.command("export")
@click.argument("semester")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path))
def export(semester: str, output: Path) -> None:
    """Write the circular of SEMESTER as it was issued: OUT.pdf, OUT.docx, or one printable OUT.html.

    One that was corrected or withdrawn says so on every page.
    """
    try:
        kind = FileKind(output.suffix.lower().removeprefix("."))
    except ValueError:
        click.echo(f"{output}: the name must end in .pdf, .docx or .html", err=True)
        sys.exit(WRONG_USE)
    with application() as app, refusing():
        circular = circular_of(db.session(), semester)
        if circular is None:
            refuse(f"no circular was issued for {semester}")
        press = Press(app.jinja_env, Path(app.config["INSTANCE"]))
        content = press.make(kind, from_json(circular.document), mark_of_notice(db.session(), circular))
        try:
            output.write_bytes(content)
        except OSError as error:
            refuse(f"{output}: {error.strerror}")
        click.echo(str(output))
