"""Pages of teachers: heard, informed, and shown how they were scored."""

from __future__ import annotations

from flask import Blueprint

from ethics_eval.web.teacher import case

bp = Blueprint("teacher", __name__, url_prefix="/teacher")
for part in (case.bp,):
    bp.register_blueprint(part)
