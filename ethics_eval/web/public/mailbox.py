"""A school's mailbox: the form, the sending, the printable QR poster."""

from __future__ import annotations

import secrets
from datetime import date
from typing import TYPE_CHECKING

import segno
from flask import Blueprint, abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    MultipleFileField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from ethics_eval.accounts.rules import PUBLIC
from ethics_eval.complaints import queries
from ethics_eval.complaints.categories import CATEGORIES, EVERY_CODE, SCHOOL_MATTERS
from ethics_eval.complaints.evidence import PreparedFile, Upload, prepare
from ethics_eval.complaints.rules.submission import (
    IDENTITY_LABELS,
    MAX_BODY,
    RESPONDENT_LABELS,
    IdentityMode,
    RespondentRole,
    Submission,
    problems,
)
from ethics_eval.complaints.submitting import submit
from ethics_eval.database import db, transaction
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import N_, Conflict, RuleViolation
from ethics_eval.web.access import public
from ethics_eval.web.errors import RETRY_SECONDS, UNAVAILABLE
from ethics_eval.web.forms import Form
from ethics_eval.web.page import translated_choices
from ethics_eval.web.request import files_folder, locale, now, once_more, today, vault

if TYPE_CHECKING:
    from ethics_eval.complaints.models import Mailbox

bp = Blueprint("mailbox", __name__, url_prefix="/m/<mailbox_code>")

RECEIPT = "receipt"
_NOT_STORED = RuleViolation(
    "complaint.not_stored",
    N_("系统现在存不下您的投诉,什么都没有收到。您写的都还在本页,请过一会儿再提交一次。"),
)
MIN_KEY, MAX_KEY = 16, 100


class ComplaintForm(Form):
    """The fields of design.md §4, in the order of the page (the list of what was refused follows it)."""

    category = SelectField(lazy_gettext("您反映的是哪一类问题?"), validate_choice=False)
    body = TextAreaField(lazy_gettext("发生了什么?"))
    happened_on = DateField(lazy_gettext("哪一天发生的?"), [Optional()])
    place = StringField(lazy_gettext("在什么地方?"))
    respondent_role = RadioField(lazy_gettext("您反映的人在学校做什么?"), default="unknown")
    respondent = StringField(lazy_gettext("他(她)叫什么?"))
    subject_class = StringField(lazy_gettext("任教学科和班级"))
    evidence = MultipleFileField(lazy_gettext("照片、截图、录音或文件"))
    identity = RadioField(lazy_gettext("您愿意留下姓名吗?"), default="real_name_hidden")
    name = StringField(lazy_gettext("您的姓名"))
    phone = StringField(lazy_gettext("您的电话"))
    relation = StringField(lazy_gettext("您与学校的关系"))
    pledge = BooleanField(lazy_gettext("我所写的是我知道的实情"))
    idempotency_key = HiddenField(validators=[Length(MIN_KEY, MAX_KEY)])

    def __init__(self) -> None:
        super().__init__()
        language = locale()
        conduct = [
            SelectChoice(row.code, row.name(language), optgroup=lazy_gettext("教师的行为"))
            for row in CATEGORIES.values()
        ]
        matters = [
            SelectChoice(row.code, row.name(language), optgroup=lazy_gettext("学校的事"))
            for row in SCHOOL_MATTERS.values()
        ]
        self.category.choices = [SelectChoice("", lazy_gettext("请选择")), *conduct, *matters]
        self.respondent_role.choices = translated_choices(RESPONDENT_LABELS)
        self.identity.choices = translated_choices(IDENTITY_LABELS)
        if not self.idempotency_key.data:
            self.idempotency_key.data = secrets.token_urlsafe(24)

    def to_submission(self) -> Submission:
        """Exactly what was typed."""
        return Submission(
            category=self.category.data or "",
            respondent=self.respondent.data or "",
            respondent_role=RespondentRole(self.respondent_role.data),
            subject_class=self.subject_class.data or "",
            happened_on=self.happened_on.data if isinstance(self.happened_on.data, date) else None,
            place=self.place.data or "",
            body=self.body.data or "",
            identity=IdentityMode(self.identity.data),
            name=self.name.data or "",
            phone=self.phone.data or "",
            relation=self.relation.data or "",
            pledge=bool(self.pledge.data),
        )

    def uploads(self) -> list[Upload]:
        """The files chosen, by their own names."""
        return [
            Upload(file.filename or "", file.stream.read())
            for file in self.evidence.data or []
            if not isinstance(file, str) and file.filename
        ]


def mailbox_or_404(code: str) -> Mailbox:
    """The open mailbox of a code; unknown and revoked alike are not there."""
    mailbox = queries.mailbox_by_code(db.session(), code)
    if mailbox is None:
        abort(404)
    return mailbox


@bp.route("", methods=["GET", "POST"])
@public
def show(mailbox_code: str) -> ResponseReturnValue:
    """The form, and its sending: stored durably before the code is shown."""
    mailbox = mailbox_or_404(mailbox_code)
    form = ComplaintForm()
    if form.validate_on_submit():
        files, refused = prepare(form.uploads())
        wrong = problems(form.to_submission(), categories=EVERY_CODE, today=today())
        if not form.refuse_all([*wrong, *refused]):
            try:
                answer = _send(mailbox.code, form, files)
            except UNAVAILABLE:
                form.refuse(_NOT_STORED)
                return _page(mailbox, form), 503, {"Retry-After": str(RETRY_SECONDS)}
            if answer is not None:
                return answer
    return _page(mailbox, form), form.http_status


def _page(mailbox: Mailbox, form: ComplaintForm) -> str:
    return render_template("public/mailbox/show.html", form=form, mailbox=mailbox, max_body=MAX_BODY)


def _send(code: str, form: ComplaintForm, files: list[PreparedFile]) -> ResponseReturnValue | None:
    try:
        session[RECEIPT] = once_more(lambda: _store(code, form, files))
    except Conflict as conflict:
        form.refuse(conflict)
        form.idempotency_key.data = secrets.token_urlsafe(24)
        return None
    return redirect(url_for("public.receipt.show"), 303)


def _store(code: str, form: ComplaintForm, files: list[PreparedFile]) -> dict[str, str]:
    with transaction() as store:
        mailbox = queries.mailbox_by_code(store, code)
        if mailbox is None:
            abort(404)
        at = now()
        receipt = submit(
            store,
            vault(),
            mailbox,
            form.to_submission(),
            files,
            idempotency_key=form.idempotency_key.data or "",
            source="QR" if request.args.get("via") == "qr" else "WEB",
            folder=files_folder(),
            actor=PUBLIC,  # whoever is signed in at this browser: a letter names only whom its writer names
            at=at,
        )
        return {
            "code": receipt.query_code,
            "school": mailbox.school.name,
            "number": receipt.case_number,
            "received_on": local_day(at).isoformat(),
        }


@bp.get("/poster")
@public
def poster(mailbox_code: str) -> ResponseReturnValue:
    """The poster with the mailbox's QR code, ready to print."""
    mailbox = mailbox_or_404(mailbox_code)
    address = f"{current_app.config['PUBLIC_BASE_URL']}/m/{mailbox.code}?via=qr"
    drawing = segno.make(address, error="h", micro=False)
    return render_template(
        "public/mailbox/poster.html",
        mailbox=mailbox,
        qr=drawing.svg_inline(scale=8, border=4, omitsize=True, svgclass="qr", lineclass=None),
    )
