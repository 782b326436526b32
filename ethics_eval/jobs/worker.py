"""The worker: one tick a minute until told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog

from ethics_eval.jobs.tick import Transaction, tick

INTERVAL_SECONDS = 60
_log = structlog.get_logger("ethics_eval.worker")


def run(
    transaction: Transaction, *, clock: Callable[[], datetime], instance: Path, stop: threading.Event
) -> None:
    """Tick every minute; a failing tick is logged and tried again at the next."""
    while not stop.is_set():
        try:
            for line in tick(transaction, at=clock(), instance=instance):
                _log.info("tick", did=line)
        except Exception as error:  # the worker outlives a database that is away for a while
            _log.error("tick failed", kind=type(error).__name__, exc_info=error)
        stop.wait(INTERVAL_SECONDS)
