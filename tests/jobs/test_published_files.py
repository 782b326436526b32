"""The worker builds the files of a publication; what goes wrong with them touches nothing that is published."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from ethics_eval.database import db, transaction
from ethics_eval.jobs.tick import tick
from ethics_eval.notices.publishing import FOLDER, folder_of
from ethics_eval.ranking.models import Ranking
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.tasks.models import Task
from tests.support.ranked import SEMESTER, RankedCity
from tests.support.worker import work

AT = datetime(2026, 2, 14, 1, 0, tzinfo=UTC)


@pytest.fixture
def instance(app: Flask) -> Path:
    """The instance of an application with a published semester."""
    folder = Path(app.config["INSTANCE"])
    with app.app_context(), transaction() as session:
        city = RankedCity(session, app.extensions["vault"], folder)
        city.give_all()
        city.charge(city.teachers[35])
        city.lead_to(Step.PUBLISH)
    return folder


def states() -> list[str]:
    with transaction() as session:
        return list(
            session.scalars(
                select(Task.state).where(Task.kind == "published_files").order_by(Task.created_at)
            )
        )


def test_the_worker_builds_them_without_holding_up_those_who_write(app: Flask, instance: Path) -> None:
    with app.app_context():
        assert work(app, AT) == 1
        assert states() == ["done"]
        folder = folder_of(instance, SEMESTER, 1)
        assert len(list(folder.glob("*.xlsx"))) == 10
        assert (folder / "notice.pdf").read_bytes().startswith(b"%PDF-")
        task = db.session().scalars(select(Task).where(Task.kind == "published_files")).one()
        assert (task.done_count, task.total_count) == (12, 12)
        manifest = instance / "tasks" / task.file_name
        assert manifest.read_bytes() == (folder / "manifest.json").read_bytes()
        db.session.remove()


def test_a_failure_leaves_the_publication_and_is_tried_again(app: Flask, instance: Path) -> None:
    (instance / FOLDER).write_text("a file where the folder should be")
    with app.app_context():
        work(app, AT)
        assert states() == ["failed"]
        with transaction() as session:
            assert session.scalars(select(Ranking.status)).all() == ["published"]
        (instance / FOLDER).unlink()
        later = datetime.now(UTC) + timedelta(hours=2)
        done = tick(transaction, at=later, instance=instance)
        assert "published files asked for: 1" in done
        assert "published files asked for: 1" not in tick(transaction, at=later, instance=instance)
        work(app, later)
        assert states() == ["failed", "done"]
        assert (folder_of(instance, SEMESTER, 1) / "manifest.json").is_file()
        db.session.remove()
