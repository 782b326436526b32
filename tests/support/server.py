"""The real server, in a thread: the application under waitress on a free port of this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from waitress import create_server
from waitress.wasyncore import close_all


@dataclass(frozen=True)
class Served:
    """A running service: where it answers, and the application behind it."""

    url: str
    app: Flask

    @property
    def instance(self) -> Path:
        """Its instance folder."""
        return Path(self.app.config["INSTANCE"])


@contextmanager
def serving(app: Flask) -> Iterator[Served]:
    """Serve until the block ends; open connections are then cut."""
    server = create_server(app, host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, name="served", daemon=True)
    thread.start()
    try:
        yield Served(f"http://127.0.0.1:{server.effective_port}", app)
    finally:
        # the loop's own thread must close the sockets, or it would wait on numbers that mean nothing any more
        server.trigger.pull_trigger(lambda: close_all(server._map, ignore_all=True))
        thread.join(60)
        server.task_dispatcher.shutdown()
        assert not thread.is_alive(), "the server did not stop"
