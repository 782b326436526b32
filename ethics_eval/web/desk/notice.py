"""Notices received: an inbox made once for each audience that gets them, the acknowledgement, the files."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import structlog
from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from ethics_eval.accounts.rules import Permission
from ethics_eval.database import db, transaction
from ethics_eval.notices import publishing, queries, service
from ethics_eval.notices.paper import MEDIA_TYPES, FileKind, Press, file_name
from ethics_eval.notices.rules.circular import ACKNOWLEDGE_WORKING_DAYS
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.forms import Form
from ethics_eval.web.request import actor, now, page_number, today

_log = structlog.get_logger("ethics_eval.download")


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
            f"{audience}/notice/index.html",
            rows=rows,
            total=total,
            page=page,
            page_size=queries.PAGE_SIZE,
            acknowledge_days=ACKNOWLEDGE_WORKING_DAYS,
        )

    @bp.get("/<notice_id>")
    @needs(audience, Permission.NOTICE_READ)
    def show(notice_id: str) -> ResponseReturnValue:
        """The document as it was issued, to read, print and acknowledge."""
        opened = queries.open_notice(db.session(), actor(), notice_id, on=today())
        if opened is None or opened.row.delivery is None:
            abort(404)
        return render_template(
            f"{audience}/notice/show.html",
            opened=opened,
            document=opened.document,
            mark=opened.mark,
            due=queries.acknowledge_due(db.session(), opened.row.delivery),
            form=Form(),
        )

    @bp.get("/<notice_id>/notice.pdf")
    @needs(audience, Permission.NOTICE_READ)
    def pdf(notice_id: str) -> Response:
        """The document as PDF, as on paper."""
        return notice_file(notice_id, FileKind.PDF)

    @bp.get("/<notice_id>/notice.docx")
    @needs(audience, Permission.NOTICE_READ)
    def word(notice_id: str) -> Response:
        """The document as a Word file."""
        return notice_file(notice_id, FileKind.DOCX)

    @bp.post("/<notice_id>/acknowledge")
    @needs(audience, Permission.NOTICE_ACKNOWLEDGE)
    def acknowledge(notice_id: str) -> ResponseReturnValue:
        """签收 for the inbox; a second time changes nothing."""
        return acknowledge_own(notice_id)

    return bp


def notice_file(notice_id: str, kind: FileKind) -> Response:
    """The file of a notice the reader may open; 404 for another, and for one whose term is over for the reader."""
    session, who = db.session(), actor()
    opened = queries.open_notice(session, who, notice_id, on=today())
    if opened is None or opened.document is None:
        abort(404)
    instance = Path(current_app.config["INSTANCE"])
    built = None if opened.mark else publishing.circular_file(session, instance, opened.row.notice, kind)
    content = (
        Press(current_app.jinja_env, instance).make(kind, opened.document, opened.mark)
        if built is None
        else built.read_bytes()
    )
    _log.info("notice downloaded", account=who.id, role=who.kind, notice=notice_id, file=kind.value)
    return send_file(
        BytesIO(content),
        mimetype=MEDIA_TYPES[kind],
        as_attachment=True,
        download_name=file_name(opened.document, kind),
    )


def acknowledge_own(notice_id: str) -> ResponseReturnValue:
    """Acknowledge a notice in the reader's own inbox, and go back to it."""
    with transaction() as session:
        delivery = queries.own_delivery(session, actor(), notice_id)
        if delivery is None:
            abort(404)
        is_first = service.acknowledge(session, delivery, actor=actor(), at=now())
    flash(gettext("已签收。") if is_first else gettext("此前已经签收，没有变化。"))
    return redirect(url_for(".show", notice_id=notice_id), 303)
