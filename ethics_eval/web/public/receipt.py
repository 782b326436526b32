"""The receipt: the query code, once, until its last four characters are typed back."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from wtforms import StringField
from wtforms.validators import InputRequired

from ethics_eval.complaints.rules import clocks, query_code
from ethics_eval.database import db
from ethics_eval.roster import queries as roster_queries
from ethics_eval.text import N_, RuleViolation
from ethics_eval.web.access import public
from ethics_eval.web.forms import Form
from ethics_eval.web.public.mailbox import RECEIPT
from ethics_eval.web.public.verify import slip_drawing

bp = Blueprint("receipt", __name__)

_OTHER_CODE = RuleViolation(
    "receipt.last_four",
    N_("与上面的查询码不一致。请看着您抄下来或保存的查询码，再输入最后4位。"),
    field="last_four",
)


class KeptForm(Form):
    """The last four characters, from what was written down."""

    last_four = StringField(
        lazy_gettext("查询码的最后4位"), [InputRequired(lazy_gettext("请输入查询码的最后4位。"))]
    )


@bp.get("/receipt")
@public
def show() -> ResponseReturnValue:
    """The code of what was just sent from this browser; it lives in the visitor's own cookie until they leave it."""
    receipt = session.get(RECEIPT)
    return _away() if receipt is None else _page(receipt, KeptForm())


@bp.post("/receipt/done")
@public
def done() -> ResponseReturnValue:
    """The visitor has shown to have kept the code: forget it here (a shared phone shows it to nobody)."""
    receipt = session.get(RECEIPT)
    if receipt is None:
        return _away()
    form = KeptForm()
    if form.validate_on_submit():
        code = query_code.normalise(receipt["code"]) or ""
        if query_code.is_last_group(code, form.last_four.data or ""):
            session.pop(RECEIPT)
            return _away()
        form.refuse(_OTHER_CODE)
    return _page(receipt, form), form.http_status


def _away() -> ResponseReturnValue:
    return redirect(url_for("public.track.find"), 303)


def _page(receipt: dict[str, Any], form: KeptForm) -> str:
    received_on = date.fromisoformat(receipt["received_on"])
    calendar = roster_queries.calendar(db.session())
    return render_template(
        "public/receipt/show.html",
        receipt=receipt,
        qr=slip_drawing(receipt["slip"]) if "slip" in receipt else None,
        form=form,
        received_on=received_on,
        register_due_on=clocks.register_due(received_on, calendar),
        accept_due_on=clocks.accept_due(received_on, calendar),
        urgent_hours=current_app.config["URGENT_HOURS"],
    )
