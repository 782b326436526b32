"""澄清正名 of a case: the text is offered, and issued once the teacher has agreed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired

from ethics_eval.accounts.rules import Permission
from ethics_eval.complaints import queries, service
from ethics_eval.complaints.rules.clearance import AUDIENCE_LABELS, Audience, ClearanceState
from ethics_eval.complaints.service import Step
from ethics_eval.database import db, transaction
from ethics_eval.web.access import Audience as Reader
from ethics_eval.web.access import needs
from ethics_eval.web.desk.clearance import document_of
from ethics_eval.web.desk.steps import StepForm
from ethics_eval.web.page import translated_choices
from ethics_eval.web.request import actor, now, vault

bp = Blueprint("clearance", __name__, url_prefix="/cases/<number>/clearance")


class OfferForm(StepForm):
    """拟写澄清正名."""

    text = TextAreaField(
        lazy_gettext("澄清的内容"),
        description=lazy_gettext(
            "写经调查核实的结论，一段或几段。不写投诉的原话，不写投诉人的任何情况。教师同意后才发出。"
        ),
    )
    audience = RadioField(lazy_gettext("发给谁"), [InputRequired(lazy_gettext("请选择发给谁。"))])

    def __init__(self, *, recused: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        open_to = {
            one: text for one, text in AUDIENCE_LABELS.items() if one is Audience.PERSON or not recused
        }
        self.audience.choices = translated_choices(open_to)


@bp.get("")
@needs(Reader.BUREAU, Permission.CLEARANCE_OFFER)
def show(number: str) -> ResponseReturnValue:
    """What was offered and answered, the document, and the next step."""
    return _page(number, None)


@bp.post("")
@needs(Reader.BUREAU, Permission.CLEARANCE_OFFER)
def offer(number: str) -> ResponseReturnValue:
    """Offer a text to the teacher."""
    form = OfferForm(recused=_case(db.session(), number).recused, prefix="offer-")
    if form.validate_on_submit():
        with form.refusing(), transaction() as session:
            case = _case(session, number, lock=True)
            service.expect_version(case, form.version.data)
            service.offer_clearance(
                Step(session, vault(), actor(), now()),
                case,
                text=form.text.data or "",
                audience=Audience(form.audience.data),
                bureau_name=current_app.config["BUREAU_NAME"],
            )
        if not form.errors:
            flash(gettext("已请教师答复是否同意。"))
            return redirect(url_for(".show", number=number), 303)
    return _page(number, form)


@bp.post("/issue")
@needs(Reader.BUREAU, Permission.CLEARANCE_OFFER)
def issue(number: str) -> ResponseReturnValue:
    """发出 what the teacher agreed to."""
    form = StepForm(prefix="issue-")
    if form.validate_on_submit():
        with form.refusing(), transaction() as session:
            case = _case(session, number, lock=True)
            service.expect_version(case, form.version.data)
            service.issue_clearance(Step(session, vault(), actor(), now()), case, _last(session, case))
        if not form.errors:
            flash(gettext("澄清正名已发出。"))
            return redirect(url_for(".show", number=number), 303)
    return _page(number, None, refused=form)


def _page(number: str, form: OfferForm | None, *, refused: StepForm | None = None) -> ResponseReturnValue:
    session = db.session()
    case = _case(session, number)
    views = queries.clearances_of(session, vault(), case, actor())
    last = views[-1] if views else None
    blank = form or OfferForm(recused=case.recused, prefix="offer-")
    issuing = StepForm(prefix="issue-")
    if form is None:
        blank.version.data = case.version
    issuing.version.data = case.version
    tried = form or refused
    return render_template(
        "bureau/clearance/show.html",
        case=case,
        views=views,
        last=last,
        document=document_of(last) if last else None,
        may_offer=queries.clearable_finding(case) is not None
        and (last is None or last.state is ClearanceState.DECLINED),
        form=blank,
        issuing=issuing,
        tried=tried,
    ), (tried.http_status if tried else 200)


def _case(session: Any, number: str, *, lock: bool = False) -> Any:
    case = queries.find_case(session, actor(), number, lock=lock)
    if case is None:
        abort(404)
    return case


def _last(session: Any, case: Any) -> Any:
    found = queries.last_clearance(session, case)
    if found is None:
        abort(404)
    return found
