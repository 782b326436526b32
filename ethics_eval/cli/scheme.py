"""Schemes: import, and show."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ethics_eval.cli.running import OPERATOR, application, now, refuse, refusing
from ethics_eval.database import db, transaction
from ethics_eval.evaluation import queries
from ethics_eval.evaluation.service import import_scheme


@click.group("scheme")
def group() -> None:
    """What is weighed how."""


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_file(file: Path) -> None:
    """Keep a scheme FILE.json; the same version again changes nothing, another content is refused."""
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        refuse(f"{file}: not UTF-8")
    with application(), refusing(), transaction() as session:
        scheme = import_scheme(session, text, actor=OPERATOR, at=now())
        click.echo(f"{scheme.version}: {scheme.name}")


@group.command("show")
@click.argument("version", required=False)
def show(version: str | None) -> None:
    """The scheme of VERSION, or the one adopted last, as JSON."""
    with application():
        found = queries.scheme_version(db.session(), version)
        if found is None:
            refuse(f"no scheme {version or ''}".rstrip())
        click.echo(json.dumps(json.loads(found.document), ensure_ascii=False, indent=1))
