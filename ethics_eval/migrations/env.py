"""Runs the migrations on the application's engine."""

from __future__ import annotations

from alembic import context

from ethics_eval.database import Base, db


def run_migrations() -> None:
    """All revisions in one transaction; batch mode, since SQLite cannot alter tables."""
    engine = db.engine
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        is_sqlite = engine.dialect.name == "sqlite"
        if is_sqlite and raw is not None:  # a table that is made anew is dropped while others still name it
            raw.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
            if is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                raise RuntimeError("a migration left rows that name a row which is not there")
        if is_sqlite and raw is not None:
            raw.execute("PRAGMA foreign_keys=ON")


run_migrations()
