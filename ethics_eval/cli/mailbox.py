"""Posters of the mailboxes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
from flask import current_app

from ethics_eval.accounts.service import record
from ethics_eval.cli.running import OPERATOR, application, now, refuse, refusing, vault
from ethics_eval.complaints.posters import PaperSize, posters, write_posters
from ethics_eval.database import new_id, transaction
from ethics_eval.jobs.kinds import Means, poster_layout, poster_styles


@click.group("mailbox")
def group() -> None:
    """The schools' mailboxes."""


@group.command("posters")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--district", metavar="CODE", help="only the schools of this district (six digits)")
@click.option("--school", metavar="CODE", help="only this school (its code on the roster)")
@click.option(
    "--size", default="A4", show_default=True, type=click.Choice([size.value for size in PaperSize])
)
def print_posters(output: Path, district: str | None, school: str | None, size: str) -> None:
    """Write the QR posters of all schools with an open mailbox, a page each, to OUT.pdf."""
    if output.suffix.lower() != ".pdf":
        raise click.UsageError(f"{output}: posters are written as .pdf")
    with application(), refusing():
        means = Means(vault(), current_app.config, current_app.jinja_env)
        with transaction() as session:
            wanted = posters(
                session, means.vault, means.settings["PUBLIC_BASE_URL"], district=district, school=school
            )
            record(session, OPERATOR, now(), "mailbox.posters_printed", "mailbox", "many", count=len(wanted))
        part = output.with_name(f".{output.name}.{new_id()}")
        try:
            write_posters(
                wanted,
                part,
                size=PaperSize(size),
                layout=poster_layout(means),
                styles=poster_styles(),
                tell=_tell,
            )
            os.replace(part, output)
        except OSError as error:
            refuse(f"{output}: {error.strerror}")
        finally:
            part.unlink(missing_ok=True)
        click.echo(str(output))


def _tell(done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done} / {total}", nl=done == total, err=True)
