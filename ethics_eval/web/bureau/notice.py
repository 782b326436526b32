"""Notices as the bureau sees them: what went out, who was on it and why, who has acknowledged; and the preview."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue

from ethics_eval.accounts.rules import Permission
from ethics_eval.database import db
from ethics_eval.notices import queries
from ethics_eval.notices.queries import OpenNotice
from ethics_eval.notices.rules.template import BLOCKS
from ethics_eval.ranking import queries as ranking_queries
from ethics_eval.roster import queries as roster_queries
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.desk.notice import acknowledge_own
from ethics_eval.web.forms import Form
from ethics_eval.web.request import actor, page_number

bp = Blueprint("notice", __name__)


@bp.get("/notices")
@needs(Audience.BUREAU, Permission.NOTICE_READ)
def index() -> ResponseReturnValue:
    """All notices issued, newest first; a district's officer sees those sent to the district."""
    session = db.session()
    kind = request.args.get("kind", "")
    kind = kind if kind in BLOCKS else ""
    page = page_number()
    rows, total = queries.notices(session, actor(), kind=kind, page=page)
    return render_template(
        "bureau/notice/index.html",
        rows=rows,
        total=total,
        progress=queries.progress(session, actor(), [row.notice.id for row in rows]),
        sees_city=queries.sees_city(actor()),
        kind=kind,
        page=page,
        page_size=queries.PAGE_SIZE,
    )


@bp.get("/notices/<notice_id>")
@needs(Audience.BUREAU, Permission.NOTICE_READ)
def show(notice_id: str) -> ResponseReturnValue:
    """The document exactly as it went out; above it who is on it and why, and who has acknowledged."""
    session = db.session()
    opened = _opened(notice_id)
    sight = ranking_queries.sight_of(session, actor())
    ranking = ranking_queries.ranking_of(session, sight, opened.row.notice.semester_code)
    delivery = opened.row.delivery
    return render_template(
        "bureau/notice/show.html",
        opened=opened,
        document=opened.document,
        ranking=ranking,
        candidates=ranking_queries.lowest(session, sight, ranking) if ranking else [],
        sees_city=queries.sees_city(actor()),
        progress=queries.progress(session, actor(), [notice_id]).get(notice_id, queries.Progress()),
        districts=queries.district_progress(session, actor(), notice_id),
        recipients=queries.letter_recipients(session, actor(), notice_id),
        due=None if delivery is None else queries.acknowledge_due(session, delivery),
        form=Form(),
    )


@bp.get("/notices/<notice_id>/missing")
@needs(Audience.BUREAU, Permission.NOTICE_READ)
def missing(notice_id: str) -> ResponseReturnValue:
    """The schools that have not acknowledged, of the whole scope or of one district."""
    session = db.session()
    opened = _opened(notice_id)
    district = roster_queries.district_by_code(session, request.args.get("district", ""))
    page = page_number()
    rows, total = queries.missing_schools(
        session, actor(), notice_id, district_code=district.code if district else "", page=page
    )
    return render_template(
        "bureau/notice/missing.html",
        opened=opened,
        district=district,
        rows=rows,
        total=total,
        page=page,
        page_size=queries.PAGE_SIZE,
    )


@bp.post("/notices/<notice_id>/acknowledge")
@needs(Audience.BUREAU, Permission.NOTICE_ACKNOWLEDGE)
def acknowledge(notice_id: str) -> ResponseReturnValue:
    """签收 for the district bureau; a second time changes nothing."""
    return acknowledge_own(notice_id)


@bp.get("/semesters/<semester_code>/notice")
@needs(Audience.BUREAU, Permission.SEMESTER_STEP)
def preview(semester_code: str) -> ResponseReturnValue:
    """The circular before publication, its number left open; once published, the one that went out."""
    session = db.session()
    sight = ranking_queries.sight_of(session, actor())
    ranking = ranking_queries.ranking_of(session, sight, semester_code)
    if ranking is None:
        abort(404)
    issued = queries.circular_of(session, semester_code)
    opened = None if issued is None else queries.open_notice(session, actor(), issued.id)
    document = (
        queries.preview(session, semester_code, word=current_app.config["DOCUMENT_WORD"])
        if opened is None
        else opened.document
    )
    return render_template(
        "bureau/notice/preview.html",
        ranking=ranking,
        candidates=ranking_queries.lowest(session, sight, ranking),
        issued=issued,
        document=document,
    )


def _opened(notice_id: str) -> OpenNotice:
    opened = queries.open_notice(db.session(), actor(), notice_id)
    if opened is None:
        abort(404)
    return opened
