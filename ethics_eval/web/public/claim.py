"""Claiming the code of a complaint that staff took down: its second half is made here, for the complainant alone."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from wtforms import StringField
from wtforms.validators import InputRequired

from ethics_eval.complaints import filing_slip, quotas
from ethics_eval.complaints.filing import Claimed, claim
from ethics_eval.complaints.rules.quota import Source, TooMany, network
from ethics_eval.database import transaction
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import N_, RuleViolation
from ethics_eval.web.access import public
from ethics_eval.web.forms import Form
from ethics_eval.web.public.gate import counts, visitor
from ethics_eval.web.public.mailbox import RECEIPT
from ethics_eval.web.request import now, vault

bp = Blueprint("claim", __name__, url_prefix="/claim")

_NOT_CLAIMED = RuleViolation(
    "claim.unknown",
    N_(
        "领取不了。请核对这8位和电话后四位；连续输错5次要等15分钟。如果提示一直出现，可能已经有人领取过，请联系登记的单位。"
    ),
    field="half",
)


class ClaimForm(Form):
    """The half that was handed over, and the last figures of the number that was left."""

    half = StringField(
        lazy_gettext("工作人员给您的8位字母和数字"), [InputRequired(lazy_gettext("请输入这8位。"))]
    )
    last_four = StringField(
        lazy_gettext("您留的电话最后四位"), description=lazy_gettext("登记时没有留电话的，不用填。")
    )


@bp.route("", methods=["GET", "POST"])
@public
def show() -> ResponseReturnValue:
    """Type the half; the whole code is then shown once, as after sending a complaint oneself."""
    form = ClaimForm()
    if form.validate_on_submit():
        try:
            receipt = _claim(form.half.data or "", form.last_four.data or "")
        except TooMany as limit:
            form.refuse(limit)
            page = render_template("public/claim/show.html", form=form)
            return page, 429, {"Retry-After": str(limit.retry_after)}
        if receipt is not None:
            session[RECEIPT] = receipt
            return redirect(url_for("public.receipt.show"), 303)
        form.refuse(_NOT_CLAIMED)
    return render_template("public/claim/show.html", form=form), form.http_status


def _claim(half: str, last_four: str) -> dict[str, object] | None:
    with transaction() as store:
        at, source = now(), (network(visitor().address),)
        if counts():
            quotas.refuse_flood(store, vault(), Source.MISS, source, at=at)
        found = claim(store, vault(), half, last_four, at=at)
        if found is None and counts():
            quotas.note(store, vault(), Source.MISS, source, at=at)
        return None if found is None else _receipt(found)


def _receipt(claimed: Claimed) -> dict[str, object]:
    case = claimed.complaint.case
    received_on = local_day(claimed.complaint.submitted_at)
    return {
        "code": claimed.query_code,
        "school": case.school.name,
        "mailbox": claimed.complaint.mailbox.code,
        "number": case.number,
        "received_on": received_on.isoformat(),
        "slip": filing_slip.make_slip(vault(), filing_slip.Slip(case.school.code, received_on, case.number)),
        "urgent": case.urgent,
        "school_matter": case.school_matter,
    }
