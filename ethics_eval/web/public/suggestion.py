"""What a letter being written is about, by its words: a suggestion, which the writer takes or leaves."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from ethics_eval.complaints.suggesting import suggestions
from ethics_eval.web.access import public
from ethics_eval.web.public.mailbox import mailbox_or_404

bp = Blueprint("suggestion", __name__, url_prefix="/m/<mailbox_code>/suggestion")


@bp.post("")
@public
def show(mailbox_code: str) -> ResponseReturnValue:
    """The suggestions for the text sent, as a part of the page; nothing is stored."""
    mailbox_or_404(mailbox_code)
    text = request.form.get("body", "")
    return render_template("public/suggestion/show.html", suggestions=suggestions(text))
