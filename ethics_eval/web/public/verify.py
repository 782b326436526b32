"""Checking what was signed here: a filing slip, or a certificate of standing.

Of a slip nothing is looked up. Of a certificate only whether it still holds: what it says is in its own text.
"""

from __future__ import annotations

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from wtforms import TextAreaField

from ethics_eval.complaints import filing_slip
from ethics_eval.database import db
from ethics_eval.ethics_file import certificate_slip, queries
from ethics_eval.roster import queries as roster_queries
from ethics_eval.text import N_, RuleViolation
from ethics_eval.web.access import public
from ethics_eval.web.drawing import qr_drawing
from ethics_eval.web.forms import Form
from ethics_eval.web.request import now, vault

bp = Blueprint("verify", __name__)

_NOT_OURS = RuleViolation(
    "slip.not_ours",
    N_("不是本系统出具的回执或证明。请核对是否抄全、抄对；改动过一个字，也会核验不过。"),
    field="slip",
)


class VerifyForm(Form):
    """The signed text. Reading only: it may come in the address, as the QR code has it."""

    class Meta(Form.Meta):  # type: ignore[name-defined]  # the library has no types
        """Without a token: nothing is written."""

        csrf = False

    slip = TextAreaField(lazy_gettext("凭证或证明上的字母和数字"))


@bp.route("/verify", methods=["GET", "POST"])
@public
def show() -> ResponseReturnValue:
    """What a slip or a certificate says, and whether the certificate holds now."""
    form = VerifyForm(request.form if request.method == "POST" else request.args)
    typed = (form.slip.data or "").strip()
    slip = filing_slip.read_slip(vault(), typed) if typed else None
    stated = certificate_slip.read_slip(vault(), typed) if typed and slip is None else None
    state = queries.shown_to_anyone(db.session(), stated, at=now()) if stated else None
    if typed and slip is None and state is None:
        form.refuse(_NOT_OURS)
    code = slip.school_code if slip else stated.school_code if stated and state else ""
    return render_template(
        "public/verify/show.html",
        form=form,
        slip=slip,
        stated=stated if state else None,
        state=state,
        school=roster_queries.school_by_code(db.session(), code) if code else None,
        public_key=filing_slip.public_key(vault()),
        certificate_key=certificate_slip.slip_key(vault()),
    ), form.http_status


def slip_drawing(slip: str) -> str:
    """The slip as a QR code that leads to its check, drawn for the page."""
    address = f"{current_app.config['PUBLIC_BASE_URL']}{url_for('public.verify.show', slip=slip)}"
    return qr_drawing(address, scale=4)
