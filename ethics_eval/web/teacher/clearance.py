"""澄清正名 offered to the teacher: read, agreed to or not, and printed once it is issued."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from ethics_eval.accounts.rules import Permission
from ethics_eval.complaints import queries, service
from ethics_eval.complaints.service import Step
from ethics_eval.database import db, transaction
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.desk.clearance import document_of
from ethics_eval.web.forms import Form
from ethics_eval.web.request import actor, now, vault

bp = Blueprint("clearance", __name__, url_prefix="/clearances")


class AnswerForm(Form):
    """The teacher's word."""

    answer = RadioField(
        lazy_gettext("您是否同意发出这份澄清正名"),
        [InputRequired(lazy_gettext("请选择同意或者不同意。"))],
        description=lazy_gettext("不同意的不会发出，也不影响对您的认定。答复之后不能更改。"),
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.answer.choices = [
            SelectChoice("yes", gettext("同意发出")),
            SelectChoice("no", gettext("不同意")),
        ]


@bp.route("/<clearance_id>", methods=["GET", "POST"])
@needs(Audience.TEACHER, Permission.CLEARANCE_ANSWER)
def show(clearance_id: str) -> ResponseReturnValue:
    """The document, and the question while it is open."""
    form = AnswerForm()
    if form.validate_on_submit():
        with form.refusing(), transaction() as session:
            clearance = queries.own_clearance(session, actor().teacher_id, clearance_id, lock=True)
            if clearance is None:
                abort(404)
            case = queries.case_of_clearance(session, clearance)
            step = Step(session, vault(), actor(), now())
            service.answer_clearance(step, case, clearance, consent=form.answer.data == "yes")
        if not form.errors:
            flash(gettext("您的答复已提交。"))
            return redirect(url_for(".show", clearance_id=clearance_id), 303)
    views = queries.own_clearances(db.session(), vault(), actor().teacher_id)
    view = next((row for row in views if row.id == clearance_id), None)
    if view is None:
        abort(404)
    return render_template(
        "teacher/clearance/show.html", view=view, document=document_of(view), form=form
    ), form.http_status
