"""What every command needs: the application, the operator, the clock, and how a refusal is told."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import click
from flask import Flask, current_app
from sqlalchemy.exc import OperationalError, ProgrammingError

from ethics_eval.accounts.rules import Actor
from ethics_eval.app import create_app
from ethics_eval.config import ConfigurationError
from ethics_eval.database import db
from ethics_eval.roster.rules.calendar import CITY_TIME
from ethics_eval.text import RuleViolation
from ethics_eval.vault.service import Vault

OPERATOR = Actor(id=None, role=None, display_name="operator")
REFUSED = 1


def now() -> datetime:
    """The present instant; the command line reads the clock here and nowhere else."""
    return datetime.now(UTC)


def city_instant(text: str) -> datetime:
    """An aware instant of ISO 8601 text; without a zone it is the city's time. Raises: ValueError."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo is not None else at.replace(tzinfo=CITY_TIME)


@contextmanager
def application() -> Iterator[Flask]:
    """The application with its context; configuration errors are one line and exit code 2."""
    try:
        app = create_app()
    except ConfigurationError as error:
        raise click.UsageError(str(error)) from error
    with app.app_context():
        try:
            yield app
        except (OperationalError, ProgrammingError) as error:
            # what the drivers say may hold values; the first line names the table or the server
            refuse(
                f"{str(error.orig).splitlines()[0]} (has the database been migrated? ethics-eval db upgrade)"
            )
        finally:
            db.session.remove()
            db.engine.dispose()


def refuse(text: str) -> NoReturn:
    """Say why on stderr and end with exit code 1."""
    click.echo(text, err=True)
    sys.exit(REFUSED)


@contextmanager
def refusing() -> Iterator[None]:
    """Rule violations become one line and exit code 1."""
    try:
        yield
    except RuleViolation as violation:
        refuse(str(violation))


def vault() -> Vault:
    """The vault of the instance."""
    found: Vault = current_app.extensions["vault"]
    return found


def instance() -> Path:
    """The instance folder."""
    return Path(current_app.config["INSTANCE"])
