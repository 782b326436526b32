"""Background work: asked for once, taken up by one worker, taken up again when that one dies, ended once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account, AuditEvent
from ethics_eval.accounts.rules import Actor, Role
from ethics_eval.accounts.service import actor_of
from ethics_eval.database import db, transaction
from ethics_eval.tasks import service
from ethics_eval.tasks.models import Task
from ethics_eval.tasks.queries import TaskView, own_task, own_tasks
from ethics_eval.tasks.rules import BROKE, GAVE_UP, GIVE_UP_AFTER, KEPT, LEASE, TaskKind, TaskState
from tests.support.databases import SETTINGS

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def asker(session: Session) -> Actor:
    account = Account(
        username="officer",
        display_name="区教育局",
        password="x",
        active=True,
        fs_uniquifier="u",
        role=Role.BUREAU_OFFICER.value,
        created_at=AT,
    )
    session.add(account)
    session.flush()
    return actor_of(account)


def asked(session: Session, actor: Actor, size: str = "A4", at: datetime = AT) -> str:
    return service.ask(session, TaskKind.POSTERS, {"size": size}, actor=actor, at=at)


def seen(session: Session, actor: Actor, task_id: str) -> TaskView:
    view = own_task(session, actor, task_id)
    assert view is not None
    return view


def test_asked_twice_it_is_one_task_until_it_ends(session: Session, asker: Actor) -> None:
    first = asked(session, asker)
    assert asked(session, asker) == first
    assert asked(session, asker, "A5", AT + timedelta(seconds=1)) != first
    claimed = service.claim(session, at=AT)
    assert claimed is not None
    assert asked(session, asker) == first
    service.finish(session, claimed, file_name="a.pdf", at=AT)
    assert asked(session, asker) != first
    events = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert events == ["task.asked", "task.asked", "task.done", "task.asked"]


def test_a_task_is_its_askers_alone(session: Session, asker: Actor) -> None:
    task = asked(session, asker)
    other = Actor(id=(asker.id or 0) + 1, role=Role.BUREAU_OFFICER)
    assert own_task(session, other, task) is None
    assert own_tasks(session, other) == []
    assert own_task(session, Actor(id=None, role=None), task) is None
    assert [view.id for view in own_tasks(session, asker)] == [task]


def test_the_oldest_is_taken_first_and_nothing_twice(session: Session, asker: Actor) -> None:
    newer = asked(session, asker, "A5", AT + timedelta(minutes=1))
    older = asked(session, asker)
    at = AT + timedelta(minutes=2)
    taken = [service.claim(session, at=at) for _ in range(3)]
    assert [claimed and claimed.id for claimed in taken] == [older, newer, None]
    assert taken[0] is not None
    assert taken[0].params == {"size": "A4"}


def test_progress_is_told_and_renews_the_lease(session: Session, asker: Actor) -> None:
    task = asked(session, asker)
    claimed = service.claim(session, at=AT)
    assert claimed is not None
    later = AT + LEASE - timedelta(seconds=1)
    claimed = service.progress(session, claimed, done=3, total=10, at=later)
    view = seen(session, asker, task)
    assert (view.state, view.done_count, view.total_count) == (TaskState.RUNNING, 3, 10)
    assert service.claim(session, at=AT + LEASE + timedelta(seconds=1)) is None
    service.finish(session, claimed, file_name="a.pdf", at=later)
    view = seen(session, asker, task)
    assert (view.state, view.done_count, view.file_name) == (TaskState.DONE, 10, "a.pdf")
    assert view.kept_until == later + KEPT


def test_a_silent_workers_task_is_taken_up_and_the_silent_one_can_do_nothing(
    session: Session, asker: Actor
) -> None:
    task = asked(session, asker)
    first = service.claim(session, at=AT)
    assert first is not None
    assert service.claim(session, at=AT + LEASE) is None
    later = AT + LEASE + timedelta(seconds=1)
    second = service.claim(session, at=later)
    assert second is not None
    assert second.id == first.id
    with pytest.raises(service.LeaseLost):
        service.progress(session, first, done=1, total=2, at=later)
    with pytest.raises(service.LeaseLost):
        service.finish(session, first, file_name="first.pdf", at=later)
    with pytest.raises(service.LeaseLost):
        service.fail(session, first, reason=BROKE, at=later)
    with pytest.raises(service.LeaseLost):
        service.give_back(session, first)
    service.finish(session, second, file_name="second.pdf", at=later)
    assert seen(session, asker, task).file_name == "second.pdf"
    with pytest.raises(service.LeaseLost):
        service.finish(session, second, file_name="twice.pdf", at=later)


def test_what_kills_its_workers_is_given_up(session: Session, asker: Actor) -> None:
    task = asked(session, asker)
    assert service.claim(session, at=AT) is not None
    assert service.claim(session, at=AT + GIVE_UP_AFTER + timedelta(seconds=1)) is None
    view = seen(session, asker, task)
    assert (view.state, view.error) == (TaskState.FAILED, GAVE_UP)


def test_a_failure_says_why_and_what_is_given_back_waits(session: Session, asker: Actor) -> None:
    task = asked(session, asker)
    claimed = service.claim(session, at=AT)
    assert claimed is not None
    service.give_back(session, claimed)
    assert seen(session, asker, task).state is TaskState.WAITING
    claimed = service.claim(session, at=AT)
    assert claimed is not None
    service.fail(session, claimed, reason="磁盘满了" * 100, at=AT)
    view = seen(session, asker, task)
    assert view.state is TaskState.FAILED
    assert view.error.startswith("磁盘满了")
    assert len(view.error) == service.MAX_ERROR
    assert service.claim(session, at=AT) is None


def test_files_go_after_seven_days_and_it_is_logged(session: Session, asker: Actor, tmp_path: Path) -> None:
    task = asked(session, asker)
    claimed = service.claim(session, at=AT)
    assert claimed is not None
    for name in ("kept.pdf", "left.part", "young.part"):
        (tmp_path / name).write_bytes(b"%PDF")
    service.finish(session, claimed, file_name="kept.pdf", at=AT)
    service.fetch(session, task, actor=asker, at=AT)
    for name in ("kept.pdf", "left.part"):
        os.utime(tmp_path / name, (AT.timestamp(), AT.timestamp()))
    os.utime(tmp_path / "young.part", ((AT + KEPT).timestamp(),) * 2)
    assert service.remove_old(session, tmp_path, at=AT + KEPT) == 0
    after = AT + KEPT + timedelta(seconds=1)
    assert service.remove_old(session, tmp_path, at=after) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["young.part"]
    assert seen(session, asker, task).file_name == ""
    assert service.remove_old(session, tmp_path, at=after) == 0
    assert service.remove_old(session, tmp_path / "missing", at=after) == 0
    actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions[-2:] == ["task.fetched", "task.file_removed"]


def test_of_workers_at_once_one_wins(city: Flask) -> None:
    with city.app_context(), transaction() as session:
        officer = actor_of(session.scalars(select(Account).limit(1)).one())
        for size in ("A4", "A5"):
            asked(session, officer, size)
    won: list[str] = []
    start = threading.Barrier(6)

    def work() -> None:
        with city.app_context():
            start.wait()
            with transaction() as session:
                claimed = service.claim(session, at=AT)
            if claimed is not None:
                won.append(claimed.id)
            db.session.remove()

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert len(won) == len(set(won)) == 2


KILLED = """
import sys, threading, time
from datetime import datetime, UTC
from ethics_eval.app import create_app
from ethics_eval.database import allow_volatile_postgresql, transaction
from ethics_eval.jobs.working import Kind, work_off

allow_volatile_postgresql()

def work(job):
    job.out.write_bytes(b"half")
    for done in range(4):
        job.tell(done, 1000)
    print("half done", flush=True)
    time.sleep(600)

app = create_app()
with app.app_context():
    work_off(transaction, {"posters": Kind(work, "pdf")}, clock=lambda: datetime.now(UTC),
             instance=app.config["INSTANCE"], stop=threading.Event())
"""


def test_a_worker_killed_in_the_middle_leaves_the_task_to_the_next(city: Flask) -> None:
    from ethics_eval.jobs.working import Job, Kind, work_off  # noqa: PLC0415 - only this test goes through jobs

    instance = Path(city.config["INSTANCE"])
    with city.app_context(), transaction() as session:
        officer = actor_of(session.scalars(select(Account).limit(1)).one())
        task = asked(session, officer, at=datetime.now(UTC))
    environment = {
        **os.environ,
        **{name: str(value) for name, value in SETTINGS.items()},
        "DATABASE_URL": str(city.config["DATABASE_URL"]),
        "ETHICS_EVAL_INSTANCE": str(instance),
    }
    with subprocess.Popen(
        [sys.executable, "-c", KILLED], env=environment, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        said = worker.stdout.readline()
        worker.send_signal(signal.SIGKILL)
    assert said == "half done\n"
    (half,) = (instance / "tasks").iterdir()
    assert half.suffix == ".part"
    with city.app_context():
        row = db.session.get_one(Task, task)
        assert row.state == "running"
        assert row.done_count == 3
        db.session.remove()

        def work(job: Job) -> None:
            job.tell(0, 2)
            job.out.write_bytes(b"whole")
            job.tell(2, 2)

        def take_up(at: datetime) -> int:
            return work_off(
                transaction,
                {"posters": Kind(work, "pdf")},
                clock=lambda: at,
                instance=instance,
                stop=threading.Event(),
            )

        assert take_up(datetime.now(UTC)) == 0
        assert take_up(datetime.now(UTC) + LEASE) == 1
        view = seen(db.session(), officer, task)
        assert view.state is TaskState.DONE
        assert (instance / "tasks" / view.file_name).read_bytes() == b"whole"
