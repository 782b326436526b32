"""评议进度 of the own school: how many ballots of each class and group have come back."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from ethics_eval.accounts.rules import Permission
from ethics_eval.database import db
from ethics_eval.evaluation.rounds import current_semester, is_closed, round_open, window_of
from ethics_eval.evaluation.rules.turnout import summed
from ethics_eval.evaluation.turnout import by_component, group_turnouts, semesters_with_ballots
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.queries import Reach
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.request import actor, now

bp = Blueprint("turnout", __name__)


@bp.get("/turnout")
@needs(Audience.SCHOOL, Permission.TURNOUT_READ)
def index() -> ResponseReturnValue:
    """The semester of ``?semester=``, the present one without."""
    session, at, reach = db.session(), now(), Reach(school_id=actor().school_id)
    known = semesters_with_ballots(session, reach)
    present = current_semester(session)
    codes = sorted({*known, *([present] if present else [])}, reverse=True)
    code = request.args.get("semester", "") or present or (codes[0] if codes else "")
    if code and code not in codes:
        abort(404)
    groups = group_turnouts(session, code, reach) if code else []
    return render_template(
        "school/turnout/index.html",
        semester=roster_queries.semester(session, code) if code else None,
        semesters=[one for one in roster_queries.semesters(session)[::-1] if one.code in codes],
        groups=groups,
        total=summed(groups),
        parts=by_component(groups),
        window=window_of(session, code),
        is_running=round_open(session, code, at),
        is_closed=is_closed(session, code),
        at=at,
    )
