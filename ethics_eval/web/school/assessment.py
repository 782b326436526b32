"""纸质结果: a school brings what it collected on paper: the workbook is looked at first, then stored."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import structlog
from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField

from ethics_eval.accounts.rules import Permission
from ethics_eval.database import db, transaction
from ethics_eval.evaluation.rounds import current_semester
from ethics_eval.evaluation.template import assessment_template
from ethics_eval.evaluation.uploading import (
    MOST_MEGABYTES,
    Looked,
    keep_upload,
    kept_upload,
    look_at,
    part_sources,
    returned_tables,
    store_upload,
)
from ethics_eval.roster import queries as roster_queries
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.desk.ranking import XLSX
from ethics_eval.web.forms import REFUSED, Form
from ethics_eval.web.request import actor, now
from ethics_eval.workbooks.writing import write_workbook

bp = Blueprint("assessment", __name__, url_prefix="/assessments")
brings = needs(Audience.SCHOOL, Permission.BALLOT_ISSUE)
PROBLEMS_SHOWN = 200
_log = structlog.get_logger("ethics_eval.download")


class UploadForm(Form):
    """The filled-in workbook."""

    workbook = FileField(
        lazy_gettext("填好的工作簿（.xlsx）"), [FileRequired(lazy_gettext("请选择工作簿。"))]
    )


class KeptForm(Form):
    """The workbook that was looked at."""

    token = HiddenField()


@bp.get("")
@brings
def index() -> ResponseReturnValue:
    """What came on paper so far, the empty workbook, and the way to bring a filled-in one."""
    return _page(UploadForm())


@bp.post("")
@brings
def look() -> ResponseReturnValue:
    """Look at a workbook: what it would change, or every error by its row. Nothing is stored."""
    form, looked, token = UploadForm(), None, ""
    semester = current_semester(db.session())
    if semester is None:
        abort(404)
    if form.validate_on_submit():
        with form.refusing():
            token = keep_upload(_folder(), form.workbook.data.stream.read(), actor=actor())
            try:
                looked = look_at(db.session(), _kept(token), semester, actor=actor())
            finally:
                if looked is None:  # unreadable: nobody comes back for it
                    _kept(token).unlink(missing_ok=True)
    return _page(form, looked=looked, token=token if looked is not None else "")


@bp.post("/store")
@brings
def store() -> ResponseReturnValue:
    """Store the workbook that was looked at: all of its rows, or none."""
    form = KeptForm()
    semester = current_semester(db.session())
    if semester is None or not form.validate_on_submit():
        abort(404)
    path = _kept(form.token.data or "")
    is_changed = False
    with form.refusing(), transaction() as session:
        is_changed = store_upload(session, path, semester, actor=actor(), at=now()).is_changed
    if form.errors:  # things changed since it was looked at: it is looked at again
        again = None
        with form.refusing():
            again = look_at(db.session(), path, semester, actor=actor())
        return _page(form, looked=again, token=form.token.data or "")
    path.unlink(missing_ok=True)
    flash(gettext("结果已保存。") if is_changed else gettext("和已有的结果完全相同，没有变化。"))
    return redirect(url_for(".index"), 303)


@bp.post("/errors")
@brings
def errors() -> ResponseReturnValue:
    """The same workbook with its errors marked, to be mended and brought again."""
    form = KeptForm()
    semester = current_semester(db.session())
    if semester is None or not form.validate_on_submit():
        abort(404)
    path = _kept(form.token.data or "")
    tables = returned_tables(db.session(), path, semester, actor=actor())
    return _workbook(tables, gettext("纸质结果-错误"))


@bp.get("/template.xlsx")
@brings
def template() -> ResponseReturnValue:
    """The empty workbook."""
    return _workbook(assessment_template(), gettext("纸质结果-模板"))


def _workbook(tables: Any, name: str) -> Response:
    file = BytesIO()
    write_workbook(file, tables, made_at=now())
    file.seek(0)
    who = actor()
    _log.info("paper results downloaded", account=who.id, role=who.kind, school=who.school_id)
    return send_file(file, mimetype=XLSX, as_attachment=True, download_name=f"{name}.xlsx")


def _folder() -> Path:
    return Path(current_app.config["INSTANCE"]) / "tasks"


def _kept(token: str) -> Path:
    """The sender's own workbook; 404: another's, or gone."""
    path = kept_upload(_folder(), token, actor=actor())
    if path is None:
        abort(404)
    return path


def _page(form: Form, *, looked: Looked | None = None, token: str = "") -> ResponseReturnValue:
    session = db.session()
    code = current_semester(session)
    problems = () if looked is None else looked.problems
    page = render_template(
        "school/assessment/index.html",
        semester=roster_queries.semester(session, code) if code else None,
        sources=part_sources(session, code, actor().school_id or 0) if code else [],
        form=form if isinstance(form, UploadForm) else UploadForm(formdata=None),
        refused=form,
        looked=looked,
        problems=problems[:PROBLEMS_SHOWN],
        problem_count=len(problems),
        kept=KeptForm(formdata=None, token=token),
        most_megabytes=MOST_MEGABYTES,
    )
    return page, REFUSED if problems or form.errors else 200
