"""师德档案 for the head: the files of those who teach at the school now."""

from __future__ import annotations

import structlog
from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from ethics_eval.accounts.rules import Permission
from ethics_eval.database import db
from ethics_eval.ethics_file import queries
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.desk.ethics_file import workbook as file_workbook
from ethics_eval.web.request import actor, now

bp = Blueprint("file", __name__, url_prefix="/files")
_log = structlog.get_logger("ethics_eval.reading")


@bp.get("")
@needs(Audience.SCHOOL, Permission.FILE_READ)
def index() -> ResponseReturnValue:
    """Everyone at the school, by name; nothing of what is in the files."""
    return render_template(
        "school/file/index.html", people=queries.staff_of_school(db.session(), actor(), at=now())
    )


@bp.get("/<teacher_number>")
@needs(Audience.SCHOOL, Permission.FILE_READ)
def show(teacher_number: str) -> ResponseReturnValue:
    """One file; that it was read is logged."""
    session, who, at = db.session(), actor(), now()
    person = queries.person_of(session, who, teacher_number, at=at)
    if person is None:
        abort(404)
    _log.info("file read", account=who.id, role=who.kind, teacher=person.id)
    return render_template(
        "school/file/show.html",
        person=person,
        contents=queries.contents(session, who, person.id, at=at),
    )


@bp.get("/<teacher_number>/file.xlsx")
@needs(Audience.SCHOOL, Permission.FILE_READ)
def workbook(teacher_number: str) -> ResponseReturnValue:
    """The same as a workbook."""
    session, who, at = db.session(), actor(), now()
    person = queries.person_of(session, who, teacher_number, at=at)
    if person is None:
        abort(404)
    return file_workbook(
        queries.contents(session, who, person.id, at=at), person.id, person.number, person.name
    )
