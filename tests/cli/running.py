"""Commands run in this process, on the database and instance folder of an application."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result
from flask import Flask

from ethics_eval.cli import cli
from tests.support.databases import SETTINGS


def run(
    *arguments: str | Path, instance: Path | None = None, url: str | None = None, given: str | None = None
) -> Result:
    """The result of a command; ``given`` is its standard input."""
    environment = {
        "ETHICS_EVAL_INSTANCE": str(instance) if instance else None,
        "DATABASE_URL": url,
        "SECRET_KEY": SETTINGS["SECRET_KEY"],
        "ETHICS_EVAL_MASTER_KEY": SETTINGS["ETHICS_EVAL_MASTER_KEY"],
    }
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], env=environment, input=given)


def on(app: Flask, *arguments: str | Path, given: str | None = None) -> Result:
    """The same on the application's own database and folder."""
    return run(*arguments, instance=Path(app.config["INSTANCE"]), url=app.config["DATABASE_URL"], given=given)
