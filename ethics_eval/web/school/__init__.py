"""Pages of school officers and heads."""

from __future__ import annotations

from flask import Blueprint

from ethics_eval.web.access import Audience
from ethics_eval.web.desk import export, filing, measure, notice, poster
from ethics_eval.web.desk.case import make_blueprint
from ethics_eval.web.desk.mailbox import school_bp as mailbox_bp
from ethics_eval.web.school import assessment, ballot, clearance, file, ranking, turnout

bp = Blueprint("school", __name__, url_prefix="/school")
for part in (
    make_blueprint(Audience.SCHOOL),
    filing.make_blueprint(Audience.SCHOOL),
    measure.make_blueprint(Audience.SCHOOL),
    clearance.bp,
    mailbox_bp,
    turnout.bp,
    assessment.bp,
    ranking.bp,
    ballot.bp,
    file.bp,
    notice.make_blueprint(Audience.SCHOOL),
    poster.make_blueprint(Audience.SCHOOL),
    export.make_blueprint(Audience.SCHOOL),
):
    bp.register_blueprint(part)
