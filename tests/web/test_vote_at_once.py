"""A parents' evening: fifty phones on the served system at once; every ballot is counted, once, and none is refused."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from flask import Flask
from sqlalchemy import func, select

from ethics_eval.database import db
from ethics_eval.evaluation.models import BallotCode, BallotDraft, BallotReason, Tally
from ethics_eval.evaluation.rules.scheme import MAX_OPTIONS
from tests.support.ballots import REASON
from tests.support.forms import form_at, values
from tests.support.plain_client import PlainClient
from tests.support.server import serving
from tests.web.balloted import Balloted

PARENTS = 50
LOWEST = 5


def answers(number: int) -> dict[str, str]:
    """What the number-th parent says; one in five gives a teacher the lowest mark."""
    fields = {f"t{place}-q{item}": str(1 + (number + place) % 5) for place in (1, 2, 3) for item in (1, 2)}
    return fields | {f"{name}-reason": REASON for name, value in fields.items() if value == str(LOWEST)}


def evening(url: str, start: threading.Barrier, number: int, code: str) -> list[tuple[int, str]]:
    """A parent opens the ballot, keeps it, looks at all once more, and sends it, twice: the phone was slow."""
    client = PlainClient(url)
    start.wait()
    page = client.get(f"/vote/{code}")
    fields = {**values(form_at(page.text)), **answers(number)}
    kept = client.post(f"/vote/{code}", {**fields, "action": "save"})
    checked = client.post(f"/vote/{code}", {**fields, "action": "check"})
    last = client.get(checked.location)
    sending = {**values(form_at(last.text)), "action": "send"}
    sent, again = (client.post(f"/vote/{code}", sending) for _ in range(2))
    client.close()
    return [(one.status, one.location.partition("?")[0]) for one in (page, kept, checked, last, sent, again)]


def test_fifty_parents_vote_at_once(app: Flask) -> None:
    codes = Balloted(app, pupils=PARENTS).codes()
    start = threading.Barrier(PARENTS)
    with serving(app) as served, ThreadPoolExecutor(PARENTS) as pool:
        seen = list(pool.map(partial(evening, served.url, start), range(PARENTS), codes))
    for code, steps in zip(codes, seen, strict=True):
        ballot = f"/vote/{code}"
        assert steps == [
            (200, ""),
            (303, ballot),
            (303, f"{ballot}/check"),
            (200, ""),
            (303, "/vote/thanks"),
            (410, ""),
        ]
    with app.app_context():
        options = [getattr(Tally, f"option_{place}") for place in range(1, MAX_OPTIONS + 1)]
        tallies = db.session.execute(select(*options).where(Tally.component == "pupil")).all()
        assert [tuple(row) for row in tallies] == [(PARENTS // 5,) * 5 + (0,) * 5] * 6
        states = select(BallotCode.state, func.count()).where(BallotCode.state != "open").group_by("state")
        assert [tuple(row) for row in db.session.execute(states)] == [("used", PARENTS)]
        assert db.session.scalar(select(func.count()).select_from(BallotReason)) == PARENTS // 5 * 6
        assert db.session.scalar(select(func.count()).select_from(BallotDraft)) == 0
        db.session.remove()
