"""The receipt: the query code, once."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from ethics_eval.web.access import public
from ethics_eval.web.public.mailbox import RECEIPT
from ethics_eval.web.request import now

bp = Blueprint("receipt", __name__)


@bp.get("/receipt")
@public
def show() -> ResponseReturnValue:
    """The code of what was just sent from this browser; it lives in the visitor's own cookie until they leave it."""
    receipt = session.get(RECEIPT)
    if receipt is None:
        return redirect(url_for("public.track.find"), 303)
    return render_template("public/receipt/show.html", receipt=receipt, at=now())


@bp.post("/receipt/done")
@public
def done() -> ResponseReturnValue:
    """The visitor has kept the code: forget it here (a shared phone shows it to nobody)."""
    session.pop(RECEIPT, None)
    return redirect(url_for("public.track.find"), 303)
