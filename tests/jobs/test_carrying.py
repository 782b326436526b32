"""Word goes out by a real mail server and a real web server, without content, and the same word keeps its id."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval import config
from ethics_eval.accounts.models import Account, OutboxItem, StaffNotice
from ethics_eval.accounts.notifying import News, notify, open_channels
from ethics_eval.accounts.outbox import Envelope
from ethics_eval.accounts.rules import RETRY_AFTER, Channel, Role
from ethics_eval.config import ConfigurationError
from ethics_eval.database import db, transaction
from ethics_eval.jobs import carrying
from ethics_eval.jobs.carrying import WORD, Caller, Mailer, Undelivered, carriers, deliver
from tests.support.sinks import Sink, call_sink, mail_sink

AT = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
SECRET = "a secret shared with the receiver"


@pytest.fixture
def mail() -> Iterator[Sink]:
    """A mail server of the test."""
    with mail_sink() as sink:
        yield sink


@pytest.fixture
def calls() -> Iterator[Sink]:
    """A web server of the test."""
    with call_sink() as sink:
        yield sink


@pytest.fixture
def outward(city: Flask, mail: Sink, calls: Sink) -> Iterator[Flask]:
    """The small city, whose district officer wants mail."""
    city.config.update(
        SMTP_URL=mail.url,
        MAIL_SENDER="mailbox@example.org",
        WEBHOOK_URL=f"{calls.url}/hook?room=7",
        WEBHOOK_SECRET=SECRET,
    )
    with city.app_context():
        open_channels(db.engine, carriers(city.config))
        with transaction() as session:
            officer(session).notify_email = "officer@example.org"
        yield city


def officer(session: Session) -> Account:
    return session.scalars(select(Account).where(Account.role == Role.DISTRICT_OFFICER.value)).one()


def tell(key: str = "case.new:c1") -> None:
    """Something happens, in its own transaction."""
    with transaction() as session:
        notify(session, [officer(session).id], News("case.new", "case", "c1", key), at=AT)


def send(app: Flask, at: datetime = AT) -> list[str]:
    return deliver(transaction, carriers(app.config), clock=lambda: at)


def test_word_goes_out_once_and_says_nothing(outward: Flask, mail: Sink, calls: Sink) -> None:
    tell()
    assert send(outward) == ["email 1", "webhook 1"]
    assert send(outward, AT + timedelta(days=3)) == []
    (letter,) = mail.mails
    item = db.session().scalars(select(OutboxItem).where(OutboxItem.channel == "email")).one()
    assert letter["Message-ID"] == f"<{item.id}@example.org>"
    assert (letter["To"], letter["From"], letter["Subject"]) == (
        "officer@example.org",
        "mailbox@example.org",
        WORD,
    )
    assert (
        letter.get_content().replace("\r\n", "\n") == f"{WORD}:\n{outward.config['PUBLIC_BASE_URL']}/login\n"
    )
    ((headers, body),) = calls.calls
    said = json.loads(body)
    assert set(said) == {"id", "at", "text"}
    assert said["text"] == WORD
    assert headers["X-Ethics-Eval-Id"] == said["id"]
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Ethics-Eval-Signature"] == f"sha256={signature}"
    for spoken in (letter.as_string(), body.decode()):
        for secret in ("case.new", "明德", "陈思远"):
            assert secret not in spoken


def test_killed_between_sending_and_marking_it_goes_again_under_the_same_id(
    outward: Flask, mail: Sink, calls: Sink
) -> None:
    tell()

    class Killed(BaseException):
        """The process ends here."""

    begun = 0

    @contextmanager
    def dying() -> Iterator[Session]:
        nonlocal begun
        begun += 1
        if begun == 2:
            raise Killed
        with transaction() as session:
            yield session

    with pytest.raises(Killed):
        deliver(dying, carriers(outward.config), clock=lambda: AT)
    assert len(mail.mails) + len(calls.calls) == 1
    send(outward)
    send(outward, AT + RETRY_AFTER[0])
    ids = (
        [letter["Message-ID"] for letter in mail.mails],
        [head["X-Ethics-Eval-Id"] for head, _ in calls.calls],
    )
    assert sorted(map(len, ids)) == [1, 2], "the one that was not marked went twice"
    assert [len(set(found)) for found in ids] == [1, 1], "under one id"
    assert send(outward, AT + timedelta(days=9)) == []


def test_a_server_that_refuses_is_tried_again_later_and_given_up(
    outward: Flask, mail: Sink, calls: Sink
) -> None:
    mail.refusing = calls.refusing = True
    tell()
    at = AT
    for number, wait in enumerate(RETRY_AFTER, start=1):
        assert send(outward, at) == []
        assert (mail.asked, calls.asked) == (number, number)
        assert send(outward, at) == []
        assert (mail.asked, calls.asked) == (number, number), "not before its time"
        at += wait
    mail.refusing = calls.refusing = False
    assert send(outward, at) == []
    session = db.session()
    assert None not in session.scalars(select(OutboxItem.given_up_at)).all()
    told = session.scalars(select(StaffNotice.kind).where(StaffNotice.kind == "outbox.given_up")).all()
    assert len(told) == 2, "one a way, to the one administrator"


def test_a_server_that_is_away_costs_one_try_a_round_and_holds_up_no_other(
    outward: Flask, mail: Sink, calls: Sink
) -> None:
    with transaction() as session:
        for number in range(3):
            session.add(
                OutboxItem(
                    id=f"{number}" * 32,
                    channel="email",
                    address=f"{number}@example.org",
                    dedupe_key=f"email:{number}",
                    kind="case.new",
                    created_at=AT,
                    next_try_at=AT,
                    tries=0,
                )
            )
    tell()
    outward.config["SMTP_URL"] = "smtp://127.0.0.1:1"
    assert send(outward) == ["webhook 1"]
    session = db.session()
    assert sum(session.scalars(select(OutboxItem.tries).where(OutboxItem.channel == "email"))) == 1
    session.rollback()
    outward.config["SMTP_URL"] = mail.url
    assert send(outward, AT + timedelta(hours=1)) == ["email 4"]
    assert len({letter["Message-ID"] for letter in mail.mails}) == 4


def test_a_password_is_never_said_in_the_open(mail: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        carrying, "LOOPBACK", frozenset()
    )  # as if the server were far away; it offers no STARTTLS
    envelope = Envelope("1" * 32, Channel.EMAIL, "officer@example.org", AT)
    mailer = Mailer(mail.url.replace("://", "://user:secret@"), "a@example.org", "http://x")
    with pytest.raises(Undelivered, match="SMTPNotSupportedError"):
        mailer.carry(envelope)
    assert mail.asked == 0


@pytest.mark.parametrize(
    "settings",
    [
        {"SMTP_URL": "smtp://mail.example.org"},
        {"SMTP_URL": "mail.example.org:25", "MAIL_SENDER": "a@example.org"},
        {"WEBHOOK_URL": "https://hook.example.org"},
        {"WEBHOOK_URL": "ftp://hook.example.org", "WEBHOOK_SECRET": "x"},
        {"WEBHOOK_URL": "https://", "WEBHOOK_SECRET": "x"},
    ],
)
def test_half_a_setting_stops_the_start(settings: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="ETHICS_EVAL_"):
        config.load({"INSTANCE": tmp_path, **settings})


@pytest.mark.parametrize("days", ["1,2,4", "1,2,2,7", "0,1,2,3", "a,b,c,d", "7,4,2,1"])
def test_the_days_of_reminders_rise(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, days: str) -> None:
    monkeypatch.setenv("ETHICS_EVAL_REMINDER_DAYS", days)
    with pytest.raises(ConfigurationError, match="rising"):
        config.load({"INSTANCE": tmp_path})


def test_the_environment_sets_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ETHICS_EVAL_REMINDER_DAYS", "2,3,5,9")
    monkeypatch.setenv("ETHICS_EVAL_SMTP_URL", "smtps://u:p@mail.example.org:465")
    monkeypatch.setenv("ETHICS_EVAL_MAIL_SENDER", "a@example.org")
    monkeypatch.setenv("ETHICS_EVAL_WEBHOOK_URL", "https://hook.example.org/x")
    monkeypatch.setenv("ETHICS_EVAL_WEBHOOK_SECRET", "s")
    settings = config.load({"INSTANCE": tmp_path})
    assert settings["REMINDER_DAYS"] == (2, 3, 5, 9)
    found = carriers(settings)
    assert found == {
        "email": Mailer("smtps://u:p@mail.example.org:465", "a@example.org", settings["PUBLIC_BASE_URL"]),
        "webhook": Caller("https://hook.example.org/x", "s"),
    }
