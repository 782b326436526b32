"""Asking for background work, taking it up, telling how far it is, and ending it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import CLOCK, Actor
from ethics_eval.accounts.service import record
from ethics_eval.database import new_id
from ethics_eval.tasks.models import Task
from ethics_eval.tasks.queries import named_files
from ethics_eval.tasks.rules import GAVE_UP, GIVE_UP_AFTER, KEPT, LEASE, TaskKind, TaskState

MAX_ERROR = 200


class LeaseLost(Exception):
    """Another worker has taken the task up: whoever learns it stops and leaves everything to the other."""


@dataclass(frozen=True)
class Claim:
    """A task in a worker's hands until ``lease_until``; renewed by :func:`progress`."""

    id: str
    kind: str
    params: Mapping[str, Any]
    lease_until: datetime


def ask(
    session: Session, kind: TaskKind, params: Mapping[str, str | int | None], *, actor: Actor, at: datetime
) -> str:
    """Ask for work; the task's id. Asked again while the same is waiting or running, it is that one.

    Args: params: codes and numbers, never names or texts of people; what the actor may ask is the caller's rule.
    """
    text = json.dumps(params, sort_keys=True)
    same = session.scalars(
        select(Task.id).where(
            Task.kind == kind.value,
            Task.params == text,
            Task.requested_by_id == actor.id,
            Task.state.in_([TaskState.WAITING.value, TaskState.RUNNING.value]),
        )
    ).first()
    if same is not None:
        return same
    task = Task(
        id=new_id(),
        kind=kind.value,
        params=text,
        requested_by_id=actor.id,
        state=TaskState.WAITING.value,
        created_at=at,
    )
    session.add(task)
    session.flush()
    record(session, actor, at, "task.asked", "task", task.id, kind=kind.value)
    return task.id


def claim(session: Session, *, at: datetime) -> Claim | None:
    """Take up the oldest task that waits, or whose worker fell silent; None: there is nothing to do.

    One claim wins: the row is taken by an update that another worker's update makes empty.
    """
    free = or_(
        Task.state == TaskState.WAITING.value,
        and_(Task.state == TaskState.RUNNING.value, Task.lease_until < at),
    )
    while True:
        task = session.scalars(
            select(Task)
            .where(free)
            .order_by(Task.created_at, Task.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if task is None:
            return None
        if task.started_at is not None and task.started_at < at - GIVE_UP_AFTER:
            _end(session, task.id, task.kind, at, state=TaskState.FAILED, error=GAVE_UP)
            session.expire_all()
            continue
        taken = Claim(task.id, task.kind, json.loads(task.params), at + LEASE)
        won = session.execute(
            update(Task)
            .where(Task.id == task.id, free)
            .values(
                state=TaskState.RUNNING.value,
                started_at=task.started_at or at,
                lease_until=taken.lease_until,
                done_count=0,
                total_count=0,
            )
            .execution_options(synchronize_session=False)
        )
        session.expire_all()
        if won.rowcount == 1:  # type: ignore[attr-defined]
            return taken


def progress(session: Session, claimed: Claim, *, done: int, total: int, at: datetime) -> Claim:
    """Tell how far the work is; the lease begins anew. Raises: LeaseLost."""
    renewed = replace(claimed, lease_until=max(at + LEASE, claimed.lease_until))
    _change(session, claimed, done_count=done, total_count=total, lease_until=renewed.lease_until)
    return renewed


def finish(session: Session, claimed: Claim, *, file_name: str, at: datetime) -> None:
    """The work is done; its file lies complete in ``instance/tasks``. Raises: LeaseLost."""
    _change(
        session,
        claimed,
        state=TaskState.DONE.value,
        lease_until=None,
        finished_at=at,
        file_name=file_name,
        done_count=Task.total_count,
    )
    record(session, CLOCK, at, "task.done", "task", claimed.id, kind=claimed.kind)


def fail(session: Session, claimed: Claim, *, reason: str, at: datetime) -> None:
    """The work cannot be done; ``reason`` is a Chinese source text that says what to do. Raises: LeaseLost."""
    _change(session, claimed)
    _end(session, claimed.id, claimed.kind, at, state=TaskState.FAILED, error=reason[:MAX_ERROR])


def give_back(session: Session, claimed: Claim) -> None:
    """The worker stops in the middle: the task waits again for the next one. Raises: LeaseLost."""
    _change(session, claimed, state=TaskState.WAITING.value, lease_until=None)


def fetch(session: Session, task_id: str, *, actor: Actor, at: datetime) -> None:
    """Leave the audit event of a download."""
    record(session, actor, at, "task.fetched", "task", task_id)


def remove_old(session: Session, folder: Path, *, at: datetime) -> int:
    """Remove the files of tasks finished more than seven days ago, and what killed workers left; how many.

    What lies here can be made again at any time, so a file that no task names is removed as well when it is old.
    """
    removed = 0
    for task in session.scalars(select(Task).where(Task.file_name != "", Task.finished_at < at - KEPT)):
        (folder / task.file_name).unlink(missing_ok=True)
        task.file_name = ""
        record(session, CLOCK, at, "task.file_removed", "task", task.id)
        removed += 1
    session.flush()
    named = named_files(session)
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name not in named and path.stat().st_mtime < (at - KEPT).timestamp():
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _change(session: Session, claimed: Claim, **values: Any) -> None:
    """Change the row as long as it is still in the claimant's hands."""
    result = session.execute(
        update(Task)
        .where(
            Task.id == claimed.id,
            Task.state == TaskState.RUNNING.value,
            Task.lease_until == claimed.lease_until,
        )
        .values(**(values or {"id": claimed.id}))
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    if result.rowcount != 1:  # type: ignore[attr-defined]
        raise LeaseLost(claimed.id)


def _end(session: Session, task_id: str, kind: str, at: datetime, *, state: TaskState, error: str) -> None:
    session.execute(
        update(Task)
        .where(Task.id == task_id)
        .values(state=state.value, lease_until=None, finished_at=at, error=error)
        .execution_options(synchronize_session=False)
    )
    record(session, CLOCK, at, f"task.{state.value}", "task", task_id, kind=kind)
