"""Workbooks to download: chosen here, made by the worker, fetched from one's own tasks, each download logged."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from ethics_eval.accounts.rules import Permission, Scope, scope_of
from ethics_eval.database import db, transaction
from ethics_eval.exports.rules import EXPORT_HINTS, EXPORT_LABELS, Export, Wanted, allowed
from ethics_eval.exports.service import ask_export
from ethics_eval.ranking import queries
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.school import STAGE_LABELS, Stage
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.forms import Form
from ethics_eval.web.request import actor, now


class ExportForm(Form):
    """Which workbook, of which semester and part of the city."""

    what = RadioField(lazy_gettext("要哪一种表"), [InputRequired(lazy_gettext("请选择一种表。"))])
    semester = SelectField(lazy_gettext("学期"), validate_choice=False)
    district = SelectField(lazy_gettext("区县"), validate_choice=False)
    stage = SelectField(lazy_gettext("学段"), validate_choice=False)
    masked = BooleanField(lazy_gettext("隐去名字，只写张某、李某某"))

    def __init__(self) -> None:
        super().__init__()
        self.what.choices = [(what.value, gettext(EXPORT_LABELS[what])) for what in allowed(actor())]
        self.semester.choices = [
            SelectChoice(row.code, row.name) for row in roster_queries.semesters(db.session())[::-1]
        ]
        self.stage.choices = [
            SelectChoice("", lazy_gettext("全部学段")),
            *(
                SelectChoice(stage.value, gettext(STAGE_LABELS[stage]))
                for stage in STAGE_LABELS
                if stage is not Stage.KINDERGARTEN
            ),
        ]
        if sees_city():
            self.district.choices = [
                SelectChoice("", lazy_gettext("全市")),
                *(SelectChoice(row.code, row.name) for row in roster_queries.districts(db.session())),
            ]
        else:
            del self.district

    def ask(self) -> str | None:
        """Ask for the workbook; the task's id, None when it was refused."""
        wanted = Wanted(
            Export(self.what.data),
            self.semester.data or "",
            district=self.district.data or "" if "district" in self else "",
            stage=self.stage.data or "",
            masked=bool(self.masked.data),
        )
        task = None
        with self.refusing(), transaction() as session:
            task = ask_export(session, wanted, actor=actor(), at=now())
        return task


def sees_city() -> bool:
    """Whether the signed-in person may choose a district."""
    return scope_of(actor(), Permission.RANKING_EXPORT) is Scope.CITY


def make_blueprint(audience: Audience) -> Blueprint:
    """The blueprint ``export`` of an audience: /exports."""
    bp = Blueprint("export", __name__, url_prefix="/exports")

    @bp.route("", methods=["GET", "POST"])
    @needs(audience, Permission.RANKING_EXPORT)
    def index() -> ResponseReturnValue:
        """Choose, then follow the task."""
        form = ExportForm()
        if form.validate_on_submit():
            task = form.ask()
            if task is not None:
                return redirect(url_for("auth.task.show", task_id=task), 303)
        if request.method == "GET":
            _choose_before(form)
        return render_template(
            f"{audience}/export/index.html",
            form=form,
            hints={what.value: hint for what, hint in EXPORT_HINTS.items()},
        ), form.http_status

    return bp


def _choose_before(form: ExportForm) -> None:
    """What the address names, else the latest semester with a ranking in sight."""
    asked = request.args.get("semester", "")
    seen = queries.rankings(db.session(), queries.sight_of(db.session(), actor()))
    form.semester.data = asked or (seen[0].semester_code if seen else None)
    if request.args.get("what") in set(Export):
        form.what.data = request.args["what"]
