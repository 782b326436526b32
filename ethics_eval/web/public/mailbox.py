"""A school's mailbox: the form, the sending, the way to another school, the printable QR poster."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, current_app, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from wtforms import (
    HiddenField,
    MultipleFileField,
    SearchField,
)
from wtforms.validators import Length

from ethics_eval.accounts.rules import PUBLIC
from ethics_eval.complaints import challenge as challenges
from ethics_eval.complaints import filing_slip, mailbox_counts, queries, quotas
from ethics_eval.complaints.categories import EVERY_CODE, SCHOOL_MATTERS
from ethics_eval.complaints.evidence import (
    MAX_FILE_BYTES,
    MAX_FILES,
    MAX_TOTAL_BYTES,
    PreparedFile,
    prepare,
)
from ethics_eval.complaints.mailboxes import is_poster_ours, poster_address
from ethics_eval.complaints.rules.quota import Source, TooMany, difficulty, network
from ethics_eval.complaints.rules.submission import (
    EARLIEST_YEARS,
    MAX_BODY,
    MAX_LINE,
    MIN_BODY,
    URGENT_CATEGORIES,
    problems,
)
from ethics_eval.complaints.submitting import replayed, submit
from ethics_eval.database import db, transaction
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import N_, Conflict, RuleViolation
from ethics_eval.web.access import public
from ethics_eval.web.drawing import qr_drawing
from ethics_eval.web.errors import RETRY_SECONDS, UNAVAILABLE
from ethics_eval.web.forms import Form
from ethics_eval.web.letter import LetterFields
from ethics_eval.web.public.gate import GatedForm, admit, may_count, visitor
from ethics_eval.web.request import files_folder, now, once_more, today, vault

if TYPE_CHECKING:
    from ethics_eval.complaints.models import Mailbox

bp = Blueprint("mailbox", __name__, url_prefix="/m/<mailbox_code>")

RECEIPT = "receipt"
_NOT_STORED = RuleViolation(
    "complaint.not_stored",
    N_("系统现在存不下您的投诉，什么都没有收到。您写的都还在本页，请过一会儿再提交一次。"),
)
MIN_KEY, MAX_KEY = 16, 100
MAX_FOUND = 20
# What the browser checks as well, with the server's own limits and words (static/complaint.js).
LIMITS = {
    "minBody": MIN_BODY,
    "maxBody": MAX_BODY,
    "maxLine": MAX_LINE,
    "years": EARLIEST_YEARS,
    "files": MAX_FILES,
    "fileBytes": MAX_FILE_BYTES,
    "totalBytes": MAX_TOTAL_BYTES,
}


class ComplaintForm(LetterFields, GatedForm):
    """The letter and what stands before it (the list of what was refused follows their order)."""

    idempotency_key = HiddenField(validators=[Length(MIN_KEY, MAX_KEY)])

    def __init__(self) -> None:
        super().__init__()
        self.offer()
        if not self.idempotency_key.data:
            self.idempotency_key.data = secrets.token_urlsafe(24)


class MovingForm(Form):
    """Which school was meant; the letter itself travels along in hidden fields."""

    school = SearchField(lazy_gettext("学校名称"))


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
    if is_poster() and not _is_current_poster(mailbox_code):
        return render_template("public/mailbox/gone.html"), 404
    mailbox = mailbox_or_404(mailbox_code)
    form = ComplaintForm()
    if form.validate_on_submit() and not form.is_trapped():
        files, refused = prepare(form.uploads())
        wrong = problems(form.to_submission(), categories=EVERY_CODE, today=today())
        if wrong or refused:
            form.refuse_all([*wrong, *refused, *form.unproven(mailbox.code)])
        else:
            try:
                answer = _send(mailbox.code, form, files)
            except TooMany as limit:
                form.refuse(limit)
                return _page(mailbox, form), 429, {"Retry-After": str(limit.retry_after)}
            except UNAVAILABLE:
                form.refuse(_NOT_STORED)
                return _page(mailbox, form), 503, {"Retry-After": str(RETRY_SECONDS)}
            if answer is not None:
                return answer
    return _page(mailbox, form), form.http_status


def is_poster() -> bool:
    """Whether the visitor came by a signed QR code."""
    return request.args.get("via") == "qr" and "s" in request.args


def _is_current_poster(mailbox_code: str) -> bool:
    return (
        is_poster_ours(vault(), mailbox_code, request.args["s"])
        and queries.mailbox_by_code(db.session(), mailbox_code) is not None
    )


def _page(mailbox: Mailbox, form: ComplaintForm) -> str:
    form.ask()
    return render_template(
        "public/mailbox/show.html",
        form=form,
        mailbox=mailbox,
        limits=LIMITS,
        today=today(),
        urgent_categories=sorted(URGENT_CATEGORIES),
        school_matters=sorted(SCHOOL_MATTERS),
        urgent_hours=current_app.config["URGENT_HOURS"],
        is_urgent=bool(form.injured.data) or form.category.data in URGENT_CATEGORIES,
    )


@bp.post("/move")
@public
def move(mailbox_code: str) -> ResponseReturnValue:
    """The wrong school: find the right one; what was written travels along and is stored nowhere."""
    mailbox = mailbox_or_404(mailbox_code)
    letter, form = ComplaintForm(), MovingForm()
    text = (form.school.data or "").strip()[:60]
    store = db.session()
    schools = roster_queries.find_schools(store, text, None, limit=MAX_FOUND) if text else []
    codes = queries.mailbox_codes(store, [school.id for school in schools])
    return render_template(
        "public/mailbox/move.html",
        mailbox=mailbox,
        form=form,
        text=text,
        letter=[
            (field.short_name, value)
            for field in letter
            if not isinstance(field, MultipleFileField) and field.short_name != "csrf_token"
            for value in request.form.getlist(field.name)
        ],
        results=[
            (school, codes[school.id])
            for school in schools
            if school.id in codes and school.id != mailbox.school_id
        ],
    )


@bp.post("/fill")
@public
def fill(mailbox_code: str) -> ResponseReturnValue:
    """The form of the right school with what was written for another; nothing is sent yet."""
    return _page(mailbox_or_404(mailbox_code), ComplaintForm())


def _send(code: str, form: ComplaintForm, files: list[PreparedFile]) -> ResponseReturnValue | None:
    try:
        session[RECEIPT] = once_more(lambda: _store(code, form, files))
    except Conflict as conflict:
        form.refuse(conflict)
        form.idempotency_key.data = secrets.token_urlsafe(24)
        return None
    except RuleViolation as violation:
        if isinstance(violation, TooMany):
            raise
        form.refuse(violation)
        return None
    return redirect(url_for("public.receipt.show"), 303)


def _store(code: str, form: ComplaintForm, files: list[PreparedFile]) -> dict[str, Any]:
    submission = form.to_submission()
    with transaction() as store:
        mailbox = queries.mailbox_by_code(store, code)
        if mailbox is None:
            abort(404)
        key = form.idempotency_key.data or ""
        # what is stored already gets its receipt again, whatever became of its challenge and of the quotas
        receipt = replayed(store, vault(), mailbox, submission, files, idempotency_key=key)
        if receipt is None:
            admit(store, form, mailbox, submission.body)
            at = now()
            receipt = submit(
                store,
                vault(),
                mailbox,
                submission,
                files,
                idempotency_key=key,
                source="QR" if is_poster() else "WEB",
                folder=files_folder(),
                actor=PUBLIC,  # whoever is signed in at this browser: a letter names only whom its writer names
                at=at,
                urgent_hours=current_app.config["URGENT_HOURS"],
            )
            mailbox_counts.note(store, mailbox.id, at=at, sent=1)
        received_on = local_day(receipt.received_at)
        return {
            "code": receipt.query_code,
            "school": mailbox.school.name,
            "mailbox": mailbox.code,
            "number": receipt.case_number,
            "received_on": received_on.isoformat(),
            "slip": filing_slip.make_slip(
                vault(), filing_slip.Slip(mailbox.school.code, received_on, receipt.case_number)
            ),
            "urgent": submission.urgent,
            "school_matter": submission.category in SCHOOL_MATTERS,
        }


@bp.get("/poster")
@public
def poster(mailbox_code: str) -> ResponseReturnValue:
    """The poster with the mailbox's QR code, ready to print."""
    mailbox = mailbox_or_404(mailbox_code)
    address = poster_address(vault(), current_app.config["PUBLIC_BASE_URL"], mailbox.code)
    return render_template(
        "public/mailbox/poster.html",
        mailbox=mailbox,
        qr=qr_drawing(address, scale=8, level="h"),
    )


@bp.get("/challenge")
@public
def challenge(mailbox_code: str) -> ResponseReturnValue:
    """A piece of work for the browser, harder while many complaints come in; nothing is written."""
    mailbox = mailbox_or_404(mailbox_code)
    at = now()
    steps = difficulty(quotas.recent(db.session(), vault(), mailbox.id, at))
    return jsonify(challenges.give(vault(), mailbox.code, steps=steps, at=at))


@bp.post("/seen")
@public
def seen(mailbox_code: str) -> ResponseReturnValue:
    """The page tells that it was opened, or that writing began: a count of the day, and nothing else."""
    step = request.form.get("step", "")
    if step not in {"opened", "began"}:
        abort(422)
    with transaction() as store:
        mailbox = queries.mailbox_by_code(store, mailbox_code)
        if mailbox is None:
            abort(404)
        who = visitor()
        if may_count(store, Source.BEACON, who.session) and may_count(
            store, Source.BEACON_ADDRESS, network(who.address)
        ):
            mailbox_counts.note(
                store, mailbox.id, at=now(), opened=int(step == "opened"), began=int(step == "began")
            )
    return "", 204
