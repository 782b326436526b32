"""身份保管: what waits for the custodian's word or the second person's."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from ethics_eval.accounts.rules import Permission
from ethics_eval.complaints import queries
from ethics_eval.complaints.queries.custody import (
    custody_of,
    custody_waiting,
    find_custody,
    found_case_number,
    has_custodian,
    sealed_subject,
    sealed_subjects,
)
from ethics_eval.complaints.rules.custody import CUSTODY_LABELS
from ethics_eval.complaints.service import Step
from ethics_eval.complaints.service.custody import (
    approve_custody,
    ask_custody,
    authorise_custody,
    open_identity,
    open_original,
    refuse_custody,
)
from ethics_eval.database import db, transaction
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.forms import Form
from ethics_eval.web.request import actor, files_folder, now, vault

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

bp = Blueprint("custody", __name__, url_prefix="/custody")


class AskForm(Form):
    """申请查看. ``subject``: a complaint's identity (``identity:<id>``) or a file's original (``file:<id>``)."""

    subject = RadioField(
        lazy_gettext("申请查看什么？"), [InputRequired(lazy_gettext("请选择要查看的内容。"))]
    )
    reason = TextAreaField(
        lazy_gettext("理由"),
        description=lazy_gettext(
            "为什么非看不可、不看会怎样。保管员和批准人会看到，投诉人会被告知有过查看。"
        ),
    )


class RefusalForm(Form):
    """不同意查看."""

    reason = TextAreaField(lazy_gettext("不同意的理由"), description=lazy_gettext("申请人会看到。"))


@bp.get("")
@needs(Audience.BUREAU, Permission.IDENTITY_AUTHORISE)
def index() -> ResponseReturnValue:
    """What waits for the custodian."""
    return _page("index")


@bp.get("/approvals")
@needs(Audience.BUREAU, Permission.IDENTITY_APPROVE)
def approvals() -> ResponseReturnValue:
    """What waits for the second person."""
    return _page("approvals")


@bp.post("/<request_id>/authorise")
@needs(Audience.BUREAU, Permission.IDENTITY_AUTHORISE)
def authorise(request_id: str) -> ResponseReturnValue:
    """The custodian's word."""
    with transaction() as session:
        found = _request(session, request_id)
        authorise_custody(Step(session, vault(), actor(), now()), found)
    flash(gettext("已审查同意，等待第二人批准。"))
    return redirect(url_for(".index"), 303)


@bp.post("/<request_id>/approve")
@needs(Audience.BUREAU, Permission.IDENTITY_APPROVE)
def approve(request_id: str) -> ResponseReturnValue:
    """The second person's word; the complainant is told."""
    with transaction() as session:
        found = _request(session, request_id)
        approve_custody(Step(session, vault(), actor(), now()), found)
    flash(gettext("已批准，并已告知投诉人。"))
    return redirect(url_for(".approvals"), 303)


@bp.post("/<request_id>/refuse")
@needs(Audience.BUREAU, Permission.IDENTITY_AUTHORISE)
def refuse(request_id: str) -> ResponseReturnValue:
    """The custodian says no."""
    return _refuse(request_id, "index")


@bp.post("/<request_id>/disapprove")
@needs(Audience.BUREAU, Permission.IDENTITY_APPROVE)
def disapprove(request_id: str) -> ResponseReturnValue:
    """The second person says no."""
    return _refuse(request_id, "approvals")


@bp.route("/cases/<number>", methods=["GET", "POST"])
@needs(Audience.BUREAU, Permission.IDENTITY_ASK)
def ask(number: str) -> ResponseReturnValue:
    """Ask for what is sealed in a case; how one's own requests stand."""
    case, form = _case_and_form(number)
    if form.validate_on_submit():
        with form.refusing(), transaction() as session:
            _ask(session, number, form)
        if not form.errors:
            flash(gettext("已提交申请，等待保管员审查。"))
            return redirect(url_for(".ask", number=number), 303)
    return _ask_page(case, form), form.http_status


@bp.post("/<request_id>/open")
@needs(Audience.BUREAU, Permission.IDENTITY_ASK)
def reveal(request_id: str) -> ResponseReturnValue:
    """Who the complainant is, shown to the asker; each look is logged, so it is a POST."""
    with transaction() as session:
        found = _request(session, request_id)
        number = found_case_number(session, found)
        person = open_identity(Step(session, vault(), actor(), now()), found)
    case, form = _case_and_form(number)
    return _ask_page(case, form, person=person)


@bp.post("/<request_id>/original")
@needs(Audience.BUREAU, Permission.IDENTITY_ASK)
def original(request_id: str) -> ResponseReturnValue:
    """The original of a file, to the asker; each look is logged."""
    with transaction() as session:
        found = _request(session, request_id)
        step = Step(session, vault(), actor(), now())
        attachment, pieces = open_original(step, found, folder=files_folder())
        body = b"".join(pieces)
    response = send_file(
        io.BytesIO(body),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=attachment.name,
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    return response


def _request(session: Session, request_id: str) -> Any:
    # the asker's own, or one for this person to answer; any other is not there
    found = find_custody(session, actor(), request_id, lock=True)
    if found is None:
        abort(404)
    return found


def _ask(session: Session, number: str, form: AskForm) -> None:
    case = queries.find_case(session, actor(), number, lock=True)
    if case is None:
        abort(404)
    complaint, evidence = sealed_subject(session, case, form.subject.data)
    if complaint is None:
        abort(404)
    ask_custody(
        Step(session, vault(), actor(), now()), complaint, reason=form.reason.data or "", evidence=evidence
    )


def _case_and_form(number: str) -> tuple[Any, AskForm]:
    case = queries.find_case(db.session(), actor(), number)
    if case is None:
        abort(404)
    form = AskForm()
    form.subject.choices = [
        SelectChoice(
            row.key, gettext("文件原件：%(name)s", name=row.name) if row.name else gettext("投诉人的身份")
        )
        for row in sealed_subjects(db.session(), vault(), case, actor())
    ]
    return case, form


def _ask_page(case: Any, form: AskForm, *, person: dict[str, str] | None = None) -> str:
    return render_template(
        "bureau/custody/ask.html",
        case=case,
        form=form,
        person=person,
        has_custodian=has_custodian(db.session()),
        requests=custody_of(db.session(), vault(), case, actor()),
        labels=CUSTODY_LABELS,
        now=now(),
    )


def _refuse(request_id: str, page: str) -> ResponseReturnValue:
    form = RefusalForm(prefix=request_id)
    if form.validate_on_submit():
        with form.refusing(), transaction() as session:
            found = _request(session, request_id)
            step = Step(session, vault(), actor(), now())
            refuse_custody(step, found, reason=form.reason.data or "")
        if not form.errors:
            flash(gettext("已答复申请人。"))
            return redirect(url_for(f".{page}"), 303)
    return _page(page, request_id, form), form.http_status


def _page(page: str, tried: str | None = None, tried_form: RefusalForm | None = None) -> str:
    rows = custody_waiting(db.session(), vault(), actor())
    return render_template(
        "bureau/custody/approvals.html" if page == "approvals" else "bureau/custody/index.html",
        rows=[(row, tried_form if row.id == tried else RefusalForm(None, prefix=row.id)) for row in rows],
        labels=CUSTODY_LABELS,
        tried=tried,
        tried_form=tried_form,
    )
