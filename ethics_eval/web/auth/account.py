"""One's own account: name, role, what it may do."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from ethics_eval.accounts.rules import PERMISSION_LABELS, PERMISSIONS, SCOPE_LABELS
from ethics_eval.web.access import signed_in
from ethics_eval.web.request import actor

bp = Blueprint("account", __name__, url_prefix="/account")


@bp.get("")
@signed_in
def show() -> ResponseReturnValue:
    """Who I am here and what I may do."""
    who = actor()
    rights = [
        (gettext(PERMISSION_LABELS[permission]), gettext(SCOPE_LABELS[scopes[who.role]]))
        for permission, scopes in PERMISSIONS.items()
        if who.role is not None and who.role in scopes
    ]
    return render_template("auth/account/show.html", rights=rights)
