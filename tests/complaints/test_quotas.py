"""Counts of sources in the database: keyed, daily, exact when many count at once, forgotten in time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor
from ethics_eval.complaints import challenge, mailbox_counts, quotas
from ethics_eval.complaints.mailboxes import is_poster_ours, poster_address
from ethics_eval.complaints.models import Mailbox, MailboxCount, QuotaCount, SpentChallenge
from ethics_eval.complaints.rules.quota import LIMITS, OF_SUBMISSION, Source, TooMany
from ethics_eval.complaints.rules.submission import RespondentRole
from ethics_eval.database import db, transaction
from ethics_eval.text import RuleViolation
from ethics_eval.vault.service import Vault
from tests.complaints.town import LETTER, NOW, Town
from tests.support.city import mailbox_code

VAULT = Vault(bytes(range(32)))
AT = datetime(2026, 3, 20, 2, 3, tzinfo=UTC)
MISS = LIMITS[Source.MISS]


def counted(session: Session) -> int:
    return session.scalar(select(func.sum(QuotaCount.count))) or 0


def test_up_to_the_limit_and_no_further(session: Session) -> None:
    for _ in range(MISS.most):
        quotas.refuse_flood(session, VAULT, Source.MISS, ["a"], at=AT)
        quotas.count(session, VAULT, Source.MISS, ["a"], at=AT)
    with pytest.raises(TooMany) as refused:
        quotas.refuse_flood(session, VAULT, Source.MISS, ["a"], at=AT)
    assert counted(session) == MISS.most, "looking counts nothing"
    with pytest.raises(TooMany):
        quotas.count(session, VAULT, Source.MISS, ["a"], at=AT)
    quotas.count(session, VAULT, Source.MISS, ["b"], at=AT)
    later = AT + timedelta(seconds=refused.value.retry_after + MISS.window.seconds)
    quotas.refuse_flood(session, VAULT, Source.MISS, ["a"], at=later)


def test_nothing_in_the_table_tells_of_an_address_and_days_cannot_be_joined(session: Session) -> None:
    visitor = quotas.Visitor("203.0.113.7", "word")
    for day in (0, 1):
        parts = quotas.sources(visitor, 1, b"digest")
        assert tuple(parts) == OF_SUBMISSION
        quotas.count_all(session, VAULT, parts, at=AT + timedelta(days=day))
    hashes = list(session.scalars(select(QuotaCount.bucket_hash)))
    assert len(set(hashes)) == 2 * len(OF_SUBMISSION)
    assert all(b"203.0" not in value for value in hashes)


def test_load_is_what_came_within_ten_minutes(session: Session) -> None:
    for _ in range(3):
        quotas.count(session, VAULT, Source.MAILBOX, ["7"], at=AT)
    assert quotas.recent(session, VAULT, 7, AT) == 3
    assert quotas.recent(session, VAULT, 8, AT) == 0
    assert quotas.recent(session, VAULT, 7, AT + timedelta(minutes=30)) == 0


def test_what_is_old_is_forgotten(session: Session) -> None:
    quotas.note(session, VAULT, Source.MISS, ["a"], at=AT - timedelta(days=3))
    quotas.note(session, VAULT, Source.MISS, ["a"], at=AT)
    session.add_all(
        SpentChallenge(signature_hash=bytes([day]) * 32, expires_at=AT + timedelta(days=day - 1))
        for day in (0, 2)
    )
    session.flush()
    assert quotas.forget(session, AT) == 2
    assert quotas.forget(session, AT) == 0
    assert counted(session) == 1


def test_many_at_once_are_counted_each(app: Flask) -> None:
    def one(_number: int) -> None:
        with app.app_context(), transaction() as session:
            quotas.note(session, VAULT, Source.MISS, ["a"], at=AT)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(20)))
    with app.app_context():
        assert counted(db.session()) == 20


def test_openings_are_counted_each_though_many_come_at_once(city: Flask) -> None:
    app = city
    with app.app_context():
        mailbox_id = (
            db.session().scalars(select(Mailbox.id).where(Mailbox.code == mailbox_code(db.session()))).one()
        )

    def one(_number: int) -> None:
        with app.app_context(), transaction() as session:
            mailbox_counts.note(session, mailbox_id, at=AT, opened=1, began=1)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(20)))
    with app.app_context():
        row = db.session().scalars(select(MailboxCount)).one()
        assert (row.on, row.opened_count, row.began_count, row.sent_count) == (date(2026, 3, 20), 20, 20, 0)


def test_a_school_cannot_subtract_what_is_kept_from_it(town: Town) -> None:
    mailbox = town.mailbox()
    town.send()
    town.send(replace(LETTER, respondent_role=RespondentRole.HEAD), key="another key of sixteen")
    mailbox_counts.note(town.session, mailbox.id, at=NOW, opened=5, sent=2)
    mailbox_counts.note(town.session, mailbox.id, at=NOW - timedelta(days=10), opened=1)
    mailbox_counts.note(town.session, mailbox.id, at=NOW - timedelta(days=40), opened=9)

    def seen(actor: Actor) -> list[tuple[int, int, int]]:
        rows = mailbox_counts.funnels(town.session, actor, [mailbox.id], today=NOW.date())
        return [(row.days, row.opened, row.sent) for row in rows[mailbox.id]]

    assert seen(town.officer) == [(7, 5, 1), (30, 6, 1)]
    assert seen(town.head) == [(7, 5, 1), (30, 6, 1)]
    assert seen(town.district) == [(7, 5, 2), (30, 6, 2)]
    assert seen(town.bureau) == [(7, 5, 2), (30, 6, 2)]


def test_work_counts_once(session: Session) -> None:
    work = challenge.Work("signature", AT + timedelta(hours=1))
    challenge.spend(session, VAULT, work)
    with pytest.raises(RuleViolation, match="过期"):
        challenge.spend(session, VAULT, work)
    challenge.spend(session, VAULT, challenge.Work("another", work.expires_at))


def test_poster_signatures_belong_to_one_mailbox() -> None:
    address = poster_address(VAULT, "https://example.org", "abcd1234wxyz")
    assert address.startswith("https://example.org/m/abcd1234wxyz?via=qr&s=")
    signature = address.rpartition("=")[2]
    assert is_poster_ours(VAULT, "ABCD1234WXYZ", signature.upper())
    for code, given in (("abcd1234wxyy", signature), ("abcd1234wxyz", signature[:-1]), ("abcd1234wxyz", "é")):
        assert not is_poster_ours(VAULT, code, given)
