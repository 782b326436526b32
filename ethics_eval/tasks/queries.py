"""One's own tasks, and the files that are still named."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor
from ethics_eval.tasks.models import Task
from ethics_eval.tasks.rules import TaskKind, TaskState, kept_until

SHOWN = 20


@dataclass(frozen=True)
class TaskView:
    """A task as its page shows it. ``done_count`` of ``total_count`` pieces are made (0 of 0: not begun).

    ``file_name``: of the file inside ``instance/tasks``, empty before it is there and after it was removed.
    ``error``: Chinese source text, to be translated.
    """

    id: str
    kind: TaskKind
    state: TaskState
    params: Mapping[str, Any]
    done_count: int
    total_count: int
    created_at: datetime
    kept_until: datetime | None
    file_name: str
    error: str

    @property
    def is_open(self) -> bool:
        """Whether there is still something to wait for."""
        return self.state in {TaskState.WAITING, TaskState.RUNNING}


def _view(task: Task) -> TaskView:
    return TaskView(
        id=task.id,
        kind=TaskKind(task.kind),
        state=TaskState(task.state),
        params=json.loads(task.params),
        done_count=task.done_count,
        total_count=task.total_count,
        created_at=task.created_at,
        kept_until=None if task.finished_at is None else kept_until(task.finished_at),
        file_name=task.file_name,
        error=task.error,
    )


def own_task(session: Session, actor: Actor, task_id: str) -> TaskView | None:
    """A task the actor asked for; None: there is none such, or it is somebody else's."""
    if actor.id is None:
        return None
    task = session.scalars(select(Task).where(Task.id == task_id, Task.requested_by_id == actor.id)).first()
    return None if task is None else _view(task)


def own_tasks(session: Session, actor: Actor) -> list[TaskView]:
    """The actor's newest tasks, at most 20, the newest first."""
    if actor.id is None:
        return []
    rows = session.scalars(
        select(Task)
        .where(Task.requested_by_id == actor.id)
        .order_by(Task.created_at.desc(), Task.id)
        .limit(SHOWN)
    )
    return [_view(task) for task in rows]


def last_asked(session: Session, kind: TaskKind, params: Mapping[str, str | int | None]) -> datetime | None:
    """When this very work was asked for last, by whomever; None: never."""
    return session.scalar(
        select(func.max(Task.created_at)).where(
            Task.kind == kind.value, Task.params == json.dumps(params, sort_keys=True)
        )
    )


def named_files(session: Session) -> set[str]:
    """The files that finished tasks still name."""
    return set(session.scalars(select(Task.file_name).where(Task.file_name != "")))
