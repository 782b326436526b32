"""Notices as the bureau sees them: what went out, who was on it and why, who has acknowledged; and the preview."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, HiddenField, TextAreaField

from ethics_eval.accounts.rules import Permission, Scope, scope_of
from ethics_eval.complaints.rules.finding import MIN_GROUNDS
from ethics_eval.database import db, transaction
from ethics_eval.notices import queries, reminding, service
from ethics_eval.notices.paper import FileKind
from ethics_eval.notices.queries import OpenNotice
from ethics_eval.notices.rules.standing import IN_FORCE
from ethics_eval.notices.rules.template import BLOCKS
from ethics_eval.ranking import queries as ranking_queries
from ethics_eval.roster import queries as roster_queries
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.desk.notice import acknowledge_own, notice_file
from ethics_eval.web.forms import Form
from ethics_eval.web.request import actor, now, page_number, today

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
        may_edit=scope_of(actor(), Permission.NOTICE_TEMPLATE) is not None,
        kind=kind,
        page=page,
        page_size=queries.PAGE_SIZE,
    )


@bp.get("/notices/<notice_id>")
@needs(Audience.BUREAU, Permission.NOTICE_READ)
def show(notice_id: str) -> ResponseReturnValue:
    """The document exactly as it went out; above it who is on it and why, and who has acknowledged."""
    return _page(notice_id, Form())


def _page(notice_id: str, form: Form) -> ResponseReturnValue:
    session = db.session()
    opened = _opened(notice_id)
    sight = ranking_queries.sight_of(session, actor())
    ranking = None
    if queries.sees_city(actor()):
        ranking = ranking_queries.version_of(session, opened.row.notice.ranking_id)
    delivery = opened.row.delivery
    page = render_template(
        "bureau/notice/show.html",
        opened=opened,
        document=opened.document,
        mark=opened.mark,
        to_all=queries.is_to_all(opened.row.notice),
        may_withdraw=_may_withdraw(opened),
        may_urge=(
            scope_of(actor(), Permission.SEMESTER_STEP) is Scope.CITY and opened.row.notice.status == IN_FORCE
        ),
        ranking=ranking,
        candidates=ranking_queries.lowest(session, sight, ranking) if ranking else [],
        sees_city=queries.sees_city(actor()),
        progress=queries.progress(session, actor(), [notice_id]).get(notice_id, queries.Progress()),
        districts=queries.district_progress(session, actor(), notice_id),
        recipients=queries.letter_recipients(session, actor(), notice_id),
        due=None if delivery is None else queries.acknowledge_due(session, delivery),
        form=form,
    )
    return page, form.http_status


def _may_withdraw(opened: OpenNotice) -> bool:
    may = scope_of(actor(), Permission.NOTICE_WITHDRAW) is not None
    return may and queries.is_withdrawable(opened.row.notice)


@bp.get("/notices/<notice_id>/notice.pdf")
@needs(Audience.BUREAU, Permission.NOTICE_READ)
def pdf(notice_id: str) -> Response:
    """The document as PDF, as on paper."""
    return notice_file(notice_id, FileKind.PDF)


@bp.get("/notices/<notice_id>/notice.docx")
@needs(Audience.BUREAU, Permission.NOTICE_READ)
def word(notice_id: str) -> Response:
    """The document as a Word file."""
    return notice_file(notice_id, FileKind.DOCX)


class UrgeForm(Form):
    """Which district is urged."""

    district = HiddenField()


@bp.post("/notices/<notice_id>/urge")
@needs(Audience.BUREAU, Permission.SEMESTER_STEP)
def urge(notice_id: str) -> ResponseReturnValue:
    """催办: tell the schools of a district that have not acknowledged; once a day."""
    form = UrgeForm()
    opened = _opened(notice_id)
    district = roster_queries.district_by_code(db.session(), form.district.data or "")
    if district is None or not form.validate_on_submit():
        abort(422)
    name = district.name
    with form.refusing(), transaction() as session:
        count = reminding.urge(session, opened.row.notice, form.district.data or "", actor=actor(), at=now())
    if form.errors:
        return _page(notice_id, form)
    flash(gettext("已催办%(district)s：%(count)s所学校。", district=name, count=count))
    return redirect(url_for(".show", notice_id=notice_id), 303)


class WithdrawForm(Form):
    """Why a notice is withdrawn; what is written goes out to all who got it."""

    reason = TextAreaField(lazy_gettext("撤销理由"))
    confirmed = BooleanField(
        lazy_gettext("我确认撤销。撤销通知自动编号，发至全部收文单位，并告知名单中的教师本人。")
    )


@bp.get("/notices/<notice_id>/withdraw")
@needs(Audience.BUREAU, Permission.NOTICE_WITHDRAW)
def withdraw_form(notice_id: str) -> ResponseReturnValue:
    """The page to withdraw a circular or a correction."""
    opened = _opened(notice_id)
    if not _may_withdraw(opened):
        abort(404)
    return _withdraw_page(opened, WithdrawForm())


@bp.post("/notices/<notice_id>/withdraw")
@needs(Audience.BUREAU, Permission.NOTICE_WITHDRAW)
def withdraw(notice_id: str) -> ResponseReturnValue:
    """Withdraw it by a notice of its own, and open that."""
    form = WithdrawForm()
    opened = _opened(notice_id)
    issued = ""
    if form.validate_on_submit() and not form.confirmed.data:
        form.confirmed.errors = [gettext("请勾选确认。")]
    if not form.errors:
        with form.refusing(), transaction() as session:
            notice = service.withdraw(
                session, opened.row.notice, reason=form.reason.data or "", actor=actor(), at=now()
            )
            issued = notice.id
    if not issued:
        return _withdraw_page(opened, form), form.http_status
    flash(gettext("已撤销，并通知全部收文单位。"))
    return redirect(url_for(".show", notice_id=issued), 303)


def _withdraw_page(opened: OpenNotice, form: WithdrawForm) -> str:
    return render_template(
        "bureau/notice/withdraw_form.html",
        opened=opened,
        form=form,
        least_reason=MIN_GROUNDS,
        max_reason=service.MAX_REASON,
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
    opened = None if issued is None else queries.open_notice(session, actor(), issued.id, on=today())
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
        mark=None if opened is None else opened.mark,
    )


def _opened(notice_id: str) -> OpenNotice:
    opened = queries.open_notice(db.session(), actor(), notice_id, on=today())
    if opened is None:
        abort(404)
    return opened
