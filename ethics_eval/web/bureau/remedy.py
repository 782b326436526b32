"""The teachers' 复核 and 申诉: those that are open, and the decision on one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired

from ethics_eval.accounts.rules import Permission
from ethics_eval.complaints import queries, service
from ethics_eval.complaints.categories import Severity
from ethics_eval.complaints.rules.finding import MEASURE_LABELS, SEVERITY_LABELS, FindingDraft, Measure
from ethics_eval.complaints.rules.machine import BURDENING, OUTCOME_LABELS, Outcome
from ethics_eval.complaints.rules.remedy import (
    REMEDY_RESULT_LABELS,
    RemedyKind,
    RemedyResult,
    check_reviewer,
)
from ethics_eval.complaints.service import Step
from ethics_eval.database import db, transaction
from ethics_eval.text import RuleViolation
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.desk.steps import StepForm
from ethics_eval.web.page import translated_choices
from ethics_eval.web.request import actor, now, today, vault

bp = Blueprint("remedy", __name__, url_prefix="/remedies")


class DecideForm(StepForm):
    """维持, 变更 or 撤销; what it is varied to is filled in for 变更 only."""

    result = RadioField(lazy_gettext("决定"), [InputRequired(lazy_gettext("请选择决定。"))])
    outcome = SelectField(lazy_gettext("变更后的结论"))
    severity = SelectField(lazy_gettext("变更后的程度"))
    measure = SelectField(lazy_gettext("变更后的处理"))
    veto = BooleanField(lazy_gettext("仍为一票否决"))
    reasons = TextAreaField(
        lazy_gettext("决定的理由"),
        description=lazy_gettext("写明事实、理由和依据。教师会看到，请勿写投诉人的信息。"),
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.result.choices = translated_choices(REMEDY_RESULT_LABELS)
        self.outcome.choices = translated_choices(
            {one: OUTCOME_LABELS[one] for one in Outcome if one in BURDENING}
        )
        self.severity.choices = translated_choices(SEVERITY_LABELS)
        self.measure.choices = translated_choices(MEASURE_LABELS)

    def to_variation(self, standing: FindingDraft) -> FindingDraft | None:
        """The finding as varied; None for another result."""
        if self.result.data != RemedyResult.VARIED:
            return None
        return replace(
            standing,
            outcome=Outcome(self.outcome.data),
            severity=Severity(self.severity.data),
            measure=Measure(self.measure.data),
            veto=bool(self.veto.data),
        )


class ExtendForm(StepForm):
    """延长申诉."""

    reason = TextAreaField(
        lazy_gettext("延长的理由"), description=lazy_gettext("只能延长一次，30日；教师会看到理由。")
    )


@bp.get("")
@needs(Audience.BUREAU, Permission.REMEDY_DECIDE)
def index() -> ResponseReturnValue:
    """What is open, the most urgent first."""
    return render_template(
        "bureau/remedy/index.html", rows=queries.remedy_queue(db.session(), actor(), today())
    )


@bp.get("/<remedy_id>")
@needs(Audience.BUREAU, Permission.REMEDY_DECIDE)
def show(remedy_id: str) -> ResponseReturnValue:
    """The finding, the teacher's grounds, and the decision or why the reader may not take it."""
    return _page(remedy_id, None, None)


@bp.post("/<remedy_id>/decide")
@needs(Audience.BUREAU, Permission.REMEDY_DECIDE)
def decide(remedy_id: str) -> ResponseReturnValue:
    """Decide; the rules say by whom and that it is never heavier."""
    form = DecideForm(prefix="decide-")
    _found(db.session(), remedy_id)
    if form.validate_on_submit():
        with form.refusing(), transaction() as session:
            remedy = _found(session, remedy_id, lock=True)
            service.expect_version(remedy.finding.case, form.version.data)
            reasons = form.reasons.data or ""
            service.decide_remedy(
                Step(session, vault(), actor(), now()),
                remedy,
                result=RemedyResult(form.result.data),
                reasons=reasons,
                varied=form.to_variation(service.draft_of(remedy.finding, reasons)),
            )
        if not form.errors:
            flash(gettext("决定已作出，教师已能看到。"))
            return redirect(url_for(".show", remedy_id=remedy_id), 303)
    return _page(remedy_id, form, None)


@bp.post("/<remedy_id>/extend")
@needs(Audience.BUREAU, Permission.REMEDY_DECIDE)
def extend(remedy_id: str) -> ResponseReturnValue:
    """Extend an appeal once."""
    form = ExtendForm(prefix="extend-")
    _found(db.session(), remedy_id)
    if form.validate_on_submit():
        with form.refusing(), transaction() as session:
            remedy = _found(session, remedy_id, lock=True)
            service.expect_version(remedy.finding.case, form.version.data)
            service.extend_remedy(
                Step(session, vault(), actor(), now()), remedy, reason=form.reason.data or ""
            )
        if not form.errors:
            flash(gettext("已延长。"))
            return redirect(url_for(".show", remedy_id=remedy_id), 303)
    return _page(remedy_id, None, form)


def _page(
    remedy_id: str, decide_form: DecideForm | None, extend_form: ExtendForm | None
) -> ResponseReturnValue:
    session = db.session()
    remedy = _found(session, remedy_id)
    finding, case = remedy.finding, remedy.finding.case
    why = None
    if remedy.result is None:
        try:
            check_reviewer(
                actor(),
                RemedyKind(remedy.kind),
                queries.decided_desk(session, finding),
                queries.involved_in(session, vault(), finding, at=now()),
            )
        except RuleViolation as violation:
            why = violation
    tried = decide_form or extend_form
    form = decide_form or DecideForm(prefix="decide-")
    if decide_form is None:
        form.outcome.data, form.severity.data = finding.outcome, finding.severity
        form.measure.data, form.veto.data = finding.measure, finding.veto
        form.version.data = case.version
    extending = extend_form or ExtendForm(prefix="extend-")
    if extend_form is None:
        extending.version.data = case.version
    views = queries.remedies_of(session, vault(), finding, actor())
    return render_template(
        "bureau/remedy/show.html",
        case=case,
        remedy=next(view for view in views if view.id == remedy_id),
        earlier=[view for view in views if view.id != remedy_id],
        finding=next(
            row for row in queries.findings(session, vault(), case, actor()) if row.id == finding.id
        ),
        measures=queries.measures_of(session, vault(), case, actor()),
        why=why,
        form=form,
        extending=extending,
        tried=tried,
        may_extend=remedy.kind == RemedyKind.APPEAL and not remedy.extended and today() <= remedy.due_on,
    ), (tried.http_status if tried else 200)


def _found(session: Any, remedy_id: str, *, lock: bool = False) -> Any:
    remedy = queries.find_remedy(session, actor(), remedy_id, lock=lock)
    if remedy is None:
        abort(404)
    return remedy
