"""师德证明 at the bureau: read, printed, taken as PDF, withdrawn with a reason."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import TextAreaField

from ethics_eval.accounts.rules import Permission
from ethics_eval.database import transaction
from ethics_eval.ethics_file import service
from ethics_eval.ethics_file.rules.need import MAX_REASON
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.desk.certificate import (
    certificate_pdf,
    check_address,
    code_drawing,
    the_certificate,
)
from ethics_eval.web.forms import Form
from ethics_eval.web.request import actor, now

bp = Blueprint("certificate", __name__, url_prefix="/certificates")


class WithdrawForm(Form):
    """Why a certificate is taken back."""

    reason = TextAreaField(
        lazy_gettext("撤销的理由"),
        description=lazy_gettext("教师本人会看到。核验页面只显示已撤销，不显示理由。"),
    )


@bp.get("/<certificate_number>")
@needs(Audience.BUREAU, Permission.CERTIFICATE_ISSUE)
def show(certificate_number: str) -> ResponseReturnValue:
    """The paper, and whether it holds."""
    return _page(certificate_number, WithdrawForm(None))


@bp.get("/<certificate_number>/certificate.pdf")
@needs(Audience.BUREAU, Permission.CERTIFICATE_ISSUE)
def pdf(certificate_number: str) -> ResponseReturnValue:
    """The paper as PDF."""
    return certificate_pdf(certificate_number)


@bp.post("/<certificate_number>/withdraw")
@needs(Audience.BUREAU, Permission.CERTIFICATE_ISSUE)
def withdraw(certificate_number: str) -> ResponseReturnValue:
    """Take it back; its teacher is told."""
    the_certificate(certificate_number)
    form = WithdrawForm()
    if form.validate_on_submit():
        with form.refusing(), transaction() as session:
            service.withdraw_certificate(
                session, certificate_number, reason=form.reason.data or "", actor=actor(), at=now()
            )
        if not form.errors:
            flash(gettext("已撤销，并已告知教师本人。"))
            return redirect(url_for(".show", certificate_number=certificate_number), 303)
    return _page(certificate_number, form), form.http_status


def _page(number: str, form: WithdrawForm) -> str:
    found = the_certificate(number)
    return render_template(
        "bureau/certificate/show.html",
        certificate=found,
        qr=code_drawing(found),
        address=check_address(),
        form=form,
        max_reason=MAX_REASON,
    )
