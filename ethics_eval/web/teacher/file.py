"""One's own 师德档案: what is in it, who looked and why, one's certificates."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from ethics_eval.accounts.rules import Permission
from ethics_eval.database import db
from ethics_eval.ethics_file import queries
from ethics_eval.roster import queries as roster_queries
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.desk.certificate import (
    certificate_pdf,
    check_address,
    code_drawing,
    the_certificate,
)
from ethics_eval.web.desk.ethics_file import workbook as file_workbook
from ethics_eval.web.request import actor, now

bp = Blueprint("file", __name__, url_prefix="/file")


@bp.get("")
@needs(Audience.TEACHER, Permission.FILE_READ)
def show() -> ResponseReturnValue:
    """The whole file."""
    session, who, at = db.session(), actor(), now()
    return render_template(
        "teacher/file/show.html",
        contents=queries.contents(session, who, who.teacher_id or 0, at=at),
        openings=queries.openings_of_teacher(session, who.teacher_id or 0),
    )


@bp.get("/file.xlsx")
@needs(Audience.TEACHER, Permission.FILE_READ)
def workbook() -> ResponseReturnValue:
    """The same as a workbook."""
    session, who, at = db.session(), actor(), now()
    teacher = roster_queries.teacher_by_id(session, who.teacher_id or 0)
    if teacher is None:
        abort(404)
    return file_workbook(
        queries.contents(session, who, teacher.id, at=at), teacher.id, teacher.number, teacher.name
    )


@bp.get("/certificates/<certificate_number>")
@needs(Audience.TEACHER, Permission.FILE_READ)
def certificate(certificate_number: str) -> ResponseReturnValue:
    """One's own certificate."""
    found = the_certificate(certificate_number)
    return render_template(
        "teacher/file/certificate.html",
        certificate=found,
        qr=code_drawing(found),
        address=check_address(),
    )


@bp.get("/certificates/<certificate_number>/certificate.pdf")
@needs(Audience.TEACHER, Permission.FILE_READ)
def pdf(certificate_number: str) -> ResponseReturnValue:
    """The same as PDF."""
    return certificate_pdf(certificate_number)
