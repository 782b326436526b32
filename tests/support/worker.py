"""The worker's turn: what people asked for is made."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask

from ethics_eval.database import transaction
from ethics_eval.jobs.kinds import Means, kinds
from ethics_eval.jobs.working import work_off


def work(app: Flask, at: datetime | None = None) -> int:
    """Let the worker do all that waits; how many tasks. ``at``: the instant by its clock, else the clock's own."""
    with app.app_context():
        return work_off(
            transaction,
            kinds(Means(app.extensions["vault"], app.config, app.jinja_env)),
            clock=lambda: at or datetime.now(UTC),
            instance=Path(app.config["INSTANCE"]),
            stop=threading.Event(),
        )
