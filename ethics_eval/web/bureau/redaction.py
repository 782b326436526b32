"""遮盖: what of a letter the school shall not read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice

from ethics_eval.accounts.rules import Permission
from ethics_eval.complaints import queries
from ethics_eval.complaints.queries.redaction import find_redaction, redactions_of
from ethics_eval.complaints.service import Step
from ethics_eval.complaints.service.redaction import burn, lift, mask
from ethics_eval.database import db, transaction
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.forms import Form
from ethics_eval.web.page import desk_time
from ethics_eval.web.request import actor, now, vault

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

bp = Blueprint("redaction", __name__, url_prefix="/redactions/<number>")


class MaskForm(Form):
    """Which words of which letter."""

    letter = SelectField(lazy_gettext("哪一件投诉？"))
    phrases = TextAreaField(
        lazy_gettext("要遮盖的文字"),
        description=lazy_gettext(
            "每行一段，与原文一字不差；信里出现几次就遮几次。例如孩子的姓名、住址、只有家里人知道的事。"
        ),
    )


@bp.route("", methods=["GET", "POST"])
@needs(Audience.BUREAU, Permission.CASE_REDACT)
def show(number: str) -> ResponseReturnValue:
    """The letters with what is masked in them, and the form to mask more."""
    case = _case(db.session(), number)
    form = MaskForm()
    form.letter.choices = [
        SelectChoice(letter.id, f"{letter.case_number} · {desk_time(letter.submitted_at)}")
        for letter in queries.letters(db.session(), vault(), case, actor())
        if letter.case_number == number  # a merged letter is masked on the page of its own case
    ]
    if form.validate_on_submit():
        with form.refusing(), transaction() as session:
            complaint = queries.complaint_in(session, _case(session, number, lock=True), form.letter.data)
            if complaint is None:
                abort(404)
            mask(Step(session, vault(), actor(), now()), complaint, (form.phrases.data or "").splitlines())
        if not form.errors:
            flash(gettext("已遮盖。学校看到的是黑块。"))
            return redirect(url_for(".show", number=number), 303)
    return render_template(
        "bureau/redaction/show.html",
        case=case,
        form=form,
        letters=queries.letters(db.session(), vault(), case, actor()),
        redactions=redactions_of(db.session(), vault(), case, actor()),
    ), form.http_status


@bp.post("/<redaction_id>/lift")
@needs(Audience.BUREAU, Permission.CASE_REDACT)
def undo(number: str, redaction_id: str) -> ResponseReturnValue:
    """Show the words again."""
    return _change(number, redaction_id, lift, gettext("已取消遮盖。"))


@bp.post("/<redaction_id>/burn")
@needs(Audience.BUREAU, Permission.CASE_REDACT)
def keep(number: str, redaction_id: str) -> ResponseReturnValue:
    """Burn the words in, for good."""
    return _change(number, redaction_id, burn, gettext("已永久遮盖，原文不再保存。"))


def _change(number: str, redaction_id: str, do: Any, told: str) -> ResponseReturnValue:
    with transaction() as session:
        redaction = find_redaction(session, _case(session, number, lock=True), redaction_id)
        if redaction is None:
            abort(404)
        do(Step(session, vault(), actor(), now()), redaction)
    flash(told)
    return redirect(url_for(".show", number=number), 303)


def _case(session: Session, number: str, *, lock: bool = False) -> Any:
    case = queries.find_case(session, actor(), number, lock=lock)
    if case is None:
        abort(404)
    return case
