"""督办清单: what is late, by district and level; pressing for a case by hand."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import TextAreaField

from ethics_eval.accounts.rules import Permission
from ethics_eval.complaints import queries
from ethics_eval.complaints.queries.running import overdue_clocks
from ethics_eval.complaints.queries.supervision import late_cases, pressings
from ethics_eval.complaints.rules.machine import Desk
from ethics_eval.complaints.rules.reminding import LEVEL_LABELS, Level, Spacing
from ethics_eval.complaints.rules.supervision import supervision_refusal
from ethics_eval.complaints.service import Step
from ethics_eval.complaints.service.supervision import supervise as press
from ethics_eval.database import db, transaction
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.forms import Form
from ethics_eval.web.page import translated_choices
from ethics_eval.web.request import actor, now, page_number, vault

bp = Blueprint("supervision", __name__, url_prefix="/supervision")
reads = needs(Audience.BUREAU, Permission.CASE_SUPERVISE)

# what a late case has come to; the warnings lie before the due day
LATE_LEVELS = {level: LEVEL_LABELS[level] for level in list(Level)[list(Level).index(Level.DUE) :]}


class SupervisionForm(Form):
    """Why the case is pressed for."""

    reason = TextAreaField(lazy_gettext("督办理由"))


@bp.get("")
@reads
def index() -> ResponseReturnValue:
    """The late cases in the reader's scope."""
    district, wanted_level, page = (
        request.args.get("district", ""),
        request.args.get("level", ""),
        page_number(),
    )
    rows, districts, total = late_cases(
        db.session(),
        actor(),
        now(),
        spacing=Spacing(*current_app.config["REMINDER_DAYS"]),
        district=district,
        level=wanted_level,
        page=page,
    )
    levels = translated_choices(LATE_LEVELS)
    return render_template(
        "bureau/supervision/index.html",
        rows=rows,
        districts=districts,
        total=total,
        page=page,
        page_size=queries.PAGE_SIZE,
        levels=levels,
        heads=[
            gettext("区县"),
            *({"label": level.label, "numeric": True} for level in levels),
            {"label": gettext("合计"), "numeric": True},
        ],
        wanted_district=district,
        wanted_level=wanted_level,
    )


@bp.get("/<number>")
@reads
def show(number: str) -> ResponseReturnValue:
    """One case, and the reason to be written."""
    return _page(number, SupervisionForm())


@bp.post("/<number>")
@reads
def supervise(number: str) -> ResponseReturnValue:
    """Press for it; the desk and its head are told."""
    form = SupervisionForm()
    if form.validate_on_submit():
        with form.refusing(), transaction() as session:
            case = queries.find_case(session, actor(), number, lock=True)
            if case is None:
                abort(404)
            press(Step(session, vault(), actor(), now()), case, reason=form.reason.data or "")
        if not form.errors:
            flash(gettext("已发出督办，经办人会收到提醒。"))
            return redirect(url_for(".index"), 303)
    return _page(number, form)


def _page(number: str, form: SupervisionForm) -> ResponseReturnValue:
    session = db.session()
    case = queries.find_case(session, actor(), number)
    if case is None:
        abort(404)
    late = overdue_clocks(case, now())
    page = render_template(
        "bureau/supervision/show.html",
        case=case,
        late=late,
        pressed=pressings(session, [case.id]).get(case.id),
        refused=supervision_refusal(actor().role, Desk(case.desk), is_overdue=bool(late)),
        form=form,
    )
    return page, form.http_status
