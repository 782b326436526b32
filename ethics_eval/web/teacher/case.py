"""The respondent's side of a case: the fact sheet, the statement, the decision, the remedies. Never the letter."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import TextAreaField

from ethics_eval.accounts.rules import Permission
from ethics_eval.complaints import queries, service
from ethics_eval.complaints.rules.machine import CaseAction, CaseStatus, refusal
from ethics_eval.complaints.rules.remedy import RemedyKind
from ethics_eval.complaints.service import Step
from ethics_eval.database import db, transaction
from ethics_eval.roster.rules.school import Stage
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.desk.steps import StepForm
from ethics_eval.web.request import actor, now, today, vault

bp = Blueprint("case", __name__, url_prefix="/cases")


class StatementForm(StepForm):
    """The teacher's own words."""

    statement = TextAreaField(
        lazy_gettext("您的陈述和申辩"),
        description=lazy_gettext(
            "对告知的事实有什么说明、不同意见或证据线索，请写在这里。申辩不会加重对您的认定。"
        ),
    )


class HearingForm(StepForm):
    """申请听证."""

    grounds = TextAreaField(
        lazy_gettext("申请听证的理由"),
        description=lazy_gettext("听证之前不会作出认定。申请听证不会加重对您的认定。"),
    )


class RemedyForm(StepForm):
    """申请复核, 提出申诉."""

    grounds = TextAreaField(
        lazy_gettext("请求和理由"),
        description=lazy_gettext(
            "写明您不服哪一点、为什么、有什么证据。结果不会加重；办理期间认定不生效、不计入得分，处理照常执行。"
        ),
    )


@bp.get("")
@needs(Audience.TEACHER, Permission.STATEMENT_WRITE)
def index() -> ResponseReturnValue:
    """What I was told of, newest first; and what the bureau would clear me of."""
    session, teacher_id = db.session(), actor().teacher_id
    return render_template(
        "teacher/case/index.html",
        cases=queries.hearings_of(session, teacher_id or 0),
        clearances=queries.own_clearances(session, vault(), teacher_id),
    )


@bp.route("/<number>", methods=["GET", "POST"])
@needs(Audience.TEACHER, Permission.STATEMENT_WRITE)
def show(number: str) -> ResponseReturnValue:
    """The fact sheet, the form for the statement while it is time, the decision and what can be done about it."""
    form = StatementForm()
    if form.validate_on_submit():
        with form.refusing(), transaction() as session:
            case = _mine(number)
            service.expect_version(case, form.version.data)
            service.state(Step(session, vault(), actor(), now()), case, statement=form.statement.data or "")
        if not form.errors:
            flash(gettext("您的陈述申辩已提交。"))
            return redirect(url_for(".show", number=number), 303)
    return _page(number, form if form.is_submitted() else None)


@bp.post("/<number>/hearing")
@needs(Audience.TEACHER, Permission.STATEMENT_WRITE)
def hearing(number: str) -> ResponseReturnValue:
    """申请听证, before the decision."""
    form = HearingForm(prefix="hearing-")
    _mine(number)
    if form.validate_on_submit():
        with form.refusing(), transaction() as session:
            case = _mine(number)
            service.expect_version(case, form.version.data)
            service.ask_hearing(Step(session, vault(), actor(), now()), case, grounds=form.grounds.data or "")
        if not form.errors:
            flash(gettext("您的听证申请已提交。"))
            return redirect(url_for(".show", number=number), 303)
    return _page(number, form)


@bp.post("/<number>/remedy")
@needs(Audience.TEACHER, Permission.REMEDY_ASK)
def remedy(number: str) -> ResponseReturnValue:
    """申请复核 or 提出申诉, whichever is next."""
    form = RemedyForm(prefix="remedy-")
    _mine(number)
    if form.validate_on_submit():
        with form.refusing(), transaction() as session:
            case = queries.locked_case(session, _mine(number))
            service.expect_version(case, form.version.data)
            found = queries.own_finding(session, case, actor().teacher_id)
            kind = queries.turn_of(found) if found else RemedyKind.RECONSIDERATION
            service.ask_remedy(
                Step(session, vault(), actor(), now()), case, kind=kind, grounds=form.grounds.data or ""
            )
        if not form.errors:
            flash(gettext("您的申请已提交。"))
            return redirect(url_for(".show", number=number), 303)
    return _page(number, form)


def _page(number: str, tried: StepForm | None) -> ResponseReturnValue:
    session, who = db.session(), actor()
    case = _mine(number)
    facts = queries.case_facts(session, vault(), case, at=now())
    own = queries.own_finding(session, case, who.teacher_id)
    decision = None if own is None else queries.decision_of(session, vault(), case, own)
    forms = {
        "statement": tried if isinstance(tried, StatementForm) else StatementForm(),
        "hearing": tried if isinstance(tried, HearingForm) else HearingForm(prefix="hearing-"),
        "remedy": tried if isinstance(tried, RemedyForm) else RemedyForm(prefix="remedy-"),
    }
    for form in forms.values():
        if form is not tried:
            form.version.data = case.version
    return render_template(
        "teacher/case/show.html",
        case=case,
        forms=forms,
        tried=tried,
        sheets=queries.fact_sheets(session, vault(), case, who.teacher_id or 0),
        decision=decision,
        in_kindergarten=case.school.stages == Stage.KINDERGARTEN,
        measures=[
            row
            for row in queries.measures_of(session, vault(), case, None)
            if row.teacher_id == who.teacher_id
        ],
        remedies=queries.remedies_of(session, vault(), own, None) if own else [],
        next_remedy=queries.next_remedy(session, own, today()) if own else None,
        may_state=case.status == CaseStatus.HEARING,
        may_ask_hearing=refusal(facts, CaseAction.ASK_HEARING, who) is None,
        now=now(),
    ), (tried.http_status if tried else 200)


def _mine(number: str) -> Any:
    cases = queries.hearings_of(db.session(), actor().teacher_id or 0)
    case = next((row for row in cases if row.number == number), None)
    if case is None:
        abort(404)
    return case
