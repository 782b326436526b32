"""Doing what people asked for: one task after the other, each with its file, its progress, its end."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from ethics_eval.database import new_id
from ethics_eval.jobs.tick import Transaction
from ethics_eval.tasks import service
from ethics_eval.tasks.rules import BROKE
from ethics_eval.text import RuleViolation

_log = structlog.get_logger("ethics_eval.worker")


class Stopping(Exception):
    """The worker is told to stop: the work breaks off, and the task waits for the next worker."""


@dataclass(frozen=True)
class Job:
    """What the work is given: what was asked, where its file goes, and how to tell how far it is.

    ``tell(done, total)`` at least once a minute; it raises when the work must break off, which the work lets pass.
    """

    params: Mapping[str, Any]
    transaction: Transaction
    out: Path
    tell: Callable[[int, int], None]


@dataclass(frozen=True)
class Kind:
    """How a kind of task is done; ``suffix`` of its file, without the dot."""

    work: Callable[[Job], None]
    suffix: str


def work_off(
    transaction: Transaction,
    kinds: Mapping[str, Kind],
    *,
    clock: Callable[[], datetime],
    instance: Path,
    stop: threading.Event,
) -> int:
    """Do the tasks that wait, until there is none or ``stop`` is set; how many were taken up."""
    taken = 0
    while not stop.is_set():
        with transaction() as session:
            claimed = service.claim(session, at=clock())
        if claimed is None:
            break
        taken += 1
        kind = kinds.get(claimed.kind)
        if kind is None:
            _refuse(transaction, claimed, BROKE, clock)
            continue
        _Doing(transaction, claimed, kind, clock, instance / "tasks", stop).do()
    return taken


def _refuse(
    transaction: Transaction, claimed: service.Claim, reason: str, clock: Callable[[], datetime]
) -> None:
    with transaction() as session:
        service.fail(session, claimed, reason=reason, at=clock())


class _Doing:
    """One task in the worker's hands."""

    def __init__(
        self,
        transaction: Transaction,
        claimed: service.Claim,
        kind: Kind,
        clock: Callable[[], datetime],
        folder: Path,
        stop: threading.Event,
    ) -> None:
        self._transaction = transaction
        self._claimed = claimed
        self._kind = kind
        self._clock = clock
        self._folder = folder
        self._stop = stop

    def do(self) -> None:
        """Work to the end, whichever it is; only a database that is away is left to the caller."""
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._folder / f"{new_id()}.part"
        try:
            self._kind.work(Job(self._claimed.params, self._transaction, part, self._tell))
            self._hand_over(part)
        except service.LeaseLost:
            _log.info("task taken over", task=self._claimed.id)
        except Stopping:
            with self._transaction() as session:
                service.give_back(session, self._claimed)
        except RuleViolation as violation:
            _refuse(self._transaction, self._claimed, str(violation), self._clock)
        except Exception as error:  # whatever it was, the one who waits must learn it
            _log.error("task failed", task=self._claimed.id, kind=type(error).__name__, exc_info=error)
            _refuse(self._transaction, self._claimed, BROKE, self._clock)
        finally:
            part.unlink(missing_ok=True)

    def _tell(self, done: int, total: int) -> None:
        if self._stop.is_set():
            raise Stopping
        with self._transaction() as session:
            self._claimed = service.progress(session, self._claimed, done=done, total=total, at=self._clock())

    def _hand_over(self, part: Path) -> None:
        with part.open("rb") as file:
            os.fsync(file.fileno())
        name = f"{self._claimed.id}.{self._kind.suffix}"
        with self._transaction() as session:
            service.finish(session, self._claimed, file_name=name, at=self._clock())
            part.rename(self._folder / name)  # the task is ours, and the file there before the row says so
