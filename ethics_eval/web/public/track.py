"""Tracking: the query code opens the progress of one complaint."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import StringField
from wtforms.validators import InputRequired

from ethics_eval.complaints import tracking
from ethics_eval.database import db, transaction
from ethics_eval.web.access import public
from ethics_eval.web.forms import Form
from ethics_eval.web.request import now, once_more, vault

bp = Blueprint("track", __name__, url_prefix="/track")

TRACKED = "tracked"


class TrackForm(Form):
    """The code."""

    query_code = StringField(lazy_gettext("查询码"), [InputRequired(lazy_gettext("请输入查询码"))])


@bp.route("", methods=["GET", "POST"])
@public
def find() -> ResponseReturnValue:
    """Ask for the code; wrong and unknown codes get the same answer."""
    form = TrackForm()
    if form.validate_on_submit():
        found = once_more(lambda: _open(form.query_code.data or ""))
        if found is not None:
            session[TRACKED] = found
            return redirect(url_for(".case"), 303)
        form.query_code.errors = [gettext("没有查到。请核对16位查询码;连续输错5次须等15分钟再试。")]
    return render_template("public/track/find.html", form=form), form.http_status


def _open(typed: str) -> str | None:
    with transaction() as store:
        complaint = tracking.open_by_code(store, vault(), typed, at=now())
        return complaint.id if complaint else None


@bp.get("/case")
@public
def case() -> ResponseReturnValue:
    """How far it is, in plain words, and the reply."""
    complaint_id = session.get(TRACKED)
    progress = tracking.progress(db.session(), vault(), complaint_id, at=now()) if complaint_id else None
    if progress is None:
        return redirect(url_for(".find"), 303)
    return render_template("public/track/case.html", progress=progress)


@bp.post("/leave")
@public
def leave() -> ResponseReturnValue:
    """Close the complaint on this device."""
    session.pop(TRACKED, None)
    return redirect(url_for(".find"), 303)
