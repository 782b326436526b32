"""One's own notices: what waits, newest first; opening one notes that it was read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms import HiddenField

from ethics_eval.accounts import notifying, queries
from ethics_eval.accounts.queries import NoticeView
from ethics_eval.accounts.rules import Actor, Role
from ethics_eval.complaints.queries.handlers import case_numbers
from ethics_eval.complaints.rules.announcing import KIND_LABELS
from ethics_eval.complaints.rules.reminding import LEVEL_WORDS, Clock, Level
from ethics_eval.database import db, transaction
from ethics_eval.ethics_file.rules.certificate import CERTIFICATE_KIND_LABELS
from ethics_eval.evaluation.rules.round import URGE_LABELS, Urge
from ethics_eval.notices.rules.reminding import NEW, NOTICE_LABELS
from ethics_eval.ranking.rules.news import CORRECTED, RANKING_NEWS, REFUSED
from ethics_eval.web.access import signed_in
from ethics_eval.web.forms import Form
from ethics_eval.web.page import desk_time, label
from ethics_eval.web.request import actor, now, page_number

bp = Blueprint("notice", __name__, url_prefix="/account/notices")


class AllReadForm(Form):
    """Everything up to the newest that was on the page."""

    until = HiddenField()


@dataclass(frozen=True)
class NoticeLine:
    """A notice in words. ``number``: of its case, while the reader may see it; ``is_document``: of a
    通报 or 告知, of an objection or a semester, which it opens.
    """

    id: str
    at: datetime
    is_read: bool
    title: str
    note: str
    number: str
    is_urging: bool
    is_document: bool


@bp.get("")
@signed_in
def index() -> ResponseReturnValue:
    """A page of 50."""
    session, who, page = db.session(), actor(), page_number()
    views, total = queries.staff_notices(session, who.id or 0, page=page)
    numbers = case_numbers(session, who, {view.subject_id for view in views if view.subject_kind == "case"})
    form = AllReadForm(until=views[0].at.isoformat() if views else "")
    return render_template(
        "auth/notice/index.html",
        lines=[_line(view, numbers) for view in views],
        total=total,
        page=page,
        page_size=queries.NOTICE_PAGE,
        form=form,
    )


@bp.post("/<notice_id>")
@signed_in
def open(notice_id: str) -> ResponseReturnValue:
    """Note that it was read, and go to its case, if the reader may still see it, or to the official notice."""
    who = actor()
    with transaction() as session:
        notice = notifying.mark_read(session, who, notice_id, at=now())
        if notice is None:
            abort(404)
        subject = notice.subject_id if notice.subject_kind == "case" else ""
        number = case_numbers(session, who, {subject}).get(subject, "")
        document = notice.subject_id if notice.subject_kind == "notice" else ""
        ranked = _ranked_url(who, notice.subject_kind, notice.subject_id)
    if document:
        return redirect(_document_url(who, document), 303)
    if ranked:
        return redirect(ranked, 303)
    return redirect(_case_url(who, number) if number else url_for(".index"), 303)


@bp.post("/read")
@signed_in
def read_all() -> ResponseReturnValue:
    """Note that all were read that were on the page."""
    form = AllReadForm()
    if not form.validate_on_submit():
        abort(422)
    try:
        until = datetime.fromisoformat(form.until.data or "")
        until.astimezone()
    except (ValueError, OverflowError):
        abort(422)
    if until.tzinfo is None:
        abort(422)
    with transaction() as session:
        notifying.mark_all_read(session, actor(), until=until, at=now())
    return redirect(url_for(".index"), 303)


def _document_url(who: Actor, notice_id: str) -> str:
    audience = {Role.TEACHER: "teacher", Role.SCHOOL_OFFICER: "school", Role.SCHOOL_HEAD: "school"}
    desk = audience.get(who.role, "bureau") if who.role else "bureau"
    return url_for(f"{desk}.notice.show", notice_id=notice_id)


def _ranked_url(who: Actor, kind: str, subject_id: str) -> str:
    """The page of an objection, of a semester for the bureau, of its ballots for a school; empty: of something else."""
    if kind == "objection":
        desk = "teacher" if who.role is Role.TEACHER else "bureau"
        return url_for(f"{desk}.objection.show", objection_id=subject_id)
    if kind == "semester" and who.role in {Role.BUREAU_OFFICER, Role.BUREAU_HEAD}:
        return url_for("bureau.semester.show", semester_code=subject_id)
    if kind == "semester" and who.role in {Role.SCHOOL_OFFICER, Role.SCHOOL_HEAD}:
        return url_for("school.turnout.index")
    return ""


def _case_url(who: Actor, number: str) -> str:
    if who.role is Role.TEACHER:
        return url_for("teacher.case.show", number=number)
    at_school = who.role in {Role.SCHOOL_OFFICER, Role.SCHOOL_HEAD}
    return url_for("school.case.show" if at_school else "bureau.case.show", number=number)


def _line(view: NoticeView, numbers: dict[str, str]) -> NoticeLine:
    number = numbers.get(view.subject_id, "")
    title, note = _words(view)
    if view.subject_kind == "case" and not number:
        note = gettext("这件事项已不在您的办理范围内。")
    return NoticeLine(
        id=view.id,
        at=view.at,
        is_read=view.is_read,
        title=title,
        note=note,
        number=number,
        is_urging=view.kind.startswith(("reminder.", "round."))
        or view.kind in {"case.supervised", "calendar.ends", REFUSED, *NOTICE_LABELS} - {NEW}
        or view.kind in {"objection.near", "objection.overdue"},
        is_document=view.subject_kind in {"notice", "objection"}
        or view.kind in {REFUSED, CORRECTED}
        or view.kind.startswith("round."),
    )


def _reminder_words(kind: str, detail: dict[str, Any]) -> tuple[str, str]:
    owed = label(str(detail["clock"]), "clock")
    level = Level(kind.removeprefix("reminder."))
    title = gettext("%(words)s:%(owed)s", words=gettext(LEVEL_WORDS[level]), owed=owed)
    due = str(detail["due"])
    if detail["clock"] == Clock.URGENT:
        is_over = level is Level.DUE
        title = gettext("一件紧急案件已到处置时限") if is_over else gettext("一件紧急案件快到处置时限")
        return title, gettext("紧急案件按小时计时，请立即办理。")
    return title, gettext("期限 %(day)s", day=due)


def _words(view: NoticeView) -> tuple[str, str]:
    detail: dict[str, Any] = dict(view.detail)
    if view.kind.startswith("reminder."):
        return _reminder_words(view.kind, detail)
    if view.kind.startswith("round."):
        urge = Urge(view.kind.removeprefix("round."))
        until = desk_time(datetime.fromisoformat(str(detail["closes_at"])))
        if not detail["count"]:
            note = gettext(
                "本校还没有发放评议码，评议到 %(time)s 结束。用纸质评议的，请按时导入结果。", time=until
            )
        else:
            note = gettext(
                "还有%(count)s个组没有达到最低票数，评议到 %(time)s 结束。", count=detail["count"], time=until
            )
        return gettext(URGE_LABELS[urge]), note
    if view.kind == "calendar.ends":
        until = str(detail["until"])
        return (
            gettext("工作日历快要用完"),
            gettext("已知的放假和调休安排只到 %(day)s，请尽快录入下一年度的，以免期限算错。", day=until),
        )
    return _told_words(view, detail)


def _told_words(view: NoticeView, detail: dict[str, Any]) -> tuple[str, str]:
    if view.kind in RANKING_NEWS:
        until = gettext("期限 %(day)s", day=detail["due"]) if view.subject_kind == "objection" else ""
        return gettext(RANKING_NEWS[view.kind]), until
    if view.kind in NOTICE_LABELS:
        count = detail.get("count")
        note = gettext("还有%(count)s个单位没有签收。", count=count) if count else ""
        return gettext(NOTICE_LABELS[view.kind]), note
    if view.kind in CERTIFICATE_KIND_LABELS:
        return gettext(CERTIFICATE_KIND_LABELS[view.kind]), gettext("编号 %(number)s", number=view.subject_id)
    if view.kind == "outbox.given_up":
        return gettext("有提醒多次没有发出"), gettext("请检查邮件或回调地址的设置。站内提醒不受影响。")
    return gettext(KIND_LABELS[view.kind]) if view.kind in KIND_LABELS else view.kind, ""
