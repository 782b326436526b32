"""What the clock owes up to an instant. Run twice, late, or after an outage, each thing happens once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import CLOCK
from ethics_eval.notices import service as notice_service
from ethics_eval.ranking import service as ranking_service
from ethics_eval.text import RuleViolation

Transaction = Callable[[], AbstractContextManager[Session]]


def tick(transaction: Transaction, *, at: datetime, instance: Path) -> list[str]:
    """Take the steps of the semesters that are due by ``at``; what was done, a line each.

    Each step is its own transaction: a failure leaves the one before intact and is told, and the next tick
    tries again.
    """
    done: list[str] = []
    refused: set[str] = set()
    while True:
        with transaction() as session:
            due = [row for row in ranking_service.steps_due(session, at) if row[0] not in refused]
        if not due:
            return done
        semester, step = due[0]
        try:
            with transaction() as session:
                notice_service.take_step(session, semester, step, actor=CLOCK, at=at, instance=instance)
        except RuleViolation as violation:
            done.append(f"{semester} {step}: {violation}")
            refused.add(semester)
        else:
            done.append(f"{semester} {step}")
