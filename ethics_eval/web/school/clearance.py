"""澄清正名 that were issued for this school's eyes."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from ethics_eval.accounts.rules import Permission
from ethics_eval.complaints import queries
from ethics_eval.database import db
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.desk.clearance import document_of
from ethics_eval.web.request import actor, vault

bp = Blueprint("clearance", __name__, url_prefix="/clearances")


@bp.get("")
@needs(Audience.SCHOOL, Permission.NOTICE_READ)
def index() -> ResponseReturnValue:
    """The latest first."""
    rows = queries.issued_clearances(db.session(), vault(), actor().school_id)
    return render_template("school/clearance/index.html", rows=rows)


@bp.get("/<clearance_id>")
@needs(Audience.SCHOOL, Permission.NOTICE_READ)
def show(clearance_id: str) -> ResponseReturnValue:
    """The document, to read, print and put up."""
    rows = queries.issued_clearances(db.session(), vault(), actor().school_id)
    view = next((row for row in rows if row.id == clearance_id), None)
    if view is None:
        abort(404)
    return render_template("school/clearance/show.html", view=view, document=document_of(view))
