"""Pages of teachers: heard, informed, and shown how they were scored."""

from __future__ import annotations

from flask import Blueprint

from ethics_eval.web.access import Audience
from ethics_eval.web.desk import notice
from ethics_eval.web.teacher import case, clearance, file, objection, score

bp = Blueprint("teacher", __name__, url_prefix="/teacher")
for part in (score.bp, file.bp, objection.bp, case.bp, clearance.bp, notice.make_blueprint(Audience.TEACHER)):
    bp.register_blueprint(part)
