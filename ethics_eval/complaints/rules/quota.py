"""How much may come from one source in a while: sixty parents behind one school address pass, one script does not.

Source: security.md §1. A window slides: what came in the window before counts by the part of it still inside.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from ethics_eval.text import N_, RuleViolation

MINUTE = timedelta(minutes=1)
KEPT = timedelta(days=1)  # the hashes change every day: older rows can mean nothing any more


class Source(StrEnum):
    """What is counted together."""

    VISITOR = "visitor"  # one browser's session
    ADDRESS = "address"  # one network address, all mailboxes
    ADDRESS_AT_MAILBOX = "address_at_mailbox"
    CONTENT = "content"  # the same words to the same mailbox
    MAILBOX = "mailbox"
    MISS = "miss"  # wrong query codes from one address
    BALLOT_MISS = "ballot_miss"  # wrong ballot codes from one address: a whole school mistypes behind it
    BEACON = "beacon"  # pages of one browser's session that tell they were opened
    BEACON_ADDRESS = "beacon_address"


@dataclass(frozen=True)
class Limit:
    """``most`` within any ``window``; what is told when it is reached."""

    most: int
    window: timedelta
    message: str = N_("短时间内提交得太多了，这一次没有收到。您写的都还在本页，请%(minutes)s分钟后再提交。")


LIMITS: Mapping[Source, Limit] = {
    Source.VISITOR: Limit(
        5,
        60 * MINUTE,
        N_("您这台设备一小时内已提交多件，这一次没有收到。您写的都还在本页，请%(minutes)s分钟后再提交。"),
    ),
    Source.CONTENT: Limit(
        80, KEPT, N_("同样内容的投诉已经收到很多份，正在办理，不必再交。情况有不同的，请写出不同之处。")
    ),
    Source.ADDRESS_AT_MAILBOX: Limit(90, 10 * MINUTE),
    Source.ADDRESS: Limit(120, 10 * MINUTE),
    Source.MAILBOX: Limit(240, 10 * MINUTE),
    Source.MISS: Limit(30, 15 * MINUTE, N_("从您所在的网络输错的查询码太多了，请%(minutes)s分钟后再试。")),
    Source.BALLOT_MISS: Limit(
        300, 15 * MINUTE, N_("从您所在的网络输错的评议码太多了，请%(minutes)s分钟后再试。")
    ),
    Source.BEACON: Limit(60, 60 * MINUTE),
    Source.BEACON_ADDRESS: Limit(600, 60 * MINUTE),
}
# The order in which a submission is counted: rows are locked in it, so that two never wait for each other.
OF_SUBMISSION = (
    Source.VISITOR,
    Source.CONTENT,
    Source.ADDRESS_AT_MAILBOX,
    Source.ADDRESS,
    Source.MAILBOX,
)

EASIEST = 1000  # steps of the proof of work: half a second on a desk, one to two on a phone
_HARDER = ((150, 8), (60, 4), (20, 2))  # from so many at the mailbox in ten minutes on, so many times harder


class TooMany(RuleViolation):
    """A limit is reached: answered with 429; ``retry_after`` seconds later it is worth trying again."""

    def __init__(self, source: Source, retry_after: int) -> None:
        limit = LIMITS[source]
        super().__init__(f"quota.{source}", limit.message, minutes=-(-retry_after // 60))
        self.retry_after = retry_after


def network(address: str) -> str:
    """What of an address is counted: IPv4 whole, of IPv6 the first 64 bits (a house has as many as it likes)."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is None:
            return str(ipaddress.ip_network((int(parsed), 64), strict=False))
        return str(parsed.ipv4_mapped)
    return str(parsed)


def window_start(at: datetime, window: timedelta) -> datetime:
    """The start of the fixed window ``at`` lies in; all sources share the same starts."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch + ((at - epoch) // window) * window


def weighed(current: int, before: int, *, elapsed: timedelta, window: timedelta) -> int:
    """How many came within the last ``window``: this window's, and of the one before the part still inside."""
    return current + before * (window - elapsed) // window


def retry_after(current: int, before: int, *, elapsed: timedelta, limit: Limit) -> int:
    """Seconds until one more fits, at least 1."""
    window, room = limit.window, limit.most - 1
    if current <= room:  # the past window fades: before × (window − t) / window ≤ room − current
        free = window - window * (room - current + 1) / before if before else elapsed
    else:  # this window must become the past one, and fade
        free = window + window - window * (room + 1) / current
    return max(1, 1 - (elapsed - free) // timedelta(seconds=1))


def difficulty(recent: int) -> int:
    """Steps of the proof of work when ``recent`` complaints came to the mailbox within ten minutes."""
    return EASIEST * next((times for least, times in _HARDER if recent >= least), 1)
