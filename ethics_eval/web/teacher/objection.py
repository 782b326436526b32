"""A teacher's own objections and appeals against a score: filed, followed, taken back."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired

from ethics_eval.accounts.rules import Permission
from ethics_eval.complaints.rules.finding import MIN_GROUNDS
from ethics_eval.database import db, transaction
from ethics_eval.ranking import objecting
from ethics_eval.ranking.queries import objections
from ethics_eval.ranking.rules.objection import (
    MAX_GROUNDS,
    TOPIC_LABELS,
    FilingFacts,
    ObjectionKind,
    Topic,
    check_file,
    decide_due,
    kind_now,
    last_day,
)
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.calendar import Calendar
from ethics_eval.text import RuleViolation
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.forms import Form
from ethics_eval.web.page import translated_choices
from ethics_eval.web.request import actor, now, today, vault

bp = Blueprint("objection", __name__)


class FileForm(Form):
    """What it is about, and why."""

    topic = RadioField(lazy_gettext("您对哪一点有异议？"), [InputRequired(lazy_gettext("请选择一项。"))])
    grounds = TextAreaField(
        lazy_gettext("事实和理由"),
        [InputRequired(lazy_gettext("请写明事实和理由，至少%(count)s个字。", count=MIN_GROUNDS))],
        description=lazy_gettext(
            "写明哪里不对、应该是什么、有什么可以核对。至少%(least)s个字，最多%(most)s个字。",
            least=MIN_GROUNDS,
            most=MAX_GROUNDS,
        ),
    )

    def __init__(self) -> None:
        super().__init__()
        self.topic.choices = translated_choices(TOPIC_LABELS)


class WithdrawForm(Form):
    """撤回 has nothing to fill in."""


@bp.route("/scores/<semester_code>/objection", methods=["GET", "POST"])
@needs(Audience.TEACHER, Permission.OBJECTION_FILE)
def file(semester_code: str) -> ResponseReturnValue:
    """The form, or why it is not the time; nobody who is not in this ranking learns that there is one."""
    session, who = db.session(), actor()
    semester = roster_queries.semester(session, semester_code)
    facts = objections.filing_facts(session, semester_code, who.teacher_id or 0)
    if semester is None or facts is None or not _is_told(facts):
        abort(404)
    kind, form = kind_now(facts), FileForm()
    if form.validate_on_submit():
        made = ""
        with form.refusing(), transaction() as writing:
            made = objecting.file_objection(
                writing,
                vault(),
                semester_code,
                kind=kind,
                topic=Topic(form.topic.data),
                grounds=form.grounds.data or "",
                actor=who,
                at=now(),
            ).id
        if not form.errors:
            flash(gettext("已提交市教育局。办理结果会在这里告诉您。"))
            return redirect(url_for(".show", objection_id=made), 303)
    calendar = roster_queries.calendar(session)
    return render_template(
        "teacher/objection/file.html",
        semester=semester,
        kind=kind,
        form=form,
        why=_why_not(kind, facts),
        last_day=last_day(kind, facts, calendar),
        due=decide_due(kind, today(), calendar),
        limit=MAX_GROUNDS,
    ), form.http_status


def _is_told(facts: FilingFacts) -> bool:
    """Whether the teacher knows of the ranking at all: of a published one, or of a list that has the own name on it."""
    return facts.published_on is not None or last_day(ObjectionKind.OBJECTION, facts, _calendar()) is not None


def _why_not(kind: ObjectionKind, facts: FilingFacts) -> RuleViolation | None:
    try:
        check_file(kind, facts, today(), _calendar())
    except RuleViolation as violation:
        return violation
    return None


def _calendar() -> Calendar:
    return roster_queries.calendar(db.session())


@bp.get("/objections/<objection_id>")
@needs(Audience.TEACHER, Permission.OBJECTION_FILE)
def show(objection_id: str) -> ResponseReturnValue:
    """What I wrote, by when it is decided, and the decision."""
    return _page(objection_id, WithdrawForm(formdata=None))


@bp.post("/objections/<objection_id>/withdraw")
@needs(Audience.TEACHER, Permission.OBJECTION_FILE)
def withdraw(objection_id: str) -> ResponseReturnValue:
    """Take it back while it is open."""
    form = WithdrawForm()
    if form.validate_on_submit():
        with form.refusing(), transaction() as session:
            found = objections.find_objection(session, actor(), objection_id, lock=True)
            if found is None:
                abort(404)
            objecting.withdraw(session, found, actor=actor(), at=now())
        if not form.errors:
            flash(gettext("已撤回。期限没有过的，可以重新提出。"))
            return redirect(url_for(".show", objection_id=objection_id), 303)
    return _page(objection_id, form)


def _page(objection_id: str, form: WithdrawForm) -> ResponseReturnValue:
    session = db.session()
    found = objections.find_objection(session, actor(), objection_id)
    if found is None:
        abort(404)
    return render_template(
        "teacher/objection/show.html",
        objection=objections.objection_view(session, vault(), found, actor()),
        form=form,
        today=today(),
    ), form.http_status
