"""Signing in and out, and one's own account."""

from __future__ import annotations

from flask import Blueprint

from ethics_eval.web.auth import account, notice, session, task
from ethics_eval.web.auth.session import check_session

bp = Blueprint("auth", __name__)
for part in (session.bp, account.bp, notice.bp, task.bp):
    bp.register_blueprint(part)

__all__ = ["bp", "check_session"]
