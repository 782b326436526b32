"""A teacher's own published scores: place, parts, deductions, each step, and what can be done about them."""

from __future__ import annotations

from io import BytesIO

import structlog
from flask import Blueprint, abort, current_app, render_template, send_file
from flask.typing import ResponseReturnValue

from ethics_eval.accounts.rules import Permission
from ethics_eval.database import db
from ethics_eval.ranking import queries
from ethics_eval.ranking.queries import TeacherScore, objections
from ethics_eval.ranking.rules.explanation import explain
from ethics_eval.ranking.rules.objection import APPEAL_DAYS
from ethics_eval.ranking.rules.steps import OBJECTION_WORKING_DAYS
from ethics_eval.ranking.score_sheet import score_sheet, score_sheet_name
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.desk.ranking import XLSX, bar_of
from ethics_eval.web.request import actor, now, today
from ethics_eval.workbooks.writing import write_workbook

bp = Blueprint("score", __name__)
_log = structlog.get_logger("ethics_eval.download")


@bp.get("")
@needs(Audience.TEACHER, Permission.SCORE_READ)
def show() -> ResponseReturnValue:
    """Every published semester, the latest first."""
    session = db.session()
    scores = queries.own_scores(session, actor())
    return render_template(
        "teacher/score/show.html",
        scores=[
            (
                score,
                explain(score.line.row, score.ranking.scheme),
                bar_of(score.line.row, score.ranking.scheme, score.ledger, f"s{place}-"),
            )
            for place, score in enumerate(scores, start=1)
        ],
        filings=objections.filings(session, actor(), today()),
        objections=objections.own_objections(session, actor(), today()),
        suspended=actor().teacher_id in objections.open_appeals(session, [actor().teacher_id or 0]),
        corrected=queries.own_versions(session, actor()),
        objection_days=OBJECTION_WORKING_DAYS,
        appeal_days=APPEAL_DAYS,
    )


@bp.get("/scores/<semester_code>")
@needs(Audience.TEACHER, Permission.SCORE_READ)
def why(semester_code: str) -> ResponseReturnValue:
    """One's own score of a semester, step by step."""
    score = _own(semester_code)
    return render_template(
        "teacher/score/why.html",
        score=score,
        why=queries.why(db.session(), current_app.config["INSTANCE"], score),
        explanation=explain(score.line.row, score.ranking.scheme),
        bar=bar_of(score.line.row, score.ranking.scheme, score.ledger),
    )


@bp.get("/scores/<semester_code>/sheet.xlsx")
@needs(Audience.TEACHER, Permission.SCORE_READ)
def sheet(semester_code: str) -> ResponseReturnValue:
    """The same as a workbook: 本人得分表; the download is logged."""
    score = _own(semester_code)
    found = queries.why(db.session(), current_app.config["INSTANCE"], score)
    file = BytesIO()
    write_workbook(file, score_sheet(score, found, at=now()), made_at=now())
    file.seek(0)
    who = actor()
    _log.info("score sheet downloaded", account=who.id, role=who.kind, semester=semester_code)
    return send_file(file, mimetype=XLSX, as_attachment=True, download_name=score_sheet_name(score))


def _own(semester_code: str) -> TeacherScore:
    scores = queries.own_scores(db.session(), actor())
    found = next((score for score in scores if score.ranking.semester_code == semester_code), None)
    if found is None:
        abort(404)
    return found
