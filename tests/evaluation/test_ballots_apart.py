"""After many ballots nothing in the database or the log joins a code to an answer; eight at once lose none."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import DateTime, func, select, text
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import AuditEvent
from ethics_eval.database import Base, UtcDateTime, db, driver_transaction, transaction
from ethics_eval.evaluation import issuing
from ethics_eval.evaluation.balloting import cast_ballot, fill_in, open_ballot, save_draft, start_mark
from ethics_eval.evaluation.models import BallotCode, BallotDraft, BallotReason, Tally
from ethics_eval.evaluation.rounds import close_round
from ethics_eval.vault.service import Vault
from tests.support.ballots import (
    AT,
    PREPARED_AT,
    REASON,
    add_class,
    codes,
    officer_of,
    open_round,
    opened,
    opinions,
    teacher_ids,
)
from tests.support.forms import submit
from tests.support.ranked import SEMESTER, RankedCity
from tests.web.balloted import Balloted

CLASS = "三年级2班"
VOTERS = 30
# What a ballot may change. A table that is not here must be the same before and after.
CHANGED = {"ballot_code", "ballot_reason", "ballot_flag", "ballot_draft", "tally", "flagged_tally"}


def prepare(app: Flask, *, pupils: int, teachers: int) -> list[str]:
    """A class whose codes are out; the codes."""
    vault: Vault = app.extensions["vault"]
    with app.app_context(), transaction() as session:
        city = RankedCity(session, vault, app.config["INSTANCE"], teacher_count=3 * teachers)
        open_round(session)
        school = city.schools[0]
        add_class(session, school, CLASS, pupils, teacher_ids(session, school)[:teachers])
        issuing.issue_codes(session, vault, SEMESTER, actor=officer_of(school), at=PREPARED_AT)
        return codes(session, vault, school, CLASS)


def vote(app: Flask, code: str, number: int) -> None:
    """The number-th voter keeps a draft, then sends a ballot that nobody else sends like it."""
    vault: Vault = app.extensions["vault"]
    with app.app_context():
        ballot = opened(db.session(), vault, code)
        said = opinions(ballot, lambda place, item: 1 + (number + place * (item + 1)) % 5)
        with transaction() as session:
            save_draft(session, vault, ballot, said, at=AT)
        mark = start_mark(vault, ballot, 0, at=AT - timedelta(seconds=100))
        filled = fill_in(db.session(), vault, ballot, said, mark=mark, at=AT)
        with driver_transaction() as driver:
            cast_ballot(driver, filled, at=AT)
        db.session.remove()


def contents(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """Table → its rows, in the order of their keys."""
    return {
        table.name: [
            tuple(row) for row in session.execute(select(table).order_by(*table.primary_key.columns))
        ]
        for table in Base.metadata.sorted_tables
    }


def send(client: FlaskClient, code: str, number: int) -> None:
    """The number-th rater's phone: the page, a draft, then a ballot that few others send like it."""
    fields = {
        f"t{place}-q{item}": str(1 + (number + place * (item + 1)) % 5)
        for place in (1, 2, 3)
        for item in (1, 2)
    }
    fields |= {f"{name}-reason": REASON for name, value in fields.items() if value == "5"}
    assert submit(client, f"/vote/{code}", {**fields, "action": "save"}).status_code == 303
    assert submit(client, f"/vote/{code}", fields).location == "/vote/thanks"


@pytest.fixture
def voted(app: Flask, capsys: pytest.CaptureFixture[str]) -> tuple[list[str], dict[str, Any], str]:
    """Thirty of forty have voted, in an order of their own: their codes, all tables before, and the log."""
    everyone = Balloted(app, pupils=40).codes()
    voters = [everyone[(7 * number) % 40] for number in range(VOTERS)]
    with app.app_context():
        before = contents(db.session())
        db.session.remove()
    capsys.readouterr()
    client = app.test_client()  # all from one phone: not even the session may tell
    for number, code in enumerate(voters):
        send(client, code, number)
    return voters, before, "".join(capsys.readouterr())


def hashes(app: Flask, voters: list[str]) -> list[bytes]:
    return [issuing.code_hash(app.extensions["vault"], code) for code in voters]


def assert_no_order(app: Flask, voters: list[str]) -> None:
    """In the round, rows lie in the order of their keys, which are chance; after it nothing tells what came together.

    SQLite has no other order for these tables (WITHOUT ROWID); PostgreSQL keeps the transaction of each row until the
    round is closed, which writes codes and reasons anew in the order of their keys.
    """
    with app.app_context():
        with transaction() as session:
            assert close_round(session, SEMESTER, at=datetime.now(UTC) + timedelta(days=20))
        session = db.session()
        for table, key in (("ballot_code", "code_hash"), ("ballot_reason", "id")):
            if session.get_bind().dialect.name == "sqlite":
                sql = session.scalar(
                    text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": table}
                )
                assert "WITHOUT ROWID" in str(sql)
                stored = list(session.scalars(text(f"SELECT {key}, * FROM {table} NOT INDEXED")))  # noqa: S608
            else:
                found = session.execute(text(f"SELECT {key}, xmin::text FROM {table} ORDER BY ctid")).all()  # noqa: S608
                stored = [row[0] for row in found]
                assert len({row[1] for row in found}) == 1  # one transaction wrote them all
            assert [bytes(one) if not isinstance(one, str) else one for one in stored] == sorted(
                bytes(one) if not isinstance(one, str) else one for one in stored
            )
        order = [key for key in sorted(hashes(app, voters))]
        assert order != hashes(app, voters)
        states = Counter(session.scalars(select(BallotCode.state)))
        assert states == {"used": VOTERS, "void": 80 - VOTERS}
        actions = set(session.scalars(select(AuditEvent.action)))
        assert not {action for action in actions if action.startswith(("ballot.", "vote"))}
        db.session.remove()


def test_no_table_and_no_log_joins_a_code_to_an_answer(
    app: Flask, voted: tuple[list[str], dict[str, Any], str]
) -> None:
    voters, before, log = voted
    with app.app_context():
        after = contents(db.session())
        changed = {name for name in after if after[name] != before[name]}
        assert changed <= CHANGED
        # no event, no task, no time: nothing that has an order or a clock was written
        columns = {
            (table.name, column.name)
            for table in Base.metadata.sorted_tables
            if table.name in CHANGED
            for column in table.columns
            if isinstance(column.type, UtcDateTime | DateTime)
        }
        assert not columns
        # a code's row says used and nothing more; no other table has its hash
        used = set(hashes(app, voters))
        rows = {row[0]: row for row in after["ballot_code"]}
        assert {key for key, row in rows.items() if "used" in row} == used
        groups = {row[1] for row in rows.values()}
        for name, table_rows in after.items():
            if name != "ballot_code":
                assert not [
                    row for row in table_rows if used & {cell for cell in row if isinstance(cell, bytes)}
                ]
        assert len({(row[1:]) for key, row in rows.items() if key in used}) == 1
        assert len(groups) == 2
        assert after["ballot_draft"] == []
        reasons = db.session.scalars(select(BallotReason)).all()
        assert len(reasons) == VOTERS * 6 // 5
        assert not [code for code in voters if code in repr(after).upper()]
        db.session.remove()
    assert log.count('"public.vote.show"') == 4 * VOTERS
    assert not [code for code in voters if code in log.upper()]
    assert not [one for one in hashes(app, voters) if one.hex() in log]
    assert_no_order(app, voters)


def test_eight_vote_at_once_and_none_is_lost(app: Flask) -> None:
    everyone = prepare(app, pupils=24, teachers=10)
    start = threading.Barrier(8)

    def turn(first: int) -> None:
        start.wait()
        for number in range(first, len(everyone), 8):
            vote(app, everyone[number], number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(turn, range(8)))
    with app.app_context():
        total = sum((getattr(Tally, f"option_{place}") for place in range(2, 11)), start=Tally.option_1)
        rows = db.session.execute(select(Tally.component, total)).all()
        assert {count for component, count in rows if component == "pupil"} == {24}
        assert db.session.scalar(select(func.count()).where(BallotCode.state == "used")) == 24
        assert db.session.scalar(select(func.count()).select_from(BallotDraft)) == 0
        db.session.remove()


def test_one_code_sent_eight_times_at_once_counts_once(app: Flask) -> None:
    code = prepare(app, pupils=4, teachers=3)[0]
    start = threading.Barrier(8)
    refused: list[str] = []

    def turn(number: int) -> None:
        vault: Vault = app.extensions["vault"]
        with app.app_context():
            ballot = opened(db.session(), vault, code)
            said = opinions(ballot, lambda _place, _item: 1)
            mark = start_mark(vault, ballot, 0, at=AT - timedelta(seconds=100))
            filled = fill_in(db.session(), vault, ballot, said, mark=mark, at=AT)
            start.wait()
            try:
                with driver_transaction() as driver:
                    cast_ballot(driver, filled, at=AT)
            except Exception as error:
                refused.append(f"{number} {error}")
            db.session.remove()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(turn, range(8)))
    assert len(refused) == 7
    with app.app_context():
        assert set(db.session.scalars(select(Tally.option_1).where(Tally.component == "pupil"))) == {1}
        assert open_ballot(db.session(), app.extensions["vault"], code, at=AT).state == "used"
        db.session.remove()
