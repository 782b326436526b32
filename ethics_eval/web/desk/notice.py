"""Notices received: an inbox made once for each audience that gets them, and the acknowledgement."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from ethics_eval.accounts.rules import Permission
from ethics_eval.database import db, transaction
from ethics_eval.notices import queries, service
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.forms import Form
from ethics_eval.web.request import actor, now, page_number


def make_blueprint(audience: Audience) -> Blueprint:
    """The blueprint ``notice`` of an audience with an inbox: /notices, /notices/<notice_id>, its acknowledgement."""
    bp = Blueprint("notice", __name__, url_prefix="/notices")

    @bp.get("")
    @needs(audience, Permission.NOTICE_READ)
    def index() -> ResponseReturnValue:
        """The inbox, newest first."""
        page = page_number()
        rows, total = queries.notices(db.session(), actor(), page=page)
        return render_template(
            f"{audience}/notice/index.html", rows=rows, total=total, page=page, page_size=queries.PAGE_SIZE
        )

    @bp.get("/<notice_id>")
    @needs(audience, Permission.NOTICE_READ)
    def show(notice_id: str) -> ResponseReturnValue:
        """The document as it was issued, to read, print and acknowledge."""
        opened = queries.open_notice(db.session(), actor(), notice_id)
        if opened is None or opened.row.delivery is None:
            abort(404)
        return render_template(
            f"{audience}/notice/show.html",
            opened=opened,
            document=opened.document,
            due=queries.acknowledge_due(db.session(), opened.row.delivery),
            form=Form(),
        )

    @bp.post("/<notice_id>/acknowledge")
    @needs(audience, Permission.NOTICE_ACKNOWLEDGE)
    def acknowledge(notice_id: str) -> ResponseReturnValue:
        """签收 for the inbox; a second time changes nothing."""
        return acknowledge_own(notice_id)

    return bp


def acknowledge_own(notice_id: str) -> ResponseReturnValue:
    """Acknowledge a notice in the reader's own inbox, and go back to it."""
    with transaction() as session:
        delivery = queries.own_delivery(session, actor(), notice_id)
        if delivery is None:
            abort(404)
        is_first = service.acknowledge(session, delivery, actor=actor(), at=now())
    flash(gettext("已签收。") if is_first else gettext("此前已经签收，没有变化。"))
    return redirect(url_for(".show", notice_id=notice_id), 303)
