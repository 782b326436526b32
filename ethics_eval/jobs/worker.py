"""The worker: what a killed server left is set aside, then one tick a minute until told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from ethics_eval.complaints.queries import named_files
from ethics_eval.jobs.tick import Transaction, tick
from ethics_eval.vault.files import set_aside

INTERVAL_SECONDS = 60
UNNAMED_AFTER = timedelta(hours=1)  # no upload takes longer
_log = structlog.get_logger("ethics_eval.worker")


def run(
    transaction: Transaction, *, clock: Callable[[], datetime], instance: Path, stop: threading.Event
) -> None:
    """Set aside once, then tick every minute; what fails is logged and tried again at the next."""
    is_tidy = False
    while not stop.is_set():
        try:
            if not is_tidy:
                _log.info("set aside", files=set_files_aside(transaction, instance, at=clock()))
                is_tidy = True
            for line in tick(transaction, at=clock(), instance=instance):
                _log.info("tick", did=line)
        except Exception as error:  # the worker outlives a database that is away for a while
            _log.error("tick failed", kind=type(error).__name__, exc_info=error)
        stop.wait(INTERVAL_SECONDS)


def set_files_aside(transaction: Transaction, instance: Path, *, at: datetime) -> int:
    """Move the sealed files of submissions that were never acknowledged out of the way; how many."""
    with transaction() as session:
        return set_aside(
            instance / "files", lambda names: named_files(session, names), before=at - UNNAMED_AFTER
        )
