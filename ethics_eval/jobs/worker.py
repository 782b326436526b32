"""The worker: what a killed server left is set aside, then a tick a minute, and between them what people asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import structlog

from ethics_eval.accounts.rules import Channel
from ethics_eval.complaints.queries import named_files
from ethics_eval.complaints.rules.reminding import DEFAULT_SPACING, Spacing
from ethics_eval.jobs.carrying import Carrier, deliver
from ethics_eval.jobs.tick import Transaction, tick
from ethics_eval.jobs.working import Kind, work_off
from ethics_eval.vault.files import set_aside

INTERVAL_SECONDS = 60
POLL_SECONDS = 2
UNNAMED_AFTER = timedelta(hours=1)  # no upload takes longer
_log = structlog.get_logger("ethics_eval.worker")


def run(
    transaction: Transaction,
    *,
    clock: Callable[[], datetime],
    instance: Path,
    stop: threading.Event,
    spacing: Spacing = DEFAULT_SPACING,
    ways: Mapping[Channel, Carrier] = MappingProxyType({}),
    kinds: Mapping[str, Kind] = MappingProxyType({}),
) -> None:
    """Set aside once, then tick and send every minute, and work off tasks every two seconds, until told to stop.

    What fails is logged and tried again at the next turn.
    """
    is_tidy = False
    next_tick = time.monotonic()
    while not stop.is_set():
        try:
            if not is_tidy:
                _log.info("set aside", files=set_files_aside(transaction, instance, at=clock()))
                is_tidy = True
            if time.monotonic() >= next_tick:
                next_tick = time.monotonic() + INTERVAL_SECONDS
                for line in tick(transaction, at=clock(), instance=instance, spacing=spacing):
                    _log.info("tick", did=line)
                for line in deliver(transaction, ways, clock=clock):
                    _log.info("sent", did=line)
            work_off(transaction, kinds, clock=clock, instance=instance, stop=stop)
        except Exception as error:  # the worker outlives a database that is away for a while
            _log.error("tick failed", kind=type(error).__name__, exc_info=error)
        stop.wait(POLL_SECONDS)


def set_files_aside(transaction: Transaction, instance: Path, *, at: datetime) -> int:
    """Move the sealed files of submissions that were never acknowledged out of the way; how many."""
    with transaction() as session:
        return set_aside(
            instance / "files", lambda names: named_files(session, names), before=at - UNNAMED_AFTER
        )
