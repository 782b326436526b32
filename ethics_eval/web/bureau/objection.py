"""Objections and appeals against scores: what waits, and the decision on one by somebody with no hand in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import structlog
from flask import Blueprint, abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired

from ethics_eval.accounts.rules import Permission
from ethics_eval.database import db, transaction
from ethics_eval.notices.correcting import uphold_objection
from ethics_eval.ranking import objecting, queries
from ethics_eval.ranking.correcting import inputs_of_teacher
from ethics_eval.ranking.queries import RankingView, objections
from ethics_eval.ranking.queries.objections import ObjectionView
from ethics_eval.ranking.rules.correction import read_changes
from ethics_eval.ranking.rules.explanation import explain
from ethics_eval.ranking.rules.objection import APPEAL_DAYS, OBJECTION_STATUS_LABELS, ObjectionStatus
from ethics_eval.text import RuleViolation
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.bureau.changes import ChangesForm, changes_form
from ethics_eval.web.desk.ranking import bar_of
from ethics_eval.web.page import translated_choices
from ethics_eval.web.request import actor, now, today, vault

bp = Blueprint("objection", __name__, url_prefix="/objections")
_log = structlog.get_logger("ethics_eval.objection")


class DecideForm(ChangesForm):
    """不成立 with the reason, or 成立 with what is put right."""

    result = RadioField(lazy_gettext("决定"), [InputRequired(lazy_gettext("请选择决定。"))])
    decision = TextAreaField(
        lazy_gettext("理由"),
        description=lazy_gettext("写明核对了什么、依据是什么。教师会看到，请勿写投诉人的信息。"),
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        offered = (ObjectionStatus.REJECTED, ObjectionStatus.UPHELD)
        self.result.choices = translated_choices({one: OBJECTION_STATUS_LABELS[one] for one in offered})


@bp.get("")
@needs(Audience.BUREAU, Permission.OBJECTION_DECIDE)
def index() -> ResponseReturnValue:
    """The open ones, the most urgent first, and those that ended."""
    rows = objections.objection_queue(db.session(), actor(), today())
    waiting = [row for row in rows if row.status is ObjectionStatus.OPEN]
    ended = [row for row in rows if row.status is not ObjectionStatus.OPEN]
    return render_template(
        "bureau/objection/index.html", waiting=waiting, ended=ended, appeal_days=APPEAL_DAYS
    )


@bp.get("/<objection_id>")
@needs(Audience.BUREAU, Permission.OBJECTION_DECIDE)
def show(objection_id: str) -> ResponseReturnValue:
    """The grounds, how the score came about, and the decision or why the reader may not take it."""
    return _page(objection_id, None)


@bp.post("/<objection_id>/decide")
@needs(Audience.BUREAU, Permission.OBJECTION_DECIDE)
def decide(objection_id: str) -> ResponseReturnValue:
    """Decide; what is put right is a new version of the ranking, told to everyone who was told before."""
    form = _form(_opened(objection_id))
    if form.validate_on_submit():
        with form.refusing(), transaction() as session:
            found = objections.find_objection(session, actor(), objection_id, lock=True)
            if found is None:
                abort(404)
            if form.result.data == ObjectionStatus.REJECTED:
                objecting.reject(
                    session, vault(), found, decision=form.decision.data or "", actor=actor(), at=now()
                )
            else:
                uphold_objection(
                    session,
                    vault(),
                    found,
                    decision=form.decision.data or "",
                    changes=form.to_changes(),
                    actor=actor(),
                    at=now(),
                    instance=_instance(),
                )
        if not form.errors:
            flash(gettext("决定已作出，教师已能看到。"))
            return redirect(url_for(".show", objection_id=objection_id), 303)
    return _page(objection_id, form)


def _opened(objection_id: str) -> ObjectionView:
    session = db.session()
    found = objections.find_objection(session, actor(), objection_id)
    if found is None:
        abort(404)
    return objections.objection_view(session, vault(), found, actor())


def _form(view: ObjectionView) -> DecideForm:
    session = db.session()
    inputs = inputs_of_teacher(session, view.semester_code, view.teacher_number, _instance())
    schools = queries.school_names(session, {row.school for row in inputs.postings})
    return changes_form(DecideForm, inputs, view.teacher_number, schools)


def _page(objection_id: str, tried: DecideForm | None) -> ResponseReturnValue:
    session = db.session()
    view = _opened(objection_id)
    _log.info("objection read", account=actor().id, role=actor().kind, objection=objection_id)
    why = None
    found = objections.find_objection(session, actor(), objection_id)
    if found is not None and view.status is ObjectionStatus.OPEN:
        try:
            objecting.check_may_decide(session, found, actor())
        except RuleViolation as violation:
            why = violation
    sight = queries.sight_of(session, actor())
    ranking = queries.ranking_of(session, sight, view.semester_code)
    may_decide = view.status is ObjectionStatus.OPEN and why is None
    return render_template(
        "bureau/objection/show.html",
        objection=view,
        why=why,
        changes=read_changes(view.changes),
        form=(tried or _form(view)) if may_decide else None,
        tried=tried,
        **_score(ranking, view),
    ), (tried.http_status if tried else 200)


def _score(ranking: RankingView | None, view: ObjectionView) -> dict[str, Any]:
    """The score as it stands, with what made it."""
    session = db.session()
    sight = queries.sight_of(session, actor())
    if ranking is None:
        return {"score": None}
    score = queries.teacher_score(session, sight, actor(), ranking, view.teacher_number)
    if score is None:
        return {"score": None}
    return {
        "score": score,
        "explanation": explain(score.line.row, ranking.scheme),
        "bar": bar_of(score.line.row, ranking.scheme, score.ledger),
    }


def _instance() -> Path:
    return Path(current_app.config["INSTANCE"])
