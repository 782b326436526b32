"""评议时间: when the codes of a semester can be used."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import DateTimeLocalField
from wtforms.validators import InputRequired, Optional

from ethics_eval.accounts.rules import Permission
from ethics_eval.database import db, transaction
from ethics_eval.evaluation.rounds import is_closed, plan_round, round_open, usual_window, window_of
from ethics_eval.evaluation.rules.round import Window, check_changeable
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.calendar import CITY_TIME
from ethics_eval.text import RuleViolation
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.forms import Form
from ethics_eval.web.page import spoken
from ethics_eval.web.request import actor, now

bp = Blueprint("round", __name__, url_prefix="/semesters/<semester_code>/round")
_MINUTE = "%Y-%m-%dT%H:%M"
plans = needs(Audience.BUREAU, Permission.BALLOT_PLAN)


class RoundForm(Form):
    """The window, in the city's time."""

    opens_at = DateTimeLocalField(lazy_gettext("开始时间"), [Optional()], format=_MINUTE)
    closes_at = DateTimeLocalField(
        lazy_gettext("结束时间"), [InputRequired(lazy_gettext("请填写结束时间。"))], format=_MINUTE
    )


@bp.get("")
@plans
def show(semester_code: str) -> ResponseReturnValue:
    """The window, and the form while it may be changed."""
    return _page(semester_code, None)


@bp.post("")
@plans
def plan(semester_code: str) -> ResponseReturnValue:
    """Set or change it."""
    if roster_queries.semester(db.session(), semester_code) is None:
        abort(404)
    form = RoundForm()
    if form.validate_on_submit():
        with form.refusing(), transaction() as session:
            known, closes_at = window_of(session, semester_code), _instant(form.closes_at.data)
            plan_round(
                session,
                semester_code,
                opens_at=_kept(form, known),
                closes_at=closes_at or now(),
                actor=actor(),
                at=now(),
            )
        if not form.errors:
            flash(gettext("评议时间已保存。"))
            return redirect(url_for(".show", semester_code=semester_code), 303)
    return _page(semester_code, form)


def _instant(typed: datetime | None) -> datetime | None:
    """What was typed, as an instant of the city's time."""
    return None if typed is None else typed.replace(tzinfo=CITY_TIME)


def _kept(form: RoundForm, known: Window | None) -> datetime | None:
    """The beginning that is wanted; what was not touched keeps its seconds."""
    begins_at = _instant(form.opens_at.data)
    if begins_at is None or known is None:
        return begins_at
    is_same = known.opens_at.astimezone(CITY_TIME).strftime(_MINUTE) == begins_at.strftime(_MINUTE)
    return known.opens_at if is_same else begins_at


def _page(semester_code: str, form: RoundForm | None) -> ResponseReturnValue:
    session, at = db.session(), now()
    semester = roster_queries.semester(session, semester_code)
    if semester is None:
        abort(404)
    window, closed = window_of(session, semester_code), is_closed(session, semester_code)
    usual = usual_window(semester, at)
    if form is None:
        offered = window or usual
        form = RoundForm(
            formdata=None,
            opens_at=None if offered is None else offered.opens_at.astimezone(CITY_TIME),
            closes_at=None if offered is None else offered.closes_at.astimezone(CITY_TIME),
        )
    refused = ""
    try:
        check_changeable(semester.status, window, is_closed=closed, at=at)
    except RuleViolation as violation:
        refused = spoken(violation)
    page = render_template(
        "bureau/round/show.html",
        semester=semester,
        window=window,
        is_closed=closed,
        has_begun=window is not None and window.opens_at <= at,
        is_running=round_open(session, semester_code, at),
        refused=refused,
        usual=usual,
        form=form,
        at=at,
    )
    return page, form.http_status
