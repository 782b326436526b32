"""Posters of the mailboxes as PDF: which, on which paper; made by the worker, fetched from one's own tasks."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from wtforms import HiddenField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice

from ethics_eval.accounts.rules import Permission, Role
from ethics_eval.complaints import queries
from ethics_eval.complaints.posters import PaperSize, ask_posters
from ethics_eval.database import db, transaction
from ethics_eval.roster import queries as roster_queries
from ethics_eval.text import N_
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.forms import Form
from ethics_eval.web.page import translated_choices
from ethics_eval.web.request import actor, now

SIZE_LABELS = {
    PaperSize.A4: N_("A4，贴在校门口和公告栏"),
    PaperSize.A5: N_("A5，贴在教室门口，或随信发给家长"),
}


class PosterForm(Form):
    """Whose posters, and how large. ``school``: a school's code, when it is asked for one alone."""

    district = SelectField(lazy_gettext("区县"), validate_choice=False)
    size = RadioField(lazy_gettext("纸张"), default=PaperSize.A4.value)
    school = HiddenField()

    def __init__(self) -> None:
        super().__init__()
        districts = roster_queries.districts(db.session())
        self.size.choices = translated_choices(SIZE_LABELS)
        self.district.choices = [
            SelectChoice("", lazy_gettext("全市")),
            *(SelectChoice(row.code, row.name) for row in districts),
        ]

    def ask(self) -> str | None:
        """Ask for the posters; the task's id, None when it was refused."""
        task = None
        with self.refusing(), transaction() as session:
            task = ask_posters(
                session,
                district=self.district.data or None,
                school=self.school.data or None,
                size=PaperSize(self.size.data),
                actor=actor(),
                at=now(),
            )
        return task


def make_blueprint(audience: Audience) -> Blueprint:
    """The blueprint ``poster`` of an audience: /posters."""
    bp = Blueprint("poster", __name__, url_prefix="/posters")

    @bp.route("", methods=["GET", "POST"])
    @needs(audience, Permission.POSTER_PRINT)
    def show() -> ResponseReturnValue:
        """Choose, then follow the task."""
        form = PosterForm()
        if form.validate_on_submit():
            task = form.ask()
            if task is not None:
                return redirect(url_for("auth.task.show", task_id=task), 303)
        mailbox = queries.mailbox_in_scope(db.session(), actor(), request.args.get("mailbox", "")[:16])
        if request.method == "GET" and mailbox is not None:
            form.school.data = mailbox.school.code
        return render_template(
            f"{audience}/poster/show.html",
            form=form,
            mailbox=mailbox,
            everywhere=actor().role is not Role.DISTRICT_OFFICER,
        ), form.http_status

    return bp
