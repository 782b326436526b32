"""师德档案 for district and city: found within reach, opened for a purpose, certificates given from it."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import IntegerField, RadioField, TextAreaField
from wtforms.validators import InputRequired, NumberRange

from ethics_eval.accounts.rules import Permission
from ethics_eval.database import db, transaction
from ethics_eval.ethics_file import queries, service
from ethics_eval.ethics_file.queries import Person
from ethics_eval.ethics_file.rules.certificate import LEAST_DAYS, MOST_DAYS, USUAL_DAYS
from ethics_eval.ethics_file.rules.need import MAX_REASON, OPEN_HOURS, PURPOSE_LABELS
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.desk.ethics_file import workbook as file_workbook
from ethics_eval.web.forms import Form
from ethics_eval.web.page import translated_choices
from ethics_eval.web.request import actor, now, vault

bp = Blueprint("file", __name__, url_prefix="/files")


class OpenForm(Form):
    """What the file is needed for."""

    purpose = RadioField(lazy_gettext("用途"), [InputRequired(lazy_gettext("请选择查看的用途。"))])
    reason = TextAreaField(
        lazy_gettext("理由"),
        description=lazy_gettext("写明是哪一项工作需要。教师本人会看到谁在什么时候、为什么查看过。"),
    )

    def __init__(self) -> None:
        super().__init__()
        self.purpose.choices = translated_choices(PURPOSE_LABELS)


class IssueForm(Form):
    """How long a certificate holds."""

    days = IntegerField(
        lazy_gettext("有效期（天）"),
        [
            NumberRange(
                LEAST_DAYS,
                MOST_DAYS,
                lazy_gettext(
                    "请填写%(least)s到%(most)s之间的整数，例如 %(usual)s",
                    least=LEAST_DAYS,
                    most=MOST_DAYS,
                    usual=USUAL_DAYS,
                ),
            )
        ],
        default=USUAL_DAYS,
    )


@bp.get("")
@needs(Audience.BUREAU, Permission.FILE_READ)
def index() -> ResponseReturnValue:
    """Find a teacher; what one opened lately; what the bureau certified lately."""
    session, who, at = db.session(), actor(), now()
    text = request.args.get("q", "").strip()[:60]
    return render_template(
        "bureau/file/index.html",
        text=text,
        people=queries.find_people(session, who, text, at=at),
        most_people=queries.MOST_PEOPLE,
        open_hours=OPEN_HOURS,
        openings=queries.own_openings(session, who),
        certificates=queries.recent_certificates(session, who, at=at),
        now=at,
    )


@bp.route("/<teacher_number>", methods=["GET", "POST"])
@needs(Audience.BUREAU, Permission.FILE_READ)
def show(teacher_number: str) -> ResponseReturnValue:
    """The file while it is open to the reader; else the form that opens it."""
    person, form = _person(teacher_number), OpenForm()
    if form.validate_on_submit():
        with form.refusing(), transaction() as session:
            service.open_file(
                session,
                person,
                purpose=form.purpose.data,
                reason=form.reason.data or "",
                actor=actor(),
                at=now(),
            )
        if not form.errors:
            flash(gettext("档案已打开，%(hours)s小时以内有效，并已记录。", hours=OPEN_HOURS))
            return redirect(url_for(".show", teacher_number=teacher_number), 303)
    return _page(person, form, IssueForm(None)), form.http_status


@bp.get("/<teacher_number>/file.xlsx")
@needs(Audience.BUREAU, Permission.FILE_READ)
def workbook(teacher_number: str) -> ResponseReturnValue:
    """The file as a workbook, while it is open to the reader."""
    session, who, at = db.session(), actor(), now()
    person = _person(teacher_number)
    if queries.open_now(session, who, person.id, at=at) is None:
        abort(404)
    return file_workbook(
        queries.contents(session, who, person.id, at=at), person.id, person.number, person.name
    )


@bp.post("/<teacher_number>/certificate")
@needs(Audience.BUREAU, Permission.CERTIFICATE_ISSUE)
def issue(teacher_number: str) -> ResponseReturnValue:
    """Give a certificate for the purpose the file is open for."""
    person, form = _person(teacher_number), IssueForm()
    if form.validate_on_submit():
        with form.refusing(), transaction() as session:
            certificate = service.issue_certificate(
                session,
                vault(),
                person,
                issuer=current_app.config["BUREAU_NAME"],
                actor=actor(),
                at=now(),
                days=form.days.data or 0,
            )
            number = certificate.number
        if not form.errors:
            flash(gettext("已出具师德证明。"))
            return redirect(url_for("bureau.certificate.show", certificate_number=number), 303)
    return _page(person, OpenForm(), form), form.http_status


def _person(number: str) -> Person:
    found = queries.person_of(db.session(), actor(), number, at=now())
    if found is None:
        abort(404)
    return found


def _page(person: Person, form: OpenForm, issuing: IssueForm) -> str:
    session, who, at = db.session(), actor(), now()
    opening = queries.open_now(session, who, person.id, at=at)
    return render_template(
        "bureau/file/show.html",
        person=person,
        form=form,
        issuing=issuing,
        opening=opening,
        max_reason=MAX_REASON,
        open_hours=OPEN_HOURS,
        contents=queries.contents(session, who, person.id, at=at) if opening else None,
        is_own=who.teacher_id == person.id,
    )
