"""异常票: where many ballots looked careless, for a person to look at."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from ethics_eval.accounts.rules import Permission
from ethics_eval.database import db
from ethics_eval.evaluation.flagging import PAGE_SIZE, Narrowing, flag_lines, is_readable
from ethics_eval.evaluation.rules.scheme import COMPONENT_LABELS, Component
from ethics_eval.roster import queries as roster_queries
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.page import translated_choices
from ethics_eval.web.request import now, page_number

bp = Blueprint("flag", __name__, url_prefix="/semesters/<semester_code>/flags")


def narrowing() -> Narrowing:
    """What the address asks for; 404: no such component."""
    component = request.args.get("component", "")
    if component not in {"", *Component}:
        abort(404)
    text = request.args.get("q", "").strip()[:60]
    return Narrowing(request.args.get("district", ""), component, text, page_number())


@bp.get("")
@needs(Audience.BUREAU, Permission.BALLOT_REASON_READ)
def index(semester_code: str) -> ResponseReturnValue:
    """Teachers' components with careless ballots, the largest share first."""
    session, wanted = db.session(), narrowing()
    semester = roster_queries.semester(session, semester_code)
    if semester is None:
        abort(404)
    lines, total = flag_lines(session, semester_code, wanted, at=now())
    return render_template(
        "bureau/flag/index.html",
        semester=semester,
        is_readable=is_readable(session, semester_code, now()),
        lines=lines,
        total=total,
        wanted=wanted,
        page_size=PAGE_SIZE,
        districts=roster_queries.districts(session),
        components=translated_choices(COMPONENT_LABELS),
    )
