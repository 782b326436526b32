"""The receipt: the query code, once."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from ethics_eval.complaints.rules import clocks
from ethics_eval.database import db
from ethics_eval.roster import queries as roster_queries
from ethics_eval.web.access import public
from ethics_eval.web.public.mailbox import RECEIPT

bp = Blueprint("receipt", __name__)


@bp.get("/receipt")
@public
def show() -> ResponseReturnValue:
    """The code of what was just sent from this browser; it lives in the visitor's own cookie until they leave it."""
    receipt = session.get(RECEIPT)
    if receipt is None:
        return redirect(url_for("public.track.find"), 303)
    received_on = date.fromisoformat(receipt["received_on"])
    calendar = roster_queries.calendar(db.session())
    return render_template(
        "public/receipt/show.html",
        receipt=receipt,
        received_on=received_on,
        register_due_on=clocks.register_due(received_on, calendar),
        accept_due_on=clocks.accept_due(received_on, calendar),
    )


@bp.post("/receipt/done")
@public
def done() -> ResponseReturnValue:
    """The visitor has kept the code: forget it here (a shared phone shows it to nobody)."""
    session.pop(RECEIPT, None)
    return redirect(url_for("public.track.find"), 303)
