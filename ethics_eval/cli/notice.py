"""The circular of a semester as a file."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask import current_app
from markupsafe import Markup

from ethics_eval.cli.running import application, refuse, refusing
from ethics_eval.database import db
from ethics_eval.notices.document import from_json
from ethics_eval.notices.queries import circular_of

WRONG_USE = 2


@click.group("notice")
def group() -> None:
    """Notices that were issued."""


@group.command("export")
@click.argument("semester")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path))
def export(semester: str, output: Path) -> None:
    """Write the circular of SEMESTER as it was issued: one printable OUT.html with all it needs inside."""
    if output.suffix.lower() != ".html":
        click.echo(
            f"{output}: only .html is offered, for instance {output.with_suffix('.html').name}", err=True
        )
        sys.exit(WRONG_USE)
    with application() as app, refusing():
        circular = circular_of(db.session(), semester)
        if circular is None:
            refuse(f"no circular was issued for {semester}")
        styles = Path(str(app.static_folder), "document.css").read_text("utf-8")
        # the page's own style sheet, not what anybody wrote; escaped, its quotes would be lost
        page = current_app.jinja_env.get_template("documents/notice_file.html").render(
            document=from_json(circular.document),
            styles=Markup(styles),  # noqa: S704
        )
        try:
            output.write_text(page, "utf-8")
        except OSError as error:
            refuse(f"{output}: {error.strerror}")
        click.echo(str(output))
