"""Where word goes in tests: a mail server and a web server on the loopback, that keep what they are given."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import StreamRequestHandler, TCPServer, ThreadingTCPServer
from typing import Any


@dataclass
class Sink:
    """What came, and how the next is answered. ``refusing``: every one is refused; ``asked``: how many came at all."""

    url: str = ""
    mails: list[EmailMessage] = field(default_factory=list)
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    refusing: bool = False
    asked: int = 0


class _Mail(StreamRequestHandler):
    """SMTP as RFC 5321 has it, as far as a client that sends one letter needs it."""

    sink: Sink

    def handle(self) -> None:
        self._say(220, "sink")
        while line := self.rfile.readline():
            verb = line.decode("ascii", "replace").strip().upper()
            if verb.startswith(("EHLO", "HELO")):
                self._say(250, "sink")
            elif verb.startswith("MAIL"):
                self.sink.asked += 1
                self._say(*((451, "later") if self.sink.refusing else (250, "ok")))
            elif verb == "DATA":
                self._say(354, "go on")
                self._take()
            elif verb == "QUIT":
                self._say(221, "bye")
                return
            else:
                self._say(250, "ok")

    def _take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        letter = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.sink.mails.append(letter)
        self._say(250, "taken")

    def _say(self, code: int, text: str) -> None:
        self.wfile.write(f"{code} {text}\r\n".encode("ascii"))


class _Call(BaseHTTPRequestHandler):
    sink: Sink

    def do_POST(self) -> None:
        self.sink.asked += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.sink.refusing:
            self.sink.calls.append((dict(self.headers), body))
        self.send_response(503 if self.sink.refusing else 204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def _running(server: TCPServer, sink: Sink, scheme: str) -> Iterator[Sink]:
    sink.url = f"{scheme}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@contextmanager
def mail_sink() -> Iterator[Sink]:
    """A mail server."""
    sink = Sink()
    handler = type("Mail", (_Mail,), {"sink": sink})
    with _running(ThreadingTCPServer(("127.0.0.1", 0), handler), sink, "smtp") as running:
        yield running


@contextmanager
def call_sink() -> Iterator[Sink]:
    """A web server that takes what is posted to it."""
    sink = Sink()
    handler = type("Call", (_Call,), {"sink": sink})
    with _running(HTTPServer(("127.0.0.1", 0), handler), sink, "http") as running:
        yield running
