"""The switch between Chinese and English."""

from __future__ import annotations

from flask import Blueprint, redirect, request, session
from flask.typing import ResponseReturnValue

from ethics_eval.web.access import public
from ethics_eval.web.auth.session import local_target
from ethics_eval.web.request import LANGUAGES

bp = Blueprint("language", __name__)


@bp.post("/language")
@public
def switch() -> ResponseReturnValue:
    """Remember the language and go back to the page the switch stood on."""
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        session["language"] = chosen
    return redirect(local_target(request.form.get("next")) or "/", 303)
