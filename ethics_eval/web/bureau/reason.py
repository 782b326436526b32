"""最低档理由: what raters wrote who chose the lowest option; sealed, opened by the bureau alone, each look logged."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from ethics_eval.accounts.rules import Permission
from ethics_eval.database import db, transaction
from ethics_eval.evaluation.flagging import PAGE_SIZE, is_readable, open_reasons, reason_lines
from ethics_eval.evaluation.rules.scheme import COMPONENT_LABELS
from ethics_eval.roster import queries as roster_queries
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.bureau.flag import narrowing
from ethics_eval.web.forms import Form
from ethics_eval.web.page import translated_choices
from ethics_eval.web.request import actor, now, vault

bp = Blueprint("reason", __name__, url_prefix="/semesters/<semester_code>/reasons")
reads = needs(Audience.BUREAU, Permission.BALLOT_REASON_READ)


class OpenForm(Form):
    """Whose reasons."""

    school = HiddenField()
    number = HiddenField()
    component = HiddenField()


@bp.get("")
@reads
def index(semester_code: str) -> ResponseReturnValue:
    """Where there are reasons to read, and how many."""
    return _page(semester_code, OpenForm(formdata=None))


@bp.post("")
@reads
def open(semester_code: str) -> ResponseReturnValue:
    """The reasons of one component of a teacher; each look is logged, so it is a POST."""
    form, opened = OpenForm(), None
    if form.validate_on_submit():
        with form.refusing(), transaction() as session:
            opened = open_reasons(
                session,
                vault(),
                semester_code,
                school_code=form.school.data or "",
                number=form.number.data or "",
                component=form.component.data or "",
                actor=actor(),
                at=now(),
            )
    if form.errors:
        return _page(semester_code, form)
    semester = roster_queries.semester(db.session(), semester_code)
    return render_template("bureau/reason/show.html", semester=semester, opened=opened)


def _page(semester_code: str, form: OpenForm) -> ResponseReturnValue:
    session, wanted = db.session(), narrowing()
    semester = roster_queries.semester(session, semester_code)
    if semester is None:
        abort(404)
    lines, total = reason_lines(session, semester_code, wanted, at=now())
    page = render_template(
        "bureau/reason/index.html",
        semester=semester,
        is_readable=is_readable(session, semester_code, now()),
        lines=lines,
        total=total,
        wanted=wanted,
        page_size=PAGE_SIZE,
        districts=roster_queries.districts(session),
        components=translated_choices(COMPONENT_LABELS),
        form=form,
    )
    return page, form.http_status
