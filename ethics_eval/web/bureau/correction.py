"""Corrections by hand: a head of the bureau puts a teacher's frozen rows right, and says why."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, TextAreaField
from wtforms.validators import InputRequired

from ethics_eval.accounts.rules import Permission
from ethics_eval.database import db, transaction
from ethics_eval.notices.correcting import take_correction
from ethics_eval.ranking import queries
from ethics_eval.ranking.correcting import inputs_of_teacher
from ethics_eval.ranking.queries import RankingView, TeacherScore
from ethics_eval.ranking.rules.correction import Cause
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.bureau.changes import ChangesForm, changes_form
from ethics_eval.web.request import actor, now

bp = Blueprint("correction", __name__, url_prefix="/semesters/<semester_code>/correction")


class CorrectForm(ChangesForm):
    """What is put right and why; it cannot be taken back, so it is confirmed."""

    reason = TextAreaField(
        lazy_gettext("更正的原因"),
        description=lazy_gettext(
            "写明错在哪里、怎么发现的、依据是什么。会留在版本记录里，请勿写投诉人的信息。"
        ),
    )
    confirmed = BooleanField(
        lazy_gettext("我已核对，确认更正"), [InputRequired(lazy_gettext("请先勾选“我已核对，确认更正”。"))]
    )


@bp.get("")
@needs(Audience.BUREAU, Permission.RANKING_CORRECT)
def choose(semester_code: str) -> ResponseReturnValue:
    """Whose rows are to be put right."""
    asked = request.args.get("teacher", "").strip()[:20]
    ranking = _ranking(semester_code)
    if asked and _score(ranking, asked) is not None:
        return redirect(url_for(".show", semester_code=semester_code, teacher_number=asked), 303)
    return render_template("bureau/correction/choose.html", ranking=ranking, asked=asked)


@bp.route("/<teacher_number>", methods=["GET", "POST"])
@needs(Audience.BUREAU, Permission.RANKING_CORRECT)
def show(semester_code: str, teacher_number: str) -> ResponseReturnValue:
    """The rows as they were frozen, to be put right in place."""
    session = db.session()
    ranking = _ranking(semester_code)
    score = _score(ranking, teacher_number)
    if score is None:
        abort(404)
    instance = Path(current_app.config["INSTANCE"])
    inputs = inputs_of_teacher(session, semester_code, teacher_number, instance)
    schools = queries.school_names(session, {row.school for row in inputs.postings})
    form = changes_form(CorrectForm, inputs, teacher_number, schools)
    if form.validate_on_submit():
        with form.refusing(), transaction() as writing:
            take_correction(
                writing,
                semester_code,
                form.to_changes(),
                cause=Cause.ERROR,
                reason=form.reason.data or "",
                actor=actor(),
                at=now(),
                instance=instance,
            )
        if not form.errors:
            flash(gettext("已更正，新的一版已经生效，有关的人已经告知。"))
            return redirect(url_for("bureau.version.index", semester_code=semester_code), 303)
    return render_template(
        "bureau/correction/show.html", ranking=ranking, line=score.line, form=form
    ), form.http_status


def _ranking(semester_code: str) -> RankingView:
    session = db.session()
    found = queries.ranking_of(session, queries.sight_of(session, actor()), semester_code)
    if found is None:
        abort(404)
    return found


def _score(ranking: RankingView, number: str) -> TeacherScore | None:
    session = db.session()
    return queries.teacher_score(session, queries.sight_of(session, actor()), actor(), ranking, number)
