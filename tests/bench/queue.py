"""A queue over 100,000 cases beside one over 1,000, on both databases; a search through sealed letters."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from flask import Flask, current_app
from flask.testing import FlaskClient
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account
from ethics_eval.accounts.rules import Role
from ethics_eval.accounts.service import actor_of
from ethics_eval.complaints import queries
from ethics_eval.complaints.models import Case, Complaint, Mailbox
from ethics_eval.complaints.rules.machine import CaseStatus, Desk, Outcome
from ethics_eval.complaints.rules.queueing import ENDED_ON
from ethics_eval.database import db, transaction
from ethics_eval.roster.models import School
from ethics_eval.vault.service import CITY_UNIT, CONTENT
from tests.bench.measuring import Measured, median_of
from tests.support.application import application, prepare
from tests.support.city import PASSWORD, found
from tests.support.databases import Place
from tests.support.forms import sign_in
from tests.support.postgres import running_server

FEW, MANY = 1_000, 100_000
LETTERS = 2_000
BODY = "孩子说上课回答错了,被罚站在教室后面整整一节课,已经不是第一次了。" * 12
AT = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
OPEN = (CaseStatus.SUBMITTED, CaseStatus.REGISTERED, CaseStatus.ACCEPTED, CaseStatus.INVESTIGATING)


@contextmanager
def cased_city(place: Place, name: str, cases: int) -> Iterator[Flask]:
    """The application on a small city with so many cases, half of them open."""
    folder = place.folder / f"{place.kind}-{name}"
    url = place.create(name)
    with application(url, folder) as bare, bare.app_context():
        pass
    prepare(url, folder)
    with application(url, folder) as app:
        found(app)
        with app.app_context():
            with transaction() as session:
                _file(session, cases)
            with db.engine.begin() as connection:
                connection.execute(text("ANALYZE"))
        yield app


def _file(session: Session, cases: int) -> None:
    chance = random.Random(3)
    schools = session.execute(select(School.id, School.district_code)).all()
    rows = []
    for number in range(cases):
        school = chance.choice(schools)
        ended = number % 2
        received = AT - timedelta(minutes=chance.randrange(500_000))
        due = date(2026, 3, 1) + timedelta(days=chance.randrange(90))
        status = CaseStatus.CLOSED if ended else chance.choice(OPEN)
        rows.append(
            {
                "id": f"{number:032x}",
                "number": f"4302{number:015}",
                "school_id": school.id,
                "district_code": school.district_code,
                "status": status.value,
                "desk": chance.choice((Desk.SCHOOL, Desk.SCHOOL, Desk.DISTRICT)).value,
                "category": chance.choice(("C06", "C03", "C10")),
                "outcome": Outcome.UNSUBSTANTIATED.value if ended else None,
                "received_at": received,
                "register_due_on": due,
                "accept_due_on": due,
                "reply_due_on": due,
                "queue_on": ENDED_ON if ended else due,
                "version": 1,
            }
        )
    for at in range(0, len(rows), 5_000):
        session.execute(insert(Case), rows[at : at + 5_000])


def _page(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200, answer.status_code


def _client(app: Flask, role: Role) -> FlaskClient:
    client = app.test_client()
    sign_in(client, role.value, PASSWORD)
    return client


def measure_queues() -> Iterator[Measured]:
    """The first page, the overdue ones and a school's own, for who sees the most; both databases."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        for place in (Place(Path(folder)), Place(Path(folder), stack.enter_context(running_server()))):
            few = stack.enter_context(cased_city(place, "few", FEW))
            many = stack.enter_context(cased_city(place, "many", MANY))
            for role, path in (
                (Role.BUREAU_OFFICER, "/bureau/cases"),
                (Role.BUREAU_OFFICER, "/bureau/cases?status=overdue"),
                (Role.BUREAU_OFFICER, "/bureau/cases?status=all&page=10"),
                (Role.DISTRICT_OFFICER, "/bureau/cases"),
                (Role.SCHOOL_OFFICER, "/school/cases"),
            ):
                clients = [_client(app, role) for app in (many, few)]
                ours, floor = (median_of(partial(_page, client, path), 9) for client in clients)
                yield Measured(
                    f"{place.kind}: {path.removeprefix('/bureau')} ({role})", ours, floor, f"{FEW:,} cases"
                )
            if place.server is None:
                yield _search(few)


def _search(app: Flask) -> Measured:
    """Search that reads every letter, beside merely reading their rows."""
    with app.app_context():
        vault = current_app.extensions["vault"]
        with transaction() as session:
            _seal(session)
            reader = actor_of(session.scalars(select(Account).where(Account.role == "bureau_officer")).one())

        def ours() -> None:
            found = queries.search(db.session(), vault, reader, ["没有这个词"], budget_seconds=600)
            assert found.before == ""

        def plain() -> None:
            db.session().execute(select(Complaint.id, Complaint.content)).all()

        return Measured(
            f"search {LETTERS:,} sealed letters", median_of(ours), median_of(plain), "reading the rows"
        )


def _seal(session: Session) -> None:
    vault = current_app.extensions["vault"]
    mailbox = session.scalars(select(Mailbox.id)).first()
    ids = list(session.scalars(select(Case.id).limit(LETTERS)))
    rows = []
    for at, case_id in enumerate(ids * (LETTERS // len(ids))):
        key = f"{at:032x}"
        if at < len(ids):
            cipher = vault.make_key(session, f"case:{case_id}", CONTENT, [CITY_UNIT])
            session.flush()
        else:
            cipher = vault.open_key(session, f"case:{case_id}", CONTENT, [CITY_UNIT])
        rows.append(
            {
                "id": key,
                "case_id": case_id,
                "mailbox_id": mailbox,
                "source": "WEB",
                "category": "C06",
                "respondent_role": "teacher",
                "identity_mode": "anonymous",
                "submitted_at": AT,
                "content": cipher.seal_json(
                    {"body": BODY, "respondent": "某老师"}, f"complaint:content:{key}"
                ),
                "selector": f"{at:06}",
                "verifier": "",
                "idempotency_hash": at.to_bytes(32, "big"),
                "content_digest": at.to_bytes(32, "big"),
            }
        )
    session.execute(insert(Complaint), rows)


def main() -> None:
    """Print a line a measurement of the queue alone."""
    for measured in measure_queues():
        print(measured, flush=True)


if __name__ == "__main__":
    main()
