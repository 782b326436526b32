"""What the worker does with a task: its file, its failure, its interruption."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from ethics_eval.accounts.models import Account
from ethics_eval.accounts.rules import Actor
from ethics_eval.accounts.service import actor_of
from ethics_eval.database import db, transaction
from ethics_eval.jobs.working import Job, Kind, work_off
from ethics_eval.tasks import service
from ethics_eval.tasks.queries import TaskView, own_task
from ethics_eval.tasks.rules import BROKE, TaskKind, TaskState
from ethics_eval.text import RuleViolation

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


class Desk:
    """Somebody who asks, and a worker."""

    def __init__(self, app: Flask) -> None:
        self.instance = Path(app.config["INSTANCE"])
        self.stop = threading.Event()
        self.actor: Actor = actor_of(db.session.scalars(select(Account).limit(1)).one())
        with transaction() as session:
            self.task = service.ask(session, TaskKind.POSTERS, {}, actor=self.actor, at=AT)

    def work(self, work: Callable[[Job], None], kind: str = "posters") -> TaskView:
        work_off(
            transaction, {kind: Kind(work, "pdf")}, clock=lambda: AT, instance=self.instance, stop=self.stop
        )
        view = own_task(db.session(), self.actor, self.task)
        assert view is not None
        return view

    def files(self) -> list[str]:
        return sorted(path.name for path in (self.instance / "tasks").glob("*"))


@pytest.fixture
def desk(city: Flask) -> Desk:
    with city.app_context():
        return Desk(city)


def test_done_with_its_file(city: Flask, desk: Desk) -> None:
    def work(job: Job) -> None:
        job.out.write_bytes(b"whole")

    with city.app_context():
        view = desk.work(work)
        assert (view.state, view.file_name) == (TaskState.DONE, f"{desk.task}.pdf")
        assert desk.files() == [view.file_name]


def test_a_refusal_is_told_in_its_own_words_and_a_fault_in_ours(city: Flask, desk: Desk) -> None:
    def refuse(job: Job) -> None:
        job.out.write_bytes(b"half")
        raise RuleViolation("some.code", "没有可以印的海报。")

    with city.app_context():
        view = desk.work(refuse)
        assert (view.state, view.error) == (TaskState.FAILED, "没有可以印的海报。")
        assert desk.files() == []


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), ValueError("张三")])
def test_a_fault_tells_nothing_of_its_inside(city: Flask, desk: Desk, error: Exception) -> None:
    def break_down(_job: Job) -> None:
        raise error

    with city.app_context():
        view = desk.work(break_down)
        assert (view.state, view.error) == (TaskState.FAILED, BROKE)


def test_an_unknown_kind_fails(city: Flask, desk: Desk) -> None:
    with city.app_context():
        assert desk.work(lambda _job: None, kind="other").state is TaskState.FAILED


def test_told_to_stop_it_gives_the_task_back(city: Flask, desk: Desk) -> None:
    def work(job: Job) -> None:
        job.tell(1, 2)
        job.out.write_bytes(b"half")
        desk.stop.set()
        job.tell(2, 2)
        raise AssertionError("worked on")

    with city.app_context():
        assert desk.work(work).state is TaskState.WAITING
        assert desk.files() == []
