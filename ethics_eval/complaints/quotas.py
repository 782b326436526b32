"""Counting against floods: keyed hashes that change every day stand for the sources, never an address itself.

Source: security.md §1. Rows of sources are forgotten after two days (:func:`forget`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ethics_eval.complaints.models import QuotaCount, SpentChallenge
from ethics_eval.complaints.rules.quota import (
    KEPT,
    LIMITS,
    OF_SUBMISSION,
    Source,
    TooMany,
    network,
    retry_after,
    weighed,
    window_start,
)
from ethics_eval.database import inserting
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.vault.service import Vault


@dataclass(frozen=True)
class Visitor:
    """Who asks, as far as it is counted: the network address, and a random word of the browser's own session."""

    address: str
    session: str


def sources(visitor: Visitor, mailbox_id: int, content: bytes) -> dict[Source, tuple[str | bytes, ...]]:
    """What a submission counts for, in the order of :data:`OF_SUBMISSION`."""
    parts: dict[Source, tuple[str | bytes, ...]] = {
        Source.VISITOR: (visitor.session,),
        Source.CONTENT: (str(mailbox_id), content),
        Source.ADDRESS_AT_MAILBOX: (network(visitor.address), str(mailbox_id)),
        Source.ADDRESS: (network(visitor.address),),
        Source.MAILBOX: (str(mailbox_id),),
    }
    return {source: parts[source] for source in OF_SUBMISSION}


def refuse_flood(
    session: Session, vault: Vault, source: Source, parts: Iterable[str | bytes], *, at: datetime
) -> None:
    """Nothing while one more is within the limit; reads only. Raises: TooMany."""
    current, before = _counts(session, vault, source, tuple(parts), at)
    _judge(source, current + 1, before, at)


def count(
    session: Session, vault: Vault, source: Source, parts: Iterable[str | bytes], *, at: datetime
) -> None:
    """Count one more, whoever else counts at this moment. Raises: TooMany: it was one too many (undo it all)."""
    values = tuple(parts)
    _judge(
        source,
        note(session, vault, source, values, at=at),
        _counts(session, vault, source, values, at)[1],
        at,
    )


def note(
    session: Session, vault: Vault, source: Source, parts: Iterable[str | bytes], *, at: datetime
) -> int:
    """Count one more and ask nothing; how many it makes in this window."""
    adding = inserting(session, QuotaCount).values(
        bucket_hash=_bucket(vault, source, tuple(parts), at),
        began_at=window_start(at, LIMITS[source].window),
        count=1,
    )
    counting = adding.on_conflict_do_update(
        index_elements=["bucket_hash", "began_at"], set_={"count": QuotaCount.count + 1}
    )
    return int(session.execute(counting.returning(QuotaCount.count)).scalar_one())


def recent(session: Session, vault: Vault, mailbox_id: int, at: datetime) -> int:
    """How many complaints came to a mailbox within about the last ten minutes, as far as they are counted."""
    window = LIMITS[Source.MAILBOX].window
    current, before = _counts(session, vault, Source.MAILBOX, (str(mailbox_id),), at)
    return weighed(current, before, elapsed=at - window_start(at, window), window=window)


def forget(session: Session, at: datetime) -> int:
    """Delete counts older than two days and challenges that have expired; how many rows."""
    counts = session.execute(delete(QuotaCount).where(QuotaCount.began_at < at - 2 * KEPT))
    spent = session.execute(delete(SpentChallenge).where(SpentChallenge.expires_at < at))
    return sum(getattr(done, "rowcount", 0) for done in (counts, spent))


def count_all(
    session: Session, vault: Vault, counted: Mapping[Source, tuple[str | bytes, ...]], *, at: datetime
) -> None:
    """:func:`count` for each source of a submission, in their order. Raises: TooMany."""
    for source, parts in counted.items():
        count(session, vault, source, parts, at=at)


def _bucket(vault: Vault, source: Source, parts: tuple[str | bytes, ...], at: datetime) -> bytes:
    return vault.digest("quota", local_day(at).isoformat(), source.value, *parts)


def _counts(
    session: Session, vault: Vault, source: Source, parts: tuple[str | bytes, ...], at: datetime
) -> tuple[int, int]:
    window = LIMITS[source].window
    start = window_start(at, window)
    rows = session.execute(
        select(QuotaCount.began_at, QuotaCount.count).where(
            QuotaCount.bucket_hash == _bucket(vault, source, parts, at),
            QuotaCount.began_at.in_([start, start - window]),
        )
    )
    found = {began_at: counted for began_at, counted in rows}
    return found.get(start, 0), found.get(start - window, 0)


def _judge(source: Source, with_this: int, before: int, at: datetime) -> None:
    limit = LIMITS[source]
    elapsed = at - window_start(at, limit.window)
    if weighed(with_this, before, elapsed=elapsed, window=limit.window) > limit.most:
        raise TooMany(source, retry_after(with_this - 1, before, elapsed=elapsed, limit=limit))
