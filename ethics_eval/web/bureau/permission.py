"""谁可以做什么: the permission table itself, as a page."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from ethics_eval.accounts.rules import (
    PERMISSION_LABELS,
    PERMISSIONS,
    ROLE_LABELS,
    SCOPE_LABELS,
    Permission,
    Role,
)
from ethics_eval.web.access import Audience, needs

bp = Blueprint("permission", __name__, url_prefix="/permissions")


@bp.get("")
@needs(Audience.BUREAU, Permission.PERMISSION_READ)
def index() -> ResponseReturnValue:
    """Rows are permissions, columns roles, cells scopes."""
    return render_template(
        "bureau/permission/index.html",
        permissions=PERMISSIONS,
        permission_labels=PERMISSION_LABELS,
        roles=list(Role),
        role_labels=ROLE_LABELS,
        scope_labels=SCOPE_LABELS,
    )
