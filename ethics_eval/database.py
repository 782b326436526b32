"""Engine, session, the only commit, and the column types of every table."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from types import ModuleType
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ClauseElement, DateTime, Dialect, Executable, MetaData, Table, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.types import TypeDecorator

try:  # the wheel carries a SQLite without the WAL-reset defect (fixed in 3.51.3)
    import pysqlite3.dbapi2 as sqlite_module
except ImportError:  # other platforms: the interpreter's own, then without WAL
    sqlite_module = sqlite3

WAL_SAFE_SINCE = (3, 51, 3)
WRITE = "ethics_eval_write"

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant, on both databases; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware UTC; SQLite keeps it without the zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime was given for an instant")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware UTC again."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The parent of all tables."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING), type_annotation_map={datetime: UtcDateTime}
    )


db = SQLAlchemy(model_class=Base, disable_autonaming=True)


def new_id() -> str:
    """A random row id of 32 hexadecimal digits: says nothing of order, time or number."""
    return uuid.uuid4().hex


def engine_options(url: str) -> dict[str, Any]:
    """What SQLAlchemy is told when the engine is made."""
    if not make_url(url).drivername.startswith("sqlite"):
        return {"pool_pre_ping": True, "hide_parameters": True}
    module: ModuleType = sqlite_module
    return {
        "module": module,
        "hide_parameters": True,
        "connect_args": {"timeout": 15, "check_same_thread": False},
    }


def driver_url(url: str) -> str:
    """The URL with the driver we ship: psycopg 3 for PostgreSQL."""
    parsed = make_url(url)
    if parsed.drivername in {"postgres", "postgresql"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed.render_as_string(hide_password=False)


def prepare_engine(engine: Engine) -> None:
    """Durable writes and honest transactions (security.md §8), on every new connection."""
    if engine.dialect.name != "sqlite":
        event.listen(engine, "connect", _refuse_unsafe_postgresql)
        return
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    version = tuple(int(part) for part in sqlite_module.sqlite_version.split("."))
    cursor.execute(f"PRAGMA journal_mode={'WAL' if version >= WAL_SAFE_SINCE else 'TRUNCATE'}")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A write takes the lock at once: a read that turns into a write later would fail under load.
    write = connection.get_execution_options().get(WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _refuse_unsafe_postgresql(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('synchronous_commit')")
        value = cursor.fetchone()[0]
    connection.rollback()
    if value == "off" and not _volatile_allowed:
        raise RuntimeError(
            "PostgreSQL runs with synchronous_commit=off: acknowledged complaints could be lost"
        )


_volatile_allowed = False


def allow_volatile_postgresql() -> None:
    """For test servers only, which trade durability for speed."""
    global _volatile_allowed  # noqa: PLW0603 - one switch of the process, set by the test set-up
    _volatile_allowed = True


@contextmanager
def transaction() -> Iterator[Session]:
    """The only commit: all of the block is stored durably, or nothing of it.

    A read begun before is ended first, so that rules see the present state under the write lock.
    """
    session = db.session()
    session.rollback()
    session.connection(execution_options={WRITE: True})
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise


@dataclass(frozen=True)
class Driver:
    """The driver's own cursor inside a transaction, for few statements that run very often.

    A statement is compiled once and is given its parameters as the driver takes them: no type is applied.
    """

    cursor: Any
    dialect: Dialect

    @classmethod
    def of(cls, connection: Connection) -> Driver:
        """That of a connection whose transaction has begun."""
        return cls(connection.connection.cursor(), connection.dialect)

    def run(self, statement: ClauseElement, rows: Sequence[Mapping[str, Any]]) -> int:
        """Run a statement for each of the rows, which name its parameters; how many rows of the table it changed."""
        if not rows:
            return 0
        if len(rows) == 1:
            self.cursor.execute(_compiled(statement, self.dialect), rows[0])
        else:
            self.cursor.executemany(_compiled(statement, self.dialect), rows)
        return int(self.cursor.rowcount)

    def instant(self, at: datetime) -> Any:
        """An instant as it is stored."""
        return _instants(self.dialect)(at)


@cache
def _compiled(statement: ClauseElement, dialect: Dialect) -> str:
    by_name = sqlite.dialect(paramstyle="named") if dialect.name == "sqlite" else dialect
    return str(statement.compile(dialect=by_name))


@cache
def _instants(dialect: Dialect) -> Callable[[datetime], Any]:
    return UtcDateTime().dialect_impl(dialect).bind_processor(dialect) or (lambda at: at)


@contextmanager
def driver_transaction() -> Iterator[Driver]:
    """:func:`transaction` for statements of the driver alone, where many write little (a ballot).

    What the session read before is ended first: it must not stand in the way of the write.
    """
    db.session().rollback()
    dialect = db.engine.dialect
    errors: Any = dialect.loaded_dbapi.Error
    try:
        connection = db.engine.raw_connection()
        try:
            cursor = connection.cursor()
            if dialect.name == "sqlite":
                cursor.execute("BEGIN IMMEDIATE")
            yield Driver(cursor, dialect)
            connection.commit()
        finally:
            connection.close()  # the pool undoes what is not committed
    except errors as error:  # said as SQLAlchemy says it: locked or down is no fault of the page
        raise DBAPIError.instance(None, None, error, errors, hide_parameters=True, dialect=dialect) from error


def inserting(by: Session | Dialect, table: type[Base] | Table) -> Any:
    """An INSERT in the database's own dialect, which knows ON CONFLICT."""
    dialect = by if isinstance(by, Dialect) else by.get_bind().dialect
    return sqlite.insert(table) if dialect.name == "sqlite" else postgresql.insert(table)


def insert_once(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Insert rows, but for those that a unique key says are there already; the ``id`` of each that went in.

    Two workers at the same rows both go on: each row goes in once, and only one of them is told so.
    """
    if not rows:
        return set()
    columns = table.metadata.tables[table.__tablename__]
    statement = inserting(session, columns).on_conflict_do_nothing().returning(columns.c.id)
    return set(session.scalars(statement, [dict(row) for row in rows]))


def driver_rows(
    session: Session, statement: Executable, *, size: int = 50_000
) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a statement in lists of ``size``, as the driver gives them: for many rows, no type is applied.

    On SQLite a date is a text (``2026-01-31``) and a boolean a number.
    """
    session.flush()
    result = session.connection().execute(statement)
    cursor: Any = result.cursor
    while rows := cursor.fetchmany(size):
        yield rows
    result.close()


def insert_in_bulk(
    session: Session, table: type[Base], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert many rows by the driver alone, COPY on PostgreSQL: texts, numbers and booleans, in this order of columns.

    No default of the model applies: what is not named gets the database's own default.
    """
    session.flush()
    connection = session.connection()
    name, names = table.__tablename__, ", ".join(columns)
    cursor: Any = connection.connection.cursor()
    try:
        if connection.dialect.name == "sqlite":
            marks = ", ".join("?" * len(columns))
            cursor.executemany(f"INSERT INTO {name} ({names}) VALUES ({marks})", rows)  # noqa: S608 - our own names
        else:
            with cursor.copy(f"COPY {name} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
    finally:
        cursor.close()


def is_reachable(session: Session) -> bool:
    """Whether the database answers a trivial question."""
    return bool(session.execute(text("SELECT 1")).scalar_one() == 1)
