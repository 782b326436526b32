"""The only commit: whole or nothing, durable, and many writers in turn."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from typing import cast

import pytest
from flask import Flask
from sqlalchemy import ClauseElement, Table, bindparam, event, select, table, text
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.orm import Session

from ethics_eval import database
from ethics_eval.accounts.models import AuditEvent
from ethics_eval.accounts.rules import CLOCK
from ethics_eval.accounts.service import record
from ethics_eval.complaints.models import QuotaCount
from ethics_eval.database import db, driver_transaction, is_reachable, new_id, transaction

AT = datetime(2026, 3, 20, 2, 0, 0, 123456, tzinfo=UTC)


def write(name: str, at: datetime = AT) -> None:
    with transaction() as session:
        record(session, CLOCK, at, name, "test", "1")


def written(session: Session) -> list[str]:
    return list(
        session.scalars(
            select(AuditEvent.action).where(AuditEvent.subject_kind == "test").order_by(AuditEvent.id)
        )
    )


def test_what_is_done_in_the_block_is_stored(app: Flask) -> None:
    with app.app_context():
        write("one")
    with app.app_context():
        assert written(db.session()) == ["one"]


def test_a_failure_stores_nothing_of_the_block(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(ZeroDivisionError), transaction() as session:  # noqa: PT012 - the block is what is tested
            record(session, CLOCK, AT, "half", "test", "1")
            session.flush()
            _ = 1 / 0
        assert written(db.session()) == []
        write("after")
        assert written(db.session()) == ["after"]


def test_statements_of_the_driver_are_stored_whole_or_not_at_all(app: Flask) -> None:
    counts = cast(Table, QuotaCount.__table__)
    adding = counts.insert().values({column.name: bindparam(column.name) for column in counts.c})

    def write_two(*then: ClauseElement) -> int:
        with driver_transaction() as driver:
            began_at = driver.instant(AT)
            rows = [
                {"bucket_hash": bytes([place]) * 32, "began_at": began_at, "count": 1} for place in range(2)
            ]
            added = driver.run(adding, rows)
            for statement in then:
                driver.run(statement, [{}])
        return added

    with app.app_context():
        with pytest.raises(DBAPIError):  # as SQLAlchemy says it: a database that is down has its page
            write_two(table("no_such_table").delete())
        assert db.session.scalars(select(QuotaCount)).all() == []
        assert write_two() == 2
        assert db.session.scalars(select(QuotaCount.began_at)).all() == [AT, AT]


def test_a_read_begun_before_does_not_blind_the_write(app: Flask) -> None:
    """What another wrote since is seen under the write lock, or a rule would judge by the past."""
    with app.app_context():
        assert written(db.session()) == []
        with ThreadPoolExecutor(1) as pool:
            pool.submit(in_context, app, "meanwhile").result()
        with transaction() as session:
            assert written(session) == ["meanwhile"]


def in_context(app: Flask, name: str, count: int = 1) -> None:
    with app.app_context():
        for number in range(count):
            write(f"{name} {number}" if count > 1 else name)
        db.session.remove()


def test_eight_writers_take_turns(app: Flask) -> None:
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(in_context, app, f"writer {number}", 25) for number in range(8)]:
            done.result()
    with app.app_context():
        assert sorted(written(db.session())) == sorted(
            f"writer {number} {turn}" for number in range(8) for turn in range(25)
        )


def test_eight_that_read_before_they_write_take_turns(app: Flask) -> None:
    def count_up(app: Flask) -> None:
        with app.app_context():
            for _ in range(10):
                with transaction() as session:
                    rows = session.scalars(
                        select(AuditEvent).where(AuditEvent.subject_kind == "sum").with_for_update()
                    ).all()
                    rows[0].subject_id = str(int(rows[0].subject_id) + 1)
            db.session.remove()

    with app.app_context(), transaction() as session:
        record(session, CLOCK, AT, "sum", "sum", "0")
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(count_up, app) for _ in range(8)]:
            done.result()
    with app.app_context():
        (total,) = db.session().scalars(select(AuditEvent.subject_id).where(AuditEvent.subject_kind == "sum"))
        assert total == "80"


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_on_sqlite_a_write_takes_the_lock_at_once_and_a_read_does_not(app: Flask) -> None:
    began: list[str] = []
    with app.app_context():
        event.listen(
            db.engine,
            "before_cursor_execute",
            lambda _c, _cursor, statement, *_rest: (
                began.append(statement) if statement.startswith("BEGIN") else None
            ),
        )
        written(db.session())
        write("one")
        written(db.session())
    assert began == ["BEGIN", "BEGIN IMMEDIATE", "BEGIN"]


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_on_sqlite_a_second_writer_waits_and_a_reader_does_not(app: Flask) -> None:
    inside, was_read, order = threading.Event(), threading.Event(), []

    def slow() -> None:
        with app.app_context(), transaction() as session:
            record(session, CLOCK, AT, "slow", "test", "1")
            session.flush()
            inside.set()
            assert was_read.wait(60)
            order.append("slow")

    def quick() -> None:
        with app.app_context():
            write("quick")
            order.append("quick")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(slow)
        assert inside.wait(60)
        second = pool.submit(quick)
        with app.app_context():
            assert written(db.session()) == []
            order.append("reader")
        was_read.set()
        first.result()
        second.result()
    assert order == ["reader", "slow", "quick"]


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_sqlite_is_durable(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        version = tuple(
            map(int, str(connection.exec_driver_sql("SELECT sqlite_version()").scalar()).split("."))
        )
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        assert mode == ("wal" if version >= database.WAL_SAFE_SINCE else "truncate")


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)
def test_a_volatile_postgresql_is_refused(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_volatile_allowed", False)
    with app.app_context():
        db.engine.dispose()
        with pytest.raises(RuntimeError, match="synchronous_commit"):
            is_reachable(db.session())


def test_instants_are_kept_to_the_microsecond_whatever_the_zone(app: Flask) -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=8)))
    with app.app_context():
        write("here", AT)
        write("there", elsewhere)
    with app.app_context():
        found = db.session().scalars(select(AuditEvent.at).where(AuditEvent.subject_kind == "test")).all()
        assert found == [AT, AT]
        assert all(at.tzinfo is UTC for at in found)


def test_a_naive_instant_is_refused(app: Flask) -> None:
    with app.app_context(), pytest.raises(StatementError, match="naive"):
        write("naive", AT.replace(tzinfo=None))


def test_the_database_is_reachable(app: Flask) -> None:
    with app.app_context():
        assert is_reachable(db.session())
        assert db.session().execute(text("SELECT 1")).scalar() == 1


def test_row_ids_say_nothing_of_order() -> None:
    ids = [new_id() for _ in range(100)]
    assert len(set(ids)) == 100
    assert ids != sorted(ids)
    assert all(len(made) == 32 and made.isalnum() for made in ids)
