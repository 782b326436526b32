"""Tracking: the query code opens one complaint: its progress, its messages, and what its sender may do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, HiddenField, MultipleFileField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired

from ethics_eval.accounts.rules import PUBLIC
from ethics_eval.complaints import quotas, service, tracking
from ethics_eval.complaints.evidence import PreparedFile, prepare
from ethics_eval.complaints.rules.correspondence import (
    MAX_MESSAGE,
    SATISFACTION_LABELS,
    disclosure_choices,
)
from ethics_eval.complaints.rules.quota import Source, TooMany, network
from ethics_eval.complaints.rules.submission import IDENTITY_LABELS, IdentityMode
from ethics_eval.complaints.service import Step
from ethics_eval.database import db, transaction
from ethics_eval.text import N_
from ethics_eval.web.access import public
from ethics_eval.web.forms import Form, uploads
from ethics_eval.web.page import spoken, translated_choices
from ethics_eval.web.public.gate import counts, visitor
from ethics_eval.web.request import files_folder, now, once_more, vault

if TYPE_CHECKING:
    from ethics_eval.complaints.models import Complaint

bp = Blueprint("track", __name__, url_prefix="/track")

TRACKED = "tracked"


class TrackForm(Form):
    """The code."""

    query_code = StringField(lazy_gettext("查询码"), [InputRequired(lazy_gettext("请输入查询码"))])


class MessageForm(Form):
    """留言: words, and files if there are any; ``seen`` is the newest message the page showed."""

    text = TextAreaField(lazy_gettext("给经办人留言"))
    evidence = MultipleFileField(lazy_gettext("补充照片、录音或文件"))
    seen = HiddenField()


class RatingForm(Form):
    """满意度: one tap."""

    satisfaction = HiddenField()


class DisputeForm(Form):
    """异议."""

    reason = TextAreaField(lazy_gettext("您对哪里不满意？"))


class WithdrawalForm(Form):
    """撤回."""

    reason = TextAreaField(lazy_gettext("为什么撤回？"))
    sure = BooleanField(
        lazy_gettext("没有人逼我撤回，这是我自己的决定"),
        [InputRequired(lazy_gettext("请确认撤回是您自己的决定。有人逼您撤回，请留言告诉我们。"))],
    )


class ReviewForm(Form):
    """复查、复核."""

    grounds = TextAreaField(lazy_gettext("您认为答复哪里不对？"))


class DisclosureForm(Form):
    """公开身份."""

    identity = RadioField(lazy_gettext("让谁知道您是谁？"), [InputRequired(lazy_gettext("请选择让谁知道。"))])
    name = StringField(lazy_gettext("您的姓名"))
    phone = StringField(lazy_gettext("您的电话"))
    relation = StringField(lazy_gettext("您与学校的关系"))
    sure = BooleanField(
        lazy_gettext("我知道公开后不能收回"),
        [InputRequired(lazy_gettext("请确认您知道公开后不能收回。"))],
    )

    def __init__(self, mode: IdentityMode, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        labels = {choice: IDENTITY_LABELS[choice] for choice in disclosure_choices(mode)}
        self.identity.choices = translated_choices(labels)
        if len(labels) == 1 and not self.identity.data:
            self.identity.data = next(iter(labels)).value


@dataclass(frozen=True)
class Deed:
    """Something the sender does here: its form, what it calls, and what is said afterwards."""

    form: type[Form]
    do: Callable[[Step, Any, Any], object]
    said: str


def _write(step: Step, complaint: Any, form: Any) -> object:
    return service.write_from_complainant(
        step,
        complaint,
        form.text.data or "",
        form.files,
        folder=files_folder(),
        seen_id=form.seen.data,
    )


def _rate(step: Step, complaint: Any, form: Any) -> object:
    typed = form.satisfaction.data or ""
    service.rate(step, complaint, int(typed) if typed in {"1", "2", "3"} else 0)
    return complaint


def _disclose(step: Step, complaint: Any, form: Any) -> object:
    person = service.Person(form.name.data or "", form.phone.data or "", form.relation.data or "")
    service.disclose(step, complaint, identity=IdentityMode(form.identity.data), person=person)
    return complaint


DEEDS: Mapping[str, Deed] = {
    "write": Deed(MessageForm, _write, N_("您的留言已送到经办人。")),
    "rate": Deed(RatingForm, _rate, N_("谢谢您的评价。")),
    "dispute": Deed(
        DisputeForm, lambda s, c, f: service.dispute(s, c, f.reason.data or ""), N_("您的异议已送到教育局。")
    ),
    "withdraw": Deed(
        WithdrawalForm,
        lambda s, c, f: service.withdraw(s, c, reason=f.reason.data or ""),
        N_("您的撤回已收到。"),
    ),
    "ask_review": Deed(
        ReviewForm,
        lambda s, c, f: service.ask_review(s, c, grounds=f.grounds.data or ""),
        N_("您的复查请求已收到。"),
    ),
    "ask_final_review": Deed(
        ReviewForm,
        lambda s, c, f: service.ask_final_review(s, c, grounds=f.grounds.data or ""),
        N_("您的复核请求已收到。"),
    ),
    "disclose": Deed(DisclosureForm, _disclose, N_("已按您的选择公开身份。")),
}


@bp.route("", methods=["GET", "POST"])
@public
def find() -> ResponseReturnValue:
    """Ask for the code; wrong and unknown codes get the same answer."""
    form = TrackForm()
    if form.validate_on_submit():
        try:
            found = once_more(lambda: _open(form.query_code.data or ""))
        except TooMany as limit:
            form.query_code.errors = [spoken(limit)]
            page = render_template("public/track/find.html", form=form)
            return page, 429, {"Retry-After": str(limit.retry_after)}
        if found is not None:
            session[TRACKED] = found
            return redirect(url_for(".case"), 303)
        form.query_code.errors = [gettext("没有查到。请核对16位查询码；连续输错5次须等15分钟再试。")]
    return render_template("public/track/find.html", form=form), form.http_status


def _open(typed: str) -> str | None:
    with transaction() as store:
        at, source = now(), (network(visitor().address),)
        if counts():
            quotas.refuse_flood(store, vault(), Source.MISS, source, at=at)
        complaint = tracking.open_by_code(store, vault(), typed, at=at)
        if complaint is None and counts():
            quotas.note(store, vault(), Source.MISS, source, at=at)
        return complaint.id if complaint else None


@bp.get("/case")
@public
def case() -> ResponseReturnValue:
    """How far it is, in plain words; the messages; what may be done next."""
    return _page(None, None)


@bp.post("/case/<deed>")
@public
def act(deed: str) -> ResponseReturnValue:
    """Write, rate, dispute, withdraw, ask for review, disclose: the rules decide whether it may be done."""
    if deed not in DEEDS:
        abort(404)
    known = session.get(TRACKED)
    progress = tracking.progress(db.session(), vault(), known, at=now()) if known else None
    if known is None or progress is None:
        return redirect(url_for(".find"), 303)
    form = _form(deed, progress.identity_mode)
    if form.validate_on_submit() and _ready(form):
        with form.refusing():
            once_more(lambda: _do(deed, known, form))
        if not form.errors:
            flash(gettext(DEEDS[deed].said))
            return redirect(url_for(".case"), 303)
    return _page(deed, form)


def _form(deed: str, identity_mode: str) -> Form:
    if deed == "disclose":
        return DisclosureForm(IdentityMode(identity_mode), prefix="disclose-")
    return DEEDS[deed].form(prefix=f"{deed}-")


def _ready(form: Any) -> bool:
    """Whether the files of a message are such as are taken; they are kept beside the form."""
    files: list[PreparedFile] = []
    refused = False
    if isinstance(form, MessageForm):
        files, wrong = prepare(uploads(form.evidence))
        refused = form.refuse_all(wrong)
    form.files = files
    return not refused


def _do(deed: str, complaint_id: str, form: Form) -> None:
    with transaction() as store:
        complaint: Complaint | None = tracking.own_complaint(store, complaint_id)
        if complaint is None:
            abort(404)
        DEEDS[deed].do(Step(store, vault(), PUBLIC, now()), complaint, form)


def _page(tried: str | None, tried_form: Form | None) -> ResponseReturnValue:
    known = session.get(TRACKED)
    progress = tracking.progress(db.session(), vault(), known, at=now()) if known else None
    if progress is None:
        return redirect(url_for(".find"), 303)
    forms = {
        deed: tried_form if deed == tried else _blank(deed, progress)
        for deed in DEEDS
        if deed != "disclose" or disclosure_choices(IdentityMode(progress.identity_mode))
    }
    return render_template(
        "public/track/case.html",
        progress=progress,
        forms=forms,
        tried=tried,
        tried_form=tried_form,
        max_message=MAX_MESSAGE,
        grades=SATISFACTION_LABELS,
    ), (tried_form.http_status if tried_form else 200)


def _blank(deed: str, progress: tracking.Progress) -> Any:
    form: Any = (
        DisclosureForm(IdentityMode(progress.identity_mode), prefix="disclose-", formdata=None)
        if deed == "disclose"
        else DEEDS[deed].form(prefix=f"{deed}-", formdata=None)
    )
    if deed == "write":
        form.seen.data = progress.last_message_id
    return form


@bp.post("/leave")
@public
def leave() -> ResponseReturnValue:
    """Close the complaint on this device; what its page showed counts as read."""
    known = session.pop(TRACKED, None)
    seen = request.form.get("seen", "")
    if known and seen:
        with transaction() as store:
            complaint = tracking.own_complaint(store, known)
            if complaint is not None:
                service.mark_read(Step(store, vault(), PUBLIC, now()), complaint, seen_id=seen)
    return redirect(url_for(".find"), 303)
