"""Killed at any moment: every letter whose receipt was shown is there, once, and its code opens it (security.md §4).

``EE_KILLS=20`` makes it long; by default the server is killed five times.
"""

from __future__ import annotations

import http.client
import os
import random
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from ethics_eval.complaints.models import Complaint, Evidence
from ethics_eval.database import db
from tests.support.application import application
from tests.support.city import LETTER
from tests.support.plain_client import PlainClient
from tests.web.road import letter_of, mailbox_path, photo

KILLS = int(os.environ.get("EE_KILLS", "5"))
WRITERS = 4
ADDRESS = re.compile(r"http://[\d.]+:\d+")
BROKEN = (OSError, http.client.HTTPException)

pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


@dataclass
class Log:
    """What the writers know. ``sent``: key → body; ``shown``: key → code of those whose receipt was seen."""

    sent: dict[str, str] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    answers: Counter[int] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def running(app: Flask) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The real command on the application's instance; killed at the end if it still lives. Gives its address."""
    environment = {
        **os.environ,
        "DATABASE_URL": str(app.config["DATABASE_URL"]),
        "ETHICS_EVAL_INSTANCE": str(app.config["INSTANCE"]),
        "SECRET_KEY": str(app.config["SECRET_KEY"]),
        "ETHICS_EVAL_MASTER_KEY": str(app.config["ETHICS_EVAL_MASTER_KEY"]),
        "ETHICS_EVAL_CHALLENGE": "off",
        "ETHICS_EVAL_QUOTAS": "off",
    }
    said = Path(app.config["INSTANCE"]) / "said"
    with said.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "ethics_eval", "serve", "--port", "0"],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=Path(__file__).resolve().parents[2],
        )
    try:
        yield process, _address(process, said)
    finally:
        process.kill()
        process.wait(10)


def _address(process: subprocess.Popen[bytes], said: Path) -> str:
    for _ in range(6000):  # a busy machine is slow, not wrong
        found = ADDRESS.search(said.read_text())
        if found is not None:
            return found[0]
        assert process.poll() is None, said.read_text()
        time.sleep(0.05)
    raise AssertionError(f"the server did not start: {said.read_text()}")


def write(url: str, mailbox: str, log: Log, stop: threading.Event, seed: int) -> None:
    """Write letters until the server is gone; every third carries a photo."""
    chance = random.Random(seed)
    client = PlainClient(url)
    try:
        form = client.form(mailbox)
        while not stop.is_set():
            key, body = (
                secrets.token_urlsafe(24),
                f"第{secrets.token_hex(8)}封信,请查一查。\r\n" * chance.randint(1, 40),
            )
            files = {"教室.jpg": photo().read()} if chance.random() < 0.3 else {}
            with log.lock:
                log.sent[key] = body
            answer = client.post_multipart(
                mailbox, {**form, **LETTER, "body": body, "idempotency_key": key}, files
            )
            if answer.status == 303:
                code = client.receipt()
                with log.lock:
                    log.shown[key] = code
            with log.lock:
                log.answers[answer.status] += 1
    except BROKEN:
        pass  # the server was killed under us
    finally:
        client.close()


def load_and_kill(app: Flask, mailbox: str, log: Log, seconds: float) -> None:
    """Serve under load, and kill -9 so long after the first receipts were shown."""
    wanted = len(log.shown) + 2
    stop = threading.Event()
    with running(app) as (process, url):
        writers = [
            threading.Thread(target=write, args=(url, mailbox, log, stop, number))
            for number in range(WRITERS)
        ]
        for writer in writers:
            writer.start()
        while len(log.shown) < wanted and any(writer.is_alive() for writer in writers):
            time.sleep(0.02)
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        stop.set()
        for writer in writers:
            writer.join(60)


def test_what_was_acknowledged_survives_being_killed(city: Flask) -> None:
    mailbox, log = mailbox_path(city), Log()
    with city.app_context():
        db.session.remove()
        db.engine.dispose()
    for number in range(KILLS):
        load_and_kill(city, mailbox, log, random.Random(number).uniform(0.0, 2.0))
    assert len(log.shown) > KILLS, f"too little load: {log.answers}"
    assert set(log.answers) <= {303, 503}, log.answers

    with running(city) as (_process, url):
        client = PlainClient(url)
        form = client.form(mailbox)
        replayed: dict[str, str] = {}
        for key, body in log.sent.items():  # those without an answer are sent again, as a parent would
            fields = {**form, **LETTER, "body": body, "idempotency_key": key}
            if key in log.shown:
                continue
            answer = client.post_multipart(mailbox, fields)
            assert answer.status in {303, 422}, answer.status  # 422: it had come with a photo the first time
            if answer.status == 303:
                replayed[key] = client.receipt()
        for code in (*log.shown.values(), *replayed.values()):
            assert client.track(code) == "submitted"
        some = random.Random(1).sample(sorted(log.shown), min(40, len(log.shown)))
        repeated = 0
        for key in some:
            answer = client.post_multipart(
                mailbox, {**form, **LETTER, "body": log.sent[key], "idempotency_key": key}
            )
            if answer.status == 303:
                assert client.receipt() == log.shown[key], "the same key gives the same receipt"
                repeated += 1
        assert repeated
        client.close()

    url = str(city.config["DATABASE_URL"])
    with application(url, Path(city.config["INSTANCE"])) as app, app.app_context():
        complaints = db.session().scalars(select(Complaint)).all()
        bodies = Counter(letter_of(app, complaint.case.number)["body"] for complaint in complaints)
        assert max(bodies.values()) == 1, "none is there twice"
        assert {log.sent[key] for key in log.shown} <= set(bodies), "none is lost"
        assert set(bodies) <= set(log.sent.values())
        evidence = set(db.session().scalars(select(Evidence.id)))
        present = {
            path.name for path in (Path(city.config["INSTANCE"]) / "files").rglob("*") if path.is_file()
        }
        assert evidence <= present, "every row's file is there"
        assert db.session().connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        unanswered = len(bodies) - len(log.shown) - len(replayed)
    print(
        f"{KILLS} kills: {len(log.sent)} sent, {len(log.shown)} acknowledged, 0 lost, 0 doubled; "
        f"{len(replayed)} of the others answered on asking again, {unanswered} stored with a photo and "
        f"not asked for; {len(present - evidence)} sealed files without a row"
    )
