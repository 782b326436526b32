"""The application on a database of the tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_migrate
from flask import Flask

from ethics_eval.app import configure_logging, create_app
from ethics_eval.cli.database import upgrade_database
from ethics_eval.database import db
from tests.support.databases import SETTINGS


@contextmanager
def application(url: str, instance: Path) -> Iterator[Flask]:
    """The application on the database at ``url``; its connections are closed at the end."""
    configure_logging()
    app = create_app({**SETTINGS, "DATABASE_URL": url, "INSTANCE": instance})
    try:
        yield app
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def migrate(url: str, instance: Path) -> None:
    """Bring an empty database to the newest schema."""
    with application(url, instance) as app, app.app_context():
        flask_migrate.upgrade()


def prepare(url: str, instance: Path) -> None:
    """Do what ``ethics-eval db upgrade`` does."""
    with application(url, instance) as app, app.app_context():
        upgrade_database()
