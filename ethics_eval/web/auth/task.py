"""One's own background tasks: how far they are, and the files they gave."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, abort, current_app, render_template, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from ethics_eval.database import db, transaction
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.tasks import queries, service
from ethics_eval.tasks.rules import TASK_KIND_LABELS
from ethics_eval.web.access import signed_in
from ethics_eval.web.request import actor, now

bp = Blueprint("task", __name__, url_prefix="/account/tasks")


@bp.get("")
@signed_in
def index() -> ResponseReturnValue:
    """What I asked for lately, the newest first."""
    return render_template("auth/task/index.html", tasks=queries.own_tasks(db.session(), actor()))


@bp.get("/<task_id>")
@signed_in
def show(task_id: str) -> ResponseReturnValue:
    """How far a task is, then its file."""
    task = _own(task_id)
    return render_template("auth/task/show.html", task=task, error=gettext(task.error) if task.error else "")


@bp.post("/<task_id>/file")
@signed_in
def file(task_id: str) -> ResponseReturnValue:
    """The file of a finished task, as an attachment; a POST, since each download is logged."""
    task = _own(task_id)
    folder = Path(current_app.config["INSTANCE"]) / "tasks"
    if not task.file_name or not (folder / task.file_name).is_file():
        abort(404)
    with transaction() as session:
        service.fetch(session, task.id, actor=actor(), at=now())
    suffix = Path(task.file_name).suffix
    name = f"{gettext(TASK_KIND_LABELS[task.kind])}-{local_day(task.created_at)}{suffix}"
    response = send_file(folder / task.file_name, as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _own(task_id: str) -> queries.TaskView:
    task = queries.own_task(db.session(), actor(), task_id)
    if task is None:
        abort(404)
    return task
