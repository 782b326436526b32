"""评议进度: how many ballots have come back, by district, school and group; reminding schools."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms import HiddenField

from ethics_eval.accounts.rules import Permission
from ethics_eval.database import db, transaction
from ethics_eval.evaluation.rounds import is_closed, round_open, window_of
from ethics_eval.evaluation.rules.turnout import SCHOOL_STATE_LABELS, SchoolState, summed
from ethics_eval.evaluation.turnout import PAGE_SIZE, by_component, group_turnouts, turnout_page
from ethics_eval.evaluation.urging import urge_schools
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.queries import Reach
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.forms import Form
from ethics_eval.web.page import translated_choices
from ethics_eval.web.request import actor, now, page_number

bp = Blueprint("turnout", __name__, url_prefix="/semesters/<semester_code>/turnout")


class UrgeForm(Form):
    """Whom to remind: one school, or all of a district or the city that are below the minimum."""

    school = HiddenField()
    district = HiddenField()


@bp.get("")
@needs(Audience.BUREAU, Permission.TURNOUT_READ)
def index(semester_code: str) -> ResponseReturnValue:
    """The city or the own district, 50 schools a page; one school with its groups (``?school=``)."""
    return _page(semester_code, UrgeForm(formdata=None))


@bp.post("/remind")
@needs(Audience.BUREAU, Permission.BALLOT_PLAN)
def remind(semester_code: str) -> ResponseReturnValue:
    """Remind the officers of schools; raters are never written to."""
    form = UrgeForm()
    if form.validate_on_submit():
        school, district = form.school.data or "", form.district.data or ""
        told = 0
        with form.refusing(), transaction() as session:
            told = urge_schools(
                session, semester_code, actor=actor(), at=now(), school=school, district=district
            )
        if not form.errors:
            flash(gettext("已提醒%(count)s所学校。", count=told))
            return redirect(
                url_for(
                    ".index", semester_code=semester_code, school=school or None, district=district or None
                ),
                303,
            )
    return _page(semester_code, form)


def _page(semester_code: str, form: UrgeForm) -> ResponseReturnValue:
    session, at = db.session(), now()
    semester = roster_queries.semester(session, semester_code)
    if semester is None:
        abort(404)
    window = window_of(session, semester_code)
    reach = Reach(district_code=actor().district_code)
    about = {
        "semester": semester,
        "window": window,
        "is_running": round_open(session, semester_code, at),
        "is_closed": is_closed(session, semester_code),
        "at": at,
        "form": form,
    }
    code = request.args.get("school", "") or form.school.data or ""
    if code:
        school = roster_queries.school_by_code(session, code)
        if school is None or reach.district_code not in {None, school.district_code}:
            abort(404)
        groups = group_turnouts(session, semester_code, Reach(school_id=school.id))
        page = render_template(
            "bureau/turnout/show.html",
            school=school,
            groups=groups,
            total=summed(groups),
            parts=by_component(groups),
            **about,
        )
        return page, form.http_status
    district = request.args.get("district", "") or form.district.data or ""
    state, text, number = (
        request.args.get("state", ""),
        request.args.get("q", "").strip()[:60],
        page_number(),
    )
    if state not in {"", *SchoolState}:
        abort(404)
    found = turnout_page(
        session, semester_code, reach, district=district, state=state, text=text, page=number
    )
    page = render_template(
        "bureau/turnout/index.html",
        found=found,
        states=translated_choices(SCHOOL_STATE_LABELS),
        wanted={"district": district, "state": state, "q": text},
        page=number,
        page_size=PAGE_SIZE,
        **about,
    )
    return page, form.http_status
