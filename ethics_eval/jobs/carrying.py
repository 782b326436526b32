"""Carrying word out of the house: by e-mail and by webhook, to addresses the operator or the person has set.

What goes out says that something waits, and where to sign in; no case, school, teacher or name (security.md §1).
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import smtplib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import structlog

from ethics_eval.accounts import outbox
from ethics_eval.accounts.outbox import Envelope
from ethics_eval.accounts.rules import Channel
from ethics_eval.jobs.tick import Transaction
from ethics_eval.roster.rules.calendar import CITY_TIME
from ethics_eval.text import N_

TIMEOUT_SECONDS = 20
ROUND = 200
WORD = N_("您有一件事项待办，请登录查看")
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_log = structlog.get_logger("ethics_eval.outbox")


class Undelivered(Exception):
    """It did not go out: the text says why, without an address."""


class Carrier(Protocol):
    """A way out. ``carry`` raises :class:`Undelivered`."""

    def carry(self, envelope: Envelope) -> None: ...  # noqa: D102


@dataclass(frozen=True)
class Mailer:
    """E-mail by SMTP. ``url``: smtp:// (STARTTLS where offered) or smtps://, with user and password if needed."""

    url: str
    sender: str
    site: str

    def message(self, envelope: Envelope) -> EmailMessage:
        """The letter; its Message-ID is the same however often it is sent."""
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = envelope.address
        message["Subject"] = WORD
        message["Date"] = format_datetime(envelope.created_at.astimezone(CITY_TIME))
        message["Message-ID"] = f"<{envelope.id}@{self.sender.rpartition('@')[2].rstrip('>')}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(f"{WORD}:\n{self.site}/login\n")
        return message

    def carry(self, envelope: Envelope) -> None:
        """Hand it to the server. Raises: Undelivered."""
        try:
            with self._connected() as server:
                server.send_message(self.message(envelope))
        except (OSError, smtplib.SMTPException) as error:
            raise Undelivered(type(error).__name__) from error

    def _connected(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        host, context = parts.hostname or "", ssl.create_default_context()
        server: smtplib.SMTP
        if parts.scheme == "smtps":
            server = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT_SECONDS, context=context)
        else:
            server = smtplib.SMTP(host, parts.port or 25, timeout=TIMEOUT_SECONDS)
        try:
            server.ehlo()
            is_private = parts.scheme == "smtps" or host in LOOPBACK
            if parts.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=context)
                is_private = True
            if parts.username:
                if not is_private:  # a password is never said in the open
                    raise smtplib.SMTPNotSupportedError("STARTTLS")
                server.login(unquote(parts.username), unquote(parts.password or ""))
        except BaseException:
            server.close()
            raise
        return server


@dataclass(frozen=True)
class Caller:
    """A webhook: POST of JSON, signed; the receiver knows a repeated call by its id."""

    url: str
    secret: str

    def carry(self, envelope: Envelope) -> None:
        """Call it; any answer but 2xx counts as failure, redirects too. Raises: Undelivered."""
        body = json.dumps(
            {"id": envelope.id, "at": envelope.created_at.isoformat(), "text": WORD}, ensure_ascii=False
        ).encode()
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request(
                "POST",
                f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}",
                body,
                self.headers(body),
            )
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            raise Undelivered(type(error).__name__) from error
        finally:
            connection.close()
        if not 200 <= status < 300:
            raise Undelivered(f"HTTP {status}")

    def headers(self, body: bytes) -> dict[str, str]:
        """The id that stays the same, and HMAC-SHA-256 of the body under the shared secret."""
        signature = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        return {
            "Content-Type": "application/json; charset=utf-8",
            "X-Ethics-Eval-Id": json.loads(body)["id"],
            "X-Ethics-Eval-Signature": f"sha256={signature}",
        }


def carriers(settings: Mapping[str, Any]) -> dict[Channel, Carrier]:
    """The ways out that are set up."""
    found: dict[Channel, Carrier] = {}
    if settings["SMTP_URL"]:
        found[Channel.EMAIL] = Mailer(
            settings["SMTP_URL"], settings["MAIL_SENDER"], settings["PUBLIC_BASE_URL"]
        )
    if settings["WEBHOOK_URL"]:
        found[Channel.WEBHOOK] = Caller(settings["WEBHOOK_URL"], settings["WEBHOOK_SECRET"])
    return found


def deliver(
    transaction: Transaction, ways: Mapping[Channel, Carrier], *, clock: Callable[[], datetime]
) -> list[str]:
    """Send what is due, at most 200 a round; a line for each way that was used.

    A way that fails is left alone for this round, so that a server that is down costs one try and no queue.
    """
    open_ways = dict(ways)
    sent = dict.fromkeys(ways, 0)
    for _turn in range(ROUND):
        if not open_ways:
            break
        with transaction() as session:
            envelope = outbox.claim(session, list(open_ways), at=clock())
        if envelope is None:
            break
        try:
            open_ways[envelope.channel].carry(envelope)
        except Undelivered as reason:
            _log.warning("undelivered", channel=envelope.channel.value, reason=str(reason))
            del open_ways[envelope.channel]
            with transaction() as session:
                outbox.mark_failed(session, envelope, at=clock())
        else:
            with transaction() as session:
                outbox.mark_sent(session, envelope, at=clock())
            sent[envelope.channel] += 1
    return [f"{channel.value} {count}" for channel, count in sent.items() if count]
