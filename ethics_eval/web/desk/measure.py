"""The measures of a case: decided, extended, lifted, filed; made once for school and bureau."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import DateField, IntegerField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from ethics_eval.accounts.rules import PERMISSIONS, Permission
from ethics_eval.complaints import queries, service
from ethics_eval.complaints.rules.finding import MEASURE_LABELS, TERM_MONTHS, Measure
from ethics_eval.complaints.rules.machine import Desk
from ethics_eval.complaints.rules.measure import DISQUALIFY_KIND_LABELS, IN_FORCE, allowed
from ethics_eval.complaints.rules.remedy import home_desk
from ethics_eval.complaints.service import Step
from ethics_eval.database import db, transaction
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.desk.steps import StepForm
from ethics_eval.web.page import translated_choices
from ethics_eval.web.request import actor, now, today, vault


class DecideForm(StepForm):
    """作出处理."""

    measure = SelectField(
        lazy_gettext("处理种类"),
        [InputRequired(lazy_gettext("请选择处理种类。"))],
        description=lazy_gettext("只列出您有权决定、且不重于认定的种类。可以分别作出几项。"),
    )
    kind = SelectField(lazy_gettext("取消哪一项资格"), description=lazy_gettext("只在“取消资格”时选择。"))
    months = IntegerField(
        lazy_gettext("取消资格的月数"),
        [Optional()],
        description=lazy_gettext("只在“取消资格”时填写，不少于24个月。其他种类的期限由规定确定。"),
    )

    def __init__(self, *, measures: list[Measure], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.measure.choices = [
            SelectChoice("", gettext("请选择")),
            *(SelectChoice(one.value, _named(one)) for one in measures),
        ]
        self.kind.choices = [SelectChoice("", gettext("不适用")), *translated_choices(DISQUALIFY_KIND_LABELS)]


class ExtendForm(StepForm):
    """延长."""

    months = IntegerField(lazy_gettext("延长几个月"), [InputRequired(lazy_gettext("请填写月数。"))])
    reason = TextAreaField(lazy_gettext("延长的理由"))


class LiftForm(StepForm):
    """解除."""

    reason = TextAreaField(
        lazy_gettext("解除的理由"), description=lazy_gettext("写明期内表现。教师会收到书面解除。")
    )


class FileForm(StepForm):
    """登记备案."""

    filed_on = DateField(lazy_gettext("备案日期"), [InputRequired(lazy_gettext("请填写备案日期。"))])


def _named(measure: Measure) -> str:
    months = TERM_MONTHS.get(measure)
    name = gettext(MEASURE_LABELS[measure])
    return name if months is None else gettext("%(measure)s(%(months)s个月)", measure=name, months=months)


_FORMS: dict[str, type[StepForm]] = {"extend": ExtendForm, "lift": LiftForm, "file": FileForm}
_DONE: dict[str, Callable[[Step, Any, Any, Any], object]] = {
    "extend": lambda step, case, row, form: service.extend_measure(
        step, case, row, months=form.months.data, reason=form.reason.data or ""
    ),
    "lift": lambda step, case, row, form: service.lift_measure(
        step, case, row, reason=form.reason.data or ""
    ),
    "file": lambda step, case, row, form: service.record_filing(step, case, row, filed_on=form.filed_on.data),
}


def make_blueprint(audience: Audience) -> Blueprint:  # noqa: C901 - one function a page
    """The blueprint ``measure`` of an audience: /cases/<number>/measures and its steps."""
    bp = Blueprint("measure", __name__, url_prefix="/cases/<number>/measures")

    @bp.get("")
    @needs(audience, Permission.CASE_READ)
    def show(number: str) -> ResponseReturnValue:
        """What was decided, how long it holds, and what the reader may do about it."""
        return _page(number, None, None)

    @bp.post("")
    @needs(audience, Permission.MEASURE_DECIDE)
    def decide(number: str) -> ResponseReturnValue:
        """作出处理; the rules say whether this body may."""
        form = DecideForm(measures=_offered(_case(number)), prefix="decide-")
        if form.validate_on_submit():
            with form.refusing(), transaction() as session:
                case = _locked(session, number)
                service.expect_version(case, form.version.data)
                service.decide_measure(
                    Step(session, vault(), actor(), now()),
                    case,
                    measure=Measure(form.measure.data),
                    kind=form.kind.data or "",
                    months=form.months.data,
                )
            if not form.errors:
                flash(gettext("处理已作出。"))
                return redirect(url_for(".show", number=number), 303)
        return _page(number, ("decide", ""), form)

    @bp.post("/<measure_id>/extend")
    @needs(audience, Permission.MEASURE_DECIDE)
    def extend(number: str, measure_id: str) -> ResponseReturnValue:
        """延长 once."""
        return _step(number, measure_id, "extend")

    @bp.post("/<measure_id>/lift")
    @needs(audience, Permission.MEASURE_DECIDE)
    def lift(number: str, measure_id: str) -> ResponseReturnValue:
        """解除 in writing."""
        return _step(number, measure_id, "lift")

    @bp.post("/<measure_id>/file")
    @needs(audience, Permission.MEASURE_FILE)
    def file(number: str, measure_id: str) -> ResponseReturnValue:
        """登记备案."""
        return _step(number, measure_id, "file")

    def _step(number: str, measure_id: str, name: str) -> ResponseReturnValue:
        form = _FORMS[name](prefix=_prefix(name, measure_id))
        _measure(_case(number), measure_id)
        if form.validate_on_submit():
            with form.refusing(), transaction() as session:
                case = _locked(session, number)
                service.expect_version(case, form.version.data)
                row = _measure(case, measure_id)
                _DONE[name](Step(session, vault(), actor(), now()), case, row, form)
            if not form.errors:
                flash(gettext("已办理。"))
                return redirect(url_for(".show", number=number), 303)
        return _page(number, (name, measure_id), form)

    def _page(number: str, tried: tuple[str, str] | None, tried_form: StepForm | None) -> ResponseReturnValue:
        session, case = db.session(), _case(number)
        measures = queries.measures_of(session, vault(), case, actor())
        forms: dict[tuple[str, str], StepForm] = {}
        offered = _offered(case)
        if offered:
            forms["decide", ""] = DecideForm(measures=offered, prefix="decide-")
        for view in measures:
            for name in _open_steps(case, view):
                forms[name, view.id] = _FORMS[name](prefix=_prefix(name, view.id))
        for form in forms.values():
            form.version.data = case.version
        if tried is not None and tried_form is not None:
            forms[tried] = tried_form
        finding = queries.standing_finding(case)
        return render_template(
            f"{audience}/measure/show.html",
            case=case,
            finding=finding,
            waiting=finding is not None and queries.open_remedy(finding) is not None,
            measures=measures,
            forms=forms,
            tried_form=tried_form,
        ), (tried_form.http_status if tried_form else 200)

    return bp


def _prefix(name: str, measure_id: str) -> str:
    return f"{name}-{measure_id[:8]}-"


def _offered(case: Any) -> list[Measure]:
    finding, body = queries.standing_finding(case), home_desk(actor().role)
    if finding is None or body is None or actor().role not in PERMISSIONS[Permission.MEASURE_DECIDE]:
        return []
    position = queries.position_of(db.session(), case, finding.teacher_id)
    return allowed(
        Measure(finding.measure),
        case.school.ownership,
        position,
        body,
        at_school=case.desk == Desk.SCHOOL.value,
    )


def _open_steps(case: Any, view: queries.MeasureView) -> list[str]:
    """The steps a measure may still need, whoever looks holds the permission for."""
    found = []
    if (
        view.ends_on is not None
        and actor().role in PERMISSIONS[Permission.MEASURE_DECIDE]
        and Measure(view.measure) in _offered(case)
    ):
        if view.state == "active" and today() <= view.ends_on:
            found.append("extend")
        if view.state in IN_FORCE or view.state == "expired":
            found.append("lift")
    if (
        view.filing_needed
        and view.filed_on is None
        and view.state != "revoked"
        and actor().role in PERMISSIONS[Permission.MEASURE_FILE]
    ):
        found.append("file")
    return found


def _case(number: str) -> Any:
    case = queries.find_case(db.session(), actor(), number)
    if case is None:
        abort(404)
    return case


def _locked(session: Any, number: str) -> Any:
    case = queries.find_case(session, actor(), number, lock=True)
    if case is None:
        abort(404)
    return case


def _measure(case: Any, measure_id: str) -> Any:
    row = queries.find_measure(case, measure_id)
    if row is None:
        abort(404)
    return row


def context(case: Any) -> dict[str, Any]:
    """What the case's page shows of the teacher's own track: measures, remedies, clearances."""
    session, who = db.session(), actor()
    finding = queries.standing_finding(case)
    remedied = finding or next((row for row in reversed(case.findings) if row.remedies), None)
    return {
        "measures": queries.measures_of(session, vault(), case, who),
        "track": {
            "finding": finding,
            "remedies": queries.remedies_of(session, vault(), remedied, who) if remedied else [],
            "clearances": queries.clearances_of(session, vault(), case, who),
            "clearable": queries.clearable_finding(case) is not None,
        },
    }
