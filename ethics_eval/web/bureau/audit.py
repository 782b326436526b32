"""The audit events, newest first."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from ethics_eval.accounts import queries
from ethics_eval.accounts.rules import Permission
from ethics_eval.database import db
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.request import page_number

bp = Blueprint("audit", __name__, url_prefix="/audit")


@bp.get("")
@needs(Audience.BUREAU, Permission.AUDIT_READ)
def index() -> ResponseReturnValue:
    """A page of 100; rows hold codes and numbers, never names or texts."""
    page = page_number()
    rows, total = queries.audit_events(db.session(), page=page)
    return render_template(
        "bureau/audit/index.html", rows=rows, total=total, page=page, page_size=queries.AUDIT_PAGE
    )
