"""Migrating the database, and comparing it with the models."""

from __future__ import annotations

import click
import flask_migrate
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from ethics_eval.cli.running import OPERATOR, application, now, vault
from ethics_eval.database import db, transaction
from ethics_eval.jobs.instance import prepare_instance


@click.group("db")
def group() -> None:
    """Migrate the database, and compare it with the models."""


def upgrade_database() -> None:
    """Bring the schema up to date and load what every instance has: districts, calendar, semesters, scheme, keys."""
    flask_migrate.upgrade()
    with transaction() as session:
        prepare_instance(session, vault(), actor=OPERATOR, at=now())


def is_migrated() -> bool:
    """Whether the database has ever been migrated."""
    with db.engine.connect() as connection:
        heads = MigrationContext.configure(connection).get_current_heads()
        return bool(heads) and inspect(connection).has_table("school")


@group.command("upgrade")
def upgrade() -> None:
    """Migrate to the newest schema."""
    with application():
        upgrade_database()
        click.echo("ok")


@group.command("check")
def check() -> None:
    """Fail when models and migrations differ."""
    with application():
        flask_migrate.check()
