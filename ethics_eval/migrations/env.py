"""Runs the migrations on the application's engine."""

from __future__ import annotations

from alembic import context

from ethics_eval.database import Base, db


def run_migrations() -> None:
    """All revisions in one transaction; batch mode, since SQLite cannot alter tables."""
    engine = db.engine
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run_migrations()
