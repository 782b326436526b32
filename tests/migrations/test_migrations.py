"""The migrations make exactly the tables of the models, on both databases, and can be taken back."""

from __future__ import annotations

from pathlib import Path

import flask_migrate
from sqlalchemy import inspect

from ethics_eval.database import Base, db
from tests.support.application import application
from tests.support.databases import Place


def test_migrations_equal_the_models(place: Place, database_url: str, tmp_path: Path) -> None:
    with place.copy(database_url) as url, application(url, tmp_path) as app, app.app_context():
        flask_migrate.check()


def test_every_revision_can_be_taken_back(place: Place, database_url: str, tmp_path: Path) -> None:
    with place.copy(database_url) as url, application(url, tmp_path) as app, app.app_context():
        flask_migrate.downgrade(revision="base")
        left = set(inspect(db.engine).get_table_names())
        assert not left & Base.metadata.tables.keys()
        db.engine.dispose()
        flask_migrate.upgrade()
        assert set(inspect(db.engine).get_table_names()) >= Base.metadata.tables.keys()


def test_constraints_have_names(place: Place, database_url: str) -> None:
    """Batch migrations on SQLite can only change what has a name."""
    unnamed = [
        f"{table.name}: {constraint}"
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if constraint.name is None
    ]
    assert not unnamed
