"""The mailboxes of an audience's scope: codes, posters, replacing a lost or abused code."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from ethics_eval.accounts.rules import Permission
from ethics_eval.complaints import mailbox_counts, queries
from ethics_eval.complaints.mailboxes import replace_mailbox
from ethics_eval.database import db, transaction
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.forms import Form
from ethics_eval.web.request import actor, now, page_number, today

school_bp = Blueprint("mailbox", __name__, url_prefix="/mailbox")
bureau_bp = Blueprint("mailbox", __name__, url_prefix="/mailboxes")


@school_bp.get("")
@needs(Audience.SCHOOL, Permission.MAILBOX_READ)
def show() -> ResponseReturnValue:
    """The school's own mailbox and its poster."""
    session = db.session()
    rows, _total = queries.mailboxes(session, actor())
    counts = mailbox_counts.funnels(session, actor(), [row.id for row in rows], today=today())
    return render_template("school/mailbox/show.html", mailboxes=rows, counts=counts)


@bureau_bp.get("")
@needs(Audience.BUREAU, Permission.MAILBOX_READ)
def index() -> ResponseReturnValue:
    """All mailboxes in scope, by district and school."""
    text = request.args.get("q", "").strip()[:60]
    page = page_number()
    rows, total = queries.mailboxes(db.session(), actor(), text=text, page=page)
    return render_template(
        "bureau/mailbox/index.html",
        mailboxes=rows,
        counts=mailbox_counts.funnels(db.session(), actor(), [row.id for row in rows], today=today()),
        total=total,
        text=text,
        page=page,
        page_size=queries.PAGE_SIZE,
        form=Form(),
    )


@bureau_bp.post("/<mailbox_code>/replace")
@needs(Audience.BUREAU, Permission.MAILBOX_REPLACE)
def replace(mailbox_code: str) -> ResponseReturnValue:
    """Revoke a code and open a new one; printed posters of the old code stop working."""
    with transaction() as session:
        mailbox = queries.mailbox_in_scope(session, actor(), mailbox_code)
        if mailbox is None:
            abort(404)
        fresh = replace_mailbox(session, mailbox, actor=actor(), at=now())
        name = fresh.school.name
    flash(gettext("已更换“%(school)s”的信箱二维码，请重新张贴海报。", school=name))
    return redirect(url_for(".index", q=name), 303)
