"""A teacher's own published scores: place, parts, deductions, and what can be done about them."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from ethics_eval.accounts.rules import Permission
from ethics_eval.database import db
from ethics_eval.ranking import queries
from ethics_eval.ranking.rules.explanation import explain
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.desk.ranking import bar_of
from ethics_eval.web.request import actor

bp = Blueprint("score", __name__)


@bp.get("")
@needs(Audience.TEACHER, Permission.SCORE_READ)
def show() -> ResponseReturnValue:
    """Every published semester, the latest first."""
    scores = queries.own_scores(db.session(), actor())
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
    )
