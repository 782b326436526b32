"""One's own account: name, role, what it may do."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import EmailField

from ethics_eval.accounts import notifying, queries
from ethics_eval.accounts.rules import PERMISSION_LABELS, PERMISSIONS, SCOPE_LABELS
from ethics_eval.database import db, transaction
from ethics_eval.web.access import signed_in
from ethics_eval.web.forms import Form
from ethics_eval.web.request import actor, now

bp = Blueprint("account", __name__, url_prefix="/account")


class EmailForm(Form):
    """Where one's own word goes."""

    email = EmailField(lazy_gettext("电子邮箱"))


@bp.get("")
@signed_in
def show() -> ResponseReturnValue:
    """Who I am here and what I may do."""
    return _page(EmailForm(email=queries.notify_email(db.session(), actor().id or 0)))


@bp.post("/email")
@signed_in
def email() -> ResponseReturnValue:
    """Where word that something waits goes by e-mail; empty: nowhere."""
    form = EmailForm()
    if form.validate_on_submit():
        with form.refusing(), transaction() as session:
            notifying.set_email(session, actor(), form.email.data or "", at=now())
        if not form.errors:
            flash(gettext("已保存。"))
            return redirect(url_for(".show"), 303)
    return _page(form)


def _page(form: EmailForm) -> ResponseReturnValue:
    who = actor()
    rights = [
        (gettext(PERMISSION_LABELS[permission]), gettext(SCOPE_LABELS[scopes[who.role]]))
        for permission, scopes in PERMISSIONS.items()
        if who.role is not None and who.role in scopes
    ]
    page = render_template(
        "auth/account/show.html", rights=rights, form=form, has_email=bool(current_app.config["SMTP_URL"])
    )
    return page, form.http_status
