"""The respondent's side of a case: the fact sheet, the statement, the decision. Never the letter."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import TextAreaField

from ethics_eval.accounts.rules import Permission
from ethics_eval.complaints import queries, service
from ethics_eval.complaints.rules.machine import CaseStatus
from ethics_eval.complaints.service import Step
from ethics_eval.database import db, transaction
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.desk.steps import StepForm
from ethics_eval.web.request import actor, now, vault

bp = Blueprint("case", __name__, url_prefix="/cases")


class StatementForm(StepForm):
    """The teacher's own words."""

    statement = TextAreaField(
        lazy_gettext("您的陈述和申辩"),
        description=lazy_gettext(
            "对告知的事实有什么说明、不同意见或证据线索,请写在这里。申辩不会加重对您的认定。"
        ),
    )


@bp.get("")
@needs(Audience.TEACHER, Permission.STATEMENT_WRITE)
def index() -> ResponseReturnValue:
    """What I was told of, newest first."""
    return render_template(
        "teacher/case/index.html", cases=queries.hearings_of(db.session(), actor().teacher_id or 0)
    )


@bp.route("/<number>", methods=["GET", "POST"])
@needs(Audience.TEACHER, Permission.STATEMENT_WRITE)
def show(number: str) -> ResponseReturnValue:
    """The fact sheet, and the form for the statement while it is time."""
    form = StatementForm()
    if form.validate_on_submit():
        with form.refusing(), transaction() as session:
            case = _mine(number)
            service.expect_version(case, form.version.data)
            service.state(Step(session, vault(), actor(), now()), case, statement=form.statement.data or "")
        if not form.errors:
            flash(gettext("您的陈述申辩已提交。"))
            return redirect(url_for(".show", number=number), 303)
    case = _mine(number)
    if not form.is_submitted():
        form.version.data = case.version
    findings = [
        row
        for row in queries.findings(db.session(), vault(), case, None)
        if row.teacher_id == actor().teacher_id
    ]
    return render_template(
        "teacher/case/show.html",
        case=case,
        form=form,
        sheets=queries.fact_sheets(db.session(), vault(), case, actor().teacher_id or 0),
        findings=findings,
        may_state=case.status == CaseStatus.HEARING,
    ), form.http_status


def _mine(number: str) -> Any:
    cases = queries.hearings_of(db.session(), actor().teacher_id or 0)
    case = next((row for row in cases if row.number == number), None)
    if case is None:
        abort(404)
    return case
