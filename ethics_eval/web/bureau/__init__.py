"""Pages of district and city officers, heads and auditors."""

from __future__ import annotations

from flask import Blueprint

from ethics_eval.web.access import Audience
from ethics_eval.web.bureau import (
    audit,
    certainty,
    certificate,
    clearance,
    correction,
    custody,
    dashboard,
    file,
    flag,
    notice,
    objection,
    permission,
    ranking,
    reason,
    redaction,
    remedy,
    report,
    round,
    scheme,
    semester,
    supervision,
    template,
    turnout,
    version,
)
from ethics_eval.web.desk import export, filing, measure, poster
from ethics_eval.web.desk.case import make_blueprint
from ethics_eval.web.desk.mailbox import bureau_bp as mailbox_bp

bp = Blueprint("bureau", __name__, url_prefix="/bureau")
for part in (
    make_blueprint(Audience.BUREAU),
    filing.make_blueprint(Audience.BUREAU),
    measure.make_blueprint(Audience.BUREAU),
    remedy.bp,
    clearance.bp,
    mailbox_bp,
    poster.make_blueprint(Audience.BUREAU),
    semester.bp,
    export.make_blueprint(Audience.BUREAU),
    dashboard.bp,
    scheme.bp,
    round.bp,
    turnout.bp,
    flag.bp,
    reason.bp,
    version.bp,
    correction.bp,
    objection.bp,
    ranking.bp,
    certainty.bp,
    file.bp,
    certificate.bp,
    notice.bp,
    template.bp,
    report.bp,
    permission.bp,
    custody.bp,
    redaction.bp,
    audit.bp,
    supervision.bp,
):
    bp.register_blueprint(part)
